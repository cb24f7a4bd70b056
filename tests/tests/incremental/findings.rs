//! Findings, fixes and hovers: kept up to date edit by edit, they equal those of a fresh start.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use routewise_analysis::decision::{Findings, Inquiry, Surroundings};
use routewise_analysis::document::{Change, Document};
use routewise_analysis::endpoints::{ForPeople, Report};
use routewise_analysis::finding::{Finding, Fix};
use routewise_analysis::package::{Evidence, NextProject, Package, Target, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Hover, Project, Resolution, Settings, Sources, at_once};
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::{Encoding, LineIndex};

use crate::edits::{self, Edit, SHOP, batches, check};
use crate::probes;

/// An edit that mostly leaves a program: whole lines and whole words.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    RemoveLine(usize),
    RepeatLine(usize, usize),
    InsertLine(usize, &'static str),
    ReplaceWord(usize, &'static str),
    /// A word becomes another one of the same file, so that what it stands for changes.
    RepeatWord(usize, usize),
    Typing(Vec<Edit>),
}

/// What happens to a project.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A file is edited; `None`: the one that somebody was in before.
    Edit(Option<usize>, Step),
    Create(&'static str, usize),
    Remove(usize),
    /// A file moves: its old path is gone when the new one is there.
    Rename(usize, &'static str),
    /// The file is put back as it was at the start.
    Restore(usize),
    /// It is closed and opened: read again by itself, and the same.
    Reopen(Option<usize>),
}

/// A project, and what edits bring into it.
pub(crate) struct World {
    /// Its files.
    pub(crate) texts: &'static [(&'static str, &'static str)],
    /// Lines that are put in.
    pub(crate) lines: &'static [&'static str],
    /// Words that are put in the place of others.
    pub(crate) words: &'static [&'static str],
    /// Files that come and go.
    pub(crate) extra: &'static [&'static str],
    /// What they hold.
    pub(crate) created: &'static [&'static str],
    pub(crate) package: fn() -> Package,
}

const WORLD: World = World { texts: SHOP, lines: LINES, words: WORDS, extra: EXTRA, created: TEXTS, package };

const LINES: &[&str] = &[
    "import { PrismaClient } from '@prisma/client';",
    "import { prisma } from '@/lib/prisma';",
    "import { Pool } from 'pg';",
    "import { buildReport } from '@/lib/report';",
    "import { helper } from '@/lib/extra';",
    "export * from './report';",
    "export { prisma as db } from './prisma';",
    "export { default } from './extra';",
    "const prisma = new PrismaClient();",
    "export const prisma = globalThis.prisma ?? new PrismaClient();",
    "globalThis.prisma = prisma;",
    "if (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma;",
    "const pool = new Pool({ connectionString: process.env.DATABASE_URL });",
    "  const client = new PrismaClient();",
    "  await prisma.$disconnect();",
    "  await helper();",
    "  await buildReport(1);",
    "export async function helper() { return new PrismaClient().order.count(); }",
    "export const PUT = withAuth(async (request) => { await helper(); return Response.json({}); });",
    "export async function PATCH(request: Request) { const pool = new Pool(); return Response.json(await pool.query('x')); }",
    "export const runtime = 'edge';",
    "const PREFIX = '/api';",
    "export const load = (path) => fetch(`/api${path}`);",
    "import { load } from '@/lib/extra';",
    "  await fetch('/api/extra');",
    "  await fetch(`/api/orders/${1}`, { method: 'POST' });",
    "  await load('/extra');",
    "export const useShop = () => ({ get: (path) => load(path) });",
    "const { get } = useShop();",
    "import { useShop } from '@/lib/extra';",
    "  await get('/extra');",
    "  await fetch('/api/extra/7', { method: 'DELETE' });",
    "app.use('/api/extra', require('./extra'));",
    "router.get('/more', async (req, res) => res.json(await helper()));",
    "export const dynamic = 'force-dynamic';",
    "'use server';",
    "// routewise-disable-next-line clients -- tested",
    "// routewise-disable-file",
    "}",
    "function inner() {",
    "\u{1f600} ünbekannt",
];

