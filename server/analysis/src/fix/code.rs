//! A parsed file as the fixes look at it: nodes by place, names and what declares them, lines.

use crate::document::Document;
use crate::fix::style::Style;
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A file with its tree. Made for one fix and thrown away, so it walks instead of keeping indexes.
#[derive(Clone, Copy)]
pub(crate) struct Code<'a> {
    pub(crate) document: &'a Document,
    pub(crate) text: &'a str,
    pub(crate) root: Node<'a>,
}

/// What stands at a place where somebody wants to put a comment or change the indentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Between tokens.
    Code,
    /// Between the children of a JSX element.
    Jsx,
    /// Inside a template literal, a string or a comment: every byte there counts.
    Literal,
}

impl<'a> Code<'a> {
    /// `None` where the file has no tree.
    pub(crate) fn new(document: &'a Document) -> Option<Self> {
        Some(Self { document, text: document.text(), root: document.root()? })
    }

    pub(crate) fn of(&self, node: Node<'_>) -> &'a str {
        syntax::span(node).of(self.text)
    }

    pub(crate) fn style(&self) -> Style {
        Style::of(self)
    }

    /// The innermost node that covers exactly `span`.
    pub(crate) fn node(&self, span: Span) -> Option<Node<'a>> {
        let node = self.root.descendant_for_byte_range(span.start as usize, span.end as usize)?;
        (syntax::span(node) == span && !node.has_error()).then_some(node)
    }

