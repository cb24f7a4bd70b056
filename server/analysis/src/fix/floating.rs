//! A promise that was lost is handed to somebody who waits for it.

use crate::check::{self, Dropped, Forms};
use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, each, enclosing_function, is_function};
use crate::fix::imports::{self, Wanted};
use crate::fix::{edits, offer::Offer};
use crate::syntax::{self, Node};
use crate::text::Span;

/// `after(() => track(user))`.
pub(super) fn run_after_response(offer: &Offer<'_>) -> Option<Fix> {
    let lost = Lost::at(offer)?;
    if !lost.forms.after || lost.forms.dropped != Dropped::Value || holds_await(lost.call) {
        return None;
    }
    let (name, mut all) = lost.import("next/server", "after")?;
    let task = match lost.called_in_place() {
        Some(function) => lost.code.of(function).to_owned(),
        None => format!("() => {}", lost.code.of(lost.call)),
    };
    all.push(lost.replaced(format!("{name}({task})")));
    let safety = if lost.forms.in_handler { Safety::Safe } else { Safety::Unsafe };
    edits::fix("Run it in `after()`, once the response is sent".to_owned(), safety, all, &[offer.document])
}

/// `waitUntil(track(user))`.
pub(super) fn wait_until_done(offer: &Offer<'_>) -> Option<Fix> {
    let lost = Lost::at(offer)?;
    if !lost.forms.wait_until || lost.forms.dropped != Dropped::Value {
        return None;
    }
    let (name, mut all) = lost.import("@vercel/functions", "waitUntil")?;
    all.push(lost.replaced(format!("{name}({})", lost.code.of(lost.call))));
    let title = "Keep the instance alive for it with `waitUntil()`".to_owned();
    edits::fix(title, Safety::Safe, all, &[offer.document])
}

/// `await track(user)`.
pub(super) fn await_work(offer: &Offer<'_>) -> Option<Fix> {
    let lost = Lost::at(offer)?;
    if !lost.forms.awaited || lost.forms.dropped != Dropped::Value {
        return None;
    }
    let edit = lost.replaced(format!("await {}", lost.code.of(lost.call)));
    let title = "Wait for it before answering".to_owned();
    edits::fix(title, Safety::Unsafe, vec![edit], &[offer.document])
}

/// The statement that loses a promise.
struct Lost<'a> {
    code: Code<'a>,
    call: Node<'a>,
    /// What the statement says, `void` included.
    expression: Node<'a>,
    forms: Forms,
}

impl<'a> Lost<'a> {
    fn at(offer: &Offer<'a>) -> Option<Self> {
        let code = Code::new(offer.document)?;
        let (_, span) = offer.captures("at")?.into_iter().find(|(name, _)| *name == "at")?;
        let call = code.node(span)?;
        let mut expression = call;
        while expression.parent()?.kind() != "expression_statement" {
            expression = expression.parent()?;
        }
        let forms = check::forms_at(offer.project, offer.file, span)?;
        Some(Self { code, call, expression, forms })
    }

    fn replaced(&self, text: String) -> Edit {
        edits::replace(&self.code, syntax::span(self.expression), text)
    }

    /// The name of an export of a module in this file, and the edits that import it.
    fn import(&self, module: &str, export: &str) -> Option<(String, Vec<Edit>)> {
        import(&self.code, &[module], export, &[])
    }

    /// `async () => …` of `(async () => …)()`.
    fn called_in_place(&self) -> Option<Node<'a>> {
        let mut function = self.call.field("function")?;
        while function.kind() == "parenthesized_expression" {
            function = function.named_child(0)?;
        }
        let bare = self.call.field("arguments")?.named_child_count() == 0;
        (is_function(function) && bare).then_some(function)
    }
}

/// The name of an export of a module in a file, and the edits that import it in place of the names in `drop`.
/// `None` where the name is taken.
pub(super) fn import(
    code: &Code<'_>,
    modules: &[&str],
    export: &str,
    drop: &[&str],
) -> Option<(String, Vec<Edit>)> {
    let imports = imports::imports(code);
    let commonjs = imports::is_commonjs(code).unwrap_or(false);
    let known = imports
        .iter()
        .filter(|import| !import.type_only && modules.contains(&import.source))
        .flat_map(|import| &import.names)
        .find(|name| name.imported == export && !name.type_only);
    if let Some(name) = known {
        return Some((name.local.to_owned(), imports::rewrite(code, None, drop, commonjs)?));
    }
    if code.mentions(export) {
        return None;
    }
    let wanted = Wanted {
        sources: modules.iter().map(|module| (*module).to_owned()).collect(),
        imported: export.to_owned(),
        local: export.to_owned(),
    };
    Some((export.to_owned(), imports::rewrite(code, Some(&wanted), drop, commonjs)?))
}

/// Whether an expression waits for something itself: it could not move into a function.
fn holds_await(node: Node<'_>) -> bool {
    let mut found = false;
    each(node, |inner| {
        found |= matches!(inner.kind(), "await_expression" | "yield_expression");
        !is_function(inner)
    });
    found
}

/// Whether `await` can be written at a node.
pub(super) fn can_await(code: &Code<'_>, node: Node<'_>) -> bool {
    let Some(function) = enclosing_function(node) else { return false };
    let Some(body) = function.field("body") else { return false };
    let head = Span::new(function.start_byte() as u32, body.start_byte() as u32).of(code.text);
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "async");
    let before_parameters = head.split('(').next().unwrap_or_default();
    body.start_byte() <= node.start_byte() && words(before_parameters)
}
