//! The file of a Route Handler, put together from what was converted.

use super::web::{self, Needs, Web};
use super::{Refusal, handler};
use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::{Code, only_declarator};
use crate::fix::imports::{self, Wanted, imports};
use crate::fix::specifier::specifiers;
use crate::fix::{apply, statements};
use crate::package::Package;
use crate::path::FilePath;
use crate::project::{Sources, routes};
use crate::syntax::Node;
use crate::text::Span;

/// What reads the body and the query as before, in both languages.
const HELPERS: [&str; 2] = [include_str!("app/read-request.ts"), include_str!("app/read-request.js")];

/// A file that comes to be.
pub(super) struct NewFile<'n> {
    /// Where its text stands now.
    pub(super) path: &'n FilePath,
    /// That text.
    pub(super) before: &'n Code<'n>,
    /// The package of the app.
    pub(super) package: &'n Package,
    /// Where it goes.
    pub(super) place: &'n FilePath,
    /// It is none yet: its first comment speaks of the first statement.
    pub(super) fresh: bool,
}

impl NewFile<'_> {
    /// Its text.
    pub(super) fn text(
        &self,
        converted: &Web<'_, '_>,
        document: &Document,
        exported: &web::Exported,
        options: &[(&'static str, String)],
    ) -> Result<String, Refusal> {
        let text = put_together(self, document, exported, options)?;
        let helper = self.helper_path().filter(|_| converted.needs.body || converted.needs.query);
        imported(self, text, helper.as_ref(), converted)
    }

    /// The module that reads requests.
    fn helper_path(&self) -> Option<FilePath> {
        let next = self.package.next.as_ref()?;
        let extension = if self.package.typescript { "ts" } else { "js" };
        Some(routes::beside(next)?.join(&format!("lib/read-request.{extension}")))
    }

    /// The edit that makes it, where it is needed and not there.
    pub(super) fn helper(&self, sources: &dyn Sources, needs: Needs) -> Result<Option<Edit>, Refusal> {
        let Some(path) = self.helper_path().filter(|_| needs.body || needs.query) else { return Ok(None) };
        let made = HELPERS[usize::from(path.extension() != "ts")];
        match sources.document(&path) {
            None => Ok(Some(Edit::create(path, made.to_owned()))),
            Some(there) if there.text() == made => Ok(None),
            Some(_) => {
                let reason = "This file has another form than the one it was made in.";
                Err(Refusal::new(&path, Span::default(), reason))
            }
        }
    }
}

/// Whether a statement is the default export.
pub(super) fn is_default(code: &Code<'_>, statement: Node<'_>) -> bool {
    statement.children().any(|it| it.kind() == "default") && code.of(statement).starts_with("export")
}

/// The converted file with its functions in the handler's place, and without what only the Pages Router reads.
fn put_together(
    file: &NewFile<'_>,
    document: &Document,
    exported: &web::Exported,
    options: &[(&'static str, String)],
) -> Result<String, Refusal> {
    let broken =
        || Refusal::new(file.path, Span::default(), "The file cannot be rewritten without an error in it.");
    let code = Code::new(document).ok_or_else(broken)?;
    let style = code.style();
    let path = document.path();
    let mut options: Vec<(&str, String)> = options.to_vec();
    if file.package.major("next").is_some_and(|major| major < 15) {
        // Up to Next.js 14 answers and what is fetched for them are kept unless somebody says otherwise.
        options.insert(0, ("dynamic", style.string("force-dynamic")));
    }
    let lines: Vec<String> = options
        .iter()
        .map(|(name, value)| format!("export const {name} = {value}{}{}", style.semi, style.newline))
        .collect();
    let options = lines.concat();
    let gap = if options.is_empty() { "" } else { style.newline };
    let mut edits =
        vec![Edit::replace(path.clone(), exported.handler, format!("{options}{gap}{}", exported.text))];
    for statement in code.statements() {
        if statement.kind() != "export_statement" || code.span(statement) == exported.handler {
            continue;
        }
        let declaration = statement.field("declaration");
        let name = declaration
            .and_then(only_declarator)
            .and_then(|it| it.field("name"))
            .map_or("", |it| code.of(it));
        if name == "config" || is_default(&code, statement) {
            edits.push(Edit::replace(path.clone(), statements::whole_lines(&code, statement), String::new()));
        } else if !handler::OPTIONS.contains(&name) {
            let Some(declaration) = declaration else {
                let reason = "This is exported for others, which a Route Handler cannot do: take it out.";
                return Err(Refusal::new(path, Span::default(), reason));
            };
            // Nobody takes it.
            let span = Span::new(statement.start_byte() as u32, declaration.start_byte() as u32);
            edits.push(Edit::replace(path.clone(), span, String::new()));
        }
    }
    let fix = crate::fix::edits::fix(String::new(), crate::finding::Safety::Unsafe, edits, &[document]);
    let fix = fix.ok_or_else(broken)?;
    Ok(apply(document.text(), &fix.edits))
}

/// The text with the imports that it needs, as they read at its new place.
fn imported(
    file: &NewFile<'_>,
    text: String,
    helper: Option<&FilePath>,
    converted: &web::Web<'_, '_>,
) -> Result<String, Refusal> {
    let needs = converted.needs;
    let place = file.place;
    let broken = || Refusal::new(file.path, Span::default(), "The imports of the file cannot be rewritten.");
    let mut document = Document::new(file.path.clone(), 0, text);
    let change = |document: &Document, edits: Vec<Edit>| {
        if edits.is_empty() {
            return Some(document.text().to_owned());
        }
        let fix = crate::fix::edits::fix(String::new(), crate::finding::Safety::Unsafe, edits, &[document])?;
        Some(apply(document.text(), &fix.edits))
    };
    for twin in converted.twins() {
        let code = Code::new(&document).ok_or_else(broken)?;
        let wanted = Wanted {
            sources: vec![twin.specifier.clone()],
            imported: twin.name.clone(),
            local: twin.name.clone(),
        };
        let edits = add(file, &code, Some(&wanted), &[]).ok_or_else(broken)?;
        let text = change(&document, edits).ok_or_else(broken)?;
        document = Document::new(file.path.clone(), 0, text);
    }
    document = without_unused(file, &document, &change).ok_or_else(broken)?;
    let code = Code::new(&document).ok_or_else(broken)?;
    let before = file.before;
    let unused = imports::no_longer_used(before, &code);
    let typed = code.mentions("NextRequest")
        && !imports(&code).iter().any(|it| it.names.iter().any(|it| it.local == "NextRequest"));
    let wanted = typed.then(|| Wanted {
        sources: vec!["next/server".to_owned()],
        imported: "NextRequest".to_owned(),
        local: "NextRequest".to_owned(),
    });
    let edits = add(file, &code, wanted.as_ref(), &unused).ok_or_else(broken)?;
    let text = change(&document, edits).ok_or_else(broken)?;
    document = Document::new(place.clone(), 0, {
        let moved = Document::new(file.path.clone(), 0, text);
        let code = Code::new(&moved).ok_or_else(broken)?;
        let edits = handler::specifiers(&code, place);
        change(&moved, edits).ok_or_else(broken)?
    });
    if let Some(helper) = helper {
        let code = Code::new(&document).ok_or_else(broken)?;
        let specifier = specifiers(&code, file.package, helper);
        let names: Vec<&str> =
            [("readBody", needs.body), ("readJson", needs.body), ("readQuery", needs.query)]
                .into_iter()
                .filter(|(name, needed)| *needed && code.mentions(name))
                .map(|(name, _)| name)
                .collect();
        if !names.is_empty() {
            let names = names.join(", ");
            let wanted = Wanted { sources: specifier, imported: names.clone(), local: names };
            let edits = add(file, &code, Some(&wanted), &[]).ok_or_else(broken)?;
            let text = change(&document, edits).ok_or_else(broken)?;
            document = Document::new(place.clone(), 0, text);
        }
    }
    let sound = document.tree().is_some_and(|tree| !tree.root_node().has_error());
    if sound { Ok(document.text().trim_start().to_owned()) } else { Err(broken()) }
}

/// Edits that bring an import, and drop others.
fn add(file: &NewFile<'_>, code: &Code<'_>, wanted: Option<&Wanted>, drop: &[&str]) -> Option<Vec<Edit>> {
    match wanted.filter(|_| file.fresh && imports(code).is_empty()) {
        Some(wanted) => {
            let newline = code.style().newline;
            let line = imports::statement(code, wanted, false) + newline + newline;
            Some(vec![Edit::replace(code.document.path().clone(), Span::at(0), line)])
        }
        None => imports::rewrite(code, wanted, drop, false),
    }
}

/// The file without functions that were only there for what is gone.
fn without_unused(
    file: &NewFile<'_>,
    document: &Document,
    change: &dyn Fn(&Document, Vec<Edit>) -> Option<String>,
) -> Option<Document> {
    let code = Code::new(document)?;
    let before = file.before;
    let mut edits = Vec::new();
    for statement in code.statements().into_iter().filter(|it| it.kind() == "function_declaration") {
        let name = statement.field("name").map_or("", |it| code.of(it));
        let (now, then) =
            (code.occurrences(code.root, name).len(), before.occurrences(before.root, name).len());
        if now == 1 && then > 1 {
            let mut lines = statements::whole_lines(&code, statement);
            lines.start = code.line(code.with_comments(statement)).start.min(lines.start);
            edits.push(Edit::replace(document.path().clone(), lines, String::new()));
        }
    }
    let text = change(document, edits)?;
    Some(Document::new(document.path().clone(), 0, text))
}
