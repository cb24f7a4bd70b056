//! What stands in a proxy file that Next.js never runs is called from the one that it does run.

use std::sync::Arc;

use super::code::{Code, only_declarator};
use super::imports::{self, Wanted};
use super::matcher::with_path;
use super::offer::Offer;
use super::proxy::{follow, sources};
use super::specifier::specifiers;
use super::{edits, statements};
use crate::check;
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::path::FilePath;
use crate::project::matcher::{Coverage, Matchers};
use crate::project::routes;
use crate::syntax::Node;

/// Renames the file and lets the proxy that Next.js runs call its function at its end, for the paths below which the
/// file lies. What that proxy turns away before is turned away as before.
///
/// `None` where that proxy is not a function written out in its file, or decides otherwise at its end.
pub(super) fn merge_proxy(offer: &Offer<'_>) -> Option<Fix> {
    check::proxy_home(offer.input)?;
    let mut running = check::proxies(offer.project, offer.input);
    let (_, home) = running.next().filter(|_| running.next().is_none())?;
    let document = offer.sources.document(&home.path)?;
    let main = Code::new(&document)?;
    let code = Code::new(offer.document)?;
    let outer = exported(&main, home.path.stem())?;
    let inner = exported(&code, offer.input.path.stem())?;
    let parameters = |it: &Proxy<'_>| form::parameters(it.function).len();
    if parameters(&inner) > 1 || outer.function.field("return_type").is_some() {
        return None;
    }
    let below = below(offer)?;
    let slug: String = below.split('/').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    let plain = slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let prefix = if slug.is_empty() { "second" } else { slug.as_str() };
    let to = home.path.parent()?.join(&format!("{prefix}-{}", home.path.file_name()));
    if !plain || offer.sources.document(&to).is_some() {
        return None;
    }
    let name = main.free_name(&camel(&format!("{prefix}-{}", offer.input.path.stem())))?;

    // The file under its new name, without a matcher that nobody reads.
    let mut all = vec![Edit::rename(offer.input.path.clone(), to.clone())];
    let folder = offer.input.path.parent()?;
    for string in sources(&code) {
        let specifier = string.of(code.text);
        if specifier.starts_with('.') {
            all.push(edits::replace(&code, string, to.relative_to(&folder.join(specifier))));
        }
    }
    let config: Vec<Node<'_>> =
        code.statements().into_iter().filter(|it| declares_config(&code, *it)).collect();
    all.extend(statements::remove(&code, &config)?);
    let mut documents = follow(offer, &to, None, &mut all)?;

    // Its call from the other one.
    let wanted = Wanted {
        sources: specifiers(&main, &home.package, &to),
        imported: if inner.default { "default".to_owned() } else { offer.input.path.stem().to_owned() },
        local: name.clone(),
    };
    let commonjs = imports::is_commonjs(&main).unwrap_or(false);
    all.extend(imports::rewrite(&main, Some(&wanted), &[], commonjs)?);
    let call =
        if parameters(&inner) == 0 { format!("{name}()") } else { format!("{name}({})", outer.request?) };
    let style = main.style();
    let path = style.string(&below);
    let lines = match (slug.is_empty(), outer.request) {
        (true, _) => vec![format!("return {call}{}", style.semi)],
        (false, Some(request)) => vec![
            format!("if ({request}.nextUrl.pathname.startsWith({path})) {{"),
            format!("{}return {call}{}", style.indent, style.semi),
            "}".to_owned(),
        ],
        (false, None) => return None,
    };
    all.push(at_end(&main, outer.function, &lines, slug.is_empty())?);
    let next = home.package.next.as_ref()?;
    if !slug.is_empty() {
        let covered = Matchers::of(home)?.covers(next, &format!("{}{below}", next.base_path));
        if covered != Coverage::Always {
            all.push(with_path(&main, &below)?.0);
        }
    }
    documents.push(Arc::clone(&document));
    let mut documents: Vec<&Document> = documents.iter().map(|it| &**it).collect();
    documents.push(offer.document);
    let title = format!(
        "Call it from {}, as {} (look which of the two has to come first)",
        check::shown(offer.input, &home.path),
        check::shown(offer.input, &to)
    );
    edits::fix(title, Safety::Unsafe, all, &documents)
}

