//! Regular expressions as JavaScript has them, as far as matchers use them: with lookahead, without references to
//! groups.

/// A regular expression that is matched by trying all ways, within a bound.
#[derive(Debug)]
pub(super) struct Regexp(Vec<Vec<Node>>);

#[derive(Debug)]
enum Node {
    One(Set),
    Start,
    End,
    Group(Vec<Vec<Node>>),
    Ahead { holds: bool, ways: Vec<Vec<Node>> },
    Repeat { what: Box<Node>, least: u32, most: u32, greedy: bool },
}

/// Characters, by ranges.
#[derive(Debug)]
struct Set {
    inverse: bool,
    ranges: Vec<(char, char)>,
}

impl Set {
    fn of(c: char) -> Self {
        Self { inverse: false, ranges: vec![(c, c)] }
    }

    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != self.inverse
    }
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const BLANK: &[(char, char)] = &[('\t', '\r'), (' ', ' '), ('\u{a0}', '\u{a0}')];
const LINE_ENDS: &[(char, char)] = &[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

/// Steps after which a match is given up. URLs are short.
const STEPS: u32 = 200_000;

impl Regexp {
    /// Reads an expression; `None` for what is not understood.
    pub(super) fn new(source: &str) -> Option<Self> {
        let mut reader = Reader { chars: source.chars().collect(), at: 0 };
        let ways = reader.ways()?;
        (reader.at == reader.chars.len()).then_some(Self(ways))
    }

    /// Whether it matches from the start of `text`; `None` where that takes too long to find out.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let mut run = Run { text: text.chars().collect(), steps: 0 };
        let found = run.any(&self.0, 0, &mut |_, _| true);
        (run.steps <= STEPS).then_some(found)
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn eat(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(n, c)| self.chars.get(self.at + n) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += 1;
        c
    }

    fn ways(&mut self) -> Option<Vec<Vec<Node>>> {
        let mut ways = vec![Vec::new()];
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                ')' => break,
                '|' => {
                    self.at += 1;
                    ways.push(Vec::new());
                }
                _ => {
                    let node = self.node()?;
                    ways.last_mut()?.push(node);
                }
            }
        }
        Some(ways)
    }

    fn node(&mut self) -> Option<Node> {
        let node = match self.next()? {
            '^' => return Some(Node::Start),
            '$' => return Some(Node::End),
            '.' => Node::One(Set { inverse: true, ranges: LINE_ENDS.to_vec() }),
            '[' => Node::One(self.class()?),
            '(' => self.group()?,
            '\\' => Node::One(self.escape()?),
            '*' | '+' | '?' => return None,
            c => Node::One(Set::of(c)),
        };
        let (least, most) = match self.chars.get(self.at) {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => match self.count() {
                Some(count) => count,
                None => return Some(node),
            },
            _ => return Some(node),
        };
        self.at += 1;
        let greedy = !self.eat("?");
        Some(Node::Repeat { what: Box::new(node), least, most, greedy })
    }

    /// `{2}`, `{2,}`, `{2,5}`: leaves the place at the closing brace.
    fn count(&mut self) -> Option<(u32, u32)> {
        let close = self.at + self.chars[self.at..].iter().position(|c| *c == '}')?;
        let text: String = self.chars[self.at + 1..close].iter().collect();
        let (least, most) = match text.split_once(',') {
            None => (text.parse().ok()?, text.parse().ok()?),
            Some((least, "")) => (least.parse().ok()?, u32::MAX),
            Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
        };
        self.at = close;
        Some((least, most))
    }

    fn group(&mut self) -> Option<Node> {
        let kind = if self.eat("?:") {
            None
        } else if self.eat("?=") {
            Some(true)
        } else if self.eat("?!") {
            Some(false)
        } else if self.chars.get(self.at) == Some(&'?') {
            // Lookbehind, names.
            return None;
        } else {
            None
        };
        let ways = self.ways()?;
        (self.next()? == ')').then_some(match kind {
            Some(holds) => Node::Ahead { holds, ways },
            None => Node::Group(ways),
        })
    }

    fn escape(&mut self) -> Option<Set> {
        let set = |inverse, ranges: &[(char, char)]| Set { inverse, ranges: ranges.to_vec() };
        Some(match self.next()? {
            'd' => set(false, DIGITS),
            'D' => set(true, DIGITS),
            'w' => set(false, WORD),
            'W' => set(true, WORD),
            's' => set(false, BLANK),
            'S' => set(true, BLANK),
            'n' => Set::of('\n'),
            'r' => Set::of('\r'),
            't' => Set::of('\t'),
            c if c.is_ascii_alphanumeric() => return None,
            c => Set::of(c),
        })
    }

    fn class(&mut self) -> Option<Set> {
        let inverse = self.eat("^");
        let mut ranges = Vec::new();
        loop {
            let first = match self.next()? {
                ']' => break,
                '\\' => {
                    let set = self.escape()?;
                    if set.inverse {
                        return None;
                    }
                    match set.ranges.as_slice() {
                        [(from, to)] if from == to => *from,
                        wide => {
                            ranges.extend(wide);
                            continue;
                        }
                    }
                }
                c => c,
            };
            let is_range = self.chars.get(self.at) == Some(&'-') && self.chars.get(self.at + 1) != Some(&']');
            if !is_range {
                ranges.push((first, first));
                continue;
            }
            self.at += 1;
            let last = match self.next()? {
                '\\' => {
                    let set = self.escape()?;
                    let [(from, to)] = set.ranges[..] else { return None };
                    (from == to && !set.inverse).then_some(from)?
                }
                c => c,
            };
            ranges.push((first, last));
        }
        Some(Set { inverse, ranges })
    }
}

