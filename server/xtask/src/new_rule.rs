//! The folder of a new rule.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

const SCM: &str = r#"; Which code: one pattern, `@at` behind the node that the squiggle underlines. The words there are stand in
; queries/README.md.
((call_expression
  function: (identifier) @callee) @at
  (#imported-from? @callee "example")
  (#scope? @at "request"))
"#;

const MD: &str = r#"# What is wrong, in a few words
```toml
severity = { serverless = "warning", persistent = "information", unknown = "information" }
since = "VERSION"
message = "{entry} calls `{callee}()`{via}, which {target} does not offer. Say what to do instead."
```
## What happens
Say what the code does when it runs.

## Why it matters
Say what goes wrong, when, and on which hosts, with figures.

## How to fix
Say what to write instead.

## Examples
```ts bad app/api/users/route.ts
import { example } from "example";

export async function GET() {
  example();
//^^^^^^^^^
  return Response.json([]);
}
```

Say why this one is fine.
```ts good app/api/users/route.ts
import { example } from "another-example";

export async function GET() {
  example();
  return Response.json([]);
}
```
"#;

/// Writes `rule.scm` and `rule.md` of a rule that does not exist yet.
pub(crate) fn run(root: &Path, id: &str) -> Result<()> {
    let words = id.split('/').collect::<Vec<_>>();
    let plain = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    ensure!(
        words.len() == 2 && words.iter().all(|word| plain(word)),
        "`{id}` is no name of a rule: write family and name, such as `state/module-map`"
    );
    ensure!(!matches!(words[0], "src" | "facts"), "`{}` is a folder of the crate, no family", words[0]);
    let folder = root.join("queries").join(id);
    ensure!(!folder.exists(), "queries/{id} exists already");
    fs::create_dir_all(&folder).with_context(|| format!("making queries/{id}"))?;
    for (name, text) in files() {
        fs::write(folder.join(name), text).with_context(|| format!("writing queries/{id}/{name}"))?;
        println!("queries/{id}/{name}");
    }
    println!("Fill them in, then run `cargo xtask gen` and `cargo test`.");
    Ok(())
}

fn files() -> [(&'static str, String); 2] {
    [("rule.scm", SCM.to_owned()), ("rule.md", MD.replace("VERSION", env!("CARGO_PKG_VERSION")))]
}

#[cfg(test)]
mod tests {
    use routewise_analysis::rules::{RuleSource, read};

    use super::*;

    #[test]
    fn a_new_rule_passes_the_check_of_its_format() {
        let [(_, scm), (_, md)] = files();
        let rule = read(&RuleSource { id: "state/new".into(), scm: Some(scm), md, folder: None }).unwrap();
        let (_, marked) = &rule.examples[0].marks[0];
        assert_eq!(marked.of(&rule.examples[0].files[0].1), "example()");
    }

    #[test]
    fn a_rule_is_named_by_family_and_name_in_small_letters() {
        let root = Path::new("/nowhere");
        for id in ["new", "a/b/c", "A/b", "a/", "a/b_c", "../b", "src/b"] {
            assert!(run(root, id).is_err(), "{id}");
        }
    }
}
