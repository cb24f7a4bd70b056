//! A project of a few files, told in memory.

use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::package::{NextProject, Package, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Project, Resolution, Settings};
use routewise_analysis::rules::Catalogue;

pub(crate) fn package() -> Arc<Package> {
    let version = |major| Version { major, minor: 0, patch: 0, source: VersionSource::Installed };
    Arc::new(Package {
        root: Some(FilePath::new("/p")),
        versions: [("next".to_owned(), version(16)), ("@prisma/client".to_owned(), version(6))].into(),
        next: Some(NextProject {
            app_dir: Some(FilePath::new("/p/app")),
            pages_dir: Some(FilePath::new("/p/pages")),
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).to_vec(),
            config_known: true,
            moves: Some(Vec::new()),
            ..NextProject::default()
        }),
        typescript: true,
        ..Package::default()
    })
}

/// Inserts files whose relative imports name each other without extension.
pub(crate) fn project(files: &[(&str, &str)]) -> Project {
    let catalogue = Catalogue::builtin();
    let mut project = Project::new(Arc::clone(&catalogue));
    for (path, text) in files {
        let path = FilePath::new(&format!("/p/{path}"));
        let document = Document::new(path.clone(), 0, (*text).to_owned());
        let facts = Arc::clone(document.facts(&catalogue));
        let resolutions = facts
            .specifiers
            .iter()
            .map(|specifier| {
                let folder = match specifier.strip_prefix("@/") {
                    Some(inside) => FilePath::new("/p").join(inside),
                    None if specifier.starts_with('.') => path.parent().expect("a folder").join(specifier),
                    None => return Resolution::External,
                };
                let found = files.iter().map(|(name, _)| FilePath::new(&format!("/p/{name}"))).find(|file| {
                    file.as_str().rsplit_once('.').is_some_and(|(stem, _)| stem == folder.as_str())
                });
                found.map_or(Resolution::Unresolved, Resolution::File)
            })
            .collect();
        project.insert(FileInput {
            path,
            package: package(),
            settings: Arc::new(Settings::default()),
            facts,
            resolutions,
        });
    }
    project.set_complete(true);
    project.link();
    project
}

/// One file as it joins a project in which it imports packages only.
pub(crate) fn alone(document: &Document) -> FileInput {
    let facts = Arc::clone(document.facts(&Catalogue::builtin()));
    FileInput {
        path: document.path().clone(),
        package: package(),
        settings: Arc::new(Settings::default()),
        resolutions: vec![Resolution::External; facts.specifiers.len()],
        facts,
    }
}
