//! What is printed, in each format.

use crate::project::{Project, ROUTE};

/// What is wrong with the example project.
const EXAMPLE: [&str; 3] = [
    "clients/prisma-client-per-request app/api/report/route.ts:5:18",
    "clients/prisma-client-unguarded-module app/api/users/route.ts:3:16",
    "clients/prisma-client-per-request lib/orders.ts:5:18",
];

#[test]
fn the_example_has_its_findings() {
    assert_eq!(Project::example().found(&[]), EXAMPLE);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let project = Project::example();
    for number in 0..200 {
        // Several batches for every thread; a few of them with findings.
        let text = if number % 20 == 0 { ROUTE } else { "export const GET = () => Response.json([])\n" };
        project.write(&format!("app/api/r{number}/route.ts"), text);
    }
    for format in ["pretty", "concise", "json", "sarif", "github"] {
        let one = project.run(&["check", "--format", format, "--threads", "1"]);
        assert_eq!(one.status, 1);
        for threads in ["2", "8"] {
            assert_eq!(project.run(&["check", "--format", format, "--threads", threads]), one, "{format}");
        }
    }
}

#[test]
fn the_whole_project_is_read_and_only_the_given_paths_are_reported() {
    let project = Project::example();
    assert_eq!(project.found(&["lib"]), [EXAMPLE[2]], "the route that calls it stands elsewhere");
    assert_eq!(project.found(&["app/api/users/route.ts", "lib/orders.ts"]), EXAMPLE[1..]);
    assert_eq!(project.found(&["./lib/../lib", "lib/orders.ts"]), [EXAMPLE[2]]);
}

#[test]
fn paths_are_seen_from_the_working_directory() {
    let project = Project::example();
    let inside = project.run_in("app/api", &["check", "--format", "concise", "."]);
    let lines: Vec<&str> = inside.stdout.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(lines, ["report/route.ts:5:18", "users/route.ts:3:16"]);
    let beside = project.run_in("app", &["check", "--format", "concise", "../lib"]);
    assert!(beside.stdout.starts_with("../lib/orders.ts:5:18: error "), "{}", beside.stdout);
    let absolute = project.path().join("lib");
    let absolute = project.run(&["check", "--format", "concise", absolute.to_str().unwrap()]);
    assert!(absolute.stdout.starts_with("lib/orders.ts:5:18: error "), "{}", absolute.stdout);
}

#[test]
fn concise_and_github_say_what_json_says() {
    let project = Project::example();
    let json = project.run(&["check", "--format", "json"]).json();
    let findings = json["findings"].as_array().unwrap();
    let concise = project.run(&["check", "--format", "concise"]).stdout;
    let github = project.run(&["check", "--format", "github"]).stdout;
    assert_eq!(concise.lines().count(), findings.len());
    assert_eq!(github.lines().count(), findings.len());
    for (finding, (concise, github)) in findings.iter().zip(concise.lines().zip(github.lines())) {
        let (rule, path) = (finding["rule"].as_str().unwrap(), finding["path"].as_str().unwrap());
        let (start, severity) = (&finding["range"]["start"], finding["severity"].as_str().unwrap());
        let (line, column) = (&start["line"], &start["column"]);
        let message = finding["message"].as_str().unwrap();
        assert_eq!(concise, format!("{path}:{line}:{column}: {severity} {rule}: {message}"));
        assert!(
            github.starts_with(&format!("::{severity} file={path},line={line},col={column},")),
            "{github}"
        );
        assert!(github.contains(&format!(",title={rule}::")), "{github}");
    }
}

#[test]
fn json_counts_what_it_lists() {
    let json = Project::example().run(&["check", "--format", "json"]).json();
    assert_eq!(json["schemaVersion"], 1);
    assert_eq!(json["summary"]["files"], 10);
    assert_eq!(json["summary"]["errors"], 2);
    assert_eq!(json["summary"]["warnings"], 1);
    let export = &json["findings"][2];
    let related: Vec<&str> = export["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|related| related["path"].as_str().unwrap())
        .collect();
    assert!(related.contains(&"app/api/export/route.ts"), "the way from the route is shown: {related:?}");
}

#[test]
fn the_format_can_be_set_in_the_environment() {
    let project = Project::small();
    let run = project.run_with(&[("ROUTEWISE_FORMAT", "json")], &["check"]);
    assert_eq!(run.json()["summary"]["errors"], 1);
    let run = project.run_with(&[("ROUTEWISE_FORMAT", "json")], &["check", "--format", "concise"]);
    assert!(run.stdout.starts_with("app/api/users/route.ts:4:18: error "), "{}", run.stdout);
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let project = Project::example();
    let sarif = project.run(&["check", "--format", "sarif"]).json();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let run = &sarif["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "Routewise");
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        for text in [&rule["shortDescription"], &rule["fullDescription"], &rule["help"]] {
            assert!(!text["text"].as_str().unwrap().is_empty(), "{id}");
        }
        assert!(rule["helpUri"].as_str().unwrap().ends_with(&format!("/queries/{id}/rule.md")));
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), EXAMPLE.len());
    let mut fingerprints = Vec::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let locations = result["locations"].as_array().unwrap();
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in locations.iter().chain(related) {
            let location = &location["physicalLocation"];
            let uri = location["artifactLocation"]["uri"].as_str().unwrap();
            assert!(project.path().join(uri).is_file(), "{uri}");
            assert_eq!(location["artifactLocation"]["uriBaseId"], "%SRCROOT%");
            let region = |key: &str| location["region"][key].as_u64().unwrap();
            assert!(region("startLine") >= 1 && region("startColumn") >= 1);
            assert!((region("startLine"), region("startColumn")) <= (region("endLine"), region("endColumn")));
        }
        fingerprints.push(result["partialFingerprints"]["routewise/v1"].as_str().unwrap().to_owned());
    }
    // Lines move: the fingerprints do not.
    let route = project.read("app/api/users/route.ts");
    project.write("app/api/users/route.ts", &format!("// first\n\n{route}"));
    let moved = project.run(&["check", "--format", "sarif"]).json();
    let moved: Vec<&str> = moved["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["partialFingerprints"]["routewise/v1"].as_str().unwrap())
        .collect();
    assert_eq!(moved, fingerprints);
}

