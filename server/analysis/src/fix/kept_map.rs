//! A `Map` of a module goes to Redis, where all instances find it.

use super::code::{Code, enclosing_function, only_declarator};
use super::functions::make_async;
use super::offer::Offer;
use super::{edits, floating};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};

const PACKAGE: &str = "@upstash/redis";

/// What JSON does not bring back.
const NOT_JSON: &[&str] = &[
    "=>",
    "Map<",
    "Set<",
    "Promise",
    "Date",
    "Buffer",
    "Timeout",
    "Socket",
    "Controller",
    "Response",
    "bigint",
    "Function",
];

/// `carts.get(id)` becomes ``await redis.get<Cart>(`carts:${id}`)``, and so with `set`, `has` and `delete`.
///
/// `None` where the `Map` is used in another way, or where a function that is not async would have to wait.
pub(super) fn map_in_redis(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span).filter(|it| it.kind() == "identifier")?;
    let declarator = name.parent().filter(|it| it.kind() == "variable_declarator")?;
    let declaration = declarator.parent()?;
    let made = declarator.field("value").filter(|it| it.kind() == "new_expression")?;
    let is_map = code.of(made.field("constructor")?) == "Map";
    let empty = made.field("arguments").is_none_or(|it| it.named_child_count() == 0);
    let alone = declaration.parent() == Some(code.root) && only_declarator(declaration) == Some(declarator);
    if !is_map || !empty || !alone || declarator.field("type").is_some() {
        return None;
    }
    let types: Vec<&str> = made
        .field("type_arguments")
        .map_or_else(Vec::new, |list| list.named_children().map(|it| code.of(it)).collect());
    let value = match types.as_slice() {
        [] => String::new(),
        ["string" | "number", value] if !NOT_JSON.iter().any(|it| value.contains(it)) => format!("<{value}>"),
        _ => return None,
    };
    let map = code.of(name);
    let (class, mut all) = floating::import(&code, &[PACKAGE], "Redis", &[])?;
    let redis = code.free_name("redis")?;
    let mut waiting: Vec<Node<'_>> = Vec::new();
    for used in code.occurrences(code.root, map).into_iter().filter(|it| *it != name) {
        let function = enclosing_function(used)?;
        if !form::is_async(function) {
            offer.is_entry(function).then_some(())?;
            if !waiting.contains(&function) {
                waiting.push(function);
            }
        }
        // Redis gives `null` for what it does not have.
        if code.of(function).contains("= undefined") {
            return None;
        }
        all.push(Use { code: &code, map, redis: &redis, value: &value }.edit(used)?);
    }
    for function in waiting {
        all.extend(make_async(&code, function));
    }
    let line = format!("const {redis} = {class}.fromEnv()");
    let whole = code.span(declaration);
    let semi = if code.of(declaration).ends_with(';') { ";" } else { "" };
    all.push(edits::replace(&code, whole, format!("{line}{semi}")));
    let install = if offer.input.package.dependencies.contains(PACKAGE) {
        String::new()
    } else {
        format!("install `{PACKAGE}`, ")
    };
    let title = format!("Keep `{map}` in Redis ({install}set its URL and token, say when entries expire)");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

struct Use<'u, 'a> {
    code: &'u Code<'a>,
    map: &'a str,
    redis: &'u str,
    /// The type of a value, as a type argument.
    value: &'u str,
}

impl<'a> Use<'_, 'a> {
    fn edit(&self, used: Node<'a>) -> Option<Edit> {
        let code = self.code;
        let member = used.parent().filter(|it| it.kind() == "member_expression")?;
        let call = member.parent().filter(|it| it.kind() == "call_expression")?;
        let arguments = call.field("arguments")?;
        let given: Vec<&str> = arguments.named_children().map(|it| code.of(it)).collect();
        let outer = call.parent()?;
        let unused = outer.kind() == "expression_statement";
        // Whether something binds closer than `await` and `===` do.
        let bare = matches!(
            outer.kind(),
            "parenthesized_expression"
                | "variable_declarator"
                | "arguments"
                | "return_statement"
                | "assignment_expression"
        );
        let wrapped = |text: String, bare: bool| if bare { text } else { format!("({text})") };
        let text = match (code.of(member.field("property")?), given.as_slice()) {
            ("get", [key]) => {
                let text = format!("await {}.get{}({})", self.redis, self.value, self.key(key)?);
                wrapped(text, bare || outer.kind() == "binary_expression")
            }
            ("set", [key, value]) if unused => {
                format!("await {}.set({}, {value})", self.redis, self.key(key)?)
            }
            ("has", [key]) => wrapped(format!("(await {}.exists({})) > 0", self.redis, self.key(key)?), bare),
            ("delete", [key]) if unused => format!("await {}.del({})", self.redis, self.key(key)?),
            _ => return None,
        };
        // Another use of the same inside the arguments would be changed twice.
        let once = code.occurrences(arguments, self.map).is_empty();
        once.then(|| edits::replace(code, syntax::span(call), text))
    }

    /// The key in Redis, where other things are kept too.
    fn key(&self, key: &str) -> Option<String> {
        if key.contains(['`', '\n']) {
            return None;
        }
        Some(match key.strip_prefix(['"', '\'']) {
            Some(inner) => self.code.style().string(&format!("{}:{}", self.map, &inner[..inner.len() - 1])),
            None => format!("`{}:${{{key}}}`", self.map),
        })
    }
}
