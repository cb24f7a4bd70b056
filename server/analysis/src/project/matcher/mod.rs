//! For which URLs the proxy runs: `config.matcher`, compiled as Next.js does it.
//!
//! A matcher is a path in the language of path-to-regexp 6.3; Next.js keeps the source of its regular expression
//! and drops the flags, so that letters count as written. `table.tsv` holds what Next.js 16.4.6 makes of many
//! matchers (`tests/matcher-table.mjs` writes it).

mod path;
mod regexp;

use crate::facts::Shape;
use crate::package::NextProject;
use crate::project::FileInput;
use regexp::Regexp;

/// One entry of `config.matcher`.
#[derive(Debug)]
pub(crate) struct Matcher {
    regexp: Regexp,
    /// `has` or `missing` decides as well.
    conditional: bool,
}

/// Whether the proxy runs for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    /// For every request.
    Always,
    /// For some: parameters, headers or cookies decide. Or that is not to be told.
    Depends,
    /// For none.
    Never,
}

impl Matcher {
    /// Compiles one matcher; `None` where Next.js refuses it or it is not understood.
    pub(crate) fn new(source: &str) -> Option<Self> {
        Self::with(source, "{(\\.json)}?")
    }

    /// As [`Self::new`], as Next.js does it up to 15.0: it puts `(.json)?` behind the matcher, which becomes the pattern of
    /// a parameter that stands there. So `/admin/:page` covers nothing.
    fn old(source: &str) -> Option<Self> {
        Self::with(source, "(.json)?")
    }

    fn with(source: &str, json: &str) -> Option<Self> {
        let suffix = if source == "/" { "(/?index|/?index\\.json)?" } else { json };
        let whole = format!("/:nextData(_next/data/[^/]{{1,}})?{source}{suffix}");
        // Alone it has to be sound as well.
        path::to_regexp(source)?;
        let regexp = Regexp::new(&path::to_regexp(&whole)?)?;
        source.starts_with('/').then_some(Self { regexp, conditional: false })
    }

    /// Whether the proxy runs for a path without base path.
    pub(crate) fn runs(&self, path: &str) -> Option<bool> {
        self.regexp.matches(path)
    }

    fn covers(&self, path: &str) -> Coverage {
        match self.runs(path) {
            Some(false) => Coverage::Never,
            Some(true) if !self.conditional => Coverage::Always,
            _ => Coverage::Depends,
        }
    }
}

/// What `config.matcher` of a proxy file says.
#[derive(Debug)]
pub(crate) enum Matchers {
    /// There is none: the proxy runs for every request, those for files included.
    Everything,
    /// These.
    Some(Vec<Matcher>),
}

impl Matchers {
    /// Reads a proxy file. `None` where the matcher is not static, or where locales come into the paths.
    pub(crate) fn of(input: &FileInput) -> Option<Self> {
        let next = input.package.next.as_ref()?;
        // An option that is not to be read may be `i18n`.
        if next.i18n || !next.config_known { None } else { Self::told(input) }
    }

    /// As [`Self::of`], of paths in the language that is the default: Next.js puts it into every path that names none,
    /// and into every matcher that does not say `locale: false`.
    pub(crate) fn told(input: &FileInput) -> Option<Self> {
        let Some((chunk, _)) = input.facts.export("config") else { return Some(Self::Everything) };
        let (id, config) = input.facts.binding("config")?;
        if id.chunk != chunk || !matches!(config.value, Shape::Object(_)) {
            return None;
        }
        let Some(matcher) = config.value.get("matcher") else {
            return config.value.get("...").is_none().then_some(Self::Everything);
        };
        let entries = match matcher {
            Shape::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let version = input.package.versions.get("next");
        let old = version.is_some_and(|version| (version.major, version.minor) < (15, 1));
        let make = if old { Matcher::old } else { Matcher::new };
        entries.iter().map(|shape| entry(shape, make)).collect::<Option<Vec<_>>>().map(Self::Some)
    }

    /// Whether the proxy runs for a route, by the URL that [`super::routes::url`] gives.
    pub(crate) fn covers(&self, next: &NextProject, url: &str) -> Coverage {
        let Self::Some(matchers) = self else { return Coverage::Always };
        let inside = url.strip_prefix(next.base_path.as_str()).unwrap_or(url);
        let mut samples = samples(inside).into_iter().map(|path| {
            matchers.iter().map(|matcher| matcher.covers(&path)).min().unwrap_or(Coverage::Never)
        });
        let Some(first) = samples.next() else { return Coverage::Depends };
        if samples.all(|coverage| coverage == first) { first } else { Coverage::Depends }
    }
}

fn entry(shape: &Shape, make: fn(&str) -> Option<Matcher>) -> Option<Matcher> {
    match shape {
        Shape::Text(source) => make(&unescaped(source)?),
        Shape::Object(entries) if entries.iter().all(|(key, _)| key != "...") => {
            let matcher = make(&unescaped(shape.get("source")?.text()?)?)?;
            let conditional =
                entries.iter().any(|(key, _)| matches!(key.as_str(), "has" | "missing" | "locale"));
            Some(Matcher { conditional, ..matcher })
        }
        _ => None,
    }
}

/// The text of a string literal: facts keep it as written. `None` for an escape that is not a plain character.
pub(super) fn unescaped(written: &str) -> Option<String> {
    let mut out = String::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => chars.next().filter(|c| !c.is_ascii_alphanumeric() || !"bfnrtvux0".contains(*c))?,
            c => c,
        });
    }
    Some(out)
}

