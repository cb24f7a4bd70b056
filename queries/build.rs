//! Finds every rule and every facts query below this folder and writes a table of them, so that adding a
//! rule is adding a folder.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Folders of this crate that hold no rules.
const NOT_FAMILIES: [&str; 2] = ["src", "facts"];

fn main() -> io::Result<()> {
    // A folder is watched with all that is in it, new files included.
    writeln!(io::stdout(), "cargo::rerun-if-changed=.")?;
    let mut out = String::from("/// Every rule, sorted by id.\npub const RULES: &[RuleFile] = &[\n");
    for family in names(Path::new("."))? {
        if !Path::new(&family).is_dir() || NOT_FAMILIES.contains(&family.as_str()) {
            continue;
        }
        for rule in names(Path::new(&family))? {
            let folder = format!("{family}/{rule}");
            if !Path::new(&folder).is_dir() {
                continue;
            }
            if !Path::new(&folder).join("rule.md").is_file() {
                return Err(io::Error::other(format!("queries/{folder} is a rule without rule.md")));
            }
            let scm = if Path::new(&folder).join("rule.scm").is_file() {
                format!("Some({})", include(&format!("{folder}/rule.scm")))
            } else {
                "None".to_owned()
            };
            let md = include(&format!("{folder}/rule.md"));
            writeln!(out, "    RuleFile {{ id: {folder:?}, scm: {scm}, md: {md} }},")
                .map_err(io::Error::other)?;
        }
    }
    out.push_str("];\n\n/// Every facts query, sorted by name: the name without `.scm`, and the text.\n");
    out.push_str("pub const FACTS: &[(&str, &str)] = &[\n");
    if Path::new("facts").is_dir() {
        for file in names(Path::new("facts"))? {
            if let Some(name) = file.strip_suffix(".scm") {
                let text = include(&format!("facts/{file}"));
                writeln!(out, "    ({name:?}, {text}),").map_err(io::Error::other)?;
            }
        }
    }
    out.push_str("];\n");
    let folder = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&folder).join("tables.rs"), out)
}

/// The names in a folder, sorted, so that the table does not depend on the disk.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn include(path: &str) -> String {
    format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{path}\"))")
}
