//! Taking the construction of a client out of the place where it stands, so that the name it had there
//! can mean a client that lives elsewhere.

use crate::finding::Edit;
use crate::fix::clients::{ClientSite, chained, construction, dressed, maker, reconnects};
use crate::fix::code::{
    Code, ancestors, enclosing_function, is_function, is_written, only_declarator, scope_of,
};
use crate::fix::constant::{Needs, needs};
use crate::fix::{disconnect, edits, singleton, statements};
use crate::package::Package;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A construction that has been taken out.
pub(crate) struct TakenOut<'a> {
    /// The name by which the file still knows the client.
    pub(crate) name: String,
    /// The initialiser.
    pub(crate) value: Node<'a>,
    /// The `new …` or call in it.
    pub(crate) made: Node<'a>,
    /// Its text at the left margin.
    pub(crate) text: String,
    /// The type that the declaration named.
    pub(crate) annotation: Option<&'a str>,
    /// What the initialiser needs.
    pub(crate) needs: Needs<'a>,
    /// Edits that remove the declarations and what ends the client.
    pub(crate) edits: Vec<Edit>,
    /// What is gone from the text with them.
    pub(crate) gone: Vec<Span>,
    /// The statement `export const name = …`, which the edits leave alone.
    pub(crate) exported: Option<Node<'a>>,
}

/// What is known of the client while it is taken out.
pub(crate) struct Terms<'t> {
    pub(crate) package: &'t Package,
    /// Methods that end a client.
    pub(crate) closes: Vec<&'t str>,
    /// A name for a client that has none.
    pub(crate) fallback: String,
}

impl<'t> Terms<'t> {
    /// Those of a site, for the file `code`.
    pub(crate) fn of(site: &'t ClientSite<'_>, code: &Code<'_>) -> Option<Self> {
        Some(Self {
            package: site.package,
            closes: site.client.closes.iter().map(|close| &**close).collect(),
            fallback: code.free_name(&site.client.variable)?,
        })
    }
}

/// Takes out the construction at `at`. `None` where its value depends on the place, where the name would
/// come to mean something else, or where something still ends the client afterwards.
pub(crate) fn take_out<'a>(code: &Code<'a>, at: Span, terms: &Terms<'_>) -> Option<TakenOut<'a>> {
    let made = construction(code, at)?;
    let value = dressed(chained(code, made));
    let top = code.top_level(made)?;
    let function = enclosing_function(made);
    if function.unwrap_or(top).has_error() {
        return None;
    }
    let needs = needs(code, terms.package, value, made)?;
    let declarator = value.parent().filter(|node| {
        node.kind() == "variable_declarator"
            && node.field("name").is_some_and(|name| name.kind() == "identifier")
    });
    let text = code.outdented(syntax::span(value), code.indent(value.start_byte() as u32));
    let mut taken = TakenOut {
        name: terms.fallback.clone(),
        value,
        made,
        text,
        annotation: None,
        needs,
        edits: Vec::new(),
        gone: Vec::new(),
        exported: None,
    };
    match (declarator, function) {
        (Some(declarator), Some(_)) => taken.local(code, declarator, terms)?,
        (Some(declarator), None) => taken.module(code, declarator)?,
        (None, _) => taken.inline(code, terms)?,
    }
    for span in [value].map(syntax::span) {
        if !taken.gone.iter().any(|gone| gone.covers(span)) {
            taken.gone.push(span);
        }
    }
    Some(taken)
}

