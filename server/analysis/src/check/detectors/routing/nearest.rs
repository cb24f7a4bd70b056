//! The URL that somebody may have meant.

use crate::path::FilePath;
use crate::project::Project;
use crate::project::routes::address::HOLE;
use crate::project::routes::table::{Kind, Route};

/// A route whose URL is nearly what is asked for.
pub(crate) struct Nearest<'p> {
    pub(crate) route: &'p Route,
    /// Segments of the path as they are, and as they would have to be.
    pub(crate) segments: Vec<(String, String)>,
}

/// More letters than this make another word.
const FARTHEST: usize = 2;

/// The one route of a package whose URL differs from a path by a slip in a word or two.
pub(crate) fn nearest<'p>(project: &'p Project, root: Option<&FilePath>, path: &str) -> Option<Nearest<'p>> {
    let mut best: Option<(usize, Nearest<'p>)> = None;
    let mut several = false;
    for route in project.table().routes.iter().filter(|it| it.kind == Kind::Endpoint && it.url_known) {
        if project.file(route.file).and_then(|input| input.package.root.as_ref()) != root {
            continue;
        }
        let Some((distance, segments)) = compare(path, &route.url) else { continue };
        match &best {
            Some((known, _)) if *known < distance => {}
            Some((known, other)) if *known == distance => several |= other.route.url != route.url,
            _ => {
                several = false;
                best = Some((distance, Nearest { route, segments }));
            }
        }
    }
    best.filter(|_| !several).map(|(_, nearest)| nearest)
}

/// How many letters differ, and in which segments; `None` where too many do, or the form is another one.
fn compare(path: &str, url: &str) -> Option<(usize, Vec<(String, String)>)> {
    let split = |text: &'_ str| -> Vec<String> {
        text.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
    };
    let (path, url) = (split(path), split(url));
    if path.len() != url.len() {
        return None;
    }
    let mut distance = 0;
    let mut changed = Vec::new();
    for (asked, served) in path.into_iter().zip(url) {
        let parameter = served.starts_with('[') || served.starts_with(':');
        if parameter || asked == served {
            continue;
        }
        if asked.contains(HOLE) {
            return None;
        }
        let letters = letters(&asked, &served);
        // In a short word one letter makes another word.
        if letters > FARTHEST.min(served.len() / 3) {
            return None;
        }
        distance += letters;
        changed.push((asked, served));
    }
    (distance > 0 && distance <= FARTHEST + 1).then_some((distance, changed))
}

/// Letters to put in, take out, change, or swap with their neighbour.
fn letters(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (number, row) in rows.iter_mut().enumerate() {
        row[0] = number;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let near = |path: &str, url: &str| compare(path, url).map(|(distance, _)| distance);
        assert_eq!(near("/api/usres", "/api/users"), Some(1));
        assert_eq!(near("/api/user", "/api/users"), Some(1));
        assert_eq!(near("/api/usres/7", "/api/users/[id]"), Some(1));
        assert_eq!(near("/api/usres/\0", "/api/users/[id]"), Some(1));
        assert_eq!(near("/api/posts", "/api/users"), None);
        assert_eq!(near("/api/v1", "/api/v2"), None);
        assert_eq!(near("/api/users", "/api/users"), None);
        assert_eq!(near("/api/users/7", "/api/users"), None);
    }
}
