//! Which programs a project holds that set up Express applications, and what each of them makes.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::kept::{Kept, Programs, Run, Start};
use super::run::{Part, World};
use super::value::{Value, untold};
use super::{Express, Router, RouterNo};
use crate::facts::{CallId, Exported, FunctionId, FunctionKind, Shape};
use crate::project::routes::is_aside;
use crate::project::symbols::{Resolver, Symbol, is_express_itself};
use crate::project::{FileInput, FileNo, Project, Resolution};

/// Modules from which programs are started; more are not looked at.
const ROOTS: usize = 300;

/// Modules that make applications and routers, by the export that does.
const EXPRESS: &[&str] = &["express", "express-promise-router"];

/// Calls that all runs together may make, and modules that they may load, nearly three times what the largest application
/// needs that was looked at: a shared module that makes a router may be loaded by hundreds of programs, and would be looked
/// at for each of them at every keystroke.
const FUEL: u32 = 20_000;

/// The files that have to do with Express.
pub(super) struct Files {
    /// Every one that loads it, itself or through others.
    pub(super) all: FxHashSet<FileNo>,
    /// Those that name it.
    naming: Vec<FileNo>,
    importers: Importers,
}

/// Who loads each file: those who load the first one, then those who load the second one, and so on.
#[derive(Default)]
struct Importers {
    all: Vec<FileNo>,
    end: Vec<u32>,
}

impl Importers {
    fn of(project: &Project) -> Self {
        let count = project.file_count();
        let loads = || {
            let links = project.numbers().filter_map(|file| Some((file, project.links(file)?)));
            links.flat_map(|(file, links)| links.loads.iter().map(move |&target| (file, target)))
        };
        // How many there are of each, then where they begin; who is put in moves that on to where they end.
        let mut end = vec![0; count + 1];
        for (_, target) in loads() {
            end[target as usize + 1] += 1;
        }
        for file in 1..=count {
            end[file] += end[file - 1];
        }
        let mut all = vec![0; end[count] as usize];
        for (file, target) in loads() {
            let at = &mut end[target as usize];
            all[*at as usize] = file;
            *at += 1;
        }
        Self { all, end }
    }

    fn of_file(&self, file: FileNo) -> &[FileNo] {
        let begin = file.checked_sub(1).map_or(0, |before| self.end[before as usize]);
        &self.all[begin as usize..self.end[file as usize] as usize]
    }
}

impl Files {
    pub(super) fn of(project: &Project) -> Self {
        let names = |&file: &FileNo| project.links(file).is_some_and(|links| links.names_express);
        let naming: Vec<FileNo> = project.numbers().filter(names).collect();
        let mut files = Self { all: FxHashSet::default(), naming, importers: Importers::default() };
        if !files.naming.is_empty() {
            files.importers = Importers::of(project);
            files.all = files.loading(files.naming.iter().copied());
        }
        files
    }

    /// These and all that load them, themselves or through others.
    fn loading(&self, these: impl Iterator<Item = FileNo>) -> FxHashSet<FileNo> {
        let mut found: FxHashSet<FileNo> = these.collect();
        let mut pending: Vec<FileNo> = found.iter().copied().collect();
        while let Some(file) = pending.pop() {
            pending.extend(self.importers.of_file(file).iter().filter(|&&importer| found.insert(importer)));
        }
        found
    }
}

/// Whether a file loads Express itself.
pub(in crate::project) fn is_named(input: &FileInput) -> bool {
    let names = |name: &&str| input.facts.specifiers.binary_search_by(|it| (**it).cmp(name)).is_ok();
    let own = input.package.name.as_deref() == Some("express")
        && input.resolutions.iter().any(|resolution| {
            matches!(resolution, Resolution::File(path) if is_express_itself(&input.package, path))
        });
    own || EXPRESS.iter().any(names)
}

/// Whether a file makes an application or a router, or gives what makes them to others. Most that name Express want its
/// types or its middleware, and what loads them is no program of Express.
fn sets_up(resolver: &mut Resolver<'_>, file: FileNo) -> bool {
    let Some(input) = resolver.project_file(file) else { return false };
    let exported = input.facts.exports().any(|(_, export)| match &export.exported {
        Exported::Star(specifier) => EXPRESS.contains(&specifier.as_str()),
        _ => makes(&resolver.export(file, &export.name, 0)),
    });
    exported
        || (0..).zip(&input.facts.chunks).any(|(chunk, it)| {
            let calls = it.facts.calls.iter();
            let mut shapes = calls
                .flat_map(|call| std::iter::once(&call.callee).chain(&call.args))
                .chain(it.facts.assigns.iter().map(|assign| &assign.right));
            shapes.any(|shape| holds_maker(resolver, file, chunk, shape))
        })
}

