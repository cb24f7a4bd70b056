//! `init`: a configuration to start from.

use std::path::Path;

use anyhow::{Context, bail};
use routewise_analysis::tables::Targets;
use routewise_workspace::ask;

use crate::session::Session;
use crate::{tell, write};

/// Names under which a configuration is found.
const NAMES: [&str; 2] = ["routewise.json", "routewise.jsonc"];

/// Writes `routewise.json` into a folder that has no configuration yet.
pub(crate) fn run(folder: &Path) -> anyhow::Result<()> {
    for name in NAMES {
        if ask::exists(&folder.join(name)) {
            bail!("{name} is there already and was left as it is");
        }
    }
    let session = Session::here()?;
    let package = session.workspace.package_of(&session.folder.join("routewise.json"));
    let target = &package.target;
    let name = Targets::builtin().get(&target.id).map_or(&*target.id, |target| &*target.name);
    let found = match target.evidence.first() {
        Some(evidence) => format!("Found: {name}, from {}.", evidence.text),
        None => "Found: nothing that proves a host.".to_owned(),
    };
    let path = folder.join(NAMES[0]);
    write::create(&path, &text(&target.id, &found))
        .with_context(|| format!("{} cannot be made", NAMES[0]))?;
    tell(&format!("Wrote {}. {found}", NAMES[0]));
    Ok(())
}

fn text(target: &str, found: &str) -> String {
    format!(
        "{{
  \"$schema\": \"{}/raw/main/server/cli/configuration_schema.json\",

  // Where the project runs. {found} Say it here where that is wrong.
  // \"target\": \"{target}\",

  // How much a rule, or a family of rules, matters: off, hint, information, warning or error.
  \"rules\": {{}}
}}
",
        env!("CARGO_PKG_REPOSITORY"),
    )
}
