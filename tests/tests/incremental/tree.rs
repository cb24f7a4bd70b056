//! The syntax tree.

use routewise_analysis::document::Document;
use routewise_analysis::syntax;
use tree_sitter::{Node, Tree};

use crate::edits::{apply, batches, check, encodings, files};

/// Every node: depth, kind, field and bytes. Rows and columns are left out: tree-sitter's differ from the
/// protocol's in files with lone `\r`, and nothing reads them.
fn nodes(tree: &Tree) -> Vec<(u32, u16, Option<u16>, std::ops::Range<usize>)> {
    let mut cursor = tree.walk();
    let mut found = Vec::new();
    loop {
        let node: Node<'_> = cursor.node();
        found.push((cursor.depth(), node.kind_id(), cursor.field_id().map(u16::from), node.byte_range()));
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

#[test]
fn a_tree_without_errors_equals_a_fresh_parse_after_any_edits() {
    let asked = proptest::collection::vec(proptest::bool::weighted(0.7), 12);
    check(400, &(files(), batches(), encodings(), asked), |((path, text), batches, encoding, asked)| {
        let mut model = text.clone();
        let mut document = Document::new(path, 0, text);
        for ((version, batch), asked) in (1..).zip(&batches).zip(asked) {
            let changes = apply(&mut model, batch, encoding);
            document = document.change(version, &changes, encoding);
            // Versions that nobody asks for a tree pass their edits on to the next.
            if !asked {
                continue;
            }
            let fresh = syntax::parse(document.grammar(), &model, None).unwrap();
            if !fresh.root_node().has_error() {
                assert_eq!(nodes(document.tree().unwrap()), nodes(&fresh), "in {model:?}");
            }
        }
    });
}
