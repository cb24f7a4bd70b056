//! Projects written to a temporary folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with files, gone when dropped.
#[derive(Debug)]
pub struct TestProject {
    root: PathBuf,
    _folder: TempDir,
}

impl TestProject {
    /// Writes `files`, each a path below the root and its text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("routewise-").tempdir().expect("a temporary folder");
        // Servers and editors name files by their real path; /tmp is a link on some systems.
        let root = folder.path().canonicalize().expect("it exists");
        let project = Self { root, _folder: folder };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A Next.js 16 project on Vercel with `files` beside the usual ones.
    pub fn next(files: &[(&str, &str)]) -> Self {
        let project = Self::new(&[
            ("package.json", NEXT_PACKAGE),
            ("vercel.json", "{}\n"),
            ("tsconfig.json", "{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./*\"]}, \"strict\": true}}\n"),
            ("app/layout.tsx", "export default function Layout({ children }) {\n  return children;\n}\n"),
        ]);
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file of the project lies.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes one file, and the folders above it.
    pub fn write(&self, relative: &str, text: &str) {
        self.write_bytes(relative, text.as_bytes());
    }

    /// Writes one file that may be no text, and the folders above it.
    pub fn write_bytes(&self, relative: &str, bytes: &[u8]) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folders are made");
        fs::write(path, bytes).expect("the file is written");
    }

    /// Reads one file.
    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// Removes one file.
    pub fn remove(&self, relative: &str) {
        fs::remove_file(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"));
    }

    /// The URI of a file, encoded as VS Code does: everything but letters, digits and `-._~/`.
    pub fn uri(&self, relative: &str) -> String {
        file_uri(&self.path(relative))
    }
}

/// `package.json` of a Next.js 16 project with a database.
pub const NEXT_PACKAGE: &str = r#"{
  "name": "shop",
  "private": true,
  "scripts": { "dev": "next dev", "build": "next build", "start": "next start" },
  "dependencies": { "@prisma/client": "6.19.0", "next": "16.4.6", "pg": "8.16.3", "react": "19.2.0", "react-dom": "19.2.0" },
  "devDependencies": { "typescript": "5.9.3" }
}
"#;

/// A path as a `file:` URI.
pub fn file_uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    let path = path.to_str().expect("test paths are text").replace('\\', "/");
    if !path.starts_with('/') {
        uri.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
