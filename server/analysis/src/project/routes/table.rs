//! The table of all URLs of a project, whatever framework serves them: what each file serves, put together.
//!
//! It is made when first asked for and kept until something changes that another file may see. Places are told by
//! names and numbers, so it stays right while code only moves.

use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::address::Address;
use super::index::Index;
use super::{Role, is_aside, role, url};
use crate::facts::CallId;
use crate::package::Package;
use crate::project::{FileInput, FileNo, METHODS, Project, express};
use crate::text::Span;

/// What serves a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// The App Router of Next.js.
    NextApp,
    /// The Pages Router of Next.js.
    NextPages,
    /// Express.
    Express,
}

impl Framework {
    /// The name that the output of programs uses.
    pub fn name(self) -> &'static str {
        match self {
            Framework::NextApp => "next-app",
            Framework::NextPages => "next-pages",
            Framework::Express => "express",
        }
    }
}

/// What answers at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A route file, an API route, a registration: code of the project answers requests.
    Endpoint,
    /// A sitemap, an icon: made from code, asked for by machines.
    Metadata,
    /// A page that Next.js renders.
    Page,
}

/// What one file of Next.js serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) framework: Framework,
    pub(crate) kind: Kind,
    pub(crate) url: String,
    answers: Vec<Answer>,
}

/// What answers a method.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Answer {
    /// In capitals; `None` where the code itself looks at the method.
    pub(crate) method: Option<CompactString>,
    /// What names it.
    pub(crate) at: Named,
}

/// Where an answer is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    /// An export.
    Export(CompactString),
    /// A registration.
    Call(CallId),
}

/// A URL and who serves it.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) framework: Framework,
    pub(crate) kind: Kind,
    pub(crate) file: FileNo,
    /// As the framework writes it, base path included: `/users/[id]`, `/users/:id`. Unknown parts are `…`.
    pub(crate) url: String,
    /// Nothing of the URL is missing.
    pub(crate) url_known: bool,
    pub(crate) address: Address,
    /// None where nothing is exported.
    pub(crate) answers: Vec<Answer>,
    /// Its number among the routes of Express.
    pub(crate) express: Option<u32>,
}

/// All URLs of a project, in the order of package, framework, URL, methods and file.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) routes: Vec<Route>,
    /// Who may serve which path.
    pub(crate) index: Index,
    /// The numbers of the routes of each file.
    by_file: FxHashMap<FileNo, Vec<usize>>,
}

impl Answer {
    /// The place that names it, in the facts of its file as they are now.
    pub(crate) fn span(&self, project: &Project, file: FileNo) -> Option<Span> {
        match &self.at {
            Named::Export(name) => {
                let facts = &project.file(file)?.facts;
                let (chunk, export) = facts.export(name)?;
                Some(facts.span(chunk, export.at))
            }
            Named::Call(call) => express::span(project, (file, *call)),
        }
    }
}

impl Route {
    /// Its package.
    pub(crate) fn package<'p>(&self, project: &'p Project) -> Option<&'p Arc<Package>> {
        Some(&project.file(self.file)?.package)
    }

    /// The methods in capitals; empty where the code itself looks at the method.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.answers.iter().filter_map(|answer| answer.method.as_deref().map(str::to_owned)).collect()
    }

    /// What answers a method, as the framework picks it; `None` where nothing does.
    pub(crate) fn answer(&self, method: &str) -> Option<&Answer> {
        let own = |wanted: &str| {
            self.answers.iter().find(|it| it.method.as_deref().is_none_or(|it| it == wanted || it == "ALL"))
        };
        // Both frameworks answer HEAD with what answers GET.
        own(method).or_else(|| (method == "HEAD").then(|| own("GET")).flatten())
    }

    /// The place that names its first answer.
    pub(crate) fn span(&self, project: &Project) -> Option<Span> {
        self.answers.iter().filter_map(|answer| answer.span(project, self.file)).min()
    }
}

