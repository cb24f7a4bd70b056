//! Signs of a target among the files of a folder.

use std::path::Path;

use routewise_analysis::package::Evidence;
use routewise_analysis::path::FilePath;

use super::{Sign, scripts};
use crate::ask::{self, Which};
use crate::folders::Folder;
use crate::paths::{child, is_dir, is_file, read_small, relative};
use crate::yaml::{self, Leaf};

/// Packages that only make sense on Vercel. `@vercel/analytics`, `@vercel/og` and `@vercel/speed-insights`
/// run anywhere.
const VERCEL_PACKAGES: [&str; 6] = [
    "@vercel/functions",
    "@vercel/postgres",
    "@vercel/kv",
    "@vercel/blob",
    "@vercel/edge-config",
    "@vercel/cron",
];

/// Packages that build for one host, whatever other files there are.
const BUILD_PACKAGES: [(&str, &str); 5] = [
    ("@netlify/plugin-nextjs", "netlify"),
    ("@opennextjs/cloudflare", "cloudflare"),
    ("@cloudflare/next-on-pages", "cloudflare"),
    ("@opennextjs/aws", "aws-lambda"),
    ("open-next", "aws-lambda"),
];

/// How much a file says of a package.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Of the packages below as well: the platform builds the repository.
    Below,
    /// Of its own folder only, unless its text names the package.
    Named,
}

/// A file whose presence is a sign, given that its text passes a test.
struct Row {
    id: &'static str,
    reach: Reach,
    names: &'static [&'static str],
    says: fn(&str) -> bool,
}

