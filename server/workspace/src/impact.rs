//! What a change on the disk means.

use routewise_analysis::path::FilePath;

use crate::paths::{child, is_file, within};
use crate::{Workspace, public, target, user_rules, walk};

/// What it means that a file was made, changed or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Impact {
    /// A source file: read it again. When it came or went the workspace has to be opened again as well,
    /// because what the imports of other files mean is remembered.
    Source,
    /// The workspace has to be opened again.
    Configuration,
    /// The user's rules have to be read again.
    UserRules,
    /// Nothing here depends on it.
    None,
}

/// Files that say something of a package, a target or the resolution of modules.
const CONFIGURATION: [&str; 50] = [
    "routewise.json",
    "routewise.jsonc",
    "package.json",
    ".gitignore",
    "package-lock.json",
    "npm-shrinkwrap.json",
    ".package-lock.json",
    ".modules.yaml",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "yarn.lock",
    "bun.lock",
    "jsconfig.json",
    "netlify.toml",
    "open-next.config.ts",
    "sst.config.ts",
    "serverless.yml",
    "serverless.yaml",
    "template.yaml",
    "template.yml",
    "cdk.json",
    "amplify.yml",
    "customHttp.yml",
    "firebase.json",
    "app.yaml",
    "cloudbuild.yaml",
    "service.yaml",
    "staticwebapp.config.json",
    "fly.toml",
    "render.yaml",
    "railway.json",
    "railway.toml",
    "railway.ts",
    "nixpacks.toml",
    "railpack.json",
    "Procfile",
    "Dockerfile",
    "Containerfile",
    "Dockerfile.vercel",
    "Containerfile.vercel",
    "compose.yml",
    "compose.yaml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "Chart.yaml",
    "project.json",
    "wrangler.toml",
    "wrangler.json",
    "wrangler.jsonc",
    "prisma.config.ts",
];

/// Beginnings of names whose ending varies.
const CONFIGURATION_STEMS: [&str; 6] =
    ["next.config.", "vercel.", "tsconfig.", "ecosystem.config.", "apphosting.", "prisma.config."];

/// Globs of every file whose change may mean something, for an editor that watches files for a server.
pub fn watched_globs() -> Vec<String> {
    let mut globs = vec![
        "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}".to_owned(),
        format!("**/{{{}}}", CONFIGURATION.join(",")),
        "**/*.prisma".to_owned(),
        format!("**/{}/**", public::FOLDER),
        format!("**/{}/**", user_rules::FOLDER),
    ];
    globs.extend(target::FOLDERS.iter().map(|folder| format!("**/{folder}/*.{{yaml,yml}}")));
    globs.extend(CONFIGURATION_STEMS.iter().map(|stem| format!("**/{stem}*")));
    globs
}

/// See [`Workspace::depends_on`].
pub(crate) fn of(workspace: &Workspace, path: &FilePath) -> Impact {
    if workspace.roots().iter().any(|root| within(path, &child(root, user_rules::FOLDER))) {
        return Impact::UserRules;
    }
    let name = path.file_name();
    let segments = || path.as_str().split('/');
    if segments().any(|segment| segment == "node_modules") {
        // Written by npm and pnpm at the end of an install; nothing else in there is looked at.
        let installed = matches!(name, ".package-lock.json" | ".modules.yaml" | ".yarn-state.yml");
        return if installed { Impact::Configuration } else { Impact::None };
    }
    if CONFIGURATION.contains(&name)
        || CONFIGURATION_STEMS.iter().any(|stem| name.starts_with(stem))
        || path.extension() == "prisma"
        || describes_deployment(path)
        || changes_public(workspace, path)
    {
        return Impact::Configuration;
    }
    if !walk::lists(&workspace.folders, &workspace.roots, path) {
        return Impact::None;
    }
    let configures = makes_router_folder(workspace, path) || changes_custom_server(workspace, path);
    if configures { Impact::Configuration } else { Impact::Source }
}

/// Whether a file has become the one that serves a Next.js app, or is that no longer.
fn changes_custom_server(workspace: &Workspace, path: &FilePath) -> bool {
    let package = workspace.package_of(path);
    let Some(next) = &package.next else { return false };
    let folder = workspace.folders.of_file(path);
    let known = next.custom_server.as_ref() == Some(path);
    let owner = folder.chain().find(|folder| folder.manifest.is_some());
    owner.is_some_and(|owner| target::may_be_custom_server(owner, path)) && known != target::serves_next(path)
}

/// Whether a file that Next.js serves as it is came or went, or a folder of them went, where that may concern a route.
fn changes_public(workspace: &Workspace, path: &FilePath) -> bool {
    let package = workspace.package_of(path);
    let Some((root, next)) = package.root.as_ref().zip(package.next.as_ref()) else { return false };
    let Some(inside) = path.strip(&child(root, public::FOLDER)) else { return false };
    let known = next.public_files.contains(inside);
    if is_file(path) {
        return !known && public::may_have_the_url_of_a_route(inside);
    }
    let folder = format!("{inside}/");
    known || next.public_files.iter().any(|file| file.starts_with(&folder))
}

/// A file of a folder in which every file may say where the project runs.
fn describes_deployment(path: &FilePath) -> bool {
    let Some(folder) = path.parent() else { return false };
    matches!(path.extension(), "yaml" | "yml")
        && target::FOLDERS.iter().any(|name| folder.as_str().ends_with(&format!("/{name}")))
}

/// Whether a file stands in an `app` or `pages` folder that was not there when the package was read.
fn makes_router_folder(workspace: &Workspace, path: &FilePath) -> bool {
    let package = workspace.package_of(path);
    let (Some(root), Some(next)) = (&package.root, &package.next) else { return false };
    [("app", &next.app_dir), ("pages", &next.pages_dir)].into_iter().any(|(name, known)| {
        let at_root = child(root, name);
        let in_src = child(root, "src").join(name);
        match known {
            None => within(path, &at_root) || within(path, &in_src),
            Some(known) => *known != at_root && within(path, &at_root),
        }
    })
}
