//! Calls of Express 4 as Express 5 has them.

use super::code::{Code, ancestors, is_function};
use super::edits;
use super::imports;
use super::offer::Offer;
use super::statements;
use crate::check::written_path;
use crate::finding::{Edit, Fix, Safety};
use crate::form::express::given;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Rewrites one call; nothing where the new form depends on what is not written there.
pub(super) fn current_express_api(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("call")?;
    let span = |name: &str| captures.iter().find(|(known, _)| *known == name).map(|(_, span)| *span);
    let call = code.node(span("call")?)?;
    let callee = call.field("function")?;
    let property = callee.field("property")?;
    let object = callee.field("object")?;
    let list = call.field("arguments")?;
    let arguments: Vec<Node<'_>> = list.named_children().collect();
    let method = code.of(property);
    let mut safety = Safety::Safe;
    let name = |to: &str| edits::replace(&code, syntax::span(property), to.to_owned());
    let out = match (method, arguments.as_slice()) {
        ("del", _) => vec![name("delete")],
        ("acceptsCharset" | "acceptsEncoding" | "acceptsLanguage", _) => vec![name(&format!("{method}s"))],
        ("send" | "json" | "jsonp", [first, second]) => {
            let (status, body) = match (is_number(*first), is_number(*second)) {
                (false, true) => (*second, *first),
                (true, false) => (*first, *second),
                _ => return None,
            };
            with_status(&code, object, list, status, body)
        }
        ("send", [status]) if is_number(*status) => vec![name("sendStatus")],
        ("sendfile", [path, rest @ ..]) => {
            let absolute = code.of(*path).contains("__dirname")
                || ["path.resolve(", "resolve(", "require.resolve("]
                    .iter()
                    .any(|it| code.of(*path).starts_with(it))
                || written_path(code.of(*path)).is_some_and(|path| path.starts_with('/'));
            let mut out = vec![name("sendFile")];
            if !absolute && rest.is_empty() && path.kind() == "string" {
                // A relative path was read from the working directory.
                let root = format!(", {}", code.style().braces("root: process.cwd()"));
                out.push(edits::insert(&code, path.end_byte() as u32, root));
            } else if !absolute {
                safety = Safety::Unsafe;
            }
            out
        }
        ("redirect", [url, status]) if is_number(*status) => {
            let text = format!("({}, {})", code.of(*status), code.of(*url));
            vec![edits::replace(&code, syntax::span(list), text)]
        }
        ("redirect", [.., back]) => vec![edits::replace(&code, syntax::span(*back), referrer(&code, call)?)],
        ("status", [text]) => {
            let number = written_path(code.of(*text)).filter(|it| it.parse::<u16>().is_ok())?;
            vec![edits::replace(&code, syntax::span(*text), number)]
        }
        ("param", [key]) => {
            let key = written_path(code.of(*key))?;
            let request = code.of(object);
            is_in_path(&code, call, &key).then_some(())?;
            vec![edits::replace(&code, syntax::span(call), format!("{request}.params.{key}"))]
        }
        _ => return None,
    };
    edits::fix(title(&code, method, &out), safety, out, &[offer.document])
}

fn title(code: &Code<'_>, method: &str, out: &[Edit]) -> String {
    match (method, out) {
        ("send", [one]) if one.new_text == "sendStatus" => "Call `sendStatus()`".to_owned(),
        ("send" | "json" | "jsonp", _) => "Set the status with `status()`".to_owned(),
        ("redirect", [one]) if one.new_text.starts_with('(') => "Give the status first".to_owned(),
        ("redirect", _) => "Ask for the `Referrer` header".to_owned(),
        (_, [one, ..]) if one.new_text.len() < 40 => format!("Write `{}`", one.new_text),
        _ => format!("Rewrite `{}`", code.document.path().file_name()),
    }
}

fn is_number(node: Node<'_>) -> bool {
    node.kind() == "number"
}

/// `res.send(body, 201)` as `res.status(201).send(body)`.
fn with_status(
    code: &Code<'_>,
    object: Node<'_>,
    list: Node<'_>,
    status: Node<'_>,
    body: Node<'_>,
) -> Vec<Edit> {
    let at = object.end_byte() as u32;
    let gone = |from: Node<'_>, to: Node<'_>, before: bool| {
        if before {
            Span::new(from.start_byte() as u32, to.start_byte() as u32)
        } else {
            Span::new(from.end_byte() as u32, to.end_byte() as u32)
        }
    };
    let first = status.start_byte() < body.start_byte();
    let out = if first { gone(status, body, true) } else { gone(body, status, false) };
    debug_assert!(list.start_byte() as u32 <= out.start);
    vec![edits::insert(code, at, format!(".status({})", code.of(status))), edits::delete(code, out)]
}

/// Where the client came from, asked of the request that the function around is given.
fn referrer(code: &Code<'_>, call: Node<'_>) -> Option<String> {
    let function = ancestors(call).skip(1).find(|it| is_function(*it))?;
    let request = given(function, code.text).into_iter().next()?;
    let known = crate::form::express::is_request_name(request.name) && !request.name.is_empty();
    let quote = code.style().quote;
    known.then(|| format!("{}.get({quote}Referrer{quote}) || {quote}/{quote}", request.name))
}

/// Whether the route that the call stands in names a parameter.
fn is_in_path(code: &Code<'_>, call: Node<'_>, key: &str) -> bool {
    ancestors(call).skip(1).filter(|it| it.kind() == "call_expression").any(|route| {
        let path = route.field("arguments").and_then(|it| it.named_child(0));
        let path = path.and_then(|path| written_path(code.of(path))).unwrap_or_default();
        path.split(['/', '.', '-', '{', '}']).any(|part| part.strip_prefix(':') == Some(key))
    })
}

/// Takes out the statement that loads a package.
pub(super) fn remove_import(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span).filter(|it| it.kind() == "string")?;
    let statement = ancestors(at).find(|node| node.parent() == Some(code.root))?;
    let bare = match statement.kind() {
        "import_statement" => {
            imports::imports(&code).iter().any(|it| it.statement == statement && it.names.is_empty())
        }
        // `require("x")` as a statement of its own.
        "expression_statement" => statement.named_child(0).is_some_and(|it| it.kind() == "call_expression"),
        _ => false,
    };
    let out = bare.then(|| statements::remove(&code, &[statement]))??;
    edits::fix("Remove it".to_owned(), Safety::Safe, out, &[offer.document])
}
