//! The start of a session.

use std::sync::Arc;

use crate::handlers::{command, completion, rename};
use crate::proto::{
    self, CallHierarchyServerCapability, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, DiagnosticOptions, DiagnosticServerCapabilities, DocumentLinkOptions,
    ExecuteCommandOptions, HoverProviderCapability, ImplementationProviderCapability, InitializeResult,
    OneOf, RenameOptions, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkDoneProgressOptions,
    WorkspaceFileOperationsServerCapabilities, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};
use crate::session::{Session, lock};
use crate::{actions, parent, settings, watching};

/// Answers at once: nothing is read before the client has heard what the server can do. Everything is
/// declared here, because some clients ignore what is registered later; the one exception is watched
/// files, for which there is no other way.
pub(crate) fn initialize(session: &Arc<Session>) -> InitializeResult {
    let facts = session.facts();
    lock(&session.roots).clone_from(&facts.roots);
    settings::take(session, &facts.options);
    tokio::spawn(parent::watch(Arc::clone(&session.lifetime)));
    let diagnostics = DiagnosticServerCapabilities::Options(DiagnosticOptions {
        identifier: Some("routewise".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: false,
        ..DiagnosticOptions::default()
    });
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(proto::encoding_kind(facts.encoding)),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            diagnostic_provider: facts.pull.then_some(diagnostics),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(completion::TRIGGERS.map(str::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
            references_provider: Some(OneOf::Left(true)),
            rename_provider: Some(if facts.prepare_rename {
                OneOf::Right(RenameOptions {
                    prepare_provider: Some(true),
                    work_done_progress_options: WorkDoneProgressOptions::default(),
                })
            } else {
                OneOf::Left(true)
            }),
            call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
            inlay_hint_provider: Some(OneOf::Left(true)),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(actions::KINDS.to_vec()),
                resolve_provider: Some(facts.resolve_edit),
                ..CodeActionOptions::default()
            })),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: command::ALL.map(str::to_owned).to_vec(),
                ..ExecuteCommandOptions::default()
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                file_operations: facts.will_rename.then(|| WorkspaceFileOperationsServerCapabilities {
                    will_rename: Some(rename::watched_moves()),
                    ..WorkspaceFileOperationsServerCapabilities::default()
                }),
            }),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: "routewise".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        offset_encoding: None,
    }
}

/// The client is ready to be talked to.
pub(crate) fn initialized(session: &Arc<Session>) {
    let writer = Arc::clone(session);
    tokio::spawn(async move { writer.outbox.run(writer.client.clone()).await });
    tokio::spawn(settings::open(Arc::clone(session)));
    tokio::spawn(watching::start(Arc::clone(session)));
}