/// The function of a proxy file.
struct Proxy<'a> {
    function: Node<'a>,
    /// It is the default export.
    default: bool,
    /// What its first parameter is called.
    request: Option<&'a str>,
}

fn exported<'a>(code: &Code<'a>, name: &str) -> Option<Proxy<'a>> {
    let of = |function: Node<'a>, default| {
        let first = form::parameters(function).into_iter().next();
        let request = first.map(|it| it.field("pattern").unwrap_or(it));
        let request = request.filter(|it| it.kind() == "identifier").map(|it| code.of(it));
        Proxy { function, default, request }
    };
    code.statements().into_iter().filter(|it| it.kind() == "export_statement").find_map(|statement| {
        if let Some(value) = statement.field("value") {
            return form::is_function(value).then(|| of(value, true));
        }
        let declaration = statement.field("declaration")?;
        let default = code.of(statement).starts_with("export default");
        let (named, function) = match declaration.kind() {
            "function_declaration" => (declaration.field("name"), declaration),
            "lexical_declaration" => {
                let declarator = only_declarator(declaration)?;
                (declarator.field("name"), declarator.field("value")?)
            }
            _ => return None,
        };
        let fits = default || named.is_some_and(|it| code.of(it) == name);
        (fits && form::is_function(function)).then(|| of(function, default))
    })
}

/// The path below which the file lies among the routes; empty where it lies beside them.
fn below(offer: &Offer<'_>) -> Option<String> {
    let next = offer.input.package.next.as_ref()?;
    let folder = offer.input.path.parent()?;
    let inside =
        |routes: &Option<FilePath>| routes.as_ref().is_some_and(|it| offer.input.path.strip(it).is_some());
    if !inside(&next.app_dir) && !inside(&next.pages_dir) {
        return Some(String::new());
    }
    let file = if inside(&next.app_dir) { "route" } else { "index" };
    let url = routes::url(next, &folder.join(&format!("{file}.{}", next.page_extensions.first()?)))?;
    let url = url.strip_prefix(next.base_path.as_str()).unwrap_or(&url).to_owned();
    // A parameter is no text that a path can begin with.
    (!url.contains('[')).then(|| if url == "/" { String::new() } else { url })
}

/// Puts lines where the function would let a request pass: in front of `return NextResponse.next()`, in its place where
/// `instead`, or behind its last statement where it returns nothing there.
fn at_end(code: &Code<'_>, function: Node<'_>, lines: &[String], instead: bool) -> Option<Edit> {
    let body = function.field("body").filter(|it| it.kind() == "statement_block")?;
    let last = body.named_child(body.named_child_count().checked_sub(1)?)?;
    let start = last.start_byte() as u32;
    if !code.starts_line(start) {
        return None;
    }
    let style = code.style();
    let indent = code.indent(start);
    let text = lines.join(&format!("{}{indent}", style.newline));
    if last.kind() == "return_statement" {
        let passes = last.named_child(0).is_some_and(|it| code.of(it) == "NextResponse.next()");
        return passes.then(|| {
            if instead {
                edits::replace(code, code.span(last), text)
            } else {
                edits::insert(code, start, format!("{text}{}{indent}", style.newline))
            }
        });
    }
    let end = code.line_end(code.end(last))?;
    let leaves = form::ends(last, code.text);
    leaves.falls.then(|| edits::insert(code, end, format!("{}{indent}{text}", style.newline)))
}

fn declares_config(code: &Code<'_>, statement: Node<'_>) -> bool {
    statement
        .field("declaration")
        .filter(|_| statement.kind() == "export_statement")
        .and_then(only_declarator)
        .and_then(|it| it.field("name"))
        .is_some_and(|name| code.of(name) == "config")
}

/// `api-middleware` as a name: `apiMiddleware`.
fn camel(words: &str) -> String {
    let mut out = String::new();
    for (number, word) in words.split('-').filter(|it| !it.is_empty()).enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if number > 0 => out.extend(first.to_uppercase()),
            first => out.extend(first),
        }
        out.push_str(letters.as_str());
    }
    out
}
