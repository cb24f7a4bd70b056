//! Functions that are given the request or the response: those of the file are converted with the handler, a few of
//! libraries are known.

use super::{Function, Outcome, Trouble, Web, elsewhere};
use crate::fix::code::{ancestors, each, only_declarator};
use crate::fix::imports::imports;
use crate::form;
use crate::syntax::Node;
use crate::text::Span;

/// A call of a function of the file that is given the request or the response.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    node: Node<'a>,
    caller: usize,
    callee: usize,
}

/// What a library does with the request.
enum Known {
    /// Asks for the session, by `(req, res, options)`.
    Session,
    /// Reads the body as it came.
    RawBody,
    /// Takes a request of the web as well.
    AnyRequest,
}

/// Functions of libraries that are given the request, by module and name.
const LIBRARIES: &[(&[&str], &[&str], Known)] = &[
    (&["next-auth", "next-auth/next"], &["getServerSession"], Known::Session),
    (&["micro", "node:stream/consumers", "stream/consumers"], &["buffer"], Known::RawBody),
    (&["raw-body"], &["default", "*"], Known::RawBody),
    (&["next-auth/jwt"], &["getToken"], Known::AnyRequest),
    (&["@clerk/nextjs/server"], &["getAuth"], Known::AnyRequest),
    (&["@vercel/blob/client"], &["handleUpload"], Known::AnyRequest),
];