const WORDS: &[&str] = &[
    "prisma",
    "PrismaClient",
    "Pool",
    "helper",
    "buildReport",
    "withAuth",
    "GET",
    "POST",
    "DELETE",
    "handler",
    "export",
    "const",
    "await",
    "async",
    "new",
    "function",
    "rows",
    "request",
    "é",
];

const EXTRA: &[&str] = &[
    "/shop/lib/extra.ts",
    "/shop/lib/index.ts",
    "/shop/app/api/extra/route.ts",
    "/shop/proxy.ts",
    "/shop/app/(group)/api/extra/route.ts",
    "/shop/app/api/[slug]/route.ts",
    "/shop/pages/api/extra/[id].ts",
    "/shop/server/extra.js",
];

const TEXTS: &[&str] = &[
    "import { PrismaClient } from '@prisma/client';\nexport async function helper() {\n  return new PrismaClient();\n}\nexport default helper;\n",
    "export { prisma } from './prisma';\nexport * from './report';\n",
    "import { helper } from '@/lib/extra';\nimport { prisma } from '@/lib';\nexport async function GET() {\n  await helper();\n  return Response.json(await prisma.order.count());\n}\n",
    "import { load } from '@/lib/extra';\nexport const Page = () => <form action=\"/api/extra\" onClick={() => load('/orders')} />;\n",
    "const router = require('express').Router();\nrouter.get('/more', (req, res) => res.json({}));\nmodule.exports = router;\n",
    "",
];

impl World {
    fn steps(&self) -> impl Strategy<Value = Step> + use<> {
        let at = 0..200usize;
        let (lines, words) = (prop::sample::select(self.lines), prop::sample::select(self.words));
        prop_oneof![
            2 => at.clone().prop_map(Step::RemoveLine),
            1 => (at.clone(), at.clone()).prop_map(|(from, to)| Step::RepeatLine(from, to)),
            4 => (at.clone(), lines).prop_map(|(at, line)| Step::InsertLine(at, line)),
            3 => (at.clone(), words).prop_map(|(at, word)| Step::ReplaceWord(at, word)),
            4 => (at.clone(), at).prop_map(|(at, from)| Step::RepeatWord(at, from)),
            2 => batches().prop_map(|mut batches| Step::Typing(batches.swap_remove(0))),
        ]
    }

    /// What may happen to the project.
    pub(crate) fn events(&self) -> impl Strategy<Value = Vec<Event>> + use<> {
        let extra = prop::sample::select(self.extra);
        let which = || prop_oneof![2 => any::<usize>().prop_map(Some), 3 => Just(None)];
        let event = prop_oneof![
            8 => (which(), self.steps()).prop_map(|(file, step)| Event::Edit(file, step)),
            2 => (extra, 0..self.created.len()).prop_map(|(path, text)| Event::Create(path, text)),
            1 => any::<usize>().prop_map(Event::Remove),
            1 => (any::<usize>(), prop::sample::select(self.extra)).prop_map(|(file, to)| Event::Rename(file, to)),
            1 => any::<usize>().prop_map(Event::Restore),
            2 => which().prop_map(Event::Reopen),
        ];
        prop::collection::vec(event, 1..14)
    }

    /// The files as they are at first.
    pub(crate) fn files(&self) -> BTreeMap<FilePath, String> {
        self.texts.iter().map(|(path, text)| (FilePath::new(path), (*text).to_owned())).collect()
    }

    /// Lets everything happen, and compares with a fresh start each time.
    pub(crate) fn run(&self, events: &[Event], encoding: Encoding) {
        let mut shop = Shop::new(&self.files(), (self.package)());
        let mut before = 0;
        for event in events {
            let paths: Vec<FilePath> = shop.documents.keys().cloned().collect();
            if let Event::Edit(file, _) | Event::Reopen(file) = event {
                before = file.unwrap_or(before) % paths.len();
            }
            match event {
                Event::Edit(_, step) => shop.edit(&paths[before], step, encoding),
                Event::Create(path, text) => shop.write(path, self.created[*text]),
                Event::Remove(file) if paths.len() > 1 => shop.remove(&paths[file % paths.len()]),
                Event::Remove(_) => {}
                Event::Rename(file, to) => shop.rename(&paths[file % paths.len()], &FilePath::new(to)),
                Event::Restore(file) => {
                    let (path, text) = self.texts[file % self.texts.len()];
                    shop.write(path, text);
                }
                Event::Reopen(_) => {
                    let path = &paths[before];
                    let text = shop.documents[path].text().to_owned();
                    shop.write(path.as_str(), &text);
                }
            }
            shop.assert_as_new();
        }
    }
}

