//! `pnpm-lock.yaml` and the catalogs of `pnpm-workspace.yaml`: the few nested maps of them that matter,
//! read line by line. pnpm writes both with two spaces a level and nothing fancier than quotes.

use rustc_hash::FxHashMap;

const GROUPS: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// Version by importer (`.` for the root) and name, from lockfiles of version 5 to 9.
pub(crate) fn read(text: &str) -> FxHashMap<(String, String), String> {
    let mut versions = FxHashMap::default();
    for_each_leaf(text, |path, value| {
        let (importer, rest) = match path {
            ["importers", importer, rest @ ..] => (*importer, rest),
            rest => (".", rest),
        };
        let name = match rest {
            [group, name] | [group, name, "version"] if GROUPS.contains(group) => *name,
            _ => return,
        };
        if let Some(version) = version(value) {
            versions.insert((importer.to_owned(), name.to_owned()), version.to_owned());
        }
    });
    versions
}

/// Ranges by catalog (`default` for the unnamed one) and name, from `pnpm-workspace.yaml`.
pub(crate) fn catalogs(text: &str) -> FxHashMap<(String, String), String> {
    let mut ranges = FxHashMap::default();
    for_each_leaf(text, |path, value| {
        let (catalog, name) = match path {
            ["catalog", name] => ("default", *name),
            ["catalogs", catalog, name] => (*catalog, *name),
            _ => return,
        };
        ranges.insert((catalog.to_owned(), name.to_owned()), value.to_owned());
    });
    ranges
}

/// `15.0.0` of `15.0.0(react@19.0.0)`, `15.0.0_react@19.0.0`, `next@15.0.0(react@19.0.0)`.
fn version(value: &str) -> Option<&str> {
    let value = value.split(['(', '_']).next()?;
    let value = value.rsplit_once('@').map_or(value, |(_, version)| version);
    value.starts_with(|c: char| c.is_ascii_digit()).then_some(value)
}

/// Calls `leaf` with the keys that lead to each scalar of nested block maps.
fn for_each_leaf(text: &str, mut leaf: impl FnMut(&[&str], &str)) {
    let mut open: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with(['#', '-']) {
            continue;
        }
        let indent = line.len() - content.len();
        let Some((key, value)) = key_and_value(content) else { continue };
        while open.last().is_some_and(|(level, _)| *level >= indent) {
            open.pop();
        }
        open.push((indent, key));
        if !value.is_empty() {
            let path: Vec<&str> = open.iter().map(|(_, key)| *key).collect();
            leaf(&path, value);
        }
    }
}

fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let quote = content.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let (key, rest) = match quote {
        Some(quote) => content[1..].split_once(quote)?,
        None => content.split_once(':').map(|(key, _)| (key, &content[key.len()..]))?,
    };
    let value = rest.strip_prefix(':')?.trim();
    let value = value.split(" #").next().unwrap_or_default().trim();
    Some((key, value.trim_matches(['\'', '"'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(text: &str, importer: &str, name: &str) -> Option<String> {
        read(text).remove(&(importer.to_owned(), name.to_owned()))
    }

    #[test]
    fn every_version_of_the_lockfile_is_read() {
        let nine = "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  apps/web:\n    dependencies:\n      \
                    '@prisma/client':\n        specifier: ^7.0.0\n        version: 7.0.1(prisma@7.0.1(react@19.0.0))\n      \
                    db:\n        specifier: workspace:*\n        version: link:../../packages/db\n      \
                    old-next:\n        specifier: npm:next@13\n        version: next@13.5.6(react@18.2.0)\n    \
                    devDependencies:\n      next:\n        specifier: 'catalog:'\n        version: 16.0.1\n\n\
                    packages:\n\n  next@16.0.1:\n    version: 0.0.0\n";
        assert_eq!(version_of(nine, "apps/web", "@prisma/client").as_deref(), Some("7.0.1"));
        assert_eq!(version_of(nine, "apps/web", "next").as_deref(), Some("16.0.1"));
        assert_eq!(version_of(nine, "apps/web", "old-next").as_deref(), Some("13.5.6"));
        assert_eq!(version_of(nine, "apps/web", "db"), None);
        assert_eq!(version_of(nine, ".", "next"), None);
        let six = "lockfileVersion: '6.0'\n\ndependencies:\n  express:\n    specifier: ^4.18.2\n    version: 4.18.2\n";
        assert_eq!(version_of(six, ".", "express").as_deref(), Some("4.18.2"));
        let five = "lockfileVersion: 5.4\n\nimporters:\n  .:\n    specifiers:\n      next: ^12\n    \
                    dependencies:\n      next: 12.3.4_react@18.2.0\n";
        assert_eq!(version_of(five, ".", "next").as_deref(), Some("12.3.4"));
    }

    #[test]
    fn catalogs_are_read() {
        let ranges = catalogs(
            "packages:\n  - apps/*\n\ncatalog:\n  next: ^16.0.0 # ours\n  \"@prisma/client\": 7.0.0\ncatalogs:\n  old:\n    next: 14.2.0\n",
        );
        let range = |catalog: &str, name: &str| ranges.get(&(catalog.to_owned(), name.to_owned()));
        assert_eq!(range("default", "next").unwrap(), "^16.0.0");
        assert_eq!(range("default", "@prisma/client").unwrap(), "7.0.0");
        assert_eq!(range("old", "next").unwrap(), "14.2.0");
    }
}
