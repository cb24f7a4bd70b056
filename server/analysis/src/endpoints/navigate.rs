//! Ways between URLs in the code and what answers them.

use compact_str::CompactString;

use super::{Auth, Call, auth_of};
use crate::path::FilePath;
use crate::project::calls::{Caller, Client, ClientCall, Place, answerers};
use crate::project::routes::address::Fit;
use crate::project::routes::table::{Answer, Kind, Route};
use crate::project::{Edge, FileNo, Project};
use crate::text::Span;

/// A place that answers requests, or makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The file.
    pub path: FilePath,
    /// The place in it.
    pub span: Span,
    /// `GET /api/users/[id]`.
    pub name: String,
}

/// What there is to say above a handler.
#[derive(Clone, Debug)]
pub struct Lens {
    /// The name of the handler.
    pub span: Span,
    /// In capitals; `None` where the handler itself looks at the method.
    pub method: Option<CompactString>,
    /// The URL, as the framework writes it.
    pub url: String,
    /// Whether somebody checks who asks.
    pub auth: Auth,
    /// Who in the project asks for it.
    pub callers: Vec<Call>,
}

/// A URL in the code, and what answers it.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where the URL stands, with its quotes.
    pub span: Span,
    /// What answers.
    pub targets: Vec<Target>,
}

/// A request as others see it.
pub(super) fn call(project: &Project, caller: Caller) -> Option<Call> {
    let input = project.file(caller.file)?;
    let request = request(project, caller)?;
    let span = request.span(&input.facts);
    Some(Call { path: input.path.clone(), span, method: request.method.clone(), sure: caller.sure })
}

fn request(project: &Project, caller: Caller) -> Option<&ClientCall> {
    project.links(caller.file)?.requests.get(caller.number as usize)
}

/// The requests whose URL stands at a place of a file: several where it is one of two texts.
pub(super) fn requests_at(project: &Project, file: FileNo, offset: u32) -> Vec<&ClientCall> {
    let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { return Vec::new() };
    let mut found: Vec<&ClientCall> =
        links.requests.iter().filter(|request| request.span(&input.facts).touches(offset)).collect();
    // Of one place only.
    let place = found.first().map(|request| request.place);
    found.retain(|request| Some(request.place) == place);
    found
}

/// What answers a request: the handler of its method, else all handlers of the route.
pub(super) fn answers<'p>(
    project: &'p Project,
    file: FileNo,
    request: &ClientCall,
) -> Vec<(&'p Route, &'p Answer)> {
    let table = project.table();
    let mut out = Vec::new();
    for found in answerers(project, table, file, request) {
        let route = &table.routes[found.route];
        match request.method.as_deref().and_then(|method| route.answer(method)) {
            Some(answer) => out.push((route, answer)),
            None => out.extend(route.answers.iter().map(|answer| (route, answer))),
        }
    }
    out
}

/// Where requests are answered.
fn targets<'p>(
    project: &Project,
    requests: impl IntoIterator<Item = (FileNo, &'p ClientCall)>,
) -> Vec<Target> {
    let mut out: Vec<Target> = requests
        .into_iter()
        .flat_map(|(file, request)| answers(project, file, request))
        .filter_map(|(route, answer)| target(project, route, answer))
        .collect();
    out.sort();
    out.dedup();
    out
}

/// The requests that are made by what is named at a place: by a call there of a function of the project that asks for
/// what it is given, or by every call of the one that is declared there.
fn wrapped_at(project: &Project, file: FileNo, offset: u32) -> Option<(Span, Vec<(FileNo, &ClientCall)>)> {
    called_at(project, file, offset).or_else(|| declared_at(project, file, offset))
}

/// The request that is made by calling the function that is named at a place.
fn called_at(project: &Project, file: FileNo, offset: u32) -> Option<(Span, Vec<(FileNo, &ClientCall)>)> {
    let input = project.file(file)?;
    let links = project.links(file)?;
    for request in links.requests.iter().filter(|request| request.by == Client::Wrapper) {
        let Place::Argument(id, _) = request.place else { continue };
        let call = input.facts.call(id);
        let head = input.facts.span(id.chunk, call.head);
        let length = call.callee.last().map_or(head.len(), |name| name.len() as u32);
        let name = Span::new(head.end.saturating_sub(length).max(head.start), head.end);
        if name.touches(offset) {
            return Some((name, vec![(file, request)]));
        }
    }
    None
}

