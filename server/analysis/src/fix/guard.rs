//! The text of a client that one process makes once, however often its module is evaluated.
//!
//! Next.js evaluates one module several times in a process: again on every edit while developing, and in
//! production once each for route handlers, pages and the proxy. All of them share `globalThis`, so that
//! is where the client is kept, always, not in development only.

use crate::fix::code::{Code, each};
use crate::fix::imports::{Import, imports};
use crate::syntax::Node;

/// The lines around a client's initialiser.
pub(crate) struct Guard {
    /// Statements that come first, without `;`.
    pub(crate) before: Vec<String>,
    /// What the variable is initialised with.
    pub(crate) value: String,
    /// The statement that comes after, without `;`.
    pub(crate) after: String,
}

/// How the place on `globalThis` is typed.
enum Kept {
    /// Not at all: JavaScript.
    Untyped,
    /// By a type that can be written down.
    Type(String),
    /// By what a function returns that makes it.
    Made,
}

/// Names of properties that every process has, which are no place for a client.
const GLOBALS: &[&str] = &[
    "caches",
    "console",
    "crypto",
    "event",
    "fetch",
    "global",
    "globalThis",
    "location",
    "name",
    "navigator",
    "origin",
    "parent",
    "performance",
    "process",
    "self",
    "status",
    "top",
    "window",
];

/// What is guarded.
pub(crate) struct Client<'a> {
    /// The variable.
    pub(crate) name: &'a str,
    /// The property of `globalThis`.
    pub(crate) key: &'a str,
    /// The whole initialiser as written.
    pub(crate) value: Node<'a>,
    /// Its text, indented as it shall be.
    pub(crate) text: &'a str,
    /// The `new …` or call in it.
    pub(crate) made: Node<'a>,
    /// The type that the declaration names.
    pub(crate) annotation: Option<&'a str>,
}

/// The guard, in terms of the file that `code` is. `None` where no free name or no type can be found.
pub(crate) fn guard(code: &Code<'_>, client: &Client<'_>) -> Option<Guard> {
    let Client { name, key, text, .. } = *client;
    if GLOBALS.contains(&key) || redeclared(code, "globalThis") {
        return None;
    }
    let kept = kept(code, client)?;
    if matches!(kept, Kept::Untyped) {
        return Some(Guard {
            before: Vec::new(),
            value: format!("globalThis.{key} ?? {}", operand(client)),
            after: format!("globalThis.{key} = {name}"),
        });
    }
    let holder = code.free_name(&format!("globalFor{}", capital(key)))?;
    let open = |of: &str| {
        let inner = code.style().braces(&format!("{key}?: {of}"));
        format!("const {holder} = globalThis as unknown as {inner}")
    };
    let after = format!("{holder}.{key} = {name}");
    Some(match kept {
        Kept::Type(of) => {
            Guard { before: vec![open(&of)], value: format!("{holder}.{key} ?? {}", operand(client)), after }
        }
        Kept::Made | Kept::Untyped => {
            let make = code.free_name(&format!("create{}", capital(name)))?;
            Guard {
                before: vec![
                    format!("const {make} = () => {text}"),
                    open(&format!("ReturnType<typeof {make}>")),
                ],
                value: format!("{holder}.{key} ?? {make}()"),
                after,
            }
        }
    })
}

/// The initialiser as the right side of `??`.
fn operand(client: &Client<'_>) -> String {
    match client.value.kind() {
        "new_expression"
        | "call_expression"
        | "parenthesized_expression"
        | "member_expression"
        | "array"
        | "object" => client.text.to_owned(),
        _ => format!("({})", client.text),
    }
}

fn kept(code: &Code<'_>, client: &Client<'_>) -> Option<Kept> {
    if !is_typescript(code) {
        // With `@ts-check` an untyped property is an error.
        return (!code.text.contains("@ts-check")).then_some(Kept::Untyped);
    }
    if let Some(annotation) = client.annotation {
        return Some(Kept::Type(annotation.to_owned()));
    }
    let plain = client.value == client.made && names_its_type(code, client.made);
    Some(match client.made.field("constructor").filter(|_| plain) {
        Some(class) => Kept::Type(code.of(class).to_owned()),
        None => Kept::Made,
    })
}

/// Whether the file is checked by TypeScript.
pub(crate) fn is_typescript(code: &Code<'_>) -> bool {
    matches!(code.document.path().extension(), "ts" | "tsx" | "mts" | "cts")
}

/// Classes without type parameters, or whose parameters the arguments do not decide, by the module
/// they come from: the name of the class says all of the type.
const PLAIN: &[(&str, &[&str])] = &[
    ("@neondatabase/serverless", &["Pool", "Client"]),
    ("ioredis", &["default", "Redis", "Cluster"]),
    ("mongodb", &["MongoClient"]),
    ("pg", &["Pool", "Client"]),
    ("sequelize", &["Sequelize"]),
    ("typeorm", &["DataSource"]),
];

/// Whether the type of `new Name(…)` is written `Name`, whatever the arguments.
fn names_its_type(code: &Code<'_>, made: Node<'_>) -> bool {
    let Some(class) = made.field("constructor").filter(|class| class.kind() == "identifier") else {
        return false;
    };
    let all = imports(code);
    let local = code.of(class);
    let Some((import, imported)) = origin(&all, local) else { return false };
    if import.require || import.type_only || made.field("type_arguments").is_some() {
        return false;
    }
    if imported == "PrismaClient" {
        return prisma_arguments_are_plain(code, made);
    }
    PLAIN.iter().any(|(from, classes)| *from == import.source && classes.contains(&imported))
}

/// The import that brings `local`, and what the module calls it.
fn origin<'i, 'a>(imports: &'i [Import<'a>], local: &str) -> Option<(&'i Import<'a>, &'a str)> {
    imports.iter().find_map(|import| {
        let name = import.names.iter().find(|name| name.local == local && !name.type_only)?;
        Some((import, name.imported))
    })
}

/// Prisma's `log` and `omit` options decide type parameters; a list of plain log levels does not.
fn prisma_arguments_are_plain(code: &Code<'_>, made: Node<'_>) -> bool {
    let Some(arguments) = made.field("arguments") else { return true };
    let Some(options) = arguments.named_child(0) else { return true };
    if options.kind() != "object" || arguments.named_child_count() != 1 {
        return false;
    }
    options.named_children().all(|member| match member.kind() {
        "comment" => true,
        "shorthand_property_identifier" => !matches!(code.of(member), "log" | "omit"),
        "pair" => {
            let key = member.field("key").map_or("", |key| code.of(key));
            let value = member.field("value");
            let levels = value.is_some_and(|value| {
                value.kind() == "array" && value.named_children().all(|item| item.kind() == "string")
            });
            match key.trim_matches(['"', '\'']) {
                "log" => levels,
                "omit" => false,
                _ => !key.starts_with('['),
            }
        }
        _ => false,
    })
}

/// Whether the file gives a global name a meaning of its own.
fn redeclared(code: &Code<'_>, name: &str) -> bool {
    let mut found = false;
    each(code.root, |node| {
        found |= node.kind() == "identifier"
            && code.of(node) == name
            && crate::fix::code::scope_of(node).is_some();
        !found
    });
    found
}

/// `prismaClient` as the end of a name: `PrismaClient`.
pub(crate) fn capital(name: &str) -> String {
    let mut letters = name.trim_start_matches('_').chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
