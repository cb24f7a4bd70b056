//! The service: where it is, what it is made of, and a route in it.

use std::collections::BTreeMap;

use super::handler::base_path;
use super::luggage::Luggage;
use super::sockets::Sockets;
use super::{Refusal, Route};
use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::{Code, each};
use crate::json;
use crate::path::FilePath;
use crate::syntax;
use crate::text::Span;

const PACKAGE: &str = include_str!("service/package.json");
const TSCONFIG: &str = include_str!("service/tsconfig.json");
const ENV: &str = include_str!("service/env.example");
const SERVER: &str = include_str!("service/src/server.ts");
const PAGES: &str = include_str!("service/src/pages.ts");
const SOCKETS: &str = include_str!("service/src/sockets.ts");
const ROUTES: &str = include_str!("service/src/routes.ts");

/// Files that are made once and then belong to the user.
const FILES: &[(&str, &str)] = &[
    (".gitignore", include_str!("service/gitignore")),
    ("src/app.ts", include_str!("service/src/app.ts")),
    ("src/mount.ts", include_str!("service/src/mount.ts")),
];

/// The service of an app.
pub(super) struct Service {
    folder: FilePath,
    /// It is there already.
    exists: bool,
    /// The folder whose `package.json` or `pnpm-workspace.yaml` has it as a member.
    workspace: Option<FilePath>,
    /// The folder from which its path is told.
    seen_from: FilePath,
}

/// Folders that commonly hold what is deployed, best first.
const HOMES: &[&str] = &["services", "apps", "packages"];

/// Names that the service may have.
const NAMES: &[&str] = &["api", "api-service"];

/// Where the service is or will be: among the packages of the workspace, else in a folder of the app.
pub(super) fn find(route: &Route<'_>) -> Result<Service, Refusal> {
    let workspace = workspace(route);
    let home = match &workspace {
        Some((folder, homes)) => {
            let known = HOMES.iter().find(|home| homes.iter().any(|it| it == *home));
            folder.join(known.copied().or(homes.first().map(String::as_str)).unwrap_or("packages"))
        }
        None => route.root.join("services"),
    };
    let seen_from = workspace.as_ref().map_or(&route.root, |(folder, _)| folder).clone();
    for name in NAMES {
        let folder = home.join(name);
        let ours =
            route.text(&folder.join("src/mount.ts")).is_some_and(|text| text.contains("function web("))
                && route.text(&folder.join("src/routes.ts")).is_some();
        if ours || route.text(&folder.join("package.json")).is_none() {
            let workspace = workspace.map(|(folder, _)| folder);
            return Ok(Service { folder, exists: ours, workspace, seen_from });
        }
    }
    route.refuse(Span::default(), format!("{}/{} is another package.", home, NAMES.join(" and ")))
}

/// The workspace that the app is a member of, and its folders of packages: `apps` for `apps/*`.
fn workspace(route: &Route<'_>) -> Option<(FilePath, Vec<String>)> {
    let mut folder = Some(route.root.clone());
    while let Some(at) = folder {
        let mut globs = Vec::new();
        if let Some(text) = route.text(&at.join("package.json")) {
            globs.extend(json::texts(&text, &["workspaces"]));
            globs.extend(json::texts(&text, &["workspaces", "packages"]));
        }
        if let Some(text) = route.text(&at.join("pnpm-workspace.yaml")) {
            let items = text.lines().filter_map(|line| line.trim().strip_prefix("- "));
            globs.extend(items.map(|item| item.trim().trim_matches(['"', '\'']).to_owned()));
        }
        let homes: Vec<String> = globs
            .iter()
            .filter_map(|glob| glob.trim_start_matches("./").strip_suffix("/*"))
            .filter(|home| !home.contains(['*', '!']))
            .map(str::to_owned)
            .collect();
        let inside = route.root.strip(&at);
        let member = inside.is_none_or(|inside| {
            globs.iter().any(|glob| {
                let glob = glob.trim_start_matches("./");
                glob == inside || inside.starts_with(glob.trim_end_matches('*'))
            })
        });
        if !homes.is_empty() && member {
            return Some((at, homes));
        }
        folder = at.parent();
    }
    None
}

