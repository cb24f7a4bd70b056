//! What files say of a package beyond its host: how many processes serve it, whether responses stream.

use routewise_analysis::package::{Evidence, Instances, Target};
use routewise_analysis::path::FilePath;
use serde_json::Value;

use super::{files, implies, scripts};
use crate::folders::Folder;
use crate::literal::{Literal, exported};
use crate::paths::{child, is_file, read_small, relative};
use crate::yaml::{self, Leaf};

/// How many processes serve the package, where a file that says where it runs, or its start script, says so.
/// Files that contradict each other say nothing.
pub(crate) fn instances(folder: &Folder, target: &Target) -> Option<(Instances, Evidence)> {
    if &*target.id == "unknown" {
        return None;
    }
    let in_files = telling(target).filter_map(|path| {
        let (instances, what) = of_file(path, folder)?;
        let text = format!("{what} in {}", relative(&folder.path, path));
        Some((instances, Evidence { text, path: Some(path.clone()) }))
    });
    let started = folder.manifest.as_deref().and_then(scripts::instances).map(|(instances, text)| {
        (instances, Evidence { text, path: Some(child(&folder.path, "package.json")) })
    });
    let said: Vec<_> = in_files.chain(started).collect();
    let first = said.first()?.0;
    said.iter().all(|(instances, _)| *instances == first).then(|| said[0].clone())
}

/// The files that say that the package runs where it runs.
pub(super) fn telling(target: &Target) -> impl Iterator<Item = &FilePath> {
    let expected = target.also.iter().filter(|(id, _)| implies(&target.id, id));
    let seen = target.evidence.iter().chain(expected.map(|(_, evidence)| evidence));
    seen.filter_map(|evidence| evidence.path.as_ref())
}

/// What one file says, and how it says it.
fn of_file(path: &FilePath, package: &Folder) -> Option<(Instances, String)> {
    let text = read_small(path)?;
    let name = path.file_name();
    let in_yaml = || yaml::leaves(&text);
    match name {
        "compose.yaml" | "compose.yml" | "docker-compose.yaml" | "docker-compose.yml" => {
            composed(&in_yaml(), path, package)
        }
        "fly.toml" => machines(&toml::from_str(&text).ok()?),
        "railway.toml" => railway(&toml::from_str(&text).ok()?),
        "railway.json" => railway(&serde_json::from_str(&text).ok()?),
        "render.yaml" => rendered(&in_yaml(), path, package),
        "app.yaml" => {
            let leaves = in_yaml();
            at(&leaves, &["manual_scaling", "instances"])
                .or_else(|| at(&leaves, &["automatic_scaling", "max_instances"]))
                .or_else(|| at(&leaves, &["automatic_scaling", "max_num_instances"]))
        }
        "service.yaml" => {
            let annotation = "autoscaling.knative.dev/maxScale";
            at(&in_yaml(), &["spec", "template", "metadata", "annotations", annotation])
        }
        _ if name.starts_with("apphosting.") => at(&in_yaml(), &["runConfig", "maxInstances"]),
        _ if name.starts_with("ecosystem.config.") => clustered(&exported(path, &text)),
        _ if matches!(path.extension(), "yaml" | "yml") => deployed(&in_yaml()),
        _ => None,
    }
}

fn counted(what: &str, count: u64) -> Option<(Instances, String)> {
    let instances = match count {
        0 => return None,
        1 => Instances::One,
        _ => Instances::Several,
    };
    Some((instances, format!("{what}: {count}")))
}

/// The number at one place of a file.
fn at(leaves: &[Leaf], keys: &[&str]) -> Option<(Instances, String)> {
    let leaf = leaves.iter().find(|leaf| leaf.is_at(keys))?;
    counted(keys.last()?, leaf.number()?)
}

/// `deploy.replicas` or `scale` of the service that is built from the package.
fn composed(leaves: &[Leaf], path: &FilePath, package: &Folder) -> Option<(Instances, String)> {
    let services = files::services(leaves, &path.parent()?, &package.path);
    let [service] = services[..] else { return None };
    at(leaves, &["services", service, "deploy", "replicas"])
        .or_else(|| at(leaves, &["services", service, "scale"]))
}

/// `min_machines_running` of a service. How many machines there are at most is not in the file.
fn machines(fly: &Value) -> Option<(Instances, String)> {
    let services = fly["services"].as_array().into_iter().flatten();
    let least = std::iter::once(&fly["http_service"])
        .chain(services)
        .filter_map(|service| service["min_machines_running"].as_u64())
        .max()?;
    counted("min_machines_running", least).filter(|_| least > 1)
}

