//! The command `routewise`: the language server, and the same findings in a terminal and in CI.
//!
//! | module | subject |
//! |---|---|
//! | [`args`] | the command line |
//! | [`session`] | the project around the given paths, read |
//! | [`check`] | `check`: findings out, exit status |
//! | [`cache`] | `check --cache`: what a check said, said again |
//! | [`mend`] | `--fix` and `--diff` |
//! | [`report`] | what a check has to say, whatever the format |
//! | [`format`] | the formats |
//! | [`say`] | what is said on standard error |
//! | [`write`] | changed files back to the disk |
//! | [`rules`] | `rules` and `explain` |
//! | [`routes`] | `routes` |
//! | [`target`] | `target` |
//! | [`decide`] | `decide` |
//! | [`move_route`] | `move` |
//! | [`init`] | `init` |
//!
//! Findings go to standard output, everything else to standard error.

mod args;
mod before;
mod cache;
mod check;
mod decide;
mod format;
mod init;
mod mend;
mod move_route;
mod progress;
mod report;
mod roots;
mod routes;
mod rules;
mod say;
mod session;
mod snapshot;
mod target;
mod write;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser};
use routewise_analysis::explain;
use routewise_lsp::ServeOptions;
use routewise_workspace::config;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use crate::args::{Cli, Command};
use crate::say::{complain, tell, warn};
use crate::session::{Session, working_folder};

/// A project that is read anew is built on other threads than the one before, and many allocators keep for each thread
/// what was free there: a server that saw many branches held four times what it needed. This one gives it to all when
/// the thread ends, so those of the server end early.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The command could not do its job.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.apply();
    log();
    if let Some(Command::Lsp(args)) = cli.command {
        return serve(args.target, args.config);
    }
    if cli.lsp {
        return serve(cli.check.target, cli.check.config);
    }
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let status = run(&cli, &mut out).and_then(|status| {
        out.flush()?;
        Ok(status)
    });
    match status {
        Ok(status) => ExitCode::from(status),
        // Who reads the output has seen enough, as in `routewise check | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(FAILED)
        }
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    match &cli.command {
        None => return check::run(&cli.check, out),
        Some(Command::Check(args)) => return check::run(args, out),
        // Taken care of before standard output was locked: the server owns it.
        Some(Command::Lsp(_)) => {}
        Some(Command::Explain { rule }) => {
            let session = Session::here()?;
            let rule = rules::find(&session.catalogue, rule).map_err(anyhow::Error::msg)?;
            writeln!(out, "{}", explain::rule(rule).trim_end())?;
        }
        Some(Command::Rules { format }) => rules::list(&Session::here()?.catalogue, *format, out)?,
        Some(Command::Routes(args)) => routes::run(args, out)?,
        Some(Command::Decide(args)) => decide::run(args, out)?,
        Some(Command::Move(args)) => move_route::run(args, out)?,
        Some(Command::Target(args)) => target::run(args, out)?,
        Some(Command::Init) => init::run(&working_folder()?)?,
        Some(Command::Schema) => {
            serde_json::to_writer_pretty(&mut *out, &config::schema())?;
            writeln!(out)?;
        }
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "routewise", &mut script);
            out.write_all(&script).context("the script cannot be written")?;
        }
    }
    Ok(0)
}

fn serve(target: Option<String>, config: Option<PathBuf>) -> ExitCode {
    routewise_lsp::serve(ServeOptions { target, config })
}

/// What the program does goes to standard error: what went wrong inside, or as much as `ROUTEWISE_LOG` asks
/// for (`debug`, `routewise_lsp=trace`).
fn log() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::ERROR.into())
        .with_env_var("ROUTEWISE_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(anstream::stderr).init();
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let in_json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        kind.or(in_json) == Some(io::ErrorKind::BrokenPipe)
    })
}
