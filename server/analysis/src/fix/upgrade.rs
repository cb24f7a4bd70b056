//! WebSockets in the way of Vercel: `GET` upgrades its own request.

use super::code::{Code, ancestors, enclosing_function};
use super::export::unused_imports;
use super::offer::Offer;
use super::server::{Library, Removed};
use super::{edits, floating, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::project::routes;
use crate::syntax::{self, Node};

const PACKAGE: &str = "@vercel/functions";
const UPGRADE: &str = "experimental_upgradeWebSocket";

/// `return experimental_upgradeWebSocket((socket) => { … })`, with what the server of `ws` does for each connection.
///
/// `None` off Vercel and without Fluid compute, where there is no such function, and where `GET` does anything else.
pub(super) fn upgrade_web_socket(offer: &Offer<'_>) -> Option<Fix> {
    let package = &offer.input.package;
    let off = package.vercel.as_ref().is_some_and(|vercel| vercel.fluid == Some(false));
    if &*package.target.id != "vercel" || off || routes::kind(offer.input) != Some("app-route") {
        return None;
    }
    if !matches!(Library::of(offer)?, Library::Ws) {
        return None;
    }
    let code = Code::new(offer.document)?;
    let removed = Removed::of(offer, &code, false)?;
    if removed.handler.is_some_and(|handler| form::parameters(handler).len() > 1) {
        return None;
    }
    // The function that gets the connection stays, and what it needs.
    let stays =
        |name: &&str| removed.handler.is_some_and(|handler| !code.occurrences(handler, name).is_empty());
    let mut unused = unused_imports(&code, &removed.statements);
    unused.retain(|name| !stays(name));
    let (name, mut all) = floating::import(&code, &[PACKAGE], UPGRADE, &unused)?;
    all.extend(edits_of(&code, &removed, &name)?);
    let old = package.versions.get(PACKAGE).is_some_and(|it| (it.major, it.minor) < (3, 7));
    let first = match (package.dependencies.contains(PACKAGE), old) {
        (false, _) => format!("install `{PACKAGE}`; "),
        (true, true) => format!("update `{PACKAGE}` to 3.7; "),
        (true, false) => String::new(),
    };
    let title = format!("Upgrade the request with `{UPGRADE}()` ({first}a beta that runs on Vercel only)");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

fn edits_of(code: &Code<'_>, removed: &Removed<'_>, name: &str) -> Option<Vec<Edit>> {
    let get = get(code)?;
    // A handler of another method would lose what it has of the sockets.
    let own = enclosing_function(*removed.statements.first()?);
    let plain = get.field("return_type").is_none_or(|it| code.of(it).contains("Promise<"));
    if !plain || own.is_some_and(|own| own != get) {
        return None;
    }
    let body = get.field("body")?;
    let given = if body.kind() == "statement_block" {
        let all = body.named_children();
        let left: Vec<Node<'_>> = all.filter(|it| !removed.statements.contains(it)).collect();
        let [answer] = left.as_slice() else { return None };
        answer.named_child(0).filter(|_| answer.kind() == "return_statement")?
    } else {
        body
    };
    // What it answered to requests that could not be upgraded.
    if !["new Response(null", "new NextResponse(null"].iter().any(|start| code.of(given).starts_with(start)) {
        return None;
    }
    let mut out = statements::remove(code, &removed.statements)?;
    out.push(edits::replace(code, syntax::span(given), call(code, removed, name, body != given)));
    Some(out)
}

/// The function that answers GET.
fn get<'a>(code: &Code<'a>) -> Option<Node<'a>> {
    let name = code
        .occurrences(code.root, "GET")
        .into_iter()
        .find(|name| ancestors(*name).any(|node| node.kind() == "export_statement"))?;
    let declares = name.parent()?;
    let function = match declares.kind() {
        "variable_declarator" => declares.field("value")?,
        _ => declares,
    };
    form::is_function(function).then_some(function)
}

/// The call with the function that gets the connection, at the margin or one step inside a function.
fn call(code: &Code<'_>, removed: &Removed<'_>, name: &str, inside: bool) -> String {
    let style = code.style();
    let (line, step) = (style.newline, style.indent);
    let handler = removed.handler.map_or_else(
        || {
            let message = style.string("message");
            let semi = style.semi;
            format!(
                "(socket) => {{{line}{step}socket.on({message}, (data) => socket.send(data)){semi}{line}}}"
            )
        },
        |handler| code.outdented(syntax::span(handler), code.indent(handler.start_byte() as u32)),
    );
    let inner: Vec<&str> = handler.lines().collect();
    format!("{name}({})", inner.join(&format!("{line}{}", if inside { step } else { "" })))
}
