//! Edits of the analysis as edits of the protocol.

use std::collections::HashMap;

use routewise_analysis::finding::Edit;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::text::Span;
use similar::{DiffTag, TextDiff};

use crate::client::ClientFacts;
use crate::proto::{
    self, CreateFile, CreateFileOptions, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, Range, RenameFile, RenameFileOptions, ResourceOp,
    TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// The edits of one file, ready for either form.
struct FileEdits {
    uri: Uri,
    version: Option<i32>,
    create: bool,
    /// Where the file goes once its edits are made.
    rename: Option<Uri>,
    edits: Vec<TextEdit>,
}

/// The edits in the form this client takes. `None` where it cannot make or move the files they need, or a file
/// they are about cannot be read.
pub(crate) fn workspace_edit(session: &Session, texts: &Texts<'_>, edits: &[Edit]) -> Option<WorkspaceEdit> {
    let facts = session.facts();
    let creates = edits.iter().any(|edit| edit.create);
    let moves = edits.iter().any(|edit| edit.rename.is_some());
    if (creates && !facts.create_files) || (moves && !facts.rename_files) {
        return None;
    }
    let mut files: Vec<(FilePath, FileEdits)> = Vec::new();
    for edit in edits {
        let known = files.iter().position(|(path, _)| *path == edit.path);
        let at = known.unwrap_or(files.len());
        if known.is_none() {
            files.push((edit.path.clone(), file_edits(session, edit)?));
        }
        if let Some(to) = &edit.rename {
            files[at].1.rename = Some(uri::of_file(to)?);
            continue;
        }
        let range = if edit.create {
            Range::new(Position::new(0, 0), Position::new(0, 0))
        } else {
            range(texts, edit, facts)?
        };
        files[at].1.edits.push(TextEdit { range, new_text: edit.new_text.clone() });
    }
    let files = files.into_iter().map(|(_, file)| file);
    // Creating and moving files can be said in this form only; a client that does it takes it.
    if facts.document_changes || creates || moves {
        let mut operations = Vec::new();
        for file in files {
            if file.create {
                let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
                operations.push(DocumentChangeOperation::Op(ResourceOp::Create(CreateFile {
                    uri: file.uri.clone(),
                    options: Some(options),
                    annotation_id: None,
                })));
            }
            if !file.edits.is_empty() {
                operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
                    text_document: OptionalVersionedTextDocumentIdentifier {
                        uri: file.uri.clone(),
                        version: file.version,
                    },
                    edits: file.edits.into_iter().map(OneOf::Left).collect(),
                }));
            }
            if let Some(new_uri) = file.rename {
                let options = RenameFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
                operations.push(DocumentChangeOperation::Op(ResourceOp::Rename(RenameFile {
                    old_uri: file.uri,
                    new_uri,
                    options: Some(options),
                    annotation_id: None,
                })));
            }
        }
        return Some(WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(operations)),
            ..WorkspaceEdit::default()
        });
    }
    let changes: HashMap<Uri, Vec<TextEdit>> = files.map(|file| (file.uri, file.edits)).collect();
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

fn file_edits(session: &Session, edit: &Edit) -> Option<FileEdits> {
    let open = session.documents.get(&edit.path);
    Some(FileEdits {
        version: open.as_ref().map(|open| open.document.version()),
        uri: open.map(|open| open.uri).or_else(|| uri::of_file(&edit.path))?,
        create: edit.create,
        rename: None,
        edits: Vec::new(),
    })
}

fn range(texts: &Texts<'_>, edit: &Edit, facts: &ClientFacts) -> Option<Range> {
    let document = texts.document(&edit.path)?;
    let text = document.text();
    let Span { start, end } = edit.span;
    // A span that does not fit was made for another text: no edit is better than a wrong one.
    text.get(start as usize..end as usize)?;
    Some(proto::range(document.lines(), text, edit.span, facts.encoding))
}

/// The edits that make `new` of `old`, line by line: an editor keeps its marks and cursors in lines that
/// stay.
pub(crate) fn difference(path: &FilePath, old: &str, new: &str) -> Vec<Edit> {
    // Lines end at `\n` here, whatever else does: only that the pieces add up to the text matters.
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    TextDiff::from_slices(&old_lines, &new_lines)
        .ops()
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            let span = Span::new(old_starts[from.start] as u32, old_starts[from.end] as u32);
            let text = new[new_starts[to.start]..new_starts[to.end]].to_owned();
            Edit::replace(path.clone(), span, text)
        })
        .collect()
}

/// Where each piece starts, and where the last ends.
fn starts(pieces: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let ends = pieces.iter().map(|piece| {
        at += piece.len();
        at
    });
    std::iter::once(0).chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use routewise_analysis::fix;

    use super::*;

    #[test]
    fn a_difference_is_the_lines_that_differ_and_makes_the_new_text() {
        let path = FilePath::new("/a.ts");
        for (old, new, edits) in [
            ("a\nb\nc\n", "a\nB\nc\n", 1),
            ("a\nb\nc", "x\na\nb\nc\nd", 2),
            ("a\r\nb\r\n", "a\r\n", 1),
            ("", "a", 1),
            ("é\n日\n", "é\n", 1),
            ("a\rb\nc", "a\rB\nc", 1),
            ("same", "same", 0),
        ] {
            let difference = difference(&path, old, new);
            assert_eq!(fix::apply(old, &difference), new);
            assert_eq!(difference.len(), edits, "{old:?} {new:?}");
        }
    }
}
