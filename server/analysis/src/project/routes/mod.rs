//! What a file is to Next.js, by its path, and the URL it serves.
//!
//! Conventions as Next.js 16.4.6 applies them (`next/dist/docs/01-app/03-api-reference/03-file-conventions`).

pub(crate) mod address;
pub(crate) mod index;
pub(crate) mod owners;
pub(crate) mod table;

use crate::package::{NextProject, Package};
use crate::path::FilePath;
use crate::project::FileInput;

/// What a file is to its framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// `app/**/route.*`: its exported methods are handlers.
    RouteHandler,
    /// `app/**/page.*`, `layout.*` and their like: rendered on the server for each request.
    AppPage,
    /// `sitemap.*`, `opengraph-image.*` and their like: route handlers in disguise.
    Metadata,
    /// `pages/api/**`: its default export is a handler.
    PagesApi,
    /// Another file under `pages`.
    Page,
    /// `middleware.*` or `proxy.*` where Next.js looks for it.
    Proxy,
    /// `instrumentation.*`: runs once when a server starts.
    Instrumentation,
    /// Any other file.
    Other,
}

impl Role {
    /// The name that rules use for this kind of code, out of [`crate::rules::APPLIES`].
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Role::RouteHandler => Some("app-route"),
            Role::PagesApi => Some("pages-api"),
            Role::AppPage | Role::Page => Some("page"),
            Role::Proxy => Some("proxy"),
            Role::Instrumentation => Some("instrumentation"),
            Role::Metadata | Role::Other => None,
        }
    }
}

/// What kind of code a file is to Next.js, by the names that rules use.
pub(crate) fn kind(input: &FileInput) -> Option<&'static str> {
    role(input.package.next.as_ref()?, &input.path).kind()
}

/// Pages that Next.js renders, by the stem of the file.
const APP_PAGES: &[&str] = &[
    "page",
    "layout",
    "template",
    "default",
    "loading",
    "error",
    "not-found",
    "global-error",
    "forbidden",
    "unauthorized",
];

/// Images that are made by code, by the stem of the file (a digit may follow).
const IMAGES: &[&str] = &["icon", "apple-icon", "opengraph-image", "twitter-image"];

/// What a file is to Next.js.
pub fn role(next: &NextProject, path: &FilePath) -> Role {
    let Some(stem) = page_stem(next, path) else { return Role::Other };
    if let Some(inside) = next.app_dir.as_ref().and_then(|app| path.strip(app)) {
        let private = inside.split('/').any(|segment| segment.starts_with('_'));
        let name = stem.rsplit('/').next().unwrap_or_default();
        return match name {
            _ if private => Role::Other,
            "route" => Role::RouteHandler,
            name if APP_PAGES.contains(&name) => Role::AppPage,
            "sitemap" => Role::Metadata,
            // One for the whole app, at its top.
            "robots" | "manifest" if !inside.contains('/') => Role::Metadata,
            name if is_image(name) => Role::Metadata,
            _ => Role::Other,
        };
    }
    if let Some(inside) = next.pages_dir.as_ref().and_then(|pages| path.strip(pages)) {
        return if inside.starts_with("api/") || inside.starts_with("api.") {
            Role::PagesApi
        } else {
            Role::Page
        };
    }
    let beside = beside(next);
    if beside.is_some() && path.parent() == beside {
        return match stem.rsplit('/').next() {
            Some("middleware" | "proxy") => Role::Proxy,
            Some("instrumentation") => Role::Instrumentation,
            _ => Role::Other,
        };
    }
    Role::Other
}

/// Whether a file makes an image that pages name: `icon`, `opengraph-image2`.
fn is_image(name: &str) -> bool {
    IMAGES
        .iter()
        .filter_map(|known| name.strip_prefix(known))
        .any(|rest| rest.is_empty() || rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The folder in which Next.js looks for `proxy`, `middleware` and `instrumentation`: that of `app` or `pages`.
pub fn beside(next: &NextProject) -> Option<FilePath> {
    next.app_dir.as_ref().or(next.pages_dir.as_ref()).and_then(FilePath::parent)
}

/// The path without its page extension; `None` where Next.js would not look at the file.
fn page_stem<'p>(next: &NextProject, path: &'p FilePath) -> Option<&'p str> {
    next.page_extensions
        .iter()
        .filter_map(|extension| path.as_str().strip_suffix(extension.as_str())?.strip_suffix('.'))
        .min_by_key(|stem| stem.len())
}

