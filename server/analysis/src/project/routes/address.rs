//! Which paths a URL with parameters serves, and which of two serves a path.
//!
//! Both spellings are read: `/users/[id]/[...rest]` of Next.js and `/users/:id/*rest` of Express. The path of a
//! call may have holes, where the text is put together when it runs.

/// What stands for a hole in the text of a path.
pub(crate) const HOLE: char = '\0';

/// A URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    segments: Vec<Segment>,
    /// Letters count as written.
    case: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    /// One segment, whatever it says.
    One,
    /// One or more.
    Rest,
    /// None or more.
    Any,
    /// Not understood: may be anything from here on.
    Unknown,
}

/// Whether a URL serves a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It does not.
    No,
    /// The holes decide, or a part is not understood.
    Maybe,
    /// It does.
    Yes,
}

impl Address {
    /// A URL as Next.js writes it.
    pub(crate) fn of_next(url: &str) -> Self {
        let segments = split(url).map(|segment| match segment {
            it if it.starts_with("[[...") && it.ends_with("]]") => Segment::Any,
            it if it.starts_with("[...") && it.ends_with(']') => Segment::Rest,
            it if it.starts_with('[') && it.ends_with(']') => Segment::One,
            it => Segment::Text(it.to_owned()),
        });
        Self { segments: segments.collect(), case: true }
    }

    /// A URL of Express, as the code writes it.
    pub(crate) fn of_express(url: &str) -> Self {
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let mut segments: Vec<Segment> = Vec::new();
        for part in split(url) {
            let splat = part.trim_start_matches('{').trim_end_matches('}').strip_prefix('*');
            segments.push(match part.strip_prefix(':') {
                Some(name) if is_name(name) => Segment::One,
                Some(name) if name.strip_suffix('?').is_some_and(is_name) => Segment::Any,
                _ if splat.is_some_and(|rest| rest.is_empty() || is_name(rest)) => Segment::Any,
                _ if part.contains([':', '*', '(', ')', '{', '}', '?', '+', '[', ']', '\\', '…', '^']) => {
                    Segment::Unknown
                }
                _ => Segment::Text(part.to_lowercase()),
            });
        }
        Self { segments, case: false }
    }

    /// A source of `rewrites` or `redirects`: what is not plain is not understood.
    pub(crate) fn of_source(source: &str) -> Self {
        let mut address = Self::of_express(source);
        for (segment, part) in address.segments.iter_mut().zip(split(source)) {
            if part.starts_with(':') && part.ends_with(['*', '+']) {
                *segment = Segment::Any;
            }
        }
        address
    }

    /// Whether it serves a path, whose holes are [`HOLE`].
    pub(crate) fn fits(&self, path: &str) -> Fit {
        self.fits_pieces(&pieces(path))
    }

    /// The same of a path that many addresses are asked about, and that was taken apart by [`pieces`].
    pub(crate) fn fits_pieces(&self, pieces: &[&str]) -> Fit {
        fits(&self.segments, pieces, self.case)
    }

