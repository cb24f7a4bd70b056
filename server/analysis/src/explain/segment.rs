//! Hover on the options that a route file exports: `maxDuration`, `runtime` and their like.

use std::fmt::Write as _;

use super::limit;
use crate::check::{spoken_version, target_text};
use crate::facts::Shape;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, Hover, Layer};
use crate::tables::{self, SegmentOption, Under};

/// About the option that is declared at `offset`.
pub(super) fn hover(input: &FileInput, offset: u32) -> Option<Hover> {
    let next = input.package.next.as_ref()?;
    if routes::role(next, &input.path) == Role::PagesApi {
        return of_pages(input, offset);
    }
    if !matches!(routes::role(next, &input.path), Role::RouteHandler | Role::AppPage) {
        return None;
    }
    let version = tables::next_version(&input.package);
    let (option, span) = tables::segment_options(version).find_map(|option| {
        let (id, decl) = input.facts.binding(option.name)?;
        let span = input.facts.span(id.chunk, decl.at);
        let exported = input.facts.export(option.name).is_some();
        (exported && span.touches(offset)).then_some((option, span))
    })?;
    Some(Hover { span, markdown: describe(option, input) })
}

/// About `export const config` of an API route of the Pages Router.
fn of_pages(input: &FileInput, offset: u32) -> Option<Hover> {
    let (id, decl) = input.facts.binding("config").filter(|_| input.facts.export("config").is_some())?;
    let span = input.facts.span(id.chunk, decl.at);
    if !span.touches(offset) {
        return None;
    }
    let parser = match decl.value.get("api").and_then(|api| api.get("bodyParser")) {
        Some(Shape::Bool(false)) => "off here: the handler reads the request itself",
        Some(Shape::Object(_)) => "on, with the limit given here",
        _ => "on: `req.body` holds what was sent, up to 1 MB",
    };
    let markdown = format!(
        "**config**: options of this API route\n\n- `api.bodyParser`: {parser}\n- `api.responseLimit`: warns about answers \
         of more than 4 MB; `false` or a size such as `'8mb'` changes that\n- `api.externalResolver`: `true` where something \
         else answers, such as Express\n- `maxDuration`: how long a request may take. On {}: {}\n\nThe value is read \
         without running the file: write literals.\n",
        target_text(&input.package.target),
        limit::of_entry(input, Layer::PagesRouter)
    );
    Some(Hover { span, markdown })
}

fn describe(option: &SegmentOption, input: &FileInput) -> String {
    let version = tables::next_version(&input.package);
    let mut text = format!("**{}**: {}\n\n", option.name, option.what);
    let on = version.map(|version| format!(" in {}", spoken_version("next", version))).unwrap_or_default();
    let _ = writeln!(text, "Legal values{on}: {}.", option.values(version).spoken());
    if version.is_some_and(|version| option.computed(version) != tables::Computed::Taken) {
        text.push_str(
            "Written as a literal: the value is read without running the file, so `60 * 5` is not one.\n",
        );
    }
    let cache_components = input.package.next.as_ref().is_some_and(|next| next.cache_components);
    if option.under_cache_components == Under::Refused && cache_components {
        let _ = write!(
            text,
            "\nThis project sets `cacheComponents`, under which the build refuses `{}`: remove it.\n",
            option.name
        );
    }
    if option.under_cache_components == Under::Needed {
        text.push_str("\nNeeds `cacheComponents` in next.config.\n");
    }
    let value = input.facts.binding(option.name).and_then(|(_, decl)| decl.value.text());
    if let Some(instead) = version.and_then(|version| option.deprecated(version, value)) {
        let _ = write!(text, "\nDeprecated since Next.js 16.3. {instead}\n");
    }
    if option.name == "maxDuration" {
        let _ = write!(
            text,
            "\nOn {}: {}.\n",
            target_text(&input.package.target),
            limit::of_entry(input, Layer::Handlers)
        );
    }
    text
}
