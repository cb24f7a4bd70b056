//! Cron jobs of `vercel.json` and the routes that they call.

use super::offer::Offer;
use super::style::Style;
use super::{cron, edits};
use crate::check;
use crate::finding::{Edit, Fix, Safety};
use crate::json::CronPath;
use crate::package::Package;
use crate::path::FilePath;
use crate::project::Sources;
use crate::text::Span;

/// Writes the path of a cron job as the nearest route has it.
pub(super) fn nearest_cron(offer: &Offer<'_>) -> Option<Fix> {
    let cron = found(offer)?;
    let path = check::asked(&cron.path)?;
    let near = check::nearest(offer.project, offer.input.package.root.as_ref(), path)?;
    let served = &near.route.url;
    // What stands for a parameter is for the author to say.
    if served.contains(['[', ':']) {
        return None;
    }
    let at = Span::new(cron.at.start, cron.at.start + path.len() as u32);
    let edit = Edit::replace(offer.document.path().clone(), at, served.clone());
    edits::fix(format!("Ask for `{served}`"), Safety::Unsafe, vec![edit], &[offer.document])
}

/// Makes the route that a cron job calls, with the check of the secret and nothing else.
pub(super) fn cron_route(offer: &Offer<'_>) -> Option<Fix> {
    let cron = found(offer)?;
    let path = check::asked(&cron.path)?;
    let to = route_file(&offer.input.package, offer.sources, path)?;
    let newline = if offer.document.text().contains("\r\n") { "\r\n" } else { "\n" };
    let style = Style { quote: '"', semi: ";", newline, indent: "  ", spaced: true };
    let body = ["// What the cron job does.".to_owned()];
    let text = handler(&style, offer.input.package.typescript, &body);
    let title = format!("Make {} (what the job does is left to write)", shown(&offer.input.package, &to)?);
    edits::fix(title, Safety::Unsafe, vec![Edit::create(to, text)], &[offer.document])
}

/// The entry that the finding stands at.
fn found<'a>(offer: &Offer<'a>) -> Option<&'a CronPath> {
    offer.input.facts.crons.iter().find(|cron| cron.at == offer.finding.span)
}

/// The route file of a path, where nothing stands there and every segment is a plain name.
pub(super) fn route_file(package: &Package, sources: &dyn Sources, path: &str) -> Option<FilePath> {
    let app = package.next.as_ref()?.app_dir.as_ref()?;
    let is_plain = |segment: &str| {
        segment.starts_with(|c: char| c.is_ascii_alphanumeric())
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let inside = path.strip_prefix('/')?;
    let folder = app.join(inside);
    let kinds = ["ts", "tsx", "js", "jsx"];
    let is_free = kinds.iter().all(|kind| {
        let taken = |stem: &str| sources.document(&folder.join(&format!("{stem}.{kind}"))).is_some();
        !taken("route") && !taken("page")
    });
    let name = if package.typescript { "route.ts" } else { "route.js" };
    (inside.split('/').all(is_plain) && is_free).then(|| folder.join(name))
}

/// `GET` that lets nobody in without the secret, does what `lines` say, and answers.
pub(super) fn handler(style: &Style, typescript: bool, lines: &[String]) -> String {
    let Style { indent, newline, semi, .. } = style;
    let request = if typescript { "request: Request" } else { "request" };
    let mut text = format!("export async function GET({request}) {{{newline}");
    let end = [format!("return new Response(null, {}){semi}", style.braces("status: 204"))];
    for line in cron::secret_lines("request", style).iter().chain(lines).chain(&end) {
        if !line.is_empty() {
            text += indent;
        }
        text += line;
        text += newline;
    }
    text + "}" + newline
}

/// A file as a title names it.
pub(super) fn shown(package: &Package, path: &FilePath) -> Option<String> {
    Some(format!("`{}`", path.strip(package.root.as_ref()?)?))
}
