//! Paths of Express as text: what path-to-regexp 8 (Express 5) reads, and what a path for path-to-regexp 0.1
//! (Express 4) becomes for it.

/// Why Express 5 throws when a path is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `*` or `:` without a name behind it.
    Nameless(char),
    /// A character that is reserved: `?`, `(`, `+`.
    Reserved(char),
    /// A brace or a quote that nothing closes, a lone `\` at the end.
    Unclosed,
}

/// Why Express 5 cannot read a path; `None` where it can.
pub(crate) fn refusal(path: &str) -> Option<Refusal> {
    let chars: Vec<char> = path.chars().collect();
    let mut at = 0;
    let mut open = 0_u32;
    while let Some(&char) = chars.get(at) {
        at += 1;
        match char {
            '\\' if at == chars.len() => return Some(Refusal::Unclosed),
            '\\' => at += 1,
            ':' | '*' => {
                let start = at;
                if chars.get(at) == Some(&'"') {
                    at += 1;
                    while chars.get(at).is_some_and(|it| *it != '"') {
                        at += 1 + usize::from(chars[at] == '\\');
                    }
                    if at >= chars.len() {
                        return Some(Refusal::Unclosed);
                    }
                    at += 1;
                } else if chars.get(at).is_some_and(|it| is_name_start(*it)) {
                    while chars.get(at).is_some_and(|it| is_name_part(*it)) {
                        at += 1;
                    }
                }
                if at <= start || (at == start + 2 && chars[start] == '"') {
                    return Some(Refusal::Nameless(char));
                }
            }
            '{' => open += 1,
            '}' if open > 0 => open -= 1,
            '}' | '(' | ')' | '[' | ']' | '+' | '?' | '!' => return Some(Refusal::Reserved(char)),
            _ => {}
        }
    }
    (open > 0).then_some(Refusal::Unclosed)
}

fn is_name_start(char: char) -> bool {
    char.is_alphabetic() || matches!(char, '_' | '$')
}

fn is_name_part(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$')
}

/// The name in a path that is written as Next.js writes it, `/users/[id]`: a whole segment in brackets. A set of
/// characters for Express 4, which matches one of them, looks the same, so only what nobody writes as a set counts.
pub(crate) fn next_segment(path: &str) -> Option<&str> {
    path.split('/').find_map(|segment| {
        let inner = segment.strip_prefix('[')?.strip_suffix(']')?;
        let name = inner.trim_start_matches('[').trim_end_matches(']');
        let bare = name.strip_prefix("...").unwrap_or(name);
        let mut chars = bare.chars();
        let is_name = chars.next().is_some_and(is_name_start) && chars.all(is_name_part);
        let is_word =
            bare == "id" || bare == "slug" || bare.len() >= 5 || name != bare || bare.ends_with("Id");
        (is_name && is_word).then_some(inner)
    })
}

/// A path of Express 4 as Express 5 writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// One path, or several for `(a|b)`.
    pub(crate) paths: Vec<String>,
    /// Wildcards: the key that `req.params` had, and the name it has now, under which it is a list.
    pub(crate) wildcards: Vec<(String, String)>,
    /// It matches more than before: a constraint such as `(\\d+)` is gone.
    pub(crate) wider: bool,
}

