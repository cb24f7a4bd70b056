//! Every protocol type this crate uses, by name, and the conversions between them and the analysis.
//!
//! No other module imports from the type crate, so that a change of framework stays in this file.

pub(crate) use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response, Result};
pub(crate) use tower_lsp::ls_types::{
    AnnotatedTextEdit, CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    CallHierarchyServerCapability, ChangeAnnotation, CodeAction, CodeActionContext, CodeActionKind,
    CodeActionOptions, CodeActionOrCommand, CodeActionParams, CodeActionProviderCapability,
    CodeActionResponse, CodeDescription, CodeLens, CodeLensOptions, CodeLensParams, Command, CompletionItem,
    CompletionItemKind, CompletionOptions, CompletionParams, CompletionResponse, CompletionTextEdit,
    ConfigurationItem, CreateFile, CreateFileOptions, Diagnostic, DiagnosticOptions,
    DiagnosticRelatedInformation, DiagnosticServerCapabilities, DiagnosticSeverity, DiagnosticTag,
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentChangeOperation, DocumentChanges,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult, DocumentLink,
    DocumentLinkOptions, DocumentLinkParams, DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse,
    Documentation, ExecuteCommandOptions, ExecuteCommandParams, FileOperationFilter, FileOperationPattern,
    FileOperationPatternKind, FileOperationRegistrationOptions, FileSystemWatcher,
    FullDocumentDiagnosticReport, GlobPattern, GotoDefinitionParams, GotoDefinitionResponse, Hover,
    HoverContents, HoverParams, HoverProviderCapability, ImplementationProviderCapability, InitializeParams,
    InitializeResult, InitializedParams, InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams,
    InlayHintTooltip, InsertTextFormat, LSPAny, Location, LocationLink, MarkupContent, MarkupKind,
    MessageType, NumberOrString, OneOf, OptionalVersionedTextDocumentIdentifier, Position,
    PositionEncodingKind, PrepareRenameResponse, ProgressToken, Range, ReferenceParams, Registration,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, RenameFile,
    RenameFileOptions, RenameFilesParams, RenameOptions, RenameParams, ResourceOp, SaveOptions,
    ServerCapabilities, ServerInfo, SymbolKind, TextDocumentEdit, TextDocumentPositionParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TextEdit, UnchangedDocumentDiagnosticReport, Uri, WorkDoneProgressOptions, WorkspaceEdit,
    WorkspaceFileOperationsServerCapabilities, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities, WorkspaceSymbol, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
pub(crate) use tower_lsp::{Client, LanguageServer, LspService, Server};

use routewise_analysis::finding::Severity;
use routewise_analysis::text::{self, Encoding, LineIndex, Span};

/// A place in the protocol's words.
pub(crate) fn position(lines: &LineIndex, text: &str, offset: u32, encoding: Encoding) -> Position {
    let text::Position { line, character } = lines.position(text, offset, encoding);
    Position { line, character }
}

/// A range in the protocol's words.
pub(crate) fn range(lines: &LineIndex, text: &str, span: Span, encoding: Encoding) -> Range {
    Range {
        start: position(lines, text, span.start, encoding),
        end: position(lines, text, span.end, encoding),
    }
}

/// The byte a client's position names; a position outside the text is clamped to it.
pub(crate) fn offset(lines: &LineIndex, text: &str, position: Position, encoding: Encoding) -> u32 {
    lines.offset(text, place(position), encoding)
}

/// The bytes a client's range names; an inverted range is empty at its start.
pub(crate) fn span(lines: &LineIndex, text: &str, range: Range, encoding: Encoding) -> Span {
    let start = offset(lines, text, range.start, encoding);
    Span::new(start, offset(lines, text, range.end, encoding).max(start))
}

/// A client's position in the words of the analysis.
pub(crate) fn place(position: Position) -> text::Position {
    text::Position { line: position.line, character: position.character }
}

/// A severity in the protocol's words.
pub(crate) fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Information => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

/// The name of an encoding on the wire.
pub(crate) fn encoding_kind(encoding: Encoding) -> PositionEncodingKind {
    match encoding {
        Encoding::Utf8 => PositionEncodingKind::UTF8,
        Encoding::Utf16 => PositionEncodingKind::UTF16,
        Encoding::Utf32 => PositionEncodingKind::UTF32,
    }
}
