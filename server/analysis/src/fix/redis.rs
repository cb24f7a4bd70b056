//! What is kept in the memory of one process goes to Redis, where all processes find it.

use super::code::{Code, ancestors, only_declarator, scope_of};
use super::guard::is_typescript;
use super::imports::{self, Wanted};
use super::offer::Offer;
use super::specifier::specifiers;
use super::{edits, floating, hoist, objects};
use crate::check;
use crate::finding::{Edit, Fix, Safety};
use crate::syntax::{self, Node};

/// `store: new RedisStore({ client })` of connect-redis for `express-session`.
pub(super) fn session_store(offer: &Offer<'_>) -> Option<Fix> {
    const PACKAGE: &str = "connect-redis";
    // The names of older versions, and how they are called, are others.
    let old = offer.input.package.versions.get(PACKAGE).is_some_and(|version| version.major < 8);
    let code = Code::new(offer.document)?;
    let at = made(&code, offer)?;
    let client = Client::of(offer, &code, at).filter(|_| !old)?;
    let mut unused = Vec::new();
    if at.kind() == "new_expression" {
        let class = at.field("constructor")?;
        let uses = code.occurrences(code.root, code.of(class));
        if uses.iter().all(|it| *it == class || scope_of(*it).is_some()) {
            unused.push(code.of(class));
        }
    }
    let (class, mut all) = floating::import(&code, &[PACKAGE], "RedisStore", &unused)?;
    let key = if client.name == "client" { client.name.clone() } else { format!("client: {}", client.name) };
    let store = format!("new {class}({})", code.style().braces(&key));
    match at.kind() {
        "new_expression" => all.push(edits::replace(&code, syntax::span(at), store)),
        _ => all.push(objects::add_key(&code, options(&code, at)?, &format!("store: {store}"))),
    }
    finish(offer, "Keep the sessions in Redis", PACKAGE, client, all)
}

/// `store: new RedisStore({ … })` of rate-limit-redis for `express-rate-limit`, and `RateLimiterRedis` instead of
/// `RateLimiterMemory`.
pub(super) fn rate_limit_store(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = made(&code, offer)?;
    let from = |package: &str, name: &str| {
        imports::imports(&code).iter().any(|import| {
            import.source == package
                && import.names.iter().any(|known| known.local == name && !known.type_only)
        })
    };
    let client = Client::of(offer, &code, at)?;
    let prefix = prefix(&code, at)?;
    let style = code.style();
    if at.kind() == "call_expression" {
        let package = "rate-limit-redis";
        let callee = at.field("function").filter(|it| it.kind() == "identifier")?;
        let options = options(&code, at).filter(|_| from("express-rate-limit", code.of(callee)))?;
        let (class, mut all) = floating::import(&code, &[package], "RedisStore", &[])?;
        let arguments = if is_typescript(&code) { "...args: string[]" } else { "...args" };
        let command = format!("sendCommand: ({arguments}) => {}.sendCommand(args)", client.name);
        let inner = style.braces(&format!("prefix: {}, {command}", style.string(&format!("{prefix}:"))));
        all.push(objects::add_key(&code, options, &format!("store: new {class}({inner})")));
        return finish(offer, "Count in Redis", package, client, all);
    }
    let package = "rate-limiter-flexible";
    let class = at.field("constructor").filter(|it| it.kind() == "identifier")?;
    let name = code.of(class);
    let options = options(&code, at).filter(|_| from(package, name))?;
    let others: Vec<Node<'_>> = code
        .occurrences(code.root, name)
        .into_iter()
        .filter(|it| *it != class && scope_of(*it).is_none())
        .collect();
    let made = |it: &Node<'_>| it.parent().is_some_and(|parent| parent.kind() == "new_expression");
    // A type that is written would not fit any more.
    if !others.iter().all(made) {
        return None;
    }
    let unused = if others.is_empty() { vec![name] } else { Vec::new() };
    let (redis, mut all) = floating::import(&code, &[package], "RateLimiterRedis", &unused)?;
    all.push(edits::replace(&code, syntax::span(class), redis));
    // In memory each limiter has counts of its own; in Redis the prefix tells them apart.
    let keyed = code.of(options).contains("keyPrefix");
    let prefix = if keyed { String::new() } else { format!(", keyPrefix: {}", style.string(&prefix)) };
    let member = format!("storeClient: {}, useRedisPackage: true{prefix}", client.name);
    all.push(objects::add_key(&code, options, &member));
    finish(offer, "Count in Redis", package, client, all)
}

