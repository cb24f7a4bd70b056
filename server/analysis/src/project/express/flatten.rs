//! Routes, from routers that are mounted in each other.

use super::{Coverage, LayerKind, Passed, Path, Route, Router, RouterNo, Url};
use crate::project::Project;

/// Routers that may be mounted below each other.
const DEEPEST: usize = 16;

/// Routes of a project; a router mounted in itself many times ends here.
const MOST: usize = 20_000;

/// Makes the routes of all applications, and of routers that are mounted where nobody can see.
pub(super) fn routes(_: &Project, routers: &[Router]) -> Vec<Route> {
    let mut out = Vec::new();
    for (number, router) in routers.iter().enumerate() {
        if !router.mounted.is_empty() {
            continue;
        }
        let url = if router.is_app { Url::root() } else { Url::unknown() };
        let mut walk = Walk { routers, root: number as RouterNo, mounts: Vec::new(), out: &mut out };
        let state = State { url, chain: Vec::new(), ordered: router.is_app, opaque: !router.is_app };
        walk.router(number as RouterNo, state);
    }
    out
}

#[derive(Clone)]
struct State {
    url: Url,
    chain: Vec<Link>,
    ordered: bool,
    opaque: bool,
}

/// Something that a later route may pass.
#[derive(Clone)]
struct Link {
    passed: Passed,
    /// It is for what is below its URL too.
    below: bool,
    for_errors: bool,
}

struct Walk<'a> {
    routers: &'a [Router],
    root: RouterNo,
    /// The mounting layers above, outermost first, with the URL of the router that holds each.
    mounts: Vec<((RouterNo, u32), Url)>,
    out: &'a mut Vec<Route>,
}