/// One attempt.
struct Run {
    text: Vec<char>,
    steps: u32,
}

/// What is to follow, from a place on.
type Then<'k> = &'k mut dyn FnMut(&mut Run, usize) -> bool;

impl Run {
    fn any(&mut self, ways: &[Vec<Node>], at: usize, then: Then<'_>) -> bool {
        ways.iter().any(|way| self.all(way, at, then))
    }

    fn all(&mut self, nodes: &[Node], at: usize, then: Then<'_>) -> bool {
        self.steps += 1;
        if self.steps > STEPS {
            return false;
        }
        let Some((node, rest)) = nodes.split_first() else { return then(self, at) };
        self.one(node, at, &mut |run, at| run.all(rest, at, then))
    }

    fn one(&mut self, node: &Node, at: usize, then: Then<'_>) -> bool {
        match node {
            Node::One(set) => self.text.get(at).is_some_and(|c| set.has(*c)) && then(self, at + 1),
            Node::Start => at == 0 && then(self, at),
            Node::End => at == self.text.len() && then(self, at),
            Node::Group(ways) => self.any(ways, at, then),
            Node::Ahead { holds, ways } => self.any(ways, at, &mut |_, _| true) == *holds && then(self, at),
            Node::Repeat { what, least, most, greedy } => {
                self.repeat(what, (*least, *most), *greedy, at, then)
            }
        }
    }

    fn repeat(
        &mut self,
        what: &Node,
        (least, most): (u32, u32),
        greedy: bool,
        at: usize,
        then: Then<'_>,
    ) -> bool {
        self.steps += 1;
        if self.steps > STEPS {
            return false;
        }
        if least == 0 && !greedy && then(self, at) {
            return true;
        }
        let left = (least.saturating_sub(1), if most == u32::MAX { most } else { most.saturating_sub(1) });
        let more = most > 0
            && self.one(what, at, &mut |run, next| {
                // A round that takes nothing would go on for ever.
                (next > at || least > 0) && run.repeat(what, left, greedy, next, then)
            });
        more || (least == 0 && greedy && then(self, at))
    }
}