/// The requests that are made by calling the function that is declared at a place.
fn declared_at(project: &Project, file: FileNo, offset: u32) -> Option<(Span, Vec<(FileNo, &ClientCall)>)> {
    let input = project.file(file)?;
    let chunk = input.facts.chunk_at(offset)?;
    let functions = &input.facts.chunks[chunk as usize].facts.functions;
    let head = |number: u32| input.facts.span(chunk, functions[number as usize].head);
    // A function that is a value has its name in front: `remove: (path) =>`, `const remove = (path) =>`.
    let named = |number: u32, name: &str| {
        let at = input.facts.span(chunk, functions[number as usize].at);
        let (length, own) = (name.len() as u32, head(number));
        if own.len() == length && own.start > at.start {
            return own.touches(offset);
        }
        let end = at.start.saturating_sub(": ".len() as u32);
        let start = at.start.saturating_sub(length + " = ".len() as u32);
        (start..=end).contains(&offset)
    };
    let mut found: Vec<(u32, (FileNo, &ClientCall))> = Vec::new();
    for other in project.numbers() {
        let (Some(asking), Some(links)) = (project.file(other), project.links(other)) else { continue };
        for request in links.requests.iter().filter(|request| request.by == Client::Wrapper) {
            let Place::Argument(id, _) = request.place else { continue };
            let name = asking.facts.call(id).callee.last().unwrap_or_default();
            let here = |edge: &&Edge| edge.call == Some(id) && edge.to.0 == file && edge.to.1.chunk == chunk;
            let to = links.edges.iter().filter(here).map(|edge| edge.to.1.number);
            found.extend(to.filter(|number| named(*number, name)).map(|number| (number, (other, request))));
        }
    }
    let innermost = found.iter().map(|(number, _)| *number).max()?;
    found.retain(|(number, _)| *number == innermost);
    Some((head(innermost), found.into_iter().map(|(_, request)| request).collect()))
}

pub(super) fn target(project: &Project, route: &Route, answer: &Answer) -> Option<Target> {
    let path = project.file(route.file)?.path.clone();
    Some(Target { path, span: answer.span(project, route.file)?, name: name(route, answer) })
}

/// `GET /api/users/[id]`.
fn name(route: &Route, answer: &Answer) -> String {
    match answer.method.as_deref() {
        Some(method) if route.kind == Kind::Endpoint => format!("{method} {}", route.url),
        _ => route.url.clone(),
    }
}

/// The answers that are named at a place of a file, with their routes.
pub(super) fn named_at(project: &Project, file: FileNo, offset: u32) -> Vec<(usize, &Route, &Answer)> {
    of_file(project, file)
        .filter(|(_, route, answer)| {
            answer.span(project, route.file).is_some_and(|span| span.touches(offset))
        })
        .collect()
}

/// The answers of a file, with their routes.
pub(super) fn of_file(project: &Project, file: FileNo) -> impl Iterator<Item = (usize, &Route, &Answer)> {
    let table = project.table();
    let routes = table.of_file(file).iter().map(|&number| (number, &table.routes[number]));
    routes.flat_map(|(number, route)| route.answers.iter().map(move |answer| (number, route, answer)))
}

/// Who asks for an answer: requests with its method, and those whose method is not known.
pub(super) fn callers_of(project: &Project, number: usize, answer: &Answer) -> Vec<Call> {
    let table = project.table();
    let route = &table.routes[number];
    let Some(callers) = project.callers().get(number) else { return Vec::new() };
    callers
        .iter()
        .filter(|caller| {
            let method = request(project, **caller).and_then(|request| request.method.as_deref());
            method.is_none_or(|method| route.answer(method) == Some(answer))
        })
        .filter_map(|caller| call(project, *caller))
        .collect()
}

impl Project {
    /// What answers the URL that stands at a place, or what the function asks for that is declared there and makes
    /// its URL of what it is given: the handlers.
    pub fn url_definition(&self, path: &FilePath, offset: u32) -> Option<Link> {
        let file = self.number(path)?;
        self.url_link(file, offset).or_else(|| self.wrapped_link(declared_at(self, file, offset)?))
    }

    /// What answers the URL that stands at a place, or what the function of the project that is named there asks for.
    pub fn url_implementation(&self, path: &FilePath, offset: u32) -> Option<Link> {
        let file = self.number(path)?;
        self.url_link(file, offset).or_else(|| self.wrapped_link(wrapped_at(self, file, offset)?))
    }

    fn url_link(&self, file: FileNo, offset: u32) -> Option<Link> {
        let requests = requests_at(self, file, offset);
        let span = requests.first()?.span(&self.file(file)?.facts);
        let targets = targets(self, requests.into_iter().map(|request| (file, request)));
        (!targets.is_empty()).then_some(Link { span, targets })
    }

    fn wrapped_link(&self, (span, requests): (Span, Vec<(FileNo, &ClientCall)>)) -> Option<Link> {
        let targets = targets(self, requests);
        (!targets.is_empty()).then_some(Link { span, targets })
    }