impl<'a> Web<'_, 'a> {
    /// Follows the request and the response into the functions that get them.
    pub(super) fn follow(&mut self) -> Outcome {
        let mut at = 0;
        while at < self.functions.len() {
            let function = &self.functions[at];
            let (request, response) = (function.request, function.response);
            let mut places = function.uses(self.code, response);
            places.extend(function.uses(self.code, request));
            for place in places {
                self.look(at, place)?;
            }
            at += 1;
        }
        for at in 1..self.functions.len() {
            self.is_known_everywhere(at)?;
        }
        Ok(())
    }

    /// A place at which the request or the response may be handed on.
    fn look(&mut self, at: usize, place: Node<'a>) -> Outcome {
        let Some(list) = place.parent() else { return Ok(()) };
        if self.is_option_of_known(place) {
            self.settled.push(place.id());
            return Ok(());
        }
        let Some(call) =
            list.parent().filter(|it| list.kind() == "arguments" && it.kind() == "call_expression")
        else {
            return Ok(());
        };
        let Some(callee) = call.field("function").filter(|it| it.kind() == "identifier") else {
            return Ok(());
        };
        let name = self.of(callee);
        match self.library(name) {
            Some(Known::Session) => return self.session(call, place),
            Some(Known::RawBody) => return self.raw_body(call, place),
            Some(Known::AnyRequest) if Some(self.of(place)) == self.functions[at].request => {
                self.settled.push(place.id());
                return Ok(());
            }
            _ => {}
        }
        let Some(function) = self.declared(name) else {
            self.twin(at, call, place, name);
            return Ok(());
        };
        if self.collects(function) {
            return self.raw_body(call, place);
        }
        self.hand_on(at, call, place, function)
    }

    /// A function of another module gets the response. Where nothing comes of that, the use of the response is told of.
    fn twin(&mut self, at: usize, call: Node<'a>, place: Node<'a>, name: &str) {
        if Some(self.of(place)) != self.functions[at].response {
            return;
        }
        let found = imports(self.code);
        let known = found
            .iter()
            .flat_map(|import| import.names.iter().map(move |known| (import, known)))
            .find(|(_, known)| known.local == name && known.imported == name);
        let Some(((import, _), list)) = known.zip(call.field("arguments")) else { return };
        let arguments: Vec<Node<'a>> = list.named_children().filter(|it| it.kind() != "comment").collect();
        let Some(number) = arguments.iter().position(|it| *it == place) else { return };
        // What else it reads of the request is not known there.
        let request = self.functions[at].request;
        if arguments.iter().any(|it| it.kind() == "identifier" && Some(self.of(*it)) == request) {
            return;
        }
        let Some(document) = (self.ground.elsewhere)(import.source, name) else { return };
        if let Some(twin) = elsewhere::twin(import.source, &document, name, number, self.ground.manner) {
            self.twins.push((call, twin));
        }
    }

    /// A function of the file gets it.
    fn hand_on(&mut self, at: usize, call: Node<'a>, place: Node<'a>, node: Node<'a>) -> Outcome {
        let Some(list) = call.field("arguments") else { return Ok(()) };
        let number = list.named_children().filter(|it| it.kind() != "comment").position(|it| it == place);
        let parameters = form::parameters(node);
        let parameter = number.and_then(|number| parameters.get(number));
        let name = parameter.map(|it| it.field("pattern").unwrap_or(*it));
        let Some(name) = name.filter(|it| it.kind() == "identifier") else {
            return Err(Trouble::new(place, "The function does not give this a name of its own."));
        };
        let callee = match self.functions.iter().position(|it| it.node == node) {
            Some(0) => return Err(Trouble::new(call, "The handler calls itself.")),
            Some(callee) => callee,
            None => {
                self.functions.push(Function {
                    node,
                    request: None,
                    response: None,
                    heads: Vec::new(),
                    carries: false,
                    waits: false,
                });
                self.functions.len() - 1
            }
        };
        let is_request = Some(self.of(place)) == self.functions[at].request;
        let name = self.of(name);
        let known = &mut self.functions[callee];
        let slot = if is_request { &mut known.request } else { &mut known.response };
        if slot.replace(name).is_some_and(|old| old != name) {
            return Err(Trouble::new(
                call,
                "The function is called with its arguments in another order elsewhere.",
            ));
        }
        if !self.calls.iter().any(|it| it.node == call) {
            self.calls.push(Call { node: call, caller: at, callee });
        }
        Ok(())
    }

    /// Every use of a function is a call that is followed.
    fn is_known_everywhere(&self, at: usize) -> Outcome {
        let node = self.functions[at].node;
        let Some(name) = name_of(node) else { return Ok(()) };
        for place in self.code.occurrences(self.code.root, self.of(name)) {
            let called = self.calls.iter().any(|it| it.node.field("function") == Some(place));
            if place != name && !called {
                let reason = format!("`{}` is used elsewhere, so that it cannot change.", self.of(name));
                return Err(Trouble::new(place, reason));
            }
        }
        if ancestors(node).any(|it| it.kind() == "export_statement") {
            let reason = format!(
                "`{}` is exported, so that it cannot change: give the handler one of its own.",
                self.of(name)
            );
            return Err(Trouble::new(name, reason));
        }
        Ok(())
    }

    /// The function of the file that a name stands for.
    pub(super) fn declared(&self, name: &str) -> Option<Node<'a>> {
        self.code.statements().into_iter().find_map(|statement| {
            let inner = statement.field("declaration").unwrap_or(statement);
            if inner.kind() == "function_declaration" {
                return inner.field("name").filter(|it| self.of(*it) == name).map(|_| inner);
            }
            let declarator = matches!(inner.kind(), "lexical_declaration" | "variable_declaration")
                .then(|| only_declarator(inner))??;
            declarator.field("name").filter(|it| self.of(*it) == name)?;
            declarator.field("value").filter(|it| form::is_function(*it))
        })
    }

    /// What the library does that a name comes from.
    fn library(&self, name: &str) -> Option<&'static Known> {
        let found = imports(self.code);
        let (import, known) = found
            .iter()
            .flat_map(|import| import.names.iter().map(move |known| (import, known)))
            .find(|(_, known)| known.local == name)?;
        let is = |(modules, names, _): &&(&[&str], &[&str], Known)| {
            modules.contains(&import.source) && names.contains(&known.imported)
        };
        LIBRARIES.iter().find(is).map(|(.., known)| known)
    }

    /// `getToken({ req })`.
    fn is_option_of_known(&self, place: Node<'a>) -> bool {
        let object = match place.kind() {
            "shorthand_property_identifier" => place.parent(),
            _ => place.parent().filter(|it| it.kind() == "pair").and_then(|it| it.parent()),
        };
        let call =
            object.filter(|it| it.kind() == "object").and_then(|it| it.parent()).and_then(|it| it.parent());
        let callee = call.and_then(|it| it.field("function"));
        callee.is_some_and(|it| matches!(self.library(self.of(it)), Some(Known::AnyRequest)))
    }

    /// `getServerSession(req, res, options)` needs the options only.
    fn session(&mut self, call: Node<'a>, place: Node<'a>) -> Outcome {
        let Some(list) = call.field("arguments") else { return Ok(()) };
        let arguments: Vec<Node<'a>> = list.named_children().filter(|it| it.kind() != "comment").collect();
        let [_, _, options] = arguments.as_slice() else {
            return Err(Trouble::new(
                call,
                "The session is asked for in another way than `getServerSession(req, res, options)`.",
            ));
        };
        let declarator = ancestors(call).find(|it| it.kind() == "variable_declarator");
        let name = declarator.and_then(|it| it.field("name")).map_or("", |it| self.of(it));
        if [".expires", "?.expires", "!.expires"]
            .iter()
            .any(|end| self.code.text.contains(&format!("{name}{end}")))
        {
            let reason =
                "A Route Handler is not told when a session ends: read `expires` from `/api/auth/session`.";
            return Err(Trouble::new(call, reason));
        }
        self.settled.push(place.id());
        self.needs.session = true;
        let text = self.now(*options);
        self.replace(list, format!("({text})"));
        Ok(())
    }

    /// The body as it came: `await buffer(req)`.
    fn raw_body(&mut self, call: Node<'a>, place: Node<'a>) -> Outcome {
        let Some(whole) = call.parent().filter(|it| it.kind() == "await_expression") else {
            return Err(Trouble::new(call, "The body is read, and not waited for: put `await` in front."));
        };
        if self.ground.parses_body {
            let reason =
                "The body is parsed already when this reads it: say `bodyParser: false` in `config`.";
            return Err(Trouble::new(call, reason));
        }
        self.settled.push(place.id());
        let text = format!("Buffer.from(await {}.arrayBuffer())", self.of(place));
        self.replace(whole, text);
        Ok(())
    }

    /// Whether a function puts a stream that it is given together to a buffer, and does nothing else.
    fn collects(&self, function: Node<'a>) -> bool {
        let parameters = form::parameters(function);
        let (Some(body), [only]) = (function.field("body"), parameters.as_slice()) else { return false };
        let name = self.of(only.field("pattern").unwrap_or(*only));
        let (mut loops, mut joins, mut others) = (false, false, false);
        each(body, |node| {
            match node.kind() {
                "for_in_statement" => {
                    let over = node.field("right").is_some_and(|it| self.of(it) == name);
                    let waits = self.of(node).starts_with("for await");
                    if over && waits { loops = true } else { others = true }
                }
                "call_expression" => {
                    let callee = node.field("function").map_or("", |it| self.of(it));
                    joins |= callee == "Buffer.concat";
                    others |= !matches!(callee.rsplit('.').next(), Some("concat" | "from" | "push"));
                }
                "if_statement" | "throw_statement" => others = true,
                _ => {}
            }
            true
        });
        let one_use = self.code.occurrences(body, name).len() == 1;
        loops && joins && !others && one_use
    }

    /// Whether a use of the request or response is dealt with.
    pub(super) fn is_settled(&self, place: Node<'_>) -> bool {
        self.settled.contains(&place.id())
    }

    /// The call of a function of the file that a use is an argument of.
    pub(super) fn call_with(&self, place: Node<'a>) -> Option<Node<'a>> {
        let call = place.parent().filter(|it| it.kind() == "arguments")?.parent()?;
        let known = self.calls.iter().map(|it| it.node).chain(self.twins.iter().map(|(node, _)| *node));
        known.into_iter().find(|it| *it == call)
    }

    /// Arguments as they read now, but for the response.
    fn arguments(&self, list: Node<'a>, response: Option<&str>) -> Vec<String> {
        list.named_children()
            .filter(|it| {
                it.kind() != "comment" && !(it.kind() == "identifier" && Some(self.of(*it)) == response)
            })
            .map(|it| self.now(it))
            .collect()
    }

    /// The body of a request can be read once: who reads it calls nobody who does.
    pub(super) fn body_is_read_once(&self) -> Outcome {
        let Some(body) = &self.body else { return Ok(()) };
        let reads = |at: usize| self.functions[at].heads.iter().any(|head| head.name == *body);
        let mut below: Vec<bool> = (0..self.functions.len()).map(reads).collect();
        // As many rounds as calls can follow each other.
        for _ in 0..self.functions.len() {
            for call in &self.calls {
                below[call.caller] |= below[call.callee];
            }
        }
        let twice = self.calls.iter().find(|call| reads(call.caller) && below[call.callee]);
        match twice {
            Some(call) => {
                let reason =
                    "The body is read here and in the function that is called: read it in one of them.";
                Err(Trouble::new(call.node, reason))
            }
            None => Ok(()),
        }
    }

    /// Calls without the response, and with the parameters of the path where they are needed.
    pub(super) fn rewrite_calls(&mut self) {
        loop {
            let mut changed = false;
            for call in &self.calls {
                if self.functions[call.callee].carries && !self.functions[call.caller].carries {
                    self.functions[call.caller].carries = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for at in 0..self.calls.len() {
            let Call { node, caller, callee } = self.calls[at];
            let Some(list) = node.field("arguments") else { continue };
            let response = self.functions[caller].response;
            let mut kept = self.arguments(list, response);
            if self.functions[callee].carries {
                kept.push(self.params_name().to_owned());
            }
            self.replace(list, format!("({})", kept.join(", ")));
        }
        for at in 0..self.twins.len() {
            let (call, name) = (self.twins[at].0, self.twins[at].1.name.clone());
            let (Some(callee), Some(list)) = (call.field("function"), call.field("arguments")) else {
                continue;
            };
            let owner = self.functions.iter().find(|it| it.owns(call)).and_then(|it| it.response);
            let kept = self.arguments(list, owner.or(self.functions[0].response));
            self.replace(list, format!("({})", kept.join(", ")));
            self.replace(callee, name);
        }
    }

    /// The parameters of a function that is no handler.
    pub(super) fn signature(&mut self, at: usize) -> Outcome {
        let (node, response, carries) = {
            let function = &self.functions[at];
            (function.node, function.response, function.carries)
        };
        let parameters = form::parameters(node);
        let mut kept = Vec::new();
        for parameter in &parameters {
            let name = self.of(parameter.field("pattern").unwrap_or(*parameter));
            if Some(name) == response {
                continue;
            }
            if Some(name) == self.functions[at].request {
                kept.push(request_parameter(name, parameter.field("type").is_some()));
            } else {
                kept.push(self.now(*parameter));
            }
        }
        if carries {
            let kind = parameters.iter().any(|it| it.field("type").is_some());
            let name = self.params_name();
            kept.push(if kind { format!("{name}: {}", self.params_type()) } else { name.to_owned() });
        }
        let text = format!("({})", kept.join(", "));
        match node.field("parameters").or(node.field("parameter")) {
            Some(list) => self.replace(list, text),
            None => return Err(Trouble::new(node, "The function has no parameters.")),
        }
        if let Some(written) = node.field("return_type") {
            // What it was said to give back is no response.
            self.replace(written, "");
        }
        if self.functions[at].waits && !form::is_async(node) {
            self.draft.replace(Span::at(node.start_byte() as u32), "async ");
        }
        let heads: Vec<String> = self.functions[at].heads.iter().flat_map(|it| it.lines.clone()).collect();
        if heads.is_empty() {
            return Ok(());
        }
        let first =
            node.field("body").filter(|it| it.kind() == "statement_block").and_then(|it| it.named_child(0));
        let Some(first) = first.filter(|it| self.code.starts_line(it.start_byte() as u32)) else {
            return Err(Trouble::new(node, "The function has no body of several lines."));
        };
        let indent = self.code.indent(first.start_byte() as u32);
        let lines: Vec<String> =
            heads.iter().map(|line| format!("{indent}{line}{}", self.style.newline)).collect();
        self.draft.replace(Span::at(self.code.line(first.start_byte() as u32).start), lines.concat());
        Ok(())
    }

    /// The type of the parameters of the path.
    pub(super) fn params_type(&self) -> String {
        let members: Vec<String> = self
            .ground
            .segments
            .iter()
            .map(|it| {
                let bare = it.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let name = if bare { it.name.clone() } else { self.style.string(&it.name) };
                let optional = if it.optional { "?" } else { "" };
                format!("{name}{optional}: string{}", if it.several { "[]" } else { "" })
            })
            .collect();
        let object = self.style.braces(&members.join("; "));
        if self.ground.waits { format!("Promise<{object}>") } else { object }
    }
}

/// The name that a function is declared under.
fn name_of(node: Node<'_>) -> Option<Node<'_>> {
    node.field("name").or_else(|| node.parent()?.field("name"))
}

/// How the request is declared.
pub(super) fn request_parameter(name: &str, typed: bool) -> String {
    if typed { format!("{name}: NextRequest") } else { name.to_owned() }
}
