//! Where packages run.

use super::Fixture;

const NEXT: (&str, &str) = ("package.json", r#"{"dependencies":{"next":"16.0.0"}}"#);
const APP: (&str, &str) = ("app/", "");

/// Id, evidence, and what else is proven, as texts.
fn target(files: &[(&str, &str)], file: &str) -> (String, Vec<String>, Vec<String>) {
    let fixture = Fixture::new(files);
    let target = fixture.open().package_of(&fixture.path(file)).target.clone();
    (
        target.id.to_string(),
        target.evidence.into_iter().map(|evidence| evidence.text).collect(),
        target.also.into_iter().map(|(id, evidence)| format!("{id}: {}", evidence.text)).collect(),
    )
}

fn alone(id: &str, evidence: &str) -> (String, Vec<String>, Vec<String>) {
    (id.to_owned(), vec![evidence.to_owned()], Vec::new())
}

fn unknown(also: &[&str]) -> (String, Vec<String>, Vec<String>) {
    ("unknown".to_owned(), Vec::new(), also.iter().map(ToString::to_string).collect())
}

#[test]
fn every_file_that_proves_a_target_does() {
    for (name, text, id) in [
        ("vercel.json", "{}", "vercel"),
        ("vercel.ts", "", "vercel"),
        ("vercel.toml", "", "vercel"),
        (".vercel/project.json", "{}", "vercel"),
        ("Dockerfile.vercel", "FROM node", "vercel-container"),
        ("Containerfile.vercel", "FROM node", "vercel-container"),
        ("netlify.toml", "", "netlify"),
        ("wrangler.toml", "", "cloudflare"),
        ("wrangler.jsonc", "{}", "cloudflare"),
        (
            "open-next.config.ts",
            "import { defineCloudflareConfig } from '@opennextjs/cloudflare';",
            "cloudflare",
        ),
        ("open-next.config.ts", "import type { C } from '@opennextjs/aws/types/open-next.js';", "aws-lambda"),
        ("sst.config.ts", "new sst.aws.Nextjs(\"Web\")", "aws-lambda"),
        ("sst.config.ts", "new sst.aws.Service(\"Web\")", "docker"),
        ("serverless.yml", "provider:\n  name: aws\n", "aws-lambda"),
        ("template.yaml", "Transform: AWS::Serverless-2016-10-31", "aws-lambda"),
        ("amplify.yml", "", "amplify"),
        ("customHttp.yml", "", "amplify"),
        ("apphosting.yaml", "", "firebase"),
        ("apphosting.staging.yaml", "", "firebase"),
        ("firebase.json", r#"{"hosting":{"source":"."}}"#, "firebase"),
        ("service.yaml", "apiVersion: serving.knative.dev/v1", "cloud-run"),
        ("cloudbuild.yaml", "args: ['run', 'deploy', 'web']", "cloud-run"),
        ("app.yaml", "runtime: nodejs22", "node"),
        ("staticwebapp.config.json", "{}", "azure-swa"),
        (".github/workflows/swa.yml", "uses: Azure/static-web-apps-deploy@v1", "azure-swa"),
        ("fly.toml", "", "fly"),
        ("render.yaml", "", "render"),
        ("railway.json", "{}", "railway"),
        ("railway.toml", "", "railway"),
        (".railway/railway.ts", "", "railway"),
        ("nixpacks.toml", "", "node"),
        ("railpack.json", "{}", "node"),
        ("Procfile", "web: npm start", "node"),
        ("ecosystem.config.js", "", "node"),
        ("Dockerfile", "FROM node:22\nCMD [\"npm\", \"start\"]", "docker"),
        ("Containerfile", "FROM node:22", "docker"),
        ("compose.yaml", "services:\n  web:\n    build: .\n", "docker"),
        ("docker-compose.yml", "services:\n  web:\n    build:\n      context: .\n", "docker"),
        ("k8s/web.yaml", "kind: Deployment", "docker"),
        ("deploy/k8s/web.yml", "kind: Deployment", "docker"),
        ("Chart.yaml", "", "docker"),
    ] {
        assert_eq!(target(&[NEXT, APP, (name, text)], "a.ts"), alone(id, name), "{name}");
    }
    let hosted = ("amplify/backend/hosting/amplifyhosting/amplifyhosting-template.json", "{}");
    let folder = "amplify/backend/hosting/amplifyhosting";
    assert_eq!(target(&[NEXT, APP, hosted], "a.ts"), alone("amplify", folder));
}

#[test]
fn files_that_look_like_it_and_prove_nothing_do_not() {
    for (name, text) in [
        ("Dockerfile", "FROM postgres:17"),
        ("compose.yaml", "services:\n  db:\n    image: postgres:17\n"),
        ("firebase.json", r#"{"firestore":{}}"#),
        ("service.yaml", "kind: Service"),
        ("cloudbuild.yaml", "args: ['build', '-t', 'x', '.']"),
        ("app.yaml", "runtime: python313"),
        ("template.yaml", "name: issue"),
        ("serverless.yml", "provider:\n  name: azure\n"),
        ("k8s/config.yaml", "kind: ConfigMap"),
        ("open-next.config.ts", "import '@opennextjs/aws'; const wrapper = 'node';"),
        (".github/workflows/test.yml", "run: npm test"),
        ("amplify/backend.ts", "import { defineBackend } from '@aws-amplify/backend';"),
        ("amplify/backend/auth/users/cli-inputs.json", "{}"),
    ] {
        assert_eq!(target(&[NEXT, APP, (name, text)], "a.ts"), unknown(&[]), "{name}");
    }
    assert_eq!(target(&[NEXT, APP], "a.ts"), unknown(&[]));
}

#[test]
fn packages_and_scripts_that_belong_to_one_host_prove_it() {
    for (manifest, id, evidence) in [
        (
            r#"{"dependencies":{"next":"16","@netlify/plugin-nextjs":"5"}}"#,
            "netlify",
            "\"@netlify/plugin-nextjs\" in package.json",
        ),
        (
            r#"{"dependencies":{"next":"16","@opennextjs/cloudflare":"1"}}"#,
            "cloudflare",
            "\"@opennextjs/cloudflare\" in package.json",
        ),
        (
            r#"{"dependencies":{"next":"16","@opennextjs/aws":"3"}}"#,
            "aws-lambda",
            "\"@opennextjs/aws\" in package.json",
        ),
        (r#"{"dependencies":{"next":"16","@vercel/kv":"3"}}"#, "vercel", "\"@vercel/kv\" in package.json"),
        (
            r#"{"dependencies":{"next":"16"},"scripts":{"deploy":"vercel --prod"}}"#,
            "vercel",
            "a script of package.json that runs vercel",
        ),
    ] {
        assert_eq!(target(&[("package.json", manifest), APP], "a.ts"), alone(id, evidence));
    }
    let runs_anywhere = r#"{"dependencies":{"next":"16","@vercel/analytics":"1","@vercel/og":"1","@vercel/speed-insights":"1"}}"#;
    assert_eq!(target(&[("package.json", runs_anywhere), APP], "a.ts"), unknown(&[]));
}

#[test]
fn weak_evidence_does_not_count_beside_any_other() {
    let manifest = r#"{"dependencies":{"next":"16","@vercel/blob":"1"}}"#;
    assert_eq!(
        target(&[("package.json", manifest), APP, ("fly.toml", "")], "a.ts"),
        alone("fly", "fly.toml")
    );
    let cdk = target(&[NEXT, APP, ("cdk.json", "{}")], "a.ts");
    assert_eq!(cdk, alone("aws-lambda", "cdk.json"));
}

#[test]
fn a_container_is_what_a_host_of_containers_runs() {
    let (id, evidence, also) = target(&[NEXT, APP, ("fly.toml", ""), ("Dockerfile", "FROM node")], "a.ts");
    assert_eq!(
        (id.as_str(), evidence, also),
        ("fly", vec!["fly.toml".to_owned()], vec!["docker: Dockerfile".to_owned()])
    );
    let standalone = ("next.config.js", "module.exports = { output: 'standalone' }");
    let (id, _, also) = target(&[NEXT, APP, standalone, ("Dockerfile", "FROM node")], "a.ts");
    assert_eq!(
        (id.as_str(), also),
        ("docker", vec!["node: output: \"standalone\" in next.config.js".to_owned()])
    );
    let (id, _, _) = target(&[NEXT, APP, ("vercel.json", "{}"), ("Dockerfile.vercel", "FROM node")], "a.ts");
    assert_eq!(id, "vercel-container");
}

#[test]
fn evidence_that_disagrees_is_all_shown_and_proves_nothing() {
    assert_eq!(
        target(&[NEXT, APP, ("vercel.json", "{}"), ("Dockerfile", "FROM node")], "a.ts"),
        unknown(&["vercel: vercel.json", "docker: Dockerfile"])
    );
    assert_eq!(
        target(&[NEXT, APP, ("vercel.json", "{}"), ("netlify.toml", "")], "a.ts"),
        unknown(&["vercel: vercel.json", "netlify: netlify.toml"])
    );
    let standalone = ("next.config.js", "module.exports = { output: 'standalone' }");
    assert_eq!(
        target(&[NEXT, APP, standalone, ("vercel.json", "{}")], "a.ts"),
        unknown(&["vercel: vercel.json", "node: output: \"standalone\" in next.config.js"])
    );
}

#[test]
fn the_output_of_next_decides_where_it_is_literal() {
    let config = |output: &'static str| ("next.config.ts", output);
    assert_eq!(
        target(&[NEXT, APP, config("export default { output: 'standalone' }")], "a.ts"),
        alone("node", "output: \"standalone\" in next.config.ts")
    );
    let (id, evidence, also) =
        target(&[NEXT, APP, config("export default { output: 'export' }"), ("vercel.json", "{}")], "a.ts");
    assert_eq!(
        (id.as_str(), evidence, also),
        (
            "static-export",
            vec!["output: \"export\" in next.config.ts".to_owned()],
            vec!["vercel: vercel.json".to_owned()]
        )
    );
    let dynamic = config("export default { output: process.env.OUT }");
    assert_eq!(target(&[NEXT, APP, dynamic], "a.ts"), unknown(&[]));
}

#[test]
fn an_adapter_names_its_host_and_a_local_one_does_not() {
    let config = |adapter: &str| format!("export default {{ adapterPath: require.resolve('{adapter}') }}");
    for (adapter, id) in [("@next-community/adapter-vercel", "vercel"), ("adapter-bun", "node")] {
        assert_eq!(
            target(&[NEXT, APP, ("next.config.ts", &config(adapter))], "a.ts"),
            alone(id, &format!("adapterPath: \"{adapter}\" in next.config.ts"))
        );
    }
    assert_eq!(
        target(&[NEXT, APP, ("next.config.ts", &config("./vercel-adapter.js"))], "a.ts"),
        unknown(&[])
    );
}

#[test]
fn what_somebody_set_wins_and_the_files_are_told_of() {
    let set = ("routewise.json", r#"{ "target": "docker" }"#);
    let files = [NEXT, APP, set, ("vercel.json", "{}"), ("Dockerfile", "FROM node")];
    let (id, evidence, also) = target(&files, "a.ts");
    assert_eq!(
        (id.as_str(), evidence, also),
        (
            "docker",
            vec!["\"target\" in routewise.json".to_owned(), "Dockerfile".to_owned()],
            vec!["vercel: vercel.json".to_owned()]
        )
    );
}

#[test]
fn a_custom_server_is_a_process() {
    let manifest =
        r#"{"dependencies":{"next":"16"},"scripts":{"start":"NODE_ENV=production node dist/server.js"}}"#;
    let server = "import next from 'next';\nconst app = next({ dev: false });\napp.getRequestHandler();";
    assert_eq!(
        target(&[("package.json", manifest), APP, ("server.ts", server)], "a.ts"),
        alone("node", "\"start\": \"NODE_ENV=production node dist/server.js\" in package.json")
    );
    assert_eq!(target(&[("package.json", manifest), APP, ("server.ts", "listen()")], "a.ts"), unknown(&[]));
    let plain = r#"{"dependencies":{"next":"16"},"scripts":{"start":"next start"}}"#;
    assert_eq!(target(&[("package.json", plain), APP], "a.ts"), unknown(&[]));
}

#[test]
fn an_express_package_that_starts_a_file_is_a_process() {
    let manifest = r#"{"dependencies":{"express":"5"},"scripts":{"start":"node dist/index.js"}}"#;
    let evidence = "\"start\": \"node dist/index.js\" in package.json";
    assert_eq!(target(&[("package.json", manifest)], "a.ts"), alone("express", evidence));
    assert_eq!(
        target(&[("package.json", manifest), ("vercel.json", "{}")], "a.ts"),
        alone("vercel", "vercel.json")
    );
    let wrapped = r#"{"dependencies":{"express":"5","serverless-http":"3"},"scripts":{"start":"node a.js"}}"#;
    assert_eq!(target(&[("package.json", wrapped)], "a.ts"), unknown(&[]));
    let other = r#"{"dependencies":{"express":"5"},"scripts":{"start":"react-scripts start"}}"#;
    assert_eq!(target(&[("package.json", other)], "a.ts"), unknown(&[]));
    let (id, _, also) =
        target(&[("package.json", "{}"), ("vercel.json", "{}"), ("api/package.json", manifest)], "api/a.ts");
    assert_eq!((id.as_str(), also), ("express", vec!["vercel: ../vercel.json".to_owned()]));
}

#[test]
fn a_package_without_evidence_of_its_own_has_that_of_the_root() {
    let root = ("package.json", r#"{"workspaces":["apps/*"]}"#);
    let web = ("apps/web/package.json", r#"{"name":"web","dependencies":{"next":"16"}}"#);
    let app = ("apps/web/app/", "");
    assert_eq!(
        target(&[root, web, app, ("vercel.json", "{}")], "apps/web/a.ts"),
        alone("vercel", "../../vercel.json")
    );
    assert_eq!(
        target(&[root, web, app, ("vercel.json", "{}"), ("apps/web/fly.toml", "")], "apps/web/a.ts"),
        alone("fly", "fly.toml")
    );
}

#[test]
fn a_container_at_the_root_counts_for_the_package_it_names() {
    let root = ("package.json", r#"{"workspaces":["apps/*"]}"#);
    let web = ("apps/web/package.json", r#"{"name":"@acme/web","dependencies":{"next":"16"}}"#);
    let app = ("apps/web/app/", "");
    for (dockerfile, named) in [
        ("FROM node\nCOPY apps/web ./\n", true),
        ("FROM node\nCMD [\"node\", \"/app/apps/web/server.js\"]", true),
        ("FROM node\nRUN pnpm --filter=@acme/web build", true),
        ("FROM node\nRUN turbo prune @acme/web --docker", true),
        ("FROM node\nCOPY apps/api ./\n", false),
        ("FROM node\nCOPY apps/web-admin ./\n", false),
        ("FROM node\nRUN pnpm --filter=@acme/web-admin build", false),
    ] {
        let wanted = if named { alone("docker", "../../Dockerfile") } else { unknown(&[]) };
        assert_eq!(
            target(&[root, web, app, ("Dockerfile", dockerfile)], "apps/web/a.ts"),
            wanted,
            "{dockerfile}"
        );
    }
    let compose = "services:\n  web:\n    build:\n      context: .\n      dockerfile: apps/web/Dockerfile\n";
    assert_eq!(
        target(&[root, web, app, ("compose.yaml", compose)], "apps/web/a.ts"),
        alone("docker", "../../compose.yaml")
    );
}