impl Service {
    /// How its folder is called.
    pub(super) fn name(&self) -> String {
        self.folder.strip(&self.seen_from).unwrap_or(self.folder.as_str()).to_owned()
    }

    /// Where the handler goes: as deep in the service as it was in `app` or `pages`.
    pub(super) fn place(&self, route: &Route<'_>) -> Result<FilePath, Refusal> {
        let next = route.input.package.next.as_ref();
        let folder =
            next.and_then(|next| if route.pages { next.pages_dir.as_ref() } else { next.app_dir.as_ref() });
        match folder.and_then(|folder| route.input.path.strip(folder)) {
            Some(inside) => Ok(self.folder.join("src/routes").join(inside)),
            None => route.refuse(Span::default(), "The file is outside the folder of routes."),
        }
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &FilePath {
        &self.folder
    }

    /// The module that serves handlers of `pages/api`.
    pub(super) fn pages(&self) -> FilePath {
        self.folder.join("src/pages.ts")
    }

    /// The files of the service, with the route in them.
    pub(super) fn edits(
        &self,
        route: &Route<'_>,
        luggage: &Luggage,
        place: &FilePath,
        sockets: Option<&Sockets>,
    ) -> Result<Vec<Edit>, Refusal> {
        let mut out = Vec::new();
        let other = |path: &FilePath| {
            Refusal::new(path, Span::default(), "This file has another form than the one it was made in.")
        };
        let mut change = |name: &str, made: &str, edit: &dyn Fn(&str) -> Option<String>| {
            let path = self.folder.join(name);
            let there = route.text(&path);
            let new = edit(there.as_deref().unwrap_or(made)).ok_or_else(|| other(&path))?;
            match there {
                None => out.push(Edit::create(path, new)),
                Some(old) if old != new => {
                    out.push(Edit::replace(path, Span::new(0, old.len() as u32), new));
                }
                Some(_) => {}
            }
            Ok(())
        };
        change("package.json", PACKAGE, &|text| {
            let mut text = self.manifest(route, luggage, text)?;
            if luggage.untyped {
                text = text.replacen("  \"type\": \"module\",\n", "", 1);
            }
            let text =
                if route.pages { json::put(&text, &["dependencies"], "cookie", "\"^1.0.2\"")? } else { text };
            // What the compiler knows of `ws` is a package of its own.
            if sockets.is_some() {
                json::put(&text, &["devDependencies"], "@types/ws", "\"^8.18.1\"")
            } else {
                Some(text)
            }
        })?;
        if route.pages {
            change("src/pages.ts", PAGES, &|text| Some(text.to_owned()))?;
        }
        change("tsconfig.json", TSCONFIG, &|text| self.compiler(route, luggage, text))?;
        change(".env.example", ENV, &|text| Some(variables(luggage, text)))?;
        change("src/routes.ts", ROUTES, &|text| registered(&self.folder, text, route, place))?;
        if let Some(sockets) = sockets {
            change("src/sockets.ts", SOCKETS, &|text| {
                socket(&self.folder, text, route, place, &sockets.name)
            })?;
            change("src/server.ts", SERVER, &attached)?;
        } else if !self.exists {
            change("src/server.ts", SERVER, &|text| Some(text.to_owned()))?;
        }
        if !self.exists {
            for (name, text) in FILES {
                out.push(Edit::create(self.folder.join(name), (*text).to_owned()));
            }
            out.extend(self.apart(route));
        }
        Ok(out)
    }

    /// `package.json` with what the handler needs.
    fn manifest(&self, route: &Route<'_>, luggage: &Luggage, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        if !self.exists {
            let scope =
                route.input.package.name.as_deref().and_then(|name| name.split_once('/')).map(|it| it.0);
            let own = self.folder.file_name();
            let name = scope.map_or(own.to_owned(), |scope| format!("{scope}/{own}"));
            text = text.replacen("\"name\": \"api\"", &format!("\"name\": \"{name}\""), 1);
            text = shared_versions(route, text);
        }
        for (kind, packages) in [("dependencies", &luggage.packages), ("devDependencies", &luggage.types)] {
            for (name, version) in packages {
                text = json::put(&text, &[kind], name, &format!("\"{version}\""))?;
            }
        }
        Some(text)
    }