/// Paths that a route serves, different enough to tell whether a parameter decides. None where a segment is not
/// understood.
fn samples(url: &str) -> Vec<String> {
    let values = [("a", "a"), ("7", "7/b"), ("x-Y_9", "x-Y_9/a/7")];
    let mut out = Vec::new();
    for (number, (one, many)) in values.into_iter().enumerate() {
        let mut path = String::new();
        for segment in url.split('/').filter(|segment| !segment.is_empty()) {
            let value = match segment {
                it if it.starts_with("[[...") && number == 0 => continue,
                it if it.starts_with("[[...") || it.starts_with("[...") => many,
                it if it.starts_with('[') && it.ends_with(']') => one,
                // A page that intercepts another one; in `pages` parentheses are letters.
                it if it.contains('[') || it.starts_with("(.") => return Vec::new(),
                it => it,
            };
            path.push('/');
            path.push_str(value);
        }
        out.push(if path.is_empty() { "/".to_owned() } else { path });
    }
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Next.js itself says: see `tests/matcher-table.mjs`.
    const TABLE: &str = include_str!("table.tsv");

    #[test]
    fn matchers_run_where_next_says() {
        let mut matcher = None;
        let mut source = "";
        let mut compared = 0;
        for line in TABLE.lines() {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["", path, says] => {
                    let matcher: &Matcher = matcher.as_ref().unwrap();
                    let runs = matcher.runs(path);
                    assert_eq!(runs, Some(says == "runs"), "{source} for {path}");
                    compared += 1;
                }
                [it, "refused"] => assert!(Matcher::new(it).is_none(), "{it}"),
                [it, regexp] => {
                    let made = path::to_regexp(it).unwrap();
                    // JavaScript prints `/` with a backslash in front.
                    assert_eq!(made.replace("\\/", "/"), regexp.replace("\\/", "/"), "{it}");
                    (matcher, source) = (Matcher::new(it), it);
                    assert!(matcher.is_some(), "{it}");
                }
                _ => panic!("{line}"),
            }
        }
        assert!(compared > 2000);
    }

    #[test]
    fn a_parameter_at_the_end_covered_nothing_up_to_15_0() {
        let old = |source: &str, path: &str| Matcher::old(source).unwrap().runs(path);
        assert_eq!(old("/admin/:page", "/admin/users"), Some(false));
        assert_eq!(Matcher::new("/admin/:page").unwrap().runs("/admin/users"), Some(true));
        for (source, path) in [
            ("/admin/:page*", "/admin/users"),
            ("/about", "/about"),
            ("/users/:id(\\d+)", "/users/7"),
            ("/((?!api).*)", "/users/a"),
        ] {
            assert_eq!(old(source, path), Some(true), "{source}");
        }
    }

    #[test]
    fn a_route_is_covered_always_never_or_it_depends() {
        let next = NextProject { base_path: "/docs".to_owned(), ..NextProject::default() };
        let matchers = |sources: &[&str]| {
            Matchers::Some(sources.iter().map(|source| Matcher::new(source).unwrap()).collect())
        };
        let usual = matchers(&["/((?!api|_next/static|favicon.ico).*)"]);
        assert_eq!(usual.covers(&next, "/docs/users/[id]"), Coverage::Always);
        assert_eq!(usual.covers(&next, "/docs/api/users/[id]"), Coverage::Never);
        assert_eq!(usual.covers(&next, "/docs/[slug]"), Coverage::Always);
        let some = matchers(&["/api/:id(\\d+)", "/shop/:path+"]);
        assert_eq!(some.covers(&next, "/docs/api/[id]"), Coverage::Depends);
        assert_eq!(some.covers(&next, "/docs/shop/[[...all]]"), Coverage::Depends);
        assert_eq!(some.covers(&next, "/docs/shop/[...all]"), Coverage::Always);
        assert_eq!(some.covers(&next, "/docs/shop/(.)cart"), Coverage::Depends);
        assert_eq!(Matchers::Everything.covers(&next, "/docs/x"), Coverage::Always);
    }
}
