//! Paths of registrations: put together, and compared as far as their form tells.

use compact_str::CompactString;

/// A path as a registration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// A text in the language of path-to-regexp, of the version that the installed Express uses.
    Text(CompactString),
    /// A regular expression, as code.
    Regexp(CompactString),
    /// Not to be told.
    Unknown,
}

/// A URL put together from the paths of what is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Url {
    /// As the code writes it, `/api/users/:id`; a regular expression stands as code. What is not known is `…`.
    pub(crate) text: String,
    /// Nothing of it is missing.
    pub(crate) known: bool,
    /// A part of it is a regular expression.
    pub(crate) regexp: bool,
}

impl Url {
    /// The URL of an application that is mounted nowhere.
    pub(crate) fn root() -> Self {
        Self { text: String::new(), known: true, regexp: false }
    }

    /// Below something that is not known.
    pub(crate) fn unknown() -> Self {
        Self { text: "…".to_owned(), known: false, regexp: false }
    }

    /// With a path below it.
    pub(crate) fn join(&self, path: Option<&Path>) -> Self {
        let mut url = self.clone();
        match path {
            None => {}
            Some(Path::Text(text)) => {
                let text = text.as_str();
                let base = url.text.trim_end_matches('/').len();
                url.text.truncate(base);
                // `router.get("*")` is about everything below the router's own path.
                if text.starts_with('*') && base > 0 {
                    url.text.push('/');
                }
                if !text.is_empty() && text != "/" {
                    url.text.push_str(text);
                }
            }
            Some(Path::Regexp(source)) => {
                url.text.push_str(source);
                url.regexp = true;
            }
            Some(Path::Unknown) => {
                url.text.push_str("/…");
                url.known = false;
            }
        }
        url
    }

    /// As it is shown: `/` where there is nothing.
    pub(crate) fn shown(&self) -> &str {
        if self.text.is_empty() { "/" } else { &self.text }
    }

    fn segments(&self) -> Option<impl Iterator<Item = Segment<'_>>> {
        let parts = || self.text.split('/').filter(|part| !part.is_empty());
        (self.known && !self.regexp).then(|| parts().map(Segment::new))
    }

    /// Whether something registered for this URL is reached by the requests for `other`: with `below` also for
    /// everything that starts with it, as `use` has it. Every path of an application is held against every other, and
    /// nearly all differ where they begin: no more is read of them.
    pub(crate) fn covers(&self, other: &Url, below: bool) -> Coverage {
        let (Some(own), Some(mut other)) = (self.segments(), other.segments()) else {
            return if self.text.is_empty() && below { Coverage::Always } else { Coverage::Unknown };
        };
        let mut result = Coverage::Always;
        let mut own = own.peekable();
        let mut first = true;
        while let Some(segment) = own.next() {
            let theirs = other.next();
            if segment == Segment::Rest && own.peek().is_none() {
                return if theirs.is_some() || first { result } else { Coverage::Unknown };
            }
            first = false;
            let Some(theirs) = theirs else { return Coverage::Never };
            match (segment, theirs) {
                (Segment::Literal(a), Segment::Literal(b)) if is_same(a, b) => {}
                (Segment::Literal(_), Segment::Literal(_)) => return Coverage::Never,
                (Segment::Parameter, Segment::Literal(_) | Segment::Parameter) => {}
                (Segment::Literal(_), Segment::Parameter) => result = result.min(Coverage::Some),
                _ => return Coverage::Unknown,
            }
        }
        let mut rest = other.peekable();
        if below || rest.peek().is_none() {
            result
        } else if rest.all(|it| matches!(it, Segment::Rest | Segment::Other)) {
            Coverage::Unknown
        } else {
            Coverage::Never
        }
    }
}

/// Express does not tell large letters from small ones unless told to.
fn is_same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || !(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase()
}

/// The names of the parameters in a path.
pub(crate) fn parameters(path: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    path.match_indices(':')
        .map(|(at, _)| {
            let rest = &path[at + 1..];
            &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// Which of the requests for one URL another one gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    /// None.
    Never,
    /// Not to be told.
    Unknown,
    /// Some.
    Some,
    /// All.
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'p> {
    /// As it is written.
    Literal(&'p str),
    /// `:id` with nothing around it.
    Parameter,
    /// `*`, `*rest`, `{*rest}`, `(.*)`: everything from here.
    Rest,
    /// Parts of a segment, conditions on a parameter, what may be left out.
    Other,
}

impl<'p> Segment<'p> {
    fn new(part: &'p str) -> Self {
        let name = part.strip_prefix(':');
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
        };
        let splat = part.trim_start_matches('{').trim_end_matches('}').strip_prefix('*');
        match (name, splat) {
            (Some(name), _) if is_name(name) => Segment::Parameter,
            (_, Some(rest)) if rest.is_empty() || is_name(rest) => Segment::Rest,
            _ if part == "(.*)" => Segment::Rest,
            _ if part.contains([':', '*', '(', ')', '{', '}', '?', '+', '[', ']', '!', '\\', '…']) => {
                Segment::Other
            }
            _ => Segment::Literal(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::root().join(Some(&Path::Text(text.into())))
    }

    #[test]
    fn paths_are_put_together_as_express_mounts_them() {
        for (mount, path, expected) in [
            ("/", "/", "/"),
            ("/api", "/", "/api"),
            ("/api/", "/users", "/api/users"),
            ("", "*", "*"),
            ("/api/:id", "/x", "/api/:id/x"),
        ] {
            assert_eq!(url(mount).join(Some(&Path::Text(path.into()))).shown(), expected);
        }
        assert_eq!(url("/a").join(Some(&Path::Unknown)).shown(), "/a/…");
        assert_eq!(url("/a").join(Some(&Path::Regexp("/^x/".into()))).shown(), "/a/^x/");
    }

    #[test]
    fn who_gets_whose_requests() {
        for (own, other, below, expected) in [
            ("/", "/users", true, Coverage::Always),
            ("/api", "/api/users", true, Coverage::Always),
            ("/API", "/api/users", true, Coverage::Always),
            ("/GRÖSSE", "/größe", false, Coverage::Never),
            ("/STRAẞE", "/straße", false, Coverage::Always),
            ("/admin", "/api/users", true, Coverage::Never),
            ("/api/users", "/api", true, Coverage::Never),
            ("/users/:id", "/users/me", false, Coverage::Always),
            ("/users/me", "/users/:id", false, Coverage::Some),
            ("/users/:id", "/users/:name", false, Coverage::Always),
            ("/users/:id", "/users/:id/posts", false, Coverage::Never),
            ("/users/:id(\\d+)", "/users/me", false, Coverage::Unknown),
            ("*", "/users/me", false, Coverage::Always),
            ("/api/*rest", "/api/x", false, Coverage::Always),
            ("/api/*rest", "/other", false, Coverage::Never),
            ("/x", "*", false, Coverage::Unknown),
            ("/x", "/x/*", false, Coverage::Unknown),
        ] {
            assert_eq!(url(own).covers(&url(other), below), expected, "{own} {other}");
        }
    }
}
