//! The text of a URL, as far as the code tells: constants are followed across files, what is put together when
//! the code runs is a hole.

use compact_str::CompactString;

use crate::facts::{Assign, CallId, FileFacts, FunctionKind, Name, Shape};
use crate::project::routes::address::HOLE;
use crate::project::{FileNo, Resolver, Symbol};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Text(String),
    /// Known only when it runs.
    Hole,
    /// What the function in question is given at this position.
    Given(u32),
    /// The address of this very project, from the environment: `process.env.VERCEL_URL`.
    Env,
}

/// Who a request goes to, as far as its URL tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// The server that the page came from: the URL is a path.
    Own,
    /// This machine, by its name.
    Local,
    /// This project, by an address from the environment.
    Env,
    /// Not to be told.
    Unknown,
    /// Somebody else.
    External,
}

/// Longer ways are given up.
const LONGEST: u32 = 12;

/// Functions that make texts by calling others that do are followed so far.
const INNERMOST: u32 = 3;

/// A function that returns at more places decides too much.
const MOST_RETURNS: usize = 4;

/// Stands for [`Part::Env`] in a text.
const ENV: char = '\u{1}';

/// Variables of the environment that hold the address of the project itself.
const OWN_ADDRESS: &[&str] = &[
    "VERCEL_URL",
    "NEXT_PUBLIC_VERCEL_URL",
    "VERCEL_BRANCH_URL",
    "VERCEL_PROJECT_PRODUCTION_URL",
    "NEXT_PUBLIC_VERCEL_PROJECT_PRODUCTION_URL",
    "NEXTAUTH_URL",
    "NEXT_PUBLIC_APP_URL",
    "NEXT_PUBLIC_SITE_URL",
];

/// Reads texts. `of` is the function whose parameters are told by position.
pub(super) struct Texts<'r, 'p> {
    pub(super) resolver: &'r mut Resolver<'p>,
    pub(super) of: Option<(FileNo, u32, u32)>,
    /// How many functions that make texts are being followed.
    inside: u32,
}

impl<'r, 'p> Texts<'r, 'p> {
    /// Texts of the code of a function, or of the module.
    pub(super) fn new(resolver: &'r mut Resolver<'p>, of: Option<(FileNo, u32, u32)>) -> Self {
        Self { resolver, of, inside: 0 }
    }
}

impl Texts<'_, '_> {
    /// The pieces of an expression.
    pub(super) fn parts(&mut self, file: FileNo, chunk: u32, shape: &Shape) -> Vec<Part> {
        let mut out = Vec::new();
        self.read(file, chunk, shape, 0, &mut out);
        out
    }

    fn read(&mut self, file: FileNo, chunk: u32, shape: &Shape, depth: u32, out: &mut Vec<Part>) {
        let Some(input) = self.resolver.project_file(file).filter(|_| depth < LONGEST) else {
            return out.push(Part::Hole);
        };
        let facts = &*input.facts;
        match shape {
            Shape::Text(text) if !text.contains('\\') => out.push(Part::Text(text.to_string())),
            Shape::Joined(parts) => {
                for part in parts {
                    self.read(file, chunk, part, depth + 1, out);
                }
            }
            Shape::Number(number) => out.push(Part::Text(number.to_string())),
            Shape::Await(inner) => self.read(file, chunk, inner, depth + 1, out),
            Shape::Either(sides) => self.either(file, chunk, sides, depth, out),
            Shape::Name(name) => self.name(file, chunk, name, depth, out),
            Shape::Member(object, key) => {
                if let Some(part) = known_member(facts, shape) {
                    return out.extend(part);
                }
                // `url.href`, `new URL("/x", origin).toString()`.
                if key == "href" && matches!(**object, Shape::Call(_) | Shape::Name(_)) {
                    return self.read(file, chunk, object, depth + 1, out);
                }
                match self.resolver.symbol(file, chunk, shape) {
                    Symbol::Value(at, in_chunk, value) if value != *shape => {
                        self.read(at, in_chunk, &value, depth + 1, out);
                    }
                    _ => out.push(Part::Hole),
                }
            }
            Shape::Call(number) => self.call(file, CallId { chunk, number: *number }, depth, out),
            _ => out.push(Part::Hole),
        }
    }

