//! Settings of an application, and limiters that depend on them.

use crate::check::handlers;
use crate::check::is_named;
use crate::check::options::options;
use crate::facts::Shape;
use crate::project::Resolver;
use crate::rules::Condition;
use crate::tables::Effect;

use super::super::super::{Evidence, Site};

/// What makes a limiter.
const MAKERS: &[&str] = &[
    "express-rate-limit#",
    "express-rate-limit#default",
    "express-rate-limit#rateLimit",
    "express-rate-limit#default.rateLimit",
];

/// Whether a setting is written anywhere in the package, or may be: not all of its files are known.
pub(super) fn sets(site: &Site<'_>, setting: &str) -> bool {
    let root = &site.input.package.root;
    let mut inputs = site.project.numbers().filter_map(|file| site.project.file(file));
    !site.project.is_complete()
        || inputs.any(|input| {
            input.package.root == *root
                && input.facts.calls().any(|(_, call)| {
                    matches!(call.callee.last(), Some("set" | "enable"))
                        && call.args.first().and_then(Shape::text) == Some(setting)
                })
        })
}

pub(super) fn trusts_proxy(site: &Site<'_>) -> bool {
    sets(site, "trust proxy")
}

/// Whether the package limits by the address of the client: nothing says by what else.
pub(super) fn by_address(site: &Site<'_>) -> bool {
    let root = &site.input.package.root;
    site.project.numbers().any(|file| {
        let Some(input) = site.project.file(file).filter(|input| input.package.root == *root) else {
            return false;
        };
        if !input.facts.specifiers.iter().any(|specifier| **specifier == *"express-rate-limit") {
            return false;
        }
        let mut resolver = Resolver::new(site.project);
        input.facts.calls().any(|(id, call)| {
            let symbol = resolver.symbol(file, id.chunk, &call.callee);
            MAKERS.iter().any(|maker| is_named(&symbol, maker))
                && call.args.first().is_none_or(|given| {
                    options(site.project, file, id.chunk, given).is_some_and(|entries| {
                        !entries.iter().any(|(key, _)| matches!(&**key, "keyGenerator" | "validate" | "..."))
                    })
                })
        })
    })
}

/// Parts of names of packages that limit.
const LIMITS: &[&str] =
    &["rate-limit", "ratelimit", "rate-limiter", "slow-down", "brute", "throttl", "limiter", "arcjet"];

/// Whether nothing limits how often a route is asked, as far as the code tells: everything before it is known, and no
/// code of the package counts requests or answers 429.
pub(super) fn is_unlimited(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(call) = site.call(condition) else { return false };
    let Some(express) = site.project.express_of(site.file) else { return false };
    let root = &site.input.package.root;
    let speaks = |text: &str| {
        let text = text.to_ascii_lowercase();
        LIMITS.iter().any(|part| text.contains(part))
    };
    if !site.project.is_complete() || site.input.package.dependencies.iter().any(|name| speaks(name)) {
        return false;
    }
    let mut routes = express.routes_of(site.file, call).peekable();
    let Some(first) = routes.peek().copied() else { return false };
    let open = routes.all(|route| {
        let app = &express.routers[route.root as usize];
        let limited = route
            .chain
            .iter()
            .any(|passed| handlers::has(site.project, express.handler(passed), Effect::LimitsRate));
        app.is_app && app.listens && !route.opaque && route.url.known && !limited
    });
    let counted = || {
        site.project.numbers().filter_map(|file| site.project.file(file)).any(|input| {
            input.package.root == *root
                && input.facts.calls().any(|(_, call)| {
                    call.callee
                        .last()
                        .is_some_and(|name| speaks(name) || name.to_ascii_lowercase().contains("limit"))
                        || call.args.iter().any(|it| matches!(it, Shape::Number(number) if number == "429"))
                })
        })
    };
    if !open || counted() {
        return false;
    }
    evidence.set("path", first.url.shown());
    evidence.set(
        "what",
        format!("Nothing limits how often `{} {}` may be tried", first.method(express), first.url.shown()),
    );
    true
}
