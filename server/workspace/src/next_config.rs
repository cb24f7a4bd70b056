//! What of a Next.js project decides which files are routes.

use routewise_analysis::package::{Move, MoveKind, NextProject};
use routewise_analysis::path::FilePath;

use crate::folders::Folder;
use crate::literal::{Literal, exported};
use crate::paths::{child, is_dir, is_file, read_small};
use crate::{public, target};

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
    let adapter = options.property("adapterPath").or_else(|| experimental.property("adapterPath"));
    let set = |name: &str| options.property(name).is_some();
    let limits = ["proxyClientMaxBodySize", "middlewareClientMaxBodySize"];
    Some(NextProject {
        app_dir,
        pages_dir,
        page_extensions,
        base_path: options.get("basePath").as_str().unwrap_or_default().to_owned(),
        output: options.get("output").as_str().map(str::to_owned),
        cache_components: options.get("cacheComponents").is_true()
            || experimental.get("cacheComponents").is_true()
            || experimental.get("dynamicIO").is_true(),
        config_known: config.is_none() || is_known(&options),
        trailing_slash: options.get("trailingSlash").is_true(),
        i18n: set("i18n"),
        headers: set("headers"),
        rewrites: set("rewrites"),
        moves: (config.is_none() || options.is_closed()).then(|| moves(&options)).flatten(),
        served_beside: served_beside(folder),
        public_files: public::files(root),
        skip_proxy_url_normalize: options.get("skipProxyUrlNormalize").is_true()
            || options.get("skipMiddlewareUrlNormalize").is_true(),
        proxy_body_limit: limits.iter().any(|name| experimental.property(name).is_some()),
        node_middleware: experimental.get("nodeMiddleware").is_true(),
        adapter_path: adapter.map(|path| path.as_str().unwrap_or_default().to_owned()),
        ignores_type_errors: options.get("typescript").get("ignoreBuildErrors").is_true(),
        webpack: set("webpack"),
        build_option: folder.manifest.as_deref().and_then(target::build_option),
        custom_server: target::custom_server(folder),
        config,
    })
}

/// `redirects` and `rewrites`, where all of them stand in the text, in the order in which Next.js looks at them.
fn moves(options: &Literal) -> Option<Vec<Move>> {
    let mut out = Vec::new();
    for (name, kind) in [("redirects", MoveKind::Redirect), ("rewrites", MoveKind::Rewrite)] {
        let lists = match options.property(name) {
            None => continue,
            Some(Literal::Function(Some(returned))) => match &**returned {
                Literal::Object { properties, open: false } => {
                    let order = ["beforeFiles", "afterFiles", "fallback"];
                    if properties.keys().any(|key| !order.contains(&key.as_str())) {
                        return None;
                    }
                    order.iter().filter_map(|key| properties.get(*key)).collect()
                }
                list => vec![list],
            },
            Some(_) => return None,
        };
        for list in lists {
            let Literal::Array(entries) = list else { return None };
            for entry in entries {
                out.push(Move {
                    kind,
                    source: entry.get("source").as_str()?.to_owned(),
                    destination: entry.get("destination").as_str().map(str::to_owned),
                    conditional: !entry.is_closed()
                        || ["has", "missing"].iter().any(|key| entry.property(key).is_some()),
                });
            }
        }
    }
    Some(out)
}

/// Whether something beside Next.js may serve paths of the app.
fn served_beside(folder: &Folder) -> bool {
    let root = &folder.path;
    if [child(root, "api"), child(root, "public").join("api")].iter().any(is_dir) {
        return true;
    }
    let files =
        ["vercel.json", "vercel.toml", "vercel.ts", "netlify.toml", "public/_redirects", "_redirects"];
    folder.chain().any(|folder| {
        files.iter().filter_map(|name| Some((name, read_small(&folder.path.join(name))?))).any(
            |(name, text)| {
                let words = ["rewrites", "redirects", "routes", "services", "builds"];
                name.ends_with("_redirects") || words.iter().any(|word| text.contains(word))
            },
        )
    })
}

/// Whether every option that is read here is a literal or known to be unset.
fn is_known(options: &Literal) -> bool {
    const READ: [&str; 8] = [
        "pageExtensions",
        "basePath",
        "output",
        "cacheComponents",
        "trailingSlash",
        "skipProxyUrlNormalize",
        "skipMiddlewareUrlNormalize",
        "adapterPath",
    ];
    const EXPERIMENTAL: [&str; 4] = ["cacheComponents", "dynamicIO", "nodeMiddleware", "adapterPath"];
    let literal = |object: &Literal, names: &[&str]| {
        object.is_closed() && names.iter().all(|name| object.property(name).is_none_or(Literal::is_literal))
    };
    literal(options, &READ)
        && options.property("experimental").is_none_or(|experimental| literal(experimental, &EXPERIMENTAL))
}

