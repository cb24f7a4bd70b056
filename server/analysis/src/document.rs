//! One version of one file: its text, and what is derived from the text when someone asks.

use std::sync::{Arc, OnceLock};

use tree_sitter::Tree;

use crate::facts::{FileFacts, Untouched};
use crate::finding::Edit;
use crate::json;
use crate::path::FilePath;
use crate::rules::Catalogue;
use crate::syntax::{self, Grammar, Node, Nodes};
use crate::text::{Encoding, LineIndex, Position, Span};

/// One edit as the protocol words it: the whole text where `range` is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is replaced, in positions of the text as it is before this change.
    pub range: Option<(Position, Position)>,
    /// What stands there afterwards.
    pub text: String,
}

/// An immutable version of a file. The tree and the facts are made when first asked for, from those of
/// the version before: an edit costs its text, and whoever needs more pays for the change only.
#[derive(Debug)]
pub struct Document {
    path: FilePath,
    version: i32,
    grammar: Grammar,
    text: String,
    lines: Arc<LineIndex>,
    tree: OnceLock<Option<Tree>>,
    nodes: OnceLock<Option<Nodes>>,
    facts: OnceLock<Arc<FileFacts>>,
    /// The newest tree that was made before this version, moved along with every edit since.
    old_tree: Option<Tree>,
    /// The newest facts that were made before this version, and what no edit since has touched of their text.
    old_facts: Option<(Arc<FileFacts>, Untouched)>,
}

impl Document {
    /// A file as it is first seen.
    pub fn new(path: FilePath, version: i32, text: String) -> Self {
        let grammar = Grammar::of(&path);
        let lines = Arc::new(LineIndex::new(&text));
        Self {
            path,
            version,
            grammar,
            text,
            lines,
            tree: OnceLock::new(),
            nodes: OnceLock::new(),
            facts: OnceLock::new(),
            old_tree: None,
            old_facts: None,
        }
    }

    /// The next version. Changes apply in order, each to the text the one before left.
    #[must_use]
    pub fn change(&self, version: i32, changes: &[Change], encoding: Encoding) -> Self {
        let mut draft = self.draft();
        for change in changes {
            let Some((start, end)) = change.range else {
                // A client that sends whole texts edits no more than others do.
                let (old, new) = difference(&draft.text, &change.text);
                draft.replace(old, &change.text[new]);
                continue;
            };
            let start = draft.lines.offset(&draft.text, start, encoding);
            let end = draft.lines.offset(&draft.text, end, encoding).max(start);
            draft.replace(Span::new(start, end), &change.text);
        }
        self.next(version, draft)
    }

    /// What this version would be after `edits`, which belong to its text, are sorted and do not overlap. Their
    /// tree costs the edits, not the file.
    #[must_use]
    pub(crate) fn edited(&self, edits: &[Edit]) -> Self {
        // So that only what the edits touch is parsed, however often this is asked.
        self.tree();
        let mut draft = self.draft();
        for edit in edits.iter().rev() {
            draft.replace(edit.span, &edit.new_text);
        }
        self.next(self.version, draft)
    }

    fn draft(&self) -> Draft {
        Draft {
            text: self.text.clone(),
            lines: LineIndex::clone(&self.lines),
            untouched: Untouched::ALL,
            tree: self.tree.get().cloned().flatten().or_else(|| self.old_tree.clone()),
        }
    }

    fn next(&self, version: i32, draft: Draft) -> Self {
        let old_facts = match (self.facts.get(), &self.old_facts) {
            (Some(facts), _) => Some((Arc::clone(facts), draft.untouched)),
            (None, Some((facts, before))) => Some((Arc::clone(facts), before.and(draft.untouched))),
            (None, None) => None,
        };
        Self {
            path: self.path.clone(),
            version,
            grammar: self.grammar,
            text: draft.text,
            lines: Arc::new(draft.lines),
            tree: OnceLock::new(),
            nodes: OnceLock::new(),
            facts: OnceLock::new(),
            old_tree: draft.tree,
            old_facts,
        }
    }

