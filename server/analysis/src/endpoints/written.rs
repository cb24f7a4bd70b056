//! The text of a URL with the place of each of its pieces.
//!
//! What a request asks for is known from the facts, which hold no places. Here it is read once more from the tree,
//! as far as the code says it in so many words; whoever uses it compares the two.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::Document;
use crate::facts::{Assign, CallId, DeclId, Shape};
use crate::fix::code::Code;
use crate::fix::objects;
use crate::path::FilePath;
use crate::project::calls::{ClientCall, Place};
use crate::project::routes::address::HOLE;
use crate::project::{FileNo, Project, Resolver, Sources};
use crate::syntax::Node;
use crate::text::Span;

/// Longer ways are given up.
const LONGEST: u32 = 12;

/// A text that code puts together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// With a [`HOLE`] for what is known only when it runs.
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

/// A part of a text and where it stands.
#[derive(Clone, Debug)]
struct Piece {
    at: Range<usize>,
    file: FileNo,
    span: Span,
}

impl Written {
    /// Where `range` of `path` stands, a path that this text ends with, its query aside. `None` where the two differ
    /// from there on, or the range is not written in one piece.
    pub(crate) fn locate(&self, path: &str, range: &Range<usize>) -> Option<(FileNo, Span)> {
        let own = self.before_query();
        let start = (range.start + own.len()).checked_sub(path.len())?;
        if own.get(start..)? != path.get(range.start..)? {
            return None;
        }
        let end = start + range.len();
        let piece = self.pieces.iter().find(|piece| piece.at.start <= start && end <= piece.at.end)?;
        let from = piece.span.start + (start - piece.at.start) as u32;
        Some((piece.file, Span::new(from, from + range.len() as u32)))
    }

    /// Which byte of `path` stands at a place, under the same conditions.
    pub(crate) fn offset_in(&self, path: &str, file: FileNo, offset: u32) -> Option<usize> {
        let at_place = |piece: &&Piece| piece.file == file && piece.span.touches(offset);
        let piece = self.pieces.iter().find(at_place)?;
        let own = piece.at.start + (offset - piece.span.start) as usize;
        let before = self.before_query().len();
        (own <= before).then(|| (own + path.len()).checked_sub(before)).flatten()
    }

    /// The part that stands around a place: which bytes of the text it is, and where it is.
    pub(crate) fn piece_at(&self, file: FileNo, offset: u32) -> Option<(Range<usize>, Span)> {
        let piece = self.pieces.iter().find(|piece| piece.file == file && piece.span.touches(offset))?;
        Some((piece.at.clone(), piece.span))
    }

    /// Whether a part of it stands there.
    pub(crate) fn stands_at(&self, file: FileNo, span: Span) -> bool {
        self.pieces.iter().any(|it| it.file == file && it.span.start <= span.start && span.end <= it.span.end)
    }

    fn before_query(&self) -> &str {
        self.text.split(['?', '#']).next().unwrap_or_default()
    }

    fn push(&mut self, file: FileNo, code: &Code<'_>, span: Span) {
        let start = self.text.len();
        self.text.push_str(span.of(code.text));
        self.pieces.push(Piece { at: start..self.text.len(), file, span });
    }

    fn hole(&mut self) {
        self.text.push(HOLE);
    }
}

/// Reads texts, and the documents they stand in.
pub(crate) struct Reader<'p> {
    pub(crate) project: &'p Project,
    sources: &'p dyn Sources,
    resolver: Resolver<'p>,
    documents: FxHashMap<FileNo, Option<Arc<Document>>>,
}

impl<'p> Reader<'p> {
    pub(crate) fn new(project: &'p Project, sources: &'p dyn Sources) -> Self {
        Self { project, sources, resolver: Resolver::new(project), documents: FxHashMap::default() }
    }

    /// The text of a file.
    pub(crate) fn document(&mut self, file: FileNo) -> Option<Arc<Document>> {
        let path = &self.project.file(file)?.path;
        let sources = self.sources;
        self.documents.entry(file).or_insert_with(|| sources.document(path)).clone()
    }

