//! What the disk says around the code, in the form the decision needs. Filled by the workspace crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rule::Need;
use crate::package::{Evidence, Package};
use crate::path::FilePath;

/// What stands beside the source files of a workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Every folder with a `package.json`, sorted by folder.
    pub packages: Vec<Arc<Package>>,
    /// Who owns which folder, where a CODEOWNERS file says it: the packages, and the folders of routes inside them.
    pub owned: Vec<Owned>,
    /// Everybody whom the CODEOWNERS file names, each once, sorted.
    pub owners: Vec<String>,
    /// The CODEOWNERS file.
    pub codeowners: Option<FilePath>,
    /// Files that describe an HTTP interface for others: `openapi.yaml`, `swagger.json`.
    pub descriptions: Vec<FilePath>,
    /// Applications that are not made of packages: Flutter, Xcode, Gradle.
    pub native: Vec<Evidence>,
    /// What the configuration says of a need.
    pub declared: BTreeMap<Need, Declared>,
}

/// Who owns a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// The folder.
    pub folder: FilePath,
    /// As the file writes them: `@acme/web`, `@ada`.
    pub owners: Vec<String>,
}

/// A need that the configuration speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Whether it is there.
    pub there: bool,
    /// The file that says so.
    pub path: FilePath,
}
