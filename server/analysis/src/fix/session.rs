//! A check of who asks, as other handlers of the project do it, in handlers that lack it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::borrowed::Borrowed;
use super::code::{Code, ancestors, each, scope_of};
use super::constant::free_names;
use super::edits;
use super::functions::{first_lines, make_async};
use super::offer::Offer;
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::path::FilePath;
use crate::project::{FileInput, FileNo};
use crate::syntax::Node;
use crate::text::Span;

/// The first statements of one handler of the project, for those that the finding shows.
///
/// `None` where no handler has a check that could stand elsewhere, or where one of the others has no place for it.
pub(super) fn check_session_too(offer: &Offer<'_>) -> Option<Fix> {
    let places: Vec<(FilePath, Span)> =
        offer.finding.related.iter().map(|place| (place.path.clone(), place.span)).collect();
    check_in(offer, &places)
}

/// The same for the handler that the finding is about; in a route of Express the middleware that the others have.
pub(super) fn check_as_others(offer: &Offer<'_>) -> Option<Fix> {
    super::express_guard::guard_route(offer)
        .or_else(|| check_in(offer, &[(offer.finding.path.clone(), offer.finding.span)]))
}

fn check_in(offer: &Offer<'_>, places: &[(FilePath, Span)]) -> Option<Fix> {
    let model = Model::of(offer, places)?;
    let mut documents: BTreeMap<FilePath, Arc<Document>> = BTreeMap::new();
    for (path, _) in places {
        documents.insert(path.clone(), offer.sources.document(path)?);
    }
    let mut all = Vec::new();
    for (path, document) in &documents {
        let code = Code::new(document)?;
        let input = offer.project.number(path).and_then(|file| offer.project.file(file))?;
        for (_, span) in places.iter().filter(|(at, _)| at == path) {
            all.extend(model.begin(&code, *span)?);
        }
        all.extend(model.needs.imports(&code, input)?);
    }
    let documents: Vec<&Document> = documents.values().map(|it| &**it).collect();
    let here = if places.len() == 1 { "the handler" } else { "these handlers" };
    let title = format!("Check in {here} too, as {} does (look whether more has to be asked)", model.label);
    edits::fix(title, Safety::Unsafe, all, &documents)
}

/// A check that can stand in another handler.
struct Model {
    /// The handler that has it.
    label: String,
    /// Its two statements, at the margin.
    lines: Vec<String>,
    /// What they declare.
    declares: Vec<String>,
    needs: Borrowed,
}

impl Model {
    /// The check that most handlers of the package begin with.
    fn of(offer: &Offer<'_>, places: &[(FilePath, Span)]) -> Option<Self> {
        let mut found: BTreeMap<Vec<String>, (usize, Self)> = BTreeMap::new();
        for file in offer.project.numbers() {
            let Some(input) = offer.project.file(file) else { continue };
            let lacks = places.iter().any(|(path, _)| *path == input.path);
            if lacks || input.package.root != offer.input.package.root {
                continue;
            }
            for model in Self::in_file(offer, file, input).unwrap_or_default() {
                found.entry(model.lines.clone()).or_insert((0, model)).0 += 1;
            }
        }
        found.into_values().max_by_key(|(count, _)| *count).map(|(_, model)| model)
    }

    fn in_file(offer: &Offer<'_>, file: FileNo, input: &FileInput) -> Option<Vec<Self>> {
        let links = offer.project.links(file)?;
        let entries: Vec<_> = links.entries.iter().filter(|entry| entry.kind == "app-route").collect();
        if entries.is_empty() {
            return None;
        }
        let document = offer.sources.document(&input.path)?;
        let code = Code::new(&document)?;
        let model = |entry: &&crate::project::Entry| {
            Self::read(&code, input, function(&code, entry.span(&input.facts))?, &entry.label)
        };
        Some(entries.iter().filter_map(model).collect())
    }

    /// `const session = await auth(); if (!session) return new Response(null, { status: 401 });`
    fn read(code: &Code<'_>, input: &FileInput, function: Node<'_>, label: &str) -> Option<Self> {
        let body = function.field("body").filter(|it| it.kind() == "statement_block")?;
        let (asks, refuses) = (body.named_child(0)?, body.named_child(1)?);
        let declarator = super::code::only_declarator(asks)?;
        let pattern = declarator.field("name")?;
        let value = declarator.field("value").filter(|it| it.kind() == "await_expression")?;
        let call = value.named_child(0).filter(|it| it.kind() == "call_expression")?;
        let mut declares = Vec::new();
        each(pattern, |node| {
            if scope_of(node).is_some() {
                declares.push(code.of(node).to_owned());
            }
            true
        });
        let test = form::without_wrapping(refuses.field("condition")?);
        let asked = test.field("argument").filter(|_| code.of(test).starts_with('!'))?;
        let consequence = refuses.field("consequence")?;
        let refusal = code.of(consequence);
        let root = code.of(asked).split(['.', '?']).next().unwrap_or_default();
        if refuses.field("alternative").is_some()
            || !declares.iter().any(|name| name == root)
            || form::ends(consequence, code.text).falls
            || !["401", "403"].iter().any(|status| refusal.contains(status))
            || code.of(call).contains(['`', '\n'])
            || refusal.contains('`')
        {
            return None;
        }
        let names = [asks, refuses].into_iter().flat_map(|node| free_names(code, node));
        let names =
            names.map(|name| code.of(name)).filter(|name| !declares.iter().any(|known| known == name));
        let needs = Borrowed::of(code, input, names)?;
        let lines = [asks, refuses].into_iter().flat_map(|node| {
            let written = code.outdented(code.span(node), code.indent(node.start_byte() as u32));
            written.lines().map(str::to_owned).collect::<Vec<_>>()
        });
        Some(Self { label: label.to_owned(), lines: lines.collect(), declares, needs })
    }

    /// Edits that begin a handler with the check.
    fn begin(&self, code: &Code<'_>, span: Span) -> Option<Vec<Edit>> {
        let function = function(code, span)?;
        if self.declares.iter().any(|name| !code.occurrences(function, name).is_empty()) {
            return None;
        }
        let mut out = make_async(code, function);
        out.push(first_lines(code, function, &self.lines)?);
        Some(out)
    }
}

/// The function that a handler's place shows.
pub(super) fn function<'a>(code: &Code<'a>, span: Span) -> Option<Node<'a>> {
    let leaf = code.root.descendant_for_byte_range(span.start as usize, span.end as usize)?;
    ancestors(leaf).take(3).find_map(|node| {
        let value = node.field("value").filter(|_| node.kind() == "variable_declarator");
        value.into_iter().chain([node]).find(|it| form::is_function(*it))
    })
}
