//! The language server: the only crate that names a type of the protocol.
//!
//! | module | subject |
//! |---|---|
//! | `proto` | every protocol type by name, and conversions |
//! | `uri` | file names on the wire and in the analysis |
//! | `client` | what the client can do, read from the raw `initialize` |
//! | `stdio` | the streams to the client |
//! | `frames` | the client's bytes, one message at a time |
//! | `transport` | the order of messages |
//! | `server`, `handlers` | the protocol's methods |
//! | `documents` | open documents |
//! | `world` | the project behind its lock |
//! | `session` | all state, and the analysis of one document |
//! | `flights` | one job at a time for each document |
//! | `index`, `watching`, `settings` | the workspace, the disk, the user's settings |
//! | `diagnostics`, `outbox` | findings in the client's words, on their way to it |
//! | `actions`, `edits`, `renaming` | fixes and renamings in the client's words |
//!
//! What holds: edits apply in the order of the wire, before the next message is read. Requests are
//! answered for the text they were asked about. No guard of a map and no lock is held over an `.await`.
//! The tree, the facts and everything made of them is computed on the blocking pool. Nothing but the
//! protocol goes to stdout.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::proto::{LspService, Server};
use crate::server::Routewise;
use crate::session::{Lifetime, Session};
use crate::transport::InOrder;

mod actions;
mod client;
mod diagnostics;
mod documents;
mod edits;
mod flights;
mod frames;
mod handlers;
mod index;
mod looking;
mod outbox;
mod parent;
mod preparing;
mod proto;
mod renaming;
mod server;
mod session;
mod settings;
mod stdio;
mod transport;
mod uri;
mod watching;
mod world;

/// Messages that may be under way at once. A small number would let a few slow requests stop the reader,
/// and with it edits and cancellations.
const CONCURRENT: usize = 64;

/// Bytes of stack of a thread: code nests deeper than the usual 2 MiB allow.
const STACK: usize = 16 << 20;

/// How long a thread waits for more work before it ends. An allocator keeps for a living thread what that has freed, and
/// lets others have it when the thread ends: with the ten seconds of tokio a busy server had half as much again. To
/// begin a thread takes less time than can be measured beside a keystroke.
const IDLE: Duration = Duration::from_millis(20);

/// How long answers that are under way may take after the input has ended.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long the last words may take after `exit`.
const PARTING: Duration = Duration::from_millis(300);

/// What the command line says about the server.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// The target of every package, in place of what is detected.
    pub target: Option<String>,
    /// The configuration file, in place of those that are found.
    pub config: Option<PathBuf>,
}

/// Serves one client on stdin and stdout until it leaves. The code is 0 where it said `shutdown` before it
/// left, else 1, as the protocol asks.
pub fn serve(options: ServeOptions) -> ExitCode {
    // One thread for all that waits: what takes long runs on the blocking pool, and handing a message from one thread to
    // the next costs more than what is done with it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .thread_keep_alive(IDLE)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    #[cfg(unix)]
    let _modes = stdio::Modes::note();
    let code = runtime.block_on(async {
        let (input, output) = stdio::streams();
        serve_on(input, output, options).await
    });
    // A read of a terminal that never returns must not hold the process.
    runtime.shutdown_background();
    code
}

/// As [`serve`], on any pair of streams. Must run inside a tokio runtime.
pub async fn serve_on(
    stdin: impl AsyncRead + Unpin,
    stdout: impl AsyncWrite,
    options: ServeOptions,
) -> ExitCode {
    let lifetime = Arc::new(Lifetime::default());
    let (service, socket) =
        LspService::build(|client| Routewise(Session::new(client, options, Arc::clone(&lifetime))))
            .custom_method(handlers::overview::METHOD, Routewise::overview)
            .custom_method(handlers::decision::METHOD, Routewise::decision)
            .finish();
    let service = InOrder::new(service, Arc::clone(&lifetime));
    let (input, decoded) = tokio::io::duplex(64 << 10);
    let serve = Server::new(decoded, stdout, socket).concurrency_level(CONCURRENT).serve(service);
    let work = async {
        tokio::pin!(serve);
        tokio::select! {
            () = &mut serve => {}
            () = frames::pump(stdin, input) => {
                let _ = tokio::time::timeout(FAREWELL, serve).await;
            }
        }
    };
    let told = async {
        lifetime.ended().await;
        tokio::time::sleep(PARTING).await;
    };
    tokio::select! {
        () = work => {}
        () = told => {}
    }
    let code = if lifetime.is_shut_down() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    lifetime.end();
    code
}
