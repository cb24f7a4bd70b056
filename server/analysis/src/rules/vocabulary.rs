//! The closed vocabulary of predicates. An unknown name is an error when a rule is read.

/// A condition of a rule pattern that tree-sitter does not know itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// See [`VOCABULARY`], as for all of them.
    Constructs,
    /// Where the code runs.
    Scope,
    /// Who loads the file.
    ReachedFrom,
    /// The target.
    Target,
    /// The kind of target.
    TargetKind,
    /// The edge runtime.
    Edge,
    /// An installed version.
    Version,
    /// Where a name comes from.
    ImportedFrom,
    /// A closing call.
    ClosesSharedClient,
    /// A guard that is only written in development.
    GuardWriteDevOnly,
    /// Several layers of Next.js load the file.
    SeveralLayers,
    /// Another module makes the same client.
    DuplicateClient,
    /// Arguments that are the same each time.
    ConstantArguments,
    /// One connection that its maker ends.
    OneShot,
    /// A host where one client for each request is right.
    PerRequestHost,
    /// Panics, so that a test can show what a panic costs.
    #[cfg(feature = "test-hooks")]
    PanicForTests,
}

/// A predicate as it is written in a rule.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Its name, without `#` and `?`; `not-` may stand in front.
    pub name: &'static str,
    /// What it asks.
    pub predicate: Predicate,
    /// Whether the first argument is a capture (else all are strings).
    pub capture: bool,
    /// The fewest strings it takes.
    pub strings: usize,
    /// An example and what it means, one line.
    pub doc: &'static str,
}

/// Every predicate beside tree-sitter's own `eq?`, `match?` and `any-of?`.
pub const VOCABULARY: &[Word] = &[
    word(
        "closes-shared-client",
        Predicate::ClosesSharedClient,
        true,
        0,
        "`(#closes-shared-client? @at)`: the call ends a client that lives at module level, here or in the module it is imported from",
    ),
    word(
        "constant-arguments",
        Predicate::ConstantArguments,
        true,
        0,
        "`(#constant-arguments? @at)`: the arguments of the call are literals, environment variables and names of the module",
    ),
    word(
        "constructs",
        Predicate::Constructs,
        true,
        1,
        "`(#constructs? @at \"prisma\")`: the call or `new` makes a value of one of these libraries of libraries.toml, or of a class of them: `database`, `sdk`",
    ),
    word(
        "duplicate-client",
        Predicate::DuplicateClient,
        true,
        0,
        "`(#duplicate-client? @at)`: an earlier module of the package makes the same client with the same arguments",
    ),
    word(
        "edge",
        Predicate::Edge,
        true,
        0,
        "`(#edge? @at)`: a handler that reaches the code runs on the edge runtime",
    ),
    word(
        "guard-write-dev-only",
        Predicate::GuardWriteDevOnly,
        true,
        0,
        "`(#guard-write-dev-only? @at)`: the assignment keeps a client on `globalThis`, but only under a condition on `NODE_ENV`",
    ),
    word(
        "imported-from",
        Predicate::ImportedFrom,
        true,
        1,
        "`(#imported-from? @name \"next/headers\")`: the name is bound by an import of one of these modules, through aliases and re-exports",
    ),
    word(
        "one-shot",
        Predicate::OneShot,
        true,
        0,
        "`(#one-shot? @at)`: what is made is a single connection, and the function that makes it ends it too",
    ),
    #[cfg(feature = "test-hooks")]
    word("panic-for-tests", Predicate::PanicForTests, true, 0, "panics"),
    word(
        "per-request-host",
        Predicate::PerRequestHost,
        true,
        0,
        "`(#per-request-host? @at)`: on the target, one client of this library for each request is right",
    ),
    word(
        "reached-from",
        Predicate::ReachedFrom,
        true,
        1,
        "`(#reached-from? @at \"next\")`: a Next.js route, page, action or proxy loads the file (`express`: an Express handler does)",
    ),
    word(
        "scope",
        Predicate::Scope,
        true,
        1,
        "`(#scope? @at \"request\")`: the code runs for each request; `module`: once when the module is loaded. Code behind a guard that keeps its value is neither",
    ),
    word(
        "several-layers",
        Predicate::SeveralLayers,
        true,
        0,
        "`(#several-layers? @at)`: parts of Next.js that do not share modules in one process load the file",
    ),
    word(
        "target",
        Predicate::Target,
        false,
        1,
        "`(#target? \"vercel\" \"netlify\")`: the package's target is one of these rows of targets.toml",
    ),
    word(
        "target-kind",
        Predicate::TargetKind,
        false,
        1,
        "`(#target-kind? \"serverless\")`: the target is of one of these kinds",
    ),
    word(
        "version",
        Predicate::Version,
        false,
        2,
        "`(#version? \"next\" \">=15.1.0\")`: the installed version is known and fits all of these bounds (`>=`, `<`, `>`, `<=`)",
    ),
];

const fn word(
    name: &'static str,
    predicate: Predicate,
    capture: bool,
    strings: usize,
    doc: &'static str,
) -> Word {
    Word { name, predicate, capture, strings, doc }
}

impl Word {
    /// The predicate of a name as written, and whether `not-` stands in front.
    pub fn find(name: &str) -> Option<(&'static Word, bool)> {
        let bare = name.trim_end_matches('?');
        let look = |name: &str| VOCABULARY.iter().find(|word| word.name == name);
        look(bare).map(|word| (word, false)).or_else(|| Some((look(bare.strip_prefix("not-")?)?, true)))
    }
}
