//! What stays in Next.js: for each method a handler that asks the service, and what they share.

use super::handler::base_path;
use super::service::Service;
use super::{Refusal, Route};
use crate::facts::Shape;
use crate::finding::Edit;
use crate::fix::specifier::specifiers;
use crate::path::FilePath;
use crate::project::{METHODS, Resolution, routes, runtime, segment_text};
use crate::text::Span;

/// What sends a request on, in both languages.
const SHARED: [&str; 2] = [include_str!("app/api-service.ts"), include_str!("app/api-service.js")];

/// The same for a handler of `pages/api`.
const SHARED_PAGES: [&str; 2] =
    [include_str!("app/api-service-pages.ts"), include_str!("app/api-service-pages.js")];

/// The variable that names the service.
const VARIABLE: &str = "API_SERVICE_URL=http://localhost:4000";

/// What a route file says to Next.js that a handler elsewhere could not keep.
pub(super) fn judge(route: &Route<'_>) -> Result<(), Refusal> {
    let input = route.input;
    let facts = &input.facts;
    let Some(next) = &input.package.next else { return Ok(()) };
    if shared(route, route.pages).is_some_and(|shared| input.resolutions.contains(&Resolution::File(shared)))
    {
        return route.refuse(Span::default(), "The service answers this route already.");
    }
    if next.output.as_deref() == Some("export") {
        return route
            .refuse(Span::default(), "The app is exported as files, so that nothing could ask the service.");
    }
    if runtime(input).is_some_and(|runtime| runtime.contains("edge")) {
        return route
            .refuse(option(route, "runtime"), "The handler runs on the edge runtime, which Node.js is not.");
    }
    if segment_text(facts, "dynamic").is_some_and(|it| it != "force-dynamic" && it != "auto") {
        return route.refuse(option(route, "dynamic"), "The answer is made when the app is built.");
    }
    for name in ["revalidate", "fetchCache", "generateStaticParams", "experimental_ppr"] {
        if facts.export(name).is_some() {
            return route.refuse(option(route, name), format!("Next.js keeps answers as `{name}` says."));
        }
    }
    if is_kept(route) {
        let reason = "This version of Next.js keeps the answer of a GET that does not look at the request.";
        return route.refuse(option(route, "GET"), reason);
    }
    if route.pages {
        return judge_config(route);
    }
    if methods(route).is_empty() {
        return route.refuse(Span::default(), "The file exports no handler.");
    }
    Ok(())
}

/// What `config` of a handler of `pages/api` says has to stand in the file: it is read on both sides.
fn judge_config(route: &Route<'_>) -> Result<(), Refusal> {
    let facts = &route.input.facts;
    if facts.export("default").is_none() {
        return route.refuse(Span::default(), "The file exports no handler.");
    }
    if facts.export("config").is_none() {
        return Ok(());
    }
    let plain = facts.binding("config").is_some_and(|(_, decl)| matches!(decl.value, Shape::Object(_)));
    if plain { Ok(()) } else { route.refuse(option(route, "config"), "It is not known what `config` says.") }
}

/// Other files that call the handlers: they would ask the service instead.
pub(super) fn takers(route: &Route<'_>) -> Result<(), Refusal> {
    let input = route.input;
    for file in route.project.numbers().filter(|file| *file != route.file) {
        let Some(other) = route.project.file(file) else { continue };
        if other.resolutions.contains(&Resolution::File(input.path.clone())) {
            let reason =
                format!("This file imports {}, which would only ask the service.", input.path.file_name());
            return Err(Refusal::new(&other.path, Span::default(), reason));
        }
    }
    Ok(())
}

/// Where an export stands.
fn option(route: &Route<'_>, name: &str) -> Span {
    let facts = &route.input.facts;
    facts.export(name).map_or(Span::default(), |(chunk, export)| facts.span(chunk, export.at))
}

/// Up to Next.js 14 a GET is asked when the app is built, unless it looks at the request or says otherwise.
fn is_kept(route: &Route<'_>) -> bool {
    let old = route.input.package.major("next").is_some_and(|major| major < 15);
    let facts = &route.input.facts;
    if !old || facts.export("GET").is_none() || segment_text(facts, "dynamic").is_some() {
        return false;
    }
    let code = route.code;
    let looks = code.statements().into_iter().any(|statement| {
        let declaration = statement.field("declaration");
        let named = declaration.and_then(|it| it.field("name")).is_some_and(|it| code.of(it) == "GET");
        let Some(function) = declaration.filter(|_| named) else { return false };
        let first = crate::form::parameters(function).first().copied();
        let name = first.map(|it| it.field("pattern").unwrap_or(it)).map(|it| code.of(it));
        let body = function.field("body");
        name.zip(body).is_some_and(|(name, body)| !code.occurrences(body, name).is_empty())
    });
    !looks
}

