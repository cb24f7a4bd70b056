//! How a statement is left, by what stands in it alone. Other places of the analysis may take the likely for sure, so
//! as to stay silent; here code is cut out and answers are promised, so that nothing is supposed.

use crate::form;
use crate::syntax::{self, Node};

/// How a statement can be left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flow {
    /// What follows may run.
    pub(super) falls: bool,
    /// `return` without a value.
    pub(super) bare: bool,
    /// `break` out of what stands around.
    pub(super) breaks: bool,
}

const FALLS: Flow = Flow { falls: true, bare: false, breaks: false };
const STOPS: Flow = Flow { falls: false, bare: false, breaks: false };

impl Flow {
    fn or(self, other: Flow) -> Flow {
        Flow {
            falls: self.falls || other.falls,
            bare: self.bare || other.bare,
            breaks: self.breaks || other.breaks,
        }
    }

    fn then(self, next: Flow) -> Flow {
        if self.falls { Flow { falls: next.falls, ..self.or(next) } } else { self }
    }
}

/// How statements that follow each other can be left.
pub(super) fn sequence<'t>(statements: impl IntoIterator<Item = Node<'t>>, source: &str) -> Flow {
    statements
        .into_iter()
        .fold(FALLS, |so_far, it| if so_far.falls { so_far.then(flow(it, source)) } else { so_far })
}

/// How a statement can be left.
pub(super) fn flow(statement: Node<'_>, source: &str) -> Flow {
    let part = |node: Option<Node<'_>>| node.map_or(FALLS, |node| flow(node, source));
    let inside = |node: Node<'_>| {
        let value = node.field("value").map(|it| it.id());
        let children: Vec<Node<'_>> = node.named_children().filter(|it| Some(it.id()) != value).collect();
        sequence(children, source)
    };
    match statement.kind() {
        "statement_block" => inside(statement),
        "else_clause" => part(statement.named_child(0)),
        "throw_statement" | "continue_statement" => STOPS,
        "return_statement" => {
            Flow { bare: statement.named_child(0).is_none_or(|it| it.kind() == "comment"), ..STOPS }
        }
        "break_statement" => Flow { breaks: true, ..STOPS },
        "if_statement" => part(statement.field("consequence")).or(part(statement.field("alternative"))),
        "while_statement" | "do_statement" | "for_statement" | "for_in_statement" => {
            let body = part(statement.field("body"));
            let condition = statement.field("condition").map(form::without_wrapping);
            let endless = statement.kind() == "while_statement"
                && condition.is_some_and(|it| syntax::text_of(it, source) == "true");
            Flow { falls: !endless || body.breaks, bare: body.bare, breaks: false }
        }
        "switch_statement" => {
            let Some(body) = statement.field("body") else { return FALLS };
            let cases: Vec<Node<'_>> = body.named_children().filter(|it| it.kind() != "comment").collect();
            let flows: Vec<Flow> = cases.iter().map(|it| inside(*it)).collect();
            let all = flows.iter().fold(STOPS, |all, it| all.or(*it));
            let has_default = cases.iter().any(|it| it.kind() == "switch_default");
            // A case that falls runs the next; the last one runs what follows.
            let last = flows.last().is_none_or(|it| it.falls);
            Flow { falls: !has_default || last || all.breaks, bare: all.bare, breaks: false }
        }
        "try_statement" => {
            let body = part(statement.field("body"));
            let all = match statement.field("handler") {
                Some(handler) => body.or(part(handler.field("body"))),
                None => body,
            };
            match statement.field("finalizer").and_then(|it| it.field("body")) {
                Some(last) => {
                    let last = flow(last, source);
                    if last.falls { Flow { falls: all.falls, ..all.or(last) } } else { last }
                }
                None => all,
            }
        }
        _ => FALLS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::path::FilePath;

    fn falls(text: &str) -> bool {
        let document = Document::new(FilePath::new("/a.ts"), 0, format!("function f() {{ {text} }}"));
        let root = document.root().unwrap();
        let body = root.named_child(0).unwrap().field("body").unwrap();
        flow(body, document.text()).falls
    }

    #[test]
    fn only_what_never_ends_is_said_not_to() {
        for (text, expected) in [
            ("return 1", false),
            ("if (a) return 1", true),
            ("if (k === 'a') return 1; if (k === 'b') return 2", true),
            ("if (a) return 1; else throw a", false),
            ("try { return 1 } catch (e) { log(e) }", true),
            ("try { return 1 } catch (e) { throw e } finally { end() }", false),
            ("switch (a) { case 1: return 1; default: return 2 }", false),
            ("switch (a) { case 1: break; default: return 2 }", true),
            ("switch (a) { case 1: return 1 }", true),
            ("while (true) { work() }", false),
            ("for (const a of b) return a", true),
        ] {
            assert_eq!(falls(text), expected, "{text}");
        }
    }
}
