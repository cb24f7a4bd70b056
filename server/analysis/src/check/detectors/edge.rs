//! Routes on the edge runtime that need Node.js.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Detected, Place};
use crate::check::{shown, target_of};
use crate::facts::{CallId, FileFacts, FunctionId, Shape};
use crate::finding::Related;
use crate::project::routes::{self, Role};
use crate::project::{FileNo, Project, Resolver, Symbol, segment_text};
use crate::tables::{self, Effect, Kind};
use crate::text::Span;

/// Modules of Node.js that are also the names of packages which bundles often hold: one of these may be meant.
const ALSO_PACKAGES: &[&str] =
    &["diagnostics_channel", "process", "punycode", "querystring", "string_decoder", "timers", "url"];

/// A route that asks for the edge runtime and reaches code that only Node.js can run.
pub(super) fn node_api<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(at) = asks_for_edge(place) else { return Vec::new() };
    // A host of its own kind gives its edge what it likes.
    if target_of(&place.input.package).is_some_and(|target| target.kind == Kind::Edge) {
        return Vec::new();
    }
    let mut search = Search { project: place.project, steps: BTreeMap::new(), queue: VecDeque::new() };
    let Some((node, need)) = search.first(place.file) else { return Vec::new() };
    let related = search.way(node, &need);
    let via = match search.project.file(node.0).filter(|_| node.0 != place.file) {
        Some(input) => {
            let name = node.1.and_then(|function| input.facts.function(function).name.clone());
            let path = shown(place.input, &input.path);
            name.map_or_else(|| format!(" via {path}"), |name| format!(" via `{name}` in {path}"))
        }
        None => String::new(),
    };
    let what = format!(
        "The edge runtime has no Node.js, but this file {}{via}{}. Remove `runtime`, so that it runs on Node.js.",
        need.what, need.why
    );
    vec![place.found(at, [("what", what)], related)]
}

/// Where a file asks for the edge runtime.
fn asks_for_edge(place: &Place<'_>) -> Option<Span> {
    let facts = &place.input.facts;
    let next = place.input.package.next.as_ref()?;
    let name = match routes::role(next, &place.input.path) {
        Role::RouteHandler | Role::AppPage | Role::PagesApi | Role::Page
            if is_edge(segment_text(facts, "runtime")) =>
        {
            "runtime"
        }
        Role::PagesApi | Role::Page => {
            let (_, decl) = facts.binding("config")?;
            facts.export("config")?;
            is_edge(decl.value.get("runtime").and_then(Shape::text)).then_some("config")?
        }
        _ => return None,
    };
    let (id, decl) = facts.binding(name)?;
    Some(facts.span(id.chunk, decl.at))
}

fn is_edge(runtime: Option<&str>) -> bool {
    matches!(runtime, Some("edge" | "experimental-edge"))
}

/// A function, or the top level of a file.
type Node = (FileNo, Option<FunctionId>);

/// What needs Node.js.
struct Need {
    /// To follow "this file …".
    what: String,
    /// To follow the way there, where `what` alone does not say it.
    why: &'static str,
    call: CallId,
}

/// A search in breadth from a file's handlers, along calls and along imports whose values are used.
struct Search<'p> {
    project: &'p Project,
    /// How each place was reached: from where, and by which call, where it was one.
    steps: BTreeMap<Node, Option<(Node, Option<CallId>)>>,
    queue: VecDeque<Node>,
}