    /// `a ? b : c`, `a ?? b`: one text where only one side is one, or where they differ in the query alone.
    fn either(&mut self, file: FileNo, chunk: u32, sides: &[Shape], depth: u32, out: &mut Vec<Part>) {
        let nothing = |side: &&Shape| matches!(side, Shape::Null | Shape::Bool(_));
        let sides: Vec<&Shape> = sides.iter().filter(|side| !nothing(side)).collect();
        if let [only] = sides[..] {
            return self.read(file, chunk, only, depth + 1, out);
        }
        let read: Vec<Vec<Part>> = sides.iter().map(|side| self.inner(file, chunk, side, depth)).collect();
        if let Some(parts) = one_of(&read) {
            return out.extend(parts);
        }
        // `VERCEL_URL ? `https://${VERCEL_URL}` : "http://localhost:3000"`: this project either way.
        let own = read.iter().all(|parts| {
            let (origin, path) = place(parts).unwrap_or((Origin::Unknown, CompactString::default()));
            matches!(origin, Origin::Env | Origin::Local) && matches!(path.as_str(), "" | "/")
        });
        out.push(if own && !sides.is_empty() { Part::Env } else { Part::Hole });
    }

    fn name(&mut self, file: FileNo, chunk: u32, name: &Name, depth: u32, out: &mut Vec<Part>) {
        let Some(input) = self.resolver.project_file(file) else { return out.push(Part::Hole) };
        let facts = &*input.facts;
        if let Some(local) = name.local {
            let chunk_facts = &facts.chunks[chunk as usize].facts;
            let decl = &chunk_facts.decls[local as usize];
            if let Some(parameter) = decl.parameter.as_ref() {
                let given = self.of == Some((file, chunk, parameter.of)) && parameter.keys.is_empty();
                return out.push(if given { Part::Given(parameter.position) } else { Part::Hole });
            }
            let set = |assign: &Assign| matches!(&assign.left, Shape::Name(it) if it.local == Some(local));
            if chunk_facts.assigns.iter().any(set) {
                return out.push(Part::Hole);
            }
            return self.read(file, chunk, &decl.value, depth + 1, out);
        }
        let Some((at, id)) = self.resolver.declared(file, &name.text, 0) else { return out.push(Part::Hole) };
        let Some(input) = self.resolver.project_file(at) else { return out.push(Part::Hole) };
        let decl = input.facts.decl(id);
        let set = |assign: &Assign| matches!(&assign.left, Shape::Name(it) if it.local.is_none() && it.text == decl.name);
        if input.facts.chunks.iter().any(|chunk| chunk.facts.assigns.iter().any(set)) {
            return out.push(Part::Hole);
        }
        self.read(at, id.chunk, &decl.value, depth + 1, out);
    }

    fn call(&mut self, file: FileNo, id: CallId, depth: u32, out: &mut Vec<Part>) {
        let Some(input) = self.resolver.project_file(file) else { return out.push(Part::Hole) };
        let call = input.facts.call(id);
        // `new URL("/api/users", window.location.href)`: a path keeps the origin of the base only.
        if call.is_new && is_global(&input.facts, &call.callee, "URL") {
            let path = call.args.first().map(|path| self.inner(file, id.chunk, path, depth));
            let base = call.args.get(1).map(|base| self.inner(file, id.chunk, base, depth));
            match (path, base) {
                (Some(path), None) => out.extend(path),
                (Some(path), Some(base)) => {
                    let rooted = matches!(path.first(), Some(Part::Text(text)) if text.starts_with('/'));
                    match place(&base) {
                        _ if matches!(path.first(), Some(Part::Text(text)) if text.contains("://")) => {
                            out.extend(path);
                        }
                        Some((Origin::Own, _)) if rooted => out.extend(path),
                        Some((Origin::Env, _)) if rooted => {
                            out.push(Part::Env);
                            out.extend(path);
                        }
                        Some((Origin::Local | Origin::External, _)) if rooted => {
                            out.extend(authority(&base));
                            out.extend(path);
                        }
                        _ if rooted => {
                            out.push(Part::Hole);
                            out.extend(path);
                        }
                        _ => out.push(Part::Hole),
                    }
                }
                _ => out.push(Part::Hole),
            }
            return;
        }
        // `url.toString()`.
        if let Shape::Member(object, method) = &call.callee
            && method == "toString"
            && call.args.is_empty()
            && let Shape::Call(_) | Shape::Name(_) = **object
        {
            let inner = self.inner(file, id.chunk, object, depth);
            if inner.iter().any(|part| matches!(part, Part::Text(text) if text.contains('/'))) {
                return out.extend(inner);
            }
        }
        match self.given_back(file, id, depth) {
            Some(parts) => out.extend(parts),
            None => out.push(Part::Hole),
        }
    }

