//! What is told of all files together: found out when somebody first asks for it, and kept as long as nothing changes that
//! it is made of. Each has a name of its own for whoever looks into it, so that who asked for one of them is not asked
//! again because of another.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::calls::{self, Caller};
use super::difference::Aspect;
use super::express::Express;
use super::routes::owners::Owners;
use super::routes::table::Table;
use super::routes::{Role, role};
use super::state::State;
use super::{FileNo, Methods, Project, Workers, at_once};
use crate::facts::{DeclId, Identity, look_into, new_identity, renew, unwatched};

/// One thing that is told of all files.
#[derive(Debug)]
pub(super) struct Whole<T> {
    name: Identity,
    told: OnceLock<Arc<T>>,
}

impl<T> Default for Whole<T> {
    fn default() -> Self {
        Self { name: new_identity(), told: OnceLock::new() }
    }
}

impl<T> Clone for Whole<T> {
    fn clone(&self) -> Self {
        Self { name: self.name, told: self.told.clone() }
    }
}

impl<T> Whole<T> {
    fn get(&self, find: impl FnOnce() -> T) -> &T {
        look_into(self.name);
        // What it is made of is no matter of whoever asks first.
        self.told.get_or_init(|| unwatched(|| Arc::new(find())))
    }

    /// Says that it is another now. Returns what named it.
    pub(super) fn renew(&mut self) -> Identity {
        self.told = OnceLock::new();
        renew(&mut self.name)
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Wholes {
    /// Names which files there are.
    pub(super) files: Identity,
    /// Names the applications of Express.
    pub(super) express: Identity,
    pub(super) table: Whole<Table>,
    /// Who calls each route of the table.
    pub(super) callers: Whole<Vec<Vec<Caller>>>,
    pub(super) owners: Whole<Owners>,
    /// The proxies of all apps, in the order of their paths.
    pub(super) proxies: Whole<Vec<FileNo>>,
    /// Files that other files load.
    pub(super) loaded: Whole<FxHashSet<FileNo>>,
    pub(super) methods: Whole<Methods>,
    /// Whether code sets the beginning of URLs for a whole library.
    pub(super) sets_base: Whole<bool>,
}

impl Default for Wholes {
    fn default() -> Self {
        Self {
            files: new_identity(),
            express: new_identity(),
            table: Whole::default(),
            callers: Whole::default(),
            owners: Whole::default(),
            proxies: Whole::default(),
            loaded: Whole::default(),
            methods: Whole::default(),
            sets_base: Whole::default(),
        }
    }
}

impl Wholes {
    /// Drops what may be another now, because of what it is made of. Returns what named it.
    pub(super) fn renew(&mut self, others: &BTreeSet<Aspect>) -> Vec<Identity> {
        use Aspect::{Express, Files, Loads, Packages, Requests, Served, Urls};
        let any = |aspects: &[Aspect]| aspects.iter().any(|aspect| others.contains(aspect));
        let mut replaced = Vec::new();
        if any(&[Express]) {
            replaced.push(renew(&mut self.express));
        }
        if any(&[Served, Packages, Express]) {
            replaced.push(self.table.renew());
        }
        if any(&[Served, Packages, Express, Requests]) {
            replaced.push(self.callers.renew());
        }
        if any(&[Urls, Packages]) {
            replaced.push(self.owners.renew());
        }
        if any(&[Files, Packages]) {
            replaced.push(self.proxies.renew());
        }
        if any(&[Loads]) {
            replaced.push(self.loaded.renew());
        }
        replaced
    }
}

/// What names a file for whoever looks at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The file as a whole: its package, its names, what it loads.
    pub(super) shape: Identity,
    /// What functions change of its variables.
    pub(super) states: Identity,
    /// Whether an application of Express has to do with it.
    pub(super) express: Identity,
    /// Its statements bear other names than those that were noted: it was read by itself again, and said the same.
    pub(super) is_reread: bool,
}

impl Default for Names {
    fn default() -> Self {
        let [shape, states, express] = std::array::from_fn(|_| new_identity());
        Self { shape, states, express, is_reread: false }
    }
}

impl Project {
    /// All URLs of the project and who serves them.
    pub(crate) fn table(&self) -> &Table {
        self.wholes.table.get(|| Table::read(self))
    }

    /// Who calls each route, in the order of the routes.
    pub(crate) fn callers(&self) -> &[Vec<Caller>] {
        self.wholes.callers.get(|| calls::callers(self, self.table(), &at_once))
    }

    /// Has `workers` find out who calls each route.
    pub(super) fn prepare_callers(&self, workers: Workers<'_>) {
        // Found before its turn, not in it: a worker that asks for the callers meanwhile would wait for itself.
        if self.wholes.callers.told.get().is_none() {
            let _ = self.wholes.callers.told.set(Arc::new(calls::callers(self, self.table(), workers)));
        }
    }

    /// Who serves which URL of Next.js.
    pub(crate) fn owners(&self) -> &Owners {
        self.wholes.owners.get(|| Owners::read(self))
    }

    /// The proxies of all apps, in the order of their paths.
    pub(crate) fn proxies(&self) -> &[FileNo] {
        let is_proxy = |file: &FileNo| {
            self.file(*file).is_some_and(|input| {
                input.package.next.as_ref().is_some_and(|next| role(next, &input.path) == Role::Proxy)
            })
        };
        self.wholes.proxies.get(|| self.numbers().filter(is_proxy).collect())
    }

