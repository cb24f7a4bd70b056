//! Handlers for the methods that a route does not answer yet.

use super::place::Statement;
use super::{Completion, Kind, declares, escaped};
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::fix::imports::{self, Wanted};
use crate::package::Version;
use crate::project::FileInput;
use crate::project::routes;

/// What a handler begins with.
const KEYWORDS: &str = "export async function ";

/// The methods, in the order in which they are offered. `HEAD` and `OPTIONS` are answered by Next.js itself.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A part of the route's path that stands for something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Param {
    name: String,
    /// `string`, `string[]`.
    kind: &'static str,
    optional: bool,
}

/// The handlers that can be written at a place.
pub(super) fn completions(input: &FileInput, rest: &Code<'_>, statement: &Statement) -> Vec<Completion> {
    if !statement.admits(KEYWORDS) {
        return Vec::new();
    }
    let Some(next) = &input.package.next else { return Vec::new() };
    let Some(url) = routes::url(next, &input.path) else { return Vec::new() };
    let route = url.strip_prefix(next.base_path.as_str()).filter(|rest| !rest.is_empty()).unwrap_or(&url);
    let exported = next.output.as_deref() == Some("export");
    let writer = Writer::new(input, rest, route, statement.span.start);
    METHODS
        .iter()
        .filter(|method| !exported || **method == "GET")
        .filter(|method| !declares(rest, method))
        .filter_map(|method| {
            let filter = statement.filter(method, KEYWORDS)?;
            let (insert, edits) = writer.handler(method);
            Some(Completion {
                label: (*method).to_owned(),
                detail: format!("handler of {method} {url}"),
                documentation: about(method, &url),
                insert,
                snippet: true,
                kind: Kind::Function,
                span: statement.span,
                filter,
                edits,
            })
        })
        .collect()
}

fn about(method: &str, url: &str) -> String {
    let more = match method {
        "HEAD" => " Without it, Next.js answers `HEAD` from `GET`.",
        "OPTIONS" => " Without it, Next.js answers `OPTIONS` with the methods that the file exports.",
        _ => "",
    };
    format!("Answers `{method} {url}`.{more}")
}

/// What all handlers of one file have in common.
struct Writer<'a> {
    /// The file without the statement that is being typed.
    rest: &'a Code<'a>,
    route: &'a str,
    params: Vec<Param>,
    /// The installed version of Next.js, where it is known.
    version: Option<Version>,
    typed: bool,
    /// Where the handler goes.
    at: u32,
    indent: &'static str,
    newline: &'static str,
    semi: &'static str,
    quote: char,
}

impl<'a> Writer<'a> {
    fn new(input: &FileInput, rest: &'a Code<'a>, route: &'a str, at: u32) -> Self {
        let style = rest.style();
        Self {
            rest,
            route,
            params: route.split('/').filter_map(param).collect(),
            version: input.package.versions.get("next").cloned(),
            typed: matches!(input.path.extension(), "ts" | "tsx"),
            at,
            indent: style.indent,
            newline: style.newline,
            semi: style.semi,
            quote: style.quote,
        }
    }

    fn from(&self, major: u64, minor: u64) -> bool {
        self.version.as_ref().is_some_and(|it| (it.major, it.minor) >= (major, minor))
    }

    /// A handler as a snippet, and what it needs elsewhere in the file.
    fn handler(&self, method: &str) -> (String, Vec<Edit>) {
        let (request, edits, head) = self.request();
        let (context, names) = self.context();
        let takes_request =
            matches!(method, "POST" | "PUT" | "PATCH") || !context.is_empty() || method == "GET";
        let arguments = match (takes_request, context.is_empty()) {
            (false, _) => String::new(),
            (true, true) => request,
            (true, false) => format!("{request}, {context}"),
        };
        let mut lines = Vec::new();
        lines.extend(names);
        match method {
            "POST" | "PUT" | "PATCH" => {
                lines.push("const body = await request.json()".to_owned());
                let status = if method == "POST" { ", { status: 201 }" } else { "" };
                lines.push(format!("return Response.json(${{0:body}}{})", escaped(status)));
            }
            "DELETE" => lines.push(escaped("return new Response(null, { status: 204 })") + "$0"),
            "HEAD" => lines.push("return new Response(null)$0".to_owned()),
            "OPTIONS" => {
                let allow = escaped(&format!("{{ status: 204, headers: {{ Allow: {0}", self.quote));
                let end = escaped(&format!("{0} }} }}", self.quote));
                lines.push(format!("return new Response(null, {allow}${{0:GET}}{end})"));
            }
            _ => lines.push("return Response.json({ $0 \\})".to_owned()),
        }
        let (newline, indent, semi) = (self.newline, self.indent, self.semi);
        let lines: Vec<String> = lines.iter().map(|line| format!("{indent}{line}{semi}{newline}")).collect();
        let body = lines.concat();
        let head = if takes_request { head } else { String::new() };
        let edits = if takes_request { edits } else { Vec::new() };
        (
            format!("{head}export async function {method}({}) {{{newline}{body}\\}}", escaped(&arguments)),
            edits,
        )
    }