    /// The text that a function of the project makes of what it is given: `getUrl(path)`.
    fn given_back(&mut self, file: FileNo, id: CallId, depth: u32) -> Option<Vec<Part>> {
        let call = self.resolver.project_file(file)?.facts.call(id);
        let Symbol::Function(at, function) = self.resolver.symbol(file, id.chunk, &call.callee) else {
            return None;
        };
        let maker = self.resolver.project_file(at)?.facts.function(function);
        let few = (1..=MOST_RETURNS).contains(&maker.gives.len());
        if call.is_new || maker.kind == FunctionKind::Class || !few || self.inside >= INNERMOST {
            return None;
        }
        let of = Some((at, function.chunk, function.number));
        let mut texts = Texts { resolver: &mut *self.resolver, of, inside: self.inside + 1 };
        let read: Vec<Vec<Part>> =
            maker.gives.iter().map(|given| texts.inner(at, function.chunk, given, depth + 1)).collect();
        let mut out = Vec::new();
        for part in one_of(&read)? {
            match part {
                Part::Given(position) => match call.args.get(position as usize) {
                    Some(given) => self.read(file, id.chunk, given, depth + 1, &mut out),
                    None => out.push(Part::Hole),
                },
                part => out.push(part),
            }
        }
        Some(out)
    }

    fn inner(&mut self, file: FileNo, chunk: u32, shape: &Shape, depth: u32) -> Vec<Part> {
        let mut out = Vec::new();
        self.read(file, chunk, shape, depth + 1, &mut out);
        out
    }
}

/// The one text that several ways of making it come to. What stands behind `?` is no part of it; and of `path` and
/// `base + path` it is the longer one with something unknown in front: code that asks whether its path is a whole
/// address or has the base already.
fn one_of(sides: &[Vec<Part>]) -> Option<Vec<Part>> {
    let mut texts: Vec<Vec<Part>> = sides.iter().map(|parts| without_query(parts)).collect();
    texts.sort_by_key(Vec::len);
    texts.dedup();
    let mut found = match &texts[..] {
        [one] => one.clone(),
        [path, whole] => {
            let given = matches!(path[..], [Part::Given(_)]) && whole.ends_with(path);
            if !given || whole.iter().skip(1).any(|part| *part == Part::Hole) {
                return None;
            }
            let rest = whole.iter().filter(|part| **part != Part::Hole);
            std::iter::once(&Part::Hole).chain(rest).cloned().collect()
        }
        _ => return None,
    };
    // Whatever is written behind it belongs to the query as well.
    if sides.iter().any(|parts| without_query(parts) != *parts) {
        found.push(Part::Text("?".to_owned()));
    }
    Some(found)
}

/// The text up to its query.
fn without_query(parts: &[Part]) -> Vec<Part> {
    let mut out = Vec::new();
    for part in parts {
        let Part::Text(text) = part else {
            out.push(part.clone());
            continue;
        };
        let end = text.find(['?', '#']);
        let path = &text[..end.unwrap_or(text.len())];
        if !path.is_empty() || end.is_none() {
            out.push(Part::Text(path.to_owned()));
        }
        if end.is_some() {
            break;
        }
    }
    out
}

/// `http://localhost:3000` of a base.
fn authority(base: &[Part]) -> Vec<Part> {
    match base.first() {
        Some(Part::Text(text)) => {
            let after = text.find("://").map_or(0, |at| at + 3);
            let end = text[after..].find('/').map_or(text.len(), |at| after + at);
            vec![Part::Text(text[..end].to_owned())]
        }
        _ => vec![Part::Hole],
    }
}

/// Whether an expression is a global of this name that nothing shadows.
pub(super) fn is_global(facts: &FileFacts, shape: &Shape, name: &str) -> bool {
    matches!(shape, Shape::Name(it) if it.local.is_none() && it.text == name)
        && facts.import(name).is_none()
        && facts.binding(name).is_none()
}

