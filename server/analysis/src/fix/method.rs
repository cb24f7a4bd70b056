//! Route files whose handlers bear another name than a method's.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, ancestors, only_declarator};
use crate::fix::{edits, statements};
use crate::form;
use crate::project::METHODS;
use crate::syntax::{self, Node};
use crate::text::Span;

use super::offer::Offer;

/// `export function get` becomes `export function GET`, with every use in the file. Not where other files import the
/// name, or where the file has the other one too.
pub(super) fn rename_method(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let old = offer.finding.span.of(code.text);
    let method = METHODS.iter().find(|method| method.eq_ignore_ascii_case(old) && **method != old)?;
    if is_imported(offer) || code.mentions(method) {
        return None;
    }
    let uses = code.occurrences(code.root, old);
    let shorthand = |kind: &str| kind.starts_with("shorthand_property");
    if uses.is_empty() || uses.iter().any(|it| shorthand(it.kind())) {
        return None;
    }
    let out = uses.iter().map(|it| edits::replace(&code, syntax::span(*it), (*method).to_owned())).collect();
    edits::fix(format!("Call it `{method}`"), Safety::Safe, out, &[offer.document])
}

/// Exports what is called `GET` already.
pub(super) fn export_method(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span).filter(|name| METHODS.contains(&code.of(*name)))?;
    let statement = code.top_level(name).filter(|node| node.kind() != "export_statement")?;
    let declares = name.parent() == Some(statement)
        || only_declarator(statement).and_then(|it| it.field("name")) == Some(name);
    if !declares || code.mentions("module") || code.mentions("exports") {
        return None;
    }
    let edit = edits::insert(&code, statement.start_byte() as u32, "export ".to_owned());
    edits::fix(format!("Export `{}`", code.of(name)), Safety::Safe, vec![edit], &[offer.document])
}

/// `export default function handler(request)` becomes `export function GET(request)`, or `POST` where it reads a body.
pub(super) fn name_default_export(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let handler = DefaultExport::of(offer, &code)?;
    let body = handler.function.field("body")?;
    let mentions = |key: &str| {
        handler.request.is_some_and(|name| {
            code.occurrences(body, name).into_iter().any(|it| property(&code, it) == Some(key))
        })
    };
    let asked = handler.request.is_some_and(|name| asks_method(&code, body, name));
    if asked || handler.request.is_none() && !form::parameters(handler.function).is_empty() {
        return None;
    }
    let reads_body =
        ["json", "text", "formData", "arrayBuffer", "blob", "bytes", "body"].into_iter().any(mentions);
    let method = if reads_body { "POST" } else { "GET" };
    let (safety, remains) = match (handler.is_node_style(&code), reads_body) {
        (true, _) => (Safety::Unsafe, " (then let it return a `Response`)"),
        // `PUT` and `PATCH` have a body too.
        (false, true) => (Safety::Unsafe, " (or as the method that clients send)"),
        (false, false) => (Safety::Safe, ""),
    };
    let out = handler.named(&code, method)?;
    edits::fix(format!("Export it as `{method}`{remains}"), safety, out, &[offer.document])
}

/// Whether another file loads the finding's, or may.
pub(super) fn is_imported(offer: &Offer<'_>) -> bool {
    let loads = |file| offer.project.links(file).is_some_and(|links| links.loads.contains(&offer.file));
    !offer.project.is_complete() || offer.project.numbers().any(|file| file != offer.file && loads(file))
}

/// Whether the method of a request is asked for anywhere in a node.
pub(super) fn asks_method<'a>(code: &Code<'a>, node: Node<'a>, request: &str) -> bool {
    code.occurrences(node, request).into_iter().any(|it| {
        // `const { method } = request` too.
        let taken = it.parent().filter(|parent| parent.kind() == "variable_declarator");
        property(code, it) == Some("method") || taken.is_some_and(|it| code.of(it).contains("method"))
    })
}

/// The property that is read of a value: `json` at `request.json()`.
fn property<'a>(code: &Code<'a>, object: Node<'a>) -> Option<&'a str> {
    let member = object
        .parent()
        .filter(|node| node.kind() == "member_expression" && node.field("object") == Some(object))?;
    Some(code.of(member.field("property")?))
}

