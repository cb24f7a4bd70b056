//! Clients: what they hold, how they are made and ended.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::effects::EffectRow;
use super::targets::TargetInfo;
use super::work::{Work, WorkRow};

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `new Thing()`.
    New,
    /// `thing()`.
    Call,
}

/// What a library's value holds while it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Several connections of its own.
    Pool,
    /// One connection.
    Connection,
    /// Sockets kept alive and credentials: cheap to make, a little dearer to make often.
    Sockets,
    /// Nothing: a plain wrapper of `fetch`, or of a value that is made elsewhere.
    Nothing,
}

/// What kind of thing a library's values are. (What one value holds, its [`Make`] says.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Clients of a database, a cache or a message broker. Prisma is one of them.
    Database,
    /// Clients of an HTTP service that keep sockets and credentials.
    Sdk,
    /// Known to hold nothing.
    Stateless,
}

/// A library whose values hold something of the host, or are known not to.
#[derive(Clone, Debug)]
pub struct Library {
    /// `prisma`, `pg`.
    pub id: Arc<str>,
    /// As a person says it in the middle of a sentence: `Prisma client`, `pg pool`.
    pub name: Arc<str>,
    /// What kind of thing its values are.
    pub class: Class,
    /// The ways to make a value.
    pub makes: Vec<Make>,
    /// Methods that end a value: `$disconnect`, `end`.
    pub closes: Vec<Arc<str>>,
    /// Exports that end what the whole process shares: `disconnect` of mongoose.
    pub closes_all: Vec<Arc<str>>,
    /// Targets and kinds of target where a value made for one request is right.
    pub per_request_on: Vec<Arc<str>>,
    /// Its connections need sockets or native code of Node.js, which the edge runtime does not have.
    pub needs_node: bool,
    /// File name, without extension, that a shared value lives in below `lib/`.
    pub module: Arc<str>,
    /// How many connections one value opens unless it is told otherwise.
    pub pool: Option<Pool>,
}

/// The default size of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Connections at most; `None` where the library sets no number.
    pub size: Option<u32>,
    /// Version and option it was read from.
    pub source: Arc<str>,
}

/// One way to make a value of a library.
#[derive(Clone, Debug)]
pub struct Make {
    /// Module specifiers it comes from.
    pub from: Vec<Arc<str>>,
    /// What is exported, dotted: `PrismaClient`, `default`, `createPool`.
    pub exports: Vec<Arc<str>>,
    /// `new` or a call.
    pub form: Form,
    /// What the value holds.
    pub holds: Holds,
    /// The value as a person says it in the middle of a sentence: `pg client` where the library says
    /// `pg pool`.
    pub name: Arc<str>,
    /// What a shared value is called, and its key on `globalThis`.
    pub variable: Arc<str>,
    /// It holds something only where its first argument is an address: a string, a template,
    /// `process.env.X`, or an object with a key of [`Make::ADDRESS_KEYS`].
    pub address: bool,
    /// An object argument holds nothing unless it has one of these keys; empty: no such condition.
    pub keys: Vec<Arc<str>>,
    /// An object argument that has one of these keys holds nothing.
    pub without: Vec<Arc<str>>,
    /// A value under one of these keys of an object argument does the holding: where it is known to hold
    /// nothing, so does this.
    pub through: Vec<Arc<str>>,
    /// An object argument that passes an existing value (neither a literal nor something made on the
    /// spot) under one of these keys shares it and holds nothing of its own.
    pub shares: Vec<Arc<str>>,
}

impl Library {
    /// Whether a value made for one request is right on this host.
    pub fn is_per_request_on(&self, target: &TargetInfo) -> bool {
        self.per_request_on.iter().any(|name| **name == *target.id || **name == *target.kind.name())
    }

    /// Whether a call of this method ends a value of the library.
    pub fn is_closed_by(&self, method: &str) -> bool {
        self.closes.iter().any(|name| **name == *method)
    }
}

