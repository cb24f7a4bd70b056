//! Detectors: rules that no pattern can express, mostly about where a file is and what it exports.

mod cors;
mod custom_server;
mod duration;
mod edge;
mod exports;
mod files;
mod headers;
mod limits;
mod proxy;
mod proxy_use;
mod registrations;
mod routing;
mod security;
mod state;

use crate::finding::Related;
use crate::project::{FileInput, FileNo, Project};
use crate::text::Span;

pub(crate) use cors::origin_header;
pub(crate) use proxy::{proxies, proxy_home};
pub(crate) use routing::{asked, nearest, route_home};

use super::Evidence;

/// A file that a detector looks at.
pub(crate) struct Place<'p> {
    pub(crate) project: &'p Project,
    pub(crate) file: FileNo,
    pub(crate) input: &'p FileInput,
}

/// What a detector found.
pub(crate) struct Detected<'p> {
    /// What is underlined, bytes of the file.
    pub(crate) at: Span,
    /// The words of the message.
    pub(crate) evidence: Evidence<'p>,
}

impl<'p> Place<'p> {
    /// Something found at a place of the file, with words for the message and places that belong to it.
    pub(crate) fn found(
        &self,
        at: Span,
        values: impl IntoIterator<Item = (&'static str, String)>,
        related: impl IntoIterator<Item = Related>,
    ) -> Detected<'p> {
        let mut evidence = Evidence::new(self.project, self.input);
        for (name, value) in values {
            evidence.set(name, value);
        }
        evidence.relate(related);
        Detected { at, evidence }
    }
}

/// Looks at one file whose kind is among those of the rule's `applies`.
type Detect = for<'p> fn(&Place<'p>) -> Vec<Detected<'p>>;

/// Every detector, by the name that `detect` gives after `rust:`.
const DETECTORS: &[(&str, Detect)] = &[
    ("cross_bundle_state", state::cross_bundle),
    ("cors_no_preflight", cors::no_preflight),
    ("cron_without_route", routing::without_route),
    ("custom_server_standalone", custom_server::standalone),
    ("edge_node_api", edge::node_api),
    ("fs_write_ephemeral", files::ephemeral),
    ("get_mutates", security::get_mutates),
    ("in_memory_rate_limit", limits::in_memory),
    ("misplaced_registration", registrations::misplaced),
    ("missing_auth", security::missing_auth),
    ("missing_max_duration", duration::missing),
    ("missing_route", routing::missing),
    ("misplaced_route", routing::misplaced),
    ("module_mutable_state", state::mutable),
    ("proxy_body_cut", proxy_use::upload_cut),
    ("proxy_express_style", proxy_use::express_style),
    ("proxy_misplaced", proxy::misplaced),
    ("proxy_renamed", proxy::renamed),
    ("request_data_in_module_scope", state::request_data),
    ("route_extra_export", exports::extra),
    ("route_no_method_export", exports::no_method),
    ("route_conflict", routing::conflict),
    ("segment_names", routing::names),
    ("self_request", routing::self_request),
    ("shadowed_route", registrations::shadowed),
    ("unused_route", routing::unused),
    ("webhook_unsigned", security::webhook_unsigned),
    ("wrong_method", routing::wrong_method),
];

/// The names of all detectors.
pub fn detectors() -> Vec<&'static str> {
    DETECTORS.iter().map(|(name, _)| *name).collect()
}

pub(super) fn find(name: &str) -> Option<Detect> {
    DETECTORS.iter().find(|(known, _)| *known == name).map(|(_, detect)| *detect)
}
