//! The globs of `include` and `exclude`.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Whether a pattern can be read; the error says why not.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    build(trimmed(pattern))
        .map(|_| ())
        .map_err(|error| format!("`{pattern}` is not a glob: {}.", error.kind()))
}

/// One set of all patterns that can be read, for paths seen from the folder of the configuration. A
/// pattern without `/` matches at any depth; one that names a folder means everything below it.
pub(crate) fn set(patterns: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let anchored = pattern.starts_with('/') || pattern.starts_with("./");
        let pattern = trimmed(pattern);
        let depth = if anchored || pattern.contains('/') { "" } else { "**/" };
        for glob in [format!("{depth}{pattern}"), format!("{depth}{pattern}/**")] {
            if let Ok(glob) = build(&glob) {
                builder.add(glob);
            }
        }
    }
    builder.build().unwrap_or_default()
}

fn trimmed(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_matches('/')
}

fn build(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_a_gitignore() {
        for (pattern, path, matches) in [
            ("*.test.ts", "a/b/x.test.ts", true),
            ("generated", "src/generated/x.ts", true),
            ("src/", "src/a/b.ts", true),
            ("/src", "packages/a/src/b.ts", false),
            ("./src", "src/b.ts", true),
            ("src/*.ts", "src/a/b.ts", false),
            ("src/**/*.ts", "src/a/b.ts", true),
            ("src/**", "src/a/b.ts", true),
            ("app/[[]id]/route.ts", "app/[id]/route.ts", true),
            ("*.{js,jsx}", "a/b.jsx", true),
        ] {
            assert_eq!(set(&[pattern.to_owned()]).is_match(path), matches, "{pattern} {path}");
        }
    }
}
