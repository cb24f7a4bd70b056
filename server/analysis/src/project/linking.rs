//! Bringing the links of files, and what is told of all files together, up to date when files change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::difference::{Around, Aspect, Difference};
use super::express::{self, Express};
use super::link;
use super::links::{FileLinks, Renumbered};
use super::{FileNo, Lost, Project, Reach, States, Workers, at_once, pieces};
use crate::facts::{Identity, Looked, new_identity, renew, watch};

/// What was linked again.
enum Linked {
    Whole(Box<FileLinks>, Looked),
    Pieces(Vec<pieces::Linked>),
}

/// How much of a file's links has to be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stale {
    /// What was made of statements that say something else now.
    Inside,
    /// All of them.
    Whole,
}

/// Whether links that were made again are what they were.
struct Same {
    all: bool,
    /// The calls that bear other numbers now, by file; `None` where who calls whom is another.
    calls: Option<Vec<(FileNo, Renumbered)>>,
    /// The names of those that lead elsewhere now.
    former: Vec<Identity>,
}

/// What was told before something changed: it is told again where the change turns out to mean nothing to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Former {
    /// Links of the files that are stale.
    links: FxHashMap<FileNo, Arc<FileLinks>>,
    reach: Option<Arc<Reach>>,
    /// What may be another now.
    others: BTreeSet<Aspect>,
}

/// Statements that may be replaced in one generation: a file that nobody looked at since is asked for each of them.
const MOST_REPLACED: usize = 5000;

impl Project {
    /// Brings what depends on several files up to date. Cheap when nothing changed; call it after the
    /// last `insert` or `remove` of a batch and before reading. Never panics: a file that cannot be linked stays
    /// without links, and so on.
    pub fn link(&mut self) {
        self.link_on(&at_once);
    }

    /// As [`Project::link`], with the work on single files done by `workers`.
    pub fn link_on(&mut self, workers: Workers<'_>) {
        if std::mem::replace(&mut self.linked, true) {
            return;
        }
        self.found = self.found.after_change();
        let mut former = self.former.take().unwrap_or_default();
        let same = self.link_stale(workers, &mut former);
        self.linked_again = self.replaced.len();
        let express = former.others.remove(&Aspect::Express).then(|| Arc::new(self.read_express()));
        let express = express.filter(|express| !self.takes_over(express));
        former.others.extend(express.as_ref().map(|_| Aspect::Express));
        let others = self.wholes.renew(&former.others);
        let keeps_layout = !former.others.contains(&Aspect::Layout);
        if others.is_empty() && same.all && keeps_layout && former.reach.is_some() {
            self.reach = former.reach;
            if self.replaced.len() > MOST_REPLACED {
                self.begin_generation();
            }
            return;
        }
        let mut replaced = same.former;
        replaced.extend(others);
        if let Some(express) = &express {
            let newly = express.newly_about(&self.express);
            replaced.extend(newly.map(|file| renew(&mut self.names[file as usize].express)));
        }
        let entries = self.link_express(express.unwrap_or_else(|| Arc::clone(&self.express)));
        let calls = same.calls.filter(|_| entries.is_empty() && keeps_layout);
        replaced.extend(entries);
        let was_known = former.reach.is_some();
        replaced.extend(self.search_again(former.reach, calls));
        let is_known = was_known && self.reach.is_some();
        if former.others.contains(&Aspect::Uses) || !keeps_layout {
            self.collect_states(&mut replaced);
        }
        self.replaced.extend(replaced);
        self.linked_again = self.replaced.len();
        // Who asked before there was anything to ask noted nothing.
        if !is_known || self.replaced.len() > MOST_REPLACED {
            self.begin_generation();
        }
    }

