use super::super::{ExampleKind, FixBody};
use super::*;
use crate::finding::{Safety, Severity};
use crate::syntax::Grammar;

const SCM: &str = "((call_expression function: (identifier) @callee) @at (#not-awaited? @at))";

const GOOD: &str = r#"# Request API used without `await`
```toml
severity = { serverless = "error", persistent = "warning", edge = "off" }
since = "0.1.0"
applies = ["app-route"]
message = "`{callee}()` returns a promise on {target}. Await it."
[[fix]]
title = "Await `{callee}()`"
safety = "safe"
replace = "at"
with = "await {at}"
[[fix]]
title = "Hoist it"
safety = "unsafe"
with = "rust:hoist_in_place"
```
## What happens
Nothing good.

```ts
cookies()
```
## Why it matters
It does.
## How to fix
Await it.
## Examples
The plain case, with é before the place.
```ts bad app/api/a/route.ts target=vercel
export function GET() {
  const é = cookies();
  //        ^^^^^^^^^
  return é;
}
```
```json config package.json
{}
```
```ts fixed app/api/a/route.ts
export function GET() {
  const é = await cookies();
  return é;
}
```
```ts good app/api/b/route.ts
await cookies();
```
"#;

fn source(md: &str) -> RuleSource {
    RuleSource {
        id: "next/request-api".into(),
        scm: Some(SCM.to_owned()),
        md: md.to_owned(),
        folder: Some(FilePath::new("/srv/.routewise/next/request-api")),
    }
}

/// The errors of a text as (the text they stand on, the message).
fn errors(md: &str) -> Vec<(String, String)> {
    let errors = read(&source(md)).unwrap_err();
    assert!(errors.iter().all(|error| error.path.as_str() == "/srv/.routewise/next/request-api/rule.md"));
    errors.into_iter().map(|error| (error.span.of(md).to_owned(), error.message)).collect()
}

/// The only error of the good rule with `from` replaced by `to`.
fn error(from: &str, to: &str) -> (String, String) {
    assert!(GOOD.contains(from), "{from}");
    let mut errors = errors(&GOOD.replacen(from, to, 1));
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn a_rule_is_read_whole() {
    let rule = read(&source(GOOD)).unwrap();
    assert_eq!(&*rule.id, "next/request-api");
    assert_eq!(rule.title, "Request API used without `await`");
    assert_eq!(rule.severity["serverless"], Some(Severity::Error));
    assert_eq!(rule.severity_on(crate::tables::Kind::Persistent), Some(Severity::Warning));
    assert_eq!(rule.severity["edge"], None);
    assert_eq!((rule.severity.len(), rule.severity["unknown"]), (5, None));
    assert_eq!(rule.message, "`{callee}()` returns a promise on {target}. Await it.");
    assert_eq!((rule.since.as_deref(), rule.detect), (Some("0.1.0"), None));
    assert_eq!(rule.applies, ["app-route"]);
    let template = FixBody::Template { replace: "at".into(), with: "await {at}".into() };
    assert_eq!((&rule.fixes[0].body, rule.fixes[0].safety), (&template, Safety::Safe));
    assert_eq!(rule.fixes[1].body, FixBody::Function("hoist_in_place".into()));
    assert!(rule.explanation.starts_with("## What happens\nNothing good."), "{}", rule.explanation);
    assert!(rule.explanation.ends_with("## How to fix\nAwait it."), "{}", rule.explanation);
    assert_eq!(rule.markdown, GOOD);
}

#[test]
fn an_example_has_its_files_without_marks_and_the_places_they_mark() {
    let rule = read(&source(GOOD)).unwrap();
    let [bad, good] = &rule.examples[..] else { panic!("{:?}", rule.examples) };
    assert_eq!((bad.kind, good.kind), (ExampleKind::Bad, ExampleKind::Good));
    assert_eq!(bad.caption, "The plain case, with é before the place.");
    assert_eq!((bad.target.as_deref(), bad.line), (Some("vercel"), 29));
    let code = "export function GET() {\n  const é = cookies();\n  return é;\n}\n";
    assert_eq!(bad.files[0], ("app/api/a/route.ts".to_owned(), code.to_owned()));
    assert_eq!(bad.files[1], ("package.json".to_owned(), "{}\n".to_owned()));
    let [(path, span)] = &bad.marks[..] else { panic!("{:?}", bad.marks) };
    assert_eq!((path.as_str(), span.of(code)), ("app/api/a/route.ts", "cookies()"));
    assert_eq!(bad.fixed[0].1, code.replace("= cookies", "= await cookies"));
    assert!(good.marks.is_empty() && good.fixed.is_empty());
}

#[test]
fn a_file_with_windows_line_ends_reads_the_same() {
    let unix = read(&source(GOOD)).unwrap();
    let windows = read(&source(&GOOD.replace('\n', "\r\n"))).unwrap();
    assert_eq!(unix.examples, windows.examples);
    assert_eq!((unix.severity, unix.message), (windows.severity, windows.message));
}

#[test]
fn two_places_of_one_line_and_of_several_files_are_marked_each() {
    let md = GOOD.replace("  //        ^^^^^^^^^\n", "  //        ^^^^^^^^^\n  //    ^\n").replace(
        "```json config package.json\n{}",
        "```tsx file lib/a.tsx\nconst a = cookies();\n{/*       ^^^^^^^ */}",
    );
    let rule = read(&source(&md)).unwrap();
    let texts: Vec<&str> = rule.examples[0]
        .marks
        .iter()
        .map(|(path, span)| {
            let (_, text) = rule.examples[0].files.iter().find(|(file, _)| file == path).unwrap();
            span.of(text)
        })
        .collect();
    assert_eq!(texts, ["é", "cookies()", "cookies"]);
}

#[test]
fn a_title_metadata_and_every_section_are_asked_for_in_their_order() {
    let (at, message) = error("# Request API used without `await`\n", "Request API\n");
    assert_eq!(at, "Request API\n");
    assert!(message.contains("`# What is wrong`"), "{message}");
    assert_eq!(error("```toml\n", "```yaml\n").0, "yaml");
    let (at, message) = error("## Why it matters\nIt does.\n", "");
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("## How to fix\n", "the section `## Why it matters` is missing here")
    );
    let found = errors(&GOOD.replace("## How to fix", "## How to mend"));
    assert_eq!(found[0].0, "## How to mend\n");
    assert!(found[0].1.starts_with("unknown section `How to mend`: the sections are `## What happens`"));
    assert_eq!(found[1].1, "the section `## How to fix` is missing here");
    assert_eq!(error("It does.\n", "").1, "`Why it matters` says nothing yet");
    assert_eq!(error("## What happens", "Hm.\n## What happens").0, "Hm.\n");
    assert_eq!(error("## How to fix", "# Again\n## How to fix").0, "# Again\n");
}

