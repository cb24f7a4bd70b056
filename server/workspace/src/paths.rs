//! Between the paths of the operating system and [`FilePath`].

use std::path::{Component, Path, PathBuf, Prefix};

use routewise_analysis::path::FilePath;

use crate::ask;

/// The one name of `path`: absolute (a relative path is seen from the working folder), without `.` and
/// `..`, with `/` between segments, no `\\?\` in front and an upper-case drive letter. Symbolic links are
/// left as they are, so that the name is the one the user and the editor know. `None` where the path is
/// not UTF-8 or the working folder is gone.
pub fn file_path(path: &Path) -> Option<FilePath> {
    let path = std::path::absolute(path).ok()?;
    let mut out = String::new();
    for component in path.components() {
        match component {
            Component::Prefix(prefix) => match prefix.kind() {
                Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => {
                    out.push(char::from(letter.to_ascii_uppercase()));
                    out.push(':');
                }
                Prefix::UNC(server, share) | Prefix::VerbatimUNC(server, share) => {
                    out.push_str("//");
                    out.push_str(server.to_str()?);
                    out.push('/');
                    out.push_str(share.to_str()?);
                }
                Prefix::Verbatim(_) | Prefix::DeviceNS(_) => return None,
            },
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => {
                if let Some(at) = out.rfind('/') {
                    out.truncate(at);
                }
            }
            Component::Normal(name) => {
                out.push('/');
                out.push_str(name.to_str()?);
            }
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Some(FilePath::new(&out))
}

/// The path as the operating system takes it.
pub fn disk_path(path: &FilePath) -> PathBuf {
    // `C:` alone would be the working folder of that drive.
    if path.as_str().ends_with(':') { format!("{path}/").into() } else { path.as_str().into() }
}

/// `path` seen from `base`, for messages: `vercel.json`, `../../vercel.json`.
pub(crate) fn relative(base: &FilePath, path: &FilePath) -> String {
    let shown = base.join("_").relative_to(path);
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}

/// Whether `path` is `folder` or lies below it.
pub(crate) fn within(path: &FilePath, folder: &FilePath) -> bool {
    folder.as_str() == "/" || path == folder || path.strip(folder).is_some()
}

/// The folder above, the root of the disk included.
pub(crate) fn above(folder: &FilePath) -> Option<FilePath> {
    folder.parent().or_else(|| {
        (folder.as_str().starts_with('/') && folder.as_str().len() > 1).then(|| FilePath::new("/"))
    })
}

/// `name` in `folder`, also where the folder is the root of the disk.
pub(crate) fn child(folder: &FilePath, name: &str) -> FilePath {
    if folder.as_str() == "/" { FilePath::new(&format!("/{name}")) } else { folder.join(name) }
}

/// Whether there is a file of this name.
pub(crate) fn is_file(path: &FilePath) -> bool {
    ask::is_file(Path::new(path.as_str()))
}

/// Whether there is a folder of this name.
pub(crate) fn is_dir(path: &FilePath) -> bool {
    ask::is_dir(Path::new(path.as_str()))
}

/// The text of a small file that is not a source file, without its byte order mark; `None` where it is
/// missing, not UTF-8 or larger than any such file.
pub(crate) fn read_small(path: &FilePath) -> Option<String> {
    let text = ask::text(Path::new(path.as_str()))?;
    Some(without_bom(text))
}

/// The text without the byte order mark that some Windows editors put in front.
pub(crate) fn without_bom(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// Roots whose own name is a symbolic link or lies below one.
#[derive(Debug)]
pub(crate) struct Names {
    /// Where such a root really is, and its name.
    real: Vec<(FilePath, FilePath)>,
}

impl Names {
    pub(crate) fn new(roots: &[FilePath]) -> Self {
        let real = |root: &FilePath| {
            let real = file_path(&ask::real(&disk_path(root)).ok()?)?;
            (real != *root).then(|| (real, root.clone()))
        };
        Self { real: roots.iter().filter_map(real).collect() }
    }

    /// The name a user knows for a path that symbolic links were followed to.
    pub(crate) fn named(&self, path: FilePath) -> FilePath {
        for (real, root) in &self.real {
            if path == *real {
                return root.clone();
            }
            if let Some(rest) = path.strip(real) {
                return root.join(rest);
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_has_one_name() {
        let name = |path: &str| file_path(Path::new(path)).unwrap().as_str().to_owned();
        assert_eq!(name("/a/./b/../c/"), "/a/c");
        assert_eq!(name("/../a"), "/a");
        assert_eq!(name("/"), "/");
        assert_eq!(name("/app/[id]/(group)/@slot"), "/app/[id]/(group)/@slot");
    }

    #[test]
    #[cfg(windows)]
    fn a_windows_path_has_one_name() {
        let name = |path: &str| file_path(Path::new(path)).unwrap().as_str().to_owned();
        assert_eq!(name(r"c:\a\.\b\..\c"), "C:/a/c");
        assert_eq!(name(r"\\?\C:\a"), "C:/a");
        assert_eq!(name(r"\\server\share\a"), "//server/share/a");
    }

    #[test]
    #[cfg(unix)]
    fn a_name_that_is_not_unicode_is_no_path() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(file_path(Path::new(std::ffi::OsStr::from_bytes(b"/a/\xff.ts"))), None);
    }

    #[test]
    fn paths_in_messages_are_seen_from_the_package() {
        let base = FilePath::new("/w/apps/web");
        assert_eq!(relative(&base, &FilePath::new("/w/apps/web/vercel.json")), "vercel.json");
        assert_eq!(relative(&base, &FilePath::new("/w/vercel.json")), "../../vercel.json");
        assert!(within(&base, &FilePath::new("/w")));
        assert!(within(&base, &FilePath::new("/")));
        assert!(!within(&base, &FilePath::new("/w/apps/we")));
    }
}
