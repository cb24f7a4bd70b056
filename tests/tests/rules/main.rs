//! Every example of every rule is true: the rule speaks at each mark and nowhere else, is silent where the
//! example is good, and its preferred fix makes of a bad example what the rule's page says. So it is with the line
//! ends of Windows too, which no fix mixes with others.

mod disk;
mod walls;
mod windows;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use routewise_analysis::document::Document;
use routewise_analysis::fix;
use routewise_analysis::json;
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::{self, Catalogue, Example, ExampleKind, RuleSource};
use routewise_tests::check::Checked;
use routewise_tests::workspace::TestProject;
use routewise_workspace::fix_all::ROUNDS;

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
    // From the folder, so that a rule can be written without compiling anything; what is built in is the same.
    let sources = disk::rules();
    let (catalogue, errors) = Catalogue::of(sources.clone());
    let mut trials = vec![
        Trial::test("every rule of the folder is read", move || {
            ensure(errors.is_empty(), || errors.iter().map(disk::shown).collect::<String>())
        }),
        Trial::test("there are rules, and each has examples", || {
            let rules = Catalogue::builtin();
            let without = rules.rules().iter().filter(|rule| rule.examples.is_empty()).count();
            ensure(!rules.rules().is_empty() && without == 0, || format!("{without} rules have no example"))
        }),
        Trial::test("what is built in is what the folder holds", move || {
            let texts = |source: &RuleSource| (source.id.to_string(), source.scm.clone(), source.md.clone());
            let built_in: Vec<_> = RuleSource::builtin().map(|source| texts(&source)).collect();
            let folder: Vec<_> = sources.iter().map(texts).collect();
            ensure(built_in == folder, || "compile again: the folder has changed since".to_owned())
        }),
    ];
    for rule in catalogue.rules() {
        for example in &rule.examples {
            let kind = match example.kind {
                ExampleKind::Bad => "bad",
                ExampleKind::Good => "good",
            };
            let name = format!("{} line {} {kind}: {}", rule.id, example.line, example.caption);
            let (id, example, catalogue) = (rule.id.to_string(), example.clone(), Arc::clone(&catalogue));
            trials.push(Trial::test(name, move || {
                let made = holds(&id, &example, &catalogue)?;
                windows::holds(&id, &example, &made, &catalogue)
            }));
        }
    }
    trials.extend(walls::trials(&catalogue));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Files by their place below the root, and their text.
type Files = BTreeMap<String, String>;

/// Whether one example is true; the files that its fixes change or make.
fn holds(rule: &str, example: &Example, catalogue: &Arc<Catalogue>) -> Result<Files, Failed> {
    let project = project_of(example);
    let checked = Checked::new(&project, catalogue, example.target.as_deref());
    let findings = checked.findings(rule);
    let panics = checked.project.take_panics();
    ensure(panics.is_empty(), || format!("panics: {panics:?}"))?;
    let all: Vec<_> = checked.project.paths().map(|path| checked.project.findings(path)).collect();
    ensure(checked.findings_as_kept() == all, || "another process finds something else".to_owned())?;
    let root = FilePath::new(project.root().to_str().ok_or("a temporary path is text")?);
    let wanted: Vec<(String, String)> =
        example.marks.iter().map(|(path, span)| shown(example, path, *span)).collect();
    let found: Vec<(String, String)> = findings
        .iter()
        .map(|finding| shown(example, finding.path.strip(&root).unwrap_or_default(), finding.span))
        .collect();
    ensure(found == wanted, || {
        format!("wanted {wanted:#?}\nfound {found:#?}\nof all findings {findings:#?}")
    })?;
    for finding in &findings {
        let message = finding.message.trim();
        let unfilled = rules::fill(message, |_| String::new()) != message
            || message.contains("``")
            || message.is_empty();
        ensure(!unfilled, || format!("an unfilled message: {:?}", finding.message))?;
        ensure(sentences(message) <= 2, || format!("more than two sentences: {message}"))?;
    }
    if example.kind == ExampleKind::Bad {
        mends(rule, example, catalogue, &project, &root)
    } else {
        Ok(Files::new())
    }
}

/// The preferred fix of each finding, round after round as fix-all applies them, gives the files that the
/// page shows; no syntax error comes, and at last nothing is left that has a fix.
fn mends(
    rule: &str,
    example: &Example,
    catalogue: &Arc<Catalogue>,
    project: &TestProject,
    root: &FilePath,
) -> Result<Files, Failed> {
    let mut made = Files::new();
    let mut settled = false;
    for _ in 0..ROUNDS {
        let checked = Checked::new(project, catalogue, example.target.as_deref());
        let fixes = checked.preferred(&checked.findings(rule));
        let stray = fixes.iter().find(|fix| !fix.preferred);
        ensure(stray.is_none(), || format!("the first fix is not the preferred one: {stray:?}"))?;
        if fixes.is_empty() {
            settled = true;
            break;
        }
        let edits = fix::compatible(&fixes);
        for (old, text) in checked.edited(&edits) {
            let moved = edits.iter().filter(|edit| edit.path == old).find_map(|edit| edit.rename.clone());
            if moved.is_some() {
                let old = old.strip(root).unwrap_or(old.as_str());
                project.remove(old);
                made.remove(old);
            }
            let path = moved.unwrap_or(old);
            let document = Document::new(path.clone(), 0, text.clone());
            let broken = if json::is_json(&path) {
                serde_json::from_str::<serde_json::Value>(&text).is_err()
            } else {
                document.tree().is_none_or(|tree| tree.root_node().has_error())
            };
            ensure(!broken, || format!("the fix breaks {path}:\n{text}"))?;
            let path = path.strip(root).unwrap_or(path.as_str());
            project.write(path, &text);
            made.insert(path.to_owned(), text);
        }
    }
    if !example.fixed.is_empty() {
        let wanted: Files = example.fixed.iter().cloned().collect();
        ensure(made == wanted, || {
            format!("the page says {}\nthe fix made {}", listed(&wanted), listed(&made))
        })?;
    }
    ensure(settled, || {
        format!("after {ROUNDS} rounds there is still something to fix in {}", listed(&made))
    })?;
    Ok(made)
}

/// The files of an example, with the usual ones where it has none of its own.
fn project_of(example: &Example) -> TestProject {
    let project = TestProject::new(&DEFAULTS);
    for (path, text) in &example.files {
        project.write(path, text);
    }
    project
}

/// A place as a person reads it: file and line, and the code itself.
fn shown(example: &Example, path: &str, span: routewise_analysis::text::Span) -> (String, String) {
    let text = example.files.iter().find(|(known, _)| known == path).map_or("", |(_, text)| text);
    let line = 1 + text[..span.start as usize].matches('\n').count();
    let start = span.start as usize - text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    (format!("{path}:{line}:{}", start + 1), span.of(text).to_owned())
}

fn listed(files: &Files) -> String {
    let parts: Vec<String> = files.iter().map(|(path, text)| format!("\n--- {path}\n{text}")).collect();
    parts.concat()
}

/// The sentences of a message; code between backticks does not count.
fn sentences(message: &str) -> usize {
    let prose: String = message.split('`').step_by(2).collect();
    1 + [". ", "! ", "? "].map(|end| prose.matches(end).count()).iter().sum::<usize>()
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}