/// `app` or `src/app`: the one at the root wins.
fn router_folder(root: &FilePath, name: &str) -> Option<FilePath> {
    [child(root, name), child(root, "src").join(name)].into_iter().find(is_dir)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use routewise_analysis::package::Bundler;

    use crate::tests::Fixture;
    use std::sync::Arc;

    fn next(files: &[(&str, &str)]) -> Option<NextProject> {
        let fixture = Fixture::new(files);
        let package = fixture.open().package_of(&fixture.path("x.ts"));
        let mut next = Arc::unwrap_or_clone(package).next?;
        // Seen from the folder of the test.
        let root = fixture.root();
        for path in [&mut next.app_dir, &mut next.pages_dir, &mut next.config, &mut next.custom_server]
            .into_iter()
            .flatten()
        {
            *path = FilePath::new(path.strip(&root).unwrap());
        }
        Some(next)
    }

    const NEXT: (&str, &str) = ("package.json", r#"{"dependencies":{"next":"16.0.0"}}"#);

    #[test]
    fn literal_options_are_read() {
        let config = "export default { pageExtensions: ['.page.tsx', 'api.ts'], basePath: '/docs',\n\
                      output: 'standalone', trailingSlash: true, i18n: { locales: [] },\n\
                      skipMiddlewareUrlNormalize: true, adapterPath: require.resolve('./adapter.js'),\n\
                      async rewrites() { return [] }, webpack: (config) => config,\n\
                      typescript: { ignoreBuildErrors: true },\n\
                      experimental: { dynamicIO: true, nodeMiddleware: true, proxyClientMaxBodySize: '20mb' } }";
        let manifest = r#"{"dependencies":{"next":"16.0.0"},"scripts":{"build":"next build --webpack","start":"node server.js"}}"#;
        let server = "const next = require('next');\nnext({ dev: false }).getRequestHandler();";
        let next = next(&[
            ("package.json", manifest),
            ("server.js", server),
            ("next.config.mjs", config),
            ("src/app/", ""),
            ("pages/", ""),
        ])
        .unwrap();
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
                config_known: true,
                trailing_slash: true,
                i18n: true,
                headers: false,
                rewrites: true,
                moves: Some(Vec::new()),
                served_beside: false,
                public_files: BTreeSet::new(),
                skip_proxy_url_normalize: true,
                proxy_body_limit: true,
                node_middleware: true,
                adapter_path: Some("./adapter.js".to_owned()),
                ignores_type_errors: true,
                webpack: true,
                build_option: Some(Bundler::Webpack),
                custom_server: Some(FilePath::new("server.js")),
            }
        );
    }

    #[test]
    fn rewrites_are_read_where_they_stand_in_the_file() {
        let moves =
            |config: &'static str| next(&[NEXT, ("app/", ""), ("next.config.js", config)]).unwrap().moves;
        let entry = |kind, source: &str, destination: Option<&str>, conditional| Move {
            kind,
            source: source.to_owned(),
            destination: destination.map(str::to_owned),
            conditional,
        };
        assert_eq!(
            moves(
                "module.exports = { async rewrites() { return [{ source: '/a/:path*', destination: '/x' }] }, redirects: () => [{ source: '/b/:id(\\\\d+)', destination: to }] }"
            ),
            Some(vec![
                entry(MoveKind::Redirect, r"/b/:id(\d+)", None, false),
                entry(MoveKind::Rewrite, "/a/:path*", Some("/x"), false),
            ])
        );
        assert_eq!(
            moves(
                "module.exports = { rewrites: async () => ({ fallback: [{ source: '/b' }], beforeFiles: [{ source: '/a', has: [] }] }) }"
            ),
            Some(vec![
                entry(MoveKind::Rewrite, "/a", None, true),
                entry(MoveKind::Rewrite, "/b", None, false),
            ])
        );
        assert_eq!(moves("module.exports = {}"), Some(Vec::new()));
        for config in [
            "module.exports = { rewrites: () => [{ source: `/${x}` }] }",
            "module.exports = { rewrites: () => list }",
            "module.exports = { rewrites }",
            "module.exports = withX({})",
            "module.exports = { async rewrites() { if (x) return []; return [] } }",
        ] {
            assert_eq!(moves(config), None, "{config}");
        }
    }

    #[test]
    fn what_the_host_serves_beside_is_seen() {
        let beside = |file: &'static str, text: &'static str| {
            next(&[NEXT, ("app/", ""), (file, text)]).unwrap().served_beside
        };
        assert!(!beside("vercel.json", "{}"));
        assert!(beside("vercel.json", r#"{"rewrites":[]}"#));
        assert!(beside("api/index.py", ""));
        assert!(beside("public/api/x.json", "{}"));
    }

    #[test]
    fn defaults_hold_without_a_configuration_and_the_root_wins_over_src() {
        let next = next(&[NEXT, ("src/app/", ""), ("app/", "")]).unwrap();
        assert_eq!(next.app_dir, Some(FilePath::new("app")));
        assert_eq!(next.page_extensions, ["tsx", "ts", "jsx", "js"]);
        assert_eq!((next.base_path.as_str(), next.output, next.cache_components), ("", None, false));
    }

    #[test]
    fn options_are_known_where_nothing_has_to_be_evaluated() {
        let known = |config: &'static str| {
            next(&[NEXT, ("app/", ""), ("next.config.ts", config)]).unwrap().config_known
        };
        assert!(next(&[NEXT, ("app/", "")]).unwrap().config_known);
        assert!(known("export default { images: { domains: get() }, reactStrictMode: true }"));
        assert!(!known("export default { output: process.env.OUT }"));
        assert!(!known("export default { experimental }"));
        assert!(!known("export default withSentryConfig({ output: 'standalone' })"));
        assert!(!known("export default { ...base }"));
        assert!(!known("broken {{{"));
    }

    #[test]
    fn a_configuration_makes_a_project_and_a_mere_dependency_does_not() {
        assert!(next(&[("package.json", "{}"), ("next.config.js", "broken {{{"), ("app/", "")]).is_some());
        assert!(next(&[NEXT]).is_none());
        assert!(next(&[("package.json", "{}"), ("app/", "")]).is_none());
    }
}
