//! Which patterns can begin at a node. There are hundreds of patterns, and hundreds of thousands of calls they could
//! begin at; but most of them ask for a name right below: `findMany` in `prisma.user.findMany(…)`. So they are looked up
//! by that name.

use rustc_hash::FxHashMap;

use super::pattern::Step;
use super::texts::TextTest;
use crate::syntax::{self, Node};

/// The patterns that can begin at one kind of node.
#[derive(Debug, Default)]
pub(super) struct Begins {
    /// Those that ask for no text.
    any: Vec<u32>,
    keyed: Vec<Keyed>,
}

/// Patterns that ask for the text of the same node.
#[derive(Debug)]
struct Keyed {
    /// The fields that lead to it.
    way: Vec<u8>,
    /// By the text it has to have.
    patterns: FxHashMap<Box<str>, Vec<u32>>,
}

impl Begins {
    pub(super) fn is_empty(&self) -> bool {
        self.any.is_empty() && self.keyed.is_empty()
    }

    /// Enters a pattern by one of its roots. Numbers come in ascending order.
    pub(super) fn insert(&mut self, number: u32, root: &Step, conditions: &[TextTest]) {
        let add = |numbers: &mut Vec<u32>| {
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        };
        let Some((way, texts)) = key(root, root, conditions) else { return add(&mut self.any) };
        let at = self.keyed.iter().position(|keyed| keyed.way == way).unwrap_or_else(|| {
            self.keyed.push(Keyed { way, patterns: FxHashMap::default() });
            self.keyed.len() - 1
        });
        for text in texts {
            add(self.keyed[at].patterns.entry(text.clone()).or_default());
        }
    }

    /// Calls `then` with every pattern that may begin at a node, in the order of their numbers, each once.
    pub(super) fn candidates(&self, node: Node<'_>, text: &str, then: &mut dyn FnMut(u32)) {
        let mut found: Vec<u32> = Vec::new();
        for keyed in &self.keyed {
            let target = keyed.way.iter().try_fold(node, |at, field| at.in_field(*field));
            let named = target.and_then(|target| keyed.patterns.get(syntax::text_of(target, text)));
            found.extend(named.into_iter().flatten());
        }
        if found.is_empty() {
            return self.any.iter().for_each(|number| then(*number));
        }
        found.extend(&self.any);
        found.sort_unstable();
        found.dedup();
        found.into_iter().for_each(then);
    }
}

/// A node at or below a step of `root` that has to have one of some texts: the fields that lead there, and the texts.
fn key<'p>(root: &Step, step: &Step, conditions: &'p [TextTest]) -> Option<(Vec<u8>, &'p [Box<str>])> {
    // Of a capture that is given to several nodes, one decides.
    let mut own = step.captures.iter().filter(|name| root.bears(**name) == 1);
    let texts = own.find_map(|name| conditions.iter().find_map(|it| it.texts_of(*name)));
    if let Some(texts) = texts {
        return Some((Vec::new(), texts));
    }
    if !step.by_fields() {
        return None;
    }
    step.children.iter().find_map(|child| {
        let (field, [only]) = (child.field?, child.any.as_slice()) else { return None };
        let (mut way, texts) = key(root, only, conditions)?;
        way.insert(0, field);
        Some((way, texts))
    })
}