const fn row(id: &'static str, reach: Reach, names: &'static [&'static str], says: fn(&str) -> bool) -> Row {
    Row { id, reach, names, says }
}

fn anything(_: &str) -> bool {
    true
}

fn runs_javascript(dockerfile: &str) -> bool {
    words(dockerfile).any(|word| matches!(word, "node" | "npm" | "pnpm" | "yarn" | "bun" | "next" | "npx"))
}

fn deploys_to_cloud_run(text: &str) -> bool {
    let has = |wanted: &str| words(text).any(|word| word == wanted);
    has("run") && has("deploy")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
}

fn says_either(text: &str, either: &[&str]) -> bool {
    either.iter().any(|wanted| text.contains(wanted))
}

/// In the order in which the evidence is listed: the most explicit first.
const ROWS: &[Row] = &[
    row("vercel-container", Reach::Named, &["Dockerfile.vercel", "Containerfile.vercel"], anything),
    row(
        "vercel",
        Reach::Below,
        &[
            "vercel.json",
            "vercel.toml",
            "vercel.ts",
            "vercel.mts",
            "vercel.js",
            "vercel.mjs",
            "vercel.cjs",
            ".vercel/project.json",
        ],
        anything,
    ),
    row("netlify", Reach::Below, &["netlify.toml", ".netlify/", "netlify/functions/"], anything),
    row("cloudflare", Reach::Named, &["wrangler.toml", "wrangler.json", "wrangler.jsonc"], anything),
    row("cloudflare", Reach::Named, &["open-next.config.ts"], |text| text.contains("@opennextjs/cloudflare")),
    row("aws-lambda", Reach::Named, &["open-next.config.ts"], |text| {
        // With the wrapper `node` it makes a server of its own.
        says_either(text, &["@opennextjs/aws", "open-next/"])
            && !says_either(text, &["@opennextjs/cloudflare", "'node'", "\"node\""])
    }),
    row("aws-lambda", Reach::Below, &["sst.config.ts"], |text| {
        says_either(text, &["Nextjs", "NextjsSite", ".Function(", "ApiGateway", "Api("])
    }),
    row("docker", Reach::Named, &["sst.config.ts"], |text| {
        text.contains(".Service(") && !text.contains("Nextjs")
    }),
    row("aws-lambda", Reach::Named, &["serverless.yml", "serverless.yaml"], |text| {
        words(text).any(|word| word == "aws")
    }),
    row("aws-lambda", Reach::Named, &["template.yaml", "template.yml"], |text| {
        text.contains("AWS::Serverless") || text.contains("AWS::Lambda")
    }),
    // What else is in `amplify/` are resources such as the users of Cognito, which an application anywhere can use.
    row("amplify", Reach::Below, &["amplify.yml", "customHttp.yml"], anything),
    row("amplify", Reach::Named, &["amplify/backend/hosting/amplifyhosting/"], anything),
    row("firebase", Reach::Below, &["firebase.json"], |text| {
        says_either(text, &["\"hosting\"", "\"apphosting\""])
    }),
    row("cloud-run", Reach::Named, &["service.yaml"], |text| text.contains("serving.knative.dev")),
    row("cloud-run", Reach::Named, &["cloudbuild.yaml", "cloudbuild.yml"], deploys_to_cloud_run),
    row("azure-swa", Reach::Named, &["staticwebapp.config.json"], anything),
    row("fly", Reach::Named, &["fly.toml"], anything),
    row("render", Reach::Named, &["render.yaml"], anything),
    row("railway", Reach::Named, &["railway.json", "railway.toml", ".railway/railway.ts"], anything),
    row("docker", Reach::Named, &["Dockerfile", "Containerfile"], runs_javascript),
    row("docker", Reach::Named, &["Chart.yaml"], anything),
    row(
        "node",
        Reach::Named,
        &[
            "nixpacks.toml",
            "railpack.json",
            "Procfile",
            "ecosystem.config.js",
            "ecosystem.config.cjs",
            "ecosystem.config.mjs",
            "ecosystem.config.ts",
        ],
        anything,
    ),
    row("node", Reach::Named, &["app.yaml"], |text| text.contains("runtime: nodejs")),
];

/// The signs in `at`, the folder of a package or one above it, of where `package` runs.
pub(super) fn signs(at: &Folder, package: &Folder) -> Vec<Sign> {
    let own = at.path == package.path;
    let mut signs: Vec<Sign> = Vec::new();
    let seen = |path: &FilePath| Evidence { text: relative(&package.path, path), path: Some(path.clone()) };
    for row in ROWS {
        for name in row.names {
            let path = at.path.join(name);
            let there = if name.ends_with('/') { is_dir(&path) } else { is_file(&path) };
            if !there {
                continue;
            }
            let text = read_small(&path).unwrap_or_default();
            if (row.says)(&text) && (own || row.reach == Reach::Below || names(&text, at, package)) {
                signs.push(Sign { id: row.id, evidence: seen(&path) });
            }
        }
    }
    for (id, path) in listed(&at.path) {
        let text = || read_small(&path).unwrap_or_default();
        let counts = match id {
            "docker" => text().contains("kind: Deployment"),
            "azure-swa" => text().contains("Azure/static-web-apps-deploy"),
            _ => true,
        };
        if counts && (own || id == "firebase" || names(&text(), at, package)) {
            signs.push(Sign { id, evidence: seen(&path) });
        }
    }
    signs.extend(composed(at, package).map(|path| Sign { id: "docker", evidence: seen(&path) }));
    if let Some(manifest) = &at.manifest {
        let path = child(&at.path, "package.json");
        for (name, id) in BUILD_PACKAGES.into_iter().filter(|(name, _)| own && manifest.depends_on(name)) {
            let text = format!("\"{name}\" in package.json");
            signs.push(Sign { id, evidence: Evidence { text, path: Some(path.clone()) } });
        }
        if own && (scripts::runs(manifest, "vercel") || scripts::runs(manifest, "vc")) {
            let text = "a script of package.json that runs vercel".to_owned();
            signs.push(Sign { id: "vercel", evidence: Evidence { text, path: Some(path) } });
        }
    }
    signs
}

/// Signs that count where there is no other.
pub(super) fn weak(folder: &Folder) -> Vec<Sign> {
    let Some(manifest) = &folder.manifest else { return Vec::new() };
    let mut signs = Vec::new();
    for name in VERCEL_PACKAGES.into_iter().filter(|name| manifest.depends_on(name)) {
        let text = format!("\"{name}\" in package.json");
        let path = Some(child(&folder.path, "package.json"));
        signs.push(Sign { id: "vercel", evidence: Evidence { text, path } });
    }
    let cdk = child(&folder.path, "cdk.json");
    if is_file(&cdk) {
        signs.push(Sign {
            id: "aws-lambda",
            evidence: Evidence { text: "cdk.json".to_owned(), path: Some(cdk) },
        });
    }
    signs
}

/// Folders whose files of YAML may say where a project runs, and where they say it.
const LISTED: [(&str, &str); 6] = [
    (FOLDERS[0], "azure-swa"),
    (FOLDERS[1], "docker"),
    (FOLDERS[2], "docker"),
    (FOLDERS[3], "docker"),
    (FOLDERS[4], "docker"),
    (FOLDERS[5], "docker"),
];

/// Folders whose files of YAML may say where a project runs: workflows, then Kubernetes manifests.
pub(crate) const FOLDERS: [&str; 6] =
    [".github/workflows", "k8s", "kubernetes", ".k8s", "manifests", "deploy/k8s"];

/// Files whose names vary: `apphosting.*.yaml`, workflows, Kubernetes manifests.
fn listed(folder: &FilePath) -> Vec<(&'static str, FilePath)> {
    let mut found = Vec::new();
    for name in yaml_in(folder) {
        if name.starts_with("apphosting.") {
            found.push(("firebase", child(folder, &name)));
        }
    }
    for (inside, id) in LISTED {
        let inside = folder.join(inside);
        for name in yaml_in(&inside) {
            found.push((id, child(&inside, &name)));
        }
    }
    found
}

/// The names of files of YAML in a folder.
fn yaml_in(folder: &FilePath) -> Vec<String> {
    let entries = ask::entries(Path::new(folder.as_str()), Which::Yaml).unwrap_or_default();
    entries.into_iter().map(|entry| entry.name).collect()
}

/// The compose file that builds the package; one that only starts a database for development says nothing.
fn composed(at: &Folder, package: &Folder) -> Option<FilePath> {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    let path = names.iter().map(|name| child(&at.path, name)).find(is_file)?;
    let leaves = yaml::leaves(&read_small(&path)?);
    (!services(&leaves, &at.path, &package.path).is_empty()).then_some(path)
}

/// The services of a compose file in `at` that are built from the folder of a package.
pub(super) fn services<'l>(leaves: &'l [Leaf], at: &FilePath, package: &FilePath) -> Vec<&'l str> {
    let mut found: Vec<&str> = Vec::new();
    for leaf in leaves {
        let [first, service, rest @ ..] = &leaf.path[..] else { continue };
        let place = match rest.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["build"] | ["build", "context"] => Some(at.join(&leaf.value)),
            ["build", "dockerfile"] => at.join(&leaf.value).parent(),
            _ => None,
        };
        if first == "services" && place.as_ref() == Some(package) && !found.contains(&service.as_str()) {
            found.push(service);
        }
    }
    found
}

/// Whether a file further up speaks of the package: by its folder, or by its name where a tool is told to
/// pick it.
fn names(text: &str, at: &Folder, package: &Folder) -> bool {
    /// What stands before a package's name when a tool is told to pick it.
    const PICKED: [&str; 8] =
        ["--filter=", "--filter ", "--scope=", "prune ", "--workspace=", "--workspace ", "-w ", "-F "];
    let Some(inside) = package.path.strip(&at.path) else { return false };
    let ends = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    let by_folder = text.match_indices(inside).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + inside.len()..].chars().next();
        // A single segment is a word like any other; as a folder it has a slash beside it.
        let folder = inside.contains('/') || before == Some('/') || after == Some('/');
        folder && ends(before) && ends(after)
    });
    let name = package.manifest.as_ref().and_then(|manifest| manifest.name.as_deref());
    let by_name = |name: &str| {
        PICKED.iter().any(|word| {
            text.match_indices(&format!("{word}{name}"))
                .any(|(start, found)| ends(text[start + found.len()..].chars().next()))
        })
    };
    by_folder || name.is_some_and(by_name)
}
