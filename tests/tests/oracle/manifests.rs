//! The table of routes beside the manifests of Next.js's own builds, route by route.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use libtest_mimic::{Failed, Trial};
use routewise_analysis::endpoints::{Endpoint, Listing};
use routewise_analysis::package::{MoveKind, Seconds};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Framework;
use routewise_analysis::project::routes::{self, Role};
use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::oracle::case::Files;
use routewise_tests::oracle::manifest::{Action, App, Built, Covered, Manifest, Manifests, Moved};
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Options, Workspace};

/// An app built by one version, and what differs.
#[derive(Debug)]
pub(crate) struct Compared {
    name: String,
    handlers: usize,
    pages: usize,
    /// Files such as `favicon.ico`, that Next.js serves as they are.
    files: usize,
    differences: Vec<String>,
}

/// Every app with every version that builds it.
pub(crate) fn names(apps: &[App]) -> Vec<(String, usize, String)> {
    let of = |(at, app): (usize, &App)| -> Vec<(String, usize, String)> {
        let name = |version: &String| format!("routes of {} {version}", app.name);
        app.next.iter().map(|version| (name(version), at, version.clone())).collect()
    };
    apps.iter().enumerate().flat_map(of).collect()
}

/// Compares one.
pub(crate) fn compare(name: String, app: &App, version: &str, record: &Manifests) -> Compared {
    let mut out = Compared { name, handlers: 0, pages: 0, files: 0, differences: Vec::new() };
    let Some(manifest) = record.get(&app.name, version) else {
        out.differences.push(format!("not built yet: run `cargo xtask oracle --app {}`", app.name));
        return out;
    };
    let files = app.files(version).expect("the app is complete");
    let texts: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = TestProject::new(&texts);
    let checked = Checked::new(&project, &Catalogue::builtin(), None);
    let listing = checked.project.listing();
    handlers(&mut out, manifest, &files, &listing.routes);
    pages(&mut out, manifest, &project);
    actions(&mut out, manifest, &listing, &project);
    moves(&mut out, manifest, &listing);
    out
}

/// Server functions, by file and name; those inside other functions have none that counts.
fn actions(out: &mut Compared, manifest: &Manifest, listing: &Listing, project: &TestProject) {
    let root = FilePath::new(project.root().to_str().expect("a temporary path is text"));
    let names: BTreeSet<&str> = manifest.actions.iter().filter_map(|action| action.name.as_deref()).collect();
    let mut theirs: Vec<Action> = manifest.actions.clone();
    let mut ours: Vec<Action> = listing
        .actions
        .iter()
        .map(|action| Action {
            file: action.path.strip(&root).map(str::to_owned),
            name: action.name.clone().filter(|name| names.contains(name.as_str())),
        })
        .collect();
    theirs.sort();
    ours.sort();
    if theirs != ours {
        out.differences.push(format!("actions\n    Next.js: {theirs:?}\n    table:   {ours:?}"));
    }
}

/// Rewrites and redirects, in the order in which they count.
fn moves(out: &mut Compared, manifest: &Manifest, listing: &Listing) {
    for (kind, theirs) in [(MoveKind::Rewrite, &manifest.rewrites), (MoveKind::Redirect, &manifest.redirects)]
    {
        let own = |path: &str| {
            // Next.js writes the base path in front of both.
            if path.starts_with('/') { format!("{}{path}", manifest.base_path) } else { path.to_owned() }
        };
        let ours: Vec<Moved> = listing
            .moves
            .iter()
            .filter(|it| it.moved.kind == kind)
            .map(|it| Moved {
                source: own(&it.moved.source),
                destination: own(it.moved.destination.as_deref().unwrap_or("…")),
            })
            .collect();
        if ours != *theirs {
            out.differences.push(format!("{kind:?}\n    Next.js: {theirs:?}\n    table:   {ours:?}"));
        }
    }
}

/// What one side has and the other has not.
fn missing(out: &mut Compared, ours: &BTreeSet<String>, theirs: &BTreeSet<String>, what: &str) {
    for url in theirs.difference(ours) {
        out.differences.push(format!("{what} {url}: Next.js serves it, the table does not have it"));
    }
    for url in ours.difference(theirs) {
        out.differences.push(format!("{what} {url}: the table has it, Next.js does not serve it"));
    }
}

