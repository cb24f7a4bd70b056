//! What the disk says of a package.

use std::sync::Arc;

use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;

use crate::folders::Folder;
use crate::paths::{child, is_file};
use crate::{Workspace, next_config, target, vercel};

/// The package a file belongs to: the nearest folder with a `package.json`.
pub(crate) fn package_of(workspace: &Workspace, path: &FilePath) -> Arc<Package> {
    let folder = workspace.folders.of_file(path);
    let owner = folder.chain().find(|folder| folder.manifest.is_some());
    // What no package holds belongs to the topmost folder.
    let Some(owner) = owner.or_else(|| folder.chain().last()) else { return Arc::default() };
    Arc::clone(owner.package.get_or_init(|| Arc::new(read(workspace, owner))))
}

fn read(workspace: &Workspace, folder: &Folder) -> Package {
    let next = next_config::read(folder);
    let target = target::of(workspace, folder, next.as_ref());
    let plan = workspace.plan(folder);
    let vercel = vercel::read(folder);
    let Some(manifest) = &folder.manifest else {
        return Package { target, plan, vercel, ..Package::default() };
    };
    Package {
        root: Some(folder.path.clone()),
        name: manifest.name.clone(),
        versions: workspace.versions.of(folder),
        dependencies: manifest.wanted.keys().cloned().collect(),
        instances: target::instances(folder, &target),
        streaming: target::streaming(folder, &target),
        keeps_files: target::keeps_files(folder, &target),
        next,
        target,
        plan,
        vercel,
        es_modules: manifest.es_modules,
        typescript: manifest.depends_on("typescript") || is_file(&child(&folder.path, "tsconfig.json")),
        prisma_outputs: workspace.prisma_outputs.clone(),
        aliases: workspace.resolver.aliases(&folder.path),
    }
}
