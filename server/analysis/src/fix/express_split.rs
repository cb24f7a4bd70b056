//! An Express application inside a route file becomes route files: one for each path, with handlers of the web.

use super::code::{Code, each, is_written, scope_of};
use super::express_inside::{self, Inside, Route};
use super::express_place::{self, Place};
use super::extract::{Brought, import_lines, moved_source};
use super::method::is_imported;
use super::node_handler::Handler;
use super::offer::Offer;
use super::specifier::specifiers;
use super::{apply, edits};
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::path::FilePath;
use crate::syntax::Node;
use crate::text::Span;

/// Writes every route of the file's application as a handler of the web, in the file that Next.js serves its path from.
///
/// `None` where a part of the application has no sure counterpart: other middleware, a path that is more than names
/// and parameters, a handler that does more with its request and response than is known.
pub(super) fn split_routes(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let package = &offer.input.package;
    let next = package.next.as_ref()?;
    let major = package.versions.get("next")?.major;
    let inside = express_inside::read(&code)?;
    // Names that mean something of the web in the new files.
    let own = ["Response", "Request", "URL", "Headers", "params"].iter().any(|name| {
        let from_express = |node: Node<'_>| {
            super::code::ancestors(node)
                .any(|it| it.kind() == "import_statement" && code.of(it).contains("express"))
        };
        code.occurrences(code.root, name).into_iter().any(|it| scope_of(it).is_some() && !from_express(it))
    });
    if own || is_imported(offer) {
        return None;
    }
    let place = Place::of(offer, next.app_dir.as_ref()?, &inside.routes)?;
    let mut files: Vec<File<'_, '_>> = Vec::new();
    for route in &inside.routes {
        let folder = place.folder(&route.path)?;
        let handler = written(&code, route, major, matches!(offer.input.path.extension(), "ts" | "tsx"))?;
        let path = folder.join(offer.input.path.file_name());
        let number = files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            files.push(File { path, handlers: String::new(), routes: Vec::new() });
            files.len() - 1
        });
        files[number].add(&code, route, &handler);
    }
    let paths: Vec<&FilePath> = files.iter().map(|file| &file.path).collect();
    if !express_place::admits(offer, &paths) {
        return None;
    }
    let shared = match shared(&code, &inside, &files, &place)? {
        Helpers::Beside => None,
        Helpers::Module(path) => Some(path),
    };
    let mut out = Vec::new();
    let own = files.iter().position(|file| file.path == offer.input.path);
    let stays = own.unwrap_or(0);
    for (number, file) in files.iter().enumerate() {
        let text = file.text(&code, offer, &inside, shared.as_ref())?;
        if number == stays {
            let whole = Span::new(0, code.text.len() as u32);
            out.push(edits::replace(&code, whole, text));
            if own.is_none() {
                out.push(Edit::rename(offer.input.path.clone(), file.path.clone()));
            }
        } else {
            out.push(Edit::create(file.path.clone(), text));
        }
    }
    if let Some(path) = &shared {
        out.push(Edit::create(path.clone(), helpers(&code, offer, &inside, path)?));
    }
    let remains = match inside.left.as_slice() {
        [] => String::new(),
        [one] => format!(" (then set the headers of `{one}` in `next.config`)"),
        [first, second, ..] => {
            format!(" (then set the headers of `{first}` and `{second}` in `next.config`)")
        }
    };
    edits::fix(format!("Write each path as a route file{remains}"), Safety::Unsafe, out, &[offer.document])
}

/// A route file that comes to be.
struct File<'r, 'a> {
    path: FilePath,
    handlers: String,
    routes: Vec<&'r Route<'a>>,
}

impl<'r, 'a> File<'r, 'a> {
    fn add(&mut self, code: &Code<'a>, route: &'r Route<'a>, handler: &str) {
        let newline = code.style().newline;
        if !self.handlers.is_empty() {
            self.handlers.push_str(newline);
        }
        self.handlers.push_str(Span::new(route.comments.0, route.comments.1).of(code.text));
        self.handlers.push_str(handler);
        self.handlers.push_str(newline);
        self.routes.push(route);
    }

    /// The whole file.
    fn text(
        &self,
        code: &Code<'a>,
        offer: &Offer<'_>,
        inside: &Inside<'a>,
        shared: Option<&FilePath>,
    ) -> Option<String> {
        let newline = code.style().newline;
        let mut body = String::new();
        for option in &inside.options {
            body.push_str(code.span(*option).of(code.text));
            body.push_str(newline);
        }
        if !body.is_empty() {
            body.push_str(newline);
        }
        let mut wanted = self.handlers.clone();
        if shared.is_none() {
            for helper in needed(inside, code, &self.handlers)? {
                let statement = inside.helpers[helper].statement;
                let part = Span::new(code.with_comments(statement), code.end(statement)).of(code.text);
                body.push_str(part);
                body.push_str(newline);
                body.push_str(newline);
                wanted.push_str(part);
                wanted.push_str(newline);
            }
        }
        body.push_str(&self.handlers);
        let mut brought = brought(code, offer, inside, &wanted, &self.path)?;
        if let Some(path) = shared {
            let at = Document::new(self.path.clone(), 0, code.text.to_owned());
            let source = specifiers(&Code::new(&at)?, &offer.input.package, path).into_iter().next()?;
            for helper in
                inside.helpers.iter().filter(|helper| uses(&self.handlers, helper.name) == Some(true))
            {
                let typed =
                    matches!(helper.statement.kind(), "interface_declaration" | "type_alias_declaration");
                brought.push(Brought {
                    is_file: true,
                    source: source.clone(),
                    imported: helper.name.to_owned(),
                    local: helper.name.to_owned(),
                    type_only: typed,
                });
            }
        }
        Some(with_imports(code, &brought, &body))
    }
}

