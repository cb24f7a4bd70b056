//! A handler of the App Router that was written for `pages/api` or Express becomes one that returns a response.

use super::answers::{self, Sent, is_own};
use super::code::{Code, ancestors, is_written, scope_of};
use super::functions::{first_statement, make_async};
use super::offer::Offer;
use super::{edits, imports};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::project::routes;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Makes returned responses of every `res.…` of a handler and reads the request as the web does. Nothing where one
/// use of either is not known.
pub(super) fn web_handler(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let function = ancestors(at).find(|node| form::is_function(*node))?;
    let parameters = form::parameters(function);
    let [first, second] = parameters.as_slice() else { return None };
    let request = first.field("pattern").unwrap_or(*first);
    let response = second.field("pattern").unwrap_or(*second);
    if request.kind() != "identifier" || response != at {
        return None;
    }
    let next = offer.input.package.next.as_ref()?;
    let url = routes::url(next, &offer.input.path)?;
    let mut handler = Handler::new(&code, function, code.of(request));
    handler.segments = routes::segments(&url);
    handler.signature(*first, *second, "")?;
    handler.imports(*first, *second)?;
    handler.body(code.of(response))?;
    let mut edits = handler.edits;
    if handler.waits {
        edits.extend(make_async(&code, function));
    }
    edits::fix("Return a `Response` instead".to_owned(), Safety::Unsafe, edits, &[offer.document])
}

/// A function of `(req, res)` that becomes one of a request, with the edits that make it so.
pub(super) struct Handler<'h, 'a> {
    code: &'h Code<'a>,
    function: Node<'a>,
    /// The name of the request.
    request: &'a str,
    /// What the query holds of the path, which is to be had in another way.
    pub(super) segments: Vec<&'h str>,
    /// How the parameters of the path are read; nothing where `req.params` means something else.
    pub(super) params: Option<&'static str>,
    pub(super) edits: Vec<Edit>,
    /// Whether something is waited for, so that it has to be async.
    pub(super) waits: bool,
}

/// Types of requests that are none of the web.
const REQUESTS: &[&str] = &["NextApiRequest", "IncomingMessage", "Request", "express.Request"];

impl<'h, 'a> Handler<'h, 'a> {
    pub(super) fn new(code: &'h Code<'a>, function: Node<'a>, request: &'a str) -> Self {
        Self { code, function, request, segments: Vec::new(), params: None, edits: Vec::new(), waits: false }
    }

    /// The list of parameters with the types in it: `more` stands in the place of all behind the request.
    pub(super) fn signature(&mut self, first: Node<'a>, last: Node<'a>, more: &str) -> Option<()> {
        let code = self.code;
        let rest = Span::new(first.end_byte() as u32, last.end_byte() as u32);
        self.edits.push(edits::replace(code, rest, more.to_owned()));
        let annotation = first.field("type").and_then(|it| it.named_child(0));
        if let Some(annotation) = annotation {
            let name = code.of(annotation).split('<').next().unwrap_or_default();
            if REQUESTS.contains(&name) && code.of(annotation) != "Request" {
                self.edits.push(edits::replace(code, syntax::span(annotation), "Request".to_owned()));
            } else if !matches!(name, "any" | "Request" | "NextRequest") {
                return None;
            }
        }
        // What it was said to return is no response.
        if let Some(written) = self.function.field("return_type") {
            let nothing = ["void", "Promise<void>", "any", "Promise<any>"];
            if !written.named_child(0).is_some_and(|it| nothing.contains(&code.of(it))) {
                return None;
            }
            self.edits.push(edits::delete(code, syntax::span(written)));
        }
        Some(())
    }

    /// The imports that were only there for the types of the parameters.
    fn imports(&mut self, first: Node<'a>, second: Node<'a>) -> Option<()> {
        let code = self.code;
        let annotation = first.field("type").and_then(|it| it.named_child(0));
        let gone: Vec<&str> = imports::imports(code)
            .iter()
            .flat_map(|import| &import.names)
            .map(|name| name.local)
            .filter(|name| {
                let uses = code.occurrences(code.root, name);
                let mut uses = uses.iter().filter(|node| scope_of(**node).is_none()).peekable();
                let inside =
                    |node: &&Node<'a>| ancestors(**node).any(|it| it == second || Some(it) == annotation);
                uses.peek().is_some() && uses.all(|node| inside(&node))
            })
            .collect();
        let own = |name: &str| {
            code.occurrences(code.root, name).into_iter().any(|node| scope_of(node).is_some())
                && !gone.contains(&name)
        };
        if own("Response") || own("Request") || own("URL") || own("Headers") {
            return None;
        }
        self.edits.extend(imports::rewrite(code, None, &gone, false)?);
        Some(())
    }

    /// Every answer and everything that is read, in the function's body.
    pub(super) fn body(&mut self, response: &str) -> Option<()> {
        let body = self.function.field("body")?;
        self.answers(self.code.occurrences(body, response))?;
        self.reads(self.code.occurrences(body, self.request))
    }