/// What a path of Express 4 becomes; `None` where only a regular expression says the same.
pub(crate) fn migrate(path: &str) -> Option<Migrated> {
    if next_segment(path).is_some() {
        return migrate_segments(path);
    }
    let chars: Vec<char> = path.chars().collect();
    let mut all = Migrated { paths: vec![String::new()], ..Migrated::default() };
    // Groups without a name have numbers.
    let mut numbered = 0;
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        at += 1;
        match char {
            '\\' => {
                let escaped = *chars.get(at)?;
                at += 1;
                if escaped.is_alphanumeric() {
                    return None;
                }
                all.push(&literal(escaped));
            }
            ':' => at = parameter(&chars, at, &mut all, &mut numbered)?,
            '*' => {
                at += usize::from(chars.get(at) == Some(&'?'));
                all.wildcard(numbered.to_string());
                numbered += 1;
            }
            '(' => {
                let (inner, after) = group(&chars, at)?;
                let optional = chars.get(after) == Some(&'?');
                at = after + usize::from(optional);
                let counted = all.paths.iter().all(|it| !it.ends_with('/'));
                if inner == ".*" || inner == ".+" {
                    // Express 4 read the dot as a dot; nobody meant that.
                    all.wider = true;
                    all.wildcard(numbered.to_string());
                } else if optional && is_plain(&inner) {
                    all.push(&format!("{{{inner}}}"));
                } else if !optional && inner.split('|').all(is_plain) && all.paths.len() == 1 {
                    let head = std::mem::take(&mut all.paths[0]);
                    all.paths = inner.split('|').map(|word| format!("{head}{word}")).collect();
                } else {
                    return None;
                }
                numbered += usize::from(counted);
            }
            '!' => all.push("\\!"),
            '?' | '+' | '[' | ']' | ')' | '{' | '}' | '|' | '^' | '$' => return None,
            _ if chars.get(at) == Some(&'?') => {
                at += 1;
                all.push(&format!("{{{char}}}"));
            }
            _ if matches!(chars.get(at), Some('+')) => return None,
            _ => all.push(&char.to_string()),
        }
    }
    all.paths.iter().all(|path| refusal(path).is_none()).then_some(all)
}

impl Migrated {
    fn push(&mut self, text: &str) {
        for path in &mut self.paths {
            path.push_str(text);
        }
    }

    fn wildcard(&mut self, key: String) {
        let name = match self.wildcards.len() {
            0 => "splat".to_owned(),
            more => format!("splat{}", more + 1),
        };
        // `*` alone matched `/` too.
        if self.paths.iter().all(String::is_empty) {
            self.push("/");
        }
        self.push(&format!("{{*{name}}}"));
        self.wildcards.push((key, name));
    }
}

/// A character that means itself.
fn literal(char: char) -> String {
    if "{}()[]+?!:*\\".contains(char) { format!("\\{char}") } else { char.to_string() }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '/' | '~'))
}

/// The text up to the `)` that closes a group, and the place behind it.
fn group(chars: &[char], start: usize) -> Option<(String, usize)> {
    let length = chars[start..].iter().position(|char| matches!(char, '(' | ')'))?;
    let end = start + length;
    (chars[end] == ')').then(|| (chars[start..end].iter().collect(), end + 1))
}

/// `:id`, `:id(\\d+)`, `:id?`: reads on from behind the colon.
fn parameter(chars: &[char], start: usize, all: &mut Migrated, numbered: &mut usize) -> Option<usize> {
    let length =
        chars[start..].iter().take_while(|char| char.is_ascii_alphanumeric() || **char == '_').count();
    let name: String = chars[start..start + length].iter().collect();
    if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let mut at = start + length;
    let mut wildcard = false;
    if chars.get(at) == Some(&'(') {
        let (inner, after) = group(chars, at + 1)?;
        at = after;
        wildcard = matches!(&*inner, "*" | ".*" | ".+");
        all.wider |= !wildcard;
        *numbered += usize::from(inner.contains('*') && !inner.ends_with("]*") && !inner.ends_with("d*"));
    }
    if matches!(chars.get(at), Some('*' | '+')) {
        return None;
    }
    let optional = chars.get(at) == Some(&'?');
    at += usize::from(optional);
    let mark = if wildcard { '*' } else { ':' };
    if !optional && !wildcard {
        all.push(&format!(":{name}"));
        return Some(at);
    }
    for path in &mut all.paths {
        // The mark in front of an optional parameter is optional with it.
        let before = if path.ends_with(['/', '.']) && optional { path.pop() } else { None };
        path.push('{');
        path.extend(before);
        path.push(mark);
        path.push_str(&name);
        path.push('}');
    }
    if wildcard {
        all.wildcards.push((name.clone(), name));
    }
    Some(at)
}