/// The URL a file serves, with dynamic segments as Next.js writes them: `/api/users/[id]`.
pub fn url(next: &NextProject, path: &FilePath) -> Option<String> {
    let stem = page_stem(next, path)?;
    let role = role(next, path);
    let folder_or_file = match role {
        Role::Metadata => {
            let inside = path.strip(next.app_dir.as_ref()?)?;
            let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
            let name = stem.rsplit('/').next()?;
            format!("{folder}/{}", metadata_name(folder, name))
        }
        Role::RouteHandler | Role::AppPage => {
            let inside = path.strip(next.app_dir.as_ref()?)?;
            inside.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
        }
        Role::PagesApi | Role::Page => {
            let inside = &stem[next.pages_dir.as_ref()?.as_str().len() + 1..];
            inside.strip_suffix("/index").unwrap_or(if inside == "index" { "" } else { inside }).to_owned()
        }
        _ => return None,
    };
    let mut url = next.base_path.clone();
    // In `pages` every folder is a part of the URL, whatever its name.
    let is_app = !matches!(role, Role::PagesApi | Role::Page);
    for segment in folder_or_file.split('/').filter(|segment| !segment.is_empty()) {
        let group = segment.starts_with('(') && segment.ends_with(')') && !segment.starts_with("(.");
        if is_app && (group || segment.starts_with('@')) {
            continue;
        }
        url.push('/');
        url.push_str(&if is_app { segment.replace("%5F", "_") } else { segment.to_owned() });
    }
    if url.is_empty() {
        url.push('/');
    }
    Some(url)
}

/// The last segment of the URL of a metadata file, by its folder below `app` and its name. Below a group or a slot
/// Next.js adds letters made of the folder, because folders with the same URL may each have an icon.
fn metadata_name(folder: &str, name: &str) -> String {
    match name {
        "sitemap" => return "sitemap.xml".to_owned(),
        "robots" => return "robots.txt".to_owned(),
        "manifest" => return "manifest.webmanifest".to_owned(),
        _ => {}
    }
    let apart =
        |segment: &str| segment.starts_with('(') && segment.ends_with(')') || segment.starts_with('@');
    if !folder.split('/').any(apart) {
        return name.to_owned();
    }
    let parent = format!("/{folder}");
    let hash = parent
        .encode_utf16()
        .fold(5381u32, |hash, unit| (hash << 5).wrapping_add(hash).wrapping_add(u32::from(unit)));
    let mut digits = Vec::new();
    let mut rest = hash;
    while rest > 0 {
        digits.push(char::from_digit(rest % 36, 36).unwrap_or('0'));
        rest /= 36;
    }
    let suffix: String = digits.iter().rev().take(6).collect();
    format!("{name}-{suffix}")
}

/// The names of the dynamic segments of a URL as Next.js writes it: `/users/[id]/[...rest]`.
pub(crate) fn segments(url: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for segment in url.split('/') {
        if let (Some(open), Some(close)) = (segment.find('['), segment.rfind(']'))
            && open < close
        {
            names.push(segment[open..close].trim_matches(['[', ']', '.']));
        }
    }
    names
}