    /// Every use of the response.
    fn answers(&mut self, uses: Vec<Node<'a>>) -> Option<()> {
        let code = self.code;
        let mut read = Vec::new();
        for place in uses {
            if !is_own(self.function, place) {
                return None;
            }
            read.push(answers::read(code, place)?);
        }
        let shared = read.iter().any(|answer| matches!(answer.sent, Sent::Headers));
        if shared && (code.mentions("headers") || self.function.field("body")?.kind() != "statement_block") {
            return None;
        }
        let name = shared.then_some("headers");
        for answer in &read {
            if matches!(answer.sent, Sent::Headers) {
                answer.call.parent().filter(|it| it.kind() == "expression_statement")?;
                let lines = answer.set_on("headers");
                let [line] = lines.as_slice() else { return None };
                self.edits.push(edits::replace(code, syntax::span(answer.call), line.clone()));
            } else {
                let value = answer.written(code, "Response", self.request, name)?;
                self.edits.extend(answers::returned(code, self.function, answer.call, &value)?);
            }
        }
        if shared {
            self.edits.push(first_statement(code, self.function, "const headers = new Headers()")?);
        }
        Some(())
    }

    /// Every use of the request.
    fn reads(&mut self, uses: Vec<Node<'a>>) -> Option<()> {
        let code = self.code;
        let (mut bodies, mut queries) = (Vec::new(), Vec::new());
        for place in uses {
            let member = place
                .parent()
                .filter(|node| node.kind() == "member_expression" && node.field("object") == Some(place))?;
            if is_written(member) {
                return None;
            }
            match code.of(member.field("property")?) {
                "method" => {}
                "body" => bodies.push(member),
                "query" => queries.push(member),
                "headers" => self.header(member)?,
                "params" => self.parameter(member)?,
                // `req.get("authorization")`.
                "get" | "header" if self.params.is_some() => {
                    member.parent().filter(|node| node.field("function") == Some(member))?;
                    let text = format!("{}.headers.get", self.request);
                    self.edits.push(edits::replace(self.code, syntax::span(member), text));
                }
                _ => return None,
            }
        }
        self.read_body(&bodies)?;
        self.query(&queries)
    }

    /// `req.params`, of Express.
    fn parameter(&mut self, params: Node<'a>) -> Option<()> {
        let text = self.params?;
        let waits = text.starts_with("await");
        if waits && !is_own(self.function, params) {
            return None;
        }
        self.waits |= waits;
        let bare = !waits || params.parent()?.kind() == "variable_declarator";
        let text = if bare { text.to_owned() } else { format!("({text})") };
        self.edits.push(edits::replace(self.code, syntax::span(params), text));
        Some(())
    }

    fn header(&mut self, headers: Node<'a>) -> Option<()> {
        let code = self.code;
        let whole = headers.parent().filter(|node| node.field("object") == Some(headers))?;
        let key = match whole.kind() {
            "member_expression" => code.style().string(code.of(whole.field("property")?)),
            "subscript_expression" => {
                let index = whole.field("index").filter(|it| it.kind() == "string")?;
                code.of(index).to_owned()
            }
            _ => return None,
        };
        if is_written(whole) {
            return None;
        }
        let text = format!("{}.headers.get({key})", self.request);
        self.edits.push(edits::replace(code, syntax::span(whole), text));
        Some(())
    }

    /// The body is read once: in its place, or at the head of the function.
    fn read_body(&mut self, uses: &[Node<'a>]) -> Option<()> {
        let code = self.code;
        if uses.is_empty() {
            return Some(());
        }
        self.waits = true;
        let read = format!("await {}.json()", self.request);
        match uses {
            [only] if is_own(self.function, *only) => {
                let bare = matches!(only.parent()?.kind(), "variable_declarator" | "arguments" | "pair");
                let text = if bare { read } else { format!("({read})") };
                self.edits.push(edits::replace(code, syntax::span(*only), text));
            }
            several => {
                let name = code.free_name("body")?;
                for place in several {
                    self.edits.push(edits::replace(code, syntax::span(*place), name.clone()));
                }
                self.edits.push(first_statement(code, self.function, &format!("const {name} = {read}"))?);
            }
        }
        Some(())
    }

    /// Names of the query are read from the URL. One that is a segment of the path comes by another way.
    fn query(&mut self, uses: &[Node<'a>]) -> Option<()> {
        let code = self.code;
        let segments = self.segments.clone();
        let whole = format!("new URL({}.url).searchParams", self.request);
        for query in uses {
            let parent = query.parent()?;
            match parent.kind() {
                "member_expression" if parent.field("object") == Some(*query) => {
                    let key = code.of(parent.field("property")?);
                    if segments.contains(&key) || is_written(parent) {
                        return None;
                    }
                    let text = format!("{whole}.get({})", code.style().string(key));
                    self.edits.push(edits::replace(code, syntax::span(parent), text));
                }
                "variable_declarator" => {
                    let pattern = parent.field("name").filter(|it| it.kind() == "object_pattern")?;
                    let keys: Vec<Node<'a>> = pattern.named_children().collect();
                    // `const { id } = req.query`.
                    let [key] = keys.as_slice() else { return None };
                    let name = code.of(*key);
                    if key.kind() != "shorthand_property_identifier_pattern" || segments.contains(&name) {
                        return None;
                    }
                    let text = format!("{whole}.get({})", code.style().string(name));
                    self.edits.push(edits::replace(code, syntax::span(pattern), name.to_owned()));
                    self.edits.push(edits::replace(code, syntax::span(*query), text));
                }
                _ => return None,
            }
        }
        Some(())
    }
}