    /// Searches who calls whom, unless just these calls bear other numbers. Returns what named the ways that are others
    /// now.
    fn search_again(
        &mut self,
        former: Option<Arc<Reach>>,
        calls: Option<Vec<(FileNo, Renumbered)>>,
    ) -> Vec<Identity> {
        let former = match (calls, former) {
            (Some(calls), Some(mut reach)) => {
                for (file, calls) in calls.iter().filter(|(_, calls)| !calls.is_empty()) {
                    Arc::make_mut(&mut reach).renumber(*file, calls);
                }
                self.reach = Some(reach);
                return Vec::new();
            }
            (_, former) => former,
        };
        // Without it no rule speaks.
        let lost = || Lost::Whole("who calls whom");
        let mut reach = self.guarded(lost, || Reach::search(self));
        let compared = reach.as_mut().zip(former);
        let replaced = compared.map(|(new, old)| new.take_names(&old)).unwrap_or_default();
        self.reach = reach.map(Arc::new);
        replaced
    }

    /// Puts together what modules keep. Adds what named it, where it is another now.
    fn collect_states(&mut self, replaced: &mut Vec<Identity>) {
        let lost = || Lost::Whole("what modules keep");
        let states = self.guarded(lost, || States::collect(self)).unwrap_or_default();
        let others = states.others_than(&self.states);
        replaced.extend(others.into_iter().map(|file| renew(&mut self.names[file as usize].states)));
        self.states = Arc::new(states);
    }

    /// Whether these applications say what is known of them; then just the files that were looked at are others.
    fn takes_over(&mut self, express: &Arc<Express>) -> bool {
        let same = express.is_set_up_as(&self.express);
        if same {
            self.express = Arc::clone(express);
        }
        same
    }

    /// Makes the links of stale files again, and takes note where one of them has to do with an application now.
    fn link_stale(&mut self, workers: Workers<'_>, former: &mut Former) -> Same {
        let stale: Vec<(FileNo, Stale)> = std::mem::take(&mut self.stale).into_iter().collect();
        let made: Vec<OnceLock<Linked>> = stale.iter().map(|_| OnceLock::new()).collect();
        let changed = &self.replaced[self.linked_again..];
        workers(stale.len(), &|at| {
            let (number, how) = stale[at];
            let Some(input) = self.file(number) else { return };
            let lost = || Lost::Links(input.path.clone());
            let link = || match how {
                Stale::Whole => {
                    let (links, looked) = watch(|| link::link(self, number));
                    Linked::Whole(Box::new(links), looked.outside(&input.facts))
                }
                Stale::Inside => Linked::Pieces(self.pieces.again(self, number, changed)),
            };
            if let Some(linked) = self.guarded(lost, link) {
                made[at].get_or_init(|| linked);
            }
        });
        let mut pieces = std::mem::take(&mut self.pieces);
        let mut same = Same { all: true, calls: Some(Vec::new()), former: Vec::new() };
        for ((number, _), linked) in stale.into_iter().zip(made.into_iter().map(OnceLock::into_inner)) {
            let old = self.links[number as usize].take().or_else(|| former.links.remove(&number));
            let new = match linked {
                Some(Linked::Pieces(linked)) => {
                    let known = std::mem::take(&mut self.looked[number as usize]);
                    let facts = self.file(number).map(|input| Arc::clone(&input.facts)).unwrap_or_default();
                    let looked = Looked::all(linked.iter().map(|(_, piece)| piece.looked()));
                    self.looked[number as usize] = known.and(&looked.outside(&facts));
                    pieces.update(self, number, linked)
                }
                Some(Linked::Whole(links, looked)) => {
                    self.looked[number as usize] = looked;
                    pieces.forget(number);
                    Some(*links)
                }
                None => {
                    pieces.forget(number);
                    same.all &= old.is_none();
                    former.others.extend(FileLinks::others(old.as_deref(), None));
                    same.calls = same.calls.filter(|_| old.is_none());
                    same.former.extend(old.map(|old| old.identity));
                    continue;
                }
            };
            self.links[number as usize] = match (new, old) {
                // Its entries may hold what the whole application said of them.
                (None, old) => old,
                (Some(links), Some(old)) if links.is_same(&old) => Some(old),
                (Some(mut links), old) => {
                    same.all = false;
                    former.others.extend(FileLinks::others(old.as_deref(), Some(&links)));
                    let renumbered = old.as_ref().and_then(|old| links.renumbered(old));
                    same.calls = same.calls.zip(renumbered).map(|(mut all, calls)| {
                        all.push((number, calls));
                        all
                    });
                    if let Some(old) = old.as_ref().filter(|old| links.own == old.own) {
                        // Until they are told again, so that it shows whether they are others then.
                        links.entries.clone_from(&old.entries);
                    }
                    same.former.extend(old.map(|old| old.identity));
                    links.identity = new_identity();
                    if self.express.concerns(number)
                        || self.express.concern_any(&links.loads)
                        || links.names_express
                    {
                        former.others.insert(Aspect::Express);
                    }
                    Some(Arc::new(links))
                }
            };
        }
        pieces.trim();
        self.pieces = pieces;
        same
    }