/// The methods that the file answers.
fn methods(route: &Route<'_>) -> Vec<&'static str> {
    METHODS.iter().copied().filter(|method| route.input.facts.export(method).is_some()).collect()
}

/// The file in which the request is sent on.
fn shared(route: &Route<'_>, pages: bool) -> Option<FilePath> {
    let next = route.input.package.next.as_ref()?;
    let typescript = matches!(route.input.path.extension(), "ts" | "tsx");
    let name = if pages { "api-service-pages" } else { "api-service" };
    let extension = if typescript { "ts" } else { "js" };
    Some(routes::beside(next)?.join(&format!("lib/{name}.{extension}")))
}

/// The route file as it is from now on, and what it needs.
pub(super) fn edits(route: &Route<'_>, service: &Service, kept: &[String]) -> Vec<Edit> {
    let Some(named) = shared(route, route.pages) else { return Vec::new() };
    let code = route.code;
    let style = code.style();
    let specifier = specifiers(code, &route.input.package, &named).into_iter().next().unwrap_or_default();
    let (newline, end) = (style.newline, style.semi);
    let forward = if route.pages { "forwardApi" } else { "forward" };
    let mut lines = vec![
        format!("import {} from {}{end}", style.braces(forward), style.string(&specifier)),
        String::new(),
        format!("// Answered by the Express service in {}.", service.name()),
    ];
    lines.extend(kept.iter().cloned());
    if route.pages {
        // The body passes through as it comes.
        let api = "api: { bodyParser: false, externalResolver: true, responseLimit: false }";
        lines.push(format!("export const config = {{ {}{api} }}{end}", duration(route)));
        lines.push(String::new());
        lines.push(format!("export default {forward}{end}"));
    } else {
        lines.extend(
            methods(route).into_iter().map(|method| format!("export const {method} = {forward}{end}")),
        );
    }
    lines.push(String::new());
    let whole = Span::new(0, code.text.len() as u32);
    let mut out = vec![Edit::replace(route.input.path.clone(), whole, lines.join(newline))];
    for (pages, texts) in [(false, SHARED), (true, SHARED_PAGES)] {
        if let Some(path) =
            shared(route, pages).filter(|path| (!pages || route.pages) && route.text(path).is_none())
        {
            let text = texts[usize::from(path.extension() != "ts")];
            out.push(Edit::create(path, text.to_owned()));
        }
    }
    let example = route.root.join(".env.example");
    match route.text(&example) {
        None => out.push(Edit::create(example, format!("# Where the API service listens.\n{VARIABLE}\n"))),
        Some(text) if !text.contains("API_SERVICE_URL") => {
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            let end = Span::at(text.len() as u32);
            let more = format!("{gap}# Where the API service listens.\n{VARIABLE}\n");
            out.push(Edit::replace(example, end, more));
        }
        Some(_) => {}
    }
    out
}

/// The time limit that `config` of a handler of `pages/api` sets.
fn duration(route: &Route<'_>) -> String {
    let config = route.input.facts.binding("config");
    let limit = config.and_then(|(_, decl)| decl.value.get("maxDuration"));
    match limit {
        Some(Shape::Number(seconds)) => format!("maxDuration: {seconds}, "),
        _ => String::new(),
    }
}

/// What is to be known of the way through Next.js.
pub(super) fn left(route: &Route<'_>) -> Vec<String> {
    let mut out = vec![
        "Set `API_SERVICE_URL` where the Next.js app runs; in development it is `http://localhost:4000`.".to_owned(),
        "The time limit of the app's host still holds for what passes through it: who needs longer asks the service \
         itself."
            .to_owned(),
    ];
    let base = base_path(route);
    if !base.is_empty() {
        out.push(format!("Who asks the service itself leaves out `{base}`."));
    }
    let routes = route.project.routes();
    let endpoint = routes.iter().find(|endpoint| endpoint.path == route.input.path);
    if let Some(proxy) = endpoint.and_then(|endpoint| endpoint.middleware.first()) {
        out.push(format!(
            "`{proxy}` runs for requests through Next.js only: what it checks, the service has to check where it can \
             be asked from outside."
        ));
    }
    out
}
