//! A server file of the project's own: it serves Next.js, and WebSockets beside it.

use super::code::{Code, ancestors, only_declarator, scope_of};
use super::constant::free_names;
use super::export::unused_imports;
use super::offer::Offer;
use super::style::Style;
use super::{edits, imports, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::project::routes;
use crate::syntax::{self, Node};

/// Makes `server.ts` or `server.mjs`, and takes the socket server out of the file.
///
/// `None` where a custom server cannot run: on a host without one lasting process, and in a standalone output, which
/// does not hold the file; where a page of Next.js answers for the address of the sockets; and where other code needs
/// the socket server.
pub(super) fn custom_server(offer: &Offer<'_>) -> Option<Fix> {
    let package = &offer.input.package;
    let next = package.next.as_ref().filter(|next| next.output.is_none() && next.custom_server.is_none())?;
    let root = package.root.as_ref().filter(|_| offer.is_lasting())?;
    let is_taken = ["ts", "mts", "cts", "js", "mjs", "cjs"].iter().any(|extension| {
        let path = root.join(&format!("server.{extension}"));
        offer.sources.document(&path).is_some()
    });
    let library = Library::of(offer)?;
    // A page ends an upgrade request to its own address, and one at `/[slug]` has any.
    let is_served = offer.project.numbers().filter_map(|file| offer.project.file(file)).any(|input| {
        input.package.root == package.root
            && routes::url(next, &input.path).is_some_and(|url| {
                let url = url.strip_prefix(&next.base_path).unwrap_or(&url);
                url == library.path() || url.starts_with("/[")
            })
    });
    if is_taken || is_served {
        return None;
    }
    let code = Code::new(offer.document)?;
    let removed = Removed::of(offer, &code, true)?;
    let handler = removed.handler_text(&code);
    let mut all = statements::remove(&code, &removed.statements)?;
    let commonjs = imports::is_commonjs(&code).unwrap_or(false);
    all.extend(imports::rewrite(&code, None, &unused_imports(&code, &removed.statements), commonjs)?);
    let (name, start) = if package.typescript {
        ("server.ts", "npx tsx server.ts")
    } else {
        ("server.mjs", "node server.mjs")
    };
    all.push(Edit::create(root.join(name), library.text(&code.style(), removed.name, handler.as_deref())));
    let title =
        format!("Make a `{name}` that serves Next.js and accepts WebSockets (then start it with `{start}`)");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// Makes a service of its own for the sockets, in a folder beside the app, and takes the socket server out of the file.
///
/// `None` where such a folder is there already, and where other code needs the socket server.
pub(super) fn socket_service(offer: &Offer<'_>) -> Option<Fix> {
    let package = &offer.input.package;
    let root = package.root.as_ref().filter(|_| package.next.is_some())?;
    let folder = root.join("sockets");
    // The build of the app would look at a TypeScript file, whose packages are not its own.
    let file = "server.mjs";
    let is_taken =
        ["package.json", file].iter().any(|name| offer.sources.document(&folder.join(name)).is_some());
    let library = Library::of(offer)?;
    let code = Code::new(offer.document)?;
    let removed = Removed::of(offer, &code, true).filter(|_| !is_taken)?;
    if removed.handler.is_some_and(has_types) {
        return None;
    }
    let handler = removed.handler_text(&code);
    let mut all = statements::remove(&code, &removed.statements)?;
    let commonjs = imports::is_commonjs(&code).unwrap_or(false);
    all.extend(imports::rewrite(&code, None, &unused_imports(&code, &removed.statements), commonjs)?);
    let style = code.style();
    let newline = style.newline;
    let name = library.package();
    let version = package
        .versions
        .get(name)
        .map_or("latest".to_owned(), |it| format!("^{}.{}.{}", it.major, it.minor, it.patch));
    let manifest = [
        "{".to_owned(),
        "  \"name\": \"sockets\",".to_owned(),
        "  \"private\": true,".to_owned(),
        "  \"type\": \"module\",".to_owned(),
        format!("  \"scripts\": {{ \"start\": \"node {file}\" }},"),
        format!("  \"dependencies\": {{ \"express\": \"latest\", \"{name}\": \"{version}\" }}"),
        "}".to_owned(),
    ];
    all.push(Edit::create(folder.join("package.json"), manifest.join(newline) + newline));
    all.push(Edit::create(folder.join(file), library.service(&style, removed.name, handler.as_deref())));
    let title = "Make a service of its own, `sockets` (run it on a host with lasting processes, and let clients connect there)";
    edits::fix(title.to_owned(), Safety::Unsafe, all, &[offer.document])
}

/// Whether code is TypeScript that JavaScript is not.
fn has_types(code: Node<'_>) -> bool {
    let mut found = false;
    super::code::each(code, |node| {
        found |= matches!(
            node.kind(),
            "type_annotation"
                | "type_arguments"
                | "as_expression"
                | "satisfies_expression"
                | "non_null_expression"
        );
        !found
    });
    found
}

/// Names that the files that are made use for something else.
const TAKEN: [&str; 5] = ["app", "express", "handle", "next", "server"];

/// The package that makes the sockets.
#[derive(Clone, Copy)]
pub(super) enum Library {
    Ws,
    SocketIo,
}

impl Library {
    pub(super) fn of(offer: &Offer<'_>) -> Option<Self> {
        let facts = &offer.input.facts;
        let effects = &offer.project.links(offer.file)?.effects;
        effects
            .iter()
            .filter(|asked| facts.span(asked.call.chunk, facts.call(asked.call).at) == offer.finding.span)
            .flat_map(|asked| &asked.row.from)
            .find_map(|module| match &**module {
                "ws" => Some(Self::Ws),
                "socket.io" => Some(Self::SocketIo),
                _ => None,
            })
    }

    /// Where clients connect.
    fn path(self) -> &'static str {
        match self {
            Self::Ws => "/ws",
            Self::SocketIo => "/socket.io",
        }
    }

    /// What npm calls it.
    fn package(self) -> &'static str {
        match self {
            Self::Ws => "ws",
            Self::SocketIo => "socket.io",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Ws => "WebSocketServer",
            Self::SocketIo => "Server",
        }
    }

    /// The lines that say what each connection gets; `handler` is the function that does, where there is one.
    fn connection(self, style: &Style, sockets: &str, handler: Option<&str>) -> Vec<String> {
        let connection = style.string("connection");
        if let Some(handler) = handler {
            return vec![format!("{sockets}.on({connection}, {handler});")];
        }
        let answer = match self {
            Self::Ws => "socket.send(data.toString())".to_owned(),
            Self::SocketIo => format!("socket.emit({}, data)", style.string("message")),
        };
        vec![
            format!("{sockets}.on({connection}, (socket) => {{"),
            format!("\tsocket.on({}, (data) => {answer});", style.string("message")),
            "});".to_owned(),
        ]
    }

    /// The file of a server that has nothing to do but the sockets.
    fn service(self, style: &Style, name: Option<&str>, handler: Option<&str>) -> String {
        let import = |what: &str, from: &str| format!("import {what} from {};", style.string(from));
        let sockets = name.filter(|name| !TAKEN.contains(name)).unwrap_or("sockets");
        let made = match self {
            Self::Ws => format!("new {}({})", self.class(), style.braces("server")),
            Self::SocketIo => format!("new {}(server)", self.class()),
        };
        let mut lines = vec![
            import(&style.braces("createServer"), "node:http"),
            import("express", "express"),
            import(&style.braces(self.class()), self.package()),
            String::new(),
            "const app = express();".to_owned(),
            "const server = createServer(app);".to_owned(),
            format!("const {sockets} = {made};"),
            String::new(),
        ];
        lines.extend(self.connection(style, sockets, handler));
        lines.extend([String::new(), "server.listen(Number(process.env.PORT ?? 3001));".to_owned()]);
        written(style, &lines)
    }

    /// The server file; `handler` is the function that gets each connection.
    fn text(self, style: &Style, name: Option<&str>, handler: Option<&str>) -> String {
        let import = |what: &str, from: &str| format!("import {what} from {};", style.string(from));
        let mut lines = vec![
            import(&style.braces("createServer"), "node:http"),
            import("next", "next"),
            import(&style.braces(self.class()), self.package()),
            String::new(),
            format!(
                "const app = next({});",
                style.braces(&format!("dev: process.env.NODE_ENV !== {}", style.string("production")))
            ),
            "const handle = app.getRequestHandler();".to_owned(),
            String::new(),
            "app.prepare().then(() => {".to_owned(),
            "\tconst server = createServer((request, response) => handle(request, response));".to_owned(),
        ];
        let made = match self {
            Self::Ws => format!("new {}({})", self.class(), style.braces("noServer: true")),
            Self::SocketIo => format!("new {}(server)", self.class()),
        };
        let sockets = name.filter(|name| !TAKEN.contains(name)).unwrap_or("sockets");
        lines.push(format!("\tconst {sockets} = {made};"));
        lines.push(String::new());
        let connection = self.connection(style, sockets, handler);
        lines.extend(
            connection
                .iter()
                .map(|line| format!("\t{}", line.replace(style.newline, &format!("{}\t", style.newline)))),
        );
        if matches!(self, Self::Ws) {
            lines.extend([
                String::new(),
                "\t// Other upgrades belong to Next.js, which keeps one open to each page while developing."
                    .to_owned(),
                format!("\tserver.on({}, (request, socket, head) => {{", style.string("upgrade")),
                format!(
                    "\t\tif (request.url?.split({})[0] === {}) {{",
                    style.string("?"),
                    style.string("/ws")
                ),
                format!("\t\t\t{sockets}.handleUpgrade(request, socket, head, (client) => {{"),
                format!("\t\t\t\t{sockets}.emit({}, client, request);", style.string("connection")),
                "\t\t\t});".to_owned(),
                "\t\t}".to_owned(),
                "\t});".to_owned(),
            ]);
        }
        lines.extend([
            String::new(),
            "\tserver.listen(Number(process.env.PORT ?? 3000));".to_owned(),
            "});".to_owned(),
        ]);
        written(style, &lines)
    }
}