/// What members of globals are: the own address of a page, and variables of the environment.
fn known_member(facts: &FileFacts, shape: &Shape) -> Option<Vec<Part>> {
    let root = shape.root().filter(|root| {
        root.local.is_none() && facts.import(&root.text).is_none() && facts.binding(&root.text).is_none()
    })?;
    let dotted = shape.dotted()?;
    if let Some(variable) = dotted.strip_prefix("process.env.").filter(|_| root.text == "process") {
        return Some(vec![if OWN_ADDRESS.contains(&variable) { Part::Env } else { Part::Hole }]);
    }
    let inside =
        ["window.", "globalThis.", "self.", "document."].iter().find_map(|it| dotted.strip_prefix(it));
    match inside.unwrap_or(&dotted) {
        "location.origin" => Some(Vec::new()),
        // As the base of a path.
        "location.href" => Some(vec![Part::Text("/".to_owned())]),
        _ => None,
    }
}

/// Where a URL leads: to whom, and the path without query. `None` where that is not to be told.
pub(super) fn place(parts: &[Part]) -> Option<(Origin, CompactString)> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Hole | Part::Given(_) => text.push(HOLE),
            Part::Env => text.push(ENV),
        }
    }
    let text = match text.find(['?', '#']) {
        Some(at) => &text[..at],
        None => text.as_str(),
    };
    let (origin, path) = if text.starts_with("//") {
        (Origin::External, "")
    } else if text.starts_with('/') || text.is_empty() {
        (Origin::Own, text)
    } else if let Some(rest) =
        ["http://", "https://", "ws://", "wss://"].iter().find_map(|scheme| text.strip_prefix(scheme))
    {
        let end = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let mut here =
            ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().filter_map(|name| host.strip_prefix(name));
        let port = here.find(|rest| rest.is_empty() || rest.starts_with([':', HOLE]));
        // Another port is another server, one of this project or not.
        let local = port.is_some_and(|port| {
            matches!(port, "" | ":3000") || port.trim_start_matches(':').starts_with(HOLE)
        });
        let other_port = port.is_some();
        let origin = match host {
            _ if local => Origin::Local,
            _ if other_port => Origin::Unknown,
            host if host.starts_with(ENV) => Origin::Env,
            host if host.contains([HOLE, ENV]) => Origin::Unknown,
            _ => Origin::External,
        };
        (origin, path)
    } else if let Some(rest) = text.strip_prefix(ENV) {
        (Origin::Env, rest)
    } else if text.starts_with(HOLE) {
        let rest = text.trim_start_matches(HOLE);
        let rest = match rest.strip_prefix("://") {
            Some(host) => &host[host.find('/').unwrap_or(host.len())..],
            None => rest,
        };
        (Origin::Unknown, rest)
    } else {
        return None;
    };
    let understood = path.is_empty() || path.starts_with('/');
    let plain = !path.contains(ENV) && !path.split('/').any(|it| matches!(it, "." | ".."));
    (understood && plain).then(|| (origin, path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_whose_it_is() {
        let text = |text: &str| Part::Text(text.to_owned());
        for (parts, expected) in [
            (vec![text("/api/users?x=1")], Some((Origin::Own, "/api/users"))),
            (vec![text("http://localhost:3000/api")], Some((Origin::Local, "/api"))),
            (vec![text("http://localhost:4000/api")], Some((Origin::Unknown, "/api"))),
            (vec![text("http://localhost:"), Part::Hole, text("/api")], Some((Origin::Local, "/api"))),
            (vec![text("https://"), Part::Env, text("/api")], Some((Origin::Env, "/api"))),
            (vec![text("https://"), Part::Hole, text("/api")], Some((Origin::Unknown, "/api"))),
            (vec![Part::Env, text("/api")], Some((Origin::Env, "/api"))),
            (vec![Part::Hole, text("/api")], Some((Origin::Unknown, "/api"))),
            (vec![Part::Hole, text("api")], None),
            (vec![text("https://example.com/api")], Some((Origin::External, "/api"))),
            (vec![text("//cdn.example.com/x")], Some((Origin::External, ""))),
            (vec![text("users")], None),
            (vec![text("/a/../b")], None),
        ] {
            let found = place(&parts);
            assert_eq!(found.as_ref().map(|(origin, path)| (*origin, path.as_str())), expected, "{parts:?}");
        }
    }
}
