//! A file that the host does not keep goes to object storage.

use std::collections::BTreeSet;

use super::code::{Code, ancestors, each, enclosing_function, only_declarator};
use super::functions::make_async;
use super::offer::Offer;
use super::{edits, hoist, imports, statements};
use crate::check;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

/// `await put("uploads/a.txt", data, …)` of Vercel Blob, where the project runs on Vercel or has it already.
pub(super) fn store_in_blob(offer: &Offer<'_>) -> Option<Fix> {
    const PACKAGE: &str = "@vercel/blob";
    let code = Code::new(offer.document)?;
    let installed = offer.input.package.dependencies.contains(PACKAGE);
    let on_vercel = check::target_of(&offer.input.package).is_some_and(|it| it.id.starts_with("vercel"));
    if !installed && !on_vercel {
        return None;
    }
    let file = File::read(&code, offer.finding.span)?;
    let mut all = file.edits(offer)?;
    all.extend(imports::bring(&code, &[(PACKAGE, &["put"])], &file.unused())?);
    let style = code.style();
    // Stores that only their owner reads came with 2.0.
    let old = offer.input.package.versions.get(PACKAGE).is_some_and(|version| version.major < 2);
    let (access, remains) = if file.public || old {
        ("public", "whoever knows its URL can read it")
    } else {
        ("private", "read it back with `get()`")
    };
    let options = style.braces(&format!("access: {}, allowOverwrite: true", style.string(access)));
    all.push(file.replaced(&format!("put({}, {}, {options})", file.key, code.of(file.data))));
    let install = if installed { "" } else { "install `@vercel/blob`, " };
    let title = format!("Store it in Vercel Blob ({install}connect a {access} store; {remains})");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// `await s3.send(new PutObjectCommand(…))`, which R2 and others take too.
pub(super) fn store_in_bucket(offer: &Offer<'_>) -> Option<Fix> {
    const PACKAGE: &str = "@aws-sdk/client-s3";
    let code = Code::new(offer.document)?;
    let file = File::read(&code, offer.finding.span)?;
    let mut all = file.edits(offer)?;
    let known = client(&code);
    let names: &[&str] =
        if known.is_some() { &["PutObjectCommand"] } else { &["PutObjectCommand", "S3Client"] };
    all.extend(imports::bring(&code, &[(PACKAGE, names)], &file.unused())?);
    let client = if let Some(name) = known {
        name.to_owned()
    } else {
        let name = code.free_name("s3")?;
        all.push(hoist::place(&code, &BTreeSet::new(), &[format!("const {name} = new S3Client({{}})")])?);
        name
    };
    let style = code.style();
    let input = style.braces(&format!(
        "Bucket: process.env.S3_BUCKET, Key: {}, Body: {}",
        file.key,
        code.of(file.data)
    ));
    all.push(file.replaced(&format!("{client}.send(new PutObjectCommand({input}))")));
    let installed = offer.input.package.dependencies.contains(PACKAGE);
    let install = if installed { "" } else { "install `@aws-sdk/client-s3`, " };
    let title = format!("Store it in a bucket ({install}set `S3_BUCKET`; what reads it has to look there)");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// The client of S3 that the module keeps.
fn client<'a>(code: &Code<'a>) -> Option<&'a str> {
    code.statements().into_iter().find_map(|statement| {
        let declaration = statement.field("declaration").unwrap_or(statement);
        let declarator = only_declarator(declaration)?;
        let value = declarator.field("value").filter(|it| it.kind() == "new_expression")?;
        let class = value.field("constructor")?;
        (code.of(class) == "S3Client").then(|| declarator.field("name").map(|it| code.of(it)))?
    })
}

/// A call that writes a whole file.
struct File<'c, 'a> {
    code: &'c Code<'a>,
    call: Node<'a>,
    /// The call with its `await`.
    expression: Node<'a>,
    data: Node<'a>,
    function: Node<'a>,
    /// What the file is called in the store, as code.
    key: String,
    /// It was meant to be served to visitors.
    public: bool,
    /// Statements that only made its folder.
    gone: Vec<Node<'a>>,
}

