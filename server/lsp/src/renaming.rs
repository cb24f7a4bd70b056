//! A renaming of the analysis as an edit of the protocol, with the reasons beside each change where the client shows
//! them.

use std::collections::{BTreeMap, HashMap};

use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::rename::{Proposed, Renaming, Subject};

use crate::proto::{
    self, AnnotatedTextEdit, ChangeAnnotation, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, RenameFile, RenameFileOptions, ResourceOp, TextDocumentEdit,
    TextEdit, Uri, WorkspaceEdit,
};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// Places that a message lists; more are counted.
const LISTED: usize = 5;

/// The edit, with the moves where they are ours to make. `None` where a file cannot be read, or where this client
/// cannot move files.
pub(crate) fn workspace_edit(
    session: &Session,
    texts: &Texts<'_>,
    renaming: &Renaming,
    moves: bool,
) -> Option<WorkspaceEdit> {
    let facts = session.facts();
    let moves: &[(FilePath, FilePath)] = if moves { &renaming.moves } else { &[] };
    if !moves.is_empty() && !facts.rename_files {
        return None;
    }
    let mut files: BTreeMap<&FilePath, Vec<&Proposed>> = BTreeMap::new();
    for proposed in taken(session, renaming) {
        files.entry(&proposed.edit.path).or_default().push(proposed);
    }
    let annotated = facts.change_annotations;
    let mut annotations: HashMap<String, ChangeAnnotation> = HashMap::new();
    let mut operations = Vec::new();
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for (path, proposed) in files {
        let open = session.documents.get(path);
        let version = open.as_ref().map(|open| open.document.version());
        let uri = open.map(|open| open.uri).or_else(|| uri::of_file(path))?;
        let document = texts.document(path)?;
        let mut edits = Vec::new();
        for it in proposed {
            // A span that does not fit was made for another text: no edit is better than a wrong one.
            document.text().get(it.edit.span.start as usize..it.edit.span.end as usize)?;
            let range = proto::range(document.lines(), document.text(), it.edit.span, facts.encoding);
            let edit = TextEdit { range, new_text: it.edit.new_text.clone() };
            if annotated {
                let (id, annotation) = annotation(renaming, it);
                annotations.insert(id.clone(), annotation);
                edits.push(OneOf::Right(AnnotatedTextEdit { text_edit: edit, annotation_id: id }));
            } else {
                edits.push(OneOf::Left(edit));
            }
        }
        if facts.document_changes || !moves.is_empty() {
            let text_document = OptionalVersionedTextDocumentIdentifier { uri, version };
            operations.push(DocumentChangeOperation::Edit(TextDocumentEdit { text_document, edits }));
        } else {
            let plain = edits.into_iter().map(|edit| match edit {
                OneOf::Left(edit) | OneOf::Right(AnnotatedTextEdit { text_edit: edit, .. }) => edit,
            });
            changes.insert(uri, plain.collect());
        }
    }
    for (from, to) in moves {
        operations.push(DocumentChangeOperation::Op(ResourceOp::Rename(RenameFile {
            old_uri: uri::of_file(from)?,
            new_uri: uri::of_file(to)?,
            options: Some(RenameFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) }),
            annotation_id: None,
        })));
    }
    Some(if operations.is_empty() && !changes.is_empty() {
        WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
    } else {
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(operations)),
            change_annotations: (!annotations.is_empty()).then_some(annotations),
            ..WorkspaceEdit::default()
        }
    })
}

/// The changes that this client is sent: what somebody has to look at first only where it asks.
fn taken<'r>(session: &Session, renaming: &'r Renaming) -> impl Iterator<Item = &'r Proposed> {
    let asks = asks(session);
    renaming.edits.iter().filter(move |proposed| proposed.sure || asks)
}

/// Whether the client asks before it makes a change that wants to be looked at.
fn asks(session: &Session) -> bool {
    session.facts().change_annotations && session.facts().document_changes
}

fn annotation(renaming: &Renaming, proposed: &Proposed) -> (String, ChangeAnnotation) {
    let (id, what) = match proposed.subject {
        Subject::Call => ("call", "Requests"),
        Subject::Registration => ("registration", "Registrations"),
        Subject::Matcher => ("matcher", "Matcher of the proxy"),
        Subject::Import => ("import", "Imports"),
        Subject::Parameter => ("parameter", "Reads of the parameter"),
    };
    let description = format!("`{}` becomes `{}`", renaming.from, renaming.to);
    if proposed.sure {
        let label = what.to_owned();
        let annotation =
            ChangeAnnotation { label, needs_confirmation: Some(false), description: Some(description) };
        return (id.to_owned(), annotation);
    }
    let annotation = ChangeAnnotation {
        label: format!("{what}, perhaps"),
        needs_confirmation: Some(true),
        description: Some(format!("{description}, but this may be about something else too")),
    };
    (format!("{id}?"), annotation)
}

/// What to tell the user of a renaming: what was left as it is. `None` where that is nothing.
pub(crate) fn message(session: &Session, texts: &Texts<'_>, renaming: &Renaming) -> Option<String> {
    let roots: Vec<FilePath> =
        session.world.ground().map(|ground| ground.workspace.roots().to_vec()).unwrap_or_default();
    let place = |path: &FilePath, start: Option<u32>| {
        let name = roots.iter().find_map(|root| path.strip(root)).unwrap_or(path.file_name());
        let document = start.and_then(|_| texts.document(path));
        match start.zip(document) {
            Some((start, document)) => format!("{name}:{}", document.lines().line_of(start) + 1),
            None => name.to_owned(),
        }
    };
    let mut left: Vec<String> = renaming
        .left
        .iter()
        .map(|left| format!("{} {}", place(&left.path, left.span.map(|span| span.start)), left.why))
        .collect();
    if !asks(session) {
        left.extend(renaming.edits.iter().filter(|it| !it.sure).map(|it| {
            format!("{} may be about something else too", place(&it.edit.path, Some(it.edit.span.start)))
        }));
    }
    if left.is_empty() {
        return None;
    }
    let more = left.len().saturating_sub(LISTED);
    left.truncate(LISTED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Some(format!(
        "`{}` is now `{}`. Not changed, please look: {}{more}.",
        renaming.from,
        renaming.to,
        left.join("; ")
    ))
}
