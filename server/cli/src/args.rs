//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Tells you whether a Next.js or Express route fits the host it runs on, why, and how to mend it.
#[derive(Debug, Parser)]
#[command(name = "routewise", version, about, args_conflicts_with_subcommands = true)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "`routewise PATH` is short for `routewise check PATH`.\n\n\
    Exit status: 0 nothing at level error, 1 errors found (or more warnings than --max-warnings), \
    2 the command could not do its job.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Without a command: check.
    #[command(flatten)]
    pub check: CheckArgs,
    /// The same as the command `lsp`, in the spelling some editors expect.
    #[arg(long, hide = true)]
    pub lsp: bool,
    /// Accepted and ignored: standard input and output are the only way to talk to the server.
    #[arg(long, hide = true)]
    pub stdio: bool,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a project and print what is wrong.
    Check(CheckArgs),
    /// Run the language server on standard input and output.
    Lsp(LspArgs),
    /// Say all that is known of a rule.
    Explain {
        /// Its id, such as `clients/prisma-client-per-request`; the part after the `/` will do.
        rule: String,
    },
    /// List the rules.
    Rules {
        /// How to print them.
        #[arg(long, value_enum, default_value_t = ListFormat::Table)]
        format: ListFormat,
    },
    /// List the routes of the project, Next.js and Express.
    Routes(RoutesArgs),
    /// Say whether the routes belong in Next.js, in a persistent Express process, or some here and some there.
    Decide(DecideArgs),
    /// Move the handlers of a route from Next.js to an Express service of its own: show how, or do it.
    Move(MoveArgs),
    /// Say where the project will run, how that is known, and what holds there.
    Target(TargetArgs),
    /// Write a `routewise.json` to start from. Never overwrites.
    Init,
    /// Print the JSON Schema of `routewise.json`.
    Schema,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What `lsp` takes.
#[derive(Args, Debug, Default)]
pub(crate) struct LspArgs {
    /// Where the projects will run, such as `vercel` or `docker`; detected by default.
    #[arg(long, value_name = "HOST")]
    pub target: Option<String>,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Accepted and ignored: there is no other way to talk to the server.
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// What `check` takes.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct CheckArgs {
    /// Files and folders to report on; the working directory by default. The whole project around them
    /// is read.
    pub paths: Vec<PathBuf>,
    /// How to print findings.
    #[arg(long, short, value_enum, default_value_t, env = "ROUTEWISE_FORMAT", hide_env_values = true)]
    pub format: Format,
    /// Where the project will run, such as `vercel` or `docker`; detected by default.
    #[arg(long, value_name = "HOST")]
    pub target: Option<String>,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Apply every fix that keeps the meaning of the program.
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: also the fixes that want a look afterwards.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print what --fix would change, and write nothing.
    #[arg(long, conflicts_with = "fix")]
    pub diff: bool,
    /// Take the text of this file from standard input; with --fix, print it mended, by fixes that touch no
    /// other file.
    #[arg(long, value_name = "FILE", visible_aliases = ["stdin-filename", "stdin-file-path"])]
    pub stdin_filepath: Option<PathBuf>,
    /// Print errors only.
    #[arg(long, short)]
    pub quiet: bool,
    /// Exit with 1 when there are more warnings than this.
    #[arg(long, value_name = "N")]
    pub max_warnings: Option<usize>,
    /// Threads to use; as many as there are processors by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// No error when PATHS hold no file that could be checked.
    #[arg(long)]
    pub no_error_on_unmatched_pattern: bool,
    /// Keep what this check says, and say it again for as long as it would be the same: until the text of a file, a
    /// folder, a package, a configuration or anything else that the check looks at is different, or the program is.
    /// Kept in `node_modules/.cache/routewise` of the project, without `node_modules` in `.routewise-cache`. Passed
    /// over with --fix, --diff and --stdin-filepath.
    #[arg(long)]
    pub cache: bool,
    /// Keep it in this folder. Implies --cache.
    #[arg(long, value_name = "DIR")]
    pub cache_location: Option<PathBuf>,
}

impl CheckArgs {
    /// Whether what a check says is kept.
    pub(crate) fn is_cached(&self) -> bool {
        (self.cache || self.cache_location.is_some())
            && !self.fix
            && !self.diff
            && self.stdin_filepath.is_none()
    }
}

/// What `routes` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RoutesArgs {
    /// Files and folders whose routes are listed; the working directory by default. The whole project around
    /// them is read.
    pub paths: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: RoutesFormat,
    /// Print only what is added, removed or altered since a commit.
    #[arg(long, requires = "since")]
    pub changed: bool,
    /// With --changed: the commit or branch to compare with, from where the two parted. Needs git, and leaves the
    /// working tree alone.
    #[arg(long, value_name = "REF", requires = "changed")]
    pub since: Option<String>,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How `routes` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoutesFormat {
    /// For people.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// A document with tables.
    Markdown,
    /// A skeleton of an `OpenAPI` 3.1 description.
    Openapi,
}

/// What `target` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    /// Files and folders whose packages are told of; the working directory by default.
    pub paths: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: TargetFormat,
    /// What would hold on this host, such as `vercel` or `docker`.
    #[arg(long, value_name = "HOST")]
    pub target: Option<String>,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What `decide` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DecideArgs {
    /// Files and folders whose routes are judged; the working directory by default. The whole project around
    /// them is read.
    pub paths: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: DecideFormat,
    /// What would be right on this host, such as `vercel` or `docker`.
    #[arg(long, value_name = "HOST")]
    pub target: Option<String>,
    /// Also tell what is different since a commit or branch, from where the two parted. Needs git, and leaves the
    /// working tree alone.
    #[arg(long, value_name = "REF")]
    pub since: Option<String>,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What `move` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct MoveArgs {
    /// The route: its URL (`/api/users/[id]`), a method and the URL (`"GET /api/users/[id]"`), or its file.
    pub route: String,
    /// Where it goes.
    #[arg(long, value_name = "PLACE", value_enum, default_value_t)]
    pub to: MoveTo,
    /// Write the files. Without it, what would change is printed as a diff.
    #[arg(long)]
    pub write: bool,
    /// The configuration file to use instead of the nearest `routewise.json`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Where a route goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MoveTo {
    /// From Next.js to an Express service.
    #[default]
    Service,
    /// From `pages/api`, or from an Express application, to a Route Handler of the App Router.
    RouteHandler,
}

/// How `decide` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecideFormat {
    /// For people, on one screen.
    #[default]
    Pretty,
    /// One JSON object.
    Json,
    /// For a pull request.
    Markdown,
    /// One page that needs nothing else.
    Html,
}

/// How `target` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object, with the source and date of every figure.
    Json,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the code, for people.
    #[default]
    Pretty,
    /// One line for each finding.
    Concise,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// How the list of rules is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says otherwise (`NO_COLOR`, `FORCE_COLOR`, `CLICOLOR`, `TERM`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it the choice of every stream this process writes.
    pub(crate) fn apply(self) {
        let forced = std::env::var("FORCE_COLOR").unwrap_or_default();
        let choice = match self {
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
            Color::Auto if forced == "0" || forced == "false" => anstream::ColorChoice::Never,
            Color::Auto if !forced.is_empty() => anstream::ColorChoice::Always,
            Color::Auto => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_path_without_a_command_is_checked() {
        let cli = Cli::parse_from(["routewise", "src/app", "--quiet"]);
        assert!(cli.command.is_none());
        assert_eq!(cli.check.paths, [PathBuf::from("src/app")]);
        assert!(cli.check.quiet);
    }
}