impl<'c, 'a> File<'c, 'a> {
    fn read(code: &'c Code<'a>, at: Span) -> Option<Self> {
        let callee = code.node(at)?;
        let call = ancestors(callee).find(|node| node.kind() == "call_expression")?;
        let name = code.of(callee).rsplit('.').next()?;
        let arguments = call.field("arguments")?;
        let (path, data) = (arguments.named_child(0)?, arguments.named_child(1)?);
        let plain = arguments
            .named_child(2)
            .is_none_or(|it| matches!(code.of(it).trim_matches(['"', '\'']), "utf8" | "utf-8"));
        let outer = call.parent()?;
        let expression = match (name, outer.kind()) {
            ("writeFile", "await_expression") => outer,
            ("writeFileSync", _) => call,
            _ => return None,
        };
        let statement = expression.parent().filter(|it| it.kind() == "expression_statement")?;
        let function = enclosing_function(call)?;
        let parts = Parts::of(code, path)?;
        let folder = |it: &Node<'a>| makes_folder(code, *it, &parts);
        let mut gone: Vec<Node<'a>> = statement.parent()?.named_children().filter(folder).collect();
        // `const folder = path.join(process.cwd(), "uploads")`, where nothing else asks for it.
        let mut spans: Vec<Span> = gone.iter().map(|it| syntax::span(*it)).collect();
        spans.push(syntax::span(path));
        let constants: Vec<Node<'a>> = statement
            .parent()?
            .named_children()
            .filter(|it| {
                let name = only_declarator(*it).and_then(|it| it.field("name"));
                name.is_some_and(|name| {
                    let uses = code.occurrences(function, code.of(name));
                    let mut uses = uses.into_iter().filter(|it| *it != name).peekable();
                    uses.peek().is_some()
                        && uses.all(|it| spans.iter().any(|span| span.covers(syntax::span(it))))
                })
            })
            .collect();
        let (key, public) = parts.key(code)?;
        gone.extend(constants.into_iter().filter(|it| !key.contains("${") || !is_in_key(code, *it, &key)));
        plain.then_some(Self { code, call, expression, data, function, key, public, gone })
    }

    /// Edits beside the call itself.
    fn edits(&self, offer: &Offer<'_>) -> Option<Vec<Edit>> {
        let mut all = statements::remove(self.code, &self.gone)?;
        if !form::is_async(self.function) {
            offer.is_entry(self.function).then_some(())?;
            all.extend(make_async(self.code, self.function));
        }
        Some(all)
    }

    fn replaced(&self, call: &str) -> Edit {
        edits::replace(self.code, syntax::span(self.expression), format!("await {call}"))
    }

    /// Imported names that nothing else in the file needs.
    fn unused(&self) -> Vec<&'a str> {
        let data = syntax::span(self.data);
        let mut spans: Vec<Span> = self.gone.iter().map(|it| syntax::span(*it)).collect();
        spans.push(syntax::span(self.call));
        let names = imports::imports(self.code).into_iter().flat_map(|import| {
            import.names.into_iter().map(move |name| (import.statement, name.local)).collect::<Vec<_>>()
        });
        let unused = names.filter(|(statement, name)| {
            let uses = self.code.occurrences(self.code.root, name);
            let mut uses =
                uses.into_iter().filter(|it| !syntax::span(*statement).covers(syntax::span(*it))).peekable();
            uses.peek().is_some()
                && uses.all(|it| {
                    let at = syntax::span(it);
                    spans.iter().any(|span| span.covers(at)) && !data.covers(at)
                })
        });
        unused.map(|(_, name)| name).filter(|name| !self.key.contains(name)).collect()
    }
}

fn is_in_key(code: &Code<'_>, statement: Node<'_>, key: &str) -> bool {
    let name = only_declarator(statement).and_then(|it| it.field("name"));
    name.is_some_and(|name| key.contains(&format!("${{{}}}", code.of(name))))
}

/// `await mkdir(folder, …)` of the folder that the file lies in.
fn makes_folder(code: &Code<'_>, statement: Node<'_>, file: &Parts) -> bool {
    let Some(mut call) = statement.named_child(0).filter(|_| statement.kind() == "expression_statement")
    else {
        return false;
    };
    if call.kind() == "await_expression" {
        call = call.named_child(0).unwrap_or(call);
    }
    let Some(callee) = call.field("function") else { return false };
    let path = call.field("arguments").and_then(|it| it.named_child(0));
    matches!(code.of(callee).rsplit('.').next(), Some("mkdir" | "mkdirSync"))
        && path
            .and_then(|it| Parts::of(code, it))
            .is_some_and(|folder| file.whole().starts_with(&folder.whole()))
}

