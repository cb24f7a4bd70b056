//! API routes of the Pages Router: their handler and what `export const config` holds.

use super::place::Statement;
use super::{Completion, Kind, declares, escaped, options};
use crate::fix::code::{Code, ancestors};
use crate::fix::imports;
use crate::project::FileInput;
use crate::project::routes;
use crate::syntax::Node;
use crate::text::Span;

const HANDLER: &str = "export default async function ";
const CONFIG: &str = "export const ";

/// What stands in `config` itself: the key, what it is written with, and what it does.
const OF_CONFIG: &[(&str, &str, &str)] = &[
    ("api", "{ ${1:bodyParser: false} \\}", "How the request is read and the response is sent."),
    (
        "maxDuration",
        "${1:60}",
        "How many seconds the host lets a request take. Only the host heeds it, not `next start`.",
    ),
];

/// What stands in `config.api`.
const OF_API: &[(&str, &str, &str)] = &[
    (
        "bodyParser",
        "${1:false}",
        "`false` leaves the body unread, for signatures and uploads; `{ sizeLimit: '4mb' }` takes more than 1 MB.",
    ),
    ("responseLimit", "${1:false}", "`false` takes away the warning about answers of more than 4 MB."),
    (
        "externalResolver",
        "${1:true}",
        "Something else answers the request, such as Express: takes away the warning about requests that stay open.",
    ),
];

/// What can be written where a statement can stand.
pub(super) fn statements(input: &FileInput, rest: &Code<'_>, statement: &Statement) -> Vec<Completion> {
    let mut found = Vec::new();
    let has_default =
        ["export default", "as default", "module.exports"].iter().any(|it| rest.text.contains(it));
    if !has_default && statement.admits(HANDLER) {
        found.extend(handler(input, rest, statement));
    }
    if !declares(rest, "config") && statement.admits(CONFIG) {
        let text = "export const config = { api: { ${1:bodyParser: false} \\} \\}";
        found.extend(statement.filter("config", CONFIG).map(|filter| {
            Completion {
                label: "config".to_owned(),
                detail: "options of this API route".to_owned(),
                documentation: "How Next.js reads the request of this file: `bodyParser`, `responseLimit`, \
                            `externalResolver`; and `maxDuration` for the host."
                    .to_owned(),
                insert: format!("{text}{}$0", rest.style().semi),
                snippet: true,
                kind: Kind::Constant,
                span: statement.span,
                filter,
                edits: Vec::new(),
            }
        }));
    }
    found
}