/// A route's function as an exported handler.
fn written(code: &Code<'_>, route: &Route<'_>, major: u64, typescript: bool) -> Option<String> {
    let function = route.function;
    let parameters = form::parameters(function);
    let (first, rest) = parameters.split_first()?;
    let name = |node: &Node<'_>| {
        let pattern = node.field("pattern").unwrap_or(*node);
        (pattern.kind() == "identifier").then(|| code.of(pattern))
    };
    let (request, response, last) = match rest {
        [second] => (name(first)?, name(second)?, *second),
        // What hands the request on, where it never does.
        [second, third] => {
            let body = function.field("body")?;
            code.occurrences(body, name(third)?)
                .is_empty()
                .then(|| (name(first), name(second), *third))
                .and_then(|(request, response, last)| Some((request?, response?, last)))?
        }
        _ => return None,
    };
    if function.kind().contains("generator") || mentions_this(function) {
        return None;
    }
    let names: Vec<&str> = route.path.split('/').filter_map(|segment| segment.strip_prefix(':')).collect();
    let mut handler = Handler::new(code, function, request);
    handler.params = Some(if major >= 15 { "await params" } else { "params" });
    let body = function.field("body")?;
    let reads_params = each_member(code, body, request, "params");
    let more = match (reads_params, typescript) {
        (false, _) => String::new(),
        (true, false) => format!(", {}", code.style().braces("params")),
        (true, true) => {
            let fields: Vec<String> = names.iter().map(|name| format!("{name}: string")).collect();
            let object = format!("{{ {} }}", fields.join("; "));
            let kind = if major >= 15 { format!("Promise<{object}>") } else { object };
            format!(", {{ params }}: {{ params: {kind} }}")
        }
    };
    let untyped = first.field("type").is_none();
    let annotated = if typescript && untyped { format!(": Request{more}") } else { more };
    handler.signature(*first, last, &annotated)?;
    handler.body(response)?;
    let (mut all, waits) = (handler.edits, handler.waits || form::is_async(function));
    let head = format!("export {}function {}", if waits { "async " } else { "" }, route.method);
    let parameters = function.field("parameters")?;
    let before = Span::new(function.start_byte() as u32, parameters.start_byte() as u32);
    let mut front = String::new();
    if function.kind() == "arrow_function" && body.kind() != "statement_block" {
        let word = if waits { "async " } else { "" };
        front = format!("export const {} = ", route.method);
        all.push(edits::replace(code, before, word.to_owned()));
    } else {
        all.push(edits::replace(code, before, head));
    }
    if function.kind() == "arrow_function" && body.kind() == "statement_block" {
        let end = function.field("return_type").unwrap_or(parameters).end_byte() as u32;
        all.push(edits::replace(code, Span::new(end, body.start_byte() as u32), " ".to_owned()));
    }
    let start = function.start_byte() as u32;
    let mut own = Vec::new();
    for edit in edits::join(all)? {
        let inside = edit.span.start >= start && edit.span.end <= function.end_byte() as u32;
        inside.then_some(())?;
        own.push(Edit { span: Span::new(edit.span.start - start, edit.span.end - start), ..edit });
    }
    let text = front.clone() + &apply(code.of(function), &own);
    let end = if front.is_empty() { "" } else { code.style().semi };
    Some(outdented(code, function, &text)? + end)
}

/// The text of what stood at `node`, at the left margin.
fn outdented(code: &Code<'_>, node: Node<'_>, text: &str) -> Option<String> {
    let indent = code.indent(node.start_byte() as u32);
    if indent.is_empty() {
        return Some(text.to_owned());
    }
    let mut literal = false;
    each(node, |it| {
        literal |= matches!(it.kind(), "template_string" | "comment") && code.of(it).contains('\n');
        !literal
    });
    let lines = text.split_inclusive('\n').enumerate();
    let strip = |(number, line): (usize, &str)| {
        if number == 0 { line.to_owned() } else { line.strip_prefix(indent).unwrap_or(line).to_owned() }
    };
    (!literal).then(|| lines.map(strip).collect())
}

fn mentions_this(function: Node<'_>) -> bool {
    let mut found = false;
    each(function, |node| {
        found |= node.kind() == "this";
        !found
    });
    found
}

