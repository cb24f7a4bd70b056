//! What of a Next.js project decides which files are routes.

use routewise_analysis::package::NextProject;
use routewise_analysis::path::FilePath;

use crate::folders::Folder;
use crate::literal::{Literal, exported};
use crate::paths::{child, is_dir, is_file, read_small};

/// The names Next.js looks for, in its order.
const NAMES: [&str; 5] =
    ["next.config.js", "next.config.mjs", "next.config.ts", "next.config.mts", "next.config.cjs"];

/// What Next.js takes where `pageExtensions` is not set.
const EXTENSIONS: [&str; 4] = ["tsx", "ts", "jsx", "js"];

/// The Next.js project in a folder: it depends on `next` and has routes, or it has a `next.config`.
pub(crate) fn read(folder: &Folder) -> Option<NextProject> {
    let root = &folder.path;
    let config = NAMES.iter().map(|name| child(root, name)).find(is_file);
    let app_dir = router_folder(root, "app");
    let pages_dir = router_folder(root, "pages");
    let depends = folder.manifest.as_ref().is_some_and(|manifest| manifest.depends_on("next"));
    if config.is_none() && !(depends && (app_dir.is_some() || pages_dir.is_some())) {
        return None;
    }
    let options = match &config {
        Some(path) => read_small(path).map_or(Literal::Other, |text| exported(path, &text)),
        None => Literal::Other,
    };
    let experimental = options.get("experimental");
    let page_extensions = options.get("pageExtensions").strings().unwrap_or_default();
    let mut page_extensions: Vec<String> =
        page_extensions.iter().map(|extension| extension.trim_start_matches('.').to_owned()).collect();
    if page_extensions.is_empty() {
        page_extensions = EXTENSIONS.map(str::to_owned).to_vec();
    }
    Some(NextProject {
        app_dir,
        pages_dir,
        page_extensions,
        base_path: options.get("basePath").as_str().unwrap_or_default().to_owned(),
        output: options.get("output").as_str().map(str::to_owned),
        cache_components: options.get("cacheComponents").is_true()
            || experimental.get("cacheComponents").is_true()
            || experimental.get("dynamicIO").is_true(),
        config,
    })
}

/// `app` or `src/app`: the one at the root wins.
fn router_folder(root: &FilePath, name: &str) -> Option<FilePath> {
    [child(root, name), child(root, "src").join(name)].into_iter().find(is_dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Fixture;
    use std::sync::Arc;

    fn next(files: &[(&str, &str)]) -> Option<NextProject> {
        let fixture = Fixture::new(files);
        let package = fixture.open().package_of(&fixture.path("x.ts"));
        let mut next = Arc::unwrap_or_clone(package).next?;
        // Seen from the folder of the test.
        let root = fixture.root();
        for path in [&mut next.app_dir, &mut next.pages_dir, &mut next.config].into_iter().flatten() {
            *path = FilePath::new(path.strip(&root).unwrap());
        }
        Some(next)
    }

    const NEXT: (&str, &str) = ("package.json", r#"{"dependencies":{"next":"16.0.0"}}"#);

    #[test]
    fn literal_options_are_read() {
        let config = "export default { pageExtensions: ['.page.tsx', 'api.ts'], basePath: '/docs',\n\
                      output: 'standalone', experimental: { dynamicIO: true } }";
        let next = next(&[NEXT, ("next.config.mjs", config), ("src/app/", ""), ("pages/", "")]).unwrap();
        assert_eq!(
            next,
            NextProject {
                app_dir: Some(FilePath::new("src/app")),
                pages_dir: Some(FilePath::new("pages")),
                page_extensions: vec!["page.tsx".to_owned(), "api.ts".to_owned()],
                base_path: "/docs".to_owned(),
                output: Some("standalone".to_owned()),
                cache_components: true,
                config: Some(FilePath::new("next.config.mjs")),
            }
        );
    }

    #[test]
    fn defaults_hold_without_a_configuration_and_the_root_wins_over_src() {
        let next = next(&[NEXT, ("src/app/", ""), ("app/", "")]).unwrap();
        assert_eq!(next.app_dir, Some(FilePath::new("app")));
        assert_eq!(next.page_extensions, ["tsx", "ts", "jsx", "js"]);
        assert_eq!((next.base_path.as_str(), next.output, next.cache_components), ("", None, false));
    }

    #[test]
    fn a_configuration_makes_a_project_and_a_mere_dependency_does_not() {
        assert!(next(&[("package.json", "{}"), ("next.config.js", "broken {{{"), ("app/", "")]).is_some());
        assert!(next(&[NEXT]).is_none());
        assert!(next(&[("package.json", "{}"), ("app/", "")]).is_none());
    }
}
