//! `routewise target`.

use crate::project::Project;

const NEXT: (&str, &str) = ("package.json", r#"{ "name": "web", "dependencies": { "next": "16.0.0" } }"#);
const ROUTE: &str = "export const maxDuration = 500;\nexport const GET = () => Response.json([]);\n";

#[test]
fn a_host_is_told_with_its_evidence_and_its_limits() {
    let project = Project::with(&[
        NEXT,
        ("vercel.json", r#"{ "functions": { "app/api/slow/**": { "maxDuration": "max" } } }"#),
        ("app/api/report/route.ts", ROUTE),
        ("app/api/slow/route.ts", "export const GET = () => Response.json([]);\n"),
        ("app/api/plain/route.ts", "export const GET = () => Response.json([]);\n"),
    ]);
    let run = project.run(&["target"]);
    assert_eq!((run.status, &*run.stderr), (0, ""));
    assert!(run.stdout.starts_with(".: Vercel\n  known from          vercel.json\n"), "{}", run.stdout);
    for said in [
        "  time for a request  Hobby: 300 s\n",
        "Pro and Enterprise: 300 s unless set, 800 s at most;",
        "Hobby without Fluid compute: 10 s unless set, 60 s at most\n",
        "  Fluid compute       not said in a file",
        "  plan                not said; { \"plan\": \"hobby\" } in routewise.json picks the",
        "  request body        4.5 MB; ",
        "  files               /tmp, as long as the instance lives; read-only but for",
        "    /api/report       500 s, from maxDuration in this file; more than allowed on",
        "    /api/slow         as long as the plan allows, from \"app/api/slow/**\" in",
    ] {
        assert!(run.stdout.contains(said), "{said}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("/api/plain"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
}

#[test]
fn the_plan_and_fluid_compute_pick_what_is_shown() {
    let project = Project::with(&[
        NEXT,
        ("vercel.json", r#"{ "fluid": false }"#),
        ("routewise.json", r#"{ "plan": "pro" }"#),
        ("app/api/report/route.ts", ROUTE),
    ]);
    let text = project.run(&["target"]).stdout;
    assert!(
        text.contains("  time for a request  Pro without Fluid compute: 15 s unless set, 300 s at most\n")
    );
    assert!(!text.contains("Hobby"), "{text}");
    assert!(text.contains("  Fluid compute       off\n  plan                pro\n"), "{text}");
    assert!(text.contains("500 s, from maxDuration in this file; not more than 300 s"), "{text}");
    assert!(text.contains("  WebSockets          no; Fluid compute is off\n"), "{text}");
}

#[test]
fn an_unknown_host_says_what_that_means_and_how_to_set_it() {
    let project = Project::with(&[NEXT, ("app/api/report/route.ts", ROUTE)]);
    let text = project.run(&["target"]).stdout;
    assert!(text.starts_with(".: not known where it runs\n"), "{text}");
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "No file of the project says where it runs.",
        "reported at a lower level",
        "{ \"target\": \"vercel\" } in routewise.json, or --target vercel",
        "netlify, cloudflare",
    ] {
        assert!(said.contains(part), "{text}");
    }
    project.write("vercel.json", "{}");
    project.write("Dockerfile", "FROM node");
    let text = project.run(&["target"]).stdout;
    assert!(
        text.contains("  also seen           Vercel (vercel.json), a container (Dockerfile)\n"),
        "{text}"
    );
    assert!(text.contains("What was seen names more than one host."), "{text}");
    let text = project.run(&["target", "--target", "docker"]).stdout;
    assert!(
        text.starts_with(".: a container\n  known from          --target docker, Dockerfile\n"),
        "{text}"
    );
    assert!(text.contains("    /api/report       500 s, from maxDuration in this file; this host does not"));
    let run = project.run(&["target", "--target", "dokcer"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("did you mean docker?"), "{}", run.stderr);
}

#[test]
fn every_package_of_a_repository_that_serves_is_told_of() {
    let project = Project::with(&[
        ("package.json", r#"{ "workspaces": ["apps/*"] }"#),
        ("apps/web/package.json", NEXT.1),
        ("apps/web/vercel.json", "{}"),
        ("apps/web/app/api/a/route.ts", ROUTE),
        ("apps/api/package.json", r#"{ "dependencies": { "express": "5" } }"#),
        ("apps/api/compose.yaml", "services:\n  api:\n    build: .\n    scale: 3\n"),
        ("apps/api/index.ts", "export {}\n"),
        ("apps/ui/package.json", "{}"),
        ("apps/ui/index.ts", "export {}\n"),
    ]);
    let text = project.run(&["target"]).stdout;
    let heads: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    assert_eq!(heads, ["apps/api: a container", "apps/web: Vercel"]);
    assert!(text.contains("  instances           several (scale: 3 in compose.yaml)\n"), "{text}");
    let one = project.run(&["target", "apps/web/app"]).stdout;
    assert!(one.starts_with("apps/web: Vercel\n"), "{one}");
}

#[test]
fn json_has_the_source_and_date_of_every_figure() {
    let project = Project::with(&[
        NEXT,
        ("vercel.json", r#"{ "fluid": true }"#),
        ("Dockerfile.vercel", "FROM node"),
        ("routewise.json", r#"{ "target": "vercel" }"#),
        ("app/api/report/route.ts", ROUTE),
    ]);
    let json = project.run(&["target", "--format", "json"]).json();
    assert_eq!(json["schemaVersion"], 1);
    let package = &json["packages"][0];
    assert_eq!(
        (&package["path"], &package["target"], &package["name"]),
        (&".".into(), &"vercel".into(), &"web".into())
    );
    assert_eq!(package["evidence"][0]["text"], "\"target\" in routewise.json");
    assert_eq!(package["evidence"][0]["path"], "routewise.json");
    assert_eq!(package["also"][0]["target"], "vercel-container");
    let limits = package["limits"].as_object().unwrap();
    let rows = limits["duration"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "Fluid compute is on");
    let figures = limits.values().filter(|value| value.is_object());
    for figure in figures.chain(rows).chain(package["more"].as_array().unwrap()) {
        assert!(figure["source"].is_string() && figure["date"].is_string(), "{figure}");
    }
    assert_eq!(limits["requestBody"]["value"], 4_500_000);
    let route = &package["routes"][0];
    assert_eq!((&route["route"], &route["maxDuration"]), (&"/api/report".into(), &500.into()));
    assert_eq!(route["tooSmall"][0]["plan"], "Hobby");
}