    /// The first parameter, the edits that import its type, and the import as text where it has to stand
    /// right before the handler.
    fn request(&self) -> (String, Vec<Edit>, String) {
        if !self.typed {
            return ("request".to_owned(), Vec::new(), String::new());
        }
        let wanted = Wanted {
            sources: vec!["next/server".to_owned()],
            imported: "NextRequest".to_owned(),
            local: "NextRequest".to_owned(),
        };
        let known = imports::imports(self.rest).iter().any(|import| {
            import.source == "next/server" && import.names.iter().any(|it| it.local == "NextRequest")
        });
        if known {
            return ("request: NextRequest".to_owned(), Vec::new(), String::new());
        }
        if self.rest.text[..self.at as usize].trim().is_empty() {
            let line = imports::statement(self.rest, &wanted, false);
            let head = format!("{}{1}{1}", escaped(&line), self.newline);
            return ("request: NextRequest".to_owned(), Vec::new(), head);
        }
        let edits = imports::rewrite(self.rest, Some(&wanted), &[], false).unwrap_or_default();
        // An edit at the very place of the completion would be applied in no certain order, and what comes
        // after it has moved.
        let apart = edits.iter().all(|edit| edit.span.end < self.at);
        if edits.is_empty() || !apart {
            return ("request: Request".to_owned(), Vec::new(), String::new());
        }
        ("request: NextRequest".to_owned(), edits, String::new())
    }

    /// The second parameter, and the line that takes the parts of the path out of it.
    fn context(&self) -> (String, Option<String>) {
        // Which form is right depends on the version.
        if self.params.is_empty() || self.version.is_none() {
            return (String::new(), None);
        }
        let names: Vec<&str> = self.params.iter().map(|param| param.name.as_str()).collect();
        // `[user-id]` is no name of a variable.
        let plain = names.iter().all(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let names = escaped(&format!("{{ {} }}", names.join(", ")));
        let promised = self.from(15, 0);
        let take = |from: &str| {
            let wait = if promised { "await " } else { "" };
            plain.then(|| format!("const {names} = {wait}{from}"))
        };
        if self.typed && self.from(15, 5) {
            let context = format!("ctx: RouteContext<{0}{1}{0}>", self.quote, self.route);
            return (context, take("ctx.params"));
        }
        let take = take("params");
        if !self.typed {
            return ("{ params }".to_owned(), take);
        }
        let fields: Vec<String> = self
            .params
            .iter()
            .map(|param| {
                let name = &param.name;
                let name =
                    if name.contains('-') { format!("{0}{name}{0}", self.quote) } else { name.clone() };
                format!("{name}{}: {}", if param.optional { "?" } else { "" }, param.kind)
            })
            .collect();
        let object = format!("{{ {} }}", fields.join("; "));
        let kind = if promised { format!("Promise<{object}>") } else { object };
        (format!("{{ params }}: {{ params: {kind} }}"), take)
    }
}

/// `[id]`, `[...all]`, `[[...all]]`.
fn param(segment: &str) -> Option<Param> {
    let inside = segment.strip_prefix('[')?.strip_suffix(']')?;
    let (inside, optional) = match inside.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        Some(inside) => (inside, true),
        None => (inside, false),
    };
    let (name, kind) = match inside.strip_prefix("...") {
        Some(name) => (name, "string[]"),
        None => (inside, "string"),
    };
    Some(Param { name: name.to_owned(), kind, optional })
}