/// What a path below the project is made of: text, and code that gives text.
#[derive(Default)]
struct Parts(Vec<Part>);

#[derive(PartialEq, Eq)]
enum Part {
    Text(String),
    Code(String),
}

impl Parts {
    fn of(code: &Code<'_>, path: Node<'_>) -> Option<Self> {
        let mut parts = Self::default();
        parts.add(code, path, 0)?;
        Some(parts)
    }

    fn add(&mut self, code: &Code<'_>, path: Node<'_>, depth: u32) -> Option<()> {
        if depth > 6 {
            return None;
        }
        match path.kind() {
            "string" => self.text(code.of(path).trim_matches(['"', '\''])),
            "template_string" => {
                for part in path.named_children() {
                    match part.kind() {
                        "template_substitution" => self.add(code, part.named_child(0)?, depth + 1)?,
                        _ => self.text(code.of(part)),
                    }
                }
            }
            "call_expression" if code.of(path) == "process.cwd()" => {}
            "call_expression" => {
                let callee = code.of(path.field("function")?);
                if !matches!(callee.rsplit('.').next(), Some("join" | "resolve" | "normalize")) {
                    return self.code(code, path);
                }
                let arguments = path.field("arguments")?;
                for (number, argument) in arguments.named_children().enumerate() {
                    if number > 0 && !self.0.is_empty() {
                        self.text("/");
                    }
                    self.add(code, argument, depth + 1)?;
                }
            }
            "identifier" => match value(code, path) {
                Some(value) if matches!(value.kind(), "string" | "template_string" | "call_expression") => {
                    let before = self.0.len();
                    if self.add(code, value, depth + 1).is_none() || self.starts_with_code() {
                        self.0.truncate(before);
                        return self.code(code, path);
                    }
                }
                _ => return self.code(code, path),
            },
            _ => return self.code(code, path),
        }
        Some(())
    }

    fn starts_with_code(&self) -> bool {
        matches!(self.0.first(), Some(Part::Code(_)))
    }

    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// What is not known may only come behind the folder.
    fn code(&mut self, code: &Code<'_>, node: Node<'_>) -> Option<()> {
        let text = code.of(node);
        let holds = text.contains(['`', '\n']) || text.contains("await ");
        (!self.0.is_empty() && !holds).then(|| self.0.push(Part::Code(text.to_owned())))
    }

    /// As a template would have it.
    fn whole(&self) -> String {
        self.0.iter().fold(String::new(), |whole, part| match part {
            Part::Text(text) => whole + text,
            Part::Code(inner) => whole + "${" + inner + "}",
        })
    }

    /// The key in the store, without what only says where the project lies; and whether the file lay in `public`.
    fn key(&self, code: &Code<'_>) -> Option<(String, bool)> {
        let whole = self.whole();
        let whole = whole.trim_start_matches("./").trim_start_matches('/');
        let public = whole.starts_with("public/");
        let whole = whole.strip_prefix("public/").unwrap_or(whole);
        let holes = self.0.iter().any(|it| matches!(it, Part::Code(_)));
        if whole.is_empty() || whole.contains("..") || whole.contains(['`', '"', '\'', '\\']) {
            return None;
        }
        Some((if holes { format!("`{whole}`") } else { code.style().string(whole) }, public))
    }
}

/// The value of a constant, by the name that stands at a place.
fn value<'a>(code: &Code<'a>, name: Node<'a>) -> Option<Node<'a>> {
    let mut found = None;
    let text = code.of(name);
    for scope in [enclosing_function(name), Some(code.root)].into_iter().flatten() {
        each(scope, |node| {
            if node.kind() == "variable_declarator"
                && node.field("name").is_some_and(|it| code.of(it) == text)
                && node.parent().is_some_and(|it| code.of(it).starts_with("const"))
            {
                found = found.or(node.field("value"));
            }
            found.is_none()
        });
    }
    found
}
