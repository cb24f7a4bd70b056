//! `yarn.lock`, the classic form and the one of Yarn 2 and later.

use rustc_hash::FxHashMap;

/// Version by what was asked for: `next@^15.0.0` (classic), `next@npm:^15.0.0` (later).
pub(crate) fn read(text: &str) -> FxHashMap<String, String> {
    let mut versions = FxHashMap::default();
    let mut asked: Vec<&str> = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let header = line.trim_end().trim_end_matches(':');
            asked = header.split(", ").map(|name| name.trim_matches('"')).collect();
            continue;
        }
        let property = line.trim();
        let Some(version) = property.strip_prefix("version").filter(|rest| rest.starts_with([' ', ':']))
        else {
            continue;
        };
        let version = version.trim_start_matches(':').trim().trim_matches('"');
        for name in asked.drain(..) {
            versions.insert(name.trim_matches('"').to_owned(), version.to_owned());
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let classic = read(
            "# yarn lockfile v1\n\n\nexpress@^4.18.0, express@^4.18.2:\n  version \"4.18.2\"\n  dependencies:\n    \
             version \"1.0.0\"\n\n\"@prisma/client@^5.0.0\":\n  version \"5.22.0\"\n",
        );
        assert_eq!(classic["express@^4.18.0"], "4.18.2");
        assert_eq!(classic["express@^4.18.2"], "4.18.2");
        assert_eq!(classic["@prisma/client@^5.0.0"], "5.22.0");
        let later = read(
            "__metadata:\n  version: 8\n\n\"next@npm:^15.0.0, next@npm:15\":\n  version: 15.1.0\n  \
             resolution: \"next@npm:15.1.0\"\n",
        );
        assert_eq!(later["next@npm:^15.0.0"], "15.1.0");
        assert_eq!(later["next@npm:15"], "15.1.0");
    }
}