/// Whether a property of a value is read anywhere in a node.
fn each_member<'a>(code: &Code<'a>, within: Node<'a>, object: &str, key: &str) -> bool {
    code.occurrences(within, object).into_iter().any(|place| {
        place.parent().is_some_and(|member| {
            member.field("object") == Some(place)
                && member.field("property").is_some_and(|it| code.of(it) == key)
        })
    })
}

/// Whether a text uses a name that it does not declare; `None` where it has no tree.
fn uses(text: &str, name: &str) -> Option<bool> {
    let document = Document::new(FilePath::new("/new.ts"), 0, text.to_owned());
    let code = Code::new(&document)?;
    Some(code.occurrences(code.root, name).into_iter().any(|node| scope_of(node).is_none()))
}

/// The declarations that a text needs, with all that those need, in the order of the file.
fn needed<'a>(inside: &Inside<'a>, code: &Code<'a>, text: &str) -> Option<Vec<usize>> {
    let mut found: Vec<usize> = Vec::new();
    let mut texts = vec![text.to_owned()];
    while let Some(text) = texts.pop() {
        for (number, helper) in inside.helpers.iter().enumerate() {
            if !found.contains(&number) && uses(&text, helper.name)? {
                found.push(number);
                texts.push(code.span(helper.statement).of(code.text).to_owned());
            }
        }
    }
    found.sort_unstable();
    Some(found)
}

/// Where the declarations of the file go.
enum Helpers {
    /// Each to the one file that needs it.
    Beside,
    /// To a module of their own: several files need one of them.
    Module(FilePath),
}

/// Where the declarations go. `None` where they cannot be shared so.
fn shared<'a>(
    code: &Code<'a>,
    inside: &Inside<'a>,
    files: &[File<'_, 'a>],
    place: &Place,
) -> Option<Helpers> {
    let mut by_file = Vec::new();
    for file in files {
        by_file.push(needed(inside, code, &file.handlers)?);
    }
    let count = |helper: usize| by_file.iter().filter(|needed| needed.contains(&helper)).count();
    // What nobody uses may be there for what it does.
    if (0..inside.helpers.len()).any(|helper| count(helper) == 0) {
        return None;
    }
    if (0..inside.helpers.len()).all(|helper| count(helper) == 1) {
        return Some(Helpers::Beside);
    }
    // What is imported cannot be set.
    let functions = || files.iter().flat_map(|file| &file.routes).map(|route| route.function);
    let sets = |name: &str| functions().any(|it| code.occurrences(it, name).into_iter().any(is_written));
    if inside.helpers.iter().any(|helper| sets(helper.name)) {
        return None;
    }
    let extension = if code.document.path().extension().starts_with('t') { "ts" } else { "js" };
    Some(Helpers::Module(place.base.join(&format!("shared.{extension}"))))
}

/// The file of the declarations.
fn helpers<'a>(code: &Code<'a>, offer: &Offer<'_>, inside: &Inside<'a>, path: &FilePath) -> Option<String> {
    let newline = code.style().newline;
    if offer.sources.document(path).is_some() {
        return None;
    }
    let mut body = String::new();
    for helper in &inside.helpers {
        if !body.is_empty() {
            body.push_str(newline);
        }
        let start = helper.statement.start_byte() as u32;
        body.push_str(Span::new(code.with_comments(helper.statement), start).of(code.text));
        body.push_str("export ");
        body.push_str(code.span(helper.statement).of(code.text));
        body.push_str(newline);
    }
    let brought = brought(code, offer, inside, &body, path)?;
    Some(with_imports(code, &brought, &body))
}

/// What a text needs of the file's imports, as the file at `path` has to write it. `None` where it needs Express.
fn brought<'a>(
    code: &Code<'a>,
    offer: &Offer<'_>,
    inside: &Inside<'a>,
    text: &str,
    path: &FilePath,
) -> Option<Vec<Brought>> {
    let mut out = Vec::new();
    for import in &inside.imports {
        for name in &import.names {
            // The types of Express have the names of those of the web.
            let of_web = import.source == "express" && matches!(name.local, "Request" | "Response");
            if of_web || !uses(text, name.local)? {
                continue;
            }
            if import.source == "express" {
                return None;
            }
            let source = moved_source(code, &offer.input.package, import.source, path)?;
            out.push(Brought {
                is_file: source.starts_with('.'),
                source,
                imported: name.imported.to_owned(),
                local: name.local.to_owned(),
                type_only: import.type_only || name.type_only,
            });
        }
    }
    out.sort();
    Some(out)
}

/// A file of imports and what uses them.
fn with_imports(code: &Code<'_>, brought: &[Brought], body: &str) -> String {
    let style = code.style();
    let mut out = String::new();
    let alike = |a: &Brought, b: &Brought| a.source == b.source && a.type_only == b.type_only;
    for names in brought.chunk_by(alike) {
        for line in import_lines(&style, names, false) {
            out.push_str(&line);
            out.push_str(style.semi);
            out.push_str(style.newline);
        }
    }
    if !out.is_empty() {
        out.push_str(style.newline);
    }
    out + body
}