impl Make {
    /// Keys that carry an address in an object argument.
    pub const ADDRESS_KEYS: [&str; 4] = ["connection", "connectionString", "uri", "url"];

    /// The type of a shared value as TypeScript writes it: the class itself for `new`, and what `factory`
    /// (the name of a function that makes the value) returns for a call, whose generics no name carries.
    pub fn type_of(&self, callee: &str, factory: &str) -> String {
        match self.form {
            Form::New => callee.to_owned(),
            Form::Call => format!("ReturnType<typeof {factory}>"),
        }
    }
}

/// Every library and every call with an effect, found by name.
#[derive(Debug)]
pub struct Libraries {
    rows: Vec<Library>,
    effects: Vec<EffectRow>,
    work: Vec<WorkRow>,
    by_id: FxHashMap<Arc<str>, usize>,
    /// Index of the library and of its way, for `new` and for a call.
    makes: ByExport<[Option<(usize, usize)>; 2]>,
    closes_all: ByExport<usize>,
    effects_by_export: ByExport<Vec<usize>>,
    /// Rows about methods, by what makes the value.
    effects_by_maker: ByExport<Vec<usize>>,
    /// The last names of all those methods.
    methods: FxHashSet<Arc<str>>,
}

/// By specifier, then export.
type ByExport<T> = FxHashMap<Arc<str>, FxHashMap<Arc<str>, T>>;

impl Libraries {
    /// The table that comes with the program.
    ///
    /// # Panics
    /// When the table is wrong, which a test rules out.
    pub fn builtin() -> &'static Libraries {
        static BUILTIN: OnceLock<Libraries> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            Libraries::read(routewise_queries::LIBRARIES).expect("a test reads the built-in table")
        })
    }

    /// Reads a table in the form of `libraries.toml`.
    pub fn read(text: &str) -> Result<Libraries, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut out = Libraries {
            rows: file.library.into_iter().map(LibraryRow::into_library).collect(),
            effects: file.effect,
            work: file.work,
            by_id: FxHashMap::default(),
            makes: FxHashMap::default(),
            closes_all: FxHashMap::default(),
            effects_by_export: FxHashMap::default(),
            effects_by_maker: FxHashMap::default(),
            methods: FxHashSet::default(),
        };
        for (index, library) in out.rows.iter().enumerate() {
            out.by_id.insert(Arc::clone(&library.id), index);
            for (way, make) in library.makes.iter().enumerate() {
                for from in &make.from {
                    let exports = out.makes.entry(Arc::clone(from)).or_default();
                    for export in make.exports.iter().flat_map(|export| spellings(export)) {
                        exports.entry(export).or_default()[make.form as usize] = Some((index, way));
                    }
                    let closes = out.closes_all.entry(Arc::clone(from)).or_default();
                    for export in library.closes_all.iter().flat_map(|export| spellings(export)) {
                        closes.insert(export, index);
                    }
                }
            }
        }
        for (index, row) in out.effects.iter().enumerate() {
            for maker in &row.of {
                let (specifier, export) = maker.split_once('#').unwrap_or((maker, "default"));
                let exports = out.effects_by_maker.entry(specifier.into()).or_default();
                exports.entry(export.into()).or_default().push(index);
            }
            out.methods.extend(row.methods.iter().map(|it| it.rsplit('.').next().unwrap_or_default().into()));
            for from in &row.from {
                let exports = out.effects_by_export.entry(Arc::clone(from)).or_default();
                for export in row.exports.iter().flat_map(|export| spellings(export)) {
                    let rows: &mut Vec<usize> = exports.entry(export).or_default();
                    if !rows.contains(&index) {
                        rows.push(index);
                    }
                }
            }
        }
        Ok(out)
    }

    /// What `new export()` or `export()` of a module makes. A module used as a value (`require("knex")()`)
    /// is named by the empty export.
    pub fn make(&self, specifier: &str, export: &str, form: Form) -> Option<(&Library, &Make)> {
        let (library, way) = self.makes.get(specifier)?.get(export)?[form as usize]?;
        let library = self.rows.get(library)?;
        Some((library, library.makes.get(way)?))
    }

    /// The library whose process-wide value this exported function ends.
    pub fn closes_all(&self, specifier: &str, export: &str) -> Option<&Library> {
        self.rows.get(*self.closes_all.get(specifier)?.get(export)?)
    }

    /// Whether any row speaks of this module: the cheap question before the others.
    pub fn knows(&self, specifier: &str) -> bool {
        self.makes.contains_key(specifier) || self.effects_by_export.contains_key(plain(specifier))
    }

    /// What calling `export` of a module does to its host, in the order of the table. `global` is the
    /// module of what every file sees.
    pub fn effects(&self, specifier: &str, export: &str) -> impl Iterator<Item = &EffectRow> {
        let exports = self.effects_by_export.get(plain(specifier));
        let of = |name: &str| exports.and_then(|exports| exports.get(name)).map_or(&[][..], Vec::as_slice);
        of(export).iter().chain(of("*")).filter_map(|index| self.effects.get(*index))
    }

    /// What a call has done when it comes back with a promise, by the way to it from what `made` of a module
    /// makes, or else from the module itself.
    pub(crate) fn work(&self, specifier: &str, made: Option<&str>, way: &str) -> Option<Work> {
        self.work.iter().find_map(|row| row.work(specifier, made, way))
    }

    /// Whether a method of this name may have an effect: the cheap question before [`Libraries::method_effects`].
    pub fn knows_method(&self, name: &str) -> bool {
        self.methods.contains(name)
    }

    /// What a method does to its host, by what made its value and the way from there.
    pub fn method_effects(&self, specifier: &str, export: &str, way: &[impl AsRef<str>]) -> Vec<&EffectRow> {
        let rows = self.effects_by_maker.get(plain(specifier)).and_then(|exports| exports.get(export));
        let rows = rows.map_or(&[][..], Vec::as_slice);
        rows.iter().filter_map(|index| self.effects.get(*index)).filter(|row| row.has_method(way)).collect()
    }

    /// A library by id.
    pub fn library(&self, id: &str) -> Option<&Library> {
        self.rows.get(*self.by_id.get(id)?)
    }

    /// Every library, in the order of the table.
    pub fn all(&self) -> &[Library] {
        &self.rows
    }

    /// Every call with an effect, in the order of the table.
    pub fn all_effects(&self) -> &[EffectRow] {
        &self.effects
    }
}

