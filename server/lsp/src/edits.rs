//! Edits of the analysis as edits of the protocol.

use std::collections::HashMap;

use routewise_analysis::finding::Edit;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::text::Span;

use crate::client::ClientFacts;
use crate::proto::{
    self, CreateFile, CreateFileOptions, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, Range, ResourceOp, TextDocumentEdit, TextEdit, Uri,
    WorkspaceEdit,
};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// The edits of one file, ready for either form.
struct FileEdits {
    uri: Uri,
    version: Option<i32>,
    create: bool,
    edits: Vec<TextEdit>,
}

/// The edits in the form this client takes. `None` where it cannot make the files they need, or a file
/// they are about cannot be read.
pub(crate) fn workspace_edit(session: &Session, texts: &Texts<'_>, edits: &[Edit]) -> Option<WorkspaceEdit> {
    let facts = session.facts();
    let creates = edits.iter().any(|edit| edit.create);
    if creates && !facts.create_files {
        return None;
    }
    let mut files: Vec<(FilePath, FileEdits)> = Vec::new();
    for edit in edits {
        let known = files.iter().position(|(path, _)| *path == edit.path);
        let at = known.unwrap_or(files.len());
        if known.is_none() {
            files.push((edit.path.clone(), file_edits(session, edit)?));
        }
        let range = if edit.create {
            Range::new(Position::new(0, 0), Position::new(0, 0))
        } else {
            range(texts, edit, facts)?
        };
        files[at].1.edits.push(TextEdit { range, new_text: edit.new_text.clone() });
    }
    let files = files.into_iter().map(|(_, file)| file);
    // Creating a file can be said in this form only; a client that creates files takes it.
    if facts.document_changes || creates {
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
            operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier {
                    uri: file.uri,
                    version: file.version,
                },
                edits: file.edits.into_iter().map(OneOf::Left).collect(),
            }));
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