/// `io.adapter(createAdapter(…))` behind the declaration of a Socket.IO server.
pub(super) fn socket_adapter(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let (_, io) = offer.captures("io")?.into_iter().find(|(name, _)| *name == "io")?;
    let io = io.of(code.text);
    let mut declarators = code
        .occurrences(code.root, io)
        .into_iter()
        .filter(|name| scope_of(*name).is_some())
        .filter_map(|name| name.parent());
    let declarator = declarators.next().filter(|node| node.kind() == "variable_declarator")?;
    let value = declarator.field("value")?;
    let declaration = declarator.parent()?;
    let whole = declaration.parent().filter(|it| it.kind() == "export_statement").unwrap_or(declaration);
    if declarators.next().is_some()
        || only_declarator(declaration) != Some(declarator)
        || !matches!(value.kind(), "new_expression" | "call_expression")
        || !code.starts_line(whole.start_byte() as u32)
    {
        return None;
    }
    let (adapter, mut all) = floating::import(&code, &["@socket.io/redis-adapter"], "createAdapter", &[])?;
    let (create, more) = floating::import(&code, &["redis"], "createClient", &[])?;
    all.extend(more);
    let (publisher, subscriber) = (code.free_name("publisher")?, code.free_name("subscriber")?);
    let url = code.style().braces("url: process.env.REDIS_URL");
    let style = code.style();
    let lines = [
        format!("const {publisher} = {create}({url})"),
        format!("const {subscriber} = {publisher}.duplicate()"),
        format!("Promise.all([{publisher}.connect(), {subscriber}.connect()]).catch(console.error)"),
        format!("{io}.adapter({adapter}({publisher}, {subscriber}))"),
    ];
    let indent = code.indent(whole.start_byte() as u32);
    let end = code.line_end(code.end(whole))?;
    let last = style.end_before(&code.text[end as usize..]);
    let text = lines.map(|line| format!("{}{indent}{line}", style.newline)).join(style.semi);
    all.push(edits::insert(&code, end, text + last));
    let title = "Send it to all instances through Redis (install `@socket.io/redis-adapter` and `redis`, set `REDIS_URL`)";
    edits::fix(title.to_owned(), Safety::Unsafe, all, &[offer.document])
}

/// The call or `new` that starts where the finding does.
fn made<'a>(code: &Code<'a>, offer: &Offer<'_>) -> Option<Node<'a>> {
    let start = offer.finding.span.start as usize;
    let leaf = code.root.descendant_for_byte_range(start, start + 1)?;
    ancestors(leaf)
        .take_while(|node| node.start_byte() == start)
        .find(|node| matches!(node.kind(), "call_expression" | "new_expression") && !node.has_error())
}

/// The object that a call is given first: written there, or in a variable that is there for it.
fn options<'a>(code: &Code<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let given = call.field("arguments")?.named_child(0)?;
    let object = match given.kind() {
        "identifier" => {
            let places = code.occurrences(code.root, code.of(given));
            let [declared, used] = places.as_slice() else { return None };
            let declarator = declared.parent().filter(|it| it.field("name") == Some(*declared))?;
            declarator.field("value").filter(|_| *used == given)?
        }
        _ => given,
    };
    (object.kind() == "object").then_some(object)
}

/// What the keys of one limiter start with: its name, or that of its file. `None` where another has it.
fn prefix(code: &Code<'_>, at: Node<'_>) -> Option<String> {
    let declarator = at.parent().filter(|parent| parent.kind() == "variable_declarator");
    let name = declarator.and_then(|it| it.field("name")).map(|name| code.of(name));
    let prefix = name.map_or_else(|| code.document.path().stem().to_owned(), str::to_owned);
    let plain = prefix.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    let taken = ['"', '\''].iter().any(|quote| code.text.contains(&format!("{quote}{prefix}:{quote}")));
    (plain && !taken).then_some(prefix)
}