    /// Reads the applications of Express.
    fn read_express(&mut self) -> Express {
        let lost = || Lost::Whole("the applications of Express");
        let read = self.guarded(lost, || Express::read(self, &self.programs));
        let (express, programs) = read.unwrap_or_default();
        self.programs = Arc::new(programs);
        express
    }

    /// When what a file says was last another, by [`Project::clock`].
    pub(super) fn changed_at(&self, file: FileNo) -> u64 {
        self.changed.get(file as usize).copied().unwrap_or_default()
    }

    /// Gives the files that hold the handlers of Express the entries for it. Returns what named the links that have
    /// others now.
    fn link_express(&mut self, express: Arc<Express>) -> Vec<Identity> {
        let before = std::mem::replace(&mut self.express, express);
        if before.is_empty() && self.express.is_empty() {
            return Vec::new();
        }
        let mut former = BTreeMap::new();
        for number in 0..self.links.len() as FileNo {
            if let Some(links) = self.links[number as usize].as_mut().filter(|_| before.concerns(number))
                && links.entries != links.own
            {
                let links = Arc::make_mut(links);
                former.insert(number, std::mem::replace(&mut links.entries, links.own.clone()));
            }
        }
        let lost = || Lost::Whole("the handlers of Express");
        for (file, entries) in self.guarded(lost, || express::entries(self)).unwrap_or_default() {
            if let Some(links) = self.links[file as usize].as_mut() {
                let links = Arc::make_mut(links);
                let own = std::mem::replace(&mut links.entries, entries);
                former.entry(file).or_insert(own);
            }
        }
        let mut replaced = Vec::new();
        for (file, entries) in former {
            if let Some(links) = self.links[file as usize].as_mut().filter(|links| links.entries != entries) {
                replaced.push(renew(&mut Arc::make_mut(links).identity));
            }
        }
        replaced
    }

    pub(super) fn begin_generation(&mut self) {
        self.generation += 1;
        // What is not linked yet has to be known until it is.
        self.replaced.drain(..self.linked_again);
        self.linked_again = 0;
    }

    /// The links of a file, and of every file whose links were read from it, are to be made again. The applications are
    /// read again in any case where the file has to do with one.
    /// Until then the file has none: numbers of calls and functions in the old ones mean nothing any more.
    pub(super) fn touch(&mut self, number: FileNo, difference: Difference) {
        self.replaced.push(renew(&mut self.names[number as usize].shape));
        if difference.methods {
            self.replaced.push(self.wholes.methods.renew());
        }
        if difference.sets_base {
            self.replaced.push(self.wholes.sets_base.renew());
        }
        if difference.comes_or_goes {
            self.replaced.push(renew(&mut self.wholes.files));
        }
        self.names[number as usize].is_reread = false;
        self.change(number);
        self.mark(number, Stale::Whole);
        let others = self.linked_files(|links, _| links.seen.contains(&number));
        for other in others {
            self.mark(other, Stale::Whole);
        }
        self.take_links(number, difference.around, difference.comes_or_goes);
    }