    /// How exactly it says what it serves: of two that serve a path, the smaller one gets the request.
    pub(crate) fn rank(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Text(_) => 0,
            Segment::One => 1,
            Segment::Rest => 2,
            Segment::Any => 3,
            Segment::Unknown => 4,
        };
        self.segments.iter().map(rank).collect()
    }

    /// The words that it begins with.
    pub(crate) fn first_words(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map_while(|segment| match segment {
            Segment::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Takes whatever comes from some segment on.
    pub(crate) fn is_open(&self) -> bool {
        self.segments.iter().any(|it| matches!(it, Segment::Rest | Segment::Any | Segment::Unknown))
    }

    /// How many segments of the path are said in so many words by both.
    pub(crate) fn words(&self) -> usize {
        self.segments.iter().filter(|it| matches!(it, Segment::Text(_))).count()
    }
}

/// The path that a rewrite makes of another: of `/people/7`, by `/people/:id` and `/api/users/:id`, it makes
/// `/api/users/7`. `None` where the rewrite is not for the path, or is more than names.
pub(crate) fn rewritten(source: &str, destination: &str, path: &str) -> Option<String> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let plain = |part: &str| !part.contains([':', '*', '(', ')', '{', '}', '?', '+', '\\']);
    let mut pieces = split(path);
    let mut given: Vec<(&str, String)> = Vec::new();
    for part in split(source) {
        match part.strip_prefix(':') {
            Some(name) if is_name(name) => given.push((part, pieces.next()?.to_owned())),
            Some(name) if name.strip_suffix(['*', '+']).is_some_and(is_name) => {
                let rest: Vec<&str> = pieces.by_ref().collect();
                if name.ends_with('+') && rest.is_empty() {
                    return None;
                }
                given.push((part, rest.join("/")));
            }
            _ => {
                let same = plain(part) && pieces.next().is_some_and(|piece| piece.eq_ignore_ascii_case(part));
                if !same {
                    return None;
                }
            }
        }
    }
    if pieces.next().is_some() || !destination.starts_with('/') {
        return None;
    }
    let destination = destination.split(['?', '#']).next().unwrap_or_default();
    let mut out = String::new();
    for part in split(destination) {
        let value = given.iter().find(|(name, _)| *name == part).map(|(_, value)| value.as_str());
        let value = value.or_else(|| plain(part).then_some(part))?;
        if !value.is_empty() {
            out.extend(["/", value]);
        }
    }
    Some(if out.is_empty() { "/".to_owned() } else { out })
}

/// The segments of a path.
pub(crate) fn pieces(path: &str) -> Vec<&str> {
    split(path).collect()
}

fn split(url: &str) -> impl Iterator<Item = &str> {
    url.split('/').filter(|segment| !segment.is_empty())
}

fn fits(route: &[Segment], path: &[&str], case: bool) -> Fit {
    let Some((first, others)) = route.split_first() else {
        return if path.is_empty() { Fit::Yes } else { Fit::No };
    };
    match first {
        Segment::Unknown => return Fit::Maybe,
        Segment::Any => {
            let last = others.is_empty();
            if last {
                return Fit::Yes;
            }
            let none = fits(others, path, case);
            return none.max(path.split_first().map_or(Fit::No, |(_, path)| fits(route, path, case)));
        }
        _ => {}
    }
    let Some((piece, rest)) = path.split_first() else { return Fit::No };
    // The end of the path may be a query, or go on: `/api/users${query}`.
    if let ([], Some(written)) = (rest, piece.strip_suffix(HOLE))
        && !written.is_empty()
        && !written.contains(HOLE)
    {
        return match first {
            Segment::Text(text) if others.is_empty() && same(text, written, case) => Fit::Yes,
            Segment::Text(text) if same(text, written, case) => Fit::Maybe,
            Segment::Text(text) if starts(text, written, case) => Fit::Maybe,
            Segment::Text(_) => Fit::No,
            _ if others.is_empty() => Fit::Yes,
            _ => Fit::Maybe,
        };
    }
    let one = match first {
        Segment::Text(text) if piece.contains(HOLE) => {
            if could_be(text, piece, case) {
                Fit::Maybe
            } else {
                Fit::No
            }
        }
        Segment::Text(text) if same(text, piece, case) => Fit::Yes,
        Segment::Text(_) => Fit::No,
        Segment::Rest if others.is_empty() => return Fit::Yes,
        Segment::Rest => {
            let here = fits(others, rest, case);
            return here.max(if rest.is_empty() { Fit::No } else { fits(route, rest, case) });
        }
        _ => Fit::Yes,
    };
    let after = fits(others, rest, case);
    // A hole may hold several segments.
    let longer = if rest.is_empty() && is_hole(piece) && !others.is_empty() { Fit::Maybe } else { Fit::No };
    one.min(after.max(longer))
}

fn is_hole(piece: &str) -> bool {
    !piece.is_empty() && piece.chars().all(|c| c == HOLE)
}

fn same(a: &str, b: &str, case: bool) -> bool {
    if case { a == b } else { a.eq_ignore_ascii_case(b) }
}

fn starts(text: &str, with: &str, case: bool) -> bool {
    text.get(..with.len()).is_some_and(|start| same(start, with, case))
}

/// Whether a text can come of a piece with holes.
fn could_be(text: &str, piece: &str, case: bool) -> bool {
    if !case {
        return could_be(&text.to_lowercase(), &piece.to_lowercase(), true);
    }
    let mut parts = piece.split(HOLE);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = "";
    for part in parts {
        last = part;
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    last.is_empty() || text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_served_as_the_frameworks_do_it() {
        for (url, path, fit) in [
            ("/api/users", "/api/users", Fit::Yes),
            ("/api/users", "/api/users/", Fit::Yes),
            ("/api/users", "/api/Users", Fit::No),
            ("/api/users/[id]", "/api/users/7", Fit::Yes),
            ("/api/users/[id]", "/api/users/\0", Fit::Yes),
            ("/api/users/[id]", "/api/users", Fit::No),
            ("/api/users/me", "/api/users/\0", Fit::Maybe),
            ("/api/users", "/api/users\0", Fit::Yes),
            ("/api/users", "/api/user\0", Fit::Maybe),
            ("/api/users/[id]", "/api/users\0", Fit::Maybe),
            ("/api/[...all]", "/api", Fit::No),
            ("/api/[...all]", "/api/a/b", Fit::Yes),
            ("/api/[[...all]]", "/api", Fit::Yes),
            ("/api/[id]/posts", "/api/\0/posts", Fit::Yes),
            ("/api/[id]/posts", "/api/\0", Fit::Maybe),
            ("/api/[id]/posts", "/api/\0/other", Fit::No),
            ("/", "/", Fit::Yes),
        ] {
            assert_eq!(Address::of_next(url).fits(path), fit, "{url} {path:?}");
        }
        for (url, path, fit) in [
            ("/api/users/:id", "/API/users/7", Fit::Yes),
            ("/api/*rest", "/api/a/b", Fit::Yes),
            ("/api/:id(\\d+)", "/api/a", Fit::Maybe),
            ("/api/…", "/api/a", Fit::Maybe),
        ] {
            assert_eq!(Address::of_express(url).fits(path), fit, "{url} {path:?}");
        }
        assert_eq!(Address::of_source("/old/:path*").fits("/old/a/b"), Fit::Yes);
        assert!(Address::of_next("/a/b").rank() < Address::of_next("/a/[b]").rank());
    }

    #[test]
    fn a_rewrite_carries_its_parameters_over() {
        for (source, destination, path, expected) in [
            ("/people/:id", "/api/users/:id", "/people/7", Some("/api/users/7")),
            ("/people/:id", "/api/users/:id", "/people/\0", Some("/api/users/\0")),
            ("/people/:id", "/api/users?id=:id", "/people/7", Some("/api/users")),
            ("/old/:path*", "/new/:path*", "/old/a/b", Some("/new/a/b")),
            ("/old/:path*", "/new/:path*", "/old", Some("/new")),
            ("/old/:path+", "/new/:path+", "/old", None),
            ("/old", "/", "/old", Some("/")),
            ("/old", "/new", "/old/a", None),
            ("/old/:id(\\d+)", "/new/:id", "/old/7", None),
            ("/old/:id", "https://example.com/:id", "/old/7", None),
            ("/old/:id", "/new/:other", "/old/7", None),
        ] {
            assert_eq!(rewritten(source, destination, path).as_deref(), expected, "{source} {path:?}");
        }
    }
}