/// The function that answers.
fn handler(input: &FileInput, rest: &Code<'_>, statement: &Statement) -> Option<Completion> {
    let filter = statement.filter("handler", HANDLER)?;
    let url = routes::url(input.package.next.as_ref()?, &input.path)?;
    let style = rest.style();
    let (newline, indent, semi) = (style.newline, style.indent, style.semi);
    let typed = matches!(input.path.extension(), "ts" | "tsx");
    let known = imports::imports(rest).iter().any(|import| import.source == "next");
    let first = rest.text[..(statement.span.start as usize).min(rest.text.len())].trim().is_empty();
    // Below other statements the import has its own place, which the editor's TypeScript server finds.
    let head = if typed && first && !known {
        let names = escaped(&style.braces("NextApiRequest, NextApiResponse"));
        format!("import type {names} from {}{semi}{newline}{newline}", style.string("next"))
    } else {
        String::new()
    };
    let parameters = if typed { "req: NextApiRequest, res: NextApiResponse" } else { "req, res" };
    // `req.query` holds the parts of the path too.
    let names: Vec<&str> = routes::segments(&url);
    let plain = names.iter().all(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let query = if plain && !names.is_empty() {
        let names = escaped(&style.braces(&names.join(", ")));
        format!("{indent}const {names} = req.query{semi}{newline}")
    } else {
        String::new()
    };
    Some(Completion {
        label: "handler".to_owned(),
        detail: format!("handler of {url}"),
        documentation: format!(
            "Answers every method of `{url}`. What it returns is ignored: `res` sends the answer."
        ),
        insert: format!(
            "{head}export default async function handler({parameters}) {{{newline}{query}{indent}res.status(${{1:200}}).json({{ \
             $0 \\}}){semi}{newline}\\}}"
        ),
        snippet: true,
        kind: Kind::Function,
        span: statement.span,
        filter,
        edits: Vec::new(),
    })
}

/// The keys and values that can be written at `offset`; `None` outside of `config`.
pub(super) fn keys(input: &FileInput, code: &Code<'_>, offset: u32) -> Option<Vec<Completion>> {
    let object = object_at(code, offset)?;
    let rows = match path(code, object)?.as_slice() {
        [] => OF_CONFIG,
        ["api"] => OF_API,
        _ => return Some(Vec::new()),
    };
    let before = &code.text[..offset as usize];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = &before[before.trim_end_matches(is_word).len()..];
    let after = code.text[offset as usize..].chars().take_while(|c| is_word(*c)).count() as u32;
    let span = Span::new(offset - word.len() as u32, offset + after);
    let lead = before[..before.len() - word.len()].trim_end();
    let found = |label: &str, detail: &str, insert: String, kind: Kind| Completion {
        label: label.to_owned(),
        detail: detail.to_owned(),
        documentation: String::new(),
        snippet: kind == Kind::Constant,
        kind,
        span,
        filter: label.to_owned(),
        edits: Vec::new(),
        insert,
    };
    if let Some(key) = lead.strip_suffix(':').map(|it| &it[it.trim_end_matches(is_word).len()..]) {
        let seconds = if key == "maxDuration" { options::durations(input) } else { Vec::new() };
        let values = seconds
            .into_iter()
            .map(|legal| found(&legal.text, &legal.meaning, legal.text.clone(), Kind::Value));
        let switches = rows.iter().any(|row| row.0 == key)
            && matches!(key, "bodyParser" | "responseLimit" | "externalResolver");
        let words = ["false", "true"].into_iter().filter(|_| switches);
        return Some(values.chain(words.map(|it| found(it, "", it.to_owned(), Kind::Value))).collect());
    }
    if !lead.ends_with(['{', ',']) {
        return Some(Vec::new());
    }
    let has = |key: &str| crate::fix::objects::pair(code, object, key).is_some();
    let rows =
        rows.iter().filter(|row| row.0.to_lowercase().starts_with(&word.to_lowercase()) && !has(row.0));
    Some(
        rows.map(|(key, value, what)| Completion {
            documentation: (*what).to_owned(),
            ..found(key, "option of this API route", format!("{key}: {value}"), Kind::Constant)
        })
        .collect(),
    )
}

/// The innermost object around a place between its braces.
fn object_at<'a>(code: &Code<'a>, offset: u32) -> Option<Node<'a>> {
    let leaf = code.root.descendant_for_byte_range(offset.checked_sub(1)? as usize, offset as usize)?;
    let inside = |node: &Node<'_>| node.start_byte() < offset as usize && (offset as usize) < node.end_byte();
    ancestors(leaf)
        .find(|node| matches!(node.kind(), "object" | "string" | "comment") && inside(node))
        .filter(|it| it.kind() == "object")
}

/// The keys that lead from `export const config` to an object of it.
fn path<'a>(code: &Code<'a>, object: Node<'a>) -> Option<Vec<&'a str>> {
    let mut keys = Vec::new();
    let mut at = object;
    loop {
        let mut parent = at.parent()?;
        while matches!(parent.kind(), "satisfies_expression" | "as_expression" | "parenthesized_expression") {
            parent = parent.parent()?;
        }
        match parent.kind() {
            "pair" => {
                keys.insert(0, code.of(parent.field("key")?).trim_matches(['"', '\'']));
                at = parent.parent()?;
            }
            "variable_declarator" => {
                let exported = parent.parent()?.parent()?.kind() == "export_statement";
                let name = code.of(parent.field("name")?);
                return (exported && name == "config").then_some(keys);
            }
            _ => return None,
        }
    }
}
