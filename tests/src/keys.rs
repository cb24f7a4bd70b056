//! Keystrokes, as a server that is typed to sees them, and the floor beside them: an edit of the text and an
//! incremental parse, which nothing that understands the file can do without.

use std::path::PathBuf;
use std::sync::Arc;

use routewise_analysis::document::{Change, Document};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::syntax::Grammar;
use routewise_analysis::text::{Encoding, LineIndex};
use routewise_workspace::{Options, Workspace};
use tree_sitter::{InputEdit, Parser, Point, Tree};

use crate::routes;
use crate::workspace::TestProject;

/// What kind of file is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A route file of Next.js.
    Next,
    /// An Express server.
    Express,
}

/// What is typed, inside a function in the middle of the file, and deleted again by the next keystroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A `;`, which means nothing.
    Mark,
    /// A letter of the name of a variable: the function means something else.
    Letter,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Next, Kind::Express];

    /// `next`, `express`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Next => "next",
            Kind::Express => "express",
        }
    }

    /// A file of about so many lines.
    pub fn text(self, lines: usize) -> String {
        match self {
            Kind::Next => routes::next_route(lines),
            Kind::Express => routes::express_server(lines),
        }
    }
}

impl Typed {
    /// Both.
    pub const ALL: [Typed; 2] = [Typed::Mark, Typed::Letter];

    /// `mark`, `letter`.
    pub fn name(self) -> &'static str {
        match self {
            Typed::Mark => "mark",
            Typed::Letter => "letter",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Typed::Mark => ";",
            Typed::Letter => "x",
        }
    }

    /// Where it is typed: at a declaration of a local variable.
    fn place(self, text: &str) -> usize {
        let at = local(text).unwrap_or_default();
        match self {
            Typed::Mark => at + "\n  ".len(),
            Typed::Letter => at + LOCAL.len(),
        }
    }
}

/// What a declaration of a local variable begins with.
const LOCAL: &str = "\n  const ";

/// The first of them in the second half of a text.
pub(crate) fn local(text: &str) -> Option<usize> {
    let middle = text.floor_char_boundary(text.len() / 2);
    text[middle..].find(LOCAL).map(|at| middle + at)
}

/// The edit of the text and the incremental parse alone.
pub struct Floor {
    text: String,
    place: usize,
    point: Point,
    what: &'static str,
    typed: bool,
    parser: Parser,
    tree: Tree,
}

impl Floor {
    /// Opens a file.
    pub fn new(text: &str, typed: Typed) -> Self {
        let mut parser = Parser::new();
        parser.set_language(&Grammar::TypeScript.language()).expect("the grammar fits");
        let tree = parser.parse(text, None).expect("a parse");
        let place = typed.place(text);
        let column = place - text[..place].rfind('\n').map_or(0, |at| at + 1);
        let point = Point { row: text[..place].matches('\n').count(), column };
        Self { text: text.to_owned(), place, point, what: typed.text(), typed: false, parser, tree }
    }

    /// Types or deletes.
    pub fn keystroke(&mut self) {
        let (old, new) = if self.typed { (self.what.len(), "") } else { (0, self.what) };
        let end = |length: usize| Point { row: self.point.row, column: self.point.column + length };
        self.text.replace_range(self.place..self.place + old, new);
        self.tree.edit(&InputEdit {
            start_byte: self.place,
            old_end_byte: self.place + old,
            new_end_byte: self.place + new.len(),
            start_position: self.point,
            old_end_position: end(old),
            new_end_position: end(new.len()),
        });
        self.tree = self.parser.parse(&self.text, Some(&self.tree)).expect("a parse");
        self.typed = !self.typed;
    }
}

/// The path of a `didChange`: text, tree, facts, project, findings.
#[derive(Debug)]
pub struct Ours {
    workspace: Workspace,
    catalogue: Arc<Catalogue>,
    project: Project,
    document: Document,
    change: [Change; 2],
    /// Keeps the files on the disk.
    _files: Option<TestProject>,
}

impl Ours {
    /// Opens a file of a project that holds nothing else.
    pub fn new(text: &str, typed: Typed) -> Self {
        let files = TestProject::next(&[("app/api/big/route.ts", text)]);
        let catalogue = Catalogue::builtin();
        let (workspace, _) = Workspace::open(&[PathBuf::from(files.root())], &Options::default());
        let path = files.path("app/api/big/route.ts");
        let path = FilePath::new(path.to_str().expect("text"));
        Self::open(workspace, Project::new(catalogue), path, text, typed, Some(files))
    }

    /// Opens a file of an application that has been read.
    pub fn of_app(workspace: Workspace, project: Project, file: &FilePath, text: &str, typed: Typed) -> Self {
        Self::open(workspace, project, file.clone(), text, typed, None)
    }

    fn open(
        workspace: Workspace,
        mut project: Project,
        path: FilePath,
        text: &str,
        typed: Typed,
        files: Option<TestProject>,
    ) -> Self {
        let catalogue = Arc::clone(project.catalogue());
        let document = Document::new(path, 0, text.to_owned());
        project.insert(workspace.input(&document, &catalogue));
        project.set_complete(true);
        project.link();
        let lines = LineIndex::new(text);
        let at = |offset: usize| lines.position(text, offset as u32, Encoding::Utf16);
        let place = typed.place(text);
        let (start, mut end) = (at(place), at(place));
        end.character += 1;
        let change = [
            Change { range: Some((start, start)), text: typed.text().to_owned() },
            Change { range: Some((start, end)), text: String::new() },
        ];
        Self { workspace, catalogue, project, document, change, _files: files }
    }

    /// Types or deletes; the number of findings.
    pub fn keystroke(&mut self) -> usize {
        let version = self.document.version() + 1;
        let change = &self.change[usize::from(version % 2 == 0)];
        self.document = self.document.change(version, std::slice::from_ref(change), Encoding::Utf16);
        self.project.insert(self.workspace.input(&self.document, &self.catalogue));
        self.project.link();
        self.project.findings(self.document.path()).len()
    }
}
