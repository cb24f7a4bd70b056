//! Keystrokes, as a server that is typed to sees them, and the floor beside them: an edit of the text, an incremental
//! parse, and one query of the patterns of the rules over what changed, which nothing that finds the same can do without.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use routewise_analysis::document::{Change, Document};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::{Catalogue, RuleSource};
use routewise_analysis::syntax::Grammar;
use routewise_analysis::text::{Encoding, LineIndex};
use routewise_workspace::{Options, Workspace};
use tempfile::TempDir;
use tree_sitter::{InputEdit, Parser, Point, Query, QueryCursor, StreamingIterator as _, Tree};

use crate::routes;

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
            Typed::Mark => at,
            Typed::Letter => at + CONST.len(),
        }
    }
}

/// What the package of the file says.
const PACKAGE: &str = r#"{ "dependencies": { "@prisma/client": "6.19.0", "express": "5.1.0", "next": "16.4.6", "pg": "8.16.3", "zod": "4.1.0" } }"#;

/// What the declaration of a variable begins with.
const CONST: &str = "const ";

/// The first declaration of a variable inside a function, in the second half of a text.
pub fn local(text: &str) -> Option<usize> {
    let middle = text.floor_char_boundary(text.len() / 2);
    let is_local = |&(at, _): &(usize, &str)| {
        let named = text[at + CONST.len()..].starts_with(|c: char| c.is_ascii_alphabetic());
        named && text[..at].ends_with("  ")
    };
    text[middle..]
        .match_indices(CONST)
        .map(|(at, found)| (middle + at, found))
        .find(is_local)
        .map(|(at, _)| at)
}

/// The patterns of twenty rules, some sixty, as one query, as far as tree-sitter knows what they ask for. What it takes to
/// compile one grows faster than the patterns do.
fn patterns() -> &'static Query {
    static PATTERNS: OnceLock<Query> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let rules: Vec<String> = RuleSource::builtin().filter_map(|rule| rule.scm).take(20).collect();
        Query::new(&Grammar::TypeScript.language(), &rules.join("\n")).expect("the patterns are sound")
    })
}

/// The edit of the text, the incremental parse and the query over what changed, alone.
pub struct Floor {
    text: String,
    place: usize,
    point: Point,
    what: &'static str,
    typed: bool,
    parser: Parser,
    tree: Tree,
    query: &'static Query,
    cursor: QueryCursor,
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
        Self {
            text: text.to_owned(),
            place,
            point,
            what: typed.text(),
            typed: false,
            parser,
            tree,
            query: patterns(),
            cursor: QueryCursor::new(),
        }
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Types or deletes; the number of matches.
    pub fn keystroke(&mut self) -> usize {
        let (old, new) = if self.typed { (self.what.len(), "") } else { (0, self.what) };
        self.typed = !self.typed;
        let end = Point { row: self.point.row, column: self.point.column + old };
        self.edit(self.place..self.place + old, self.point..end, new)
    }

    /// Puts a text in place of another, which is given in bytes and in places; the number of matches.
    pub fn edit(&mut self, old: Range<usize>, points: Range<Point>, new: &str) -> usize {
        self.text.replace_range(old.clone(), new);
        let rows = new.matches('\n').count();
        let column = new.rfind('\n').map_or(points.start.column + new.len(), |at| new.len() - at - 1);
        self.tree.edit(&InputEdit {
            start_byte: old.start,
            old_end_byte: old.end,
            new_end_byte: old.start + new.len(),
            start_position: points.start,
            old_end_position: points.end,
            new_end_position: Point { row: points.start.row + rows, column },
        });
        let after = self.parser.parse(&self.text, Some(&self.tree)).expect("a parse");
        let before = std::mem::replace(&mut self.tree, after);
        let ranges = before.changed_ranges(&self.tree).map(|range| range.start_byte..range.end_byte);
        let mut changed: Vec<Range<usize>> = ranges.collect();
        // A letter of a name changes no node, but what the node says.
        changed.push(old.start..old.start + new.len().max(1));
        let mut found = 0;
        for range in changed {
            self.cursor.set_byte_range(range);
            let mut matches = self.cursor.matches(self.query, self.tree.root_node(), self.text.as_bytes());
            while matches.next().is_some() {
                found += 1;
            }
        }
        found
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
    _files: Option<TempDir>,
}

impl Ours {
    /// Opens a file of a project that holds nothing else.
    pub fn new(text: &str, typed: Typed) -> Self {
        let files = tempfile::Builder::new().prefix("routewise-").tempdir().expect("a temporary folder");
        let root = files.path().canonicalize().expect("it exists");
        for (path, text) in [("package.json", PACKAGE), ("vercel.json", "{}"), ("app/api/big/route.ts", text)]
        {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
                .expect("folders are made");
            std::fs::write(path, text).expect("the file is written");
        }
        let catalogue = Catalogue::builtin();
        let path = FilePath::new(root.join("app/api/big/route.ts").to_str().expect("text"));
        let (workspace, _) = Workspace::open(&[root], &Options::default());
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
        files: Option<TempDir>,
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
