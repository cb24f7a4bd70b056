//! A handler that asks for the method becomes one function for each method.

use super::code::{Code, each};
use super::method::{DefaultExport, asks_method};
use super::offer::Offer;
use super::{edits, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::project::METHODS;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Exports what `if (request.method === "GET")` and `switch (request.method)` do under the names of the methods.
///
/// `None` where anything is done for several methods, or for those that are not named other than to refuse them.
pub(super) fn split_methods(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let handler = DefaultExport::of(offer, &code)?;
    let split = Split { code: &code, request: handler.request?, name: None };
    let body = handler.function.field("body").filter(|it| it.kind() == "statement_block")?;
    let all: Vec<Node<'_>> = body.named_children().collect();
    let remains = if handler.is_node_style(&code) { " (then let it return a `Response`)" } else { "" };
    if let Some((method, guard)) = split.guard(&all) {
        // The rest of the function is for one method.
        let mut out = statements::remove(&code, guard)?;
        out.extend(handler.named(&code, method)?);
        return edits::fix(
            format!("Export it as `{method}`{remains}"),
            Safety::Unsafe,
            out,
            &[offer.document],
        );
    }
    let (split, all) = match all.split_first() {
        Some((first, rest)) if first.kind() == "lexical_declaration" => (split.with_name(*first)?, rest),
        _ => (split, all.as_slice()),
    };
    let branches = split.branches(all)?;
    let mut methods: Vec<&str> = branches.iter().map(|branch| branch.0).collect();
    let spoken = methods.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(", ");
    methods.sort_unstable();
    if methods.windows(2).any(|pair| pair[0] == pair[1]) || handler.statement.parent() != Some(code.root) {
        return None;
    }
    let edits = split.edits(&handler, &branches)?;
    let title = format!("Export a function for each method: {spoken}{remains}");
    edits::fix(title, Safety::Unsafe, edits, &[offer.document])
}

struct Split<'s, 'a> {
    code: &'s Code<'a>,
    request: &'a str,
    /// The local name of the method: `const { method } = request`.
    name: Option<&'a str>,
}

impl<'a> Split<'_, 'a> {
    /// The statements that refuse all methods but one, in front of the others.
    fn guard<'n>(&self, all: &'n [Node<'a>]) -> Option<(&'static str, &'n [Node<'a>])> {
        let (first, rest) = all.split_first()?;
        let consequence = first.field("consequence").filter(|_| first.kind() == "if_statement")?;
        let method = self.compared(first.field("condition")?, &["!==", "!="])?;
        let leaves = !form::ends(consequence, self.code.text).falls;
        let alone = first.field("alternative").is_none() && !rest.is_empty();
        let asked = rest.iter().any(|node| self.asks(*node));
        (leaves && alone && !asked && self.refuses(&[consequence])).then(|| (method, &all[..1]))
    }

    /// The same with the name that a first statement gives the method; `None` where it does something else.
    fn with_name(self, statement: Node<'a>) -> Option<Self> {
        let code = self.code;
        let declarator = super::code::only_declarator(statement)?;
        let (pattern, value) = (declarator.field("name")?, declarator.field("value")?);
        let name = match pattern.kind() {
            "identifier" if code.of(value) == format!("{}.method", self.request) => code.of(pattern),
            "object_pattern" if code.of(value) == self.request && pattern.named_child_count() == 1 => {
                let key = pattern.named_child(0)?;
                (key.kind() == "shorthand_property_identifier_pattern" && code.of(key) == "method")
                    .then_some("method")?
            }
            _ => return None,
        };
        Some(Self { name: Some(name), ..self })
    }

    /// Whether a node is the method of the request.
    fn is_method(&self, node: Node<'a>) -> bool {
        let node = form::without_wrapping(node);
        self.name.is_some_and(|name| self.code.of(node) == name)
            || self.code.of(node) == format!("{}.method", self.request)
    }

    /// Whether the method is asked for anywhere in a node.
    fn asks(&self, node: Node<'a>) -> bool {
        let code = self.code;
        let own = self.name.is_some_and(|name| !code.occurrences(node, name).is_empty());
        own || asks_method(code, node, self.request)
    }

    /// The method that a condition compares with.
    fn compared(&self, condition: Node<'a>, operators: &[&str]) -> Option<&'static str> {
        let test = form::without_wrapping(condition);
        let (left, right) = (test.field("left")?, test.field("right")?);
        let operator = self.code.of(test.field("operator")?);
        let (method, literal) = if self.is_method(left) { (left, right) } else { (right, left) };
        (operators.contains(&operator) && self.is_method(method)).then(|| self.literal(literal))?
    }

    fn literal(&self, node: Node<'a>) -> Option<&'static str> {
        let text = self.code.of(node).trim_matches(['"', '\'', '`']);
        METHODS.iter().find(|method| **method == text).copied().filter(|_| node.kind() == "string")
    }

    /// Whether nothing is done but to refuse the method, as Next.js does for those that are not exported.
    fn refuses(&self, all: &[Node<'a>]) -> bool {
        let text = |node: &Node<'a>| self.code.of(*node).to_ascii_lowercase();
        all.iter().all(|node| !self.code.of(*node).contains("await"))
            && (all.is_empty()
                || all.iter().any(|node| text(node).contains("405") || text(node).contains("not allowed")))
    }

    /// Each method with the block that its function gets.
    fn branches(&self, all: &[Node<'a>]) -> Option<Vec<(&'static str, String)>> {
        let (first, rest) = all.split_first()?;
        if first.kind() == "switch_statement" {
            return self.cases(*first, rest);
        }
        let mut out = Vec::new();
        let mut otherwise: Vec<Node<'a>> = Vec::new();
        let mut falls = false;
        for &statement in all {
            if statement.kind() != "if_statement" || !otherwise.is_empty() {
                otherwise.push(statement);
                continue;
            }
            let indent = self.code.indent(statement.start_byte() as u32);
            let mut link = Some(statement);
            // What follows `if`s that are not left would follow them in their functions too.
            if falls {
                return None;
            }
            while let Some(at) = link.take() {
                if at.kind() != "if_statement" {
                    otherwise.push(at);
                    break;
                }
                let method = self.compared(at.field("condition")?, &["===", "=="])?;
                let block = at.field("consequence")?;
                falls |= form::ends(block, self.code.text).falls;
                out.push((method, self.block(block, indent)?));
                link = at.field("alternative").and_then(|it| it.named_child(0));
            }
        }
        let follows = otherwise.iter().any(|node| node.parent() == first.parent());
        (self.refuses(&otherwise) && !(falls && follows)).then_some(out)
    }

    fn block(&self, block: Node<'a>, indent: &str) -> Option<String> {
        if self.asks(block) {
            return None;
        }
        let text = self.code.outdented(syntax::span(block), indent);
        if block.kind() == "statement_block" {
            return Some(text);
        }
        let style = self.code.style();
        let plain = !self.code.of(block).contains('\n');
        plain.then(|| format!("{{{0}{1}{text}{0}}}", style.newline, style.indent))
    }

    fn cases(&self, switch: Node<'a>, rest: &[Node<'a>]) -> Option<Vec<(&'static str, String)>> {
        let value = switch.field("value").filter(|it| self.is_method(*it));
        let body = value.and(switch.field("body"))?;
        let mut out = Vec::new();
        let mut otherwise: Vec<Node<'a>> = rest.to_vec();
        for case in body.named_children() {
            let mut own: Vec<Node<'a>> = case.all_in("body").collect();
            if let [block] = own.as_slice()
                && block.kind() == "statement_block"
            {
                own = block.named_children().collect();
            }
            let left = own.last().is_some_and(|last| last.kind() == "break_statement");
            own.truncate(own.len() - usize::from(left));
            let ends = |node: &Node<'a>| form::ends(*node, self.code.text);
            match case.kind() {
                "switch_default" => otherwise.extend(own),
                "switch_case" => {
                    let falls = own.iter().all(|node| ends(node).falls);
                    // Into the next case, or to what follows the `switch`.
                    let goes_on = falls && (!left || !rest.is_empty());
                    if goes_on || own.iter().any(|node| ends(node).breaks || self.asks(*node)) {
                        return None;
                    }
                    let method = self.literal(case.field("value")?)?;
                    out.push((method, self.lines(&own)?));
                }
                _ => return None,
            }
        }
        self.refuses(&otherwise).then_some(out)
    }

    /// Statements as a block.
    fn lines(&self, own: &[Node<'a>]) -> Option<String> {
        let style = self.code.style();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { return Some("{}".to_owned()) };
        let start = first.start_byte() as u32;
        let span = Span::new(start, self.code.end(*last));
        let indent = self.code.indent(start);
        let spread = self.code.starts_line(start);
        if !spread && self.code.text[first.start_byte()..last.end_byte()].contains('\n') {
            return None;
        }
        let text = self.code.outdented(span, indent.strip_suffix(style.indent)?);
        Some(format!("{{{0}{1}{text}{0}}}", style.newline, style.indent))
    }

    /// The functions in the place of the one.
    fn edits(&self, handler: &DefaultExport<'a>, branches: &[(&'static str, String)]) -> Option<Vec<Edit>> {
        let code = self.code;
        let function = handler.function;
        // The export has to hold the function, or else there are two places to change.
        if function.parent() != Some(handler.statement) || branches.is_empty() {
            return None;
        }
        let word = if form::is_async(function) { "async " } else { "" };
        let parameters = match function.field("parameters") {
            Some(list) => code.of(list).to_owned(),
            None => format!("({})", self.request),
        };
        let mut names = Vec::new();
        each(function.field("parameters").unwrap_or(function), |node| {
            if matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern") {
                names.push(code.of(node));
            }
            node.kind() != "statement_block"
        });
        let result = function.field("return_type").map_or("", |it| code.of(it));
        let newline = code.style().newline;
        let functions: Vec<String> = branches
            .iter()
            .map(|(method, block)| {
                let parameters =
                    if names.iter().any(|name| block.contains(name)) { &parameters } else { "()" };
                format!("export {word}function {method}{parameters}{result} {block}")
            })
            .collect();
        let text = functions.join(&newline.repeat(2));
        Some(vec![edits::replace(code, code.span(handler.statement), text)])
    }
}
