//! Completion, where a route file invites it: methods that are not exported yet, the handler of an API route, options
//! and their legal values, the project's own paths in a matcher; and where code asks for a URL, those of the project. Everywhere else it has nothing to say: the editor's
//! TypeScript server knows the rest.

mod matcher;
mod methods;
mod options;
mod pages;
mod place;
mod urls;

use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, Project};
use crate::text::Span;

use place::Place;

/// Something that can be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What a list shows.
    pub label: String,
    /// A few words beside it.
    pub detail: String,
    /// More, as Markdown; [`crate::explain::plain`] makes plain text of it.
    pub documentation: String,
    /// What to write: a snippet of the protocol where `snippet` is set.
    pub insert: String,
    /// `insert` has places to fill in, and its `$`, `}` and `\` are escaped. See [`without_places`].
    pub snippet: bool,
    /// What it is.
    pub kind: Kind,
    /// What it replaces, on one line.
    pub span: Span,
    /// What the replaced text is compared with.
    pub filter: String,
    /// Changes of other places in the file that go with it.
    pub edits: Vec<Edit>,
}

/// What a completion is, for its symbol in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A handler.
    Function,
    /// An option.
    Constant,
    /// A value of an option.
    Value,
    /// A path.
    Path,
}

/// What can be written at `offset` of a document of the project, the likeliest first.
pub(crate) fn completions(
    project: &Project,
    input: &FileInput,
    document: &Document,
    offset: u32,
) -> Vec<Completion> {
    let number = project.number(&input.path);
    let urls = number.and_then(|file| urls::completions(project, file, input, document, offset));
    if let Some(found) = urls {
        return found;
    }
    let Some(next) = &input.package.next else { return Vec::new() };
    let role = routes::role(next, &input.path);
    if !matches!(role, Role::RouteHandler | Role::PagesApi | Role::Proxy) {
        return Vec::new();
    }
    let Some(code) = Code::new(document) else { return Vec::new() };
    if role == Role::Proxy {
        return matcher::completions(project, input, &code, offset);
    }
    let is_page = role == Role::PagesApi;
    if is_page && let Some(found) = pages::keys(input, &code, offset) {
        return found;
    }
    match place::of(&code, offset) {
        Some(Place::Statement(statement)) => {
            // How the file is written is read from what is there, not from what is being typed.
            let mut text = code.text.to_owned();
            text.replace_range(statement.span.start as usize..statement.span.end as usize, "");
            let rest = Document::new(input.path.clone(), 0, text);
            let Some(rest) = Code::new(&rest) else { return Vec::new() };
            if is_page {
                return pages::statements(input, &rest, &statement);
            }
            let mut found = methods::completions(input, &rest, &statement);
            found.extend(options::names(input, &rest, &statement));
            found
        }
        Some(Place::Value(value)) if !is_page => options::values(input, &code, &value),
        _ => Vec::new(),
    }
}

/// A snippet as plain text: what its places hold, and nothing else.
pub fn without_places(snippet: &str) -> String {
    let mut out = String::with_capacity(snippet.len());
    let mut rest = snippet.chars().peekable();
    let mut open = 0u32;
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.extend(rest.next()),
            '$' if rest.peek() == Some(&'{') => {
                open += 1;
                rest.next();
                while rest.next_if(char::is_ascii_digit).is_some() {}
                rest.next_if_eq(&':');
            }
            '$' => while rest.next_if(char::is_ascii_digit).is_some() {},
            '}' if open > 0 => open -= 1,
            other => out.push(other),
        }
    }
    out
}

/// Text as it stands in a snippet.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '$' | '}' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether the file declares or exports a name. The text is searched, because half-typed code hides
/// statements.
fn declares(rest: &Code<'_>, name: &str) -> bool {
    ["function ", "function* ", "const ", "let ", "var ", "as ", "{ ", ", "].iter().any(|before| {
        rest.text.match_indices(&format!("{before}{name}")).any(|(at, found)| {
            let after = rest.text[at + found.len()..].chars().next();
            after.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '$'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_without_places_is_its_text() {
        assert_eq!(without_places("a(${1:b}) {\n  $0\n\\}$2"), "a(b) {\n  \n}");
        assert_eq!(without_places(&escaped("`${x}`\\")), "`${x}`\\");
    }
}
