//! A limit that all instances share, in place of a count by hand.

use super::code::Code;
use super::cron_job::shown;
use super::edits;
use super::imports;
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};

/// Makes a module with a limiter that counts in Redis over HTTP. The code that counts is left for a person to take out:
/// what it counts by, and how many it allows, is said in as many ways as there are authors.
///
/// `None` where the project has such a limiter already.
pub(super) fn shared_limit(offer: &Offer<'_>) -> Option<Fix> {
    const PACKAGE: &str = "@upstash/ratelimit";
    let code = Code::new(offer.document)?;
    let package = &offer.input.package;
    let root = package.root.as_ref()?;
    let counts = code.node(offer.finding.span)?;
    let by_hand =
        matches!(counts.kind(), "identifier" | "property_identifier" | "private_property_identifier");
    if !by_hand || package.dependencies.contains(PACKAGE) || imports::is_commonjs(&code) == Some(true) {
        return None;
    }
    let inside = offer.document.path().strip(root)?;
    let lib = root.join(if inside.starts_with("src/") { "src/lib" } else { "lib" });
    let is_taken = ["ts", "tsx", "js", "jsx", "mts", "mjs"]
        .iter()
        .any(|kind| offer.sources.document(&lib.join(&format!("ratelimit.{kind}"))).is_some());
    if is_taken {
        return None;
    }
    let to = lib.join(if package.typescript { "ratelimit.ts" } else { "ratelimit.js" });
    let style = code.style();
    let semi = style.semi;
    let string = |text: &str| style.string(text);
    let given = style
        .braces(&format!("redis: Redis.fromEnv(), limiter: Ratelimit.slidingWindow(10, {})", string("60 s")));
    let lines = [
        format!("import {} from {}{semi}", style.braces("Ratelimit"), string(PACKAGE)),
        format!("import {} from {}{semi}", style.braces("Redis"), string("@upstash/redis")),
        String::new(),
        "// Set here how many requests the count by hand allowed, and in what time.".to_owned(),
        format!("export const ratelimit = new Ratelimit({given}){semi}"),
        String::new(),
    ];
    let title = format!(
        "Make {}, which counts in Redis (install `{PACKAGE}` and `@upstash/redis`; then ask it instead of `{}`)",
        shown(package, &to)?,
        code.of(counts)
    );
    let text = lines.join(style.newline);
    edits::fix(title, Safety::Unsafe, vec![Edit::create(to, text)], &[offer.document])
}