/// `fs` and `node:fs` are one module.
fn plain(specifier: &str) -> &str {
    specifier.strip_prefix("node:").unwrap_or(specifier)
}

/// The names under which code sees an export: the default import of a CommonJS module is the module, and
/// the module itself may be the value.
fn spellings(export: &str) -> Vec<Arc<str>> {
    if export == "default" {
        vec!["default".into(), "".into()]
    } else if export == "*" || export.starts_with("default.") {
        vec![export.into()]
    } else {
        vec![export.into(), format!("default.{export}").into()]
    }
}

/// Whether a module, named without `node:`, is one of Node.js that the edge runtime does not have.
pub(crate) fn is_node_module(bare: &str) -> bool {
    // Only the row of these modules is about whole modules.
    Libraries::builtin().effects(bare, "*").any(|row| row.effect == super::Effect::NodeApi)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    library: Vec<LibraryRow>,
    effect: Vec<EffectRow>,
    #[serde(default)]
    work: Vec<WorkRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LibraryRow {
    id: Arc<str>,
    name: Arc<str>,
    class: Class,
    #[serde(default)]
    closes: Vec<Arc<str>>,
    #[serde(default)]
    closes_all: Vec<Arc<str>>,
    #[serde(default)]
    per_request_on: Vec<Arc<str>>,
    #[serde(default)]
    needs_node: bool,
    variable: Arc<str>,
    module: Arc<str>,
    pool: Option<u32>,
    pool_source: Option<Arc<str>>,
    make: Vec<MakeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakeRow {
    from: Vec<Arc<str>>,
    export: Vec<Arc<str>>,
    form: Form,
    holds: Holds,
    name: Option<Arc<str>>,
    variable: Option<Arc<str>>,
    #[serde(default)]
    address: bool,
    #[serde(default)]
    keys: Vec<Arc<str>>,
    #[serde(default)]
    without: Vec<Arc<str>>,
    #[serde(default)]
    through: Vec<Arc<str>>,
    #[serde(default)]
    shares: Vec<Arc<str>>,
}

impl LibraryRow {
    fn into_library(self) -> Library {
        let make = |row: MakeRow| Make {
            from: row.from,
            exports: row.export,
            form: row.form,
            holds: row.holds,
            name: row.name.unwrap_or_else(|| Arc::clone(&self.name)),
            variable: row.variable.unwrap_or_else(|| Arc::clone(&self.variable)),
            address: row.address,
            keys: row.keys,
            without: row.without,
            through: row.through,
            shares: row.shares,
        };
        Library {
            makes: self.make.into_iter().map(make).collect(),
            id: self.id,
            name: self.name,
            class: self.class,
            closes: self.closes,
            closes_all: self.closes_all,
            per_request_on: self.per_request_on,
            needs_node: self.needs_node,
            module: self.module,
            pool: self.pool_source.map(|source| Pool { size: self.pool, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Effect, Targets};
    use super::*;

    #[test]
    fn every_way_to_make_a_client_is_found_by_its_specifier_and_export() {
        let table = Libraries::builtin();
        for library in table.all() {
            assert_eq!(table.library(&library.id).unwrap().id, library.id);
            for make in &library.makes {
                for (from, export) in make.from.iter().flat_map(|f| make.exports.iter().map(move |e| (f, e)))
                {
                    let (found, way) = table.make(from, export, make.form).unwrap();
                    assert_eq!((&found.id, way.holds), (&library.id, make.holds), "{from} {export}");
                }
            }
        }
    }

    #[test]
    fn a_default_import_of_a_commonjs_module_names_the_module() {
        let table = Libraries::builtin();
        let id =
            |specifier, export, form| table.make(specifier, export, form).map(|(l, m)| (&*l.id, m.holds));
        assert_eq!(id("pg", "Pool", Form::New), Some(("pg", Holds::Pool)));
        assert_eq!(id("pg", "default.Pool", Form::New), Some(("pg", Holds::Pool)));
        assert_eq!(id("knex", "default", Form::Call), Some(("knex", Holds::Pool)));
        assert_eq!(id("knex", "", Form::Call), Some(("knex", Holds::Pool)));
        assert_eq!(id("ioredis", "default", Form::New), Some(("ioredis", Holds::Connection)));
    }

    #[test]
    fn a_name_of_another_package_or_in_another_form_makes_nothing() {
        let table = Libraries::builtin();
        assert!(table.make("pg", "Pool", Form::Call).is_none());
        assert!(table.make("pg-promise", "Pool", Form::New).is_none());
        assert!(table.make("discord.js", "Client", Form::New).is_none());
        assert!(table.make("@prisma/client", "Prisma", Form::New).is_none());
    }

    #[test]
    fn http_drivers_and_plain_wrappers_hold_nothing() {
        let table = Libraries::builtin();
        for (specifier, export, form) in [
            ("@neondatabase/serverless", "neon", Form::Call),
            ("@upstash/redis", "Redis", Form::New),
            ("@upstash/redis", "Redis.fromEnv", Form::Call),
            ("@planetscale/database", "connect", Form::Call),
            ("@supabase/ssr", "createServerClient", Form::Call),
            ("@supabase/supabase-js", "createClient", Form::Call),
            ("@libsql/client/web", "createClient", Form::Call),
            ("openai", "default", Form::New),
            ("stripe", "default", Form::New),
            ("resend", "Resend", Form::New),
            ("@prisma/client/edge", "PrismaClient", Form::New),
            ("drizzle-orm/neon-http", "drizzle", Form::Call),
            ("mongoose", "default.connect", Form::Call),
            ("kysely", "Kysely", Form::New),
        ] {
            let (_, make) = table.make(specifier, export, form).unwrap();
            assert_eq!(make.holds, Holds::Nothing, "{specifier} {export}");
        }
    }

    #[test]
    fn no_specifier_and_export_is_claimed_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for library in Libraries::builtin().all() {
            for make in &library.makes {
                for (from, export) in make.from.iter().flat_map(|f| make.exports.iter().map(move |e| (f, e)))
                {
                    assert!(seen.insert((from, export, make.form == Form::New)), "{from} {export} twice");
                }
            }
        }
    }

    #[test]
    fn every_library_says_what_it_holds_and_what_a_shared_value_is_called() {
        let names = |target: &str| Targets::builtin().get(target).is_some();
        for library in Libraries::builtin().all() {
            let stateful = library.makes.iter().any(|make| make.holds != Holds::Nothing);
            assert_eq!(stateful, library.class != Class::Stateless, "{}", library.id);
            let database = library.class == Class::Database;
            assert_eq!(database, library.pool.is_some(), "{} says the size of its pool", library.id);
            assert!(!library.makes.is_empty() && !library.module.is_empty(), "{}", library.id);
            for name in &library.per_request_on {
                let kind = ["serverless", "persistent", "edge", "static", "unknown"].contains(&&**name);
                assert!(kind || names(name), "{} names the target {name}", library.id);
            }
            for make in &library.makes {
                assert!(
                    make.holds != Holds::Sockets || library.class == Class::Sdk,
                    "{} holds sockets, so it is an sdk",
                    library.id
                );
            }
        }
    }

    #[test]
    fn closing_the_connection_of_the_whole_process_is_known_by_its_export() {
        let table = Libraries::builtin();
        assert_eq!(&*table.closes_all("mongoose", "default.disconnect").unwrap().id, "mongoose");
        assert_eq!(&*table.closes_all("mongoose", "connection.close").unwrap().id, "mongoose");
        assert!(table.closes_all("pg", "end").is_none());
        assert!(table.library("pg").unwrap().is_closed_by("end"));
    }

    #[test]
    fn a_neon_pool_for_one_request_is_right_on_cloudflare_and_at_the_edge_only() {
        let neon = Libraries::builtin().library("neon").unwrap();
        let on = |id: &str| neon.is_per_request_on(Targets::builtin().get(id).unwrap());
        assert!(on("cloudflare"));
        assert!(!on("vercel") && !on("node"));
    }

    #[test]
    fn effects_are_found_with_and_without_the_node_prefix() {
        let table = Libraries::builtin();
        let of = |specifier: &str, export: &str| {
            table.effects(specifier, export).map(|row| (row.effect, row.phrase())).collect::<Vec<_>>()
        };
        assert_eq!(
            of("node:child_process", "spawn"),
            [(Effect::SpawnsProcess, "starts another program"), (Effect::NodeApi, "uses modules of Node.js")]
        );
        assert_eq!(of("child_process", "default.spawn"), of("node:child_process", "spawn"));
        assert_eq!(of("global", "setInterval"), [(Effect::SchedulesWork, "starts a timer that repeats")]);
        assert_eq!(
            of("puppeteer", "default.launch"),
            [(Effect::SpawnsProcess, "launches a browser"), (Effect::TakesLong, "launches a browser")]
        );
        assert_eq!(of("fs", "readFile"), [(Effect::NodeApi, "uses modules of Node.js")]);
        assert!(of("global", "fetch").is_empty());
        assert!(table.knows("node:fs") && table.knows("pg") && !table.knows("react"));
    }

    #[test]
    fn an_effect_is_written_by_the_name_it_gives_itself() {
        for effect in Effect::ALL {
            let text = format!(
                "library = []\n[[effect]]\neffect = {:?}\nfrom = [\"a\"]\nexports = [\"b\"]",
                effect.name()
            );
            assert_eq!(Libraries::read(&text).unwrap().all_effects()[0].effect, effect);
        }
    }
}
