//! What a configuration file written in JavaScript says without being run: the literal parts of the object
//! it exports. Nothing is guessed where an expression has to be evaluated.

use std::cell::Cell;
use std::collections::BTreeMap;

use routewise_analysis::path::FilePath;
use routewise_analysis::syntax::{self, Grammar, Node, Nodes};

/// A value that stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    String(String),
    /// As it is written.
    Number(String),
    Bool(bool),
    Array(Vec<Literal>),
    /// The properties whose names stand in the text; `open` where there may be others.
    Object {
        properties: BTreeMap<String, Literal>,
        open: bool,
    },
    /// A function, as the value of an option, with what it returns where that stands in the text.
    Function(Option<Box<Literal>>),
    /// Anything that has to be evaluated.
    Other,
}

impl Literal {
    /// A property; `Other` where there is none.
    pub(crate) fn get(&self, name: &str) -> &Literal {
        self.property(name).unwrap_or(&Literal::Other)
    }

    /// A property that is there, whatever its value.
    pub(crate) fn property(&self, name: &str) -> Option<&Literal> {
        match self {
            Literal::Object { properties, .. } => properties.get(name),
            _ => None,
        }
    }

    /// Whether it is an object whose properties are all known by name.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Literal::Object { open: false, .. })
    }

    /// Whether it is written out to the last value.
    pub(crate) fn is_literal(&self) -> bool {
        match self {
            Literal::Object { properties, open } => !open && properties.values().all(Literal::is_literal),
            Literal::Array(elements) => elements.iter().all(Literal::is_literal),
            Literal::String(_) | Literal::Number(_) | Literal::Bool(_) => true,
            Literal::Function(_) | Literal::Other => false,
        }
    }

    /// The elements of an array.
    pub(crate) fn elements(&self) -> &[Literal] {
        match self {
            Literal::Array(elements) => elements,
            _ => &[],
        }
    }

    /// A whole number.
    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Literal::Number(number) => number.replace('_', "").parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Literal::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Literal::Bool(true)
    }

    /// The elements of an array of strings.
    pub(crate) fn strings(&self) -> Option<Vec<String>> {
        let Literal::Array(elements) = self else { return None };
        elements.iter().map(|element| element.as_str().map(str::to_owned)).collect()
    }
}

/// Steps from one expression to another (a name to its value, a wrapper to its argument) before the reader
/// gives up: real files take four, files that go in circles take for ever.
const STEPS: usize = 24;

/// The object that `text` exports as its default or through `module.exports`; `Other` where that cannot be
/// read. What a wrapper is given counts as what it exports, which is then [open](Literal::Object).
pub(crate) fn exported(path: &FilePath, text: &str) -> Literal {
    read(path, text, Reader::export)
}

/// The object that `text` exports under a name; `Other` where that cannot be read.
pub(crate) fn exported_as(path: &FilePath, text: &str, name: &str) -> Literal {
    read(path, text, |reader, statement| {
        let exports = statement.kind() == "export_statement";
        exports.then(|| reader.declares(statement, name)).flatten()
    })
}

fn read<'t>(
    path: &FilePath,
    text: &'t str,
    find: impl for<'n> Fn(&Reader<'t>, Node<'n>) -> Option<Node<'n>>,
) -> Literal {
    let Some(tree) = syntax::parse(Grammar::of(path), text, None) else { return Literal::Other };
    let reader = Reader { text, wrapped: Cell::new(false) };
    let nodes = Nodes::of(Grammar::of(path), tree.root_node());
    let root = nodes.root();
    let statements: Vec<Node<'_>> = root.named_children().collect();
    let exported = statements.into_iter().rev().find_map(|statement| find(&reader, statement));
    match exported.map(|node| reader.object(node, STEPS)) {
        Some(Some(Literal::Object { properties, open })) => {
            Literal::Object { properties, open: open || reader.wrapped.get() || root.has_error() }
        }
        _ => Literal::Other,
    }
}

struct Reader<'t> {
    text: &'t str,
    /// The object went through a call, which may have added to it.
    wrapped: Cell<bool>,
}

