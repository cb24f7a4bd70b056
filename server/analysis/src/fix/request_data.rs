//! A variable of the module that carries data of one request becomes one for each request.

use super::code::{
    Code, ancestors, each, enclosing_function, is_function, is_written, only_declarator, scope_of,
};
use super::functions::{first_statement, is_async};
use super::guard::is_typescript;
use super::offer::Offer;
use super::{edits, floating, statements};
use crate::finding::{Edit, Fix, Safety};
use crate::project::Scope;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Declares the variable in the function that is called for each request, where nothing else uses it.
pub(super) fn variable_of_handler(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let variable = Variable::at(offer, &code)?;
    let function = variable.uses.iter().try_fold(None, |common: Option<Node<'_>>, used| {
        let own = enclosing_function(*used)?;
        let holds = |outer: &Node<'_>| outer.byte_range().contains(&used.start_byte());
        Some(Some(match common {
            Some(common) => ancestors(common).filter(|node| is_function(*node)).find(holds)?,
            None => own,
        }))
    })??;
    // A compiler that narrows what is declared here does not see what a callback sets.
    let writes: Vec<Node<'_>> = variable.uses.iter().copied().filter(|used| is_written(*used)).collect();
    let own = writes.iter().all(|write| enclosing_function(*write) == Some(function));
    if writes.is_empty() || !own || offer.scope(function) != Some(Scope::Request) {
        return None;
    }
    // Where it is not set each time, somebody may have meant it to last.
    let always = writes.iter().any(|write| Set::statement(*write).is_some());
    let declaration = code.span(variable.declaration).of(code.text).trim_end_matches(';');
    let mut all = statements::remove(&code, &[variable.declaration])?;
    all.push(first_statement(&code, function, declaration)?);
    let title = format!("Declare `{}` in the function that sets it", variable.name);
    let safety = if always { Safety::Safe } else { Safety::Unsafe };
    edits::fix(title, safety, all, &[offer.document])
}

/// Keeps the value in an `AsyncLocalStorage`, which gives each request its own: what the handler does after it has
/// set the variable runs inside of `run()`.
pub(super) fn async_local_storage(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let variable = Variable::at(offer, &code)?;
    let types = variable.types(&code)?;
    let storage = code.free_name(&format!("{}Storage", variable.name))?;
    let (class, mut all) =
        floating::import(&code, &["node:async_hooks", "async_hooks"], "AsyncLocalStorage", &[])?;
    let semi = if code.span(variable.declaration).of(code.text).ends_with(';') { ";" } else { "" };
    let argument = types.written.map(|written| format!("<{written}>")).unwrap_or_default();
    let declared = format!("const {storage} = new {class}{argument}(){semi}");
    all.push(edits::replace(&code, code.span(variable.declaration), declared));
    let (writes, reads): (Vec<Node<'_>>, Vec<Node<'_>>) =
        variable.uses.iter().partition(|used| is_written(**used));
    let mut handlers: Vec<Node<'_>> = Vec::new();
    for write in &writes {
        let set = Set::at(&code, *write)?;
        if handlers.contains(&set.function) || !offer.is_root(set.function) {
            return None;
        }
        let inside: Vec<Node<'_>> =
            reads.iter().copied().filter(|it| set.function.byte_range().contains(&it.start_byte())).collect();
        if inside.iter().any(|read| read.start_byte() < set.statement.end_byte()) {
            return None;
        }
        let known = (!inside.is_empty()).then_some((variable.name, types.written));
        all.extend(set.run(&code, &storage, known)?);
        handlers.push(set.function);
    }
    let value = format!("{storage}.getStore(){}", types.otherwise);
    let mut told: Vec<Node<'_>> = Vec::new();
    for read in reads {
        if handlers.iter().any(|handler| handler.byte_range().contains(&read.start_byte())) {
            continue;
        }
        let function = enclosing_function(read)?;
        let body = function.field("body")?;
        if body.kind() != "statement_block" {
            all.push(in_place(&code, read, &value)?);
        } else if !told.contains(&function) {
            all.push(first_statement(&code, function, &format!("const {} = {value}", variable.name))?);
            told.push(function);
        }
    }
    let title = format!(
        "Keep `{}` in an `AsyncLocalStorage` (look whether all that reads it runs while the request is answered)",
        variable.name
    );
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// A variable of the module that only this file knows.
struct Variable<'a> {
    name: &'a str,
    declaration: Node<'a>,
    declarator: Node<'a>,
    /// Every place but the declaration.
    uses: Vec<Node<'a>>,
}

/// The type of a value for each request.
struct Types<'a> {
    written: Option<&'a str>,
    /// What follows `getStore()` where no value has been set.
    otherwise: String,
}

impl<'a> Variable<'a> {
    fn at(offer: &Offer<'_>, code: &Code<'a>) -> Option<Self> {
        let declared = code.node(offer.finding.span).filter(|node| node.kind() == "identifier")?;
        let declarator = declared.parent().filter(|node| node.kind() == "variable_declarator")?;
        let declaration = declarator.parent()?;
        // What is exported may be used by other files.
        let name = code.of(declared);
        let exported = offer.input.facts.export(name).is_some();
        if exported
            || declaration.parent() != Some(code.root)
            || only_declarator(declaration) != Some(declarator)
        {
            return None;
        }
        let uses: Vec<Node<'a>> =
            code.occurrences(code.root, name).into_iter().filter(|node| *node != declared).collect();
        let sure = uses.iter().all(|used| {
            let in_type = ancestors(*used).any(|node| node.kind() == "type_query");
            let exported = used.parent().is_some_and(|parent| parent.kind() == "export_specifier");
            !in_type && !exported && scope_of(*used).is_none() && enclosing_function(*used).is_some()
        });
        sure.then_some(Self { name, declaration, declarator, uses })
    }

