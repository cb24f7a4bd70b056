//! What a change of a file means to those who looked at the project before: what they noted has a name, and what is
//! another afterwards gets another one.

use super::{FileInput, calls, methods};
use crate::facts::{FileFacts, Identity};

/// What may be another after a change, of what is told of all files together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    /// Which files there are.
    Files,
    /// Which packages they belong to.
    Packages,
    /// Which numbers functions bear.
    Layout,
    /// How the applications of Express are set up.
    Express,
    /// Which URLs files of Next.js serve.
    Urls,
    /// How they serve them.
    Served,
    /// Which requests code makes.
    Requests,
    /// Which files load which.
    Loads,
    /// What code does to variables of modules.
    Uses,
}

/// What changes around the statements of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// It belongs to another package.
    pub(super) moved: bool,
    /// What it loads means something else.
    pub(super) loads: bool,
    /// Functions bear other numbers.
    pub(super) laid_out: bool,
}

impl Around {
    /// An edit inside statements.
    pub(super) const SAME: Self = Self { moved: false, loads: false, laid_out: false };

    pub(super) fn between(old: &FileInput, new: &FileInput) -> Self {
        Self {
            moved: old.package != new.package,
            loads: old.resolutions != new.resolutions,
            laid_out: !old.facts.is_laid_out_as(&new.facts),
        }
    }

    /// Whether nothing does.
    pub(super) fn is_same(self) -> bool {
        !self.moved && !self.loads && !self.laid_out
    }
}

/// What a change of a file means to others, beside what its statements say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    pub(super) around: Around,
    pub(super) comes_or_goes: bool,
    /// It adds others to [`super::Project::methods`].
    pub(super) methods: bool,
    /// It adds something else to [`super::Project::sets_base`].
    pub(super) sets_base: bool,
}

impl Difference {
    /// That of a file that comes or goes.
    pub(super) const ALL: Self = Self {
        around: Around { moved: true, loads: true, laid_out: true },
        comes_or_goes: true,
        methods: true,
        sets_base: true,
    };

    pub(super) fn between(old: &FileInput, new: &FileInput, around: Around) -> Self {
        let sets_base = |input: &FileInput| input.facts.chunks.iter().any(|it| calls::sets_base(&it.facts));
        Self {
            around,
            comes_or_goes: false,
            methods: !methods::of_file(&old.facts).eq(methods::of_file(&new.facts)),
            sets_base: sets_base(old) != sets_base(new),
        }
    }
}

/// The statements of a file that another version has something else in place of, where that is all the difference there
/// is to the rest of the project.
pub(super) fn replaced(old: &FileFacts, new: &FileFacts) -> Option<Vec<Identity>> {
    let pair = |&chunk: &u32| [old, new].map(|facts| &facts.chunks[chunk as usize].facts);
    let changed = new.changed_inside(old)?;
    let alike = changed.iter().map(pair).all(|[old, new]| {
        // What all files together are asked for.
        methods::methods(old).eq(methods::methods(new)) && calls::sets_base(old) == calls::sets_base(new)
    });
    alike.then(|| changed.iter().map(|chunk| pair(chunk)[0].identity()).collect())
}