    /// The file's statements, comments included.
    pub(crate) fn statements(&self) -> Vec<Node<'a>> {
        self.root.named_children().collect()
    }

    /// The statement of the file that holds `node`.
    pub(crate) fn top_level(&self, node: Node<'a>) -> Option<Node<'a>> {
        ancestors(node).find(|ancestor| ancestor.parent() == Some(self.root))
    }

    /// Every place in `within` that uses or declares the variable or type called `name`.
    pub(crate) fn occurrences(&self, within: Node<'a>, name: &str) -> Vec<Node<'a>> {
        let text = syntax::span(within).of(self.text);
        // Looked up in the tree where the text holds the name: a walk would see every node of the file.
        memchr::memmem::find_iter(text.as_bytes(), name)
            .filter_map(|at| {
                let start = within.start_byte() + at;
                let node = within.descendant_for_byte_range(start, start + name.len())?;
                (is_name(node) && self.of(node) == name && !is_foreign(node)).then_some(node)
            })
            .collect()
    }

    /// Whether the file uses or declares a variable or a type called `name`, anywhere.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        !self.occurrences(self.root, name).is_empty()
    }

    /// `wanted`, or `wanted2` and so on, whichever the file does not mention yet.
    pub(crate) fn free_name(&self, wanted: &str) -> Option<String> {
        (1..10)
            .map(|n| if n == 1 { wanted.to_owned() } else { format!("{wanted}{n}") })
            .find(|name| !self.mentions(name))
    }

    /// Where a statement ends as people see it; see [`end_of`].
    pub(crate) fn end(&self, statement: Node<'_>) -> u32 {
        debug_assert!(statement.end_byte() <= self.text.len());
        self.end_of(statement)
    }

    /// A statement without the comment behind it.
    pub(crate) fn span(&self, statement: Node<'_>) -> Span {
        Span::new(statement.start_byte() as u32, self.end(statement))
    }

    /// What stands around `offset`.
    pub(crate) fn place(&self, offset: u32) -> Place {
        let offset = offset as usize;
        let Some(leaf) = self.root.descendant_for_byte_range(offset, offset) else { return Place::Code };
        for node in ancestors(leaf) {
            if node.start_byte() >= offset || node.end_byte() <= offset {
                continue;
            }
            match node.kind() {
                "template_string" | "string" | "comment" | "regex" | "template_literal_type" => {
                    return Place::Literal;
                }
                "jsx_text" | "jsx_element" | "jsx_fragment" => return Place::Jsx,
                "template_substitution"
                | "jsx_expression"
                | "statement_block"
                | "jsx_opening_element"
                | "jsx_closing_element"
                | "jsx_self_closing_element"
                | "class_body" => return Place::Code,
                _ => {}
            }
        }
        Place::Code
    }

    /// The line of `offset` without its end mark.
    pub(crate) fn line(&self, offset: u32) -> Span {
        let lines = self.document.lines();
        lines.line_span(self.text, lines.line_of(offset))
    }

    /// Where the line after that of `offset` starts, or the end of the text.
    pub(crate) fn next_line(&self, offset: u32) -> u32 {
        let lines = self.document.lines();
        lines.line_start(self.text, lines.line_of(offset) + 1)
    }

    /// The white space in front of the line of `offset`.
    pub(crate) fn indent(&self, offset: u32) -> &'a str {
        let line = self.line(offset).of(self.text);
        &line[..line.len() - line.trim_start().len()]
    }

    /// Whether only white space stands before `offset` on its line.
    pub(crate) fn starts_line(&self, offset: u32) -> bool {
        Span::new(self.line(offset).start, offset).of(self.text).trim().is_empty()
    }

    /// The end of the code on the line of `end`, a trailing comment included; `None` where other code
    /// or a comment of several lines follows.
    pub(crate) fn line_end(&self, end: u32) -> Option<u32> {
        let line = self.line(end);
        let rest = Span::new(end, line.end).of(self.text).trim();
        let comment =
            rest.starts_with("//") || (rest.starts_with("/*") && rest.find("*/") == Some(rest.len() - 2));
        (rest.is_empty() || comment).then_some(line.end)
    }

    /// Where the comments that belong to the statement at `node` begin: those on the lines directly above.
    pub(crate) fn with_comments(&self, node: Node<'a>) -> u32 {
        let mut first = node;
        while let Some(before) = first.prev_named_sibling() {
            let between = &self.text[before.end_byte()..first.start_byte()];
            let next_to = between.matches('\n').count() == 1;
            if before.kind() != "comment" || !next_to || !self.starts_line(before.start_byte() as u32) {
                break;
            }
            first = before;
        }
        first.start_byte() as u32
    }

    /// Where a statement ends as people see it. The tree counts a comment behind a statement without `;` as
    /// part of it, and also the `;` of a next line that begins with `;[` to protect itself.
    fn end_of(&self, statement: Node<'_>) -> u32 {
        let inside = |part: Node<'_>| {
            let ends_alike = part.kind().ends_with("_declaration") || part.kind().ends_with("_statement");
            if ends_alike { self.end_of(part) } else { part.end_byte() as u32 }
        };
        let parts: Vec<Node<'_>> = statement.children().filter(|part| part.kind() != "comment").collect();
        match parts.as_slice() {
            [.., before, mark] if mark.kind() == ";" => {
                let same_line = !self.text[before.end_byte()..mark.start_byte()].contains('\n');
                if same_line { mark.end_byte() as u32 } else { inside(*before) }
            }
            [.., last] => inside(*last),
            [] => statement.end_byte() as u32,
        }
    }

    /// The text of `node` as it reads when its first line is indented by nothing: `indent` is taken off
    /// every further line that is not inside a literal.
    pub(crate) fn outdented(&self, span: Span, indent: &str) -> String {
        let mut out = String::new();
        let mut at = span.start;
        while at < span.end {
            let next = self.next_line(at).min(span.end);
            let line = Span::new(at, next).of(self.text);
            let strip = at != span.start && self.place(at) != Place::Literal;
            out.push_str(if strip { line.strip_prefix(indent).unwrap_or(line) } else { line });
            at = next;
        }
        out
    }
}