    /// `None` where a type would have to be guessed.
    fn types(&self, code: &Code<'a>) -> Option<Types<'a>> {
        let annotation = self.declarator.field("type").and_then(|it| it.named_child(0));
        let first = self.declarator.field("value");
        let otherwise = match first.map(|first| (first.kind(), code.of(first))) {
            None | Some(("undefined", _) | (_, "undefined")) => String::new(),
            Some(("null" | "string" | "number" | "true" | "false", text)) => format!(" ?? {text}"),
            Some(_) => return None,
        };
        if !is_typescript(code) {
            return Some(Types { written: None, otherwise });
        }
        let written = match (annotation, first.map(|first| first.kind())) {
            (Some(annotation), _) => code.of(annotation),
            (None, Some("string")) => "string",
            (None, Some("number")) => "number",
            (None, Some("true" | "false")) => "boolean",
            (None, _) => return None,
        };
        let mut words = written.split(|c: char| !c.is_alphanumeric());
        let may_lack = words.any(|word| matches!(word, "undefined" | "any" | "unknown"));
        let otherwise = if otherwise.is_empty() && !may_lack { "!".to_owned() } else { otherwise };
        Some(Types { written: Some(written), otherwise })
    }
}

/// `user = value;` as a statement of a function's body, with more after it.
struct Set<'a> {
    function: Node<'a>,
    body: Node<'a>,
    statement: Node<'a>,
    value: Node<'a>,
    /// The statements that follow.
    rest: Vec<Node<'a>>,
}

impl<'a> Set<'a> {
    /// The assignment, its statement, and the function in whose body that stands.
    fn statement(write: Node<'a>) -> Option<(Node<'a>, Node<'a>, Node<'a>)> {
        let assignment = write.parent().filter(|node| node.kind() == "assignment_expression")?;
        let statement = assignment.parent().filter(|node| node.kind() == "expression_statement")?;
        let body = statement.parent().filter(|node| node.kind() == "statement_block")?;
        Some((assignment, statement, body.parent().filter(|node| is_function(*node))?))
    }

    fn at(code: &Code<'a>, write: Node<'a>) -> Option<Self> {
        let (assignment, statement, function) = Self::statement(write)?;
        let body = statement.parent()?;
        let rest: Vec<Node<'a>> =
            body.named_children().filter(|node| node.start_byte() >= statement.end_byte()).collect();
        let more = rest.iter().any(|node| node.kind() != "comment");
        // What is declared for the whole function cannot move into another one.
        let mut hoists = function.kind().starts_with("generator");
        for node in &rest {
            each(*node, |inner| {
                hoists |= matches!(inner.kind(), "variable_declaration" | "yield_expression")
                    || (inner == *node && inner.kind().ends_with("function_declaration"));
                !is_function(inner)
            });
        }
        let value = assignment.field("right")?;
        let found = Self { function, body, statement, value, rest };
        (more && !hoists && !code.of(statement).is_empty()).then_some(found)
    }

    /// `return storage.run(value, () => { … })`; with a constant for the value where the rest looks at it.
    fn run(&self, code: &Code<'a>, storage: &str, known: Option<(&str, Option<&str>)>) -> Option<Vec<Edit>> {
        let style = code.style();
        let start = self.statement.start_byte() as u32;
        let end = code.end(self.statement);
        let close = self.body.end_byte() as u32 - 1;
        let nothing_follows = Span::new(end, code.line(end).end).of(code.text).trim().is_empty();
        if !nothing_follows || !code.starts_line(start) || !code.starts_line(close) {
            return None;
        }
        let indent = code.indent(start);
        let mut waits = false;
        for node in &self.rest {
            each(*node, |inner| {
                let loops = inner.kind() == "for_in_statement" && code.of(inner).starts_with("for await");
                waits |= inner.kind() == "await_expression" || loops;
                !is_function(inner)
            });
        }
        if waits && !is_async(self.function) {
            return None;
        }
        let task = if waits { "async () => {" } else { "() => {" };
        let value = code.of(self.value);
        let head = match known {
            Some((name, written)) => {
                let annotation = written.map(|written| format!(": {written}")).unwrap_or_default();
                let constant = format!("const {name}{annotation} = {value}{}", style.semi);
                format!("{constant}{}{indent}return {storage}.run({name}, {task}", style.newline)
            }
            None => format!("return {storage}.run({value}, {task}"),
        };
        let mut all = vec![edits::replace(code, Span::new(start, end), head)];
        let mut at = code.next_line(end);
        let last = code.line(close).start;
        while at < last {
            let line = code.line(at).of(code.text);
            if !line.trim().is_empty() && code.place(at) != super::code::Place::Literal {
                all.push(edits::insert(code, at, style.indent.to_owned()));
            }
            at = code.next_line(at);
        }
        all.push(edits::insert(code, last, format!("{indent}}}){}{}", style.semi, style.newline)));
        Some(all)
    }
}

/// The value in the place of a look at the variable.
fn in_place(code: &Code<'_>, read: Node<'_>, value: &str) -> Option<Edit> {
    let parent = read.parent()?;
    let text = match (read.kind(), parent.kind()) {
        ("shorthand_property_identifier", _) => format!("{}: {value}", code.of(read)),
        (_, "arguments" | "pair" | "arrow_function" | "array" | "return_statement") => value.to_owned(),
        _ if value.contains(' ') => format!("({value})"),
        _ => value.to_owned(),
    };
    Some(edits::replace(code, syntax::span(read), text))
}