/// A function that a file exports by default, for nobody else in the project.
pub(super) struct DefaultExport<'a> {
    /// The `export` statement.
    pub(super) statement: Node<'a>,
    pub(super) function: Node<'a>,
    /// What the first parameter is called.
    pub(super) request: Option<&'a str>,
    /// The declaration, where the export only names it.
    declaration: Option<Node<'a>>,
}

impl<'a> DefaultExport<'a> {
    pub(super) fn of(offer: &Offer<'_>, code: &Code<'a>) -> Option<Self> {
        let start = offer.finding.span.start as usize;
        let leaf = code.root.descendant_for_byte_range(start, start + 1)?;
        let statement = ancestors(leaf).find(|node| node.kind() == "export_statement")?;
        let is_default = statement.children().any(|child| child.kind() == "default");
        let exported = statement.field("declaration").or_else(|| statement.field("value"))?;
        if !is_default || is_imported(offer) || METHODS.iter().any(|method| code.mentions(method)) {
            return None;
        }
        let (function, declaration) = if exported.kind() == "identifier" {
            let name = code.of(exported);
            let declared = code.statements().into_iter().find_map(|node| {
                let named = |it: Node<'a>| it.field("name").is_some_and(|it| code.of(it) == name);
                match node.kind() {
                    "function_declaration" => named(node).then_some((node, node)),
                    "lexical_declaration" => {
                        let value = only_declarator(node).filter(|it| named(*it))?.field("value");
                        Some((value?, node))
                    }
                    _ => None,
                }
            })?;
            (declared.0, Some(declared.1))
        } else {
            (exported, None)
        };
        if !form::is_function(function) || function.has_error() || function.kind().contains("generator") {
            return None;
        }
        let first = form::parameters(function).into_iter().next();
        let request = first
            .map(|it| it.field("pattern").unwrap_or(it))
            .filter(|it| it.kind() == "identifier")
            .map(|it| code.of(it));
        let handler = Self { statement, function, request, declaration };
        // Nobody in the file calls it.
        let uses = handler.name().map_or(0, |name| code.occurrences(code.root, code.of(name)).len());
        (uses <= 1 + usize::from(declaration.is_some())).then_some(handler)
    }

    /// Where the function's own name stands.
    pub(super) fn name(&self) -> Option<Node<'a>> {
        let declarator = self.function.parent().filter(|it| it.kind() == "variable_declarator");
        declarator.unwrap_or(self.function).field("name")
    }

    /// `(req, res)` as `pages/api` and Express have it.
    pub(super) fn is_node_style(&self, code: &Code<'a>) -> bool {
        let parameters = form::parameters(self.function);
        let typed = |it: &Node<'a>| it.field("type").is_some_and(|it| code.of(it).contains("NextApi"));
        let second = parameters.get(1).map(|it| it.field("pattern").unwrap_or(*it));
        let answers = second.filter(|it| it.kind() == "identifier").is_some_and(|name| {
            code.occurrences(self.function, code.of(name))
                .into_iter()
                .any(|it| property(code, it).is_some_and(|key| !matches!(key, "params" | "then")))
        });
        answers || parameters.iter().any(typed)
    }

    /// Edits that export the function by a name instead.
    pub(super) fn named(&self, code: &Code<'a>, method: &str) -> Option<Vec<Edit>> {
        if let (Some(declaration), Some(name)) = (self.declaration, self.name()) {
            let mut out = statements::remove(code, &[self.statement])?;
            out.push(edits::insert(code, declaration.start_byte() as u32, "export ".to_owned()));
            out.push(edits::replace(code, syntax::span(name), method.to_owned()));
            return Some(out);
        }
        let head = Span::new(self.statement.start_byte() as u32, self.function.start_byte() as u32);
        if self.function.kind() == "arrow_function" {
            return Some(vec![edits::replace(code, head, format!("export const {method} = "))]);
        }
        let parameters = self.function.field("parameters")?;
        let word = self.function.children().find(|child| child.kind() == "function")?;
        let named = Span::new(word.end_byte() as u32, parameters.start_byte() as u32);
        Some(vec![
            edits::replace(code, head, "export ".to_owned()),
            edits::replace(code, named, format!(" {method}")),
        ])
    }
}
