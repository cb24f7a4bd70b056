//! A webhook's body is kept as the bytes that were signed, where the framework would parse it.

use super::code::{Code, ancestors, each, enclosing_function, only_declarator, scope_of};
use super::functions::make_async;
use super::guard::is_typescript;
use super::offer::Offer;
use super::style::Style;
use super::{edits, objects, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::project::routes;
use crate::syntax::{self, Node};
use crate::text::Span;

/// What is checked, and what else wants the body.
struct Checked<'a> {
    /// The argument of the check: `req.body`, or that written as text again.
    argument: Node<'a>,
    /// What the handler calls the request.
    request: Node<'a>,
    /// The function that answers.
    handler: Node<'a>,
    /// Every `req.body`, in text order.
    bodies: Vec<Node<'a>>,
    /// The request is given away whole, to somebody who may read its body.
    is_shared: bool,
}

impl<'a> Checked<'a> {
    fn of(offer: &Offer<'_>, code: &Code<'a>) -> Option<Self> {
        let argument = code.node(offer.finding.span)?;
        let mut body = argument;
        while body.kind() == "call_expression" {
            body = body.field("arguments")?.named_child(0)?;
        }
        let object = body.field("object").filter(|it| it.kind() == "identifier")?;
        let name = code.of(object);
        let handler = ancestors(argument).filter(|it| form::is_function(*it)).find(|function| {
            form::parameters(*function)
                .first()
                .is_some_and(|first| code.of(first.field("pattern").unwrap_or(*first)) == name)
        })?;
        let uses = code.occurrences(handler.field("body")?, name);
        let member = |it: &Node<'a>| {
            it.parent()
                .filter(|parent| parent.kind() == "member_expression" && parent.field("object") == Some(*it))
        };
        let is_body = |it: &Node<'a>| it.field("property").is_some_and(|key| code.of(key) == "body");
        let bodies: Vec<Node<'a>> = uses.iter().filter_map(member).filter(is_body).collect();
        let is_shared = uses.iter().any(|it| member(it).is_none());
        let written = bodies.iter().any(|it| super::code::is_written(*it));
        (bodies.contains(&body) && !written).then_some(Self {
            argument,
            request: object,
            handler,
            bodies,
            is_shared,
        })
    }

    /// Edits that give the check `raw`, and everybody else that parsed.
    fn read_from(&self, code: &Code<'a>, raw: &str) -> Vec<Edit> {
        let inside = |it: &Node<'a>| ancestors(*it).any(|around| around == self.argument);
        let mut out = vec![edits::replace(code, syntax::span(self.argument), raw.to_owned())];
        for body in self.bodies.iter().filter(|it| !inside(it)) {
            out.push(edits::replace(code, syntax::span(*body), format!("JSON.parse({raw})")));
        }
        out
    }
}

/// Switches the parser of `pages/api` off for the file, and reads the body from the request.
pub(super) fn read_raw_body(offer: &Offer<'_>) -> Option<Fix> {
    if routes::kind(offer.input) != Some("pages-api") {
        return None;
    }
    let code = Code::new(offer.document)?;
    let checked = Checked::of(offer, &code)?;
    let (style, request) = (code.style(), code.of(checked.request));
    let (chunks, raw) = (code.free_name("chunks")?, code.free_name("rawBody")?);
    let before = first_statement(&checked)?;
    let start = before.start_byte() as u32;
    if !code.starts_line(start) || code.mentions("chunk") {
        return None;
    }
    let annotation = if is_typescript(&code) { ": Buffer[]" } else { "" };
    let lines = [
        format!("const {chunks}{annotation} = []"),
        format!("for await (const chunk of {request}) {chunks}.push(chunk)"),
        format!("const {raw} = Buffer.concat({chunks}).toString({})", style.string("utf8")),
    ];
    let indent = code.indent(start);
    let end = format!("{}{}{indent}", style.semi, style.newline);
    let text = lines.join(&end) + &end;
    let mut all = vec![edits::insert(&code, start, text)];
    all.extend(checked.read_from(&code, &raw));
    all.extend(make_async(&code, checked.handler));
    all.push(parser_off(&code, checked.handler)?);
    // Whoever is given the request finds no body there any more.
    let (safety, remains) = if checked.is_shared {
        (Safety::Unsafe, format!(" (look whether what is given `{request}` needs its body)"))
    } else {
        (Safety::Safe, String::new())
    };
    let title = format!("Switch the body parser off and read the raw body{remains}");
    edits::fix(title, safety, all, &[offer.document])
}

/// The statement of the innermost block that holds all uses of the body, which the first of them is in.
fn first_statement<'a>(checked: &Checked<'a>) -> Option<Node<'a>> {
    let first = *checked.bodies.first()?;
    ancestors(first).find(|node| {
        node.parent().is_some_and(|block| {
            block.kind() == "statement_block"
                && enclosing_function(block) == Some(checked.handler)
                && checked.bodies.iter().all(|body| ancestors(*body).any(|around| around == block))
        })
    })
}

