//! Which declaration a name means at a place, found without a look at all others of that name: minified code has
//! thousands of one name in one statement.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::chunk::Decl;

/// The declarations of a chunk by name and scope.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Scopes {
    /// Those of one name are neighbours: first those of the whole module, then the others by the start of their scope,
    /// an outer scope before those in it.
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    decl: u32,
    /// The entry of the same name whose scope is the next one around, or [`NONE`].
    around: u32,
}

const NONE: u32 = u32::MAX;

impl Scopes {
    /// Of all declarations of a chunk. Scopes lie in one another or beside one another, as the nodes of a tree do.
    pub(super) fn of(decls: &[Decl]) -> Self {
        let decl = |number: u32| &decls[number as usize];
        let mut order: Vec<u32> = (0..decls.len() as u32).collect();
        // Of two declarations in one scope the first counts, so it comes last.
        order.sort_unstable_by_key(|&number| {
            let decl = decl(number);
            let scope = decl.scope.map(|scope| (scope.0.start, Reverse(scope.0.end)));
            (&decl.name, scope, Reverse(number))
        });
        let mut entries: Vec<Entry> = Vec::with_capacity(order.len());
        for number in order {
            let new = decl(number);
            let holds = |entry: &Entry| {
                let other = decl(entry.decl);
                let scopes = other.scope.zip(new.scope);
                other.name == new.name && scopes.is_some_and(|(other, new)| new.0.end <= other.0.end)
            };
            let mut around = (entries.len() as u32).checked_sub(1).unwrap_or(NONE);
            while let Some(entry) = entries.get(around as usize).filter(|entry| !holds(entry)) {
                around = entry.around;
            }
            entries.push(Entry { decl: number, around });
        }
        Self { entries }
    }

    /// The numbers of the declarations of a name.
    pub(super) fn named<'d>(&'d self, decls: &'d [Decl], name: &'d str) -> impl Iterator<Item = u32> {
        let name_of = |entry: &Entry| &*decls[entry.decl as usize].name;
        let first = self.entries.partition_point(|entry| name_of(entry) < name);
        self.entries[first..].iter().take_while(move |entry| name_of(entry) == name).map(|entry| entry.decl)
    }

    /// The declaration of a name in the innermost function or block around `offset` that has one.
    pub(super) fn innermost(&self, decls: &[Decl], name: &str, offset: u32) -> Option<u32> {
        let begins = |entry: &Entry| {
            let decl = &decls[entry.decl as usize];
            (&*decl.name, decl.scope.map(|scope| scope.0.start)) <= (name, Some(offset))
        };
        let mut at = self.entries.partition_point(begins).checked_sub(1)?;
        // What begins before and ends before as well lies beside, or in what holds the place.
        while let Some(entry) = self.entries.get(at) {
            let decl = &decls[entry.decl as usize];
            if decl.name != name {
                return None;
            }
            if offset < decl.scope?.0.end {
                return Some(entry.decl);
            }
            at = entry.around as usize;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{At, Shape};
    use crate::text::Span;

    fn decl(name: &str, scope: Option<(u32, u32)>) -> Decl {
        Decl {
            name: name.into(),
            at: At(Span::new(0, 0)),
            scope: scope.map(|(start, end)| At(Span::new(start, end))),
            parameter: None,
            value: Shape::Other,
            annotation: None,
        }
    }

    /// The shortest scope around the place, and the first declaration in it.
    fn looked_at_one_by_one(decls: &[Decl], name: &str, offset: u32) -> Option<u32> {
        let around =
            decls.iter().zip(0..).filter(|(decl, _)| decl.name == name).filter_map(|(decl, number)| {
                let scope = decl.scope?.0;
                (scope.start <= offset && offset < scope.end).then_some((scope.end - scope.start, number))
            });
        around.min().map(|(_, number)| number)
    }

    #[test]
    fn a_name_means_the_declaration_in_the_innermost_scope_around_it_that_has_one() {
        // Scopes in one another and beside one another, some of them twice, some empty.
        let mut scopes = vec![(0, 64)];
        let mut at = 0;
        while let Some(&(start, end)) = scopes.get(at) {
            at += 1;
            let middle = start + (end - start) / 2;
            if end - start > 3 {
                scopes.extend([(start, middle), (middle + 1, end), (start, middle)]);
            }
        }
        scopes.extend([(7, 7), (64, 64), (70, 80)]);
        let names = ["a", "ab", "b", "c"];
        let mut decls = vec![decl("b", None), decl("d", None), decl("b", None)];
        let mut dice = 8_u64;
        for &scope in &scopes {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            decls.push(decl(names[(dice >> 33) as usize % names.len()], Some(scope)));
        }
        let sorted = Scopes::of(&decls);
        for name in ["", "a", "aa", "ab", "b", "c", "d", "e"] {
            for offset in 0..90 {
                let expected = looked_at_one_by_one(&decls, name, offset);
                assert_eq!(sorted.innermost(&decls, name, offset), expected, "{name} at {offset}");
            }
            let mut found: Vec<u32> = sorted.named(&decls, name).collect();
            found.sort_unstable();
            let expected: Vec<u32> = decls
                .iter()
                .zip(0..)
                .filter(|(decl, _)| decl.name == name)
                .map(|(_, number)| number)
                .collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
