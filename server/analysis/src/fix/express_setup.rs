//! Lines that the set-up of an Express application lacks.

use super::code::{Code, ancestors, each};
use super::edits;
use super::imports::{self, Wanted, imports};
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::fix::statements;
use crate::syntax::Node;

/// What a file calls Express.
fn express_names<'a>(code: &Code<'a>) -> Vec<&'a str> {
    imports(code)
        .iter()
        .filter(|import| import.source == "express" && !import.type_only)
        .flat_map(|import| import.names.iter().filter(|name| matches!(name.imported, "default" | "*")))
        .map(|name| name.local)
        .collect()
}

/// `const app = express();`: what holds the application, alone in its statement.
pub(super) struct App<'a> {
    pub(super) name: &'a str,
    statement: Node<'a>,
}

/// The applications that a file makes, in order.
pub(super) fn apps<'a>(code: &Code<'a>) -> Vec<App<'a>> {
    let makers = express_names(code);
    let mut found = Vec::new();
    each(code.root, |node| {
        let is_app = |value: Node<'_>| {
            value.kind() == "call_expression"
                && value.field("function").is_some_and(|it| makers.contains(&code.of(it)))
        };
        if node.kind() == "variable_declarator"
            && node.field("value").is_some_and(is_app)
            && let Some(name) = node.field("name").filter(|it| it.kind() == "identifier")
            && let Some(statement) = node.parent()
        {
            let statement =
                statement.parent().filter(|it| it.kind() == "export_statement").unwrap_or(statement);
            found.push(App { name: code.of(name), statement });
        }
        true
    });
    found
}

/// A line behind the one that makes an application.
pub(super) fn behind(code: &Code<'_>, app: &App<'_>, line: &str) -> Option<Edit> {
    let end = code.line_end(code.end(app.statement))?;
    let indent = code.indent(app.statement.start_byte() as u32);
    let style = code.style();
    Some(edits::insert(code, end, format!("{}{indent}{line}{}", style.newline, style.semi)))
}

/// The application whose making the finding is about.
fn meant<'a>(code: &Code<'a>, offer: &Offer<'_>) -> Option<App<'a>> {
    let at = offer.finding.span.start as usize;
    apps(code).into_iter().find(|app| app.statement.start_byte() <= at && at < app.statement.end_byte())
}

/// `app.use(express.json())` where the application is made; for a body that no parser reads.
pub(super) fn parse_bodies(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    code.node(offer.finding.span).filter(|it| it.kind() == "member_expression")?;
    let mut all = apps(&code);
    let app = all.pop().filter(|_| all.is_empty())?;
    let express = express_names(&code).into_iter().next()?;
    let edit = behind(&code, &app, &format!("{}.use({express}.json())", app.name))?;
    edits::fix(
        "Parse JSON bodies in this application".to_owned(),
        Safety::Unsafe,
        vec![edit],
        &[offer.document],
    )
}

/// `app.disable("x-powered-by")`.
pub(super) fn disable_powered_by(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let app = meant(&code, offer)?;
    let line = format!("{}.disable({})", app.name, code.style().string("x-powered-by"));
    let edit = behind(&code, &app, &line)?;
    edits::fix("Turn `X-Powered-By` off".to_owned(), Safety::Safe, vec![edit], &[offer.document])
}

/// `app.use(helmet())`, where it is installed and the finding is about what it does.
pub(super) fn use_helmet(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let package = &offer.input.package;
    if !package.dependencies.contains("helmet") || offer.finding.message.contains("X-Powered-By") {
        return None;
    }
    let app = meant(&code, offer)?;
    let name = code.free_name("helmet")?;
    let add =
        Wanted { sources: vec!["helmet".to_owned()], imported: "default".to_owned(), local: name.clone() };
    let commonjs = imports::is_commonjs(&code).unwrap_or(!package.es_modules);
    let mut out = imports::rewrite(&code, Some(&add), &[], commonjs)?;
    out.push(behind(&code, &app, &format!("{}.use({name}())", app.name))?);
    let title = "Use `helmet`; look at the pages once, for its content security policy".to_owned();
    edits::fix(title, Safety::Unsafe, out, &[offer.document])
}