/// Whether a value is what makes applications or routers, or holds it.
fn holds_maker(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, shape: &Shape) -> bool {
    match shape {
        Shape::Object(entries) => entries.iter().any(|(_, it)| holds_maker(resolver, file, chunk, it)),
        Shape::Array(items) | Shape::Either(items) => {
            items.iter().any(|it| holds_maker(resolver, file, chunk, it))
        }
        Shape::Name(_) | Shape::Member(..) | Shape::Call(_) | Shape::Await(_) => {
            makes(&resolver.symbol(file, chunk, shape))
        }
        _ => false,
    }
}

fn makes(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::External { specifier, export } if made(specifier, export).is_some())
}

/// The routers of all programs: each run apart, from each module that no other one loads; and every file that has to do
/// with it. One that was looked at need not load Express: a function that is given the application may stand in any.
pub(super) fn worlds(
    project: &Project,
    files: Files,
    former: &Programs,
) -> (Vec<Router>, FxHashSet<FileNo>, Programs) {
    let mut programs = Programs::default();
    for &file in &files.naming {
        let told = Kept::of_file(project, &former.sets_up, file, |resolver| sets_up(resolver, file));
        programs.sets_up.insert(file, told);
    }
    let set_up = files.loading(files.naming.iter().copied().filter(|file| programs.sets_up[file].told));
    let parts: FxHashMap<FileNo, Part> = files
        .all
        .iter()
        .map(|&file| (file, if set_up.contains(&file) { Part::SetsUp } else { Part::Loads }))
        .collect();
    let sorted: Vec<FileNo> = project
        .numbers()
        .filter(|file| set_up.contains(file))
        .filter(|&file| project.file(file).is_some_and(|input| !is_aside(&input.path, &input.package)))
        .collect();
    let loads = |file: FileNo| {
        let all = project.links(file).map_or(&[][..], |links| &links.loads);
        all.iter().copied().filter(|it| set_up.contains(it))
    };
    let imported: FxHashSet<FileNo> =
        sorted.iter().flat_map(|&file| loads(file).filter(move |&it| it != file)).collect();
    let mut all: Vec<Router> = Vec::new();
    let mut loaded: FxHashSet<FileNo> = FxHashSet::default();
    let mut worlds: Vec<std::ops::Range<usize>> = Vec::new();
    let mut read: FxHashSet<FileNo> = FxHashSet::default();
    let mut fuel = FUEL;
    let runs = &mut programs.runs;
    let mut run = |all: &mut Vec<Router>, loaded: &mut FxHashSet<FileNo>, start: Start| {
        if fuel == 0 {
            return;
        }
        let again = || Arc::new(Kept::<Run>::of(project, &parts, start, fuel));
        let known = former.runs.get(&start).filter(|run| run.stands_on(project, &parts, fuel));
        let run = known.cloned().unwrap_or_else(again);
        fuel -= run.told.fuel;
        loaded.extend(&run.told.loaded);
        read.extend(run.read());
        let first = all.len();
        all.extend(run.told.numbered_from(first as RouterNo));
        worlds.push(first..all.len());
        runs.insert(start, run);
    };
    // Those that load most come first: where there are too many, the others are most likely parts of these.
    let mut roots: Vec<FileNo> = sorted.iter().copied().filter(|file| !imported.contains(file)).collect();
    roots.truncate(ROOTS);
    roots.sort_by_cached_key(|&root| std::cmp::Reverse(loaded_by(root, loads)));
    for root in roots {
        run(&mut all, &mut loaded, Start::Module(root));
    }
    // Files that import each other in a circle.
    for &file in sorted.iter().take(ROOTS) {
        if !loaded.contains(&file) {
            run(&mut all, &mut loaded, Start::Module(file));
        }
    }
    // What is made in functions that nobody was seen to call.
    for &file in &sorted {
        let told = Kept::of_file(project, &former.makers, file, |resolver| makers(resolver, file));
        for &function in &told.told {
            if !all
                .iter()
                .any(|router| router.site.0 == file && within(project, file, router.site.1, function))
            {
                run(&mut all, &mut loaded, Start::Function(file, function));
            }
        }
        programs.makers.insert(file, told);
    }
    read.extend(files.all);
    (best(all, &worlds), read, programs)
}

/// How many files a file loads, itself and through others.
fn loaded_by<I: Iterator<Item = FileNo>>(file: FileNo, loads: impl Fn(FileNo) -> I) -> usize {
    let mut found = FxHashSet::from_iter([file]);
    let mut pending = vec![file];
    while let Some(file) = pending.pop() {
        pending.extend(loads(file).filter(|&it| found.insert(it)));
    }
    found.len()
}