impl<'a> TakenOut<'a> {
    /// A declaration in a function, and all others in the file's functions that say the same.
    fn local(&mut self, code: &Code<'a>, declarator: Node<'a>, terms: &Terms<'_>) -> Option<()> {
        let name = code.of(declarator.field("name")?);
        name.clone_into(&mut self.name);
        self.annotation = annotation(code, declarator);
        let occurrences = code.occurrences(code.root, name);
        let scopes = scopes(code, name);
        let mut removed: Vec<Node<'a>> = Vec::new();
        for &node in &occurrences {
            let Some(twin) = node.parent().filter(|twin| twin.field("name") == Some(node)) else {
                continue;
            };
            if code.of(twin) == code.of(declarator) && enclosing_function(twin).is_some() {
                if let Some(statements) = self.removable(code, twin, terms) {
                    removed.extend(statements);
                } else if twin == declarator {
                    return None;
                }
            }
        }
        let locals: Vec<&str> = self
            .needs
            .locals
            .iter()
            .filter_map(|statement| Some(code.of(statement.named_child(0)?.field("name")?)))
            .collect();
        // Every use has to find a declaration of its own, or else one of those that go.
        if !locals.iter().all(|local| is_covered(code, local)) || !is_covered(code, name) {
            return None;
        }
        let blocks: Vec<Node<'a>> = removed.iter().filter_map(Node::parent).collect();
        let mut closing = Vec::new();
        for &node in &occurrences {
            let around = scopes.iter().filter(|scope| within(node, **scope));
            let scope = around.max_by_key(|scope| scope.start_byte())?;
            if !blocks.contains(scope) || removed.iter().any(|gone| within(node, *gone)) {
                continue;
            }
            if is_written(node) {
                return None;
            }
            if let Some(call) = closing_call(code, node, terms) {
                closing.push(call);
            } else if reconnecting(code, node, maker(code, self.made)) {
                return None;
            }
        }
        self.gone.extend(removed.iter().map(|node| syntax::span(*node)));
        self.gone.extend(closing.iter().map(|node| syntax::span(*node)));
        self.edits.extend(statements::remove(code, &removed)?);
        self.edits.extend(disconnect::without(code, &closing)?);
        Some(())
    }

    /// The declaration's statement and those of the local constants it needs; `None` where a name in
    /// between has another meaning.
    fn removable(&self, code: &Code<'a>, declarator: Node<'a>, terms: &Terms<'_>) -> Option<Vec<Node<'a>>> {
        let statement = declarator.parent()?;
        let block = statement.parent().filter(|block| block.kind() == "statement_block")?;
        let plain = statement.kind() == "lexical_declaration" && !code.of(statement).starts_with("using");
        if only_declarator(statement).is_none() || !plain {
            return None;
        }
        let value = declarator.field("value")?;
        let made = if value == self.value { self.made } else { value };
        let needs = needs(code, terms.package, value, made)?;
        let same = needs.module == self.needs.module
            && needs.locals.len() == self.needs.locals.len()
            && needs.locals.iter().zip(&self.needs.locals).all(|(a, b)| code.of(*a) == code.of(*b));
        if !same {
            return None;
        }
        let mut gone = needs.locals;
        gone.push(statement);
        for local in &gone {
            let name = local.named_child(0)?.field("name")?;
            // A parameter or an outer declaration of the same name would be found instead.
            let outer = scopes(code, code.of(name));
            if outer.iter().any(|scope| *scope != block && within(block, *scope)) {
                return None;
            }
            if *local == statement {
                continue;
            }
            let uses = code.occurrences(block, code.of(name));
            if uses.iter().any(|node| !gone.iter().any(|statement| within(*node, *statement))) {
                return None;
            }
        }
        Some(gone)
    }

    /// A declaration of the module.
    fn module(&mut self, code: &Code<'a>, declarator: Node<'a>) -> Option<()> {
        let name = code.of(declarator.field("name")?);
        name.clone_into(&mut self.name);
        self.annotation = annotation(code, declarator);
        let declaration = declarator.parent()?;
        let around = declaration.parent()?;
        if only_declarator(declaration).is_none() || singleton::is_set_up(code, name, maker(code, self.made))
        {
            return None;
        }
        if around == code.root {
            self.gone.push(syntax::span(declaration));
            self.edits.extend(statements::remove(code, &[declaration])?);
        } else if around.kind() == "export_statement" && around.parent() == Some(code.root) {
            self.gone.push(syntax::span(around));
            self.exported = Some(around);
        } else {
            return None;
        }
        Some(())
    }

    /// A construction in the middle of an expression: a name takes its place.
    fn inline(&mut self, code: &Code<'a>, terms: &Terms<'_>) -> Option<()> {
        let parent = self.value.parent()?;
        let used_at_once = parent.kind() == "member_expression";
        if parent.kind() == "variable_declarator"
            || !self.needs.locals.is_empty()
            || is_kept(code, self.value)
        {
            return None;
        }
        if used_at_once {
            let method = parent.field("property").map_or("", |property| code.of(property));
            let again =
                matches!(method, "connect" | "initialize" | "open") && !reconnects(maker(code, self.made));
            if again || terms.closes.contains(&method) {
                return None;
            }
        } else if closes_something(code, terms) {
            return None;
        }
        self.edits.push(edits::replace(code, syntax::span(self.value), terms.fallback.clone()));
        Some(())
    }
}

fn annotation<'a>(code: &Code<'a>, declarator: Node<'a>) -> Option<&'a str> {
    let annotation = declarator.field("type")?;
    annotation.named_child(0).map(|annotation| code.of(annotation))
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}

/// Every scope of the file in which `name` is declared.
fn scopes<'a>(code: &Code<'a>, name: &str) -> Vec<Node<'a>> {
    let mut scopes: Vec<Node<'a>> =
        code.occurrences(code.root, name).into_iter().filter_map(scope_of).collect();
    scopes.dedup();
    scopes
}