/// Makes a step into the changes of one `didChange`.
fn changes(text: &str, step: &Step, encoding: Encoding) -> Vec<Change> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start_of = |line: usize| lines[..line].iter().map(|line| line.len()).sum::<usize>();
    let (from, to, new) = match step {
        Step::Typing(batch) => return edits::apply(&mut text.to_owned(), batch, encoding),
        Step::RemoveLine(line) if !lines.is_empty() => {
            let line = line % lines.len();
            (start_of(line), start_of(line + 1), String::new())
        }
        Step::RepeatLine(line, to) if !lines.is_empty() => {
            let to = start_of(to % lines.len());
            (to, to, lines[line % lines.len()].to_owned())
        }
        Step::InsertLine(line, new) => {
            let at = start_of(line % (lines.len() + 1));
            (at, at, format!("{new}\n"))
        }
        Step::ReplaceWord(number, new) => {
            let words = words(text);
            match words.get(number % words.len().max(1)) {
                Some(word) => (word.start, word.end, (*new).to_owned()),
                None => (0, 0, (*new).to_owned()),
            }
        }
        Step::RepeatWord(number, from) => {
            let words = words(text);
            let word = |number: usize| words.get(number % words.len().max(1)).cloned().unwrap_or(0..0);
            (word(*number).start, word(*number).end, text[word(*from)].to_owned())
        }
        Step::RemoveLine(_) | Step::RepeatLine(..) => (0, 0, "\n".to_owned()),
    };
    let index = LineIndex::new(text);
    let at = |offset: usize| index.position(text, offset as u32, encoding);
    vec![Change { range: Some((at(from), at(to))), text: new }]
}

fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric() || *c == '_') {
        match words.last_mut() {
            Some(word) if word.end == at => word.end += c.len_utf8(),
            _ => words.push(at..at + c.len_utf8()),
        }
    }
    words
}

/// A project kept up to date file by file.
pub(crate) struct Shop {
    catalogue: Arc<Catalogue>,
    package: Arc<Package>,
    documents: BTreeMap<FilePath, Arc<Document>>,
    inputs: BTreeMap<FilePath, FileInput>,
    project: Arc<Project>,
    /// The same for somebody who works in no file and asks for all of them.
    beside: Arc<Project>,
    /// An earlier version that somebody holds, and what was wrong in its files.
    held: Option<(Arc<Project>, Findings)>,
}

impl Sources for Shop {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.documents.get(path).cloned()
    }
}

/// All there is to see of a project.
#[derive(Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) findings: BTreeMap<FilePath, Vec<(Finding, Vec<Fix>)>>,
    hovers: Vec<(FilePath, u32, Option<Hover>)>,
    /// The table of routes with its callers, and what each URL in the code leads to.
    pub(crate) routes: Vec<String>,
    panics: Vec<String>,
}

impl Shop {
    pub(crate) fn new(texts: &BTreeMap<FilePath, String>, package: Package) -> Self {
        let catalogue = probes::catalogue();
        let mut shop = Self {
            package: Arc::new(package),
            documents: BTreeMap::new(),
            inputs: BTreeMap::new(),
            project: Arc::new(Project::new(Arc::clone(&catalogue))),
            beside: Arc::new(Project::new(Arc::clone(&catalogue))),
            held: None,
            catalogue,
        };
        for (path, text) in texts {
            let document = Document::new(path.clone(), 0, text.clone());
            shop.documents.insert(path.clone(), Arc::new(document));
        }
        for project in [&mut shop.project, &mut shop.beside] {
            Project::next(project).set_complete(true);
        }
        shop.refresh();
        shop
    }