#[test]
fn a_wrong_key_or_value_is_named_with_what_there_is_instead() {
    assert_eq!(error("since =", "sinse =").0, "sinse");
    assert!(error("since =", "sinse =").1.contains("the keys are severity, message, since"));
    let (at, message) = error("\"error\"", "\"fatal\"");
    assert_eq!(at, "\"fatal\"");
    assert!(message.contains("\"information\""), "{message}");
    assert_eq!(error("edge = \"off\"", "cloud = \"off\"").0, "cloud");
    assert_eq!(error("[\"app-route\"]", "[\"app\"]").0, "\"app\"");
    assert_eq!(error("\"safe\"", "\"maybe\"").0, "\"maybe\"");
    assert_eq!(error("rust:hoist_in_place", "rust:hoist").0, "\"rust:hoist\"");
    assert_eq!(
        error("replace = \"at\"", "replace = \"it\"").1,
        "rule.scm captures no @it: it captures @at, @callee"
    );
    assert!(error("replace = \"at\"\n", "").1.contains("lacks `replace`"));
    assert!(error("since = \"0.1.0\"", "since = 0.1.0").1.starts_with("not TOML: "));
    let found = errors(&GOOD.replace("message = ", "text = "));
    assert_eq!(found[0], ("toml".to_owned(), "`message` is missing: what should an editor show?".to_owned()));
    assert_eq!(found[1].0, "text");
}

#[test]
fn a_placeholder_that_means_nothing_is_underlined_in_the_template() {
    let (at, message) = error("`{callee}()` returns", "`{caller}()` returns");
    assert_eq!(at, "{caller}");
    assert!(
        message.starts_with("nothing is called `{caller}`: rule.scm captures @at, @callee; besides"),
        "{message}"
    );
    let (at, message) = error("await {at}\"", "await {client}\"");
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("{client}", "nothing is called `{client}`: rule.scm captures @at, @callee")
    );
}