    /// The text of a file that is no code of the project.
    pub(crate) fn text(&self, path: &FilePath) -> Option<String> {
        Some(self.sources.document(path)?.text().to_owned())
    }

    /// The URL of a request, as it is written; `None` where it does not stand where the facts say.
    pub(crate) fn request(&mut self, file: FileNo, request: &ClientCall) -> Option<Written> {
        self.text_at(file, request.place)
    }

    /// The text that stands at the place of a request.
    pub(crate) fn text_at(&mut self, file: FileNo, place: Place) -> Option<Written> {
        let span = place.span(&self.project.file(file)?.facts);
        let document = self.document(file)?;
        let code = Code::new(&document)?;
        let mut node = code.node(span)?;
        // `useSWR(["/api/users", page], …)`.
        if node.kind() == "array" {
            node = node.named_child(0)?;
        }
        Some(self.expression(file, &code, node))
    }

    /// The paths that a registration of Express is given, in order; none where it has none.
    pub(crate) fn registered(&mut self, file: FileNo, call: CallId) -> Vec<Written> {
        let Some(input) = self.project.file(file) else { return Vec::new() };
        let mut call = call;
        // `router.route("/users").get(list).post(create)`: the path stands at the head of the chain.
        while let Shape::Member(object, _) = &input.facts.call(call).callee
            && let Shape::Call(number) = **object
        {
            call.number = number;
        }
        let Some(&at) = input.facts.call(call).args_at.first() else { return Vec::new() };
        let span = input.facts.span(call.chunk, at);
        let Some(document) = self.document(file) else { return Vec::new() };
        let Some(code) = Code::new(&document) else { return Vec::new() };
        let Some(node) = code.node(span) else { return Vec::new() };
        if node.kind() == "array" {
            let items: Vec<Node<'_>> = node.named_children().collect();
            return items.into_iter().map(|item| self.expression(file, &code, item)).collect();
        }
        vec![self.expression(file, &code, node)]
    }

    fn expression(&mut self, file: FileNo, code: &Code<'_>, node: Node<'_>) -> Written {
        let mut out = Written::default();
        self.read(file, code, node, &[], 0, &mut out);
        out
    }

    /// Reads what `keys` lead to in the value of a node: `ROUTES.users` is the key `users` in `ROUTES`.
    fn read(
        &mut self,
        file: FileNo,
        code: &Code<'_>,
        node: Node<'_>,
        keys: &[&str],
        depth: u32,
        out: &mut Written,
    ) {
        if depth > LONGEST {
            return out.hole();
        }
        let depth = depth + 1;
        if let Some(inner) = through(code, node, keys.is_empty()) {
            return self.read(file, code, inner, keys, depth, out);
        }
        let field = |name: &str| node.field(name);
        match (node.kind(), keys) {
            ("string", []) => {
                let plain = node.named_children().all(|part| part.kind() == "string_fragment");
                let whole = node.end_byte() > node.start_byte() + 1;
                if plain && whole {
                    out.push(file, code, Span::new(node.start_byte() as u32 + 1, node.end_byte() as u32 - 1));
                } else {
                    out.hole();
                }
            }
            ("template_string", []) => {
                let mut at = node.start_byte() as u32 + 1;
                let parts: Vec<Node<'_>> = node.named_children().collect();
                for part in parts.iter().filter(|part| part.kind() != "string_fragment") {
                    out.push(file, code, Span::new(at, part.start_byte() as u32));
                    match part.named_child(0).filter(|_| part.kind() == "template_substitution") {
                        Some(inner) => self.read(file, code, inner, &[], depth, out),
                        None => out.hole(),
                    }
                    at = part.end_byte() as u32;
                }
                out.push(file, code, Span::new(at, (node.end_byte() as u32 - 1).max(at)));
            }
            ("number", []) => {
                out.push(file, code, Span::new(node.start_byte() as u32, node.end_byte() as u32));
            }
            ("binary_expression", []) if field("operator").is_some_and(|it| it.kind() == "+") => {
                for side in ["left", "right"].into_iter().filter_map(field) {
                    self.read(file, code, side, &[], depth, out);
                }
            }
            ("object", [key, rest @ ..]) => match objects::value(code, node, key) {
                Some(value) => self.read(file, code, value, rest, depth, out),
                None => out.hole(),
            },
            ("member_expression", keys) => {
                let (Some(object), Some(property)) = (field("object"), field("property")) else {
                    return out.hole();
                };
                let key = code.of(property);
                let keys: Vec<&str> = std::iter::once(key).chain(keys.iter().copied()).collect();
                self.read(file, code, object, &keys, depth, out);
            }
            ("identifier" | "shorthand_property_identifier", keys) => {
                if self.name(file, code, node, keys, depth, out).is_none() {
                    out.hole();
                }
            }
            _ => out.hole(),
        }
    }