    fn texts(&self) -> BTreeMap<FilePath, String> {
        let text = |document: &Arc<Document>| document.text().to_owned();
        self.documents.iter().map(|(path, document)| (path.clone(), text(document))).collect()
    }

    pub(crate) fn edit(&mut self, path: &FilePath, step: &Step, encoding: Encoding) {
        let document = &self.documents[path];
        let changes = changes(document.text(), step, encoding);
        let next = document.change(document.version() + 1, &changes, encoding);
        self.documents.insert(path.clone(), Arc::new(next));
        self.refresh();
    }

    fn write(&mut self, path: &str, text: &str) {
        let path = FilePath::new(path);
        self.documents.insert(path.clone(), Arc::new(Document::new(path, 0, text.to_owned())));
        self.refresh();
    }

    pub(crate) fn remove(&mut self, path: &FilePath) {
        self.documents.remove(path);
        self.inputs.remove(path);
        for project in [&mut self.project, &mut self.beside] {
            *project = Arc::new(project.anew(self.inputs.clone()));
        }
        self.refresh();
    }

    fn rename(&mut self, from: &FilePath, to: &FilePath) {
        let text = self.documents[from].text().to_owned();
        self.documents.remove(from);
        self.inputs.remove(from);
        Project::next(&mut self.project).remove(from);
        self.documents.insert(to.clone(), Arc::new(Document::new(to.clone(), 0, text)));
        for input in self.changed() {
            Project::next(&mut self.project).insert(input);
        }
        // As a server does when files come or go.
        self.beside = Arc::new(self.beside.anew(self.inputs.clone()));
        self.refresh();
    }

    /// Enters every file that differs from what the project knows, as a server does.
    fn refresh(&mut self) {
        let changed = self.changed();
        for project in [&mut self.project, &mut self.beside] {
            for input in &changed {
                Project::next(project).insert(input.clone());
            }
            Project::next(project).link();
        }
    }

    /// Every file that differs from what was known; it is known then.
    fn changed(&mut self) -> Vec<FileInput> {
        let mut changed = Vec::new();
        for (path, document) in &self.documents {
            let facts = Arc::clone(document.facts(&self.catalogue));
            let resolutions =
                facts.specifiers.iter().map(|specifier| self.resolve(path, specifier)).collect();
            let known = self.inputs.get(path);
            if known
                .is_some_and(|known| Arc::ptr_eq(&known.facts, &facts) && known.resolutions == resolutions)
            {
                continue;
            }
            let package = Arc::clone(&self.package);
            let settings = Arc::new(Settings::default());
            let input = FileInput { path: path.clone(), package, settings, facts, resolutions };
            self.inputs.insert(path.clone(), input.clone());
            changed.push(input);
        }
        changed
    }

    fn resolve(&self, from: &FilePath, specifier: &str) -> Resolution {
        let base = if let Some(inside) = specifier.strip_prefix("@/") {
            FilePath::new("/shop").join(inside)
        } else if specifier.starts_with('.') {
            from.parent().expect("files lie in folders").join(specifier)
        } else {
            return Resolution::External;
        };
        ["", ".ts", ".js", "/index.ts"]
            .iter()
            .map(|end| FilePath::new(&format!("{base}{end}")))
            .find(|path| self.documents.contains_key(path))
            .map_or(Resolution::Unresolved, Resolution::File)
    }

    pub(crate) fn view(&self) -> View {
        let mut findings = BTreeMap::new();
        let mut hovers = Vec::new();
        for (path, document) in &self.documents {
            let with_fixes = |finding: Finding| {
                let fixes = self.project.fixes(&finding, self);
                (finding, fixes)
            };
            findings.insert(path.clone(), self.project.findings(path).into_iter().map(with_fixes).collect());
            for (offset, _) in document.text().char_indices().step_by(23) {
                hovers.push((path.clone(), offset as u32, self.project.hover(path, offset as u32)));
            }
        }
        let panics =
            self.project.take_panics().into_iter().map(|(rule, text)| format!("{rule}: {text}")).collect();
        // As programs get it: files are told by name there, and not by the number that this project gave them.
        let places = ForPeople { sources: self, name: &|path| path.to_string() };
        let report = serde_json::to_value(Report::new(&self.project.listing(), &places)).expect("it is text");
        let mut routes: Vec<String> = report
            .as_object()
            .expect("it has fields")
            .iter()
            .map(|(name, listed)| format!("{name}: {listed}"))
            .collect();
        routes
            .extend(self.documents.keys().map(|path| format!("{path}: {:?}", self.project.url_links(path))));
        View { findings, hovers, routes, panics }
    }