    /// `tsconfig.json` with the aliases of the app.
    fn compiler(&self, route: &Route<'_>, luggage: &Luggage, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        if !self.exists {
            let app = route.text(&route.root.join("tsconfig.json")).unwrap_or_default();
            let strict = json::word(&app, &["compilerOptions", "strict"]);
            if strict.as_deref() != Some("true") && json::word(&app, &["extends"]).is_none() {
                text = text.replacen("\"strict\": true", "\"strict\": false", 1);
            }
        }
        if !luggage.aliased {
            return Some(text);
        }
        for (alias, folder) in route.input.package.aliases.iter().filter(|(alias, _)| !alias.is_empty()) {
            let folder = FilePath::new(folder.as_str().trim_end_matches('/'));
            let seen = self.folder.join("tsconfig.json").relative_to(&folder);
            let target = format!("[\"{}/*\"]", seen.trim_end_matches('/'));
            let key = format!("{alias}*");
            let there = json::texts(&text, &["compilerOptions", "paths", &key]);
            if there.first().is_some_and(|it| format!("[\"{it}\"]") != target) {
                return None;
            }
            text = json::put(&text, &["compilerOptions", "paths"], &key, &target)?;
        }
        Some(text)
    }

    /// The compiler of an app that the service lies in looks away from it.
    fn apart(&self, route: &Route<'_>) -> Option<Edit> {
        let inside = self.folder.strip(&route.root)?;
        let path = route.root.join("tsconfig.json");
        let old = route.text(&path)?;
        let excluded = json::texts(&old, &["exclude"]);
        if excluded.iter().any(|it| it.trim_start_matches("./").trim_end_matches('/') == inside) {
            return None;
        }
        let mut document = Document::new(path.clone(), 0, old.clone());
        let missing = excluded.is_empty().then_some("node_modules");
        for name in missing.into_iter().chain([inside]) {
            let edit = json::append(&document, "exclude", &format!("\"{name}\""))?;
            document = Document::new(path.clone(), 0, crate::fix::apply(document.text(), &[edit]));
        }
        Some(Edit::replace(path, Span::new(0, old.len() as u32), document.text().to_owned()))
    }

    /// What the user has to do for it.
    pub(super) fn left(&self, luggage: &Luggage) -> Vec<String> {
        let name = self.name();
        let mut out = Vec::new();
        if !self.exists {
            out.push(match &self.workspace {
                Some(_) => format!("Install the packages of the workspace: {name} is a new member."),
                None => format!("Install the packages of {name}."),
            });
            out.push(format!(
                "Copy {name}/.env.example to {name}/.env, fill it in and start the service with its script `dev`."
            ));
        } else if !luggage.packages.is_empty() {
            out.push(format!("Install the packages of {name} again if some are new."));
        }
        if !luggage.variables.is_empty() {
            let names: Vec<String> = luggage.variables.iter().map(|name| format!("`{name}`")).collect();
            out.push(format!("Give the service the variables that the handler reads: {}.", names.join(", ")));
        }
        out
    }
}

/// Packages of the service that the app has too are wanted in the app's version. Those whose major version the
/// service is written for keep their own.
fn shared_versions(route: &Route<'_>, mut text: String) -> String {
    let app = route.text(&route.root.join("package.json")).unwrap_or_default();
    let wanted: BTreeMap<String, String> =
        ["dependencies", "devDependencies"].iter().flat_map(|kind| json::entries(&app, kind)).collect();
    for (kind, name) in [("devDependencies", "typescript"), ("devDependencies", "@types/node")] {
        let own = json::word(&text, &[kind, name]);
        if let (Some(own), Some(version)) = (own, wanted.get(name)) {
            text = text.replacen(&format!("\"{name}\": \"{own}\""), &format!("\"{name}\": \"{version}\""), 1);
        }
    }
    text
}