/// Functions directly in a module in which an application or router is made.
fn makers(resolver: &mut Resolver<'_>, file: FileNo) -> Vec<FunctionId> {
    let Some(input) = resolver.project_file(file) else { return Vec::new() };
    let mut found = Vec::new();
    for (id, call) in input.facts.calls() {
        let Some(mut number) = call.function else { continue };
        if makes(&resolver.symbol(file, id.chunk, &call.callee)) {
            let functions = &input.facts.chunks[id.chunk as usize].facts.functions;
            while let Some(parent) = functions[number as usize].parent {
                number = parent;
            }
            found.push(FunctionId { chunk: id.chunk, number });
        }
    }
    found.dedup();
    found
}

/// Whether a call stands in a function of the same file.
fn within(project: &Project, file: FileNo, call: CallId, function: FunctionId) -> bool {
    call.chunk == function.chunk
        && project.file(file).is_some_and(|input| {
            let call_at = input.facts.call(call).at.0;
            let at = input.facts.function(function).at.0;
            at.start <= call_at.start && call_at.end <= at.end
        })
}

/// Whether an export of a package makes an application or a router: `true` for an application.
pub(super) fn made(specifier: &str, export: &str) -> Option<bool> {
    match (specifier, export) {
        ("express", "" | "default") => Some(true),
        ("express", "Router" | "default.Router") | ("express-promise-router", "" | "default") => Some(false),
        _ => None,
    }
}

/// Of several programs that make the same application each tells its own part; the one that tells most is kept.
fn best(all: Vec<Router>, worlds: &[std::ops::Range<usize>]) -> Vec<Router> {
    let world = |number: usize| worlds.partition_point(|world| world.end <= number);
    let below = |number: usize| {
        let mut seen = FxHashSet::default();
        let mut pending = vec![number as RouterNo];
        while let Some(number) = pending.pop() {
            if seen.insert(number) {
                let layers = &all[number as usize].layers;
                pending.extend(layers.iter().flat_map(|layer| &layer.handlers).filter_map(|it| it.router));
            }
        }
        seen
    };
    let mut keep: FxHashSet<RouterNo> = FxHashSet::default();
    let mut known: FxHashSet<(FileNo, CallId)> = FxHashSet::default();
    for apps in [true, false] {
        // In the order in which they were first made.
        let mut by_site: Vec<Vec<usize>> = Vec::new();
        let mut places: FxHashMap<(FileNo, CallId), usize> = FxHashMap::default();
        for (number, router) in all.iter().enumerate() {
            if router.is_app != apps || !router.mounted.is_empty() || known.contains(&router.site) {
                continue;
            }
            let place = *places.entry(router.site).or_insert(by_site.len());
            if place == by_site.len() {
                by_site.push(Vec::new());
            }
            by_site[place].push(number);
        }
        for numbers in by_site {
            let layers = |at: usize| {
                let here = numbers.iter().filter(|&&number| world(number) == at);
                here.flat_map(|&number| below(number)).map(|it| all[it as usize].layers.len()).sum::<usize>()
            };
            let chosen =
                numbers.iter().map(|&number| world(number)).max_by_key(|&at| (layers(at), usize::MAX - at));
            let chosen = numbers.iter().filter(|&&number| Some(world(number)) == chosen);
            keep.extend(chosen.flat_map(|&number| below(number)));
        }
        known = keep.iter().map(|&number| all[number as usize].site).collect();
    }
    Express::retain(all, &keep)
}

impl World<'_> {
    /// A function in which something is made, and that nobody calls; of a class, what makes it too.
    pub(super) fn orphan(&mut self, file: FileNo, function: FunctionId) {
        self.load(file);
        let frame = self.module_frame(file);
        let value = Value::Function(file, function, frame);
        if self.facts(file).function(function).kind != FunctionKind::Class {
            self.run_function(file, function, frame, untold(), Value::Unknown);
            return;
        }
        let Value::Object(object) = self.instance(&value, untold()) else { return };
        let methods: Vec<FunctionId> = self
            .facts(file)
            .functions()
            .filter(|(id, it)| {
                id.chunk == function.chunk
                    && it.parent == Some(function.number)
                    && it.kind == FunctionKind::Method
                    && it.name.as_deref().is_some_and(|name| !name.ends_with(".constructor"))
            })
            .map(|(id, _)| id)
            .collect();
        for method in methods {
            let makes =
                |router: &Router| router.site.0 == file && within(self.project, file, router.site.1, method);
            if makers_in(self.project, file, method) && !self.routers.iter().any(makes) {
                self.run_function(file, method, frame, untold(), Value::Object(object));
            }
        }
    }
}

fn makers_in(project: &Project, file: FileNo, method: FunctionId) -> bool {
    let Some(input) = project.file(file) else { return false };
    input.facts.calls().any(|(id, call)| {
        within(project, file, id, method)
            && makes(&Resolver::new(project).symbol(file, id.chunk, &call.callee))
    })
}