/// Lines with tabs in front, as the file writes them.
fn written(style: &Style, lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let code = line.trim_start_matches('\t');
        let depth = line.len() - code.len();
        text.push_str(&style.indent.repeat(depth));
        let code =
            code.replace(&format!("{}\t", style.newline), &format!("{}{}", style.newline, style.indent));
        match code.strip_suffix(';') {
            Some(bare) if style.semi.is_empty() => text.push_str(bare),
            _ => text.push_str(&code),
        }
        text.push_str(style.newline);
    }
    text
}

/// What leaves the file: the statement that makes the sockets, and the one that says what each connection gets.
pub(super) struct Removed<'a> {
    pub(super) statements: Vec<Node<'a>>,
    /// The function that gets each connection.
    pub(super) handler: Option<Node<'a>>,
    /// What the file calls the sockets, where that function names them.
    name: Option<&'a str>,
}

impl<'a> Removed<'a> {
    /// The function that gets each connection, as it stands in a file of its own.
    fn handler_text(&self, code: &Code<'_>) -> Option<String> {
        let text = |node: Node<'_>| code.outdented(syntax::span(node), code.indent(node.start_byte() as u32));
        self.handler.map(text)
    }

    /// `None` where something else of the file uses the sockets, or where the function would leave a file that it
    /// needs.
    pub(super) fn of(offer: &Offer<'_>, code: &Code<'a>, leaves: bool) -> Option<Self> {
        let made = code.node(offer.finding.span)?;
        let around = made.parent()?;
        if around.kind() == "expression_statement" {
            return Some(Self { statements: vec![around], handler: None, name: None });
        }
        let declaration = around.parent().filter(|_| around.kind() == "variable_declarator")?;
        let block = declaration.parent().filter(|it| matches!(it.kind(), "statement_block" | "program"))?;
        let name = around.field("name").filter(|name| name.kind() == "identifier")?;
        if only_declarator(declaration) != Some(around) {
            return None;
        }
        let text = code.of(name);
        let mut out = Self { statements: vec![declaration], handler: None, name: None };
        for used in code.occurrences(block, text).into_iter().filter(|it| *it != name) {
            // Where the function goes, it finds the sockets under their name.
            if leaves
                && !TAKEN.contains(&text)
                && out.handler.is_some_and(|it| syntax::span(it).covers(syntax::span(used)))
            {
                out.name = Some(text);
                continue;
            }
            let call = ancestors(used).find(|it| it.kind() == "call_expression")?;
            let statement = call.parent().filter(|it| it.kind() == "expression_statement")?;
            let listens = code.of(call.field("function")?) == format!("{text}.on");
            let arguments = call.field("arguments").filter(|it| it.named_child_count() == 2)?;
            let event = code.of(arguments.named_child(0)?).trim_matches(['"', '\'']);
            let handler = arguments.named_child(1)?;
            let alone = matches!(handler.kind(), "arrow_function" | "function_expression")
                && (!leaves
                    || free_names(code, handler).into_iter().filter(|free| code.of(*free) != text).all(
                        |free| {
                            let declared = code.occurrences(code.root, code.of(free));
                            declared.into_iter().all(|it| scope_of(it).is_none())
                        },
                    ));
            // A template of several lines would get other blanks.
            let literal = code.of(handler).contains('`') && code.of(handler).contains('\n');
            if !listens || event != "connection" || !alone || literal || out.handler.is_some() {
                return None;
            }
            if statement.parent() != Some(block) {
                return None;
            }
            out.handler = Some(handler);
            out.statements.push(statement);
        }
        Some(out)
    }
}