impl<'t> Reader<'t> {
    fn text_of(&self, node: Node<'_>) -> &'t str {
        syntax::text_of(node, self.text)
    }

    /// The expression that a statement exports.
    fn export<'n>(&self, statement: Node<'n>) -> Option<Node<'n>> {
        match statement.kind() {
            "export_statement" => {
                let direct = statement.field("value").or_else(|| statement.field("declaration"));
                if let Some(node) = direct {
                    let words = self.text_of(statement);
                    return words
                        .trim_start_matches("export")
                        .trim_start()
                        .starts_with("default")
                        .then_some(node);
                }
                let clause = statement.named_children().find(|node| node.kind() == "export_clause");
                let Some(clause) = clause else {
                    // `export = config`.
                    let equals =
                        self.text_of(statement).trim_start_matches("export").trim_start().starts_with('=');
                    return statement.named_child(0).filter(|_| equals);
                };
                let named = clause.named_children().find(|specifier| {
                    specifier.field("alias").is_some_and(|alias| self.text_of(alias) == "default")
                });
                named?.field("name")
            }
            "expression_statement" => {
                let assignment =
                    statement.named_child(0).filter(|node| node.kind() == "assignment_expression")?;
                let left = self.text_of(assignment.field("left")?);
                matches!(left, "module.exports" | "exports.default" | "module.exports.default")
                    .then(|| assignment.field("right"))
                    .flatten()
            }
            _ => None,
        }
    }

    /// The object an expression is or wraps.
    fn object(&self, node: Node<'_>, steps: usize) -> Option<Literal> {
        let steps = steps.checked_sub(1)?;
        match node.kind() {
            "object" => Some(self.properties(node, steps)),
            "call_expression" => {
                let arguments = node.field("arguments")?;
                self.wrapped.set(true);
                // A wrapper hands its configuration on; options and lists of plugins are other arguments.
                arguments
                    .named_children()
                    .filter(|argument| !is_function(*argument))
                    .find_map(|argument| self.object(argument, steps))
            }
            "arrow_function" | "function_expression" | "function_declaration" => {
                let body = node.field("body")?;
                if body.kind() != "statement_block" {
                    return self.object(body, steps);
                }
                let mut returns = Vec::new();
                collect_returns(body, &mut returns);
                // With several the phase decides, which is not known here.
                let [only] = returns[..] else { return None };
                self.object(only.named_child(0)?, steps)
            }
            "identifier" => {
                let name = self.text_of(node);
                // `config.output = …` further down.
                if [format!("{name}."), format!("{name}["), format!("assign({name}")]
                    .iter()
                    .any(|change| self.text.contains(change))
                {
                    self.wrapped.set(true);
                }
                self.object(self.definition(node)?, steps)
            }
            _ => self.object(inner(node)?, steps),
        }
    }

    fn properties(&self, object: Node<'_>, steps: usize) -> Literal {
        let mut out = BTreeMap::new();
        let mut open = false;
        for child in object.named_children() {
            match child.kind() {
                "pair" => {
                    let (Some(key), Some(value)) = (child.field("key"), child.field("value")) else {
                        continue;
                    };
                    match self.key(key) {
                        Some(name) => {
                            out.insert(name, self.value(value, steps));
                        }
                        None => open = true,
                    }
                }
                // `async rewrites() {}`
                "method_definition" => {
                    if let Some(name) = child.field("name").and_then(|name| self.key(name)) {
                        out.insert(name, self.returned(child, steps));
                    }
                }
                "shorthand_property_identifier" => {
                    let value = self.definition(child).map_or(Literal::Other, |node| self.value(node, steps));
                    out.insert(self.text_of(child).to_owned(), value);
                }
                "spread_element" => {
                    let spread = child.named_child(0).and_then(|node| self.object(node, steps));
                    if let Some(Literal::Object { properties, open: more }) = spread {
                        out.extend(properties);
                        open |= more;
                    } else {
                        // What is spread may hold any of the properties before it.
                        out.clear();
                        open = true;
                    }
                }
                _ => {}
            }
        }
        Literal::Object { properties: out, open }
    }

    /// A function with what it returns.
    fn returned(&self, function: Node<'_>, steps: usize) -> Literal {
        let Some(body) = function.field("body") else { return Literal::Function(None) };
        let value = if body.kind() == "statement_block" {
            let mut returns = Vec::new();
            collect_returns(body, &mut returns);
            match returns[..] {
                [only] => only.named_child(0),
                _ => None,
            }
        } else {
            Some(body)
        };
        Literal::Function(value.map(|value| Box::new(self.value(value, steps))))
    }

    fn key(&self, key: Node<'_>) -> Option<String> {
        match key.kind() {
            "property_identifier" => Some(self.text_of(key).to_owned()),
            "string" => self.string(key),
            _ => None,
        }
    }

    fn value(&self, node: Node<'_>, steps: usize) -> Literal {
        let Some(steps) = steps.checked_sub(1) else { return Literal::Other };
        match node.kind() {
            "string" | "template_string" => self.string(node).map_or(Literal::Other, Literal::String),
            "number" => Literal::Number(self.text_of(node).to_owned()),
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "array" => {
                let elements = node.named_children().filter(|child| child.kind() != "comment");
                Literal::Array(elements.map(|child| self.value(child, steps)).collect())
            }
            "object" => self.properties(node, steps),
            "arrow_function" | "function_expression" | "function_declaration" => self.returned(node, steps),
            // `require.resolve('./adapter')`: the module it names.
            "call_expression" if self.text_of(node).contains("resolve(") => {
                let argument = node.field("arguments").and_then(|list| list.named_child(0));
                argument.and_then(|argument| self.string(argument)).map_or(Literal::Other, Literal::String)
            }
            "identifier" => {
                self.definition(node).map_or(Literal::Other, |defined| self.value(defined, steps))
            }
            _ => inner(node).map_or(Literal::Other, |inside| self.value(inside, steps)),
        }
    }

    /// A string without substitutions; of escapes those of plain characters are understood.
    fn string(&self, node: Node<'_>) -> Option<String> {
        if !matches!(node.kind(), "string" | "template_string") {
            return None;
        }
        let mut out = String::new();
        for child in node.named_children() {
            match child.kind() {
                "string_fragment" => out.push_str(self.text_of(child)),
                "escape_sequence" => {
                    let plain = |c: &char| !c.is_alphanumeric() && !c.is_whitespace();
                    out.push(self.text_of(child).strip_prefix('\\')?.parse().ok().filter(plain)?);
                }
                _ => return None,
            }
        }
        Some(out)
    }

    /// The value a name is declared with, in the blocks around it.
    fn definition<'n>(&self, name: Node<'n>) -> Option<Node<'n>> {
        let wanted = self.text_of(name);
        let mut at = name.parent();
        while let Some(node) = at {
            if matches!(node.kind(), "program" | "statement_block") {
                let found = node.named_children().find_map(|statement| self.declares(statement, wanted));
                if found.is_some() {
                    return found;
                }
            }
            at = node.parent();
        }
        None
    }

    fn declares<'n>(&self, statement: Node<'n>, wanted: &str) -> Option<Node<'n>> {
        match statement.kind() {
            "export_statement" => self.declares(statement.field("declaration")?, wanted),
            // A `let` may hold something else by the time it is exported.
            "lexical_declaration" if self.text_of(statement).starts_with("let") => None,
            "lexical_declaration" | "variable_declaration" => {
                let declarator = statement.named_children().find(|declarator| {
                    declarator
                        .field("name")
                        .is_some_and(|name| name.kind() == "identifier" && self.text_of(name) == wanted)
                });
                declarator?.field("value")
            }
            "function_declaration" => {
                let name = statement.field("name")?;
                (self.text_of(name) == wanted).then_some(statement)
            }
            _ => None,
        }
    }
}