/// The declarator of a declaration that declares one thing.
pub(crate) fn only_declarator(declaration: Node<'_>) -> Option<Node<'_>> {
    let mut declarators = declaration.named_children().filter(|child| child.kind() == "variable_declarator");
    declarators.next().filter(|_| declarators.next().is_none())
}

/// The node itself and everything around it, inside out.
pub(crate) fn ancestors(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(Some(node), Node::parent)
}

/// Calls `visit` for `root` and every node below it, in text order; its answer says whether to go deeper.
pub(crate) fn each<'a>(root: Node<'a>, mut visit: impl FnMut(Node<'a>) -> bool) {
    let mut walk = root.walk();
    while let Some(node) = walk.next() {
        if !visit(node) {
            walk.pass();
        }
    }
}

/// The innermost function or class member initialiser around `node`: what may run more than once.
pub(crate) fn enclosing_function(node: Node<'_>) -> Option<Node<'_>> {
    ancestors(node).skip(1).find(|node| is_function(*node))
}

/// A function, or what runs like one: the initialiser of a class member.
pub(crate) fn is_function(node: Node<'_>) -> bool {
    form::is_function(node) || matches!(node.kind(), "public_field_definition" | "class_static_block")
}

fn is_name(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
            | "type_identifier"
    )
}

/// A name that means something of another module: `Pool` of `import { Pool as PgPool }`.
fn is_foreign(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let is = |field: &str| parent.field(field) == Some(node);
    match parent.kind() {
        "import_specifier" => is("name") && parent.field("alias").is_some(),
        "export_specifier" => {
            is("alias")
                || ancestors(parent)
                    .find(|node| node.kind() == "export_statement")
                    .is_some_and(|export| export.field("source").is_some())
        }
        _ => false,
    }
}

/// Where a declaring occurrence of a name makes it known; `None` where the occurrence is a use.
pub(crate) fn scope_of<'a>(name: Node<'a>) -> Option<Node<'a>> {
    let mut child = name;
    let block = |node: Node<'a>| {
        ancestors(node).skip(1).find(|node| {
            matches!(
                node.kind(),
                "statement_block" | "program" | "for_statement" | "switch_body" | "class_static_block"
            )
        })
    };
    for node in ancestors(name).skip(1) {
        let is = |field: &str| node.field(field) == Some(child);
        match node.kind() {
            "object_pattern" | "array_pattern" | "rest_pattern" => {}
            "pair_pattern" if is("value") => {}
            "assignment_pattern" | "object_assignment_pattern" if is("left") => {}
            "variable_declarator" if is("name") => {
                let declaration = node.parent()?;
                if declaration.kind() == "variable_declaration" {
                    return ancestors(declaration)
                        .skip(1)
                        .find(|node| is_function(*node) || node.kind() == "program");
                }
                return block(declaration);
            }
            "required_parameter" | "optional_parameter" if is("pattern") || is("name") => {
                return ancestors(node).find(|node| is_function(*node));
            }
            "arrow_function" | "catch_clause" if is("parameter") => return Some(node),
            "for_in_statement" if is("left") && node.field("kind").is_some() => {
                return Some(node);
            }
            "function_declaration"
            | "generator_function_declaration"
            | "class_declaration"
            | "abstract_class_declaration"
            | "enum_declaration"
            | "interface_declaration"
            | "type_alias_declaration"
                if is("name") =>
            {
                return block(node);
            }
            "function_expression" | "class" if is("name") => return Some(node),
            "type_parameter" if is("name") => return node.parent()?.parent(),
            "import_specifier" | "import_clause" | "namespace_import" | "import_require_clause" => {
                return ancestors(node).last();
            }
            _ => return None,
        }
        child = node;
    }
    None
}

/// Whether the variable at `name` is given another value or taken a reference of a kind that changes it.
pub(crate) fn is_written(name: Node<'_>) -> bool {
    name.parent().is_some_and(|parent| match parent.kind() {
        "assignment_expression" | "augmented_assignment_expression" | "for_in_statement" => {
            parent.field("left") == Some(name)
        }
        "update_expression" => true,
        "array_pattern" | "object_pattern" | "pair_pattern" | "rest_pattern" => scope_of(name).is_none(),
        _ => false,
    })
}