    /// Whether another file loads a file.
    pub(crate) fn is_loaded(&self, file: FileNo) -> bool {
        let loads = |file: FileNo| {
            let loads = self.links(file).map_or(&[][..], |links| &links.loads);
            loads.iter().copied().filter(move |other| *other != file)
        };
        self.wholes.loaded.get(|| self.numbers().flat_map(loads).collect()).contains(&file)
    }

    /// The async methods of the project by their name.
    pub(crate) fn methods(&self) -> &Methods {
        self.wholes.methods.get(|| Methods::read(self))
    }

    /// Whether code may set a base URL for all requests of a library: `axios.defaults.baseURL = …`.
    pub(crate) fn sets_base(&self) -> bool {
        let statements = || self.files.iter().flatten().flat_map(|input| &input.facts.chunks);
        *self.wholes.sets_base.get(|| statements().any(|chunk| calls::sets_base(&chunk.facts)))
    }

    /// The Express applications, as they are set up.
    pub(crate) fn express(&self) -> &Express {
        look_into(self.wholes.express);
        &self.express
    }

    /// The same, where one of them has to do with a file: it is made, set up or handled there.
    pub(crate) fn express_of(&self, file: FileNo) -> Option<&Express> {
        look_into(self.names.get(file as usize)?.express);
        self.express.is_about(file).then(|| self.express())
    }

    /// What functions do to a variable of a module; `None` where none changes it.
    pub(crate) fn state(&self, file: FileNo, variable: DeclId) -> Option<&State> {
        look_into(self.names.get(file as usize)?.states);
        self.states.get(file, variable)
    }

    /// The variables of a module that functions change, in the order of their declarations.
    pub(crate) fn states_of(&self, file: FileNo) -> Vec<DeclId> {
        self.names.get(file as usize).map_or_else(Vec::new, |names| {
            look_into(names.states);
            self.states.of(file)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Looked, watch};
    use crate::project::linking::tests::write;
    use crate::rules::Catalogue;

    /// Who of several that looked at something is to be asked again after a change.
    fn concerned<const N: usize>(project: &Project, looked: &[Looked; N]) -> [bool; N] {
        std::array::from_fn(|at| looked[at].at_any(project.replaced()))
    }

    #[test]
    fn a_change_concerns_who_asked_for_what_is_made_of_it_and_nobody_who_asked_for_anything_else() {
        const ROUTE: &str = "export function GET() {}\n";
        const PAGE: &str = "export default function Page() { fetch('/api/a'); }\n";
        let mut project = Project::new(Catalogue::builtin());
        write(&mut project, "/p/app/api/a/route.js", ROUTE);
        write(&mut project, "/p/app/page.js", PAGE);
        let look = |project: &Project| {
            [
                watch(|| project.table().routes.len()).1,
                watch(|| project.callers().len()).1,
                watch(|| project.owners().of(None, "/").count()).1,
                watch(|| project.proxies().len()).1,
            ]
        };
        let before = look(&project);
        write(&mut project, "/p/app/page.js", &PAGE.replace("/api/a", "/api/b"));
        assert_eq!(concerned(&project, &before), [false, true, false, false]);
        let before = look(&project);
        write(&mut project, "/p/app/api/a/route.js", &format!("{ROUTE}export function POST() {{}}\n"));
        assert_eq!(concerned(&project, &before), [true, true, false, false]);
        let before = look(&project);
        write(&mut project, "/p/lib/a.js", "export const a = 1;\n");
        assert_eq!(concerned(&project, &before), [false, false, false, true]);
        write(&mut project, "/p/app/b/page.js", PAGE);
        assert_eq!(concerned(&project, &before), [true; 4]);
    }

    #[test]
    fn what_a_module_keeps_and_where_express_is_set_up_concerns_who_asked_about_that_file() {
        const KEEPS: &str = "let last = 0;\nexport function GET() { last = 1; }\n";
        const SERVER: &str =
            "const express = require('express');\nconst app = express();\napp.get('/a', go);\n";
        let mut project = Project::new(Catalogue::builtin());
        write(&mut project, "/p/app/api/a/route.js", KEEPS);
        write(&mut project, "/p/app/api/b/route.js", KEEPS);
        write(&mut project, "/p/server.js", SERVER);
        let states = |project: &Project, file| watch(|| project.states_of(file).len());
        let express = |project: &Project, file| watch(|| project.express_of(file).is_some());
        let found = [states(&project, 0).0, states(&project, 1).0];
        assert_eq!((found, express(&project, 1).0, express(&project, 2).0), ([1, 1], false, true));
        let before =
            [states(&project, 0).1, states(&project, 1).1, express(&project, 1).1, express(&project, 2).1];
        write(&mut project, "/p/server.js", &SERVER.replace("/a", "/b"));
        assert_eq!(concerned(&project, &before), [false, false, false, true]);
        write(&mut project, "/p/app/api/a/route.js", &KEEPS.replace("last = 1;", "return last;"));
        assert_eq!(concerned(&project, &before), [true, false, false, true]);
        assert_eq!(states(&project, 0).0, 0);
    }
}
