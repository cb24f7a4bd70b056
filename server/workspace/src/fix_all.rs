//! Fixes applied in memory, round after round, until nothing changes. Whoever calls writes the result.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::{Edit, Finding, Fix, Safety};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Project, Resolution, Sources};

use crate::{Workspace, ask};

/// Rounds after which fixing ends even if there is more to do: two rules may undo each other.
pub const ROUNDS: usize = 5;

/// What may be fixed.
pub struct Request<'a> {
    /// Files whose findings are fixed; `None` for all.
    pub files: Option<&'a [FilePath]>,
    /// Whether a fix may touch other files as well.
    pub others: bool,
    /// The least safe kind of fix that is applied.
    pub safety: Safety,
    /// Which findings are fixed.
    pub wanted: &'a dyn Fn(&Finding) -> bool,
    /// Asked before each round; `true` ends the work with what is done.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The new text of every file that changed.
    pub files: BTreeMap<FilePath, String>,
    /// Those of them that do not exist yet.
    pub created: BTreeSet<FilePath>,
    /// Files that are no longer there: they moved.
    pub removed: BTreeSet<FilePath>,
    /// Fixes applied, by rule.
    pub applied: BTreeMap<String, usize>,
    /// Rounds it took.
    pub rounds: usize,
    /// Nothing was left to apply; false when the rounds ran out or the work was cancelled.
    pub stable: bool,
}

impl Outcome {
    /// Fixes applied.
    pub fn count(&self) -> usize {
        self.applied.values().sum()
    }
}

/// Applies fixes until nothing changes, at most [`ROUNDS`] times. `project` afterwards knows the new text.
/// A fix that would break the syntax of a file is left out, and so is one that would make a file that
/// exists.
pub fn run(
    workspace: &Workspace,
    project: &mut Project,
    sources: &dyn Sources,
    request: &Request<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut overlay = Overlay { below: sources, changed: BTreeMap::new() };
    let mut seen: Vec<BTreeMap<FilePath, String>> = Vec::new();
    project.link();
    while outcome.rounds < ROUNDS && !(request.cancelled)() {
        let fixes = collect(project, &overlay, request);
        let (applied, texts, gone) = choose(&fixes, &overlay);
        if applied.is_empty() {
            outcome.stable = true;
            break;
        }
        outcome.rounds += 1;
        for rule in applied {
            *outcome.applied.entry(rule).or_default() += 1;
        }
        for path in gone {
            overlay.changed.insert(path.clone(), None);
            outcome.files.remove(&path);
            // What a fix made and another moved never was on the disk.
            if !outcome.created.remove(&path) {
                outcome.removed.insert(path.clone());
            }
            project.remove(&path);
        }
        for (path, text) in texts {
            if overlay.document(&path).is_none() {
                outcome.created.insert(path.clone());
            }
            let document = Arc::new(Document::new(path.clone(), 0, text.clone()));
            overlay.changed.insert(path.clone(), Some(document));
            outcome.files.insert(path, text);
        }
        for document in overlay.changed.values().flatten() {
            let mut input = workspace.input(document, &Arc::clone(project.catalogue()));
            resolve_created(&mut input, &outcome.created);
            project.insert(input);
        }
        project.link();
        // Two rules that undo each other would go on for ever.
        if seen.contains(&outcome.files) {
            break;
        }
        seen.push(outcome.files.clone());
    }
    outcome.files.retain(|path, text| sources.document(path).is_none_or(|document| document.text() != text));
    outcome.created.retain(|path| outcome.files.contains_key(path));
    outcome
}

/// Gives specifiers that mean a file made by a fix their meaning: the disk does not have it yet.
fn resolve_created(input: &mut FileInput, created: &BTreeSet<FilePath>) {
    let Some(folder) = input.path.parent() else { return };
    for (specifier, resolution) in input.facts.specifiers.iter().zip(&mut input.resolutions) {
        if *resolution != Resolution::Unresolved {
            continue;
        }
        let alias = || {
            let mut aliases = input.package.aliases.iter();
            aliases.find_map(|(alias, target)| Some(target.join(specifier.strip_prefix(alias.as_str())?)))
        };
        let place = if specifier.starts_with('.') { Some(folder.join(specifier)) } else { alias() };
        let made = place.and_then(|place| {
            created.iter().find(|path| {
                **path == place || path.as_str().strip_suffix(path.extension()) == Some(&format!("{place}."))
            })
        });
        if let Some(path) = made {
            *resolution = Resolution::File(path.clone());
        }
    }
}

