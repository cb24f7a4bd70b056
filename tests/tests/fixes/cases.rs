//! The cases of the fixes, as files: what they say of the fix itself is tested beside the fixes.

use std::path::Path;

use crate::{Change, Files};

/// Every case that is not a refusal.
pub(crate) fn changes() -> Vec<Change> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/analysis/tests/fixes");
    let mut changes = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    names.sort();
    for path in names {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let family = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in text.split("\n## ").skip(1) {
            changes.extend(change(&family, case));
        }
    }
    changes
}

fn change(family: &str, case: &str) -> Option<Change> {
    let (mut before, mut fixed) = (Files::new(), Files::new());
    let mut alias = None;
    let mut lines = case.lines();
    let title = lines.next()?;
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text: String =
                lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            let mut words = info.split_whitespace().skip(1);
            let path = words.next()?.to_owned();
            let files = if words.next() == Some("fixed") { &mut fixed } else { &mut before };
            files.insert(path, text.replace(['⟦', '⟧'], ""));
        } else if let Some(words) = line.strip_prefix("alias ") {
            let mut words = words.split_whitespace();
            let name = words.next()?.to_owned();
            alias = Some((name, words.next().map_or(String::new(), |folder| format!("{folder}/"))));
        } else if line.starts_with("Refused") {
            return None;
        }
    }
    let mut after = before.clone();
    after.extend(fixed);
    Some(Change { name: format!("{family}: {title}"), before, after, alias })
}