fn finish(offer: &Offer<'_>, what: &str, package: &str, client: Client, mut all: Vec<Edit>) -> Option<Fix> {
    all.extend(client.edits);
    let install = !offer.input.package.dependencies.contains(package);
    let remains: Vec<String> = [
        install.then(|| format!("install `{package}`")),
        client.is_new.then(|| "set `REDIS_URL`".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let remains = if remains.is_empty() { "look at its options".to_owned() } else { remains.join(", ") };
    edits::fix(format!("{what} ({remains})"), Safety::Unsafe, all, &[offer.document])
}

/// A client of the package `redis` that code of the module can use.
struct Client {
    name: String,
    /// What brings it into the file.
    edits: Vec<Edit>,
    /// The file makes it.
    is_new: bool,
}

impl Client {
    /// The one that the file or another of the package keeps, or else a new one; `None` where the package does not
    /// depend on `redis`.
    fn of(offer: &Offer<'_>, code: &Code<'_>, at: Node<'_>) -> Option<Self> {
        if !offer.input.package.dependencies.contains("redis") {
            return None;
        }
        Self::own(offer, code, at).or_else(|| Self::shared(offer, code)).or_else(|| Self::new(code))
    }

    /// `const client = createClient(…)` above the place.
    fn own(offer: &Offer<'_>, code: &Code<'_>, at: Node<'_>) -> Option<Self> {
        let links = offer.project.links(offer.file)?;
        let name = links.constructions.iter().find_map(|made| {
            let above = offer.input.facts.span(made.call.chunk, offer.input.facts.call(made.call).at).end;
            let fits =
                &*made.library.id == "redis" && made.function.is_none() && above < at.start_byte() as u32;
            fits.then(|| check::holder(offer.input, made.call)).flatten()
        })?;
        let declared = code.occurrences(code.root, &name).into_iter().filter_map(scope_of);
        declared.into_iter().all(|scope| scope == code.root).then(|| Self {
            name,
            edits: Vec::new(),
            is_new: false,
        })
    }

    /// One that another module exports under its name.
    fn shared(offer: &Offer<'_>, code: &Code<'_>) -> Option<Self> {
        offer.project.numbers().filter(|file| *file != offer.file).find_map(|file| {
            let (input, links) = (offer.project.file(file)?, offer.project.links(file)?);
            if input.package.root != offer.input.package.root {
                return None;
            }
            let name = links.constructions.iter().find_map(|made| {
                let fits = &*made.library.id == "redis" && made.function.is_none();
                let name = fits.then(|| check::holder(input, made.call)).flatten()?;
                input.facts.export(&name).is_some().then_some(name)
            })?;
            let sources = specifiers(code, &offer.input.package, &input.path);
            let imported = imports::imports(code).iter().any(|import| {
                sources.iter().any(|source| source == import.source)
                    && import.names.iter().any(|known| known.imported == name && known.local == name)
            });
            let commonjs = imports::is_commonjs(code).unwrap_or(false);
            if imported {
                return Some(Self { name, edits: Vec::new(), is_new: false });
            }
            let wanted = Wanted { sources, imported: name.clone(), local: name.clone() };
            let edits =
                imports::rewrite(code, Some(&wanted), &[], commonjs).filter(|_| !code.mentions(&name))?;
            Some(Self { name, edits, is_new: false })
        })
    }

    fn new(code: &Code<'_>) -> Option<Self> {
        let (create, mut edits) = floating::import(code, &["redis"], "createClient", &[])?;
        let name = code.free_name("redisClient")?;
        let url = code.style().braces("url: process.env.REDIS_URL");
        let lines =
            [format!("const {name} = {create}({url})"), format!("{name}.connect().catch(console.error)")];
        edits.push(hoist::place(code, &std::collections::BTreeSet::new(), &lines)?);
        Some(Self { name, edits, is_new: true })
    }
}
