//! The nodes of a syntax tree, laid out flat.
//!
//! tree-sitter keeps a tree compact, for the next parse: a node knows neither its parent nor its field, and each step
//! searches for them anew. Here code is asked about many times over, by every pattern that could begin in it. So its
//! nodes are put into one list first, in the order of the text, outer ones first, where each step is a look at a number.

use std::fmt;

use super::{Grammar, Names};
use crate::text::Span;

/// The nodes of a tree, or of a part of one.
pub struct Nodes {
    list: Vec<Entry>,
    names: &'static Names,
    depth: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    span: Span,
    /// The node around it; its own number where there is none.
    parent: u32,
    /// The first node behind it and all that is in it.
    after: u32,
    kind: u16,
    /// The field of its parent that it stands in, 0 for none.
    field: u8,
    flags: u8,
}

const NAMED: u8 = 1;
const EXTRA: u8 = 2;
const ERROR: u8 = 4;
const MISSING: u8 = 8;
const HAS_ERROR: u8 = 16;

/// One node.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    nodes: &'t Nodes,
    at: u32,
}

impl Nodes {
    /// Of a node and all that is in it. What is around it is left out: it has no parent here.
    pub fn of(grammar: Grammar, root: tree_sitter::Node<'_>) -> Self {
        let names = Names::of(grammar);
        // Each question to tree-sitter counts, there are so many nodes; most statements have no errors to ask for.
        let broken = root.has_error();
        let mut list: Vec<Entry> = Vec::with_capacity(root.descendant_count());
        let mut cursor = root.walk();
        let mut parent = 0;
        let (mut level, mut depth) = (0, 0);
        loop {
            let number = list.len() as u32;
            let node = cursor.node();
            let kind = node.kind_id();
            let has_error = broken && node.has_error();
            let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
            list.push(Entry {
                span: Span::new(node.start_byte() as u32, node.end_byte() as u32),
                parent,
                after: number + 1,
                kind,
                field: cursor.field_id().map_or(0, |field| field.get() as u8),
                flags: flag(names.is_named(kind), NAMED)
                    | flag(node.is_extra(), EXTRA)
                    | flag(has_error && node.is_error(), ERROR)
                    | flag(has_error && node.is_missing(), MISSING)
                    | flag(has_error, HAS_ERROR),
            });
            if cursor.goto_first_child() {
                parent = number;
                level += 1;
                depth = depth.max(level);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Self { list, names, depth };
                }
                let after = list.len() as u32;
                list[parent as usize].after = after;
                parent = list[parent as usize].parent;
                level -= 1;
            }
        }
    }

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        Node { nodes: self, at: 0 }
    }

    /// How many nodes the innermost one stands in.
    pub fn depth(&self) -> u32 {
        self.depth
    }
}

