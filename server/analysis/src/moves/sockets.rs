//! WebSockets: a server with a port of its own becomes one on the HTTP server of the service.

use super::{Refusal, Route};
use crate::finding::Edit;
use crate::fix::code::{Code, each, only_declarator};
use crate::fix::edits::{insert, replace};
use crate::fix::imports::imports;
use crate::syntax::{self, Node};
use crate::text::Span;

/// The WebSocket server of a route file.
pub(super) struct Sockets {
    /// What the file calls it.
    pub(super) name: String,
    /// What changes in the file: it has no port, and is exported.
    pub(super) edits: Vec<Edit>,
}

/// Options that are about where a server listens.
const PLACE: &[&str] = &["port", "host", "backlog"];

/// The WebSocket server that the route file makes; an error where it is made in another way than the one understood.
pub(super) fn find(route: &Route<'_>) -> Result<Option<Sockets>, Refusal> {
    let code = route.code;
    let found = imports(code);
    let names: Vec<&str> = found
        .iter()
        .filter(|import| import.source == "ws")
        .flat_map(|import| &import.names)
        .filter(|name| matches!(name.imported, "WebSocketServer" | "Server"))
        .map(|name| name.local)
        .collect();
    let defaults = found.iter().filter(|import| import.source == "ws").flat_map(|import| &import.names);
    let members: Vec<String> = defaults
        .filter(|name| matches!(name.imported, "default" | "*"))
        .flat_map(|name| [format!("{}.Server", name.local), format!("{}.WebSocketServer", name.local)])
        .collect();
    let mut made = Vec::new();
    each(code.root, |node| {
        if node.kind() == "new_expression"
            && let Some(class) = node.field("constructor").map(|it| code.of(it))
            && (names.contains(&class) || members.iter().any(|member| member == class))
        {
            made.push(node);
        }
        true
    });
    let Some(first) = made.first().copied() else { return Ok(None) };
    let reason = "Only a WebSocket server that a module makes once, as `const … = new WebSocketServer({ port: … })`, \
                  can be moved.";
    let refuse = |node: Node<'_>, reason: &str| route.refuse(syntax::span(node), reason);
    if let Some(second) = made.get(1) {
        return refuse(*second, "A route can have one WebSocket server, and this is the second.");
    }
    if route.url.contains('[') {
        return refuse(first, "The path of a WebSocket server cannot have parameters.");
    }
    let Some((statement, name)) = declared(code, first) else { return refuse(first, reason) };
    let Some(options) = options(code, first) else { return refuse(first, reason) };
    if let Some(use_of_place) = of_listening(code, name) {
        return refuse(use_of_place, "The server has no port of its own any more, which this asks for.");
    }
    let mut edits = vec![replace(code, options.0, options.1)];
    if statement.kind() != "export_statement" {
        edits.push(insert(code, statement.start_byte() as u32, "export ".to_owned()));
    }
    Ok(Some(Sockets { name: name.to_owned(), edits }))
}

/// The statement of the module that declares a server, and its name.
fn declared<'a>(code: &Code<'a>, made: Node<'a>) -> Option<(Node<'a>, &'a str)> {
    let declarator = made.parent().filter(|it| it.kind() == "variable_declarator")?;
    let declaration = declarator.parent()?;
    let name = declarator.field("name").filter(|it| it.kind() == "identifier")?;
    only_declarator(declaration)?;
    let statement = declaration.parent().filter(|it| it.kind() == "export_statement").unwrap_or(declaration);
    (statement.parent() == Some(code.root)).then(|| (statement, code.of(name)))
}

/// Where the options stand, and the options of a server without a port.
fn options(code: &Code<'_>, made: Node<'_>) -> Option<(Span, String)> {
    let arguments = made.field("arguments")?;
    let object =
        arguments.named_child(0).filter(|it| it.kind() == "object" && arguments.named_child_count() == 1)?;
    let mut kept = vec!["noServer: true".to_owned()];
    let mut listens = false;
    for member in object.named_children() {
        let key = match member.kind() {
            "pair" => code.of(member.field("key")?),
            "shorthand_property_identifier" => code.of(member),
            _ => return None,
        };
        match key {
            "port" => listens = true,
            "server" | "noServer" | "path" => return None,
            _ if PLACE.contains(&key) => {}
            _ => kept.push(code.of(member).to_owned()),
        }
    }
    listens.then(|| (syntax::span(object), code.style().braces(&kept.join(", "))))
}

/// A use of a server that only makes sense where it listens itself.
fn of_listening<'a>(code: &Code<'a>, name: &str) -> Option<Node<'a>> {
    code.occurrences(code.root, name).into_iter().find_map(|place| {
        let member = place.parent().filter(|it| it.kind() == "member_expression")?;
        let property = code.of(member.field("property")?);
        let call = member.parent();
        let arguments = call.and_then(|call| call.field("arguments"));
        let event = arguments.and_then(|it| it.named_child(0)).map_or("", |it| code.of(it));
        let listening = matches!(event.trim_matches(['"', '\'']), "listening" | "close");
        (matches!(property, "address" | "options" | "close")
            || matches!(property, "on" | "once") && listening
            || property == "handleUpgrade")
            .then_some(member)
    })
}

/// What is to be done about those who connect.
pub(super) fn left(route: &Route<'_>) -> String {
    let clients = clients(route);
    let they = if clients.is_empty() { String::new() } else { format!(" ({})", clients.join(", ")) };
    format!(
        "WebSocket clients{they} connect to {} of the service now: Next.js passes no WebSocket on.",
        route.url
    )
}

/// Code that opens WebSockets.
fn clients(route: &Route<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for file in route.project.numbers().filter(|file| *file != route.file) {
        let Some(input) = route.project.file(file) else { continue };
        let Some(document) =
            route.sources.document(&input.path).filter(|it| it.text().contains("WebSocket("))
        else {
            continue;
        };
        let Some(code) = Code::new(&document) else { continue };
        each(code.root, |node| {
            let opens = node.kind() == "new_expression"
                && node.field("constructor").is_some_and(|it| code.of(it) == "WebSocket");
            if opens {
                let line = document.lines().line_of(node.start_byte() as u32) + 1;
                out.push(format!("{}:{line}", input.path.strip(&route.root).unwrap_or(input.path.as_str())));
            }
            true
        });
    }
    out
}
