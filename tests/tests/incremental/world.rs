//! What may happen to a project of several files, and its course.

use std::collections::BTreeMap;

use proptest::prelude::*;
use routewise_analysis::document::Change;
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::text::{Encoding, LineIndex};

use crate::edits::{self, Edit, batches};
use crate::shop::Shop;

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

impl World {
    pub(crate) fn steps(&self) -> impl Strategy<Value = Step> + use<> {
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
pub(crate) fn changes(text: &str, step: &Step, encoding: Encoding) -> Vec<Change> {
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
