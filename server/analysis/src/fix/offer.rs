//! Which fixes a finding has: what its rule names, tried on the code.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clients::{ClientNames, ClientSite, Exported, SharedClient};
use crate::check;
use crate::document::Document;
use crate::facts::{CallId, Exported as FactExported, Shape};
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::project::{Construction, FileInput, FileNo, Project, Resolver, Sources, routes};
use crate::rules::{self, FixBody, FixMeta};
use crate::syntax::Grammar;
use crate::tables::Kind;
use crate::text::Span;

/// The ways to mend a finding, preferred first.
pub(crate) fn fixes(project: &Project, finding: &Finding, sources: &dyn Sources) -> Vec<Fix> {
    let Some(file) = project.number(&finding.path) else { return Vec::new() };
    let (Some(input), Some(document)) = (project.file(file), sources.document(&finding.path)) else {
        return Vec::new();
    };
    if *finding.rule == *check::UNUSED {
        return vec![remove_comment(&document, finding)];
    }
    let Some(rule) = project.catalogue().rule(&finding.rule) else { return Vec::new() };
    let offer = Offer { project, file, input, document: &document, finding, sources };
    let mut fixes: Vec<Fix> = rule.fixes.iter().filter_map(|meta| offer.fix(meta)).collect();
    fixes.retain(|fix| !fix.edits.is_empty());
    for (number, fix) in fixes.iter_mut().enumerate() {
        fix.preferred = number == 0;
    }
    fixes
}

/// With more places than this, a fix mends its own file only: each finding would carry the edits of all the
/// others, and nobody reads a change of that size. The others are offered the shared module once it is there.
const TOGETHER: usize = 64;

/// A finding that wants mending, and all there is to mend it with.
pub(super) struct Offer<'a> {
    pub(super) project: &'a Project,
    pub(super) file: FileNo,
    pub(super) input: &'a FileInput,
    /// The finding's file.
    pub(super) document: &'a Arc<Document>,
    pub(super) finding: &'a Finding,
    pub(super) sources: &'a dyn Sources,
}

