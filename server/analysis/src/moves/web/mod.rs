//! A handler of `(req, res)`, of `pages/api` or of Express, in the words of the web: what it sends becomes a `Response`
//! that it returns, and what it reads is read as a `Request` gives it. Where one use of either is not known, there is a
//! reason instead.
//!
//! | module | subject |
//! |---|---|
//! | [`draft`] | a text that is rewritten piece by piece |
//! | [`chain`] | one use of the response: `res.status(201).json(user)` |
//! | [`answers`], [`response`] | what a function answers, and one answer |
//! | [`calls`] | functions of the file that are given the request or the response |
//! | [`elsewhere`] | functions of other modules that send answers |
//! | [`reads`] | what is read of the request, but for the query |
//! | [`query`] | the query, and the parameters of the path in it |
//! | [`flow`] | how a statement can be left |
//! | [`methods`], [`cut`] | one function for each method |

mod answers;
mod calls;
mod chain;
mod cut;
mod draft;
mod elsewhere;
mod flow;
mod methods;
mod query;
mod reads;
mod response;

use std::sync::Arc;

use crate::document::Document;
use crate::fix::code::{Code, scope_of};
use crate::fix::style::Style;
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

use calls::Call;
use draft::Draft;
use elsewhere::Twin;
pub(super) use methods::{Exported, exported};

/// Who called the handler so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Next.js, in `pages/api`.
    Pages,
    /// Express, of this major version.
    Express(u64),
}

/// A dynamic segment of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    /// `[...name]`.
    pub(super) several: bool,
    /// `[[...name]]`.
    pub(super) optional: bool,
}

/// What is known of the handler's place.
pub(super) struct Ground<'g> {
    pub(super) manner: Manner,
    /// How the code around is written.
    pub(super) style: Style,
    pub(super) segments: Vec<Segment>,
    /// The parameters of the path are a promise: Next.js 15 and later.
    pub(super) waits: bool,
    /// The body is read for the handler.
    pub(super) parses_body: bool,
    /// How large a body may be, where that is not the usual size.
    pub(super) limit: Option<String>,
    /// The URL has a part in front that no handler sees.
    pub(super) base_path: bool,
    /// The file of the project that a specifier names, where it exports something under a name.
    pub(super) elsewhere: &'g dyn Fn(&str, &str) -> Option<Arc<Document>>,
}

/// Why a handler is not converted.
pub(super) struct Trouble {
    pub(super) span: Span,
    pub(super) reason: String,
}

impl Trouble {
    pub(super) fn new(node: Node<'_>, reason: impl Into<String>) -> Self {
        Self { span: syntax::span(node), reason: reason.into() }
    }
}

/// What the converted text needs from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is needed or not")]
pub(super) struct Needs {
    /// `readBody`.
    pub(super) body: bool,
    /// `readQuery`.
    pub(super) query: bool,
    /// A parameter that is given several times counts once.
    pub(super) first_of_several: bool,
    /// A session is read without the response.
    pub(super) session: bool,
}

/// A statement at the head of a function that the rest of it builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    /// What it declares.
    name: String,
    lines: Vec<String>,
}

/// A function that is given the request or the response.
struct Function<'a> {
    node: Node<'a>,
    request: Option<&'a str>,
    response: Option<&'a str>,
    heads: Vec<Head>,
    /// It reads parameters of the path, which it is given as `params`.
    carries: bool,
    /// It waits for something that was there at once before.
    waits: bool,
}