/// The fix to apply for each finding, in the order of files and places.
fn collect(project: &Project, overlay: &Overlay<'_>, request: &Request<'_>) -> Vec<(String, Fix)> {
    let paths: Vec<FilePath> = match request.files {
        Some(files) => files.to_vec(),
        None => project.paths().cloned().collect(),
    };
    let mut fixes = Vec::new();
    for path in &paths {
        for finding in project.findings(path) {
            if !(request.wanted)(&finding) {
                continue;
            }
            let mut offered = project.fixes(&finding, overlay);
            offered.retain(|fix| fix.safety == Safety::Safe || request.safety == Safety::Unsafe);
            let stays = |edit: &Edit| paths.contains(&edit.path) && edit.rename.is_none();
            offered.retain(|fix| request.others || fix.edits.iter().all(stays));
            // Preferred ones come first, safe ones before those that want a look.
            offered.sort_by_key(|fix| (!fix.preferred, fix.safety == Safety::Unsafe));
            if let Some(fix) = offered.into_iter().next() {
                fixes.push((finding.rule.to_string(), fix));
            }
        }
    }
    fixes
}

/// The rules whose fixes fit together and keep every file readable, the texts they give, and the files that
/// moved away.
fn choose(
    fixes: &[(String, Fix)],
    overlay: &Overlay<'_>,
) -> (Vec<String>, BTreeMap<FilePath, String>, Vec<FilePath>) {
    let mut refused: BTreeSet<usize> = BTreeSet::new();
    loop {
        let tried: Vec<(usize, Fix)> = fixes
            .iter()
            .enumerate()
            .filter(|(number, _)| !refused.contains(number))
            .map(|(number, (_, fix))| (number, fix.clone()))
            .collect();
        let only: Vec<Fix> = tried.iter().map(|(_, fix)| fix.clone()).collect();
        let edits = fix::compatible(&only);
        let taken: Vec<usize> = tried
            .iter()
            .filter(|(_, fix)| !fix.edits.is_empty() && fix.edits.iter().all(|edit| edits.contains(edit)))
            .map(|(number, _)| *number)
            .collect();
        let texts = texts(&edits, overlay);
        let broken: Vec<&FilePath> =
            texts.iter().filter(|(_, text)| text.is_none()).map(|(path, _)| path).collect();
        let culprits: Vec<usize> = taken
            .iter()
            .copied()
            .filter(|&number| fixes[number].1.edits.iter().any(|edit| broken.contains(&&edit.path)))
            .collect();
        if culprits.is_empty() {
            let rules = taken.into_iter().map(|number| fixes[number].0.clone()).collect();
            let mut after = BTreeMap::new();
            let mut gone = Vec::new();
            for (path, text) in texts {
                let Some(text) = text else { continue };
                match edits.iter().find(|edit| edit.path == path).and_then(|edit| edit.rename.clone()) {
                    Some(to) => {
                        gone.push(path);
                        after.insert(to, text);
                    }
                    None => {
                        after.insert(path, text);
                    }
                }
            }
            return (rules, after, gone);
        }
        refused.extend(culprits);
    }
}

/// What each file becomes, by its place before; `None` where that cannot be.
fn texts(edits: &[Edit], overlay: &Overlay<'_>) -> BTreeMap<FilePath, Option<String>> {
    let mut by_file: BTreeMap<&FilePath, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(&edit.path).or_default().push(edit.clone());
    }
    by_file.into_iter().map(|(path, edits)| (path.clone(), text_after(path, &edits, overlay))).collect()
}

fn text_after(path: &FilePath, edits: &[Edit], overlay: &Overlay<'_>) -> Option<String> {
    let fresh = |path: &FilePath| {
        overlay.document(path).is_none() && !ask::exists(std::path::Path::new(path.as_str()))
    };
    if edits.iter().any(|edit| edit.create) {
        return (fresh(path) && edits.len() == 1).then(|| edits[0].new_text.clone());
    }
    if !edits.iter().filter_map(|edit| edit.rename.as_ref()).all(fresh) {
        return None;
    }
    let old = overlay.document(path)?;
    let text = fix::apply(old.text(), edits);
    let errors = |document: &Document| document.tree().is_none_or(|tree| tree.root_node().has_error());
    let new = Document::new(path.clone(), 0, text.clone());
    (!errors(&new) || errors(&old)).then_some(text)
}