/// `.env.example` with the variables of the handler.
fn variables(luggage: &Luggage, text: &str) -> String {
    let mut text = text.to_owned();
    for name in &luggage.variables {
        let there = text.lines().any(|line| line.split('=').next() == Some(name));
        if !there {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(name);
            text.push_str("=\n");
        }
    }
    text
}

/// The URL under which the service is asked: Next.js shows its handlers no base path.
fn served<'r>(route: &'r Route<'_>) -> &'r str {
    let url = route.url.strip_prefix(base_path(route)).unwrap_or(&route.url);
    if url.is_empty() { "/" } else { url }
}

/// The list of routes with one more: in front of the first that is more general.
fn registered(folder: &FilePath, text: &str, route: &Route<'_>, place: &FilePath) -> Option<String> {
    let path = folder.join("src/routes.ts");
    let document = Document::new(path.clone(), 0, text.to_owned());
    let code = Code::new(&document)?;
    let style = code.style();
    let end = if text == ROUTES { "" } else { style.semi };
    let url = express_path(served(route));
    let mut routes = Vec::new();
    let mut last_import = None;
    for statement in code.statements() {
        if statement.kind() == "import_statement" {
            last_import = Some(statement);
        }
        each(statement, |node| {
            if node.kind() == "call_expression"
                && node.field("function").is_some_and(|it| matches!(code.of(it), "web" | "api"))
                && let Some(first) = node.field("arguments").and_then(|it| it.named_child(0))
            {
                routes.push((code.of(first).trim_matches(['"', '\'']).to_owned(), statement));
            }
            true
        });
    }
    if routes.iter().any(|(known, _)| *known == url) {
        return None;
    }
    let name = code.free_name(&local_name(&route.url))?;
    let bare = path.relative_to(place);
    let bare = bare.rsplit_once('.').map_or(bare.as_str(), |(bare, _)| bare);
    let mut import = format!("\nimport * as {name} from {}{end}", style.string(bare));
    let (mount, module) = if route.pages { ("api", "./pages") } else { ("web", "./mount") };
    if !crate::fix::imports::imports(&code).iter().any(|it| it.names.iter().any(|name| name.local == mount)) {
        import.insert_str(0, &format!("\nimport {} from {}{end}", style.braces(mount), style.string(module)));
    }
    let line = format!("routes.use({mount}({}, {name})){end}\n", style.string(&url));
    let more_general =
        routes.iter().find(|(known, _)| rank(known) > rank(&url)).map(|(_, statement)| *statement);
    let at = match (more_general, code.statements().last()) {
        (Some(statement), _) => code.line(statement.start_byte() as u32).start,
        (None, Some(_)) if text.ends_with('\n') => text.len() as u32,
        _ => return None,
    };
    let edits = [
        Edit::replace(path.clone(), Span::at(syntax::span(last_import?).end), import),
        Edit::replace(path, Span::at(at), line),
    ];
    Some(crate::fix::apply(text, &edits))
}

/// The list of WebSocket servers with one more.
fn socket(
    folder: &FilePath,
    text: &str,
    route: &Route<'_>,
    place: &FilePath,
    server: &str,
) -> Option<String> {
    let path = folder.join("src/sockets.ts");
    let document = Document::new(path.clone(), 0, text.to_owned());
    let code = Code::new(&document)?;
    let style = code.style();
    let end = if text == SOCKETS { "" } else { style.semi };
    let name = code.free_name(&local_name(&route.url))?;
    let bare = path.relative_to(place);
    let bare = bare.rsplit_once('.').map_or(bare.as_str(), |(bare, _)| bare);
    let statements = code.statements();
    let last_import = statements.iter().rev().find(|it| it.kind() == "import_statement")?;
    let map = statements.iter().find(|it| code.of(**it).starts_with("const sockets "))?;
    let names = style.braces(&format!("{server} as {name}"));
    let import = format!("\nimport {names} from {}{end}", style.string(bare));
    let entry = format!("\nsockets.set({}, {name}){end}", style.string(served(route)));
    let edits = [
        Edit::replace(path.clone(), Span::at(code.end(*last_import)), import),
        Edit::replace(path, Span::at(code.end(*map)), entry),
    ];
    Some(crate::fix::apply(text, &edits))
}