    /// What a name was declared as, where nothing sets it again.
    fn name(
        &mut self,
        file: FileNo,
        code: &Code<'_>,
        node: Node<'_>,
        keys: &[&str],
        depth: u32,
        out: &mut Written,
    ) -> Option<()> {
        let (name, offset) = (code.of(node), node.start_byte() as u32);
        let facts = &self.project.file(file)?.facts;
        let chunk = facts.chunk_at(offset)?;
        let own = &facts.chunks[chunk as usize];
        let (at, id) = match own.facts.local(name, offset.checked_sub(own.start)?) {
            Some(number) => (file, DeclId { chunk, number }),
            None => self.resolver.declared(file, name, 0)?,
        };
        let facts = &self.project.file(at)?.facts;
        let decl = facts.decl(id);
        let local = decl.scope.is_some().then_some(id.number);
        let set = |assign: &Assign| matches!(&assign.left, Shape::Name(it) if it.local == local && it.text == decl.name);
        let again = match local {
            Some(_) => facts.chunks[id.chunk as usize].facts.assigns.iter().any(set),
            None => facts.chunks.iter().any(|chunk| chunk.facts.assigns.iter().any(set)),
        };
        if decl.parameter.is_some() || again {
            return None;
        }
        let span = facts.span(id.chunk, decl.at);
        let document = self.document(at)?;
        let code = Code::new(&document)?;
        let named = code.node(span)?;
        let declarator = named.parent().filter(|it| it.kind() == "variable_declarator")?;
        let is_name = declarator.field("name") == Some(named);
        let value = declarator.field("value").filter(|_| is_name)?;
        self.read(at, &code, value, keys, depth, out);
        Some(())
    }
}

/// The one expression whose value a node hands on; for a text with `text`, else for the object that holds it.
fn through<'t>(code: &Code<'_>, node: Node<'t>, text: bool) -> Option<Node<'t>> {
    let field = |name: &str| node.field(name);
    match node.kind() {
        "parenthesized_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "await_expression" => node.named_child(0),
        // `id && `/api/users/${id}``: there is this text, or none.
        "binary_expression" if text => {
            field("right").filter(|_| field("operator").is_some_and(|it| it.kind() == "&&"))
        }
        // `id ? `/api/users/${id}` : null`.
        "ternary_expression" if text => {
            let nothing = |node: &Node<'_>| matches!(code.of(*node), "null" | "undefined" | "false");
            let sides = ["consequence", "alternative"].into_iter().filter_map(field);
            match sides.filter(|side| !nothing(side)).collect::<Vec<_>>()[..] {
                [only] => Some(only),
                _ => None,
            }
        }
        // `new URL("/api/users", origin)`.
        "new_expression" if text => {
            let is_url = field("constructor").is_some_and(|it| code.of(it) == "URL");
            field("arguments").filter(|_| is_url)?.named_child(0)
        }
        // `url.toString()`.
        "call_expression" if text => {
            let callee = field("function").filter(|it| it.kind() == "member_expression")?;
            let name = callee.field("property")?;
            callee.field("object").filter(|_| code.of(name) == "toString")
        }
        // `new URL("/api/users", origin).href`.
        "member_expression" if text => {
            let made = |it: &Node<'_>| matches!(it.kind(), "new_expression" | "call_expression");
            let name = field("property")?;
            field("object").filter(|it| code.of(name) == "href" && made(it))
        }
        _ => None,
    }
}
