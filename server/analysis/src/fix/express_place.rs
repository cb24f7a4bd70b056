//! Where the routes of an Express application go that stands in a route file.

use std::fmt::Write as _;

use super::express_inside::Route;
use super::offer::Offer;
use crate::path::FilePath;

/// The folder that paths are counted from.
pub(super) struct Place {
    /// Itself.
    pub(super) base: FilePath,
    /// The URL of it, where the paths begin with it.
    url: String,
}

impl Place {
    /// The paths of the routes either all begin with the URL of the file's folder, or none does.
    pub(super) fn of(offer: &Offer<'_>, app: &FilePath, routes: &[Route<'_>]) -> Option<Self> {
        let folder = offer.input.path.parent()?;
        let mut base = folder.clone();
        if folder.as_str().rsplit('/').next()?.starts_with("[[...")
            || folder.as_str().rsplit('/').next()?.starts_with("[...")
        {
            base = folder.parent()?;
        }
        let inside = if base == *app { "" } else { base.strip(app)? };
        let is_group = |segment: &&str| segment.starts_with('(') && segment.ends_with(')');
        let segments: Vec<&str> =
            inside.split('/').filter(|segment| !segment.is_empty() && !is_group(segment)).collect();
        if !segments.iter().all(|segment| is_plain(segment)) {
            return None;
        }
        let url: String = segments.iter().flat_map(|segment| ["/", segment]).collect();
        let below = |route: &Route<'_>| {
            route.path.strip_prefix(url.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let whole = routes.iter().filter(|route| below(route)).count();
        match whole {
            0 => Some(Self { base, url: String::new() }),
            all if all == routes.len() => Some(Self { base, url }),
            _ => None,
        }
    }

    /// The folder of a path's route file.
    pub(super) fn folder(&self, path: &str) -> Option<FilePath> {
        let rest = path.strip_prefix(self.url.as_str())?;
        let mut folder = self.base.clone();
        for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
            let name = match segment.strip_prefix(':') {
                Some(name) if is_name(name) => format!("[{name}]"),
                None if is_plain(segment) => segment.to_owned(),
                _ => return None,
            };
            folder = folder.join(&name);
        }
        Some(folder)
    }
}

/// Whether Next.js takes the files: nothing serves their paths yet, and a segment has one name at one place.
pub(super) fn admits(offer: &Offer<'_>, files: &[&FilePath]) -> bool {
    let own = &offer.input.path;
    let taken = files.iter().filter_map(|file| file.parent()).any(|folder| {
        ["ts", "tsx", "js", "jsx"].iter().any(|extension| {
            ["route", "page"].iter().any(|stem| {
                let path = folder.join(&format!("{stem}.{extension}"));
                path != *own && offer.sources.document(&path).is_some()
            })
        })
    });
    let Some(app) = offer.input.package.next.as_ref().and_then(|next| next.app_dir.as_ref()) else {
        return false;
    };
    let others = offer.project.numbers().filter_map(|number| Some(&offer.project.file(number)?.path));
    let others = others.filter(|path| *path != own && path.strip(app).is_some());
    let mut named: Vec<(String, &str)> = Vec::new();
    for path in files.iter().copied().chain(others) {
        let mut before = String::new();
        for segment in path.as_str().split('/') {
            if segment.starts_with('[') {
                named.push((before.clone(), segment));
            }
            let _ = write!(before, "/{segment}");
        }
    }
    let clash =
        named.iter().any(|(at, name)| named.iter().any(|(place, other)| at == place && name != other));
    !taken && !clash
}

fn is_plain(segment: &str) -> bool {
    segment.starts_with(|c: char| c.is_ascii_alphanumeric())
        && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
