//! Writing changed files: whole or not at all, and never over somebody else's change.
#![expect(clippy::disallowed_methods, reason = "what is written is compared with the disk at that moment")]

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// Replaces the text of a file by way of a temporary file in the same folder. A symbolic link stays one,
/// permissions and a byte order mark stay.
///
/// # Errors
/// When the file no longer holds `old` (`ErrorKind::InvalidData`), and whatever the disk says.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let bytes = fs::read(&path)?;
    let bom = unchanged(&bytes, old)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        // The rename would succeed: it asks for the folder's permission only.
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let mut file = temporary(&path, &permissions)?;
    file.write_all(bom)?;
    file.write_all(new.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// Makes a file that does not exist yet, and the folders above it.
///
/// # Errors
/// `ErrorKind::AlreadyExists` when somebody else made it, and whatever the disk says.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whether the file still holds the text that was read, and the byte order mark before it.
///
/// # Errors
/// `ErrorKind::InvalidData` when it does not.
pub(crate) fn unchanged<'b>(bytes: &'b [u8], text: &str) -> io::Result<&'b [u8]> {
    match bytes.strip_suffix(text.as_bytes()) {
        Some(mark @ (b"" | b"\xef\xbb\xbf")) => Ok(mark),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the file changed since it was read")),
    }
}

fn temporary(path: &Path, permissions: &Permissions) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".routewise-").permissions(permissions.clone()).tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("route.ts");
        fs::write(&path, "theirs").unwrap();
        let error = replace(&path, "ours", "new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_byte_order_mark_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("route.ts");
        fs::write(&path, "\u{feff}old\r\n").unwrap();
        replace(&path, "old\r\n", "new\r\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "\u{feff}new\r\n");
    }

    #[test]
    fn a_new_file_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib/prisma.ts");
        create(&path, "ours").unwrap();
        assert_eq!(create(&path, "again").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_a_link_stays_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.ts"), folder.path().join("link.ts"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o664)).unwrap();
        symlink(&real, &link).unwrap();
        replace(&link, "old", "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o664);
    }
}