type Make = fn(&Offer<'_>) -> Option<Fix>;

/// Every function that `with = "rust:…"` can name. Each makes the edits of one kind of fix, or nothing where it
/// cannot be carried out in full.
const FUNCTIONS: &[(&str, Make)] = &[
    ("absolute_url", super::absolute::absolute_url),
    ("add_matcher", super::matcher::add_matcher),
    ("answer_get_too", super::cron::answer_get_too),
    ("answer_preflight", super::handlers::answer_preflight),
    ("answer_rest", super::pages_answer::answer_rest),
    ("async_local_storage", super::request_data::async_local_storage),
    ("await_async_form", super::async_form::await_async_form),
    ("await_promise", super::promise::await_promise),
    ("await_work", super::floating::await_work),
    ("call_next", super::express_async::call_next),
    ("catch_rejection", super::express_async::catch_rejection),
    ("cache_in_function", super::cached::cache_in_function),
    ("check_cron_secret", super::cron::check_cron_secret),
    ("check_as_others", super::session::check_as_others),
    ("check_signature", super::webhook_check::check_signature),
    ("check_session_too", super::session::check_session_too),
    ("clone_body", super::request::clone_body),
    ("cron_route", super::cron_job::cron_route),
    ("current_express_api", super::express_api::current_express_api),
    ("custom_server", super::server::custom_server),
    ("delete_directive", super::directive::delete_directive),
    ("disable_powered_by", super::express_setup::disable_powered_by),
    ("drop_body", super::response::drop_body),
    ("drop_credentials", super::exposure::drop_credentials),
    ("drop_duplicate", super::registration::drop_duplicate),
    ("drop_export", super::export::drop_export),
    ("export_method", super::method::export_method),
    ("fold_segment_option", super::segment::fold),
    ("fourth_parameter", super::express_handler::fourth_parameter),
    ("global_unconditional", |offer| super::global_unconditional(offer.document, offer.finding.span)),
    ("hide_error", super::exposure::hide_error),
    ("hide_message", super::exposure::hide_message),
    ("hoist_in_place", |offer| super::hoist_in_place(&offer.site(offer.construction()?))),
    ("hoist_limiter", super::express_limit::hoist_limiter),
    ("hoist_to_module", |offer| super::hoist_to_module(&offer.site(offer.construction()?))),
    ("inline_matcher", super::matcher::inline_matcher),
    ("limit_response", super::duration::limit_response),
    ("limit_route", super::express_setup::limit_route),
    ("listen_on_server", super::realtime::listen_on_server),
    ("map_in_redis", super::kept_map::map_in_redis),
    ("merge_params", super::registration::merge_params),
    ("migrate_path", super::express_path::migrate_path),
    ("merge_proxy", super::merge_proxy::merge_proxy),
    ("move_export", super::export::move_export),
    ("move_proxy", super::proxy::move_proxy),
    ("move_registration", super::registration::move_registration),
    ("name_default_export", super::method::name_default_export),
    ("name_origin", super::exposure::name_origin),
    ("name_route_file", super::url::name_route_file),
    ("nearest_cron", super::cron_job::nearest_cron),
    ("nearest_url", super::url::nearest_url),
    ("next_response", super::express::next_response),
    ("own_segment_option", super::segment::own),
    ("post_instead", super::handlers::post_instead),
    ("parse_read_text", super::request::parse_read_text),
    ("raise_body_limit", super::next_config::raise_body_limit),
    ("own_parsers", super::express_setup::own_parsers),
    ("parse_bodies", super::express_setup::parse_bodies),
    ("parse_with_schema", super::schema::parse_with_schema),
    ("rate_limit_store", super::redis::rate_limit_store),
    ("read_body_as_text", super::webhook::read_body_as_text),
    ("read_raw_body", super::raw_body::read_raw_body),
    ("read_request", super::request::read_request),
    ("redirect_after_try", super::after_try::redirect_after_try),
    ("remove_disconnect", |offer| super::remove_disconnect(offer.document, offer.finding.span)),
    ("remove_edge_runtime", super::segment::remove_edge_runtime),
    ("remove_force_static", super::segment::remove_force_static),
    ("remove_import", super::express_api::remove_import),
    ("remove_output", super::next_config::remove_output),
    ("remove_segment_option", super::segment::remove),
    ("rename_method", super::method::rename_method),
    ("rename_parameter", super::parameter::rename_parameter),
    ("rename_proxy", super::proxy::rename_proxy),
    ("response_instead_of_request", super::streams::response_instead_of_request),
    ("rethrow_in_catch", super::rethrow::rethrow_in_catch),
    ("retry_line", super::streams::retry_line),
    ("return_after_answer", super::express_handler::return_after_answer),
    ("return_response", super::response::return_response),
    ("route_raw_body", super::raw_body::route_raw_body),
    ("run_after_response", super::floating::run_after_response),
    ("send_response", super::pages_send::send_response),
    ("session_store", super::redis::session_store),
    ("set_max_duration", super::duration::set_max_duration),
    ("socket_service", super::server::socket_service),
    ("shared_limit", super::shared_limit::shared_limit),
    ("singleton_in_place", |offer| super::singleton_in_place(&offer.site(offer.construction()?))),
    ("singleton_module", |offer| {
        let made = offer.construction()?;
        // Where there is a shared module already, a second one would only add to the confusion.
        offer.shared(made).is_none().then(|| super::singleton_module(&offer.site(made)))?
    }),
    ("socket_adapter", super::redis::socket_adapter),
    ("split_methods", super::methods::split_methods),
    ("split_routes", super::express_split::split_routes),
    ("spread_config", super::segment::spread_config),
    ("state_on_global", super::state::state_on_global),
    ("stateless_transport", super::mcp::stateless_transport),
    ("stop_when_gone", super::streams::stop_when_gone),
    ("store_in_blob", super::storage::store_in_blob),
    ("store_in_bucket", super::storage::store_in_bucket),
    ("take_some", super::handlers::take_some),
    ("temporary_folder", super::state::temporary_folder),
    ("timer_as_cron", super::timer_cron::timer_as_cron),
    ("timer_at_start", super::module_timer::timer_at_start),
    ("timer_on_global", super::module_timer::timer_on_global),
    ("trust_one_proxy", super::express_limit::trust_one_proxy),
    ("upgrade_web_socket", super::upgrade::upgrade_web_socket),
    ("use_helmet", super::express_setup::use_helmet),
    ("use_other_module", |offer| {
        let made = offer.construction()?;
        super::use_other_module(&offer.site(made), &offer.shared(made)?)
    }),
    ("use_shared_client", |offer| {
        let made = offer.construction()?;
        super::use_shared_client(&offer.site(made), &offer.shared(made)?)
    }),
    ("variable_of_handler", super::request_data::variable_of_handler),
    ("wait_until_done", super::floating::wait_until_done),
    ("web_handler", super::node_handler::web_handler),
];

/// The names of all functions that make fixes.
pub fn functions() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name).collect()
}

