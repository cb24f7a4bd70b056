//! The query: names that are dynamic segments of the path come from `params`, the others from the URL.

use super::reads::pattern_of;
use super::{Manner, Outcome, Trouble, Web};
use crate::fix::code::{each, is_written};
use crate::syntax::Node;

/// One name that a pattern takes from the query.
struct Taken<'a> {
    key: &'a str,
    local: &'a str,
    default: Option<Node<'a>>,
}

/// What a type assertion says of one name.
struct Asserted<'a> {
    optional: bool,
    kind: &'a str,
}

impl<'a> Web<'_, 'a> {
    /// Every use of the query in a function.
    pub(super) fn query(&mut self, at: usize, queries: &[Node<'a>]) -> Outcome {
        for query in queries {
            self.query_use(at, *query)?;
        }
        Ok(())
    }

    fn query_use(&mut self, at: usize, query: Node<'a>) -> Outcome {
        if let Some(declarator) = pattern_of(query)
            && let (Some(pattern), Some(declaration)) = (declarator.field("name"), declarator.parent())
            && declaration.named_child_count() == 1
            && declarator.field("type").is_none()
        {
            let asserted =
                query.parent().filter(|it| it.kind() == "as_expression").and_then(|it| it.named_child(1));
            let kind = declaration.child(0).map_or("const", |it| self.of(it));
            let text = self.query_taken(at, kind, pattern, Some((query, asserted)));
            let end = if self.of(declaration).ends_with(';') { ";" } else { "" };
            self.replace(declaration, text + end);
            return Ok(());
        }
        let whole = query.parent().filter(|it| {
            it.field("object") == Some(query)
                && matches!(it.kind(), "member_expression" | "subscript_expression")
        });
        let Some(whole) = whole else { return self.query_whole(at, query) };
        if is_written(whole) {
            return Err(Trouble::new(whole, "The query is changed here: keep this in a variable."));
        }
        let key = match whole.field("index") {
            Some(index) if index.kind() == "string" => self.of(index).trim_matches(['"', '\'']),
            Some(_) => return self.query_whole(at, query),
            None => whole.field("property").map_or("", |it| self.of(it)),
        };
        if self.is_of_path(key) {
            if self.declares(at, whole, key) {
                return Ok(());
            }
            let text = self.segment_value(at, key);
            self.replace(whole, text);
            return Ok(());
        }
        if self.is_list_used(whole) || self.asserts_list(whole) {
            let text = format!("{}.{key}", self.read_query(at, false));
            self.replace(whole, text);
            return Ok(());
        }
        let text = self.searched(at, key);
        let text = self.or_undefined(whole, text);
        self.replace(whole, text);
        Ok(())
    }

    /// `const { id, page = "1" } = req.query as { … }` in as many statements as there are places to read from.
    pub(super) fn query_taken(
        &mut self,
        at: usize,
        kind: &str,
        pattern: Node<'a>,
        from: Option<(Node<'a>, Option<Node<'a>>)>,
    ) -> String {
        let assertion = from.and_then(|(_, assertion)| assertion);
        let types = assertion.filter(|it| it.kind() == "object_type");
        let taken = Some(pattern).filter(|it| it.kind() == "object_pattern").and_then(|it| self.taken(it));
        let taken = taken.filter(|_| assertion.is_none() || types.is_some());
        let Some(taken) = taken else {
            let all = self.read_query(at, true);
            let cast = assertion.map(|it| format!(" as {}", self.of(it))).unwrap_or_default();
            return format!("{kind} {} = {all}{cast}", self.now(pattern));
        };
        let indent = self.code.indent(pattern.start_byte() as u32);
        let place = from.map_or(pattern, |(query, _)| query);
        let mut lines = Vec::new();
        let (path, searched): (Vec<&Taken<'a>>, Vec<&Taken<'a>>) =
            taken.iter().partition(|it| self.is_of_path(it.key));
        if !path.is_empty() {
            let names: Vec<String> = path
                .iter()
                .map(|it| {
                    let name = if it.key == it.local {
                        it.key.to_owned()
                    } else {
                        format!("{}: {}", it.key, it.local)
                    };
                    it.default.map_or(name.clone(), |default| format!("{name} = {}", self.now(default)))
                })
                .collect();
            let odd = path.iter().any(|it| {
                self.asserted(types, it.key).is_some_and(|it| !matches!(it.kind, "string" | "string[]"))
            });
            let value = self.all_params(at, place);
            let value = match types.filter(|_| odd) {
                Some(_) => {
                    let members: Vec<String> = path
                        .iter()
                        .filter_map(|it| {
                            self.asserted(types, it.key).map(|found| format!("{}: {}", it.key, found.kind))
                        })
                        .collect();
                    format!("({value}) as {}", self.style.braces(&members.join("; ")))
                }
                None => value,
            };
            lines.push(format!("{kind} {} = {value}", self.style.braces(&names.join(", "))));
        }
        for it in searched {
            let found = self.asserted(types, it.key);
            let list = found.as_ref().is_some_and(|it| it.kind.contains('['))
                || self.locals_are_lists(pattern, it.local);
            let value = if list {
                format!("{}.{}", self.read_query(at, false), it.key)
            } else {
                self.searched(at, it.key)
            };
            let default = it.default.map_or("undefined".to_owned(), |default| self.now(default));
            let value = if list && it.default.is_none() { value } else { format!("{value} ?? {default}") };
            let value = match found {
                Some(found) => {
                    let more = if found.optional && it.default.is_none() { " | undefined" } else { "" };
                    if found.optional && found.kind == "string" && !list {
                        value
                    } else {
                        format!("({value}) as {}{more}", found.kind)
                    }
                }
                None => value,
            };
            lines.push(format!("{kind} {} = {value}", it.local));
        }
        let between = format!("{}{}{indent}", self.style.semi, self.style.newline);
        lines.join(&between)
    }

    /// The query as the object that it was.
    fn query_whole(&mut self, at: usize, query: Node<'a>) -> Outcome {
        if self.ground.manner == Manner::Express(4) {
            let reason = "Express 4 makes objects of names such as `a[b]`: read from the query what is needed, by its name.";
            return Err(Trouble::new(query, reason));
        }
        let nested = !self.functions[at].owns(query);
        if nested && self.ground.waits && !self.ground.segments.is_empty() {
            return Err(Trouble::new(
                query,
                "The whole query is read inside a callback: keep it in a variable in front.",
            ));
        }
        let text = self.read_query(at, true);
        self.replace(query, text);
        Ok(())
    }

    fn read_query(&mut self, at: usize, with_path: bool) -> String {
        self.needs.query = true;
        let request = self.request(at);
        if !with_path || self.ground.segments.is_empty() || self.ground.manner != Manner::Pages {
            return format!("readQuery({request}.nextUrl)");
        }
        self.functions[at].carries = true;
        self.functions[at].waits |= self.ground.waits;
        let wait = if self.ground.waits { "await " } else { "" };
        format!("readQuery({request}.nextUrl, {wait}{})", self.params_name())
    }

    /// `req.params`, of Express.
    pub(super) fn params(&mut self, at: usize, params: Node<'a>) -> Outcome {
        let whole = params.parent().filter(|it| it.field("object") == Some(params));
        if let Some(whole) = whole {
            if is_written(whole) {
                return Err(Trouble::new(whole, "The parameters are changed here: keep this in a variable."));
            }
            let key = match whole.field("index") {
                Some(index) if index.kind() == "string" => self.of(index).trim_matches(['"', '\'']),
                Some(index) => return Err(Trouble::new(index, "Which parameter this is is not known.")),
                None => whole.field("property").map_or("", |it| self.of(it)),
            };
            if !self.is_segment(key) {
                return Err(Trouble::new(whole, format!("The path has no parameter `{key}`.")));
            }
            if self.declares(at, whole, key) {
                return Ok(());
            }
            let text = self.segment_value(at, key);
            self.replace(whole, text);
            return Ok(());
        }
        let text = self.all_params(at, params);
        let bare = params.parent().is_some_and(|it| {
            matches!(it.kind(), "variable_declarator" | "arguments" | "pair" | "spread_element")
        });
        self.replace(params, if bare { text } else { format!("({text})") });
        Ok(())
    }

    fn is_segment(&self, key: &str) -> bool {
        self.ground.segments.iter().any(|it| it.name == key)
    }

    /// Whether the query holds a segment of the path under a name.
    fn is_of_path(&self, key: &str) -> bool {
        self.ground.manner == Manner::Pages && self.is_segment(key)
    }

    /// All parameters of the path, at a place.
    fn all_params(&mut self, at: usize, place: Node<'a>) -> String {
        self.functions[at].carries = true;
        let params = self.params_name();
        if !self.ground.waits {
            return params.to_owned();
        }
        self.functions[at].waits = true;
        if self.functions[at].owns(place) {
            return format!("await {params}");
        }
        let end = self.style.semi;
        self.functions[at].head("segments", format!("const segments = await {params}{end}"));
        "segments".to_owned()
    }

    /// `const id = req.query.id as string` takes the parameter from the others. Whether it did.
    fn declares(&mut self, at: usize, value: Node<'a>, key: &str) -> bool {
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let asserted = value.parent().filter(|it| it.kind() == "as_expression");
        let kind = asserted.and_then(|it| it.named_child(1)).map(|it| self.of(it));
        if !plain
            || !kind.is_none_or(|it| matches!(it, "string" | "string[]"))
            || !self.functions[at].owns(value)
        {
            return false;
        }
        let value = asserted.unwrap_or(value);
        let declarator = value
            .parent()
            .filter(|it| it.kind() == "variable_declarator" && it.field("value") == Some(value));
        let name = declarator.and_then(|it| it.field("name")).filter(|it| it.kind() == "identifier");
        let Some((declarator, name)) = declarator.zip(name).filter(|(it, _)| it.field("type").is_none())
        else {
            return false;
        };
        let local = self.of(name);
        let taken = if local == key { key.to_owned() } else { format!("{key}: {local}") };
        let all = self.all_params(at, value);
        let text = format!("{} = {all}", self.style.braces(&taken));
        self.replace(declarator, text);
        true
    }

    /// One parameter of the path as an expression.
    fn segment_value(&mut self, at: usize, name: &str) -> String {
        self.functions[at].carries = true;
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let of =
            |object: &str| if plain { format!("{object}.{name}") } else { format!("{object}[\"{name}\"]") };
        let params = self.params_name();
        if !self.ground.waits {
            return of(params);
        }
        self.functions[at].waits = true;
        let end = self.style.semi;
        let taken =
            self.functions[at].heads.iter().any(|it| it.name == name && it.lines[0].contains("= await "));
        if plain && (taken || !self.code.mentions(name)) {
            let names = self.style.braces(name);
            self.functions[at].head(name, format!("const {names} = await {params}{end}"));
            return name.to_owned();
        }
        self.functions[at].head("segments", format!("const segments = await {params}{end}"));
        of("segments")
    }

    /// One name of the query that is no segment.
    fn searched(&mut self, at: usize, key: &str) -> String {
        self.needs.first_of_several = true;
        format!("{}.nextUrl.searchParams.get({})", self.request(at), self.style.string(key))
    }

    /// The names that a pattern takes; nothing where it takes the rest, or patterns in it.
    fn taken(&self, pattern: Node<'a>) -> Option<Vec<Taken<'a>>> {
        pattern
            .named_children()
            .filter(|it| it.kind() != "comment")
            .map(|it| match it.kind() {
                "shorthand_property_identifier_pattern" => {
                    Some(Taken { key: self.of(it), local: self.of(it), default: None })
                }
                "object_assignment_pattern" => {
                    let left =
                        it.field("left").filter(|it| it.kind() == "shorthand_property_identifier_pattern")?;
                    Some(Taken { key: self.of(left), local: self.of(left), default: it.field("right") })
                }
                "pair_pattern" => {
                    let key = it.field("key").filter(|it| it.kind() == "property_identifier")?;
                    let value = it.field("value")?;
                    let (local, default) = match value.kind() {
                        "identifier" => (value, None),
                        "assignment_pattern" => (value.field("left")?, value.field("right")),
                        _ => return None,
                    };
                    let plain = local.kind() == "identifier";
                    plain.then(|| Taken { key: self.of(key), local: self.of(local), default })
                }
                _ => None,
            })
            .collect()
    }

    /// What the type in `as { … }` says of a name.
    fn asserted(&self, types: Option<Node<'a>>, key: &str) -> Option<Asserted<'a>> {
        let types = types?;
        types.named_children().find_map(|it| {
            let name = it.field("name").filter(|_| it.kind() == "property_signature")?;
            let kind = it.field("type").and_then(|it| it.named_child(0))?;
            let optional = it.children().any(|it| it.kind() == "?");
            (self.of(name) == key).then(|| Asserted { optional, kind: self.of(kind) })
        })
    }

    /// Whether a value is looked at as a list.
    fn is_list_used(&self, value: Node<'a>) -> bool {
        let call = value.parent().filter(|it| it.kind() == "arguments").and_then(|it| it.parent());
        let asked = call.and_then(|it| it.field("function")).is_some_and(|it| self.of(it) == "Array.isArray");
        let name =
            value.parent().filter(|it| it.kind() == "variable_declarator").and_then(|it| it.field("name"));
        let repeated = self.code.text.matches(&format!("Array.isArray({})", self.of(value))).count() > 0;
        asked || repeated || name.is_some_and(|name| self.locals_are_lists(value, self.of(name)))
    }

    fn asserts_list(&self, value: Node<'a>) -> bool {
        let kind = value.parent().filter(|it| it.kind() == "as_expression").and_then(|it| it.named_child(1));
        kind.is_some_and(|it| self.of(it).contains('['))
    }

    /// Whether a variable is looked at as a list, anywhere in the file.
    fn locals_are_lists(&self, _near: Node<'a>, name: &str) -> bool {
        const OF_LISTS: &[&str] = &["map", "forEach", "join", "some", "every", "filter", "push"];
        let mut found = false;
        each(self.code.root, |node| {
            if node.kind() == "call_expression"
                && let Some(callee) = node.field("function")
            {
                let first =
                    node.field("arguments").and_then(|it| it.named_child(0)).map_or("", |it| self.of(it));
                let method = callee.field("property").map_or("", |it| self.of(it));
                let object = callee.field("object").map_or("", |it| self.of(it));
                found |= self.of(callee) == "Array.isArray" && first == name
                    || object == name && OF_LISTS.contains(&method);
            }
            !found
        });
        found
    }
}
