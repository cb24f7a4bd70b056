//! Paths in the language of path-to-regexp 6.3, as Next.js uses it: `/users/:id(\\d+)/{posts}?`.

/// What a path is made of.
enum Part {
    Text(String),
    Key { prefix: String, pattern: String, suffix: String, modifier: Option<char> },
}

/// A character, or what a run of them means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Modifier(char),
    /// A plain character, or one behind a backslash.
    Char {
        value: char,
        escaped: bool,
    },
    Open,
    Close,
    Name,
    Pattern(String),
}

/// The source of the regular expression of a path; `None` for a path that is refused.
pub(super) fn to_regexp(path: &str) -> Option<String> {
    let mut out = "^".to_owned();
    for part in parse(&tokens(path)?)? {
        match part {
            Part::Text(text) => out.push_str(&escape(&text)),
            Part::Key { prefix, pattern, suffix, modifier } => {
                let (prefix, suffix) = (escape(&prefix), escape(&suffix));
                let optional = modifier.map(String::from).unwrap_or_default();
                let repeats = matches!(modifier, Some('*' | '+'));
                let part = if pattern.is_empty() {
                    format!("(?:{prefix}{suffix}){optional}")
                } else if prefix.is_empty() && suffix.is_empty() {
                    // Next.js gives up the first time and then lets the group repeat as a whole.
                    if repeats {
                        return None;
                    }
                    format!("({pattern}){optional}")
                } else if repeats {
                    let zero = if modifier == Some('*') { "?" } else { "" };
                    format!("(?:{prefix}((?:{pattern})(?:{suffix}{prefix}(?:{pattern}))*){suffix}){zero}")
                } else {
                    format!("(?:{prefix}({pattern}){suffix}){optional}")
                };
                out.push_str(&part);
            }
        }
    }
    out.push_str("[\\/#\\?]?$");
    Some(out)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if ".+*?=^!:${}()[]|/\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn tokens(path: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = path.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        out.push(match c {
            '*' | '+' | '?' => Token::Modifier(c),
            '{' => Token::Open,
            '}' => Token::Close,
            '\\' => {
                at += 1;
                Token::Char { value: *chars.get(at - 1)?, escaped: true }
            }
            ':' => {
                let start = at;
                while chars.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    at += 1;
                }
                (at > start).then_some(Token::Name)?
            }
            '(' => {
                let (pattern, end) = pattern(&chars, at)?;
                at = end;
                Token::Pattern(pattern)
            }
            value => Token::Char { value, escaped: false },
        });
    }
    Some(out)
}

/// What stands in parentheses, and the place behind them.
fn pattern(chars: &[char], start: usize) -> Option<(String, usize)> {
    let mut pattern = String::new();
    let mut depth = 1;
    let mut at = start;
    if chars.get(at) == Some(&'?') {
        return None;
    }
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => {
                pattern.push(c);
                pattern.push(*chars.get(at + 1)?);
                at += 2;
                continue;
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return (!pattern.is_empty()).then_some((pattern, at + 1));
                }
            }
            '(' => {
                depth += 1;
                if chars.get(at + 1) != Some(&'?') {
                    return None;
                }
            }
            _ => {}
        }
        pattern.push(c);
        at += 1;
    }
    None
}

/// Goes over tokens.
struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Cursor<'_> {
    fn plain(&mut self) -> Option<char> {
        match self.tokens.get(self.at)? {
            Token::Char { value, escaped: false } => {
                self.at += 1;
                Some(*value)
            }
            _ => None,
        }
    }

    fn eat(&mut self, wanted: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn pattern(&mut self) -> Option<String> {
        match self.tokens.get(self.at)? {
            Token::Pattern(pattern) => {
                self.at += 1;
                Some(pattern.clone())
            }
            _ => None,
        }
    }

    fn modifier(&mut self) -> Option<char> {
        match self.tokens.get(self.at)? {
            Token::Modifier(modifier) => {
                self.at += 1;
                Some(*modifier)
            }
            _ => None,
        }
    }

    fn text(&mut self) -> String {
        let mut out = String::new();
        while let Some(Token::Char { value, .. }) = self.tokens.get(self.at) {
            out.push(*value);
            self.at += 1;
        }
        out
    }
}

fn parse(tokens: &[Token]) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut cursor = Cursor { tokens, at: 0 };
    let flush = |text: &mut String, out: &mut Vec<Part>| {
        if !text.is_empty() {
            out.push(Part::Text(std::mem::take(text)));
        }
    };
    while cursor.at < tokens.len() {
        let first = cursor.plain();
        let named = cursor.eat(&Token::Name);
        let pattern = cursor.pattern();
        if named || pattern.is_some() {
            let mut prefix = first.map(String::from).unwrap_or_default();
            if !matches!(prefix.as_str(), "" | "." | "/") {
                text.push_str(&std::mem::take(&mut prefix));
            }
            flush(&mut text, &mut out);
            let pattern = match pattern {
                Some(pattern) => pattern,
                None => any_but(&prefix, &out)?,
            };
            let modifier = cursor.modifier();
            out.push(Part::Key { prefix, pattern, suffix: String::new(), modifier });
            continue;
        }
        if let Some(c) = first {
            text.push(c);
            continue;
        }
        if let Some(Token::Char { value, escaped: true }) = tokens.get(cursor.at) {
            text.push(*value);
            cursor.at += 1;
            continue;
        }
        flush(&mut text, &mut out);
        if !cursor.eat(&Token::Open) {
            return None;
        }
        let prefix = cursor.text();
        let named = cursor.eat(&Token::Name);
        let pattern = match cursor.pattern() {
            Some(pattern) => pattern,
            None if named => any_but(&prefix, &out)?,
            None => String::new(),
        };
        let suffix = cursor.text();
        if !cursor.eat(&Token::Close) {
            return None;
        }
        let modifier = cursor.modifier();
        out.push(Part::Key { prefix, pattern, suffix, modifier });
    }
    flush(&mut text, &mut out);
    Some(out)
}

/// The pattern of a parameter that has none of its own: up to the next delimiter, or what stands before it.
fn any_but(prefix: &str, before: &[Part]) -> Option<String> {
    let text = match before.last() {
        _ if !prefix.is_empty() => prefix,
        Some(Part::Text(text)) => text.as_str(),
        // Two parameters with nothing between them.
        Some(Part::Key { .. }) => return None,
        None => "",
    };
    if text.is_empty() || text.contains(['/', '#', '?']) {
        return Some("[^\\/#\\?]+?".to_owned());
    }
    Some(format!("(?:(?!{})[^\\/#\\?])+?", escape(text)))
}