/// A limiter of its own for a route that takes passwords or codes.
pub(super) fn limit_route(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("route")?;
    let span = |name: &str| captures.iter().find(|(known, _)| *known == name).map(|(_, span)| *span);
    let call = code.node(span("route")?)?;
    let path = call.field("arguments")?.named_child(0)?;
    let statement = code.top_level(call)?;
    let maker = code.free_name("rateLimit")?;
    let word = code.of(path).trim_matches(['"', '\'', '`', '/']).rsplit('/').next()?;
    let word: String = word.split('-').next()?.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = code.free_name(&format!("{word}Limiter"))?;
    let style = code.style();
    let package = &offer.input.package;
    let add = Wanted {
        sources: vec!["express-rate-limit".to_owned()],
        imported: "rateLimit".to_owned(),
        local: maker.clone(),
    };
    let commonjs = imports::is_commonjs(&code).unwrap_or(!package.es_modules);
    let mut out = imports::rewrite(&code, Some(&add), &[], commonjs)?;
    // Before the first statement that is no import, so that it is there whoever registers the route.
    let all = imports(&code);
    let is_head = |node: &Node<'_>| {
        matches!(node.kind(), "import_statement" | "comment" | "hash_bang_line")
            || all.iter().any(|import| import.statement == *node)
            || node.kind() == "expression_statement"
                && node.named_child(0).is_some_and(|it| it.kind() == "string")
    };
    let first = code.statements().into_iter().find(|node| !is_head(node))?;
    if first.start_byte() > statement.start_byte() {
        return None;
    }
    let at = code.line(code.with_comments(first)).start;
    let newline = style.newline;
    let text = format!(
        "// Counts in memory: several processes need a `store` that they share.{newline}\
         const {name} = {maker}({}){}{newline}{newline}",
        style.braces("windowMs: 15 * 60 * 1000, limit: 10"),
        style.semi
    );
    out.push(edits::insert(&code, at, text));
    out.push(edits::insert(&code, path.end_byte() as u32, format!(", {name}")));
    let installed = package.dependencies.contains("express-rate-limit");
    let title = if installed {
        "Limit this route; then give the limiter a store that all processes share"
    } else {
        "Limit this route; install `express-rate-limit`, and give it a store that all processes share"
    };
    edits::fix(title.to_owned(), Safety::Unsafe, out, &[offer.document])
}

/// `bodyParser.json()` becomes `express.json()`, where nothing else of the package is used.
pub(super) fn own_parsers(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let statement = code.top_level(at)?;
    let all = imports(&code);
    let import = all.iter().find(|it| it.statement == statement && it.source == "body-parser")?;
    let [name] = import.names.as_slice() else { return None };
    let express = express_names(&code).into_iter().next()?;
    if !matches!(name.imported, "default" | "*") {
        return None;
    }
    let mut out = statements::remove(&code, &[statement])?;
    for place in code.occurrences(code.root, name.local) {
        if ancestors(place).any(|it| it == statement) {
            continue;
        }
        let member = place.parent().filter(|it| it.kind() == "member_expression")?;
        let call = member
            .parent()
            .filter(|it| it.kind() == "call_expression" && it.field("function") == Some(member))?;
        let parser = code.of(member.field("property")?);
        // Without a word the package nests and Express 5 does not.
        let options = call.field("arguments")?.named_child(0);
        let same = match parser {
            "json" | "raw" | "text" => true,
            "urlencoded" => options.is_some_and(|it| code.of(it).contains("extended")),
            _ => false,
        };
        if !same {
            return None;
        }
        out.push(edits::replace(&code, crate::syntax::span(place), express.to_owned()));
    }
    edits::fix("Take the parsers of Express".to_owned(), Safety::Safe, out, &[offer.document])
}
