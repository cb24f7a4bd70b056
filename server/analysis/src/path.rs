//! The one form in which files are named.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// An absolute path with `/` between its segments and no trailing `/`, as in `/srv/app/route.ts` or
/// `C:/app/route.ts`. Cheap to clone. Whoever makes one from the disk normalises it first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FilePath(Arc<str>);

impl FilePath {
    /// Takes a path that is already absolute and normalised; `\` becomes `/`.
    pub fn new(path: &str) -> Self {
        let path = if path.contains('\\') { path.replace('\\', "/").into() } else { Arc::from(path) };
        Self(path)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment, `route.ts` of `/srv/app/route.ts`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last segment up to its first dot after the start: `route` of `route.api.ts`.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.char_indices().skip(1).find(|&(_, c)| c == '.').map_or(name, |(at, _)| &name[..at])
    }

    /// What follows the last dot of the file name, without the dot; empty where there is none.
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The folder that holds this file.
    pub fn parent(&self) -> Option<FilePath> {
        let (parent, _) = self.0.rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self(parent.into()))
    }

    /// `relative` (which may start with `./` and hold `..`) seen from this folder.
    #[must_use]
    pub fn join(&self, relative: &str) -> FilePath {
        if relative.starts_with('/') {
            return Self::new(relative);
        }
        let mut segments: Vec<&str> = self.0.split('/').collect();
        for segment in relative.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                other => segments.push(other),
            }
        }
        Self(segments.join("/").into())
    }

    /// This path without `folder` in front, `None` where it is not inside.
    pub fn strip(&self, folder: &FilePath) -> Option<&str> {
        self.0.strip_prefix(folder.as_str())?.strip_prefix('/')
    }

    /// How code in the folder of this file names `target`: `./db`, `../lib/db` (extension kept).
    pub fn relative_to(&self, target: &FilePath) -> String {
        let from: Vec<&str> = self.0.split('/').collect();
        let to: Vec<&str> = target.0.split('/').collect();
        let from = &from[..from.len().saturating_sub(1)];
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = from.len() - shared;
        let mut out = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
        out.push_str(&to[shared..].join("/"));
        out
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_and_put_together() {
        let route = FilePath::new("/srv/app/api/users/route.ts");
        assert_eq!(route.file_name(), "route.ts");
        assert_eq!(route.stem(), "route");
        assert_eq!(route.extension(), "ts");
        assert_eq!(route.parent().unwrap().as_str(), "/srv/app/api/users");
        assert_eq!(route.parent().unwrap().join("../../lib/db.ts").as_str(), "/srv/app/lib/db.ts");
        assert_eq!(route.relative_to(&FilePath::new("/srv/lib/db.ts")), "../../../lib/db.ts");
        assert_eq!(route.relative_to(&FilePath::new("/srv/app/api/users/db.ts")), "./db.ts");
        assert_eq!(route.strip(&FilePath::new("/srv/app")), Some("api/users/route.ts"));
        assert_eq!(route.strip(&FilePath::new("/srv/ap")), None);
        assert_eq!(FilePath::new("C:\\a\\b.ts").as_str(), "C:/a/b.ts");
    }
}
