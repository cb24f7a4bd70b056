//! Files in `public`, which Next.js serves as they are: before a route that has the same URL.

use std::collections::BTreeSet;

use routewise_analysis::path::FilePath;

use crate::ask::{self, Entry, Kind, Which};
use crate::paths::{child, disk_path};

/// Beside `app` or `pages`, and never in `src`.
pub(crate) const FOLDER: &str = "public";

/// Of more files than these none is told of.
const MOST: usize = 5_000;

/// Deeper folders are not looked into.
const DEEPEST: usize = 12;

/// Pictures, fonts, sounds and films: there are many, and nobody writes a route for one.
const MEDIA: [&str; 18] = [
    "avif", "bmp", "eot", "gif", "jpeg", "jpg", "mov", "mp3", "mp4", "ogg", "otf", "png", "svg", "ttf",
    "wav", "webm", "webp", "woff2",
];

/// The files in `public` of an app that may have the URL of a route, seen from there.
pub(crate) fn files(root: &FilePath) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = 0;
    let mut open = vec![(disk_path(&child(root, FOLDER)), String::new(), 0)];
    while let Some((folder, name, depth)) = open.pop() {
        for Entry { name: own, kind } in ask::entries(&folder, Which::All).unwrap_or_default() {
            seen += 1;
            if seen > MOST {
                return BTreeSet::new();
            }
            let inside = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            if kind == Some(Kind::Folder) && depth < DEEPEST {
                open.push((folder.join(own), inside, depth + 1));
            } else if kind == Some(Kind::File) && may_have_the_url_of_a_route(&inside) {
                found.insert(inside);
            }
        }
    }
    found
}

/// Whether somebody may write a route for the URL of a file.
pub(crate) fn may_have_the_url_of_a_route(inside: &str) -> bool {
    let name = inside.rsplit('/').next().unwrap_or(inside);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    !MEDIA.iter().any(|media| media.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Fixture;

    #[test]
    fn files_that_may_have_the_url_of_a_route_are_known_and_pictures_are_not() {
        let files = [("public/feed.xml", ""), ("public/api/export.csv", ""), ("public/a/logo.PNG", "")];
        let fixture = Fixture::new(&files);
        let expected = ["api/export.csv", "feed.xml"].map(str::to_owned);
        assert_eq!(super::files(&fixture.root()), BTreeSet::from(expected));
        assert_eq!(super::files(&fixture.path("none")), BTreeSet::new());
    }
}