impl Offer<'_> {
    fn fix(&self, meta: &FixMeta) -> Option<Fix> {
        let fix = match &meta.body {
            FixBody::Template { replace, with } => self.template(meta, replace, with),
            FixBody::Function(name) => {
                let (_, make) = FUNCTIONS.iter().find(|(known, _)| known == name)?;
                make(self)
            }
        }?;
        // What the rule says of safety is what its documentation says; a function may be more careful. A file
        // that moves is always looked at: what names it outside of the code is not known.
        let moves = fix.edits.iter().any(|edit| edit.rename.is_some());
        let safety = if meta.safety == Safety::Safe && !moves { fix.safety } else { Safety::Unsafe };
        Some(Fix { safety, ..fix })
    }

    /// What a pattern of the rule captured at the finding's place, bytes of the file; of the first one that has a
    /// capture called `needed`.
    pub(super) fn captures(&self, needed: &str) -> Option<Vec<(&str, Span)>> {
        let catalogue = self.project.catalogue();
        let compiled = catalogue.compiled(Grammar::of(&self.input.path));
        self.input
            .facts
            .chunks
            .iter()
            .flat_map(|chunk| chunk.facts.matches.iter().map(move |it| (chunk, it)))
            .find_map(|(chunk, matched)| {
                let pattern = compiled.patterns.get(matched.pattern as usize)?;
                let at = matched.captures.iter().find(|captured| captured.name == pattern.at)?;
                let here = catalogue.rules()[pattern.rule as usize].id == self.finding.rule
                    && at.at.shift(chunk.start).start == self.finding.span.start;
                let captures = matched.captures.iter();
                let captures: Vec<(&str, Span)> =
                    captures.map(|it| (pattern.capture_name(it.name), it.at.shift(chunk.start))).collect();
                (here && captures.iter().any(|(name, _)| *name == needed)).then_some(captures)
            })
    }

    fn template(&self, meta: &FixMeta, replace: &str, with: &str) -> Option<Fix> {
        let captures = self.captures(replace)?;
        let code = |name: &str| captures.iter().find(|(known, _)| *known == name).map(|(_, span)| *span);
        let text =
            |name: &str| code(name).map(|span| span.of(self.document.text()).to_owned()).unwrap_or_default();
        Some(Fix {
            title: rules::fill(&meta.title, text),
            safety: meta.safety,
            preferred: false,
            edits: vec![Edit::replace(self.input.path.clone(), code(replace)?, rules::fill(with, text))],
        })
    }

    /// Whether processes of the host go on between requests, as far as anybody knows.
    pub(super) fn is_lasting(&self) -> bool {
        let target = check::target_of(&self.input.package);
        target.is_none_or(|target| matches!(target.kind, Kind::Persistent | Kind::Unknown))
    }

    /// What is made where the finding stands.
    fn construction(&self) -> Option<&Construction> {
        self.project
            .links(self.file)?
            .constructions
            .iter()
            .find(|made| span_of(self.input, made.call).start == self.finding.span.start)
    }

    fn site<'s>(&'s self, made: &Construction) -> ClientSite<'s> {
        let package = &self.input.package;
        ClientSite {
            document: self.document,
            at: span_of(self.input, made.call),
            client: ClientNames {
                variable: made.make.variable.clone(),
                module: made.library.module.clone(),
                spoken: made.library.name.clone(),
                closes: made.library.closes.clone(),
            },
            package,
            others: self.others(made),
            elsewhere: self.elsewhere(made),
            sources: self.sources,
            target: &package.target,
        }
    }

    /// The same client made in other files of the package; none where there are more than [`TOGETHER`].
    fn others(&self, made: &Construction) -> Vec<(Arc<Document>, Span)> {
        let mut places: Vec<(&FileInput, Span)> = Vec::new();
        for file in self.project.numbers().filter(|file| *file != self.file) {
            let (Some(input), Some(links)) = (self.project.file(file), self.project.links(file)) else {
                continue;
            };
            if input.package.root != self.input.package.root || routes::is_aside(&input.path, &input.package)
            {
                continue;
            }
            let same = links.constructions.iter().filter(|other| is_same(other, made));
            places.extend(same.map(|other| (input, span_of(input, other.call))));
        }
        if places.len() > TOGETHER {
            return Vec::new();
        }
        let document = |(input, span): (&FileInput, Span)| Some((self.sources.document(&input.path)?, span));
        places.into_iter().filter_map(document).collect()
    }

    /// Names under which the package keeps clients that are made in another way.
    fn elsewhere(&self, made: &Construction) -> Vec<Arc<str>> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for file in self.project.numbers() {
            let (Some(input), Some(links)) = (self.project.file(file), self.project.links(file)) else {
                continue;
            };
            if input.package.root != self.input.package.root {
                continue;
            }
            for other in links.constructions.iter().filter(|other| file != self.file && !is_same(other, made))
            {
                names.extend(check::holder(input, other.call));
            }
        }
        names.into_iter().map(Into::into).collect()
    }

    /// The module of the package that exports this client for all to use.
    fn shared(&self, made: &Construction) -> Option<SharedClient> {
        let candidates = check::same_clients(self.project, self.input, made);
        candidates.into_iter().filter(|(file, _)| *file != self.file).find_map(|(file, shared)| {
            let input = self.project.file(file)?;
            let mut resolver = Resolver::new(self.project);
            let export = input.facts.exports().find_map(|(chunk, export)| {
                let FactExported::Value(shape) = &export.exported else { return None };
                let shape: &Shape = shape;
                let (at, found) = check::shared_client(self.project, &mut resolver, file, chunk, shape)?;
                (at == file && found.call == shared.call).then(|| export.name.clone())
            })?;
            let export =
                if export == "default" { Exported::Default } else { Exported::Named(export.as_str().into()) };
            Some(SharedClient {
                path: input.path.clone(),
                export,
                same_arguments: shared.arguments == made.arguments,
            })
        })
    }
}

fn is_same(other: &Construction, made: &Construction) -> bool {
    other.library.id == made.library.id
        && other.make.exports == made.make.exports
        && other.arguments == made.arguments
}

fn span_of(input: &FileInput, call: CallId) -> Span {
    input.facts.span(call.chunk, input.facts.call(call).at)
}

/// Takes an idle comment out, with its line where it stands alone.
fn remove_comment(document: &Document, finding: &Finding) -> Fix {
    let text = document.text();
    let lines = document.lines();
    let line = lines.line_of(finding.span.start);
    let whole =
        Span::new(lines.line_start(text, line), lines.line_start(text, lines.line_of(finding.span.end) + 1));
    let around = text.get(whole.start as usize..finding.span.start as usize).unwrap_or_default();
    let after = text.get(finding.span.end as usize..whole.end as usize).unwrap_or_default();
    let alone = around.trim().is_empty() && after.trim().is_empty();
    let blanks = around.len() - around.trim_end().len();
    let span = if alone { whole } else { Span::new(finding.span.start - blanks as u32, finding.span.end) };
    Fix {
        title: "Remove the comment".to_owned(),
        safety: Safety::Safe,
        preferred: true,
        edits: vec![Edit::replace(finding.path.clone(), span, String::new())],
    }
}
