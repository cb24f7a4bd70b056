//! Disks that outlive the container they are mounted into.

use routewise_analysis::package::Target;
use routewise_analysis::path::FilePath;
use serde_json::Value;

use super::{files, instances};
use crate::folders::Folder;
use crate::paths::read_small;
use crate::yaml;

/// Whether a file that says where the package runs mounts a disk that lasts. What is mounted where is not
/// looked at: a path in the program may lead there by a link or a variable.
pub(crate) fn keeps_files(folder: &Folder, target: &Target) -> bool {
    instances::telling(target).any(|path| of_file(path, folder).unwrap_or_default())
}

fn of_file(path: &FilePath, package: &Folder) -> Option<bool> {
    let text = read_small(path)?;
    let name = path.file_name();
    Some(match name {
        "compose.yaml" | "compose.yml" | "docker-compose.yaml" | "docker-compose.yml" => {
            let leaves = yaml::leaves(&text);
            let services = files::services(&leaves, &path.parent()?, &package.path);
            leaves.iter().any(|leaf| match &leaf.path[..] {
                [first, service, key, ..] => {
                    first == "services" && key == "volumes" && services.contains(&service.as_str())
                }
                _ => false,
            })
        }
        "fly.toml" => {
            let fly: Value = toml::from_str(&text).ok()?;
            !fly["mounts"].is_null()
        }
        "railway.toml" => {
            let railway: Value = toml::from_str(&text).ok()?;
            !railway["deploy"]["requiredMountPath"].is_null()
        }
        "railway.json" => {
            let railway: Value = serde_json::from_str(&text).ok()?;
            !railway["deploy"]["requiredMountPath"].is_null()
        }
        "render.yaml" => has_key(&text, "disk"),
        _ if name.contains("Dockerfile") || name.contains("Containerfile") => {
            text.lines().any(|line| line.trim_start().to_ascii_uppercase().starts_with("VOLUME"))
        }
        _ if matches!(path.extension(), "yaml" | "yml") => has_key(&text, "volumeMounts"),
        _ => false,
    })
}

fn has_key(text: &str, key: &str) -> bool {
    yaml::leaves(text).iter().any(|leaf| leaf.path.iter().any(|part| part == key))
}
