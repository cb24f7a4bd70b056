//! A `catch` passes on what Next.js itself threw.

use crate::finding::{Fix, Safety};
use crate::fix::code::Code;
use crate::fix::edits;
use crate::fix::imports::{self, Wanted};
use crate::fix::offer::Offer;
use crate::form::catch_around;
use crate::tables;

const NAME: &str = "unstable_rethrow";

/// Puts `unstable_rethrow(error)` first into the `catch` around the finding. Next.js has it from 15 on.
pub(super) fn rethrow_in_catch(offer: &Offer<'_>) -> Option<Fix> {
    if tables::next_version(&offer.input.package)?.major < 15 {
        return None;
    }
    let code = Code::new(offer.document)?;
    let (_, at) = *offer.captures("at")?.iter().find(|(name, _)| *name == "at")?;
    let clause = catch_around(code.node(at)?)?;
    let body = clause.field("body")?;
    let style = code.style();
    let known = imports::imports(&code).into_iter().filter(|import| import.source == "next/navigation");
    let known = known.flat_map(|import| import.names).find(|name| name.imported == NAME && !name.type_only);
    let local = match &known {
        Some(name) => name.local.to_owned(),
        None => code.free_name(NAME)?,
    };
    let mut out = Vec::new();
    let error = match clause.field("parameter") {
        Some(parameter) if parameter.kind() == "identifier" => code.of(parameter).to_owned(),
        Some(_) => return None,
        None => {
            let name =
                ["error", "e", "cause"].into_iter().find(|name| code.occurrences(body, name).is_empty())?;
            let start = clause.start_byte() as u32 + "catch".len() as u32;
            out.push(edits::insert(&code, start, format!(" ({name})")));
            name.to_owned()
        }
    };
    let open = body.start_byte() as u32 + 1;
    let call = format!("{local}({error})");
    let spread = code.of(body).contains('\n');
    let text = if spread {
        let indent = code.indent(clause.start_byte() as u32);
        let end = code.line(open).end;
        // What stands behind the brace goes to the next line with the rest.
        let tail = code.text.get(open as usize..end as usize)?.trim();
        let semi = if tail.is_empty() { style.semi } else { ";" };
        format!("{}{indent}{}{call}{semi}", style.newline, style.indent)
    } else {
        let rest = code.of(body)[1..].trim_start();
        let blank = if rest == "}" { " " } else { "" };
        format!(" {call};{blank}")
    };
    out.push(edits::insert(&code, open, text));
    if known.is_none() {
        let wanted = Wanted { sources: vec!["next/navigation".to_owned()], imported: NAME.to_owned(), local };
        let commonjs = imports::is_commonjs(&code).unwrap_or(false);
        out.extend(imports::rewrite(&code, Some(&wanted), &[], commonjs)?);
    }
    edits::fix(format!("Call `{call}` first in the `catch`"), Safety::Safe, out, &[offer.document])
}
