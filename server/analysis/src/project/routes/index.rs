//! Which routes may serve a path, found by the words of the path: a request is held against those that begin as it
//! does, not against all there are.

use std::collections::BTreeMap;

use super::address::{Address, HOLE};
use crate::path::FilePath;

/// Routes by package and by the words that their URLs begin with.
#[derive(Debug, Default)]
pub(crate) struct Index {
    packages: BTreeMap<Option<FilePath>, Node>,
}

/// The routes whose URLs share their first words.
#[derive(Debug, Default)]
struct Node {
    /// Those that end here, or go on with something that is no word.
    routes: Vec<usize>,
    /// Those that go on with a word, in small letters.
    below: BTreeMap<String, Node>,
}

impl Index {
    /// Takes in a route of a package by its number.
    pub(super) fn add(&mut self, package: Option<FilePath>, address: &Address, number: usize) {
        let mut node = self.packages.entry(package).or_default();
        for word in address.first_words() {
            node = node.below.entry(word.to_lowercase()).or_default();
        }
        node.routes.push(number);
    }

    /// The routes of a package that may serve a path, in their order.
    pub(crate) fn of(&self, package: Option<&FilePath>, path: &str) -> Vec<usize> {
        let mut out = Vec::new();
        if let Some(node) = self.packages.get(&package.cloned()) {
            node.find(path, &mut out);
        }
        out.sort_unstable();
        out
    }

    /// Those of all other packages.
    pub(crate) fn elsewhere(&self, package: Option<&FilePath>, path: &str) -> Vec<usize> {
        let mut out = Vec::new();
        for (_, node) in self.packages.iter().filter(|(own, _)| own.as_ref() != package) {
            node.find(path, &mut out);
        }
        out.sort_unstable();
        out
    }
}

impl Node {
    fn find(&self, path: &str, out: &mut Vec<usize>) {
        out.extend(&self.routes);
        let path = path.trim_start_matches('/');
        let (piece, rest) = path.split_once('/').unwrap_or((path, ""));
        if piece.contains(HOLE) {
            for node in self.below.values() {
                node.all(out);
            }
        } else if let Some(node) = self.below.get(&piece.to_lowercase()).filter(|_| !piece.is_empty()) {
            node.find(rest, out);
        }
    }

    fn all(&self, out: &mut Vec<usize>) {
        out.extend(&self.routes);
        for node in self.below.values() {
            node.all(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::Fit;
    use super::*;

    #[test]
    fn every_route_that_serves_a_path_is_found_and_others_are_passed_over() {
        let urls = [
            "/",
            "/api",
            "/api/users",
            "/api/users/[id]",
            "/api/users/[id]/posts",
            "/api/[...all]",
            "/api/orders/[[...all]]",
            "/[lang]/about",
            "/shop/cart",
        ];
        let addresses: Vec<Address> = urls.iter().map(|url| Address::of_next(url)).collect();
        let mut index = Index::default();
        for (number, address) in addresses.iter().enumerate() {
            index.add(None, address, number);
        }
        for path in [
            "/",
            "/api",
            "/api/",
            "/api/users",
            "/api/users/7",
            "/api/users/\0/posts",
            "/api/us\0",
            "/\0",
            "/x/about",
        ] {
            let found = index.of(None, path);
            for (number, address) in addresses.iter().enumerate() {
                assert!(
                    address.fits(path) == Fit::No || found.contains(&number),
                    "{path:?} is for {}, among {found:?}",
                    urls[number]
                );
            }
        }
        assert_eq!(index.of(None, "/shop/cart"), [0, 7, 8]);
        assert_eq!(index.elsewhere(None, "/api/users"), Vec::<usize>::new());
    }

    #[test]
    fn letters_of_express_do_not_count_as_written() {
        let mut index = Index::default();
        index.add(None, &Address::of_express("/API/Users"), 0);
        assert_eq!(index.of(None, "/api/users"), [0]);
    }
}