/// Whether no occurrence of `name` means something of the module or of the host.
fn is_covered(code: &Code<'_>, name: &str) -> bool {
    let scopes = scopes(code, name);
    !scopes.contains(&code.root)
        && code
            .occurrences(code.root, name)
            .iter()
            .all(|node| scopes.iter().any(|scope| within(*node, *scope)))
}

/// The call that ends the client `node`.
fn closing_call<'a>(code: &Code<'a>, node: Node<'a>, terms: &Terms<'_>) -> Option<Node<'a>> {
    let member = node.parent().filter(|parent| parent.field("object") == Some(node))?;
    let method = code.of(member.field("property")?);
    let call = member.parent().filter(|call| call.field("function") == Some(member))?;
    terms.closes.contains(&method).then_some(call)
}

/// Whether the use would connect a shared client a second time, which throws, or add a listener to it
/// with every request. A closing method that is passed on rather than called counts too.
fn reconnecting(code: &Code<'_>, node: Node<'_>, maker: &str) -> bool {
    let Some(member) = node.parent().filter(|parent| parent.field("object") == Some(node)) else {
        return false;
    };
    let method = member.field("property").map_or("", |property| code.of(property));
    match method {
        "connect" | "initialize" | "open" => !reconnects(maker),
        "on" | "once" | "$on" | "$use" | "addListener" | "$disconnect" | "end" | "close" | "quit"
        | "disconnect" | "destroy" => true,
        _ => false,
    }
}

/// Whether the code itself already makes the client once and keeps it: `cached ?? new Client()`,
/// `cached = new Client()`, or a function called that way, `globalThis.client ?? makeClient()`.
fn is_kept(code: &Code<'_>, value: Node<'_>) -> bool {
    let keeps = |node: Node<'_>| {
        ancestors(node)
            .skip(1)
            .take_while(|around| !is_function(*around) && !around.kind().ends_with("_statement"))
            .any(|around| match around.kind() {
                "binary_expression" => {
                    let operator = around.field("operator");
                    operator.is_some_and(|operator| matches!(code.of(operator), "??" | "||"))
                }
                "ternary_expression" | "augmented_assignment_expression" => true,
                "assignment_expression" => around
                    .field("left")
                    .is_some_and(|left| left.kind() == "identifier" || code.of(left).starts_with("global")),
                _ => false,
            })
    };
    let maker = enclosing_function(value).and_then(|function| {
        let named = function.field("name");
        named.or_else(|| function.parent()?.field("name"))
    });
    keeps(value)
        || maker.is_some_and(|maker| {
            let calls = code.occurrences(code.root, code.of(maker));
            calls.into_iter().filter(|call| *call != maker).any(keeps)
        })
}

/// Whether anything in the file ends something that may be the client.
fn closes_something(code: &Code<'_>, terms: &Terms<'_>) -> bool {
    let mut found = false;
    crate::fix::code::each(code.root, |node| {
        if node.kind() == "member_expression" {
            let property = node.field("property").map_or("", |property| code.of(property));
            let object = node.field("object").map_or("", |object| code.of(object));
            found |= terms.closes.contains(&property)
                && !matches!(
                    object,
                    "res" | "response" | "reply" | "req" | "server" | "stream" | "controller"
                );
        }
        !found
    });
    found
}

/// Whether nothing outside `gone` and outside the imports uses `name`.
pub(crate) fn is_unused_without(code: &Code<'_>, name: &str, gone: &[Span]) -> bool {
    code.occurrences(code.root, name).into_iter().all(|node| {
        let span = syntax::span(node);
        gone.iter().any(|gone| gone.covers(span))
            || scope_of(node) == Some(code.root)
            || ancestors(node).any(|around| around.kind() == "import_statement")
    })
}