    /// The file.
    pub fn path(&self) -> &FilePath {
        &self.path
    }

    /// The client's number for this version; 0 for a file read from the disk.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Which grammar reads it.
    pub fn grammar(&self) -> Grammar {
        self.grammar
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its lines.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The syntax tree, reparsed from the former version's; `None` where the text is too large or too
    /// hard to parse (see [`syntax::parse`]), and for JSON.
    pub fn tree(&self) -> Option<&Tree> {
        let parse = || syntax::parse(self.grammar, &self.text, self.old_tree.as_ref());
        self.tree.get_or_init(|| if json::is_json(&self.path) { None } else { parse() }).as_ref()
    }

    /// The outermost node of the tree; `None` where there is no tree.
    pub fn root(&self) -> Option<Node<'_>> {
        let lay_out = || self.tree().map(|tree| Nodes::of(self.grammar, tree.root_node()));
        self.nodes.get_or_init(lay_out).as_ref().map(Nodes::root)
    }

    /// What the file says. Chunks that the edit did not touch are taken over from the former version.
    pub fn facts(&self, catalogue: &Catalogue) -> &Arc<FileFacts> {
        self.facts_beside(catalogue, None)
    }

    /// The same for a document that has no former version, while the file is known from elsewhere, read with the same
    /// rules: statements that say what they said there bear the same names, so that who has looked into them has seen
    /// these.
    pub fn facts_beside(&self, catalogue: &Catalogue, known: Option<&FileFacts>) -> &Arc<FileFacts> {
        self.facts.get_or_init(|| {
            if json::is_json(&self.path) {
                return Arc::new(FileFacts::of_json(&self.text));
            }
            let former = self.old_facts.as_ref().map(|(facts, untouched)| (&**facts, *untouched));
            Arc::new(FileFacts::read(
                catalogue,
                self.grammar,
                &self.text,
                &self.lines,
                self.tree(),
                former.or_else(|| known.map(|known| (known, Untouched::NOTHING))),
            ))
        })
    }
}

/// The next version in the making.
struct Draft {
    text: String,
    lines: LineIndex,
    untouched: Untouched,
    /// Of the text before, moved along with the edits.
    tree: Option<Tree>,
}

impl Draft {
    fn replace(&mut self, old: Span, new: &str) {
        let Span { start, end } = old;
        self.untouched = self.untouched.after(old, self.text.len() as u32);
        let start_position = point(&self.lines, &self.text, start);
        let old_end_position = point(&self.lines, &self.text, end);
        self.text.replace_range(start as usize..end as usize, new);
        self.lines.replace(&self.text, old, new.len() as u32);
        if let Some(tree) = &mut self.tree {
            let new_end = start + new.len() as u32;
            tree.edit(&tree_sitter::InputEdit {
                start_byte: start as usize,
                old_end_byte: end as usize,
                new_end_byte: new_end as usize,
                start_position,
                old_end_position,
                new_end_position: point(&self.lines, &self.text, new_end),
            });
        }
    }
}

/// What has to be replaced in `old` to make it `new`, and by which bytes of it.
fn difference(old: &str, new: &str) -> (Span, std::ops::Range<usize>) {
    let same = |(a, b): &(u8, u8)| a == b;
    let mut head = old.bytes().zip(new.bytes()).take_while(same).count();
    while !old.is_char_boundary(head) {
        head -= 1;
    }
    let mut tail = old[head..].bytes().rev().zip(new[head..].bytes().rev()).take_while(same).count();
    while !old.is_char_boundary(old.len() - tail) {
        tail -= 1;
    }
    (Span::new(head as u32, (old.len() - tail) as u32), head..new.len() - tail)
}

/// tree-sitter's columns are bytes; its rows end at `\n` only, which differs from the protocol's lines
/// in a file with lone `\r`. Only the byte offsets decide the parse, so any consistent row does.
fn point(lines: &LineIndex, text: &str, offset: u32) -> tree_sitter::Point {
    let Position { line, character } = lines.position(text, offset, Encoding::Utf8);
    tree_sitter::Point { row: line as usize, column: character as usize }
}