fn handlers(out: &mut Compared, manifest: &Manifest, files: &Files, table: &[Endpoint]) {
    let is_file = |built: &Built| {
        let path = built.page.trim_end_matches("/route");
        files.contains_key(&format!("app{path}")) || files.contains_key(&format!("src/app{path}"))
    };
    let own: Vec<&Built> = manifest.routes.iter().filter(|built| built.handler).collect();
    let (as_they_are, own): (Vec<&Built>, Vec<&Built>) = own.into_iter().partition(|built| is_file(built));
    out.files = as_they_are.len();
    out.handlers = own.len();
    let theirs: BTreeMap<String, String> = own.iter().map(|built| (built.url.clone(), told(built))).collect();
    let exact: BTreeSet<&str> =
        own.iter().filter(|built| built.methods.is_some()).map(|built| built.url.as_str()).collect();
    let line = |endpoint: &Endpoint| {
        let url = inside(&manifest.base_path, &endpoint.url);
        let methods = exact.contains(url.as_str()) && !endpoint.metadata;
        let line = row(endpoint, methods);
        (url, line)
    };
    let ours: BTreeMap<String, String> = table.iter().map(line).collect();
    missing(out, &ours.keys().cloned().collect(), &theirs.keys().cloned().collect(), "route");
    for (url, line) in &ours {
        if let Some(other) = theirs.get(url).filter(|other| *other != line) {
            out.differences.push(format!("route {url}\n    Next.js: {other}\n    table:   {line}"));
        }
    }
}

/// A route as its manifest tells of it.
fn told(built: &Built) -> String {
    let methods = match &built.methods {
        Some(methods) if !is_metadata(built) => methods.join(" "),
        _ => "methods not told".to_owned(),
    };
    let limit = built.max_duration.map_or("no limit".to_owned(), |seconds| format!("{seconds} s"));
    let runtime = if built.edge { "edge" } else { "nodejs" };
    format!("{} router, {methods}, {runtime}, {limit}, proxy {:?}", built.router, built.proxy)
}

/// A module that Next.js makes around a file of metadata answers `GET`, whatever the file exports.
fn is_metadata(built: &Built) -> bool {
    let page = built.page.trim_end_matches("/route");
    let name = page.rsplit('/').find(|segment| !segment.starts_with('[')).unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default();
    let images = ["icon", "apple-icon", "opengraph-image", "twitter-image"];
    // A digit, or letters of Next.js's own, may follow.
    let is_image = images
        .iter()
        .filter_map(|image| name.strip_prefix(image))
        .any(|rest| rest.is_empty() || rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()));
    built.router == "app" && (is_image || ["sitemap", "robots", "manifest"].contains(&name))
}

/// The same of the table.
fn row(endpoint: &Endpoint, methods: bool) -> String {
    let router = if endpoint.framework == Framework::NextApp { "app" } else { "pages" };
    let methods = if methods { endpoint.methods.join(" ") } else { "methods not told".to_owned() };
    let limit = match endpoint.max_duration {
        Some((Seconds::At(seconds), _)) => format!("{seconds} s"),
        Some((Seconds::Max, _)) => "max".to_owned(),
        None => "no limit".to_owned(),
    };
    let proxy = match (endpoint.middleware.is_empty(), endpoint.middleware_known) {
        (false, _) => Covered::Always,
        (true, true) => Covered::Never,
        (true, false) => Covered::Depends,
    };
    let runtime = endpoint.runtime.unwrap_or("unknown");
    format!("{router} router, {methods}, {runtime}, {limit}, proxy {proxy:?}")
}

fn inside(base: &str, url: &str) -> String {
    match url.strip_prefix(base) {
        Some("") => "/".to_owned(),
        Some(rest) => rest.to_owned(),
        None => format!("{url} without {base}"),
    }
}

/// The pages, by the URLs of their files.
fn pages(out: &mut Compared, manifest: &Manifest, project: &TestProject) {
    let theirs: BTreeSet<String> =
        manifest.routes.iter().filter(|built| !built.handler).map(|built| built.url.clone()).collect();
    out.pages = theirs.len();
    let (workspace, _) = Workspace::open(&[PathBuf::from(project.root())], &Options::default());
    let page = |path: &FilePath| {
        let package = workspace.package_of(path);
        let next = package.next.as_ref()?;
        let serves = match routes::role(next, path) {
            Role::AppPage => path.stem() == "page",
            Role::Page => !["_app", "_document", "_error", "404", "500"].contains(&path.stem()),
            _ => false,
        };
        let url = routes::url(next, path).filter(|_| serves)?;
        Some(inside(&manifest.base_path, &url))
    };
    let ours: BTreeSet<String> = workspace.files().iter().filter_map(page).collect();
    missing(out, &ours, &theirs, "page");
}

impl Compared {
    /// The test of it.
    pub(crate) fn trial(self) -> Trial {
        Trial::test(self.name, move || {
            if self.differences.is_empty() { Ok(()) } else { Err(Failed::from(self.differences.join("\n"))) }
        })
    }
}

/// What was compared, and every difference.
pub(crate) fn summary(all: &[Compared]) -> String {
    let mut out = format!("{:<42} {:>8} {:>6} {:>6}\n", "manifests", "handlers", "pages", "files");
    for one in all {
        let note = if one.differences.is_empty() { "" } else { " !! DIFFERS" };
        let _ = writeln!(out, "{:<42} {:>8} {:>6} {:>6}{note}", one.name, one.handlers, one.pages, one.files);
        for difference in &one.differences {
            let _ = writeln!(out, "  {difference}");
        }
    }
    let same = all.iter().filter(|one| one.differences.is_empty()).count();
    let _ = write!(out, "{same} of {} equal", all.len());
    out
}
