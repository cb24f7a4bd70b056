//! What a handler reads of its request, but for the query.

use super::chain::{self, member_of, short};
use super::{Manner, Outcome, Trouble, Web};
use crate::fix::code::{is_written, scope_of};
use crate::syntax::Node;

/// What a Route Handler does not know of a request.
const NO_COUNTERPART: &[(&[&str], &str)] = &[
    (
        &["socket", "connection", "ip", "ips"],
        "is about the connection, which a Route Handler does not see: read the header that the host sets, such as `x-forwarded-for`",
    ),
    (
        &["on", "once", "pipe", "read", "setEncoding", "addListener", "destroy"],
        "reads the body as a stream of Node.js: read it by `await buffer(req)` of `node:stream/consumers` first",
    ),
    (
        &["preview", "previewData", "draftMode"],
        "is about previews: use `draftMode` of `next/headers` in a new Route Handler",
    ),
    (
        &["session", "user", "file", "files", "flash"],
        "is put there by a middleware, which no Route Handler has in front",
    ),
];

impl<'a> Web<'_, 'a> {
    /// Every use of the request in a function.
    pub(super) fn reads(&mut self, at: usize) -> Outcome {
        let places = self.functions[at].uses(self.code, self.functions[at].request);
        let mut queries = Vec::new();
        for place in places {
            if self.is_settled(place) || self.call_with(place).is_some() {
                continue;
            }
            let Some(member) = member_of(place) else {
                if let Some(declarator) = pattern_of(place) {
                    self.taken_apart(at, declarator, &mut queries)?;
                    continue;
                }
                return Err(self.used_whole(at, place));
            };
            if is_written(member) {
                return Err(Trouble::new(member, "The request is changed here: keep this in a variable."));
            }
            let property = member.field("property").map_or("", |it| self.of(it));
            self.read(at, member, property, &mut queries)?;
        }
        self.query(at, &queries)
    }

    /// One property of the request.
    fn read(&mut self, at: usize, member: Node<'a>, property: &str, queries: &mut Vec<Node<'a>>) -> Outcome {
        let request = self.request(at);
        let express = self.ground.manner != Manner::Pages;
        match property {
            "method" => {}
            "body" => {
                let name = self.body(at, member)?;
                // `{ body: req.body }`.
                let pair = member.parent().filter(|it| {
                    it.kind() == "pair" && it.field("key").is_some_and(|key| self.of(key) == name)
                });
                self.replace(pair.unwrap_or(member), name);
            }
            "query" => queries.push(member),
            "params" if express => self.params(at, member)?,
            "headers" => self.headers(member, request)?,
            "cookies" if !express => self.cookies(member, request)?,
            "url" if !express => self.url(member, request)?,
            "get" | "header" if express => {
                let call = member.parent().filter(|it| it.field("function") == Some(member));
                let Some(call) = call else { return Err(self.unknown(member, property)) };
                let list = call.field("arguments").map_or(String::new(), |it| self.now(it));
                let text = self.or_undefined(call, format!("{request}.headers.get{list}"));
                self.replace(call, text);
            }
            _ => return Err(self.unknown(member, property)),
        }
        Ok(())
    }

    fn unknown(&self, member: Node<'_>, property: &str) -> Trouble {
        let known = NO_COUNTERPART.iter().find(|(names, _)| names.contains(&property));
        let what = known.map_or("has no counterpart in a Route Handler", |(_, what)| what);
        Trouble::new(member, format!("`{}` {what}.", short(self.of(member))))
    }

    fn used_whole(&self, at: usize, place: Node<'a>) -> Trouble {
        let name = self.of(place);
        // Who gets the response, too, is told of for that.
        let response = self.functions[at].response;
        let beside = place.parent().and_then(|list| {
            list.named_children().find(|it| it.kind() == "identifier" && Some(self.of(*it)) == response)
        });
        if let Some(Err(trouble)) = beside.map(|it| chain::read(self.code, it, self.ground.manner)) {
            return trouble;
        }
        let call = place.parent().filter(|it| it.kind() == "arguments").and_then(|it| it.parent());
        let reason = match call.and_then(|it| it.field("function").or(it.field("constructor"))) {
            Some(callee) => format!(
                "`{name}` is handed to `{}`, which may want a request of Node.js: give it what it reads.",
                short(self.of(callee))
            ),
            None if place.parent().is_some_and(|it| it.kind() == "for_in_statement") => {
                "The body is read piece by piece: read it by `await buffer(req)` of `node:stream/consumers`."
                    .to_owned()
            }
            None => format!("`{name}` is used as a value: read its properties where they are needed."),
        };
        Trouble::new(place, reason)
    }

    /// `const { method, body } = req`.
    fn taken_apart(&mut self, at: usize, declarator: Node<'a>, queries: &mut Vec<Node<'a>>) -> Outcome {
        let (Some(pattern), Some(declaration)) = (declarator.field("name"), declarator.parent()) else {
            return Ok(());
        };
        let request = self.request(at);
        let kind = declaration.child(0).map_or("const", |it| self.of(it));
        let alone = declaration.named_child_count() == 1;
        let mut lines = Vec::new();
        let mut kept = Vec::new();
        for member in pattern.named_children() {
            let (key, value) = match member.kind() {
                "shorthand_property_identifier_pattern" => (self.of(member), member),
                "pair_pattern" => match (member.field("key"), member.field("value")) {
                    (Some(key), Some(value)) => (self.of(key), value),
                    _ => continue,
                },
                _ => return Err(Trouble::new(member, "Read this from the request by its name.")),
            };
            match key {
                "method" => kept.push(self.of(member)),
                "body" => {
                    let name = self.body(at, declarator)?;
                    lines.push(format!("{kind} {} = {name}", self.of(value)));
                }
                "query" => {
                    let _ = &queries;
                    lines.push(self.query_taken(at, kind, value, None));
                }
                "headers"
                    if value.kind() == "object_pattern"
                        || value.kind() == "identifier"
                        || value == member =>
                {
                    lines.push(format!("{kind} {} = Object.fromEntries({request}.headers)", self.of(value)));
                }
                _ => return Err(self.unknown(member, key)),
            }
        }
        if !alone {
            return Err(Trouble::new(declarator, "Take the request apart in a statement of its own."));
        }
        if !kept.is_empty() {
            lines.insert(0, format!("{kind} {} = {request}", self.style.braces(&kept.join(", "))));
        }
        let indent = self.code.indent(declaration.start_byte() as u32);
        let end = if self.of(declaration).ends_with(';') { ";" } else { "" };
        let between = format!("{end}{}{indent}", self.style.newline);
        self.replace(declaration, lines.join(&between) + end);
        Ok(())
    }

    /// The name that the parsed body has in a function.
    fn body(&mut self, at: usize, place: Node<'a>) -> Outcome<String> {
        if !self.ground.parses_body {
            let reason =
                "The body is not parsed here: read it by `await buffer(req)` of `node:stream/consumers`.";
            return Err(Trouble::new(place, reason));
        }
        let free = ["body", "payload", "input"].into_iter().find(|name| !self.code.mentions(name));
        let name = self.body.clone().unwrap_or_else(|| free.unwrap_or("requestBody").to_owned());
        self.body = Some(name.clone());
        self.needs.body = true;
        self.functions[at].waits = true;
        let request = self.request(at);
        let limit = self.ground.limit.as_ref().map(|limit| format!(", {limit}")).unwrap_or_default();
        let end = self.style.semi;
        let line = match self.ground.manner {
            Manner::Pages => format!("const {name} = await readBody({request}{limit}){end}"),
            Manner::Express(4) => format!("const {name} = (await readJson({request})) ?? {{}}{end}"),
            Manner::Express(_) => format!("const {name} = await readJson({request}){end}"),
        };
        self.functions[at].head(&name, line);
        if let Some(head) =
            self.functions[at].heads.iter_mut().find(|it| it.name == name && it.lines.len() == 1)
        {
            head.lines.push(format!("if ({name} instanceof Response) return {name}{end}"));
        }
        Ok(name)
    }

    /// `req.headers.authorization`, `req.headers["x-name"]`, all of them.
    fn headers(&mut self, headers: Node<'a>, request: &str) -> Outcome {
        let whole = headers.parent().filter(|it| {
            it.field("object") == Some(headers)
                && matches!(it.kind(), "member_expression" | "subscript_expression")
        });
        let Some(whole) = whole else {
            if is_written(headers) {
                return Err(Trouble::new(headers, "The request is changed here: keep this in a variable."));
            }
            self.replace(headers, format!("Object.fromEntries({request}.headers)"));
            return Ok(());
        };
        if is_written(whole) {
            return Err(Trouble::new(whole, "The request is changed here: keep this in a variable."));
        }
        let key = match whole.field("index") {
            Some(index) => self.now(index),
            None => self.style.string(whole.field("property").map_or("", |it| self.of(it))),
        };
        let text = self.or_undefined(whole, format!("{request}.headers.get({key})"));
        self.replace(whole, text);
        Ok(())
    }

    /// `req.cookies.theme`, `const { theme } = req.cookies`.
    fn cookies(&mut self, cookies: Node<'a>, request: &str) -> Outcome {
        if let Some(declarator) = pattern_of(cookies) {
            let names: Option<Vec<(&'a str, &'a str)>> =
                declarator.field("name").and_then(|it| names_of(it, self));
            if let Some([(key, local)]) = names.as_deref()
                && let Some(pattern) = declarator.field("name")
            {
                let text = format!("{request}.cookies.get({})?.value", self.style.string(key));
                self.replace(pattern, *local);
                self.replace(cookies, text);
                return Ok(());
            }
            return Err(Trouble::new(cookies, "Read these cookies one by one, by their names."));
        }
        let whole = cookies.parent().filter(|it| {
            it.field("object") == Some(cookies)
                && matches!(it.kind(), "member_expression" | "subscript_expression")
        });
        let Some(whole) = whole.filter(|it| !is_written(*it)) else {
            return Err(Trouble::new(
                cookies,
                "All cookies are used here: read those that are needed, by their names.",
            ));
        };
        let key = match whole.field("index") {
            Some(index) => self.now(index),
            None => self.style.string(whole.field("property").map_or("", |it| self.of(it))),
        };
        self.replace(whole, format!("{request}.cookies.get({key})?.value"));
        Ok(())
    }

    /// `req.url`: the path with what is searched.
    fn url(&mut self, url: Node<'a>, request: &str) -> Outcome {
        if self.ground.base_path {
            return Err(Trouble::new(
                url,
                "The app has a `basePath`, which this URL would not have in front.",
            ));
        }
        let outer = url.parent().filter(|it| it.kind() == "non_null_expression").unwrap_or(url);
        let bare = outer.parent().is_some_and(|it| {
            matches!(
                it.kind(),
                "arguments" | "variable_declarator" | "template_substitution" | "return_statement" | "pair"
            )
        });
        let text = format!("{request}.nextUrl.pathname + {request}.nextUrl.search");
        self.replace(outer, if bare { text } else { format!("({text})") });
        Ok(())
    }

    /// What gives `null` where there is nothing, as something that gives `undefined`, if the difference can be seen.
    pub(super) fn or_undefined(&self, place: Node<'a>, text: String) -> String {
        if self.is_indifferent(place, true) {
            return text;
        }
        let bare = place.parent().is_some_and(|it| {
            matches!(
                it.kind(),
                "variable_declarator" | "arguments" | "pair" | "template_substitution" | "return_statement"
            )
        });
        let text = format!("{text} ?? undefined");
        if bare { text } else { format!("({text})") }
    }

    /// Whether `null` does the same at a place as `undefined`.
    fn is_indifferent(&self, place: Node<'a>, variables: bool) -> bool {
        let Some(parent) = place.parent() else { return false };
        let is = |field: &str| parent.field(field) == Some(place);
        match parent.kind() {
            "unary_expression" => parent.field("operator").is_some_and(|it| it.kind() == "!"),
            "parenthesized_expression" => match parent.parent() {
                Some(around) if matches!(around.kind(), "if_statement" | "while_statement") => true,
                Some(_) => self.is_indifferent(parent, variables),
                None => false,
            },
            "member_expression" | "subscript_expression" => is("object"),
            "non_null_expression" => true,
            "ternary_expression" => is("condition"),
            "binary_expression" => {
                let other = if is("left") { parent.field("right") } else { parent.field("left") };
                let text = other.is_some_and(|it| matches!(it.kind(), "string" | "template_string"));
                match parent.field("operator").map_or("", |it| it.kind()) {
                    "||" | "??" => is("left"),
                    "===" | "!==" | "==" | "!=" => text,
                    _ => false,
                }
            }
            "variable_declarator" if variables && is("value") => {
                let Some(name) = parent.field("name").filter(|it| it.kind() == "identifier") else {
                    return false;
                };
                let scope = scope_of(name).unwrap_or(self.code.root);
                self.code
                    .occurrences(scope, self.of(name))
                    .into_iter()
                    .all(|it| it == name || self.is_indifferent(it, false))
            }
            _ => false,
        }
    }
}

/// The declarator that takes a value apart at once, whatever types are asserted in between.
pub(super) fn pattern_of(value: Node<'_>) -> Option<Node<'_>> {
    let mut at = value;
    loop {
        let parent = at.parent()?;
        match parent.kind() {
            "as_expression" | "parenthesized_expression" | "satisfies_expression" | "non_null_expression" => {
                at = parent;
            }
            "variable_declarator" if parent.field("value") == Some(at) => {
                return parent.field("name").filter(|it| it.kind() == "object_pattern").map(|_| parent);
            }
            _ => return None,
        }
    }
}

/// Keys and local names of a pattern without defaults and rests.
fn names_of<'a>(pattern: Node<'a>, web: &Web<'_, 'a>) -> Option<Vec<(&'a str, &'a str)>> {
    pattern
        .named_children()
        .map(|it| match it.kind() {
            "shorthand_property_identifier_pattern" => Some((web.of(it), web.of(it))),
            "pair_pattern" => {
                let value = it.field("value").filter(|it| it.kind() == "identifier")?;
                Some((web.of(it.field("key")?), web.of(value)))
            }
            _ => None,
        })
        .collect()
}
