//! Words about what a handler is given with the request.

use crate::facts::Shape;
use crate::project::{Resolver, Symbol};
use crate::rules::Word;

use super::super::Site;
use super::handlers::is_request;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "answers",
        1,
        |site, condition, evidence| {
            let Some(at) = site.captured(condition) else { return false };
            let Some(function) = site.function_at(at.at.start) else { return false };
            let links = site.project.links(site.file);
            let root = (site.file, function);
            let mut entries = links
                .into_iter()
                .flat_map(|links| &links.entries)
                .filter(|entry| entry.roots.contains(&root))
                .peekable();
            if let Some(entry) = entries.peek() {
                evidence.set("entry", entry.label.clone());
            }
            entries.peek().is_some()
                && entries.all(|entry| {
                    entry.method.as_deref().is_some_and(|method| condition.words().any(|word| word == method))
                })
        },
        "`(#answers? @at \"GET\")`: the innermost function around the code is a handler of this file, itself or inside wrappers, for these methods and no others",
    ),
    Word::of(
        "request-url",
        0,
        |site, condition, _| {
            site.captured(condition).is_some_and(|url| is_request_url(site, &site.shape(url), 0))
        },
        "`(#request-url? @url)`: the value is the URL of the request that a route handler is given: `request.nextUrl`, `new URL(request.url)`, or a name for one of them",
    ),
];

fn is_request_url(site: &Site<'_>, shape: &Shape, depth: u32) -> bool {
    match shape {
        Shape::Member(object, key) => key == "nextUrl" && is_request(site, object, &["app-route"]),
        Shape::Call(number) => {
            let call = &site.chunk_facts().calls[*number as usize];
            let is_url = Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee)
                == Symbol::Global("URL".into());
            let of_request = matches!(call.args.first(), Some(Shape::Member(object, key))
                if key == "url" && is_request(site, object, &["app-route"]));
            call.is_new && is_url && of_request
        }
        Shape::Name(name) => name.local.is_some_and(|local| {
            let decl = &site.chunk_facts().decls[local as usize];
            decl.parameter.is_none() && depth < 4 && is_request_url(site, &decl.value, depth + 1)
        }),
        _ => false,
    }
}