/// `export const config = { api: { bodyParser: false } }`, into what the file has of it.
fn parser_off(code: &Code<'_>, handler: Node<'_>) -> Option<Edit> {
    let style = code.style();
    let option = "bodyParser: false";
    let api = format!("api: {}", style.braces(option));
    let exported = code.statements().into_iter().find_map(|statement| {
        let declaration = statement.field("declaration")?;
        let declarator = only_declarator(declaration).filter(|_| statement.kind() == "export_statement")?;
        (code.of(declarator.field("name")?) == "config").then_some(declarator)
    });
    let Some(declarator) = exported else {
        let at =
            code.top_level(handler).or_else(|| Some(handler).filter(|it| it.parent() == Some(code.root)))?;
        let start = code.with_comments(at);
        let line = format!("export const config = {}{}{2}{2}", style.braces(&api), style.semi, style.newline);
        return code.starts_line(start).then(|| edits::insert(code, start, line));
    };
    let object = form::without_wrapping(declarator.field("value")?);
    if object.kind() != "object" {
        return None;
    }
    let Some(inner) = objects::value(code, object, "api") else {
        return Some(objects::add_key(code, object, &api));
    };
    if inner.kind() != "object" {
        return None;
    }
    Some(match objects::value(code, inner, "bodyParser") {
        Some(value) => edits::replace(code, syntax::span(value), "false".to_owned()),
        None => objects::add_key(code, inner, option),
    })
}

/// Registers an Express route with `express.raw(…)`, above the `express.json()` that parses everything.
pub(super) fn route_raw_body(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let checked = Checked::of(offer, &code)?;
    let call = checked.handler.parent()?.parent().filter(|it| it.kind() == "call_expression")?;
    let route = call.parent().filter(|it| it.kind() == "expression_statement")?;
    let callee = call.field("function").filter(|it| it.kind() == "member_expression")?;
    let app = code.of(callee.field("object")?);
    let block = route.parent().filter(|it| matches!(it.kind(), "program" | "statement_block"))?;
    let above: Vec<Node<'_>> = block.named_children().take_while(|node| *node != route).collect();
    let (at, parser) =
        above.iter().enumerate().find_map(|(at, node)| Some((at, parser(&code, *node, app)?)))?;
    let target = above[at];
    let whole =
        Span::new(code.line(code.with_comments(route)).start, statements::whole_lines(&code, route).end);
    let alone = |node: Node<'_>| {
        code.starts_line(node.start_byte() as u32) && code.line_end(code.end(node)).is_some()
    };
    let ended = |node: Node<'_>| {
        code.span(node).of(code.text).ends_with(';') || !Style::joins(&code.text[code.end(node) as usize..])
    };
    let fits = |node: Node<'_>| alone(node) && ended(node);
    if !fits(route) || !fits(target) || needs(&code, call, block, target) {
        return None;
    }
    // What else runs for every route and would not run for this one any more.
    let skipped = above[at + 1..].iter().any(|node| {
        let text = code.of(*node);
        text.starts_with(&format!("{app}.use("))
            && !["urlencoded(", ".json(", ".text("].iter().any(|it| text.contains(it))
    });
    let style = code.style();
    let kind = style.braces(&format!("type: {}", style.string("application/json")));
    let raw = format!("{parser}.raw({kind}), ");
    let mut inside = checked.read_from(&code, code.of(*checked.bodies.first()?));
    inside.push(edits::insert(&code, checked.handler.start_byte() as u32, raw));
    let mut text = applied(&code, whole, inside);
    if !text.ends_with('\n') {
        text.push_str(style.newline);
    }
    let up = code.line(code.with_comments(target)).start;
    let all = vec![edits::insert(&code, up, text + style.newline), edits::delete(&code, whole)];
    let (safety, remains) = if skipped {
        (Safety::Unsafe, ", and with it above other middleware (look whether the route needs that)")
    } else {
        (Safety::Safe, "")
    };
    let title = format!("Give the route `{parser}.raw()`, above `{parser}.json()`{remains}");
    edits::fix(title, safety, all, &[offer.document])
}

/// What `app.use(express.json())` takes its parser from.
fn parser<'a>(code: &Code<'a>, statement: Node<'a>, app: &str) -> Option<&'a str> {
    let call = statement.named_child(0).filter(|it| it.kind() == "call_expression")?;
    let callee = call.field("function")?;
    let argument = call.field("arguments")?.named_child(0)?;
    let made = argument.field("function").filter(|it| it.kind() == "member_expression")?;
    let json = code.of(made.field("property")?) == "json";
    let object = made.field("object")?;
    (json && code.of(callee) == format!("{app}.use")).then(|| code.of(object))
}

/// Whether what a registration is given, but for the bodies of its functions, is declared below the place where it
/// would come to stand.
fn needs<'a>(code: &Code<'a>, call: Node<'a>, block: Node<'a>, target: Node<'a>) -> bool {
    let mut late = false;
    each(call, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier") {
            let declared = code.occurrences(block, code.of(node)).into_iter();
            late |= declared.filter(|it| scope_of(*it) == Some(block)).any(|it| {
                it.start_byte() > target.start_byte()
                    && it.parent().is_some_and(|it| it.kind() != "function_declaration")
            });
        }
        !form::is_function(node)
    });
    late
}

/// The text of a span after edits inside it.
fn applied(code: &Code<'_>, span: Span, inside: Vec<Edit>) -> String {
    let moved: Vec<Edit> = inside
        .into_iter()
        .map(|edit| Edit {
            span: Span::new(edit.span.start - span.start, edit.span.end - span.start),
            ..edit
        })
        .collect();
    super::apply(span.of(code.text), &moved)
}
