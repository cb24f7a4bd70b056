//! What an Express application inside a route file holds: read statement by statement, and only where each is known.

use super::code::{Code, only_declarator, scope_of};
use super::imports::{Import, imports};
use crate::form;
use crate::project::METHODS;
use crate::syntax::Node;

/// An application that a route file exports, and everything else in the file.
pub(super) struct Inside<'a> {
    pub(super) imports: Vec<Import<'a>>,
    pub(super) routes: Vec<Route<'a>>,
    /// Declarations that handlers may use, in the order of the file.
    pub(super) helpers: Vec<Helper<'a>>,
    /// `export const dynamic = "force-dynamic"`.
    pub(super) options: Vec<Node<'a>>,
    /// Middleware that sets headers, and is set up elsewhere in Next.js: `cors`.
    pub(super) left: Vec<&'a str>,
}

/// One registration of a handler.
pub(super) struct Route<'a> {
    /// `GET`.
    pub(super) method: &'static str,
    /// The path with that of the router in front.
    pub(super) path: String,
    /// The function that answers.
    pub(super) function: Node<'a>,
    /// Where the comments of the statement begin that names it, and the statement.
    pub(super) comments: (u32, u32),
}

/// A declaration of the file.
pub(super) struct Helper<'a> {
    pub(super) name: &'a str,
    pub(super) statement: Node<'a>,
}

/// Middleware that Next.js has options for; what is named is left to do.
const REPLACED: &[(&str, bool)] =
    &[("cors", true), ("helmet", true), ("morgan", false), ("compression", false), ("cookie-parser", false)];

/// Options of a route file, which hold for each of the new ones.
const OPTIONS: &[&str] =
    &["dynamic", "dynamicParams", "fetchCache", "maxDuration", "preferredRegion", "revalidate", "runtime"];

/// What is read so far.
struct Reader<'c, 'a> {
    code: &'c Code<'a>,
    app: &'a str,
    routers: Vec<&'a str>,
    /// Router and the path in front of its own.
    mounts: Vec<(&'a str, &'a str)>,
    /// Holder, method, path, handler, statement.
    registered: Vec<(&'a str, &'static str, &'a str, Node<'a>, Node<'a>)>,
    exported: Vec<&'static str>,
    /// The name of the application or of a router, once for each use that is known.
    uses: Vec<&'a str>,
    found: Inside<'a>,
}

/// Reads the file. `None` where a statement of it is not one of those that have a counterpart in route files.
pub(super) fn read<'a>(code: &Code<'a>) -> Option<Inside<'a>> {
    let known = imports(code);
    if known.iter().any(|import| import.require || import.names.is_empty() || import.source.is_empty()) {
        return None;
    }
    let (app, routers) = makers(code, &known)?;
    let found = Inside {
        imports: known,
        routes: Vec::new(),
        helpers: Vec::new(),
        options: Vec::new(),
        left: Vec::new(),
    };
    let mut reader = Reader {
        code,
        app,
        routers,
        mounts: Vec::new(),
        registered: Vec::new(),
        exported: Vec::new(),
        uses: Vec::new(),
        found,
    };
    for statement in code.statements() {
        reader.statement(statement)?;
    }
    reader.finished()
}

/// The application and the routers of a file that makes one application.
fn makers<'a>(code: &Code<'a>, known: &[Import<'a>]) -> Option<(&'a str, Vec<&'a str>)> {
    let express = known.iter().filter(|import| import.source == "express");
    let names: Vec<(&str, &str)> =
        express.flat_map(|import| &import.names).map(|name| (name.local, name.imported)).collect();
    let (mut apps, mut routers) = (Vec::new(), Vec::new());
    for statement in code.statements() {
        let Some(declarator) = only_declarator(statement) else { continue };
        let Some(call) = declarator.field("value").filter(|it| it.kind() == "call_expression") else {
            continue;
        };
        let callee = code.of(call.field("function")?);
        let made = names.iter().find_map(|(local, imported)| match callee.strip_prefix(local)? {
            "" => Some(*imported),
            ".Router" if *imported == "default" => Some("Router"),
            _ => None,
        });
        let bare = call.field("arguments")?.named_child_count() == 0;
        let name = code.of(declarator.field("name")?);
        match made {
            Some("default") if bare => apps.push(name),
            Some("Router") if bare => routers.push(name),
            Some(_) => return None,
            None => {}
        }
    }
    let [app] = apps.as_slice() else { return None };
    Some((*app, routers))
}