/// What a file of Next.js serves; `None` where it serves nothing.
pub(crate) fn served(input: &FileInput) -> Option<Served> {
    let next = input.package.next.as_ref()?;
    let role = role(next, &input.path);
    let (framework, kind) = match role {
        Role::RouteHandler => (Framework::NextApp, Kind::Endpoint),
        Role::Metadata => (Framework::NextApp, Kind::Metadata),
        Role::AppPage if is_page(input) => (Framework::NextApp, Kind::Page),
        Role::PagesApi => (Framework::NextPages, Kind::Endpoint),
        Role::Page if is_page(input) => (Framework::NextPages, Kind::Page),
        _ => return None,
    };
    if is_aside(&input.path, &input.package) {
        return None;
    }
    let mut url = url(next, &input.path)?;
    let exports = |name: &str| input.facts.export(name).is_some_and(|(_, export)| !export.type_only);
    let answer = |name: &str, method: Option<&str>| Answer {
        method: method.map(Into::into),
        at: Named::Export(name.into()),
    };
    let mut answers: Vec<Answer> = match kind {
        Kind::Endpoint if framework == Framework::NextApp => {
            METHODS.iter().map(|method| answer(method, Some(method))).collect()
        }
        Kind::Endpoint => vec![answer("default", None)],
        Kind::Metadata | Kind::Page => vec![answer("default", Some("GET"))],
    };
    answers.retain(|answer| matches!(&answer.at, Named::Export(name) if exports(name)));
    if kind == Kind::Metadata {
        // One file may serve many: `generateImageMetadata`, `generateSitemaps`.
        if exports("generateImageMetadata") {
            let old = input.package.versions.get("next").is_some_and(|version| version.major < 15);
            url.push_str(if old { "/[[...__metadata_id__]]" } else { "/[__metadata_id__]" });
        } else if exports("generateSitemaps") {
            let base = url.strip_suffix(".xml").map(str::to_owned).unwrap_or(url);
            url = format!("{base}/[__metadata_id__]");
        }
    }
    Some(Served { framework, kind, url, answers })
}

/// Whether a file that is rendered has a URL of its own.
fn is_page(input: &FileInput) -> bool {
    let stem = input.path.stem();
    match input.package.next.as_ref() {
        Some(next) if next.app_dir.as_ref().is_some_and(|app| input.path.strip(app).is_some()) => {
            stem == "page"
        }
        Some(next) => {
            let top = next.pages_dir == input.path.parent();
            !(top && matches!(stem, "_app" | "_document" | "_error" | "404" | "500"))
        }
        None => false,
    }
}

impl Table {
    /// Puts together what the files of a project serve.
    pub(crate) fn read(project: &Project) -> Self {
        let mut routes = Vec::new();
        for file in project.numbers() {
            let Some(served) = project.links(file).and_then(|links| links.served.as_ref()) else { continue };
            routes.push(Route {
                framework: served.framework,
                kind: served.kind,
                file,
                address: Address::of_next(&served.url),
                url: served.url.clone(),
                url_known: true,
                answers: served.answers.clone(),
                express: None,
            });
        }
        let express = project.express();
        for (number, route) in express.routes.iter().enumerate() {
            let (file, call) = express.layer(route.layer).call;
            let url = route.url.shown().to_owned();
            routes.push(Route {
                framework: Framework::Express,
                kind: Kind::Endpoint,
                file,
                address: Address::of_express(&url),
                url,
                url_known: route.url.known,
                answers: vec![Answer { method: Some(route.method(express).into()), at: Named::Call(call) }],
                express: Some(number as u32),
            });
        }
        let key = |it: &Route| {
            let input = project.file(it.file);
            let root = input.and_then(|input| input.package.root.clone());
            let path = input.map(|input| input.path.clone());
            (root, it.framework, it.url.clone(), it.methods(), path, it.span(project))
        };
        routes.sort_by_cached_key(key);
        let mut index = Index::default();
        let mut by_file: FxHashMap<FileNo, Vec<usize>> = FxHashMap::default();
        for (number, route) in routes.iter().enumerate() {
            let package = route.package(project).and_then(|package| package.root.clone());
            index.add(package, &route.address, number);
            by_file.entry(route.file).or_default().push(number);
        }
        Self { routes, index, by_file }
    }

    /// The numbers of the routes of a file, in their order.
    pub(crate) fn of_file(&self, file: FileNo) -> &[usize] {
        self.by_file.get(&file).map_or(&[], Vec::as_slice)
    }
}
