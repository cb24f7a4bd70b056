//! What a text would ask for while it is being written: whether it stands where a URL does, and what is put before it.

use compact_str::CompactString;

use super::url::{Origin, Part, Texts, place};
use super::wrappers::Wrappers;
use super::{Client, Place, clients};
use crate::facts::{CallId, Shape};
use crate::project::routes::address::HOLE;
use crate::project::routes::{Role, role};
use crate::project::{FileNo, Project, Resolver};

/// A place where the text of a URL stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    pub(crate) place: Place,
    pub(crate) by: Client,
    /// In capitals, where the code says it.
    pub(crate) method: Option<CompactString>,
    /// What is put before the text, with [`HOLE`]s.
    pub(crate) before: String,
}

/// Stands for what is being written.
const MARK: &str = "\u{2}";

/// The request whose URL is being written at a place of a file.
pub(crate) fn asking(project: &Project, file: FileNo, offset: u32) -> Option<Asking> {
    let input = project.file(file)?;
    // As where requests are looked for: a proxy has no address to ask by a path.
    if input.package.next.as_ref().is_some_and(|next| role(next, &input.path) == Role::Proxy) {
        return None;
    }
    let facts = &input.facts;
    let chunk = facts.chunk_at(offset)?;
    let inside = |place: Place| {
        let span = place.span(facts);
        (span.start < offset && offset < span.end).then_some((span.len(), place))
    };
    let own = &facts.chunks[chunk as usize].facts;
    let mut places = Vec::new();
    for (number, call) in own.calls.iter().enumerate() {
        let id = CallId { chunk, number: number as u32 };
        for (argument, shape) in call.args.iter().enumerate() {
            places.extend(inside(match shape {
                Shape::Object(_) => Place::Options(id, argument as u32),
                _ => Place::Argument(id, argument as u32),
            }));
        }
    }
    places.extend((0..own.elements.len() as u32).filter_map(|number| inside(Place::Element(chunk, number))));
    // The innermost one is what is being written; a call around it is given something else.
    places.sort_unstable();
    let mut resolver = Resolver::new(project);
    places.into_iter().find_map(|(_, place)| at(project, &mut resolver, file, place))
}

fn at(project: &Project, resolver: &mut Resolver<'_>, file: FileNo, place: Place) -> Option<Asking> {
    let facts = &project.file(file)?.facts;
    let (id, argument) = match place {
        Place::Argument(id, argument) | Place::Options(id, argument) => (id, argument),
        Place::Element(chunk, number) => {
            let element = &facts.chunks[chunk as usize].facts.elements[number as usize];
            let by = clients::leader(&mut Texts::new(resolver, None), file, chunk, element)?;
            let method = match &element.method {
                None => Some("GET".into()),
                Some(Shape::Text(method)) => Some(method.to_uppercase()),
                Some(_) => None,
            };
            return Some(Asking { place, by, method, before: String::new() });
        }
    };
    let mut call = facts.call(id).clone();
    let given = call.args.get_mut(argument as usize)?;
    let mark = || Shape::Text(MARK.into());
    match given {
        Shape::Object(entries) => entries.iter_mut().find(|(key, _)| key == "url")?.1 = mark(),
        Shape::Array(items) => *items.first_mut()? = mark(),
        other => *other = mark(),
    }
    let of = call.function.map(|function| (file, id.chunk, function));
    let mut texts = Texts::new(resolver, of);
    let asked = clients::asked(&mut texts, file, id, &call)
        .or_else(|| Wrappers::default().asked(&mut texts, file, id, &call))?;
    let options = matches!(place, Place::Options(..));
    if asked.argument != (argument, options) {
        return None;
    }
    let mut before = String::new();
    let mut found = false;
    for part in &asked.parts {
        match part {
            Part::Text(text) => match text.find(MARK) {
                Some(at) => {
                    before.push_str(&text[..at]);
                    found = true;
                    break;
                }
                None => before.push_str(text),
            },
            Part::Hole | Part::Given(_) | Part::Env => before.push(HOLE),
        }
    }
    // Whoever writes `fetch("` may be about to say a method behind it.
    let bare = asked.by == Client::Fetch && call.args.len() == 1 && !call.is_new;
    let method = asked.method.known().filter(|_| !bare);
    found.then_some(Asking { place, by: asked.by, method, before })
}

/// Where the path begins in the text of a URL that is being written, and whose it is; `None` where it is nobody's
/// of this project.
pub(crate) fn lead(text: &str) -> Option<usize> {
    let (origin, path) = place(&[Part::Text(text.to_owned())])?;
    (origin != Origin::External && !text.contains(['?', '#'])).then(|| text.len() - path.len())
}