    /// The same where nothing has changed but what these statements of the file say: of other files only those have to
    /// be linked again that looked into one of them.
    pub(super) fn touch_inside(&mut self, number: FileNo, replaced: Vec<Identity>) {
        let others = self.linked_files(|_, looked| looked.at_any(&replaced));
        self.change(number);
        self.mark(number, Stale::Inside);
        for other in others {
            // Where somebody types in both, both are told in pieces.
            let how = if self.pieces.hold(other) { Stale::Inside } else { Stale::Whole };
            self.mark(other, how);
        }
        self.replaced.extend(replaced);
        self.take_links(number, Around::SAME, false);
    }

    fn change(&mut self, number: FileNo) {
        self.clock += 1;
        self.changed[number as usize] = self.clock;
    }

    fn mark(&mut self, number: FileNo, how: Stale) {
        let known = self.stale.entry(number).or_insert(how);
        *known = how.max(*known);
    }

    /// The files that have been linked, as far as they are wanted.
    fn linked_files(&self, wanted: impl Fn(&FileLinks, &Looked) -> bool) -> Vec<FileNo> {
        // While all files are read nobody has links yet.
        if !self.linked && self.former.is_none() {
            return Vec::new();
        }
        let known = (0..).zip(&self.links).filter_map(|(file, links)| Some((file, links.as_ref()?)));
        let former =
            self.former.iter().flat_map(|former| former.links.iter().map(|(&file, links)| (file, links)));
        let all = known.chain(former).filter(|(file, links)| wanted(links, &self.looked[*file as usize]));
        all.map(|(file, _)| file).collect()
    }

