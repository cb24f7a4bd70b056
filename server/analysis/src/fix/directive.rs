//! A directive that has no business in its file.

use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, ancestors};
use crate::fix::offer::Offer;
use crate::fix::{edits, statements};

/// Takes the directive at the finding out. One inside a function says that its result is cached: that stays.
pub(super) fn delete_directive(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let string = code.node(offer.finding.span)?;
    let statement = ancestors(string).find(|node| node.kind() == "expression_statement")?;
    if statement.parent() != Some(code.root) {
        return None;
    }
    let out = statements::remove(&code, &[statement])?;
    edits::fix(format!("Delete `{}`", code.of(string)), Safety::Safe, out, &[offer.document])
}