/// `/users/[id]` as `/users/:id`.
fn migrate_segments(path: &str) -> Option<Migrated> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let Some(inner) = segment.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
            segments.push(segment.to_owned());
            continue;
        };
        segments.push(match inner.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            Some(optional) => format!("{{*{}}}", optional.trim_start_matches("...")),
            None => match inner.strip_prefix("...") {
                Some(rest) => format!("*{rest}"),
                None => format!(":{inner}"),
            },
        });
    }
    let path = segments.join("/");
    refusal(&path).is_none().then(|| Migrated { paths: vec![path], ..Migrated::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn express_5_reads_names_and_braces_and_throws_at_the_rest() {
        let fine = [
            "/",
            "/users/:id",
            "/*splat",
            "/{*splat}",
            "/:a{.:b}",
            "/a\\?",
            "/:\"x y\"",
            "/a-:b.:c",
            "/ü/:ä",
        ];
        for path in fine {
            assert_eq!(refusal(path), None, "{path}");
        }
        let refused = [
            ("*", Refusal::Nameless('*')),
            ("/x/*", Refusal::Nameless('*')),
            ("/:", Refusal::Nameless(':')),
            ("/:\"\"", Refusal::Nameless(':')),
            ("/:1", Refusal::Nameless(':')),
            ("/:id?", Refusal::Reserved('?')),
            ("/:id(\\d+)", Refusal::Reserved('(')),
            ("/a}", Refusal::Reserved('}')),
            ("/[id]", Refusal::Reserved('[')),
            ("/{a", Refusal::Unclosed),
            ("/:\"a", Refusal::Unclosed),
            ("/a\\", Refusal::Unclosed),
        ];
        for (path, why) in refused {
            assert_eq!(refusal(path), Some(why), "{path}");
        }
    }

    #[test]
    fn paths_of_express_4_become_paths_of_express_5() {
        let written = |path: &str| migrate(path).map(|it| it.paths.join(" "));
        let cases = [
            ("*", "/{*splat}"),
            ("/*", "/{*splat}"),
            ("/x/*", "/x/{*splat}"),
            ("/x*", "/x{*splat}"),
            ("/a/*/b/*", "/a/{*splat}/b/{*splat2}"),
            ("/users/:id?", "/users{/:id}"),
            ("/:file.:ext?", "/:file{.:ext}"),
            ("/:a-:b?", "/:a-{:b}"),
            ("/users/:id(\\d+)", "/users/:id"),
            ("/files/:path(*)", "/files/{*path}"),
            ("/colou?r", "/colo{u}r"),
            ("/(a|b)", "/a /b"),
            ("/x(yz)?", "/x{yz}"),
            ("/wow!", "/wow\\!"),
            ("/users/[id]", "/users/:id"),
            ("/docs/[...slug]", "/docs/*slug"),
            ("/docs/[[...slug]]", "/docs/{*slug}"),
        ];
        for (from, to) in cases {
            assert_eq!(written(from).as_deref(), Some(to), "{from}");
        }
        for path in ["/a+", "/[a-z]+", "/:a+", "/:a*", "/\\d+", "/(a|b)(c|d)", "/x(?:y)", "/a{2}"] {
            assert_eq!(written(path), None, "{path}");
        }
        assert!(migrate("/:id(\\d+)").unwrap().wider);
        assert!(!migrate("/x/*").unwrap().wider);
        let keys = migrate("/a/*/:b(*)").unwrap().wildcards;
        assert_eq!(keys, [("0".into(), "splat".into()), ("b".into(), "b".into())]);
    }

    #[test]
    fn brackets_around_a_word_are_a_parameter_of_next_js() {
        assert_eq!(next_segment("/users/[id]"), Some("id"));
        assert_eq!(next_segment("/[...all]/x"), Some("...all"));
        assert_eq!(next_segment("/[postId]"), Some("postId"));
        for set in ["/[ab]", "/[a-z]", "/[0-9]+", "/x[id]", "/users/:id", "/[]"] {
            assert_eq!(next_segment(set), None, "{set}");
        }
    }
}