impl Search<'_> {
    fn first(&mut self, file: FileNo) -> Option<(Node, Need)> {
        let roots = self.project.links(file)?.entries.iter().flat_map(|entry| &entry.roots);
        for (root_file, root) in roots {
            self.reach((*root_file, Some(*root)), None);
        }
        self.reach((file, None), None);
        while let Some(node) = self.queue.pop_front() {
            if let Some(need) = self.need(node) {
                return Some((node, need));
            }
            self.go_on(node);
        }
        None
    }

    fn reach(&mut self, node: Node, from: Option<(Node, Option<CallId>)>) {
        if let std::collections::btree_map::Entry::Vacant(entry) = self.steps.entry(node) {
            entry.insert(from);
            self.queue.push_back(node);
        }
    }

    /// What the place itself does that needs Node.js.
    fn need(&self, (file, function): Node) -> Option<Need> {
        let (input, links) = (self.project.file(file)?, self.project.links(file)?);
        let of_node = |call: &CallId| !is_for_node(&input.facts, *call);
        let driver = links
            .constructions
            .iter()
            .find(|made| made.function == function && made.library.needs_node && of_node(&made.call))
            .map(|made| Need {
                what: format!("opens a {}", made.make.name),
                why: ", which needs it",
                call: made.call,
            });
        driver.or_else(|| {
            links
                .effects
                .iter()
                .filter(|asked| asked.function == function && asked.row.effect == Effect::NodeApi)
                .filter(|asked| of_node(&asked.call))
                .find_map(|asked| {
                    let (what, why) = self.module_of(file, asked.call)?;
                    Some(Need { what, why, call: asked.call })
                })
        })
    }

    /// The module that a call asks something of, in words.
    fn module_of(&self, file: FileNo, id: CallId) -> Option<(String, &'static str)> {
        let input = self.project.file(file)?;
        let callee = &input.facts.call(id).callee;
        let Symbol::External { specifier, export } =
            Resolver::new(self.project).symbol(file, id.chunk, callee)
        else {
            return None;
        };
        let bare = specifier.strip_prefix("node:").unwrap_or(&specifier);
        let may_be_package = bare == specifier.as_str()
            && (ALSO_PACKAGES.contains(&bare)
                || (tables::is_node_module(bare) && input.package.dependencies.contains(bare)));
        let export = export.strip_prefix("default.").unwrap_or(&export);
        let what = match export {
            "" | "default" => format!("uses `{specifier}`"),
            export => format!("uses `{export}` of `{specifier}`"),
        };
        let why = if tables::is_node_module(bare) { "" } else { ", which needs it" };
        (!may_be_package).then_some((what, why))
    }

    fn go_on(&mut self, node: Node) {
        let project = self.project;
        let (file, function) = node;
        let Some(input) = project.file(file) else { return };
        for edge in project.running(file, function) {
            if edge.call.is_some_and(|call| is_for_node(&input.facts, call)) {
                continue;
            }
            self.reach((edge.to.0, Some(edge.to.1)), Some((node, edge.call)));
        }
        // A file whose function runs was loaded, and with it the files of the values that it uses.
        if function.is_some() {
            self.reach((file, None), Some((node, None)));
            return;
        }
        let used = used_names(&input.facts);
        for (_, import) in input.facts.imports().filter(|(_, import)| !import.type_only && !import.dynamic) {
            let Some((local, _)) = import.local.as_ref().filter(|(local, _)| used.contains(local.as_str()))
            else {
                continue;
            };
            let name = Shape::Name(crate::facts::Name { text: local.clone(), local: None });
            let (Symbol::Function(loaded, _)
            | Symbol::Instance(loaded, _)
            | Symbol::Value(loaded, ..)
            | Symbol::Module(loaded)) = Resolver::new(project).symbol(file, 0, &name)
            else {
                continue;
            };
            let in_browser = project.file(loaded).is_none_or(|input| input.facts.use_client);
            if loaded != file && !in_browser {
                self.reach((loaded, None), Some((node, None)));
            }
        }
    }

    /// The way to what needs Node.js, as places.
    fn way(&self, node: Node, need: &Need) -> Vec<Related> {
        let mut out = Vec::new();
        if let Some(input) = self.project.file(node.0) {
            out.push(Related {
                path: input.path.clone(),
                span: input.facts.span(need.call.chunk, input.facts.call(need.call).head),
                message: need.what.clone(),
            });
        }
        let mut at = node;
        while let Some(Some((from, call))) = self.steps.get(&at) {
            if let (Some(input), Some(call)) = (self.project.file(from.0), call) {
                let called = input.facts.call(*call);
                let name = called.callee.dotted().unwrap_or_else(|| "it".to_owned());
                out.push(Related {
                    path: input.path.clone(),
                    span: input.facts.span(call.chunk, called.head),
                    message: format!("calls {name}"),
                });
            }
            at = *from;
        }
        out.reverse();
        out
    }
}

/// Whether a call stands behind a question for the runtime: `if (process.env.NEXT_RUNTIME === 'nodejs')`.
fn is_for_node(facts: &FileFacts, call: CallId) -> bool {
    let asks = |path: &Shape| path.dotted().is_some_and(|path| path.contains("NEXT_RUNTIME"));
    facts.call(call).guards.iter().any(|guard| asks(&guard.path))
}

/// Names of the module whose values some code of the file uses for certain. What only types mention leaves no
/// trace at run time.
fn used_names(facts: &FileFacts) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for chunk in &facts.chunks {
        for call in &chunk.facts.calls {
            names(&call.callee, &mut used);
            call.args.iter().for_each(|argument| names(argument, &mut used));
        }
        chunk.facts.decls.iter().for_each(|decl| names(&decl.value, &mut used));
        for assign in &chunk.facts.assigns {
            names(&assign.right, &mut used);
        }
    }
    used
}

fn names<'f>(shape: &'f Shape, out: &mut BTreeSet<&'f str>) {
    match shape {
        Shape::Name(name) if name.local.is_none() => {
            out.insert(&name.text);
        }
        Shape::Member(object, _) | Shape::Await(object) => names(object, out),
        Shape::Object(entries) => entries.iter().for_each(|(_, value)| names(value, out)),
        Shape::Array(items) | Shape::Either(items) => items.iter().for_each(|item| names(item, out)),
        _ => {}
    }
}
