//! A timer that every copy of a module starts becomes one of the process.

use std::collections::BTreeSet;

use super::code::{Code, ancestors, each, enclosing_function, is_function, only_declarator, scope_of};
use super::constant::free_names;
use super::export::unused_imports;
use super::extract::moved_source;
use super::guard::{Client, capital, guard};
use super::imports::{self, Import};
use super::offer::Offer;
use super::singleton::{around, lead};
use super::{edits, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::path::FilePath;
use crate::project::routes;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Moves the statement that starts a timer into `register()` of a new `instrumentation` file.
///
/// `None` where there is such a file already, and where the timer is more than a statement that calls what can be
/// imported.
pub(super) fn timer_at_start(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let timer = Timer::at(offer, &code).filter(|_| offer.is_lasting())?;
    let package = &offer.input.package;
    // Before 15 the file is read only where an option says so.
    let next = package.next.as_ref().filter(|_| package.major("next").is_some_and(|major| major >= 15))?;
    let used = timer.name.is_some_and(|name| code.occurrences(code.root, name).len() > 1);
    if used || timer.statement.kind() == "export_statement" || imports::is_commonjs(&code) == Some(true) {
        return None;
    }
    let folder = routes::beside(next)?;
    let extensions = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];
    let is_taken = [Some(&folder), package.root.as_ref()].into_iter().flatten().any(|folder| {
        let file = |extension: &&str| folder.join(&format!("instrumentation.{extension}"));
        extensions.iter().any(|extension| offer.sources.document(&file(extension)).is_some())
    });
    let to = folder.join(if package.typescript { "instrumentation.ts" } else { "instrumentation.js" });
    let text = code.outdented(syntax::span(timer.call), code.indent(timer.call.start_byte() as u32));
    let mut waits = false;
    each(timer.call, |node| {
        waits |= node.kind() == "await_expression";
        !waits
    });
    // A template of several lines would get other blanks.
    if waits || is_taken || (text.contains('`') && text.contains('\n')) {
        return None;
    }
    let style = code.style();
    let (step, semi, newline) = (style.indent, style.semi, style.newline);
    let mut lines: Vec<String> = Vec::new();
    for Needed { local, imported, source } in needed(offer, &code, timer.call, &to)? {
        let from = format!("await import({})", style.string(&source));
        let line = match imported {
            "*" => format!("const {local} = {from}"),
            imported if imported == local => format!("const {} = {from}", style.braces(local)),
            imported => format!("const {} = {from}", style.braces(&format!("{imported}: {local}"))),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.push(text.lines().collect::<Vec<_>>().join(&format!("{newline}{step}{step}")));
    let line = |text: String, line: &String| text + step + step + line + semi + newline;
    let body = lines.iter().fold(String::new(), line);
    let node = style.string("nodejs");
    let file = format!(
        "export async function register() {{{newline}{step}if (process.env.NEXT_RUNTIME === {node}) {{{newline}{body}{step}}}{newline}}}{newline}"
    );
    let mut all = vec![Edit::create(to.clone(), file)];
    let start = code.with_comments(timer.statement);
    let whole = statements::whole_lines(&code, timer.statement);
    all.push(edits::delete(&code, Span::new(code.line(start).start.min(whole.start), whole.end)));
    all.extend(imports::rewrite(&code, None, &unused_imports(&code, &[timer.statement]), false)?);
    let title = format!(
        "Start it once, in `register()` of `{}` (what it keeps in memory stays there)",
        to.file_name()
    );
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// Keeps what starts the timer on `globalThis`, where the next copy of the module finds it.
pub(super) fn timer_on_global(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let Timer { call, statement, name } = Timer::at(offer, &code).filter(|_| offer.is_lasting())?;
    let of = match call.field("constructor") {
        Some(class) => code.of(class).to_owned(),
        None => format!("ReturnType<typeof {}>", code.of(call.field("function")?)),
    };
    let key = key(offer, name.unwrap_or("timer"))?;
    let client = Client {
        name: name.unwrap_or(&key),
        key: &key,
        value: call,
        text: code.of(call),
        made: call,
        annotation: Some(&of),
    };
    let guard = guard(&code, &client)?;
    let all = if name.is_some() {
        let mut all = around(&code, statement, &guard)?;
        all.push(edits::replace(&code, syntax::span(call), guard.value));
        all
    } else {
        let mut all = Vec::new();
        if !guard.before.is_empty() {
            all.push(lead(&code, statement, &guard.before)?);
        }
        // One edit begins where the other ends, so that only the beginning of the statement is another.
        let place = guard.value.split(" ?? ").next()?;
        all.push(edits::insert(&code, call.start_byte() as u32, format!("{place} ??= ")));
        all
    };
    let title = "Start one for each process, kept on `globalThis`".to_owned();
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// A statement of a module that starts a timer.
pub(super) struct Timer<'a> {
    /// `setInterval(…)`, `new Worker(…)`.
    pub(super) call: Node<'a>,
    pub(super) statement: Node<'a>,
    /// The constant that holds it.
    pub(super) name: Option<&'a str>,
}

impl<'a> Timer<'a> {
    /// `None` where each copy of the module needs its own timer for what it keeps. Whether any place in a process is
    /// right for one is for the host to say.
    pub(super) fn at(offer: &Offer<'_>, code: &Code<'a>) -> Option<Self> {
        // A call of several lines is underlined at its head.
        let call = ancestors(code.node(offer.finding.span)?)
            .find(|it| matches!(it.kind(), "call_expression" | "new_expression"))
            .filter(|it| it.start_byte() as u32 == offer.finding.span.start)?;
        if enclosing_function(call).is_some() || !keeps_nothing(code, call) {
            return None;
        }
        let statement = code.top_level(call)?;
        let around = call.parent()?;
        let name = match around.kind() {
            "expression_statement" if around == statement => None,
            "variable_declarator" => {
                let declaration = around.parent()?;
                let constant = code.of(declaration).starts_with("const");
                let name = around.field("name").filter(|name| name.kind() == "identifier")?;
                let single = only_declarator(declaration) == Some(around);
                (constant && single && around.field("type").is_none()).then_some(())?;
                Some(code.of(name))
            }
            _ => return None,
        };
        code.starts_line(statement.start_byte() as u32).then_some(Self { call, statement, name })
    }
}

/// Whether the work of a timer reaches nothing that the file keeps: each copy of the file has its own of that, and one
/// timer would see only one of them.
fn keeps_nothing(code: &Code<'_>, work: Node<'_>) -> bool {
    let known = imports::imports(code);
    let imported: BTreeSet<&str> =
        known.iter().flat_map(|import| &import.names).map(|name| name.local).collect();
    let mut seen = BTreeSet::new();
    let mut pending = vec![work];
    while let Some(part) = pending.pop() {
        for name in free_names(code, part) {
            let text = code.of(name);
            if name.kind() == "type_identifier" || imported.contains(text) || !seen.insert(text) {
                continue;
            }
            let uses = code.occurrences(code.root, text);
            let declared: Vec<Node<'_>> =
                uses.iter().copied().filter(|it| scope_of(*it) == Some(code.root)).collect();
            let Some(parent) = declared.first().and_then(Node::parent) else { continue };
            let constant = parent.parent().is_some_and(|it| code.of(it).starts_with("const"));
            let value = parent.field("value").filter(|_| constant);
            let inner = if parent.kind() == "function_declaration" { Some(parent) } else { value };
            match inner {
                Some(inner) if declared.len() == 1 && is_fixed(inner, &uses) => pending.push(inner),
                _ => return false,
            }
        }
    }
    true
}

/// Functions, literals, and objects that are only handed on.
fn is_fixed(value: Node<'_>, uses: &[Node<'_>]) -> bool {
    match value.kind() {
        "string" | "number" | "true" | "false" | "null" | "template_string" | "binary_expression" => true,
        "object" => uses.iter().filter(|it| scope_of(**it).is_none()).all(|it| {
            let around = it.parent().map_or("", |around| around.kind());
            matches!(around, "object" | "pair" | "spread_element" | "arguments")
        }),
        _ => is_function(value),
    }
}

/// What a file has to import.
pub(super) struct Needed<'a> {
    /// The name it is to have.
    pub(super) local: &'a str,
    /// The name of the export; `*` for the module itself.
    pub(super) imported: &'a str,
    pub(super) source: String,
}

/// What code of the file names, as the file `to` has to import it; each once. `None` where something cannot be imported.
pub(super) fn needed<'a>(
    offer: &Offer<'_>,
    code: &Code<'a>,
    part: Node<'a>,
    to: &FilePath,
) -> Option<Vec<Needed<'a>>> {
    let known = imports::imports(code);
    let mut out: Vec<Needed<'a>> = Vec::new();
    for name in free_names(code, part) {
        let text = code.of(name);
        if out.iter().any(|it| it.local == text) {
            continue;
        }
        let import = known.iter().find_map(|import: &Import<'a>| {
            import.names.iter().find(|it| it.local == text).map(|it| (import, it))
        });
        let (imported, source) = if let Some((import, it)) = import {
            (it.imported, moved_source(code, &offer.input.package, import.source, to)?)
        } else {
            let declared = code.occurrences(code.root, text).into_iter().find(|it| scope_of(*it).is_some());
            let Some(declared) = declared else { continue };
            let function = declared.parent().filter(|it| it.kind() == "function_declaration")?;
            let exported = function.parent().is_some_and(|it| {
                it.kind() == "export_statement" && !code.of(it).starts_with("export default")
            });
            // Nobody but Next.js imports a route.
            if !exported || routes::kind(offer.input).is_some() {
                return None;
            }
            (text, to.relative_to(&unextended(&offer.input.path)?))
        };
        out.push(Needed { local: text, imported, source });
    }
    let mut plain = true;
    each(part, |node| {
        plain &= !matches!(node.kind(), "this" | "meta_property");
        plain
    });
    plain.then_some(out)
}

/// A file as an import names it.
fn unextended(path: &FilePath) -> Option<FilePath> {
    Some(path.parent()?.join(path.stem()))
}

/// The property of `globalThis`: the name with that of the file, which other files with a timer do not have.
fn key(offer: &Offer<'_>, name: &str) -> Option<String> {
    let path = &offer.input.path;
    let folder = path.parent()?;
    let file = if matches!(path.stem(), "index" | "route" | "page" | "layout") {
        folder.file_name()
    } else {
        path.stem()
    };
    let words = file.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let camel: String =
        words.enumerate().map(|(at, word)| if at == 0 { word.to_owned() } else { capital(word) }).collect();
    let lower = camel.chars().next().filter(char::is_ascii_alphabetic)?.to_ascii_lowercase();
    Some(format!("{lower}{}{}", &camel[1..], capital(name)))
}
