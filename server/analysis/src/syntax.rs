//! The two grammars, and the one place that knows their warts.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use tree_sitter::{Language, ParseOptions, Parser, Tree};

mod node;

pub use node::{Node, Nodes, Walk};

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
    node.span()
}

/// The text a node covers.
pub fn text_of<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    span(node).of(text)
}

/// The names of a grammar's kinds of nodes and of its fields.
pub(crate) struct Names {
    kinds: Box<[Box<str>]>,
    named: Box<[bool]>,
    fields: FxHashMap<Box<str>, u8>,
}

impl Names {
    fn of(grammar: Grammar) -> &'static Self {
        static NAMES: [OnceLock<Names>; 2] = [OnceLock::new(), OnceLock::new()];
        NAMES[grammar as usize].get_or_init(|| {
            let language = grammar.language();
            let kinds = 0..language.node_kind_count() as u16;
            let named = kinds.clone().map(|number| language.node_kind_is_named(number));
            let fields = 1..=language.field_count() as u16;
            Names {
                kinds: kinds
                    .map(|number| language.node_kind_for_id(number).unwrap_or_default().into())
                    .collect(),
                named: named.collect(),
                fields: fields
                    .filter_map(|number| {
                        Some((language.field_name_for_id(number)?.into(), u8::try_from(number).ok()?))
                    })
                    .collect(),
            }
        })
    }

    fn kind(&self, number: u16) -> &str {
        self.kinds.get(usize::from(number)).map_or("ERROR", |name| name)
    }

    /// Errors are of no kind, and named.
    fn is_named(&self, number: u16) -> bool {
        self.named.get(usize::from(number)).is_none_or(|named| *named)
    }

    fn field(&self, name: &str) -> Option<u8> {
        self.fields.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What tree-sitter itself says of a node, and what is said of it here.
    fn compare(theirs: tree_sitter::Node<'_>, ours: Node<'_>, language: &Language) -> usize {
        assert_eq!(
            (theirs.kind(), theirs.kind_id(), theirs.byte_range()),
            (ours.kind(), ours.kind_id(), ours.byte_range())
        );
        let flags = (
            theirs.is_named(),
            theirs.is_extra(),
            theirs.is_error(),
            theirs.is_missing(),
            theirs.has_error(),
        );
        assert_eq!(
            flags,
            (ours.is_named(), ours.is_extra(), ours.is_error(), ours.is_missing(), ours.has_error())
        );
        assert_eq!(
            (theirs.child_count() as usize, theirs.named_child_count()),
            (ours.child_count(), ours.named_child_count())
        );
        let place = |node: Option<tree_sitter::Node<'_>>| node.map(|it| (it.kind_id(), it.byte_range()));
        let own = |node: Option<Node<'_>>| node.map(|it| (it.kind_id(), it.byte_range()));
        for number in 1..=language.field_count() as u16 {
            let name = language.field_name_for_id(number).unwrap();
            assert_eq!(
                place(theirs.child_by_field_id(number)),
                own(ours.field(name)),
                "{name} of {theirs:?}"
            );
        }
        let mut cursor = theirs.walk();
        let children: Vec<_> = ours.children().collect();
        for (number, child) in children.iter().enumerate() {
            assert_eq!(child.parent(), Some(ours));
            // tree-sitter's own siblings leave out nodes without text.
            assert_eq!(child.next_sibling(), children.get(number + 1).copied());
            assert_eq!(child.prev_sibling(), number.checked_sub(1).map(|before| children[before]));
            let mut named = children[number + 1..].iter().filter(|it| it.is_named());
            assert_eq!(child.next_named_sibling(), named.next().copied());
            let mut named = children[..number].iter().filter(|it| it.is_named());
            assert_eq!(child.prev_named_sibling(), named.next_back().copied());
        }
        let both = theirs.children(&mut cursor).zip(children);
        1 + both.map(|(one, other)| compare(one, other, language)).sum::<usize>()
    }

    const CODE: &[&str] = &[
        "const a = f(b);",
        "@dec export class A<T> extends B { private x = 1; constructor(readonly y: string) { super(); } get z() { return 1 } }",
        "for await (const x of y) { if (a) b(); else if (c) { d } else e; }\n// end\n",
        "switch (a) { case 1: case 2: f(); break; /* none */ default: g() }\ntry { } catch (e) { } finally { }",
        "export const { a, b: [c = 1], ...d } = await import('x'), e = async (f, { g }) => `h${i}j`;",
        "import a, { b as c } from 'd'; export * from 'e'; export { f as default }; export default g;",
        "label: while (true) { do { continue label } while (x ?? y) }",
        "const broken = (a, => { return [1, 2 }\nfunction (",
        "type A = { [k: string]: B | null }; interface C extends D { e(): void } enum F { G = 1 } declare module 'h' {}",
    ];

    #[test]
    fn nodes_say_what_the_tree_says_in_both_grammars() {
        let elements = ["const a = <A b={c} {...d}>text {e} <b.c/> </A>;", "<div\n  a='b' // c\n>"];
        for grammar in [Grammar::TypeScript, Grammar::Tsx] {
            for code in CODE.iter().chain(&elements) {
                let tree = parse(grammar, code, None).unwrap();
                let nodes = Nodes::of(grammar, tree.root_node());
                let count = compare(tree.root_node(), nodes.root(), &grammar.language());
                assert_eq!(nodes.root().walk().count(), count, "{code}");
            }
        }
    }

    #[test]
    fn the_innermost_node_at_a_place_is_the_one_of_the_tree() {
        for code in CODE {
            let tree = parse(Grammar::Tsx, code, None).unwrap();
            let nodes = Nodes::of(Grammar::Tsx, tree.root_node());
            for start in 0..=code.len() {
                for end in start..=code.len() {
                    let theirs = tree.root_node().descendant_for_byte_range(start, end).unwrap();
                    let ours = nodes.root().descendant_for_byte_range(start, end).unwrap();
                    let (theirs, ours) =
                        ((theirs.kind(), theirs.byte_range()), (ours.kind(), ours.byte_range()));
                    assert_eq!(theirs, ours, "{start} to {end} of {code}");
                }
            }
        }
    }

    #[test]
    fn a_walk_passes_over_what_is_not_asked_for() {
        let tree = parse(Grammar::Tsx, "f(a, () => b, c);", None).unwrap();
        let nodes = Nodes::of(Grammar::Tsx, tree.root_node());
        let mut walk = nodes.root().walk();
        let mut names = Vec::new();
        while let Some(node) = walk.next() {
            match node.kind() {
                "arrow_function" => walk.pass(),
                "identifier" => names.push(node.start_byte()),
                _ => {}
            }
        }
        assert_eq!(names, [0, 2, 14]);
    }

    #[test]
    fn nodes_are_found_by_what_is_written_there() {
        let code = "a.b = f(a, aa, 'a'); { a; } x.a.b;";
        let tree = parse(Grammar::Tsx, code, None).unwrap();
        let nodes = Nodes::of(Grammar::Tsx, tree.root_node());
        let found = |word: &str| {
            let found = nodes.root().written(word, code).map(|node| (node.kind(), node.start_byte()));
            found.collect::<Vec<_>>()
        };
        let part = "property_identifier";
        assert_eq!(
            found("a"),
            [("identifier", 0), ("identifier", 8), ("string_fragment", 16), ("identifier", 23), (part, 30)]
        );
        assert_eq!(found("a.b"), [("member_expression", 0)]);
        assert_eq!(found("'a'"), [("string", 15)]);
        assert_eq!(found(""), []);
    }
}
