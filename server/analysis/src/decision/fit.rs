//! Whether a host can do what code asks of it.

use super::asks::Ask;
use crate::package::{Package, Seconds};
use crate::tables::{Duration, Kind, Limit, Offer, TargetInfo};

/// A host as far as one package is concerned.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) info: &'a TargetInfo,
    /// The rows of its time limits that can apply.
    pub(crate) rows: &'a [&'a Duration],
    pub(crate) package: &'a Package,
    /// The code is Express's, or that of a process of its own.
    pub(crate) service: bool,
}

/// A capability that is lacking, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lack {
    pub(crate) capability: &'static str,
    pub(crate) text: String,
}

fn lack(capability: &'static str, text: impl Into<String>) -> Lack {
    Lack { capability, text: text.into() }
}

/// Builds of Chromium that are small enough for a function.
const SMALL_BROWSERS: &[&str] = &["@sparticuz/chromium", "@sparticuz/chromium-min", "chrome-aws-lambda"];

/// Hosts that run a whole image, whatever else they do.
const IMAGES: &[&str] = &["vercel-container", "cloud-run", "firebase"];

impl Ground<'_> {
    /// The host, to follow "on".
    pub(crate) fn name(&self) -> &str {
        if self.info.kind == Kind::Unknown { "a host that nobody named" } else { &self.info.name }
    }

    fn lasts(&self) -> bool {
        self.info.kind == Kind::Persistent
    }

    /// The most that a request may take, betas included; `None` where there is no limit or none is known.
    fn longest(&self) -> Option<u64> {
        let mut most = 0;
        for row in self.rows {
            match row.max {
                Limit::Unlimited => return None,
                Limit::At(_) if row.unverified => return None,
                Limit::At(seconds) => most = most.max(row.extended.unwrap_or(seconds)),
            }
        }
        (most > 0).then_some(most)
    }

    /// What the host lacks for something that code asks for.
    pub(crate) fn lacks(&self, ask: Ask) -> Option<Lack> {
        let name = self.name();
        Some(match ask {
            Ask::SocketsInRoute => {
                lack("websockets", "Next.js hands no upgrade request to a route, so no client can connect")
            }
            Ask::SocketServer => return self.websockets(),
            Ask::SocketsOfVercel => return self.vercel_websockets(),
            Ask::Stream => return self.stream(),
            Ask::Browser | Ask::LongWork => return self.long_work(ask),
            // The rest takes a process that lasts, and no more.
            _ if self.lasts() => return None,
            Ask::SocketsOnPort => {
                lack("websockets", format!("nothing outside can reach that port on {name}"))
            }
            Ask::SocketsOnResponse => {
                lack("websockets", format!("no lasting process keeps that server alive on {name}"))
            }
            Ask::FanOut => lack(
                "shared-memory",
                format!(
                    "the list of who is connected lives in one process, and {} serves with several",
                    self.plural()
                ),
            ),
            Ask::Worker => {
                lack("persistent-process", format!("no process stays to work through a queue on {name}"))
            }
            Ask::Schedule => {
                lack("persistent-process", format!("no process stays until the clock says so on {name}"))
            }
        })
    }

    fn vercel_websockets(&self) -> Option<Lack> {
        let fluid = self.package.vercel.as_ref().and_then(|vercel| vercel.fluid);
        match (&*self.info.id, fluid) {
            ("vercel", Some(false)) => {
                Some(lack("websockets", "Vercel takes WebSockets with Fluid compute only"))
            }
            ("vercel", _) => None,
            _ => Some(lack("websockets", "this function works on Vercel only")),
        }
    }

    fn stream(&self) -> Option<Lack> {
        let name = self.name();
        let text = match (&self.package.streaming, &self.info.capabilities.streaming) {
            (Some((false, seen)), _) => format!("responses are not sent in pieces on {name} ({})", seen.text),
            (None, Some(figure)) if figure.value == Offer::No => {
                format!("responses are not sent in pieces on {name}")
            }
            _ => return None,
        };
        Some(lack("streaming", text))
    }

    fn plural(&self) -> &str {
        if self.info.kind == Kind::Unknown { "a serverless host" } else { &self.info.name }
    }

    fn websockets(&self) -> Option<Lack> {
        let name = self.name();
        match &self.info.capabilities.websockets {
            // A process of its own, wherever it runs.
            None if self.service => None,
            _ if self.lasts() => None,
            Some(figure) if figure.value != Offer::No => None,
            _ => Some(lack("websockets", format!("no connection stays open on {name}"))),
        }
    }

    fn long_work(&self, ask: Ask) -> Option<Lack> {
        let small = || SMALL_BROWSERS.iter().any(|it| self.package.dependencies.contains(*it));
        let carried = match self.info.kind {
            Kind::Persistent => true,
            Kind::Serverless => IMAGES.contains(&&*self.info.id) || ask == Ask::Browser && small(),
            Kind::Unknown => self.service,
            Kind::Edge | Kind::Static => false,
        };
        if carried {
            return None;
        }
        let limit = match self.longest() {
            Some(seconds) => format!("{} ends it after {seconds} s at the latest", self.plural()),
            None if self.info.kind == Kind::Unknown => {
                "a serverless host ends it after some minutes".to_owned()
            }
            None => format!("{} has no place for it", self.plural()),
        };
        let what = if ask == Ask::Browser { "a browser" } else { "another program" };
        Some(lack("long-work", format!("{what} works for many seconds beside other requests, and {limit}")))
    }

    /// What the host lacks for a route that asks for so much time.
    pub(crate) fn lacks_time(&self, asked: Seconds) -> Option<Lack> {
        let (Seconds::At(asked), Some(most)) = (asked, self.longest()) else { return None };
        (asked > most).then(|| {
            lack(
                "duration",
                format!("it may take {asked} s by its own word, and {} allows {most} s", self.plural()),
            )
        })
    }

    /// What the host lacks for a route of these methods.
    pub(crate) fn lacks_server(&self, methods: &[String]) -> Option<Lack> {
        let asks = methods.iter().any(|method| method != "GET" && method != "HEAD");
        let nobody = self.info.kind == Kind::Static && !self.service;
        (nobody && (asks || methods.is_empty()))
            .then(|| lack("server", "a static export has no server, and this answers more than GET"))
    }
}