/// What an expression that changes nothing is about: `(x)`, `x as T`, `x satisfies T`, `x!`.
fn inner(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "parenthesized_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "await_expression" => node.named_children().find(|child| child.kind() != "comment"),
        // `<T>x`: the type comes first.
        "type_assertion" => node.named_child(node.named_child_count().checked_sub(1)?),
        _ => None,
    }
}

fn is_function(node: Node<'_>) -> bool {
    matches!(node.kind(), "arrow_function" | "function_expression")
}

/// The `return` statements of a function, without those of functions inside it.
fn collect_returns<'n>(body: Node<'n>, returns: &mut Vec<Node<'n>>) {
    let mut open = vec![body];
    while let Some(node) = open.pop() {
        if node.kind() == "return_statement" {
            returns.push(node);
            continue;
        }
        open.extend(node.named_children().filter(|child| {
            !is_function(*child) && !matches!(child.kind(), "function_declaration" | "method_definition")
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(text: &str) -> Option<String> {
        let literal = exported(&FilePath::new("/next.config.ts"), text);
        literal.get("output").as_str().map(str::to_owned)
    }

    #[test]
    fn the_exported_object_is_found_in_every_form_people_write() {
        for text in [
            "module.exports = { output: 'export' }",
            "export default { output: \"export\" }",
            "export default { output: `export` } satisfies NextConfig",
            "export default { 'output': 'export' } as NextConfig",
            "export default <NextConfig>{ output: 'export' }",
            "export = { output: 'export' }",
            "const c: NextConfig = { output: 'export' };\nexport default c;",
            "const c = { output: 'export' };\nexport { c as default };",
            "const c = { output: 'export' };\nmodule.exports = withX(c);",
            "export default withSentryConfig(withMDX({ output: 'export' }), { silent: true });",
            "const c = { output: 'export' };\nexport default withAnalyzer({ enabled: true })(c);",
            "const c = { output: 'export' };\nexport default withPlugins([a, b], c);",
            "const c = { output: 'export' };\nexport default plugins.reduce((acc, p) => p(acc), c);",
            "export default () => ({ output: 'export' })",
            "export default async (phase) => { const c = { output: 'export' }; return withX(c); }",
            "module.exports = function () { return { output: 'export' } }",
            "export default function config() { return { output: 'export' } }",
            "const output = 'export';\nexport default { output }",
            "const out = 'export';\nexport default { output: out }",
            "const base = { output: 'export' };\nexport default { ...base, basePath: '/x' }",
            "const base = { output: 'standalone' };\nexport default { ...base, output: 'export' }",
        ] {
            assert_eq!(output(text).as_deref(), Some("export"), "{text}");
        }
    }

    #[test]
    fn an_object_is_closed_where_every_name_stands_in_the_text() {
        let closed = |text: &str| exported(&FilePath::new("/next.config.ts"), text).is_closed();
        for text in [
            "module.exports = { a: 1, rewrites() {}, 'b': x }",
            "const base = { a: 1 };\nexport default { ...base } satisfies NextConfig",
            "export default (phase) => ({ a: phase })",
        ] {
            assert!(closed(text), "{text}");
        }
        for text in [
            "export default { ...other }",
            "export default { [key]: 1 }",
            "export default withMDX({ a: 1 })",
            "export default { a: 1 } }",
            "const c = {}; c.output = 'export';\nmodule.exports = c;",
        ] {
            assert!(!closed(text), "{text}");
        }
    }

    #[test]
    fn an_export_is_found_by_its_name() {
        let path = FilePath::new("/vercel.ts");
        let text = "export const other = 1;\nexport const config: VercelConfig = { fluid: false, n: 1_000 };";
        let config = exported_as(&path, text, "config");
        assert_eq!((config.get("fluid"), config.get("n").as_u64()), (&Literal::Bool(false), Some(1000)));
        assert_eq!(exported_as(&path, "const config = {}", "config"), Literal::Other);
    }

    #[test]
    fn nothing_is_guessed_where_code_decides() {
        for text in [
            "export default { output: process.env.CI ? 'export' : undefined }",
            "export default { output: 'export', ...other }",
            "export default { output: `${x}` }",
            "import config from './base';\nexport default config",
            "module.exports = require('./base')",
            "export default (phase) => { if (phase) return { output: 'export' }; return {} }",
            "let c = { output: 'export' };\nc = {};\nexport default c",
            "const a = b; const b = a;\nexport default a",
            "export default {{{",
            "export const output = 'export'",
            "",
        ] {
            assert_eq!(output(text), None, "{text}");
        }
    }
}