/// `deploy.numReplicas`, or those of all regions together.
fn railway(railway: &Value) -> Option<(Instances, String)> {
    let deploy = &railway["deploy"];
    let regions = deploy["multiRegionConfig"].as_object();
    let by_region: Option<Vec<u64>> =
        regions.map(|regions| regions.values().filter_map(|region| region["numReplicas"].as_u64()).collect());
    let count = match by_region {
        Some(counts) if !counts.is_empty() => counts.iter().sum(),
        _ => deploy["numReplicas"].as_u64()?,
    };
    counted("numReplicas", count)
}

/// `numInstances` or `scaling.maxInstances` of the service that is built from the package: the one with its
/// folder as `rootDir`, or the only one.
fn rendered(leaves: &[Leaf], path: &FilePath, package: &Folder) -> Option<(Instances, String)> {
    let root = path.parent()?;
    let mut services: Vec<&[String]> =
        leaves.iter().filter(|leaf| leaf.path[0] == "services").map(|leaf| leaf.group(2)).collect();
    services.dedup();
    let of = |service: &[String]| -> Vec<Leaf> {
        leaves.iter().filter(|leaf| leaf.group(2) == service).cloned().collect()
    };
    let mine: Vec<Vec<Leaf>> = services
        .iter()
        .map(|service| of(service))
        .filter(|leaves| {
            let folder = leaves.iter().find(|leaf| leaf.is_at(&["services", "rootDir"]));
            folder.map_or(root.clone(), |leaf| root.join(&leaf.value)) == package.path
        })
        .collect();
    let [service] = &mine[..] else { return None };
    at(service, &["services", "scaling", "maxInstances"])
        .or_else(|| at(service, &["services", "numInstances"]))
}

/// `replicas` of the Deployments of a file, where all have as many; an autoscaler in it may make more.
fn deployed(leaves: &[Leaf]) -> Option<(Instances, String)> {
    if let Some(scaled) = at(leaves, &["spec", "maxReplicas"]) {
        return Some(scaled);
    }
    let deployments = leaves.iter().filter(|leaf| leaf.is_at(&["kind"]) && leaf.value == "Deployment");
    let counts: Vec<u64> = deployments
        .map(|deployment| {
            let replicas = leaves
                .iter()
                .find(|leaf| leaf.document == deployment.document && leaf.is_at(&["spec", "replicas"]));
            replicas.map_or(Some(0), Leaf::number)
        })
        .collect::<Option<_>>()?;
    let first = *counts.first()?;
    counts.iter().all(|count| *count == first).then(|| counted("replicas", first)).flatten()
}

/// `instances` of the apps of pm2, where all of them have one or all of them several.
fn clustered(ecosystem: &Literal) -> Option<(Instances, String)> {
    let mut said = ecosystem.get("apps").elements().iter().map(|app| {
        let instances = app.property("instances")?;
        match (instances.as_u64(), instances.as_str()) {
            (Some(1), _) | (_, Some("1")) => Some((Instances::One, "instances: 1".to_owned())),
            (Some(count), _) => Some((Instances::Several, format!("instances: {count}"))),
            (_, Some(word)) => Some((Instances::Several, format!("instances: \"{word}\""))),
            // `-1`: all processors but one; anything else has to be evaluated.
            _ => None,
        }
    });
    let first = said.next()??;
    said.all(|other| other.is_some_and(|other| other.0 == first.0)).then_some(first)
}

/// Whether responses stream where OpenNext builds for AWS Lambda: only with a wrapper that says so.
pub(crate) fn streaming(folder: &Folder, target: &Target) -> Option<(bool, Evidence)> {
    if &*target.id != "aws-lambda" {
        return None;
    }
    let path = folder.chain().map(|folder| child(&folder.path, "open-next.config.ts")).find(is_file);
    let Some(path) = path else {
        let manifest = folder.manifest.as_ref()?;
        let name = ["@opennextjs/aws", "open-next"].into_iter().find(|name| manifest.depends_on(name))?;
        let text = format!("\"{name}\" in package.json without open-next.config.ts");
        return Some((false, Evidence { text, path: Some(child(&folder.path, "package.json")) }));
    };
    let config = exported(&path, &read_small(&path)?);
    // Functions that are split off may have a wrapper of their own.
    let known = config.is_closed()
        && config.property("functions").is_none()
        && config.property("default").is_none_or(Literal::is_literal);
    let name = relative(&folder.path, &path);
    let (streams, text) = match config.get("default").get("override").property("wrapper") {
        Some(Literal::String(wrapper)) if wrapper == "aws-lambda-streaming" => {
            (true, format!("wrapper: \"{wrapper}\" in {name}"))
        }
        Some(Literal::String(wrapper)) if known && wrapper.starts_with("aws-lambda") => {
            (false, format!("wrapper: \"{wrapper}\" in {name}"))
        }
        None if known => (false, format!("no wrapper that streams in {name}")),
        _ => return None,
    };
    Some((streams, Evidence { text, path: Some(path) }))
}
