//! Hover on the options that a route file exports: `maxDuration`, `runtime` and their like.
//!
//! Legal values as in `next/dist/build/segment-config/app/app-segment-config.js` of Next.js 16.4.6; what
//! `cacheComponents` refuses was tried with the build of that version.

use std::fmt::Write as _;

use super::handler;
use crate::check::target_text;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, Hover};

struct SegmentOption {
    name: &'static str,
    values: &'static str,
    what: &'static str,
    /// Refused by the build where `cacheComponents` is on.
    refused: bool,
}

const OPTIONS: &[SegmentOption] = &[
    SegmentOption {
        name: "dynamic",
        values: "`'auto'`, `'force-dynamic'`, `'error'`, `'force-static'`",
        what: "Says whether the answer is made for each request or once at build time. A `GET` under `'force-static'` sees an empty request: no query, no headers, no cookies.",
        refused: true,
    },
    SegmentOption {
        name: "revalidate",
        values: "`false`, `0` or a number of seconds",
        what: "Says how long a cached answer is served before it is made again.",
        refused: true,
    },
    SegmentOption {
        name: "fetchCache",
        values: "`'auto'`, `'default-cache'`, `'only-cache'`, `'force-cache'`, `'force-no-store'`, `'default-no-store'`, `'only-no-store'`",
        what: "Overrides how `fetch` in this route is cached.",
        refused: true,
    },
    SegmentOption {
        name: "dynamicParams",
        values: "`true` or `false`",
        what: "Says whether paths that `generateStaticParams` does not list are served.",
        refused: true,
    },
    SegmentOption {
        name: "runtime",
        values: "`'nodejs'` or `'edge'`",
        what: "Says what runs this route. `'edge'` has no Node.js modules and no database sockets, and is deprecated since Next.js 16.3.",
        refused: true,
    },
    SegmentOption {
        name: "preferredRegion",
        values: "a region or a list of them",
        what: "Asks the host for a region. Deprecated since Next.js 16.3: set it with the host instead.",
        refused: false,
    },
    SegmentOption {
        name: "maxDuration",
        values: "a whole number of seconds, written as a literal (`60 * 5` stops the build)",
        what: "Tells the host how long a request to this route may take. Next.js itself does not enforce it, neither in development nor with `next start`.",
        refused: false,
    },
];

/// About the option that is declared at `offset`.
pub(super) fn hover(input: &FileInput, offset: u32) -> Option<Hover> {
    let next = input.package.next.as_ref()?;
    if !matches!(routes::role(next, &input.path), Role::RouteHandler | Role::AppPage) {
        return None;
    }
    let (option, span) = OPTIONS.iter().find_map(|option| {
        let (id, decl) = input.facts.binding(option.name)?;
        let span = input.facts.span(id.chunk, decl.at);
        let exported = input.facts.export(option.name).is_some();
        (exported && span.touches(offset)).then_some((option, span))
    })?;
    Some(Hover { span, markdown: describe(option, input) })
}

fn describe(option: &SegmentOption, input: &FileInput) -> String {
    let mut text = format!("**{}**: {}\n\nLegal values: {}.\n", option.name, option.what, option.values);
    let cache_components = input.package.next.as_ref().is_some_and(|next| next.cache_components);
    if option.refused && cache_components {
        let _ = write!(
            text,
            "\nThis project sets `cacheComponents`, under which the build refuses `{}`: remove it.\n",
            option.name
        );
    }
    if option.name == "maxDuration" {
        let _ = write!(
            text,
            "\nOn {}: {}.\n",
            target_text(&input.package.target),
            handler::limit_of(&input.package)
        );
    }
    text
}