    /// What is told of all files together.
    fn together(&self) -> (Findings, String) {
        let project = &self.beside;
        project.prepare(&at_once, &|| true);
        let findings = project.findings_of(project.paths().cloned(), &at_once);
        let decision = project.decide(&Inquiry {
            surroundings: &Surroundings {
                packages: vec![Arc::clone(&self.package)],
                ..Surroundings::default()
            },
            findings: &findings,
            within: &|_| true,
            sources: self,
            name: &|path| path.to_string(),
            asked: false,
        });
        let decision = serde_json::to_string(&decision).expect("it is text");
        (findings, decision)
    }

    /// What is seen must be what a project made of the same texts shows, and no rule may panic. Whoever holds the
    /// version of the time before must see what was seen then.
    pub(crate) fn assert_as_new(&mut self) {
        let view = self.view();
        assert_eq!(view.panics, Vec::<String>::new());
        let anew = Shop::new(&self.texts(), (*self.package).clone());
        assert_eq!(self.together(), anew.together());
        let fresh = anew.view();
        for (path, findings) in &view.findings {
            let others = &fresh.findings[path];
            let kept: Vec<_> = findings.iter().filter(|one| !others.contains(one)).collect();
            let made: Vec<_> = others.iter().filter(|one| !findings.contains(one)).collect();
            let text = self.documents[path].text();
            assert!(
                kept.is_empty() && made.is_empty(),
                "{path}\nkept up: {kept:#?}\nanew: {made:#?}\n{text}"
            );
        }
        assert_eq!(view, fresh);
        // What is told of all files together is kept, but not beyond a change.
        let together = self.project.findings_of(self.project.paths().cloned(), &at_once);
        assert_eq!(together, findings_of(&self.project));
        // Every other version is held, so that some are followed by one of their own and some are changed themselves.
        if let Some((version, findings)) = self.held.take() {
            assert_eq!(findings_of(&version), findings);
        } else {
            self.held = Some((Arc::clone(&self.project), findings_of(&self.project)));
        }
    }
}

fn findings_of(project: &Project) -> Findings {
    project.paths().map(|path| (path.clone(), project.findings(path))).collect()
}

/// A Next.js 16 package on Vercel, in `/shop`.
fn package() -> Package {
    let version = |major| Version { major, minor: 1, patch: 0, source: VersionSource::Installed };
    let versions = [("next", 16), ("@prisma/client", 6), ("pg", 8), ("express", 5)];
    let root = FilePath::new("/shop");
    Package {
        root: Some(root.clone()),
        name: Some("shop".to_owned()),
        versions: versions.map(|(name, major)| (name.to_owned(), version(major))).into(),
        dependencies: versions.map(|(name, _)| name.to_owned()).into(),
        next: Some(NextProject {
            app_dir: Some(root.join("app")),
            pages_dir: Some(root.join("pages")),
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).into(),
            config_known: true,
            moves: Some(Vec::new()),
            ..NextProject::default()
        }),
        target: Target {
            id: "vercel".into(),
            evidence: vec![Evidence { text: "vercel.json".to_owned(), path: Some(root.join("vercel.json")) }],
            also: Vec::new(),
        },
        typescript: true,
        aliases: vec![("@/".to_owned(), FilePath::new("/shop/"))],
        ..Package::default()
    }
}

#[test]
fn findings_of_one_file_are_those_of_a_fresh_start_after_any_edits() {
    let file = prop::sample::select(SHOP);
    let steps = prop::collection::vec(WORLD.steps(), 1..12);
    check(80, &(file, steps, edits::encodings()), |((path, text), steps, encoding)| {
        let path = FilePath::new(path);
        let mut shop = Shop::new(&[(path.clone(), text.to_owned())].into(), package());
        for step in &steps {
            shop.edit(&path, step, encoding);
            shop.assert_as_new();
        }
    });
}

