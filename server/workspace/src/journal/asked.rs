//! A journal at rest: stored, read back, and asked again.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf, Prefix};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::{Answer, Places, Question};
use crate::load::Workers;

/// The questions of a journal with their answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked(Vec<Folder>);

/// What was asked about the names in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Folder {
    /// Empty for what lies in none, such as the root of the disk.
    path: String,
    asked: Vec<(String, Question, Answer)>,
}

impl Asked {
    pub(super) fn new(asked: impl Iterator<Item = (PathBuf, Question, Answer)>) -> Self {
        let mut folders: BTreeMap<String, Vec<(String, Question, Answer)>> = BTreeMap::new();
        for (path, question, answer) in asked {
            let text = |path: &Path| path.to_string_lossy().into_owned();
            let (folder, name) = match (path.parent(), path.file_name()) {
                (Some(folder), Some(name)) => (text(folder), name.to_string_lossy().into_owned()),
                _ => (String::new(), text(&path)),
            };
            folders.entry(folder).or_default().push((name, question, answer));
        }
        let folders = folders.into_iter().map(|(path, mut asked)| {
            asked.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            Folder { path, asked }
        });
        Self(folders.collect())
    }

    /// How many questions there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|folder| folder.asked.len()).sum()
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the disk answers all of it now as it did then. Nothing beyond `places` is read, at most looked whether it
    /// is there; what asks for more does not hold.
    pub fn holds(&self, places: &Places) -> bool {
        let Some(places) = self.linked(places) else { return false };
        let differs = AtomicBool::new(false);
        Workers::new(None).run(self.0.len(), &|at| {
            if !differs.load(Ordering::Relaxed) && !self.0[at].holds(&places) {
                differs.store(true, Ordering::Relaxed);
            }
        });
        !differs.into_inner()
    }

    /// The first path that was read and lies beyond `places` and what links there lead to.
    pub fn beyond(&self, places: &Places) -> Option<PathBuf> {
        let places = self.linked(places)?;
        self.0.iter().find_map(|folder| folder.beyond(&places))
    }

    /// `places` and those that links in them lead to; `None` where one leads elsewhere now.
    fn linked(&self, places: &Places) -> Option<Places> {
        let mut places = places.clone();
        let mut links: Vec<(PathBuf, &Answer)> = self.0.iter().flat_map(Folder::links).collect();
        loop {
            // A link may stand behind another.
            let (here, elsewhere): (Vec<_>, Vec<_>) =
                links.into_iter().partition(|(path, _)| places.hold(path));
            if here.is_empty() {
                return Some(places);
            }
            for (path, answer) in here {
                if Question::Link.ask(&path) != *answer {
                    return None;
                }
                if let (Answer::Leads(target), Some(folder)) = (answer, path.parent()) {
                    places.add(&folder.join(target));
                }
            }
            links = elsewhere;
        }
    }
}

impl Folder {
    fn links(&self) -> impl Iterator<Item = (PathBuf, &Answer)> {
        let links = self.asked.iter().filter(|(_, question, _)| *question == Question::Link);
        links.map(|(name, _, answer)| (self.join(name), answer))
    }

    fn join(&self, name: &str) -> PathBuf {
        Path::new(&self.path).join(name)
    }

    fn beyond(&self, places: &Places) -> Option<PathBuf> {
        let all = places.hold_all_of(Path::new(&self.path));
        let held = |name: &str, question: &Question| {
            all && is_name(name)
                || places.hold(&self.join(name))
                || !question.reads() && is_local(&self.join(name))
        };
        let beyond = self.asked.iter().find(|(name, question, _)| !held(name, question));
        beyond.map(|(name, ..)| self.join(name))
    }

    fn holds(&self, places: &Places) -> bool {
        if self.beyond(places).is_some() {
            return false;
        }
        self.asked.iter().all(|(name, question, answer)| question.ask(&self.join(name)) == *answer)
    }
}

/// Whether it names something in a folder, and leads nowhere else.
fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

/// Whether a path is on a disk of this machine by its name: no look at it asks anybody else.
fn is_local(path: &Path) -> bool {
    match path.components().next() {
        Some(Component::Prefix(prefix)) => matches!(prefix.kind(), Prefix::Disk(_) | Prefix::VerbatimDisk(_)),
        _ => true,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::ask::Most;
    use crate::tests::Fixture;

    fn asked(paths: &[PathBuf]) -> Asked {
        let question = Question::Content(Most::Data);
        Asked::new(paths.iter().map(|path| (path.clone(), question, question.ask(path))))
    }

    #[test]
    fn it_holds_until_an_answer_is_another() {
        let fixture = Fixture::new(&[("a.ts", "1"), ("lib/b.ts", "2")]);
        let places = Places::around(&[fixture.disk("")]);
        let asked = asked(&[fixture.disk("a.ts"), fixture.disk("lib/b.ts"), fixture.disk("lib/c.ts")]);
        assert!(asked.holds(&places));
        assert_eq!(asked.len(), 3);
        fixture.write("lib/c.ts", "3");
        assert!(!asked.holds(&places));
    }

    #[test]
    fn what_lies_beyond_the_project_is_not_looked_at() {
        let fixture = Fixture::new(&[
            ("app/package.json", "{}"),
            ("app/src/a.ts", ""),
            ("tsconfig.json", "{}"),
            ("node_modules/next/package.json", "{}"),
            ("secret/key", "1"),
        ]);
        let places = Places::around(&[fixture.disk("app")]);
        let beyond = |path: &str| asked(&[fixture.disk(path)]).beyond(&places);
        for path in ["app/src/a.ts", "app", "tsconfig.json", "node_modules/next/package.json", "secret"] {
            assert_eq!(beyond(path), None, "{path}");
        }
        for path in ["secret/key", "app/../secret/key", "node_modules/../secret/key"] {
            assert_eq!(beyond(path), Some(fixture.disk(path)), "{path}");
            assert!(!asked(&[fixture.disk(path)]).holds(&places), "{path}");
        }
        let looked = [fixture.disk("secret/key"), fixture.disk("app/../secret/none")];
        let looked = looked.map(|path| (path.clone(), Question::Kind, Question::Kind.ask(&path)));
        assert!(Asked::new(looked.into_iter()).holds(&places), "whether it is there may be asked");
        let mut forged = asked(&[fixture.disk("app/src/a.ts")]);
        for name in ["../../secret/key", "/etc/passwd", ".."] {
            forged.0[0].asked[0].0 = name.to_owned();
            assert!(forged.beyond(&places).is_some(), "{name}");
        }
    }

    #[test]
    fn a_link_in_the_project_leads_on_for_as_long_as_it_leads_there() {
        let fixture = Fixture::new(&[("app/a.ts", ""), ("shared/b/b.ts", ""), ("other/b/b.ts", "")]);
        let link = fixture.disk("app/link");
        std::os::unix::fs::symlink("../shared/b", &link).unwrap();
        let places = Places::around(&[fixture.disk("app")]);
        let question = Question::Content(Most::Data);
        let inside =
            [(fixture.disk("shared/b/b.ts"), question, question.ask(&fixture.disk("shared/b/b.ts")))];
        assert!(!Asked::new(inside.clone().into_iter()).holds(&places));
        let linked = (link.clone(), Question::Link, Question::Link.ask(&link));
        let asked = Asked::new(inside.into_iter().chain([linked]));
        assert!(asked.holds(&places));
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("../other/b", &link).unwrap();
        assert!(!asked.holds(&places));
    }
}