/// `server.ts` with WebSockets.
fn attached(text: &str) -> Option<String> {
    let path = FilePath::new("/server.ts");
    let document = Document::new(path.clone(), 0, text.to_owned());
    let code = Code::new(&document)?;
    if code.mentions("attach") {
        return Some(text.to_owned());
    }
    let style = code.style();
    let end = if text == SERVER { "" } else { style.semi };
    let statements = code.statements();
    let last_import = statements.iter().rev().find(|it| it.kind() == "import_statement")?;
    let server = statements.iter().find(|it| code.of(**it).starts_with("const server = createServer("))?;
    let import = format!("\nimport {} from {}{end}", style.braces("attach"), style.string("./sockets"));
    let edits = [
        Edit::replace(path.clone(), Span::at(code.end(*last_import)), import),
        Edit::replace(path, Span::at(code.end(*server)), format!("\nattach(server){end}")),
    ];
    Some(crate::fix::apply(text, &edits))
}

/// Segment by segment: what is written out comes before a parameter, that before several segments.
fn rank(path: &str) -> Vec<u8> {
    path.split('/')
        .skip(1)
        .map(|segment| {
            if segment.contains('{') {
                3
            } else {
                match segment.as_bytes().first() {
                    Some(b'*') => 2,
                    Some(b':') => 1,
                    _ => 0,
                }
            }
        })
        .collect()
}

/// A URL of Next.js as Express 5 writes it: `/users/:id`, `/files/*path`, `/docs{/*path}`.
fn express_path(url: &str) -> String {
    let mut out = String::new();
    for segment in url.split('/').skip(1) {
        let name = segment.trim_matches(['[', ']', '.']);
        let written = |name: &str| {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            if plain { name.to_owned() } else { format!("\"{name}\"") }
        };
        let parameter = if segment.starts_with("[[...") {
            format!("{{/*{}}}", written(name))
        } else if segment.starts_with("[...") {
            format!("/*{}", written(name))
        } else if segment.starts_with('[') {
            format!("/:{}", written(name))
        } else {
            String::new()
        };
        out.push_str(&parameter);
        if parameter.is_empty() {
            out.push('/');
            for c in segment.chars() {
                if "{}()[]+?!:*\\".contains(c) {
                    out.push_str("\\\\");
                }
                out.push(c);
            }
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// A name for the module of a route: `apiUsersId` for `/api/users/[id]`.
fn local_name(url: &str) -> String {
    let mut out = String::new();
    for word in url.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        let first = chars.next().unwrap_or_default();
        out.push(if out.is_empty() { first.to_ascii_lowercase() } else { first.to_ascii_uppercase() });
        out.extend(chars);
    }
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) { format!("route{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_as_express_reads_them() {
        for (url, path, name) in [
            ("/api/users/[id]", "/api/users/:id", "apiUsersId"),
            ("/api/files/[...path]", "/api/files/*path", "apiFilesPath"),
            ("/api/docs/[[...path]]", "/api/docs{/*path}", "apiDocsPath"),
            ("/api/[user-id]/a+b", "/api/:\"user-id\"/a\\\\+b", "apiUserIdAB"),
            ("/", "/", "route"),
            ("/2fa", "/2fa", "route2fa"),
        ] {
            assert_eq!(express_path(url), path);
            assert_eq!(local_name(url), name);
        }
    }

    #[test]
    fn what_is_more_special_ranks_lower() {
        assert!(rank("/api/users/me") < rank("/api/users/:id"));
        assert!(rank("/api/users/:id") < rank("/api/users/*rest"));
        assert!(rank("/api/users/*rest") < rank("/api/users{/*rest}"));
    }
}
