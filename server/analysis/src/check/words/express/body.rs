//! Bodies that nobody reads.

use crate::check::needs::{self, Need};
use crate::facts::FunctionId;
use crate::project::express::{LayerKind, Route};
use crate::rules::Condition;
use crate::text::Span;

use super::super::super::{Evidence, Site};

pub(super) fn is_unparsed(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let chunk = site.chunk_facts();
    let Some(taken) = chunk.taken.iter().find(|taken| taken.at.0 == captured.at) else { return false };
    let root = (site.file, FunctionId { chunk: site.chunk, number: taken.of });
    let Some(express) = site.project.express_of(site.file) else { return false };
    let serves = |route: &&Route| {
        express.layer(route.layer).handlers.iter().any(|handler| handler.roots.contains(&root))
    };
    let routes: Vec<&Route> = express.routes.iter().filter(serves).collect();
    let Some(first) = routes.first() else { return false };
    let start = site.input.facts.chunks[site.chunk as usize].start;
    let span: Span = captured.at.shift(start);
    let all = routes.iter().all(|route| {
        let here = needs::unmet(site.project, route, Need::Body)
            .is_some_and(|unmet| unmet.file == site.file && unmet.span == span);
        // Behind it `express/order` speaks.
        let around = route.mounts.iter().map(|(router, _)| *router).chain([route.layer.0]);
        let parsers = around.into_iter().any(|router| {
            express.routers[router as usize].layers.iter().any(|layer| {
                layer.kind == LayerKind::Use && layer.handlers.iter().any(|it| Need::Body.is_met_by(it))
            })
        });
        here && !parsers
    });
    if all {
        let route = format!("{} {}", first.method(express), first.url.shown());
        evidence.set(
            "what",
            format!(
                "leaves `req.body` undefined where no parser runs, and none runs for `{route}`: register \
                 `express.json()` or `express.urlencoded()` before it"
            ),
        );
    }
    all
}