#[test]
fn findings_and_routes_across_files_are_those_of_a_fresh_start_after_edits_creations_removals_and_renames() {
    check(24, &(WORLD.events(), edits::encodings()), |(events, encoding)| {
        WORLD.run(&events, encoding);
    });
}

#[test]
fn the_shop_as_it_stands_has_findings_of_every_probe_that_fits_it() {
    let view = Shop::new(&WORLD.files(), package()).view();
    let rules: std::collections::BTreeSet<&str> =
        view.findings.values().flatten().map(|(finding, _)| &*finding.rule).collect();
    for probe in
        ["per-request", "at-module-level", "call-in-request", "loaded-by-next", "closes", "from-prisma"]
    {
        assert!(rules.contains(format!("probe/{probe}").as_str()), "{probe}: {rules:?}");
    }
}

/// Inserts `line` above everything in one file of the shop, by one edit.
fn assert_as_new_below(path: &str, line: &'static str) {
    let mut shop = Shop::new(&WORLD.files(), package());
    shop.edit(&FilePath::new(path), &Step::InsertLine(0, line), Encoding::Utf16);
    shop.assert_as_new();
}

#[test]
fn a_handler_is_where_it_is_after_a_line_above_it_came() {
    assert_as_new_below("/shop/app/api/orders/[id]/route.ts", "");
}

#[test]
fn a_comment_above_everything_costs_no_finding() {
    assert_as_new_below("/shop/lib/prisma.ts", "// routewise-disable-next-line clients -- tested");
}

/// What is told of a file by the number in another: the number says something else, and nothing is called that was not.
#[test]
fn what_is_told_of_all_files_is_told_anew_where_a_number_in_another_file_is_another() {
    let route = "import { setTimeout as sleep } from 'node:timers/promises';\nimport { WAIT } from '@/lib/times';\nexport async function GET() {\n  await sleep(WAIT);\n  return Response.json({});\n}\n";
    let texts = [
        ("/shop/app/api/slow/route.ts", route),
        ("/shop/lib/times.ts", "export const WAIT = 900_000;\n"),
        ("/shop/lib/other.ts", "export const OTHER = 1;\n"),
    ];
    let texts = texts.map(|(path, text)| (FilePath::new(path), text.to_owned()));
    let [slow, times, other] = texts.each_ref().map(|(path, _)| path.clone());
    let mut shop = Shop::new(&texts.into(), package());
    let sleeps = |shop: &Shop| {
        let (findings, _) = shop.together();
        findings[&slow].iter().filter(|it| &*it.rule == "duration/sleep-in-handler").count()
    };
    assert_eq!(sleeps(&shop), 1);
    for line in ["// one", "// two"] {
        shop.edit(&other, &Step::InsertLine(0, line), Encoding::Utf16);
        assert_eq!(sleeps(&shop), 1);
    }
    shop.edit(&times, &Step::ReplaceWord(3, "5"), Encoding::Utf16);
    assert_eq!(shop.documents[&times].text(), "export const WAIT = 5;\n");
    assert_eq!(sleeps(&shop), 0);
    shop.edit(&times, &Step::ReplaceWord(3, "800000"), Encoding::Utf16);
    assert_eq!(sleeps(&shop), 1);
}

/// A finding names a place in another file, which moves.
#[test]
fn what_is_told_of_all_files_names_places_where_they_are() {
    let mut shop = Shop::new(&WORLD.files(), package());
    let other = FilePath::new("/shop/lib/prisma.ts");
    for line in ["", "// one", "// two", ""] {
        assert_eq!(shop.together(), Shop::new(&shop.texts(), package()).together());
        shop.edit(&other, &Step::InsertLine(0, line), Encoding::Utf16);
    }
    let related: Vec<_> = shop.together().0.into_values().flatten().flat_map(|it| it.related).collect();
    assert!(related.iter().any(|it| it.path == other), "somebody tells of a place in it: {related:?}");
}