#[test]
fn colour_is_used_when_it_is_asked_for_and_never_else() {
    let project = Project::small();
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let run = project.run_with(variables, &[&["check"], arguments].concat());
        run.stdout.contains('\u{1b}')
    };
    // Standard output is no terminal here.
    assert!(!coloured(&[], &[]));
    assert!(coloured(&[], &["--color", "always"]));
    assert!(coloured(&[("FORCE_COLOR", "1")], &[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "0")], &[]));
    assert!(!coloured(&[("FORCE_COLOR", "1")], &["--color", "never"]));
    assert!(coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!coloured(&[("FORCE_COLOR", "1")], &["--format", "json"]));
}

#[test]
fn windows_line_ends_tabs_and_wide_characters_do_not_move_the_mark() {
    let project = Project::small();
    let route = "import { PrismaClient } from '@prisma/client'\r\n\r\nexport async function GET() {\r\n\
                 \tconst 日本 = 'é', prisma = new PrismaClient()\r\n\treturn Response.json(await prisma.user.count())\r\n}\r\n";
    project.write("app/api/users/route.ts", route);
    let run = project.run(&["check"]);
    let shown: Vec<&str> = run.stdout.lines().skip_while(|line| !line.starts_with("4 |")).take(2).collect();
    assert_eq!(
        shown,
        [
            "4 |     const 日本 = 'é', prisma = new PrismaClient()",
            "  |                                ^^^^^^^^^^^^^^^^^^"
        ],
        "{}",
        run.stdout
    );
    assert_eq!(project.found(&[]), ["clients/prisma-client-per-request app/api/users/route.ts:4:27"]);
}

#[test]
fn the_rules_are_listed_and_explained() {
    let project = Project::with(&[]);
    let list = project.run(&["rules", "--format", "json"]).json();
    let rules = list["rules"].as_array().unwrap();
    assert_eq!(list["schemaVersion"], 1);
    let table = project.run(&["rules"]).stdout;
    assert_eq!(table.lines().count(), rules.len() + 1);
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        let explained = project.run(&["explain", id]);
        assert_eq!((explained.status, &*explained.stderr), (0, ""), "{id}");
        assert!(explained.stdout.contains(rule["title"].as_str().unwrap()), "{id}");
        for fix in rule["fixes"].as_array().unwrap() {
            let title = fix["title"].as_str().unwrap();
            assert!(explained.stdout.contains(&format!("\n- {title} (")), "{id}");
            assert!(!title.contains('{'), "{id}: what only a finding tells is left open: {title}");
        }
        let name = id.rsplit('/').next().unwrap();
        assert_eq!(project.run(&["explain", name]), explained, "{id}");
    }
}

#[test]
fn init_writes_a_configuration_that_holds_and_never_overwrites() {
    let project = Project::small();
    let run = project.run(&["init"]);
    assert_eq!(run.status, 0);
    assert_eq!(run.stderr, "Wrote routewise.json. Found: Vercel, from vercel.json.\n");
    let config = project.read("routewise.json");
    assert!(config.contains("// \"target\": \"vercel\","), "{config}");
    assert_eq!(project.run(&["check"]).status, 1, "it changes nothing");
    project.write("routewise.json", "{}");
    let again = project.run(&["init"]);
    assert_eq!(again.status, 2);
    assert_eq!(project.read("routewise.json"), "{}");
}

#[test]
fn the_schema_is_json_and_completions_are_a_script() {
    let project = Project::with(&[]);
    assert!(project.run(&["schema"]).json()["properties"]["target"].is_object());
    assert!(project.run(&["completions", "bash"]).stdout.contains("_routewise()"));
}
