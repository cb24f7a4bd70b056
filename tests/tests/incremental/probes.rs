//! Rules that speak wherever a word of the vocabulary holds, so that whatever the project knows shows in
//! findings, also what no built-in rule asks today.

use std::sync::{Arc, LazyLock};

use routewise_analysis::path::FilePath;
use routewise_analysis::rules::{Catalogue, RuleSource};

const PATTERNS: &[(&str, &str)] = &[
    (
        "per-request",
        "((new_expression) @at (#constructs? @at \"prisma\" \"database\") (#scope? @at \"request\"))",
    ),
    (
        "at-module-level",
        "((new_expression) @at (#constructs? @at \"prisma\" \"database\") (#scope? @at \"module\"))",
    ),
    ("kept", "((new_expression) @at (#constructs? @at \"prisma\" \"database\") (#scope? @at \"once\"))"),
    ("call-in-request", "((call_expression) @at (#scope? @at \"request\"))"),
    ("loaded-by-next", "((new_expression) @at (#reached-from? @at \"next\"))"),
    ("loaded-by-express", "((call_expression) @at (#reached-from? @at \"express\"))"),
    ("on-edge", "((call_expression) @at (#edge? @at))"),
    ("several-layers", "((new_expression) @at (#several-layers? @at))"),
    ("duplicate", "((new_expression) @at (#duplicate-client? @at))"),
    ("closes", "((call_expression) @at (#closes-shared-client? @at))"),
    (
        "from-prisma",
        "((new_expression constructor: (identifier) @name) @at (#imported-from? @name \"@prisma/client\"))",
    ),
    (
        "from-auth",
        "((call_expression function: (identifier) @name) @at (#imported-from? @name \"next-auth\"))",
    ),
    ("dev-only", "((assignment_expression) @at (#guard-write-dev-only? @at))"),
    (
        "constant",
        "((new_expression) @at (#constructs? @at \"prisma\" \"database\") (#constant-arguments? @at))",
    ),
    ("on-vercel", "((new_expression) @at (#target? \"vercel\") (#version? \"next\" \">=16.0.0\"))"),
];

const MARKDOWN: &str = "# A probe
```toml
severity = \"warning\"
message = \"probed\"
```
## What happens
A test looks.
## Why it matters
What is seen must not depend on the way there.
## How to fix
Nothing to fix.
## Examples
```ts bad a.ts
f();
// ^
```
```ts good a.ts
f();
```
";

/// The built-in rules and the probes.
pub(crate) fn catalogue() -> Arc<Catalogue> {
    static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        let sources: Vec<RuleSource> = PATTERNS
            .iter()
            .map(|(name, scm)| RuleSource {
                id: format!("probe/{name}").into(),
                scm: Some((*scm).to_owned()),
                md: MARKDOWN.to_owned(),
                folder: Some(FilePath::new(&format!("/shop/.routewise/probe/{name}"))),
            })
            .collect();
        let (catalogue, errors) = Catalogue::with_user_rules(&sources);
        assert_eq!(errors, []);
        catalogue
    });
    Arc::clone(&CATALOGUE)
}
