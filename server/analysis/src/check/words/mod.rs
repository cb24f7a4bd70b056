//! What the words about the project mean, by topic.

mod broadcast;
mod clients;
mod crons;
mod effects;
mod express;
mod failures;
mod guards;
mod handlers;
mod hosts;
mod lifetime;
mod mounts;
mod passage;
pub(super) mod paths;
mod places;
mod promises;
mod proxies;
mod reads;
mod requests;
mod responses;
mod routes;
mod segments;
mod sockets;
mod stores;
mod streams;
mod values;
mod waits;
mod webhooks;
mod wording;
mod work;

use crate::rules::Word;

pub(super) use clients::constructs;
pub(crate) use clients::{construction_at, holder, same_clients, shared_client};
pub(crate) use express::written_path;
pub(crate) use hosts::spoken as spoken_version;
pub(crate) use promises::{Dropped, Forms, forms_at};
pub(crate) use sockets::silent_server;
pub(crate) use values::is_named;
pub(in crate::check) use waits::waited;

/// Every word about the project.
pub(crate) const TABLES: &[&[Word]] = &[
    broadcast::WORDS,
    clients::WORDS,
    crons::WORDS,
    effects::WORDS,
    express::WORDS,
    failures::WORDS,
    guards::WORDS,
    handlers::WORDS,
    hosts::WORDS,
    mounts::WORDS,
    places::WORDS,
    promises::WORDS,
    proxies::WORDS,
    routes::WORDS,
    requests::WORDS,
    responses::WORDS,
    segments::WORDS,
    sockets::WORDS,
    reads::WORDS,
    stores::WORDS,
    streams::WORDS,
    values::WORDS,
    waits::WORDS,
    webhooks::WORDS,
    wording::WORDS,
    #[cfg(feature = "test-hooks")]
    &[Word::of("panic-for-tests", 0, |_, _, _| panic!("asked to"), "panics")],
];

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
