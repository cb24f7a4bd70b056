//! What is known of a client whose construction a fix moves or guards.

use std::sync::Arc;

use crate::document::Document;
use crate::fix::code::{Code, ancestors};
use crate::fix::guard::capital;
use crate::package::{Package, Target};
use crate::path::FilePath;
use crate::project::Sources;
use crate::syntax::Node;
use crate::text::Span;

/// What a library's client is called, in code and in words.
#[derive(Clone, Debug)]
pub struct ClientNames {
    /// A variable that holds one, where the code names none: `prisma`.
    pub variable: Arc<str>,
    /// The module that holds one, without folder and extension: `prisma` of `lib/prisma.ts`.
    pub module: Arc<str>,
    /// As a person says it: `Prisma client`.
    pub spoken: Arc<str>,
    /// Methods that end one: `$disconnect`, `end`.
    pub closes: Vec<Arc<str>>,
}

/// The construction of a client, and what a fix needs to know around it.
pub struct ClientSite<'a> {
    /// The file that holds it.
    pub document: &'a Document,
    /// The construction expression, `new PrismaClient(…)` or `postgres(url)`.
    pub at: Span,
    /// What to call things.
    pub client: ClientNames,
    /// The file's package.
    pub package: &'a Package,
    /// Constructions of the same client with identical arguments in other files.
    pub others: Vec<(Arc<Document>, Span)>,
    /// Properties of `globalThis`, and names of module variables, under which the package keeps clients
    /// that are made in another way: a guard that used one of them would hand out the wrong client.
    pub elsewhere: Vec<Arc<str>>,
    /// The text of other files; also says whether a file exists.
    pub sources: &'a dyn Sources,
    /// Where the code runs.
    pub target: &'a Target,
}

/// A module that exports the client to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedClient {
    /// The module.
    pub path: FilePath,
    /// Under which name.
    pub export: Exported,
    /// It is made with the same arguments as the client that it shall replace.
    pub same_arguments: bool,
}

impl SharedClient {
    /// The name of the export; `default` for the default export.
    pub(crate) fn imported(&self) -> &str {
        match &self.export {
            Exported::Default => "default",
            Exported::Named(name) => name,
        }
    }
}

/// The name of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// `export default`, or all of `module.exports`.
    Default,
    /// `export const prisma`, or a property of `module.exports`.
    Named(Arc<str>),
}

impl ClientSite<'_> {
    /// Whether a client may outlive a request there. On Cloudflare a socket belongs to the request that
    /// opened it, so every request has to make its own.
    pub(crate) fn may_be_shared(&self) -> bool {
        !self.target.id.starts_with("cloudflare")
    }

    /// The property of `globalThis` for a client in the variable `name`.
    pub(crate) fn key(&self, name: &str) -> Option<String> {
        let taken = |key: &str| self.elsewhere.iter().any(|other| &**other == key);
        if !taken(name) {
            return Some(name.to_owned());
        }
        let stem: String =
            self.document.path().stem().split(|c: char| !c.is_alphanumeric()).map(capital).collect();
        let mut letters = stem.chars();
        let first = letters.next().filter(|first| first.is_alphabetic())?;
        let key = format!("{}{}{}", first.to_lowercase(), letters.as_str(), capital(name));
        (!taken(&key)).then_some(key)
    }
}

/// The `new …` or call that a site names.
pub(crate) fn construction<'a>(code: &Code<'a>, at: Span) -> Option<Node<'a>> {
    let node = code.node(at)?;
    matches!(node.kind(), "new_expression" | "call_expression").then_some(node)
}

/// The construction with the calls chained to it: `new PrismaClient().$extends(…)`.
pub(crate) fn chained<'a>(code: &Code<'a>, made: Node<'a>) -> Node<'a> {
    const CHAINS: &[&str] = &["$extends", "withPlugin", "on", "withSchema"];
    let mut value = made;
    while let Some(member) = value.parent().filter(|node| node.kind() == "member_expression") {
        let Some(call) = member.parent().filter(|node| node.field("function") == Some(member)) else {
            break;
        };
        let method = member.field("property").map_or("", |property| code.of(property));
        if call.kind() != "call_expression" || !CHAINS.contains(&method) {
            break;
        }
        value = call;
    }
    value
}

/// The expression with what dresses it: parentheses, `as`, `satisfies`, `!`.
pub(crate) fn dressed(value: Node<'_>) -> Node<'_> {
    ancestors(value)
        .take_while(|node| {
            *node == value
                || matches!(
                    node.kind(),
                    "parenthesized_expression"
                        | "as_expression"
                        | "satisfies_expression"
                        | "non_null_expression"
                )
        })
        .last()
        .unwrap_or(value)
}

/// The name of the class or function that makes it: `PrismaClient` of `new Pkg.PrismaClient()`.
pub(crate) fn maker<'a>(code: &Code<'a>, made: Node<'a>) -> &'a str {
    let callee = made.field("constructor").or_else(|| made.field("function"));
    callee.map_or("", |callee| {
        let name = callee.field("property").unwrap_or(callee);
        code.of(name)
    })
}

/// Whether `connect` may be called on a client that is connected already. The others throw.
pub(crate) fn reconnects(maker: &str) -> bool {
    matches!(maker, "PrismaClient" | "MongoClient" | "Pool" | "createPool" | "Kysely" | "Sequelize")
}
