//! The examples of every rule, each a test of its own: what is marked is found and nothing else, and the
//! preferred fixes make what the example says. A new rule needs no line here.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use routewise_analysis::finding::{Finding, Fix};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::{Catalogue, Example, ExampleKind, Rule};
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Disk, Options, Workspace, load};

/// What an example has unless it brings its own.
const DEFAULTS: [(&str, &str); 2] = [
    (
        "package.json",
        "{ \"dependencies\": { \"next\": \"16.4.6\", \"@prisma/client\": \"6.19.3\" }, \
         \"devDependencies\": { \"typescript\": \"5.9.3\" } }\n",
    ),
    ("tsconfig.json", "{ \"compilerOptions\": { \"strict\": true } }\n"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let catalogue = Catalogue::builtin();
    let mut trials = Vec::new();
    for rule in catalogue.rules() {
        for example in &rule.examples {
            let kind = if example.kind == ExampleKind::Bad { "bad" } else { "good" };
            let name = format!("{} line {} {kind}: {}", rule.id, example.line, example.caption);
            let (rule, example) = (rule.clone(), example.clone());
            trials.push(Trial::test(name, move || check(&rule, &example)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One finding as a failure shows it: path, line from 1, and the text under the squiggle.
type Place = (String, usize, String);

fn check(rule: &Rule, example: &Example) -> Result<(), Failed> {
    let files: Vec<(&str, &str)> = example.files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let folder = TestProject::new(&DEFAULTS);
    for (path, text) in &files {
        folder.write(path, text);
    }
    let options = Options { target: example.target.clone(), ..Options::default() };
    let (workspace, problems) = Workspace::open(&[folder.root().to_owned()], &options);
    if !problems.is_empty() {
        return Err(format!("the example's project has problems: {problems:#?}").into());
    }
    let catalogue = Catalogue::builtin();
    let mut project = Project::new(Arc::clone(&catalogue));
    load(&workspace, &catalogue, Some(1), &|_, _| (), &|| false, &mut |inputs| {
        for input in inputs {
            project.insert(input);
        }
    });
    project.set_complete(true);
    project.link();

    let root = &workspace.roots()[0];
    let found: Vec<Finding> = files
        .iter()
        .flat_map(|(path, _)| project.findings(&root.join(path)))
        .filter(|finding| finding.rule == rule.id)
        .collect();
    let panics = project.take_panics();
    if !panics.is_empty() {
        return Err(format!("{panics:?}").into());
    }
    let place = |path: &str, span: routewise_analysis::text::Span| -> Place {
        let text = files.iter().find(|(file, _)| *file == path).map_or("", |(_, text)| *text);
        let line = 1 + text[..span.start as usize].matches('\n').count();
        (path.to_owned(), line, span.of(text).to_owned())
    };
    let mut seen: Vec<Place> =
        found.iter().map(|it| place(it.path.strip(root).unwrap_or_default(), it.span)).collect();
    let mut marked: Vec<Place> = example.marks.iter().map(|(path, span)| place(path, *span)).collect();
    seen.sort();
    marked.sort();
    if seen != marked {
        return Err(format!("found {seen:#?}\nmarked {marked:#?}").into());
    }
    for finding in &found {
        if finding.message.contains(['{', '}']) || finding.message.contains("``") {
            return Err(format!("a placeholder has no value: {}", finding.message).into());
        }
    }
    if example.fixed.is_empty() { Ok(()) } else { check_fixes(&project, &workspace, root, &found, example) }
}

/// The preferred fix of every finding, made together, leaves what the example says.
fn check_fixes(
    project: &Project,
    workspace: &Workspace,
    root: &FilePath,
    found: &[Finding],
    example: &Example,
) -> Result<(), Failed> {
    let disk = Disk::new(workspace);
    let mut fixes: Vec<Fix> = Vec::new();
    for finding in found {
        match project.fixes(finding, &disk).into_iter().find(|fix| fix.preferred) {
            Some(fix) => fixes.push(fix),
            None => return Err(format!("no preferred fix for: {}", finding.message).into()),
        }
    }
    let mut by_file: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for edit in fix::compatible(&fixes) {
        let path = edit.path.strip(root).unwrap_or_default().to_owned();
        by_file.entry(path).or_default().push(edit);
    }
    let made: BTreeMap<String, String> = by_file
        .into_iter()
        .map(|(path, edits)| {
            let old = example.files.iter().find(|(file, _)| *file == path).map_or("", |(_, text)| &**text);
            let new = fix::apply(old, &edits);
            (path, new)
        })
        .collect();
    let wanted: BTreeMap<String, String> = example.fixed.iter().cloned().collect();
    if made == wanted {
        return Ok(());
    }
    let show = |files: &BTreeMap<String, String>| {
        files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect::<String>()
    };
    Err(format!("the fix makes\n{}\nthe example says\n{}", show(&made), show(&wanted)).into())
}
