//! Hover texts and the long form of a rule.

use crate::rules::Rule;

/// Markdown without its marks, for editors and terminals that show plain text.
pub fn plain(markdown: &str) -> String {
    markdown.to_owned()
}

/// All that is known of a rule, as Markdown: what `routewise explain` prints.
pub fn rule(rule: &Rule) -> String {
    rule.markdown.clone()
}

/// What there is to say about a place.
pub(crate) fn hover(
    _project: &crate::project::Project,
    _file: crate::project::FileNo,
    _offset: u32,
) -> Option<crate::project::Hover> {
    None
}
