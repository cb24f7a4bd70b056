//! What gives each segment of a URL its name: a folder or file of Next.js, a text of an Express registration.

use crate::endpoints::written::{Reader, Written};
use crate::package::NextProject;
use crate::path::FilePath;
use crate::project::FileNo;
use crate::project::express::{Path, RouterNo, Url};
use crate::project::routes::table::{Framework, Route};
use crate::project::routes::{Role, role};
use crate::text::Span;

/// What gives a segment its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A folder, or the file itself below `pages`.
    Path(FilePath),
    /// A text of a registration.
    Literal(FileNo, Span),
    /// `basePath` of the configuration.
    BasePath,
    /// A name that Next.js gives: `sitemap.xml`.
    Generated,
    /// Not to be told.
    Unknown,
}

/// The segments of a URL.
pub(super) fn segments(url: &str) -> Vec<&str> {
    url.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// The parts of a path with the bytes that each takes.
pub(super) fn pieces(path: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for part in path.split('/') {
        if !part.is_empty() {
            out.push(start..start + part.len());
        }
        start += part.len() + 1;
    }
    out
}

/// Whether a segment may stand for any number of them.
pub(super) fn is_open(segment: &str) -> bool {
    let pattern = |c: char| matches!(c, '*' | '(' | ')' | '{' | '}' | '?' | '+' | '\\' | '…' | '^');
    segment.starts_with("[...")
        || segment.starts_with("[[")
        || (!segment.starts_with('[') && segment.contains(pattern))
}

/// What gives each segment of a route's URL its name, in their order.
pub(super) fn sources(reader: &mut Reader<'_>, route: &Route) -> Vec<Source> {
    let count = segments(&route.url).len();
    let found = match route.framework {
        Framework::Express => of_express(reader, route),
        _ => of_next(reader, route),
    };
    match found {
        Some(sources) if sources.len() == count => sources,
        _ => vec![Source::Unknown; count],
    }
}

fn of_next(reader: &Reader<'_>, route: &Route) -> Option<Vec<Source>> {
    let input = reader.project.file(route.file)?;
    let next = input.package.next.as_ref()?;
    let mut out = vec![Source::BasePath; segments(&next.base_path).len()];
    out.extend(folders(next, &input.path)?.into_iter().map(Source::Path));
    // The name of a metadata file is not that of its URL.
    let count = segments(&route.url).len();
    if role(next, &input.path) == Role::Metadata {
        out.resize(count, Source::Generated);
    }
    Some(out)
}

/// The folder of each segment of the URL that a file of Next.js serves, base path aside; last may be the file.
pub(super) fn folders(next: &NextProject, path: &FilePath) -> Option<Vec<FilePath>> {
    let inside_app = next.app_dir.as_ref().and_then(|app| Some((app, path.strip(app)?)));
    let inside_pages = next.pages_dir.as_ref().and_then(|pages| Some((pages, path.strip(pages)?)));
    let (root, inside) = inside_app.or(inside_pages)?;
    let mut parts: Vec<&str> = inside.split('/').collect();
    let is_app = inside_app.is_some();
    if is_app || path.stem() == "index" {
        parts.pop();
    }
    let mut at = root.clone();
    let mut out = Vec::new();
    for part in parts {
        at = at.join(part);
        let group = part.starts_with('(') && part.ends_with(')') && !part.starts_with("(.");
        if !is_app || !(group || part.starts_with('@')) {
            out.push(at.clone());
        }
    }
    Some(out)
}

fn of_express(reader: &mut Reader<'_>, route: &Route) -> Option<Vec<Source>> {
    let project = reader.project;
    let express = project.express();
    let own = &express.routes[route.express? as usize];
    let levels: Vec<(RouterNo, u32)> = own.mounts.iter().copied().chain([own.layer]).collect();
    let router = &express.routers[own.root as usize];
    let start = if router.is_app { Url::root() } else { Url::unknown() };
    let mut found = levels_of(reader, &levels, &start, &own.url)?;
    if !router.is_app {
        found.insert(0, Source::Unknown);
    }
    Some(found)
}

/// The choice of one path for each level that makes a URL.
fn levels_of(
    reader: &mut Reader<'_>,
    levels: &[(RouterNo, u32)],
    above: &Url,
    wanted: &Url,
) -> Option<Vec<Source>> {
    let Some((level, below)) = levels.split_first() else {
        return (above == wanted).then(Vec::new);
    };
    let project = reader.project;
    let layer = project.express().layer(*level);
    if layer.paths.is_empty() {
        return levels_of(reader, below, &above.join(None), wanted);
    }
    let written = reader.registered(layer.call.0, layer.call.1);
    for path in &layer.paths {
        let url = above.join(Some(path));
        if !wanted.text.starts_with(url.text.trim_end_matches('/')) {
            continue;
        }
        let Some(rest) = levels_of(reader, below, &url, wanted) else { continue };
        let mut out = match path {
            Path::Text(text) => of_text(&written, text),
            Path::Regexp(_) | Path::Unknown => vec![Source::Unknown],
        };
        out.extend(rest);
        return Some(out);
    }
    None
}

fn of_text(written: &[Written], text: &str) -> Vec<Source> {
    let at = written.iter().find(|it| it.text == text);
    let place = |range| match at.and_then(|it| it.locate(text, &range)) {
        Some((file, span)) => Source::Literal(file, span),
        None => Source::Unknown,
    };
    pieces(text).into_iter().map(place).collect()
}

/// The calls of a file that register something with a path, each with the routes that its path is part of, by their
/// numbers in the table.
pub(super) fn registrations(reader: &Reader<'_>, file: FileNo, offset: u32) -> Vec<usize> {
    let project = reader.project;
    let express = project.express();
    let Some(input) = project.file(file) else { return Vec::new() };
    let around = |call: crate::facts::CallId| {
        let at = input.facts.span(call.chunk, input.facts.call(call).at);
        at.touches(offset)
    };
    let registers = |&(router, layer): &(RouterNo, u32)| {
        let (in_file, call) = express.layer((router, layer)).call;
        in_file == file && around(call)
    };
    let table = project.table();
    let mut out = Vec::new();
    for (number, route) in table.routes.iter().enumerate() {
        let Some(own) = route.express.map(|it| &express.routes[it as usize]) else { continue };
        if registers(&own.layer) || own.mounts.iter().any(&registers) {
            out.push(number);
        }
    }
    out
}

/// Why a name cannot be a segment of a URL, for the person who typed it.
pub(super) fn objection(name: &str) -> Option<String> {
    let forbidden =
        |c: char| c.is_whitespace() || c.is_control() || "/\\?#[](){}<>:*+|\"'`$^,;!@&=%".contains(c);
    if name.is_empty() || name == "." || name == ".." {
        return Some("A segment of a URL needs a name.".to_owned());
    }
    name.chars().find(|c| forbidden(*c)).map(|c| format!("`{c}` cannot stand in a segment of a URL here."))
}

/// The name of the folder or file that makes the segment `name` where `old` makes `segment`.
pub(super) fn file_name(framework: Framework, old: &FilePath, segment: &str, name: &str) -> String {
    let rest = old.file_name().strip_prefix(segment).unwrap_or_default();
    match name.strip_prefix('_').filter(|_| framework == Framework::NextApp) {
        // `_name` is a folder that Next.js leaves out.
        Some(after) => format!("%5F{after}"),
        None => format!("{name}{rest}"),
    }
}

/// Where a file goes when folders or files do.
pub(super) fn moved(moves: &[(FilePath, FilePath)], path: &FilePath) -> Option<FilePath> {
    moves.iter().find_map(|(from, to)| match path.strip(from) {
        Some(inside) => Some(to.join(inside)),
        None => (path == from).then(|| to.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_make_no_segment_are_passed_over() {
        let next = NextProject {
            app_dir: Some(FilePath::new("/p/app")),
            pages_dir: Some(FilePath::new("/p/pages")),
            ..NextProject::default()
        };
        for (path, expected) in [
            (
                "/p/app/(shop)/api/@slot/users/[id]/route.ts",
                "/p/app/(shop)/api /p/app/(shop)/api/@slot/users /p/app/(shop)/api/@slot/users/[id]",
            ),
            ("/p/pages/api/users/index.ts", "/p/pages/api /p/pages/api/users"),
            ("/p/pages/api/users.ts", "/p/pages/api /p/pages/api/users.ts"),
        ] {
            let found = folders(&next, &FilePath::new(path))
                .map(|found| found.iter().map(|it| it.as_str().to_owned()).collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_segment_is_a_plain_word() {
        for (name, fine) in [
            ("users", true),
            ("user-list", true),
            ("größe", true),
            ("a/b", false),
            ("[id]", false),
            ("", false),
            ("..", false),
            ("a b", false),
            (":id", false),
        ] {
            assert_eq!(objection(name).is_none(), fine, "{name}");
        }
    }

    #[test]
    fn parts_of_a_path_stand_where_they_are() {
        assert_eq!(pieces("/api//users/"), [1..4, 6..11]);
        assert!(pieces("").is_empty());
    }
}