    fn take_links(&mut self, number: FileNo, around: Around, comes_or_goes: bool) {
        if std::mem::take(&mut self.linked) {
            self.former = Some(Former { reach: self.reach.take(), ..Former::default() });
        }
        let Some(former) = &mut self.former else { return };
        let others = [
            (Aspect::Files, comes_or_goes),
            // It comes to a package, or goes from one: of the others each stays where it is.
            (Aspect::Packages, around.moved && !comes_or_goes),
            (Aspect::Layout, around.laid_out),
            (Aspect::Express, self.express.concerns(number)),
        ];
        former.others.extend(others.into_iter().filter(|(_, is_other)| *is_other).map(|(aspect, _)| aspect));
        if let Some(links) = self.links[number as usize].take() {
            former.links.insert(number, links);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::document::{Change, Document};
    use crate::facts::FunctionId;
    use crate::package::{NextProject, Package};
    use crate::path::FilePath;
    use crate::project::{FileInput, Resolution};
    use crate::rules::Catalogue;
    use crate::text::Encoding;

    /// Puts a file of an application of Next.js into a project; what it imports are packages.
    pub(in crate::project) fn write(project: &mut Project, path: &str, text: &str) -> Document {
        let document = Document::new(FilePath::new(path), 0, text.to_owned());
        insert(project, &document);
        document
    }

    fn edit(project: &mut Project, document: &Document, text: &str) -> Document {
        let whole = Change { range: None, text: text.to_owned() };
        let next = document.change(document.version() + 1, &[whole], Encoding::Utf8);
        insert(project, &next);
        next
    }

    fn insert(project: &mut Project, document: &Document) {
        let path = document.path().clone();
        let facts = Arc::clone(document.facts(project.catalogue()));
        let next = NextProject {
            app_dir: Some(FilePath::new("/p/app")),
            page_extensions: vec!["js".to_owned()],
            ..NextProject::default()
        };
        let package = Package { root: Some(FilePath::new("/p")), next: Some(next), ..Package::default() };
        let resolutions = facts.specifiers.iter().map(|_| Resolution::External).collect();
        let (package, settings) = (Arc::new(package), Arc::default());
        project.insert(FileInput { path, package, settings, facts, resolutions });
        project.link();
    }

    #[test]
    fn the_table_of_urls_stays_while_calls_come_and_go_and_not_when_a_request_does() {
        const ROUTE: &str = "export function GET() { return one(); }\nfunction one() {}\nfunction two() {}\n";
        const PAGE: &str = "export default function Page() { fetch('/api/a'); }\n";
        let mut project = Project::new(Catalogue::builtin());
        let route = write(&mut project, "/p/app/api/a/route.js", ROUTE);
        let page = write(&mut project, "/p/app/page.js", PAGE);
        let callers = |project: &Project| {
            let table = project.table();
            (std::ptr::from_ref(table).addr(), project.callers().iter().map(Vec::len).sum::<usize>())
        };
        let (before, count) = callers(&project);
        assert_eq!(count, 1);
        let links = Arc::clone(project.links[0].as_ref().expect("it is linked"));
        edit(&mut project, &route, &ROUTE.replace("one();", "two();"));
        assert!(!links.is_same(project.links[0].as_ref().expect("it is linked")));
        assert_eq!(callers(&project), (before, 1));
        edit(&mut project, &page, &PAGE.replace("/api/a", "/api/b"));
        assert_eq!(callers(&project).1, 0);
    }

    #[test]
    fn many_files_that_change_inside_at_once_keep_the_links_of_all_their_statements() {
        const TEXT: &str =
            "export function GET() { fetch('/api/a'); }\nfunction two() { fetch('/api/b'); }\n";
        let mut project = Project::new(Catalogue::builtin());
        let path = |number: usize| format!("/p/app/api/r{number}/route.js");
        let mut documents: Vec<Document> =
            (0..100).map(|number| write(&mut project, &path(number), TEXT)).collect();
        let requests = |project: &Project| {
            let of = |links: &Option<Arc<FileLinks>>| links.as_ref().map(|it| it.requests.len());
            project.links.iter().map(of).collect::<Vec<_>>()
        };
        // The pieces of some are known then.
        for document in &mut documents[40..] {
            *document = edit(&mut project, document, &TEXT.replace("'/api/b'", "'/api/c'"));
        }
        for document in &documents {
            let whole =
                Change { range: None, text: TEXT.replace("fetch('/api/b')", "log(); fetch('/api/d')") };
            let next = document.change(document.version() + 1, &[whole], Encoding::Utf8);
            let facts = Arc::clone(next.facts(project.catalogue()));
            let known = project.input(document.path()).expect("it was written").clone();
            project.insert(FileInput { facts, ..known });
        }
        project.link();
        assert_eq!(requests(&project), vec![Some(2); 100]);
    }

    #[test]
    fn a_file_that_is_opened_as_it_is_on_the_disk_is_still_what_others_looked_into() {
        const LIST: &str =
            "export function GET() { fetch('/api/a'); }\nfunction other() { fetch('/api/b'); }\n";
        let mut project = Project::new(Catalogue::builtin());
        let asked = |project: &Project| {
            let links = project.links[0].as_ref().expect("it is linked");
            let facts = &project.input(&FilePath::new("/p/app/api/a/route.js")).expect("it is there").facts;
            links.requests.iter().map(|it| it.span(facts).start).collect::<Vec<_>>()
        };
        let document = write(&mut project, "/p/app/api/a/route.js", LIST);
        edit(&mut project, &document, &LIST.replace("/api/b", "/api/c"));
        // Closed, and opened again.
        let document = write(&mut project, "/p/app/api/a/route.js", &LIST.replace("/api/b", "/api/c"));
        assert_eq!(asked(&project), [30, 68]);
        edit(&mut project, &document, &LIST.replace("{ fetch('/api/b", "{ log('x'); fetch('/api/c"));
        assert_eq!(asked(&project), [30, 78]);
    }

    #[test]
    fn a_call_concerns_those_who_looked_into_the_links_of_its_file_and_who_asked_for_whom_it_reaches() {
        const BOTH: &str = "export function GET() { one(); two(); }\nfunction one() {}\nfunction two() {}\n";
        let mut project = Project::new(Catalogue::builtin());
        let route = write(&mut project, "/p/app/api/a/route.js", BOTH);
        write(&mut project, "/p/app/api/b/route.js", BOTH);
        let generation = project.generation();
        let links = |project: &Project, file| watch(|| project.links(file).map(|it| it.edges.len())).1;
        let reach = |project: &Project, file| {
            let one = FunctionId { chunk: 1, number: 0 };
            watch(|| project.reach().map(|reach| reach.scope_of(project, file, Some(one)))).1
        };
        let [links_of_a, links_of_b] = [0, 1].map(|file| links(&project, file));
        let [to_a, to_b] = [0, 1].map(|file| reach(&project, file));
        let concerned = |project: &Project| {
            [&links_of_a, &links_of_b, &to_a, &to_b].map(|looked| looked.at_any(project.replaced()))
        };
        let route = edit(&mut project, &route, &BOTH.replace("one(); two();", "two(); one();"));
        assert_eq!(concerned(&project), [true, false, false, false]);
        assert!(!links(&project, 0).at_any(project.replaced()));
        edit(&mut project, &route, &BOTH.replace("one(); two();", "two(); two();"));
        assert_eq!(concerned(&project), [true, false, true, false]);
        assert!(!reach(&project, 0).at_any(project.replaced()));
        assert_eq!(project.generation(), generation);
    }

    #[test]
    fn a_call_to_no_function_of_the_project_leaves_all_ways_as_they_are_and_moves_the_calls_after_it() {
        const ROUTE: &str =
            "export function GET() { one(); }\nfunction one() { two(); }\nfunction two() {}\n";
        let mut project = Project::new(Catalogue::builtin());
        let route = write(&mut project, "/p/app/api/a/route.js", ROUTE);
        let searched = |project: &Project| project.reach().map(Reach::made_at);
        let calls = |project: &Project| {
            let two = FunctionId { chunk: 2, number: 0 };
            let way = project.reach().and_then(|reach| reach.way(project, 0, two)).expect("it is called");
            way.calls.iter().map(|hop| (hop.call.chunk, hop.call.number)).collect::<Vec<_>>()
        };
        let before = searched(&project);
        assert_eq!(calls(&project), [(0, 0), (1, 0)]);
        let route = edit(&mut project, &route, &ROUTE.replace("{ one();", "{ log(); log(); one();"));
        assert_eq!(searched(&project), before);
        assert_eq!(calls(&project), [(0, 2), (1, 0)]);
        edit(&mut project, &route, &ROUTE.replace("{ one();", "{ two(); one();"));
        assert_ne!(searched(&project), before);
        assert_eq!(calls(&project), [(0, 0)]);
    }

    #[test]
    fn a_statement_more_concerns_who_looked_at_its_file_and_a_file_more_who_looked_which_there_are() {
        const HELPER: &str = "export const limit = 5;\n";
        let mut project = Project::new(Catalogue::builtin());
        let helper = write(&mut project, "/p/lib/limit.js", HELPER);
        write(&mut project, "/p/lib/other.js", HELPER);
        let look = |project: &Project, file| {
            watch(|| project.file(file).map(|input| input.facts.export("limit").is_some())).1
        };
        let [at_it, at_other] = [0, 1].map(|file| look(&project, file));
        let generation = project.generation();
        edit(&mut project, &helper, "export const limit = 5;\nexport const other = 6;\n");
        assert!(at_it.at_any(project.replaced()) && !at_other.at_any(project.replaced()));
        assert_eq!(project.generation(), generation);
        let third = FilePath::new("/p/lib/third.js");
        let which = watch(|| project.numbers().count()).1;
        let absent = watch(|| project.number(&third)).1;
        let at_other = look(&project, 1);
        let concerned =
            |project: &Project| [&which, &absent, &at_other].map(|looked| looked.at_any(project.replaced()));
        assert_eq!(concerned(&project), [false; 3]);
        write(&mut project, "/p/lib/third.js", HELPER);
        assert_eq!(concerned(&project), [true, true, false]);
        let gone = watch(|| project.number(&third).and_then(|it| project.file(it).map(|_| ()))).1;
        assert!(!gone.at_any(project.replaced()));
        project.remove(&third);
        project.link();
        assert!(gone.at_any(project.replaced()));
        assert_eq!(project.generation(), generation);
    }
}