    /// Who asks for what is named at a place: for a handler those that ask for it, for a URL those that ask for
    /// the same. `None` where neither stands there.
    pub fn url_references(&self, path: &FilePath, offset: u32) -> Option<(Vec<Call>, Vec<Target>)> {
        let file = self.number(path)?;
        let named = named_at(self, file, offset);
        if !named.is_empty() {
            let calls =
                named.iter().flat_map(|(number, _, answer)| callers_of(self, *number, answer)).collect();
            let own = named.iter().filter_map(|(_, route, answer)| target(self, route, answer)).collect();
            return Some((calls, own));
        }
        let requests = requests_at(self, file, offset);
        if requests.is_empty() {
            let (_, requests) = wrapped_at(self, file, offset)?;
            return Some(through(self, &requests));
        }
        let table = self.table();
        let mut calls = Vec::new();
        for request in &requests {
            let found = answerers(self, table, file, request);
            for number in found.iter().filter(|it| it.fit == Fit::Yes).map(|it| it.route) {
                let route = &table.routes[number];
                match request.method.as_deref().and_then(|method| route.answer(method)) {
                    Some(answer) => calls.extend(callers_of(self, number, answer)),
                    None => calls.extend(self.callers()[number].iter().filter_map(|it| call(self, *it))),
                }
            }
        }
        Some((calls, targets(self, requests.into_iter().map(|request| (file, request)))))
    }

    /// Every URL in a file that the project answers.
    pub fn url_links(&self, path: &FilePath) -> Vec<Link> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let (Some(input), Some(links)) = (self.file(file), self.links(file)) else { return Vec::new() };
        links
            .requests
            .chunk_by(|a, b| a.place == b.place)
            .map(|requests| Link {
                span: requests[0].span(&input.facts),
                targets: targets(self, requests.iter().map(|request| (file, request))),
            })
            .filter(|link| !link.targets.is_empty())
            .collect()
    }

    /// What there is to say above each handler of a file, in the order of the file.
    pub fn lenses(&self, path: &FilePath) -> Vec<Lens> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let mut out: Vec<Lens> = of_file(self, file)
            .filter(|(_, route, _)| route.kind == Kind::Endpoint)
            .filter_map(|(number, route, answer)| {
                Some(Lens {
                    span: answer.span(self, file)?,
                    method: answer.method.clone(),
                    url: route.url.clone(),
                    auth: auth_of(self, route, answer),
                    callers: callers_of(self, number, answer),
                })
            })
            .collect();
        out.sort_by(|a, b| (a.span, &a.url).cmp(&(b.span, &b.url)));
        out.dedup_by(|a, b| a.span == b.span && a.url == b.url);
        out
    }

    /// The handlers of a file by method and URL, in the order of the file.
    pub fn route_symbols(&self, path: &FilePath) -> Vec<Target> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let own = of_file(self, file).filter(|(_, route, _)| route.kind == Kind::Endpoint);
        let mut out: Vec<Target> = own.filter_map(|(_, route, answer)| target(self, route, answer)).collect();
        out.sort_by(|a, b| (a.span, &a.name).cmp(&(b.span, &b.name)));
        out.dedup();
        out
    }

    /// The handlers whose method and URL hold the letters of `query` in its order, the best first, at most `most`.
    /// `@/api/users` is about the URL alone.
    pub fn find_routes(&self, query: &str, most: usize) -> Vec<Target> {
        let query = query.trim().trim_start_matches('@');
        let table = self.table();
        let mut found: Vec<(u32, Target)> = Vec::new();
        for route in table.routes.iter().filter(|route| route.kind == Kind::Endpoint) {
            for answer in &route.answers {
                let Some(cost) = likeness(query, &name(route, answer)) else { continue };
                found.extend(target(self, route, answer).map(|target| (cost, target)));
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.1 == b.1);
        found.into_iter().take(most).map(|(_, target)| target).collect()
    }
}

/// The places of requests, and what answers them.
fn through(project: &Project, requests: &[(FileNo, &ClientCall)]) -> (Vec<Call>, Vec<Target>) {
    let mut calls = Vec::new();
    for (file, request) in requests {
        let Some(input) = project.file(*file) else { continue };
        let span = request.span(&input.facts);
        calls.push(Call { path: input.path.clone(), span, method: request.method.clone(), sure: true });
    }
    (calls, targets(project, requests.iter().copied()))
}

/// How far a name is from what is looked for; `None` where the letters are not there in this order.
fn likeness(query: &str, name: &str) -> Option<u32> {
    let name_lower = name.to_lowercase();
    let query: String = query.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let solid: String = name_lower.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(at) = solid.find(&query) {
        return Some(at as u32);
    }
    let mut cost = 1000;
    let mut rest = solid.chars();
    for wanted in query.chars() {
        loop {
            match rest.next() {
                Some(c) if c == wanted => break,
                Some(_) => cost += 1,
                None => return None,
            }
        }
    }
    Some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_a_part_and_by_their_letters() {
        let find = |query: &str| likeness(query, "GET /api/users/[id]");
        assert_eq!(find(""), Some(0));
        assert!(find("/api/users") < find("guid"));
        assert!(find("get users").is_some());
        assert_eq!(find("orders"), None);
    }
}
