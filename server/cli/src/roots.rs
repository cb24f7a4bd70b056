//! Which project a path belongs to.

use std::path::{Path, PathBuf};

use routewise_workspace::ask;

/// What marks the top of a project, beside a `package.json` with `workspaces`.
const MARKS: [&str; 8] = [
    ".git",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
];

/// The folder of the whole project around an absolute path: the nearest one above it that holds a
/// repository, a workspace or a lockfile; without one, the nearest package; without one, the folder itself.
pub(crate) fn project_of(path: &Path) -> PathBuf {
    let folder = if ask::is_dir(path) { path } else { path.parent().unwrap_or(path) };
    let mut package = None;
    for above in folder.ancestors() {
        let manifest = above.join("package.json");
        let has_manifest = ask::is_file(&manifest);
        if MARKS.iter().any(|mark| ask::exists(&above.join(mark)))
            || has_manifest && holds_workspaces(&manifest)
        {
            return above.to_path_buf();
        }
        if has_manifest && package.is_none() {
            package = Some(above);
        }
    }
    package.unwrap_or(folder).to_path_buf()
}

fn holds_workspaces(manifest: &Path) -> bool {
    let text = ask::text(manifest).unwrap_or_default();
    serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| value.get("workspaces").is_some())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_project_is_the_nearest_workspace_else_the_package_else_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let package = root.path().join("apps/web");
        let folder = package.join("app/api");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(project_of(&folder), folder);
        fs::write(package.join("package.json"), "{}").unwrap();
        assert_eq!(project_of(&folder.join("route.ts")), package);
        fs::write(root.path().join("package.json"), r#"{ "workspaces": ["apps/*"] }"#).unwrap();
        assert_eq!(project_of(&folder), root.path());
        fs::write(package.join("package-lock.json"), "{}").unwrap();
        assert_eq!(project_of(&folder), package);
    }
}