impl Walk<'_> {
    /// What is called for the parameters of a path before what is registered for it, whether it was told before or
    /// after: one function for each parameter and request.
    fn parameters(&self, number: RouterNo, path: Option<&Path>, on: &Url, known: &[Link]) -> Vec<Link> {
        let Some(Path::Text(text)) = path else { return Vec::new() };
        let layers = || self.routers[number as usize].layers.iter().enumerate();
        let mut out = Vec::new();
        for name in super::parameters(text) {
            // `/:id?`, `{/:id}`: called only where the URL has it.
            let perhaps = text.contains('{') || text.contains(&format!(":{name}?"));
            for (at, layer) in layers() {
                if !matches!(&layer.kind, LayerKind::Param(own) if own == name) {
                    continue;
                }
                let at = (number, at as u32);
                if known.iter().any(|link| link.passed.layer == at && link.passed.covers_all) {
                    continue;
                }
                out.extend(layer.handlers.iter().enumerate().map(|(handler, given)| Link {
                    passed: Passed {
                        layer: at,
                        handler: handler as u32,
                        on: on.clone(),
                        covers_all: true,
                        maybe: layer.maybe || given.maybe || perhaps,
                    },
                    below: true,
                    for_errors: false,
                }));
            }
        }
        out
    }

    fn router(&mut self, number: RouterNo, mut state: State) {
        let routers = self.routers;
        let router = &routers[number as usize];
        let again = self.mounts.iter().any(|((at, _), _)| *at == number);
        if again || self.mounts.len() > DEEPEST || self.out.len() > MOST {
            return;
        }
        state.ordered &= router.ordered;
        for (at, layer) in router.layers.iter().enumerate() {
            let at = (number, at as u32);
            match &layer.kind {
                LayerKind::Opaque => state.opaque = true,
                LayerKind::Param(_) => {}
                LayerKind::Use => {
                    for (handler, given) in layer.handlers.iter().enumerate() {
                        for (path, on) in urls(&state.url, &layer.paths) {
                            let before = self.parameters(number, path, &on, &state.chain);
                            let Some(inner) = given.router else {
                                state.chain.extend(before);
                                state.chain.push(Link {
                                    passed: Passed {
                                        layer: at,
                                        handler: handler as u32,
                                        on,
                                        covers_all: true,
                                        maybe: layer.maybe || given.maybe,
                                    },
                                    below: true,
                                    for_errors: given.is_for_errors(),
                                });
                                continue;
                            };
                            self.mounts.push((at, state.url.clone()));
                            let mut within = State { url: on, ..state.clone() };
                            within.chain.extend(before);
                            self.router(inner, within);
                            self.mounts.pop();
                        }
                        // What a router that is mounted passes on goes on here.
                    }
                }
                LayerKind::Method(_) | LayerKind::All => {
                    for (path, url) in urls(&state.url, &layer.paths) {
                        self.route(at, path, url, &state);
                    }
                    if layer.kind == LayerKind::All {
                        for (handler, given) in layer.handlers.iter().enumerate() {
                            for (_, on) in urls(&state.url, &layer.paths) {
                                state.chain.push(Link {
                                    passed: Passed {
                                        layer: at,
                                        handler: handler as u32,
                                        on,
                                        covers_all: true,
                                        maybe: layer.maybe || given.maybe,
                                    },
                                    below: false,
                                    for_errors: false,
                                });
                            }
                        }
                    }
                }
            }
        }
    }

    fn route(&mut self, at: (RouterNo, u32), path: Option<&Path>, url: Url, state: &State) {
        let own = self.parameters(at.0, path, &url, &state.chain);
        let layer = &self.routers[at.0 as usize].layers[at.1 as usize];
        let mut chain: Vec<Passed> = state
            .chain
            .iter()
            .filter(|link| !link.for_errors)
            .filter_map(|link| {
                let coverage = link.passed.on.covers(&url, link.below);
                let covers_all = coverage == Coverage::Always;
                (coverage != Coverage::Never).then(|| Passed { covers_all, ..link.passed.clone() })
            })
            .collect();
        chain.extend(own.into_iter().map(|link| link.passed));
        let before = layer.handlers.len().saturating_sub(1);
        chain.extend(layer.handlers[..before].iter().enumerate().map(|(handler, given)| Passed {
            layer: at,
            handler: handler as u32,
            on: url.clone(),
            covers_all: true,
            maybe: given.maybe,
        }));
        self.out.push(Route {
            layer: at,
            root: self.root,
            mounts: self.mounts.iter().map(|(mount, _)| *mount).collect(),
            chain,
            errors: self.errors(at, &url, &state.url),
            ordered: state.ordered,
            opaque: state.opaque,
            url,
        });
    }

    /// The first error middleware behind a layer, then behind what mounts its router.
    fn errors(&self, at: (RouterNo, u32), url: &Url, base: &Url) -> Option<Passed> {
        let above = self.mounts.iter().rev().map(|(mount, url)| (*mount, url));
        for ((router, layer), base) in std::iter::once((at, base)).chain(above) {
            let layers = self.routers[router as usize].layers.iter().enumerate();
            for (number, behind) in layers.skip(layer as usize + 1) {
                if behind.kind != LayerKind::Use || behind.maybe {
                    continue;
                }
                let handlers = behind.handlers.iter().enumerate();
                for (handler, _) in handlers.filter(|(_, given)| given.is_for_errors()) {
                    let on = urls(base, &behind.paths)
                        .into_iter()
                        .map(|(_, on)| on)
                        .find(|on| on.covers(url, true) == Coverage::Always);
                    if let Some(on) = on {
                        let layer = (router, number as u32);
                        let handler = handler as u32;
                        return Some(Passed { layer, handler, on, covers_all: true, maybe: false });
                    }
                }
            }
        }
        None
    }
}

/// The paths of a layer with their URLs.
fn urls<'p>(base: &Url, paths: &'p [Path]) -> Vec<(Option<&'p Path>, Url)> {
    if paths.is_empty() {
        return vec![(None, base.join(None))];
    }
    paths.iter().map(|path| (Some(path), base.join(Some(path)))).collect()
}