/// Files that no request of a user reaches: tests, stories, mocks, scripts, seeds, migrations, generated code, servers for
/// developers. They may do what they like.
///
/// A file that Next.js serves is none of them, whatever its folder is called: `app/api/e2e/route.ts`.
pub fn is_aside(path: &FilePath, package: &Package) -> bool {
    let name = path.file_name();
    let marked = [
        ".test.",
        ".spec.",
        ".stories.",
        ".story.",
        ".mock.",
        ".bench.",
        ".e2e.",
        ".config.",
        ".setup.",
        ".d.",
        "dev-server.",
        "devServer.",
    ];
    if marked.iter().any(|mark| name.contains(mark)) || name.starts_with("seed.") {
        return true;
    }
    if package.next.as_ref().is_some_and(|next| role(next, path) != Role::Other) {
        return false;
    }
    let inside = package.root.as_ref().and_then(|root| path.strip(root)).unwrap_or_else(|| path.as_str());
    inside.split('/').any(|segment| {
        matches!(
            segment,
            "__tests__"
                | "__mocks__"
                | "__fixtures__"
                | "test"
                | "tests"
                | "e2e"
                | "cypress"
                | "playwright"
                | "spec"
                | "mocks"
                | "stories"
                | ".storybook"
                | "scripts"
                | "script"
                | "seed"
                | "seeds"
                | "seeders"
                | "migrations"
                | "generated"
                | "__generated__"
                | "benchmarks"
                | "testing"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next() -> NextProject {
        NextProject {
            app_dir: Some(FilePath::new("/p/app")),
            pages_dir: Some(FilePath::new("/p/pages")),
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).to_vec(),
            ..NextProject::default()
        }
    }

    #[test]
    fn dynamic_segments_are_named_without_their_brackets() {
        assert_eq!(segments("/api/users/[id]"), ["id"]);
        assert_eq!(segments("/[team]/(.)[id]/[[...rest]]"), ["team", "id", "rest"]);
        assert_eq!(segments("/api"), Vec::<&str>::new());
    }

    #[test]
    fn what_no_request_reaches_is_told_by_its_name_or_its_folder() {
        let package = Package { root: Some(FilePath::new("/p")), next: Some(next()), ..Package::default() };
        for (path, aside) in [
            ("/p/lib/users.test.ts", true),
            ("/p/scripts/fill.js", true),
            ("/p/server/dev-server.ts", true),
            ("/p/server/devServer.js", true),
            ("/p/server/server.ts", false),
            ("/p/lib/devices-server.ts", false),
            ("/p/app/api/e2e/route.ts", false),
        ] {
            assert_eq!(is_aside(&FilePath::new(path), &package), aside, "{path}");
        }
    }

    #[test]
    fn roles_and_urls_follow_the_file_conventions() {
        for (path, expected, address) in [
            ("/p/app/api/users/route.ts", Role::RouteHandler, Some("/api/users")),
            ("/p/app/(shop)/@modal/cart/[id]/route.js", Role::RouteHandler, Some("/cart/[id]")),
            ("/p/app/route.ts", Role::RouteHandler, Some("/")),
            ("/p/app/api/_lib/route.ts", Role::Other, None),
            ("/p/app/api/routes.ts", Role::Other, None),
            ("/p/app/api/route.mts", Role::Other, None),
            ("/p/app/blog/page.tsx", Role::AppPage, Some("/blog")),
            ("/p/app/opengraph-image2.tsx", Role::Metadata, Some("/opengraph-image2")),
            ("/p/app/opengraph-image22.tsx", Role::Other, None),
            ("/p/app/blog/sitemap.ts", Role::Metadata, Some("/blog/sitemap.xml")),
            ("/p/app/sitemap1.ts", Role::Other, None),
            ("/p/app/robots.ts", Role::Metadata, Some("/robots.txt")),
            ("/p/app/blog/robots.ts", Role::Other, None),
            ("/p/app/(site)/manifest.ts", Role::Other, None),
            ("/p/pages/api/users/[id].ts", Role::PagesApi, Some("/api/users/[id]")),
            ("/p/pages/api/index.ts", Role::PagesApi, Some("/api")),
            ("/p/pages/index.tsx", Role::Page, Some("/")),
            ("/p/pages/api/(group)/@x/y.ts", Role::PagesApi, Some("/api/(group)/@x/y")),
            ("/p/proxy.ts", Role::Proxy, None),
            ("/p/src/proxy.ts", Role::Other, None),
            ("/p/app/middleware.ts", Role::Other, None),
            ("/p/middleware.test.ts", Role::Other, None),
            ("/p/instrumentation.ts", Role::Instrumentation, None),
        ] {
            let file = FilePath::new(path);
            assert_eq!(role(&next(), &file), expected, "{path}");
            assert_eq!(url(&next(), &file).as_deref(), address, "{path}");
        }
    }
}
