//! Libraries and targets, read from `queries/libraries.toml` and `queries/targets.toml`.

use std::sync::Arc;

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `new Thing()`.
    New,
    /// `thing()`.
    Call,
}

/// What a library's value holds while it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    /// Several connections of its own.
    Pool,
    /// One connection.
    Connection,
    /// Sockets kept alive and credentials: cheap to make, a little dearer to make often.
    Sockets,
    /// Nothing: a plain wrapper of `fetch`.
    Nothing,
}

/// A library whose values hold something of the host.
#[derive(Clone, Debug)]
pub struct Library {
    /// `prisma`, `pg`.
    pub id: Arc<str>,
    /// As a person says it: `Prisma client`, `pg pool`.
    pub name: Arc<str>,
    /// The ways to make a value.
    pub makes: Vec<Make>,
    /// Methods that end a value: `$disconnect`, `end`.
    pub closes: Vec<Arc<str>>,
}

/// One way to make a value of a library.
#[derive(Clone, Debug)]
pub struct Make {
    /// Module specifiers it comes from.
    pub from: Vec<Arc<str>>,
    /// What is exported, dotted: `PrismaClient`, `default`, `default.connect`, `createPool`.
    pub export: Arc<str>,
    /// `new` or a call.
    pub form: Form,
    /// What the value holds.
    pub holds: Holds,
}
