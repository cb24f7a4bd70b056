//! What files say of a package beside its host.

use routewise_analysis::package::{Instances, Package};

use super::Fixture;
use crate::{Impact, Options};

const NEXT: (&str, &str) = ("package.json", r#"{"dependencies":{"next":"16.0.0"}}"#);
const APP: (&str, &str) = ("app/", "");

fn package(files: &[(&str, &str)]) -> Package {
    let fixture = Fixture::new(files);
    Package::clone(&fixture.open().package_of(&fixture.path("x.ts")))
}

fn instances(files: &[(&str, &str)]) -> Option<(Instances, String)> {
    package(&[&[NEXT, APP], files].concat()).instances.map(|(instances, evidence)| (instances, evidence.text))
}

#[test]
fn a_disk_that_outlives_the_container_is_seen() {
    let docker = ("Dockerfile", "FROM node\nCMD npm start\n");
    let keeps = |files: &[(&str, &str)]| package(&[&[NEXT, APP, docker], files].concat()).keeps_files;
    assert!(!keeps(&[]));
    for (file, text, mounted) in [
        ("compose.yaml", "services:\n  web:\n    build: .\n    volumes:\n      - data:/app/data\n", true),
        (
            "compose.yaml",
            "services:\n  web:\n    build: .\n    volumes:\n      - type: volume\n        source: data\n",
            true,
        ),
        (
            "compose.yaml",
            "services:\n  web:\n    build: .\n  db:\n    image: pg\n    volumes:\n      - data:/data\n",
            false,
        ),
        ("Dockerfile", "FROM node\nVOLUME /app/data\n", true),
        ("fly.toml", "[mounts]\nsource = \"data\"\ndestination = \"/data\"\n", true),
        ("fly.toml", "[http_service]\nmin_machines_running = 2\n", false),
    ] {
        assert_eq!(keeps(&[(file, text)]), mounted, "{file}: {text}");
    }
}

#[test]
fn the_number_of_processes_is_read_where_it_is_written() {
    let dockerfile = ("Dockerfile", "FROM node");
    for (file, text, count) in [
        (
            "compose.yaml",
            "services:\n  db:\n    image: pg\n    scale: 7\n  web:\n    build: .\n    deploy:\n      replicas: 3\n",
            "replicas: 3",
        ),
        ("docker-compose.yml", "services:\n  web:\n    build:\n      context: .\n    scale: 2\n", "scale: 2"),
        ("fly.toml", "[http_service]\nmin_machines_running = 2\n", "min_machines_running: 2"),
        ("railway.json", r#"{"deploy":{"numReplicas":4}}"#, "numReplicas: 4"),
        (
            "railway.toml",
            "[deploy.multiRegionConfig.us]\nnumReplicas = 1\n[deploy.multiRegionConfig.eu]\nnumReplicas = 1\n",
            "numReplicas: 2",
        ),
        ("render.yaml", "services:\n  - type: web\n    numInstances: 2\n", "numInstances: 2"),
        (
            "render.yaml",
            "services:\n- type: web\n  scaling:\n    minInstances: 1\n    maxInstances: 3\n",
            "maxInstances: 3",
        ),
        ("k8s/web.yaml", "kind: Deployment\nspec:\n  replicas: 2\n", "replicas: 2"),
        ("ecosystem.config.js", "module.exports = { apps: [{ script: 'a', instances: 4 }] }", "instances: 4"),
        (
            "ecosystem.config.cjs",
            "module.exports = { apps: [{ instances: 'max', exec_mode: 'cluster' }] }",
            "instances: \"max\"",
        ),
    ] {
        let evidence = format!("{count} in {file}");
        assert_eq!(instances(&[(file, text)]), Some((Instances::Several, evidence)), "{file}");
    }
    for (file, text, count) in [
        ("compose.yaml", "services:\n  web:\n    build: .\n    deploy:\n      replicas: 1\n", "replicas: 1"),
        ("apphosting.yaml", "runConfig:\n  maxInstances: 1\n", "maxInstances: 1"),
        (
            "service.yaml",
            "apiVersion: serving.knative.dev/v1\nspec:\n  template:\n    metadata:\n      annotations:\n        \
             autoscaling.knative.dev/maxScale: '1'\n",
            "autoscaling.knative.dev/maxScale: 1",
        ),
        ("app.yaml", "runtime: nodejs22\nmanual_scaling:\n  instances: 1\n", "instances: 1"),
    ] {
        let evidence = format!("{count} in {file}");
        assert_eq!(instances(&[(file, text)]), Some((Instances::One, evidence)), "{file}");
    }
    let k8s = ("k8s/web.yaml", "kind: Deployment\nspec:\n  replicas: 2\n");
    assert_eq!(instances(&[dockerfile, k8s]).unwrap().0, Instances::Several);
}

#[test]
fn what_is_not_written_or_contradicted_is_not_known() {
    for (file, text) in [
        ("fly.toml", "[http_service]\nmin_machines_running = 1\n"),
        ("fly.toml", "broken = ["),
        ("render.yaml", "services:\n- rootDir: api\n  numInstances: 3\n"),
        ("compose.yaml", "services:\n  web:\n    build: .\n  db:\n    scale: 3\n"),
        ("k8s/web.yaml", "kind: Deployment\nspec:\n  replicas: {{ .Values.replicas }}\n"),
        (
            "k8s/web.yaml",
            "kind: Deployment\nspec:\n  replicas: 1\n---\nkind: Deployment\nspec:\n  replicas: 3\n",
        ),
        ("ecosystem.config.js", "module.exports = { apps: [{ instances: process.env.N }] }"),
        ("ecosystem.config.js", "module.exports = { apps: [{ instances: 4 }, { script: 'b' }] }"),
        ("vercel.json", "{}"),
    ] {
        assert_eq!(instances(&[(file, text)]), None, "{text}");
    }
    let compose = ("compose.yaml", "services:\n  web:\n    build: .\n    scale: 1\n");
    let k8s = ("k8s/web.yaml", "kind: Deployment\nspec:\n  replicas: 2\n");
    assert_eq!(instances(&[compose, k8s]), None);
    assert_eq!(instances(&[compose, ("vercel.json", "{}")]), None, "the target is not known");
}

#[test]
fn opennext_streams_with_the_wrapper_that_does() {
    let streams = |config: &str| {
        let text = format!("import type {{ O }} from '@opennextjs/aws/types';\nexport default {config}");
        let package = package(&[NEXT, APP, ("open-next.config.ts", &text)]);
        package.streaming.map(|(streams, evidence)| (streams, evidence.text))
    };
    assert_eq!(
        streams("{ default: { override: { wrapper: 'aws-lambda-streaming' } } } satisfies O"),
        Some((true, "wrapper: \"aws-lambda-streaming\" in open-next.config.ts".to_owned()))
    );
    let none = Some((false, "no wrapper that streams in open-next.config.ts".to_owned()));
    assert_eq!(streams("{ default: {} }"), none);
    assert_eq!(streams("{ default: { override: { wrapper: pick() } } }"), None);
    assert_eq!(streams("{ default: {}, functions: { a: {} } }"), None);
    assert_eq!(streams("{ ...base }"), None);
    assert_eq!(package(&[NEXT, APP, ("vercel.json", "{}")]).streaming, None);
}

#[test]
fn the_plan_is_that_of_the_nearest_configuration_and_the_editor_wins() {
    let fixture = Fixture::new(&[NEXT, ("routewise.json", r#"{ "plan": "hobby" }"#)]);
    let package = fixture.open().package_of(&fixture.path("x.ts"));
    assert_eq!(package.plan.as_deref(), Some("hobby"));
    let settings = crate::config::Config { plan: Some("pro".to_owned()), ..Default::default() };
    let options = Options { settings: Some(settings), ..Options::default() };
    let package = fixture.open_with(&options).0.package_of(&fixture.path("x.ts"));
    assert_eq!(package.plan.as_deref(), Some("pro"));
}

#[test]
fn a_change_of_the_custom_server_counts_where_it_changes_the_answer() {
    let manifest =
        r#"{"dependencies":{"next":"16"},"scripts":{"start":"node server.js","dev":"node dev.js"}}"#;
    let code = "const next = require('next');\nnext({}).getRequestHandler();";
    let fixture = Fixture::new(&[("package.json", manifest), APP, ("server.js", code), ("other.js", "")]);
    let workspace = fixture.open();
    let server = fixture.path("server.js");
    assert_eq!(workspace.package_of(&server).next.as_ref().unwrap().custom_server.as_ref(), Some(&server));
    assert_eq!(workspace.depends_on(&server), Impact::Source);
    fixture.write("server.js", "require('http').createServer().listen(3000);");
    assert_eq!(workspace.depends_on(&server), Impact::Configuration);
    let workspace = fixture.open();
    assert_eq!(workspace.depends_on(&server), Impact::Source);
    fixture.write("server.js", code);
    assert_eq!(workspace.depends_on(&server), Impact::Configuration);
    assert_eq!(workspace.depends_on(&fixture.path("other.js")), Impact::Source);
    for (file, impact) in [("k8s/web.yaml", Impact::Configuration), ("docs/web.yaml", Impact::None)] {
        assert_eq!(workspace.depends_on(&fixture.path(file)), impact, "{file}");
    }
}