/// The files as the fixes so far left them.
struct Overlay<'s> {
    below: &'s dyn Sources,
    /// `None` for a file that moved away.
    changed: BTreeMap<FilePath, Option<Arc<Document>>>,
}

impl Sources for Overlay<'_> {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.changed.get(path).cloned().unwrap_or_else(|| self.below.document(path))
    }
}

#[cfg(test)]
mod tests {
    use routewise_analysis::text::Span;

    use super::*;
    use crate::Disk;
    use crate::tests::Fixture;

    fn fix(edits: Vec<Edit>) -> (String, Fix) {
        let fix = Fix { title: "Fix".to_owned(), safety: Safety::Safe, preferred: true, edits };
        ("a/rule".to_owned(), fix)
    }

    fn edit(fixture: &Fixture, name: &str, span: (u32, u32), text: &str) -> Edit {
        Edit::replace(fixture.path(name), Span::new(span.0, span.1), text.to_owned())
    }

    fn chosen(fixture: &Fixture, fixes: &[(String, Fix)]) -> (usize, Vec<(String, String)>) {
        let workspace = fixture.open();
        let disk = Disk::new(&workspace);
        let overlay = Overlay { below: &disk, changed: BTreeMap::new() };
        let (applied, texts, _) = choose(fixes, &overlay);
        let texts = texts
            .into_iter()
            .map(|(path, text)| (path.strip(&fixture.root()).unwrap().to_owned(), text))
            .collect();
        (applied.len(), texts)
    }

    #[test]
    fn fixes_that_fit_together_are_applied_at_once_and_the_others_wait() {
        let fixture = Fixture::new(&[("a.ts", "let a = 1;\n"), ("b.ts", "let b = 1;\n")]);
        let fixes = [
            fix(vec![edit(&fixture, "a.ts", (4, 5), "x")]),
            fix(vec![edit(&fixture, "a.ts", (4, 9), "y = 2"), edit(&fixture, "b.ts", (4, 5), "y")]),
            fix(vec![edit(&fixture, "a.ts", (8, 9), "3")]),
        ];
        assert_eq!(chosen(&fixture, &fixes), (2, vec![("a.ts".to_owned(), "let x = 3;\n".to_owned())]));
    }

    #[test]
    fn a_fix_that_breaks_a_file_is_left_out_and_the_others_are_applied() {
        let fixture = Fixture::new(&[("a.ts", "let a = 1;\n"), ("b.ts", "let b = 1;\n")]);
        let fixes =
            [fix(vec![edit(&fixture, "a.ts", (8, 9), "(")]), fix(vec![edit(&fixture, "b.ts", (8, 9), "2")])];
        assert_eq!(chosen(&fixture, &fixes), (1, vec![("b.ts".to_owned(), "let b = 2;\n".to_owned())]));
    }

    #[test]
    fn a_file_moves_with_its_edits_and_never_over_another() {
        let fixture = Fixture::new(&[("a.ts", "let a = 1;\n"), ("b.ts", "let b = 1;\n")]);
        let to = |name: &str, place: &str| Edit::rename(fixture.path(name), fixture.path(place));
        let fixes = [
            fix(vec![edit(&fixture, "a.ts", (4, 5), "x"), to("a.ts", "src/a.ts")]),
            fix(vec![to("b.ts", "a.ts")]),
            fix(vec![to("b.ts", "src/a.ts")]),
        ];
        assert_eq!(chosen(&fixture, &fixes), (1, vec![("src/a.ts".to_owned(), "let x = 1;\n".to_owned())]));
    }

    #[test]
    fn a_file_is_made_and_never_overwritten() {
        let fixture = Fixture::new(&[("a.ts", "let a = 1;\n")]);
        let make = |name: &str| Edit::create(fixture.path(name), "export {};\n".to_owned());
        assert_eq!(
            chosen(&fixture, &[fix(vec![make("lib/new.ts")]), fix(vec![make("a.ts")])]),
            (1, vec![("lib/new.ts".to_owned(), "export {};\n".to_owned())])
        );
    }
}