#[test]
fn an_example_that_proves_nothing_is_refused() {
    assert!(error("  //        ^^^^^^^^^\n", "").1.starts_with("mark what the rule finds"));
    assert_eq!(
        error("  //        ^^^^^^^^^\n", "  //                     ^^^^\n").1,
        "the mark reaches beyond the line above it"
    );
    assert_eq!(error("ts good app/api/b/route.ts", "ts fine app/api/b/route.ts").0, "fine");
    assert_eq!(error("```ts good app/api/b/route.ts", "```ts").0, "ts");
    assert_eq!(error("app/api/b/route.ts", "../route.ts").0, "../route.ts");
    assert_eq!(error("target=vercel", "target=heroku").0, "target=heroku");
    assert_eq!(error("target=vercel", "next=16").1, "unknown option: there is `target=<id>`");
    assert_eq!(
        error("json config package.json", "json config app/api/a/route.ts").1,
        "`app/api/a/route.ts` is in this example already"
    );
    let without_good = GOOD.split("```ts good").next().unwrap();
    assert!(errors(without_good)[0].1.starts_with("show at least one place the rule leaves alone"));
    assert!(
        error("await cookies();\n```\n", "await cookies();\n").1.starts_with("this block is never closed")
    );
}

#[test]
fn a_rule_with_a_fix_shows_it_and_a_rule_without_one_does_not() {
    let start = GOOD.find("```ts fixed").unwrap();
    let end = GOOD.find("```ts good").unwrap();
    let md = format!("{}{}", &GOOD[..start], &GOOD[end..]);
    assert!(errors(&md)[0].1.starts_with("the rule has a fix: show"));
    let start = GOOD.find("[[fix]]").unwrap();
    let end = GOOD.find("```\n## What").unwrap();
    let md = format!("{}{}", &GOOD[..start], &GOOD[end..]);
    assert!(errors(&md)[0].1.starts_with("the rule has no fix"));
}

#[test]
fn a_rule_without_a_pattern_names_its_detector() {
    let mut rule = source(GOOD);
    rule.scm = None;
    let errors = read(&rule).unwrap_err();
    assert!(errors.iter().any(|error| error.message.starts_with("there is no rule.scm")), "{errors:?}");
}

#[test]
fn no_cut_of_a_rule_makes_the_reader_panic() {
    for (at, _) in GOOD.char_indices() {
        let _ = read(&source(&GOOD[..at]));
        let _ = read(&source(&GOOD[at..]));
    }
    assert!(read(&source("")).is_err());
}

#[test]
fn every_built_in_rule_reads_and_its_hover_fits_two_screens() {
    for source in RuleSource::builtin() {
        let rule = read(&source).unwrap_or_else(|errors| panic!("{}: {errors:#?}", source.id));
        let (lines, longest) = (rule.explanation.lines().count(), 45);
        assert!(lines <= longest, "{}: the explanation has {lines} lines, {longest} at most", rule.id);
        assert!(rule.explanation.len() <= 2600, "{}: {} bytes", rule.id, rule.explanation.len());
        assert!(!rule.title.ends_with('.') && !rule.message.contains('\n'), "{}", rule.id);
    }
}

#[test]
fn every_pattern_compiles_and_every_example_is_code_without_syntax_errors() {
    for source in RuleSource::builtin() {
        for grammar in [Grammar::TypeScript, Grammar::Tsx] {
            if let Some(scm) = &source.scm {
                let query = tree_sitter::Query::new(&grammar.language(), scm);
                let query = query.unwrap_or_else(|error| panic!("{}: {error}", source.id));
                assert!(query.capture_index_for_name("at").is_some(), "{} captures no @at", source.id);
            }
        }
        let rule = read(&source).unwrap();
        for example in &rule.examples {
            for (path, text) in example.files.iter().chain(&example.fixed) {
                let path = FilePath::new(path);
                if !["js", "jsx", "ts", "tsx"].contains(&path.extension()) {
                    continue;
                }
                let tree = crate::syntax::parse(Grammar::of(&path), text, None).unwrap();
                assert!(
                    !tree.root_node().has_error(),
                    "{}, example at line {}: {path}",
                    rule.id,
                    example.line
                );
            }
        }
    }
}

#[test]
fn what_a_fix_leaves_of_an_example_differs_from_what_was_there() {
    for source in RuleSource::builtin() {
        for example in read(&source).unwrap().examples {
            for (path, text) in &example.fixed {
                let before = example.files.iter().find(|(file, _)| file == path);
                assert!(
                    before.is_none_or(|(_, before)| before != text),
                    "{} line {}",
                    source.id,
                    example.line
                );
            }
        }
    }
}