impl<'t> Node<'t> {
    fn entry(&self) -> &'t Entry {
        &self.nodes.list[self.at as usize]
    }

    fn with(&self, at: u32) -> Self {
        Node { nodes: self.nodes, at }
    }

    /// Its number among all nodes of the tree, by which it is told from the others.
    pub fn id(&self) -> u32 {
        self.at
    }

    /// The number of its kind in the grammar.
    pub fn kind_id(&self) -> u16 {
        self.entry().kind
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        self.nodes.names.kind(self.entry().kind)
    }

    /// Its place in the text.
    pub fn span(&self) -> Span {
        self.entry().span
    }

    /// Its first byte.
    pub fn start_byte(&self) -> usize {
        self.entry().span.start as usize
    }

    /// The byte behind its last.
    pub fn end_byte(&self) -> usize {
        self.entry().span.end as usize
    }

    /// The bytes it covers.
    pub fn byte_range(&self) -> std::ops::Range<usize> {
        self.start_byte()..self.end_byte()
    }

    fn is(&self, flag: u8) -> bool {
        self.entry().flags & flag != 0
    }

    /// It is no punctuation and no keyword.
    pub fn is_named(&self) -> bool {
        self.is(NAMED)
    }

    /// It may stand anywhere: a comment.
    pub fn is_extra(&self) -> bool {
        self.is(EXTRA)
    }

    /// It holds what the grammar does not know.
    pub fn is_error(&self) -> bool {
        self.is(ERROR)
    }

    /// It is not in the text; the parser put it there to go on.
    pub fn is_missing(&self) -> bool {
        self.is(MISSING)
    }

    /// Something in it is an error or missing.
    pub fn has_error(&self) -> bool {
        self.is(HAS_ERROR)
    }

    /// The node around it, among those that were laid out.
    pub fn parent(&self) -> Option<Self> {
        (self.at != 0).then(|| self.with(self.entry().parent))
    }

    /// What stands directly in it, punctuation included.
    pub fn children(&self) -> impl Iterator<Item = Self> + Clone + use<'t> {
        let node = *self;
        let end = self.entry().after;
        let mut next = self.at + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = node.with(next);
                next = child.entry().after;
                child
            })
        })
    }

    /// The named ones of what stands directly in it.
    pub fn named_children(&self) -> impl Iterator<Item = Self> + Clone + use<'t> {
        self.children().filter(Node::is_named)
    }

    /// One of what stands directly in it.
    pub fn child(&self, number: usize) -> Option<Self> {
        self.children().nth(number)
    }

    /// One of the named ones of what stands directly in it.
    pub fn named_child(&self, number: usize) -> Option<Self> {
        self.named_children().nth(number)
    }

    /// How many nodes stand directly in it.
    pub fn child_count(&self) -> usize {
        self.children().count()
    }

    /// How many named ones stand directly in it.
    pub fn named_child_count(&self) -> usize {
        self.named_children().count()
    }

    /// The number of the field of its parent that it stands in.
    pub fn field_id(&self) -> Option<u8> {
        Some(self.entry().field).filter(|field| *field != 0)
    }

    /// Whether it stands in this field of its parent.
    pub fn is_field(&self, name: &str) -> bool {
        self.entry().field != 0 && self.nodes.names.field(name) == Some(self.entry().field)
    }

    /// The first child in a field, by the number of the field.
    pub fn in_field(&self, field: u8) -> Option<Self> {
        self.children().find(|child| child.entry().field == field)
    }

    /// The first child in a field.
    pub fn field(&self, name: &str) -> Option<Self> {
        self.in_field(self.nodes.names.field(name)?)
    }

    /// All children in a field.
    pub fn all_in(&self, name: &str) -> impl Iterator<Item = Self> + use<'t> {
        let field = self.nodes.names.field(name);
        self.children().filter(move |child| field.is_some() && child.field_id() == field)
    }

    /// The node behind it in the same parent.
    pub fn next_sibling(&self) -> Option<Self> {
        let parent = self.parent()?;
        let after = self.entry().after;
        (after < parent.entry().after).then(|| self.with(after))
    }

    /// The node before it in the same parent.
    pub fn prev_sibling(&self) -> Option<Self> {
        self.parent()?.children().take_while(|child| child != self).last()
    }

    /// The named node behind it in the same parent.
    pub fn next_named_sibling(&self) -> Option<Self> {
        std::iter::successors(self.next_sibling(), Node::next_sibling).find(Node::is_named)
    }

    /// The named node before it in the same parent.
    pub fn prev_named_sibling(&self) -> Option<Self> {
        self.parent()?.named_children().take_while(|child| child.at < self.at).last()
    }

    /// The node and all that is in it, in the order of the text, outer ones first.
    pub fn walk(&self) -> Walk<'t> {
        Walk { nodes: self.nodes, last: self.at, next: self.at, end: self.entry().after }
    }

    /// The nodes in it that are written as `word`, in the order of the text. Where its letters do not stand nothing is
    /// looked at. Nothing is written as nothing.
    pub fn written<'w>(&self, word: &'w str, source: &'w str) -> impl Iterator<Item = Self> + use<'t, 'w> {
        let node = *self;
        let list = &node.nodes.list[node.at as usize..node.entry().after as usize];
        // The letters of nothing stand everywhere.
        let within = if word.is_empty() { "" } else { node.span().of(source) };
        let hits = memchr::memmem::find_iter(within.as_bytes(), word.as_bytes());
        hits.filter(|_| !word.is_empty()).flat_map(move |hit| {
            let start = node.entry().span.start + hit as u32;
            let span = Span::new(start, start + word.len() as u32);
            // Of the nodes that begin there the inner ones come last.
            let first = list.partition_point(|entry| entry.span.start < start);
            let begin =
                list[first..].iter().zip(first..).take_while(move |(entry, _)| entry.span.start == start);
            begin
                .filter(move |(entry, _)| entry.span == span)
                .map(move |(_, at)| node.with(node.at + at as u32))
        })
    }

    /// The innermost node that covers these bytes; the one that begins there, where one ends and another begins.
    pub fn descendant_for_byte_range(&self, start: usize, end: usize) -> Option<Self> {
        if start > end {
            return None;
        }
        let mut node = *self;
        let inner = |node: Self| {
            let reaches = |child: &Self| {
                let (from, to) = (child.start_byte(), child.end_byte());
                to >= end && if from == to { to >= start } else { to > start }
            };
            node.children().find(reaches).filter(|child| child.start_byte() <= start)
        };
        while let Some(child) = inner(node) {
            node = child;
        }
        Some(node)
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && std::ptr::eq(self.nodes, other.nodes)
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes", self.list.len())
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.kind(), self.span())
    }
}

/// A way through a node: see [`Node::walk`].
#[derive(Clone, Debug)]
pub struct Walk<'t> {
    nodes: &'t Nodes,
    last: u32,
    next: u32,
    end: u32,
}

impl Walk<'_> {
    /// Goes on behind the node that came last, not into it.
    pub fn pass(&mut self) {
        self.next = self.nodes.list[self.last as usize].after;
    }
}

impl<'t> Iterator for Walk<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        (self.next < self.end).then(|| {
            self.last = self.next;
            self.next += 1;
            Node { nodes: self.nodes, at: self.last }
        })
    }
}