impl<'a> Function<'a> {
    /// Uses of a name in the function that mean its parameter.
    fn uses(&self, code: &Code<'a>, name: Option<&str>) -> Vec<Node<'a>> {
        let Some((name, body)) = name.zip(self.node.field("body")) else { return Vec::new() };
        let found = code.occurrences(body, name);
        let hidden: Vec<Span> = found.iter().filter_map(|it| scope_of(*it)).map(syntax::span).collect();
        found.into_iter().filter(|it| !hidden.iter().any(|scope| scope.covers(syntax::span(*it)))).collect()
    }

    fn head(&mut self, name: &str, line: String) {
        if !self.heads.iter().any(|head| head.name == name) {
            self.heads.push(Head { name: name.to_owned(), lines: vec![line] });
        }
    }

    /// Whether a place belongs to the function itself: a `return` there returns from it.
    fn owns(&self, place: Node<'_>) -> bool {
        form_function(place) == Some(self.node.id())
    }
}

fn form_function(place: Node<'_>) -> Option<u32> {
    crate::fix::code::ancestors(place).skip(1).find(|it| form::is_function(*it)).map(|it| it.id())
}

/// The conversion of one file.
pub(super) struct Web<'c, 'a> {
    code: &'c Code<'a>,
    ground: &'c Ground<'c>,
    style: Style,
    draft: Draft<'a>,
    /// The handler comes first.
    functions: Vec<Function<'a>>,
    calls: Vec<Call<'a>>,
    /// Calls of functions of other modules, with those that take their places.
    twins: Vec<(Node<'a>, Twin)>,
    /// Uses of the request and the response that are dealt with.
    settled: Vec<u32>,
    pub(super) needs: Needs,
    /// The one method that the handler is asked by.
    pub(super) only: Option<&'static str>,
    /// The name of the body once it is read.
    body: Option<String>,
}

type Outcome<T = ()> = Result<T, Trouble>;

/// Converts a handler, and the functions of its file that it hands its request or response to.
pub(super) fn convert<'c, 'a>(
    code: &'c Code<'a>,
    handler: Node<'a>,
    ground: &'c Ground<'c>,
) -> Outcome<Web<'c, 'a>> {
    let mut web = Web::new(code, ground);
    web.free_names(handler)?;
    let first = web.handler(handler)?;
    web.functions.push(first);
    web.follow()?;
    for at in 0..web.functions.len() {
        web.reads(at)?;
    }
    web.body_is_read_once()?;
    web.rewrite_calls();
    for at in 0..web.functions.len() {
        web.answers(at)?;
    }
    for at in 1..web.functions.len() {
        web.signature(at)?;
    }
    Ok(web)
}

impl<'c, 'a> Web<'c, 'a> {
    /// Nothing is converted yet.
    fn new(code: &'c Code<'a>, ground: &'c Ground<'c>) -> Self {
        Self {
            code,
            ground,
            style: ground.style,
            draft: Draft::new(code.text),
            functions: Vec::new(),
            calls: Vec::new(),
            twins: Vec::new(),
            settled: Vec::new(),
            needs: Needs::default(),
            only: None,
            body: None,
        }
    }
}

impl<'a> Web<'_, 'a> {
    /// Names of the web have to mean what they mean everywhere.
    fn free_names(&self, handler: Node<'a>) -> Outcome {
        for name in ["Response", "Headers"] {
            let declared =
                self.code.occurrences(self.code.root, name).into_iter().find(|it| scope_of(*it).is_some());
            if let Some(node) = declared {
                return Err(Trouble::new(
                    node,
                    format!("The file has a `{name}` of its own: give it another name."),
                ));
            }
        }
        if handler.kind().starts_with("generator") {
            return Err(Trouble::new(handler, "A generator is no handler."));
        }
        Ok(())
    }

    /// The handler with the names of its parameters.
    fn handler(&self, node: Node<'a>) -> Outcome<Function<'a>> {
        let parameters = form::parameters(node);
        let mut names = Vec::new();
        for parameter in &parameters {
            let name = parameter.field("pattern").unwrap_or(*parameter);
            if name.kind() != "identifier" {
                let reason = "Only parameters that are plain names are understood: name it `req` and take it apart inside.";
                return Err(Trouble::new(name, reason));
            }
            names.push(self.code.of(name));
        }
        if names.len() > 3 {
            return Err(Trouble::new(node, "A handler of errors answers no requests."));
        }
        let function = Function {
            node,
            request: names.first().copied(),
            response: names.get(1).copied(),
            heads: Vec::new(),
            carries: false,
            waits: false,
        };
        if let Some(next) = function.uses(self.code, names.get(2).copied()).first() {
            let reason = "What comes after the handler is not known, so that it has to answer itself: `throw` or send an answer.";
            return Err(Trouble::new(*next, reason));
        }
        Ok(function)
    }

    /// What the parameters of the path are called.
    fn params_name(&self) -> &'static str {
        if self.code.mentions("params") { "pathParams" } else { "params" }
    }

    fn of(&self, node: Node<'_>) -> &'a str {
        self.code.of(node)
    }

    /// How a node reads now.
    fn now(&self, node: Node<'_>) -> String {
        self.draft.read(syntax::span(node))
    }

    fn replace(&mut self, node: Node<'_>, text: impl Into<String>) {
        self.draft.replace(syntax::span(node), text);
    }

    /// How the request is called in a function.
    fn request(&self, at: usize) -> &'a str {
        self.functions[at].request.unwrap_or("req")
    }

    /// The text of the file with converted functions in it, and where the handler's begins.
    pub(super) fn finish(&self) -> (String, u32) {
        let handler = &self.functions[0];
        (self.draft.finish(), self.draft.place(handler.node.start_byte() as u32))
    }

    /// Functions that come beside those of other modules, each once.
    pub(super) fn twins(&self) -> Vec<&Twin> {
        let mut out: Vec<&Twin> = Vec::new();
        for (_, twin) in &self.twins {
            if !out.contains(&twin) {
                out.push(twin);
            }
        }
        out
    }

    /// How the handler calls its request.
    pub(super) fn request_name(&self) -> &'a str {
        self.request(0)
    }
}
