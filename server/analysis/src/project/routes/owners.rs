//! Who serves which URL of an app, to be looked up by what is alike about URLs: the same one, one that takes the same
//! paths, one that has another name for a parameter.

use rustc_hash::FxHashMap;

use super::table::{Kind, Served};
use crate::path::FilePath;
use crate::project::{FileInput, FileNo, Project};

/// What the files of Next.js serve, by the folder of their app.
#[derive(Debug, Default)]
pub(crate) struct Owners(FxHashMap<Option<FilePath>, App>);

/// What the files of one app serve; every list in the order of their paths.
#[derive(Debug, Default)]
struct App {
    urls: FxHashMap<String, Vec<Owner>>,
    /// Catch-alls, by the URL before them.
    open: FxHashMap<String, Vec<Owner>>,
    /// For each name of a parameter the first file that has it, by the URL before it and what it takes.
    names: FxHashMap<(String, Takes), Vec<(String, Owner)>>,
}

/// A file by its place in the order of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Owner {
    place: usize,
    file: FileNo,
}

/// How many segments a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Takes {
    One,
    Rest,
    Any,
}

/// Serves a URL for itself: a slot is a part of a page, and what intercepts a URL serves it in one case only.
pub(crate) fn serves_alone(input: &FileInput, served: &Served) -> bool {
    let path = input.path.as_str();
    served.kind != Kind::Metadata && !path.contains("/@") && !path.contains("/(.")
}

impl Owners {
    pub(in crate::project) fn read(project: &Project) -> Self {
        let mut apps: FxHashMap<Option<FilePath>, App> = FxHashMap::default();
        for (place, file) in project.numbers().enumerate() {
            let served = project.links(file).and_then(|links| links.served.as_ref());
            let Some((input, served)) = project.file(file).zip(served) else { continue };
            if !serves_alone(input, served) {
                continue;
            }
            let app = apps.entry(input.package.root.clone()).or_default();
            app.add(&served.url, Owner { place, file });
        }
        Self(apps)
    }

    /// The files that serve a URL.
    pub(crate) fn of(&self, root: Option<&FilePath>, url: &str) -> impl Iterator<Item = FileNo> {
        let owners = self.app(root).and_then(|app| app.urls.get(url));
        owners.into_iter().flatten().map(|owner| owner.file)
    }

    /// The files whose URLs may take the same paths as a URL that is written differently, because one of them is a
    /// catch-all.
    pub(crate) fn near(&self, root: Option<&FilePath>, url: &str) -> Vec<FileNo> {
        let Some(app) = self.app(root) else { return Vec::new() };
        let before = url.rsplit_once('/').map_or("", |(before, _)| before);
        let lists = [app.open.get(url), app.open.get(before), app.urls.get(before)];
        let mut found: Vec<Owner> = lists.into_iter().flatten().flatten().copied().collect();
        found.sort_unstable();
        found.into_iter().map(|owner| owner.file).collect()
    }

    /// The first file that calls a parameter of a URL differently, with both names as they are written.
    pub(crate) fn otherwise(&self, root: Option<&FilePath>, url: &str) -> Option<(FileNo, String, String)> {
        let names = &self.app(root)?.names;
        let clash = |(before, segment, takes): (&str, &str, Takes)| {
            let others = names.get(&(before.to_owned(), takes))?;
            let (name, owner) = others.iter().find(|(name, _)| name != segment)?;
            Some((*owner, segment.to_owned(), name.clone()))
        };
        let found = parameters(url).filter_map(clash).min_by_key(|(owner, ..)| *owner)?;
        Some((found.0.file, found.1, found.2))
    }

    fn app(&self, root: Option<&FilePath>) -> Option<&App> {
        self.0.get(&root.cloned())
    }
}

impl App {
    fn add(&mut self, url: &str, owner: Owner) {
        self.urls.entry(url.to_owned()).or_default().push(owner);
        for (before, segment, takes) in parameters(url) {
            let names = self.names.entry((before.to_owned(), takes)).or_default();
            if names.iter().all(|(name, _)| name != segment) {
                names.push((segment.to_owned(), owner));
            }
            if takes != Takes::One && before.len() + 1 + segment.len() == url.len() {
                self.open.entry(before.to_owned()).or_default().push(owner);
            }
        }
    }
}

/// The parameters of a URL, each with the URL before it: of `/a/[b]/[...c]` these are `/a` and `[b]`, and `/a/[b]`
/// and `[...c]`.
fn parameters(url: &str) -> impl Iterator<Item = (&str, &str, Takes)> {
    url.match_indices('/').filter_map(|(at, _)| {
        let segment = url[at + 1..].split('/').next().unwrap_or_default();
        let takes = match segment {
            it if !it.starts_with('[') || !it.ends_with(']') => return None,
            it if it.starts_with("[[...") => Takes::Any,
            it if it.starts_with("[...") => Takes::Rest,
            _ => Takes::One,
        };
        Some((&url[..at], segment, takes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files by their numbers, in the order of these URLs.
    fn owners(urls: &[&str]) -> Owners {
        let mut app = App::default();
        for (place, url) in urls.iter().enumerate() {
            app.add(url, Owner { place, file: place as FileNo });
        }
        Owners(std::iter::once((None, app)).collect())
    }

    #[test]
    fn files_are_found_by_what_is_alike_about_their_urls() {
        let owners = owners(&["/a", "/a/[...x]", "/a/[[...x]]", "/a", "/a/[id]", "/b/[id]", "/a/[...x]/b"]);
        assert_eq!(owners.of(None, "/a").collect::<Vec<_>>(), [0, 3]);
        assert_eq!(owners.near(None, "/a"), [1, 2]);
        assert_eq!(owners.near(None, "/a/[[...x]]"), [0, 1, 2, 3]);
        assert_eq!(owners.near(None, "/b"), []);
    }

    #[test]
    fn parameters_clash_at_the_first_place_where_urls_part() {
        let clash = |a: &str, b: &str| {
            let found = owners(&[a]).otherwise(None, b);
            found.map(|(_, ours, theirs)| format!("{ours} {theirs}"))
        };
        assert_eq!(clash("/a/[slug]/b", "/a/[id]").as_deref(), Some("[id] [slug]"));
        assert_eq!(clash("/a/new", "/a/[id]"), None);
        assert_eq!(clash("/a/[...all]", "/a/[id]"), None);
        assert_eq!(clash("/a/y/[slug]", "/a/x/[id]"), None);
        assert_eq!(clash("/a/[id]/c", "/a/[id]/b"), None);
        assert_eq!(clash("/a/[id]/[c]", "/a/[id]/[b]").as_deref(), Some("[b] [c]"));
    }

    #[test]
    fn of_several_the_first_file_is_told() {
        let owners = owners(&["/a/[b]/[d]", "/a/[c]", "/a/[id]/[e]"]);
        assert_eq!(owners.otherwise(None, "/a/[id]/[d]").map(|(file, ..)| file), Some(0));
        assert_eq!(owners.otherwise(None, "/a/[b]/[d]").map(|(file, ..)| file), Some(1));
    }
}
