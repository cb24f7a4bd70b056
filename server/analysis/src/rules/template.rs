//! Templates of messages, titles and replacements, and the names they may use.

use std::collections::BTreeSet;

/// What every message may name beside the captures of its rule, and what stands there.
pub const PLACEHOLDERS: [(&str, &str); 14] = [
    ("client", "the library's value as a person says it: Prisma client, pg pool"),
    ("name", "the variable that holds the value"),
    ("entry", "the handler that reaches this place: `GET /api/users`, `createUser` (server action)"),
    ("via", "empty, or how it is reached, for the end of a clause: \" via `buildReport` in lib/pdf.ts\""),
    ("target", "the host and what proves it: Vercel (vercel.json), your host (no deployment file found)"),
    ("layers", "the parts of Next.js that load this file: route handlers and pages/api"),
    ("count", "how many there are"),
    ("other", "another place that belongs to the cause: lib/db.ts"),
    (
        "what",
        "what a call does, to follow \"this handler …\": starts another program; or the text of `#says?`",
    ),
    ("limit", "a limit in force, with its unit: 300 seconds"),
    ("path", "a URL, or a file of the package: /api/users, src/proxy.ts"),
    ("version", "an installed version, with its package: Next.js 16.4.6"),
    ("remedy", "what to do on this host, a sentence without its end"),
    ("list", "names, as a person lists them: `id`, `slug` and `page`"),
];

/// The template with every `{name}` replaced by its value. A brace that holds anything but a name is kept.
pub fn fill(template: &str, mut value: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut at = 0;
    for (start, name) in placeholders(template) {
        out.push_str(&template[at..start]);
        out.push_str(&value(name));
        at = start + name.len() + 2;
    }
    out.push_str(&template[at..]);
    out
}

/// Every `{name}` of a template: the place of its brace, and the name.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = (usize, &str)> {
    template.match_indices('{').filter_map(|(start, _)| {
        let rest = &template[start + 1..];
        let name = &rest[..rest.find('}')?];
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'));
        is_name.then_some((start, name))
    })
}

/// The names a query captures, without `@`.
pub fn captures(scm: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut rest = scm;
    while let Some(at) = rest.find(['@', '"', ';']) {
        let after = &rest[at + 1..];
        match rest.as_bytes().get(at) {
            Some(b';') => rest = after.find('\n').map_or("", |end| &after[end..]),
            Some(b'"') => rest = after_string(after),
            _ => {
                let end = after
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
                    .unwrap_or(after.len());
                names.insert(&after[..end]);
                rest = &after[end..];
            }
        }
    }
    names
}

/// What follows a string, whose opening quote is gone already.
fn after_string(text: &str) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return &text[at + 1..],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_captures_and_leaves_other_braces_alone() {
        let value = |name: &str| match name {
            "at" => "cookies()".to_owned(),
            other => format!("<{other}>"),
        };
        assert_eq!(fill("await {at}", value), "await cookies()");
        assert_eq!(fill("if (x) { return {at} }", value), "if (x) { return cookies() }");
        assert_eq!(fill("{ a: {b: 1} } {", value), "{ a: {b: 1} } {");
        assert_eq!(fill("{client}{via}", value), "<client><via>");
        assert_eq!(fill("{{at}}", value), "{cookies()}");
    }

    #[test]
    fn captures_are_read_outside_strings_and_comments() {
        let scm = "; @not this\n((call function: (identifier) @callee) @at (#eq? @callee \"a@b \\\"@c\") (#x? @at))";
        assert_eq!(captures(scm).into_iter().collect::<Vec<_>>(), ["at", "callee"]);
        assert!(captures("\"@open").is_empty());
    }
}