impl<'a> Reader<'_, 'a> {
    fn statement(&mut self, statement: Node<'a>) -> Option<()> {
        if statement.has_error() {
            return None;
        }
        match statement.kind() {
            "comment" | "import_statement" => Some(()),
            "expression_statement" => self.call(statement, statement.named_child(0)?),
            "export_statement" => self.export(statement),
            _ => self.declaration(statement),
        }
    }

    /// `app.get("/users", handler)`, `app.use(cors())`.
    fn call(&mut self, statement: Node<'a>, call: Node<'a>) -> Option<()> {
        let code = self.code;
        let member = call.field("function").filter(|callee| callee.kind() == "member_expression")?;
        let holder = code.of(member.field("object")?);
        if holder != self.app && !self.routers.contains(&holder) {
            return None;
        }
        let list = call.field("arguments")?;
        let given: Vec<Node<'a>> = list.named_children().collect();
        let word = code.of(member.field("property")?);
        self.uses.push(holder);
        match (word, given.as_slice()) {
            ("use", [only]) if self.is_router(*only) => self.mount(holder, "", *only),
            ("use", [path, only]) if self.is_router(*only) => self.mount(holder, text(code, *path)?, *only),
            ("use", [middleware]) => self.middleware(*middleware),
            ("disable", [name]) if text(code, *name)? == "x-powered-by" => Some(()),
            (_, [path, handler]) => {
                let method = METHODS.iter().find(|method| {
                    method.eq_ignore_ascii_case(word) && !matches!(**method, "HEAD" | "OPTIONS")
                })?;
                self.registered.push((holder, method, text(code, *path)?, *handler, statement));
                Some(())
            }
            _ => None,
        }
    }

    fn is_router(&self, value: Node<'a>) -> bool {
        value.kind() == "identifier" && self.routers.contains(&self.code.of(value))
    }

    fn mount(&mut self, holder: &str, path: &'a str, router: Node<'a>) -> Option<()> {
        let router = self.code.of(router);
        let again = self.mounts.iter().any(|(known, _)| *known == router);
        self.uses.push(router);
        (holder == self.app && !again).then(|| self.mounts.push((router, path)))
    }

    /// Middleware that has a counterpart in Next.js.
    fn middleware(&mut self, middleware: Node<'a>) -> Option<()> {
        let code = self.code;
        let callee = middleware.field("function").filter(|_| middleware.kind() == "call_expression")?;
        let brings = |name: &str, source: &str, imported: &str| {
            self.found.imports.iter().any(|import| {
                import.source == source
                    && import.names.iter().any(|it| it.local == name && it.imported == imported)
            })
        };
        if callee.kind() == "member_expression" {
            let object = code.of(callee.field("object")?);
            let json = code.of(callee.field("property")?) == "json";
            return (json && brings(object, "express", "default")).then_some(());
        }
        let name = code.of(callee);
        let (source, shown) = REPLACED.iter().find(|(source, _)| brings(name, source, "default"))?;
        if *shown && !self.found.left.contains(source) {
            self.found.left.push(source);
        }
        Some(())
    }

    /// `export const GET = app`, `export const runtime = "nodejs"`.
    fn export(&mut self, statement: Node<'a>) -> Option<()> {
        let declaration = statement.field("declaration")?;
        let declarator = only_declarator(declaration)?;
        let (name, value) = (self.code.of(declarator.field("name")?), declarator.field("value")?);
        if OPTIONS.contains(&name) {
            self.found.options.push(statement);
            return matches!(value.kind(), "string" | "number" | "true" | "false" | "array").then_some(());
        }
        let method = METHODS.iter().find(|method| **method == name)?;
        self.uses.push(self.app);
        (self.code.of(value) == self.app).then(|| self.exported.push(method))
    }

    fn declaration(&mut self, statement: Node<'a>) -> Option<()> {
        let code = self.code;
        let named = match statement.kind() {
            "lexical_declaration" | "variable_declaration" => only_declarator(statement)?,
            "function_declaration"
            | "class_declaration"
            | "interface_declaration"
            | "type_alias_declaration"
            | "enum_declaration" => statement,
            _ => return None,
        };
        let name = named.field("name").filter(|it| it.kind().ends_with("identifier"))?;
        let name = code.of(name);
        if name != self.app && !self.routers.contains(&name) {
            let plain = code.starts_line(statement.start_byte() as u32)
                && code.line_end(code.end(statement)).is_some();
            plain.then(|| self.found.helpers.push(Helper { name, statement }))?;
        }
        Some(())
    }

    /// The routes with their whole paths. `None` where the application or a router is used in yet another way.
    fn finished(mut self) -> Option<Inside<'a>> {
        let code = self.code;
        for name in self.routers.iter().copied().chain([self.app]) {
            let uses = code.occurrences(code.root, name).into_iter().filter(|it| scope_of(*it).is_none());
            let known = self.uses.iter().filter(|it| **it == name).count();
            let mounted = name == self.app || self.mounts.iter().any(|(router, _)| *router == name);
            if uses.count() != known || !mounted {
                return None;
            }
        }
        for (holder, method, path, handler, statement) in std::mem::take(&mut self.registered) {
            let mount = self.mounts.iter().find(|(router, _)| *router == holder);
            let whole = format!("{}{path}", mount.map_or("", |(_, path)| path.trim_end_matches('/')));
            let path = whole.trim_end_matches('/').to_owned();
            let (function, named) = self.function(handler, statement)?;
            let taken = self.found.routes.iter().any(|it| it.method == method && it.path == path);
            if taken || !self.exported.contains(&method) {
                return None;
            }
            let comments = (code.with_comments(named), named.start_byte() as u32);
            self.found.routes.push(Route { method, path, function, comments });
        }
        (!self.found.routes.is_empty()).then_some(self.found)
    }

    /// The function that a handler is: written in place, or a declaration that is there for it only.
    fn function(&mut self, handler: Node<'a>, statement: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
        if form::is_function(handler) {
            return Some((handler, statement));
        }
        let code = self.code;
        let name = code.of(handler);
        let at = self.found.helpers.iter().position(|helper| helper.name == name)?;
        let declaration = self.found.helpers[at].statement;
        let function = match declaration.kind() {
            "function_declaration" => declaration,
            "lexical_declaration" => only_declarator(declaration)?
                .field("value")
                .filter(|value| matches!(value.kind(), "arrow_function" | "function_expression"))?,
            _ => return None,
        };
        if code.occurrences(code.root, name).len() != 2 {
            return None;
        }
        self.found.helpers.remove(at);
        Some((function, declaration))
    }
}

/// A string without its quotes.
fn text<'a>(code: &Code<'a>, node: Node<'a>) -> Option<&'a str> {
    let inside = code.of(node).get(1..code.of(node).len() - 1)?;
    (node.kind() == "string" && !inside.contains('\\')).then_some(inside)
}
