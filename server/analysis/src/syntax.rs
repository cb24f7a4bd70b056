//! The two grammars, and the one place that knows their warts.

use std::cell::RefCell;
use std::num::NonZeroU16;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use tree_sitter::{Language, Node, ParseOptions, Parser, Tree};

use crate::path::FilePath;
use crate::text::Span;

/// Which grammar reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grammar {
    /// `.ts`, `.mts`, `.cts`: has old-style casts, `<T>value`.
    TypeScript,
    /// Everything else: has JSX.
    Tsx,
}

/// Files above this many bytes keep their text and get no tree: nobody writes them by hand.
pub const LARGEST_PARSED: usize = 4 << 20;

impl Grammar {
    /// By the file's extension.
    pub fn of(path: &FilePath) -> Self {
        match path.extension() {
            "ts" | "mts" | "cts" => Grammar::TypeScript,
            _ => Grammar::Tsx,
        }
    }

    /// tree-sitter's handle.
    pub fn language(self) -> Language {
        match self {
            Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Grammar::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }
}

/// Steps of the parser (a few microseconds each) after which a parse is given up: some seconds of work,
/// thousands of times what the largest real file takes.
const STEPS: u32 = 2_000_000;

/// Parses `text`, reusing what `old` (already moved by the edits) still says. `None` for a text above
/// [`LARGEST_PARSED`] or one that the parser cannot finish in a bounded number of steps.
pub fn parse(grammar: Grammar, text: &str, old: Option<&Tree>) -> Option<Tree> {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
    }
    if text.len() > LARGEST_PARSED {
        return None;
    }
    PARSER.with_borrow_mut(|parser| {
        parser.set_language(&grammar.language()).ok()?;
        let mut steps = 0;
        let mut progress = |_: &tree_sitter::ParseState| {
            steps += 1;
            if steps > STEPS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let bytes = text.as_bytes();
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree =
            parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), old, Some(options));
        // A parse that was given up would be resumed by the next one on this parser.
        parser.reset();
        tree
    })
}

/// The bytes a node covers.
pub fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

/// The text a node covers.
pub fn text_of<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    span(node).of(text)
}

/// Children by the names of their fields.
pub(crate) trait Fields<'t> {
    /// The child in a field. tree-sitter's own method compares the name with those of all fields of the grammar, for
    /// every node anew.
    fn field(self, name: &str) -> Option<Node<'t>>;
}

impl<'t> Fields<'t> for Node<'t> {
    fn field(self, name: &str) -> Option<Node<'t>> {
        static NUMBERS: OnceLock<FxHashMap<Box<str>, u16>> = OnceLock::new();
        let numbers = NUMBERS.get_or_init(|| {
            let (one, other) = (Grammar::TypeScript.language(), Grammar::Tsx.language());
            let mut numbers = FxHashMap::default();
            for number in 1..=one.field_count() as u16 {
                let Some(name) = one.field_name_for_id(number) else { continue };
                if other.field_id_for_name(name).map(NonZeroU16::get) == Some(number) {
                    numbers.insert(name.into(), number);
                }
            }
            numbers
        });
        match numbers.get(name) {
            Some(number) => self.child_by_field_id(*number),
            None => self.child_by_field_name(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_name_in_both_grammars() {
        for grammar in [Grammar::TypeScript, Grammar::Tsx] {
            let tree = parse(grammar, "const a = f(b);", None).unwrap();
            let mut nodes = vec![tree.root_node()];
            let language = grammar.language();
            let mut found = 0;
            while let Some(node) = nodes.pop() {
                let mut cursor = node.walk();
                nodes.extend(node.children(&mut cursor));
                for number in 1..=language.field_count() as u16 {
                    let name = language.field_name_for_id(number).unwrap();
                    assert_eq!(node.field(name), node.child_by_field_name(name), "{name}");
                    found += usize::from(node.field(name).is_some());
                }
            }
            assert!(found > 4, "{found}");
        }
    }
}
