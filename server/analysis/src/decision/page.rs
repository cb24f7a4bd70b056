//! The decision as one page that needs nothing else: no network, no other file.

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page of a decision that is given as JSON. `nonce` is what a host of pages with a policy of its own wants on
/// styles and scripts.
pub fn page(json: &str, nonce: Option<&str>) -> String {
    // Nothing in it may end the element that holds it.
    let data = json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let policy = nonce.map_or_else(|| "'unsafe-inline'".to_owned(), |nonce| format!("'nonce-{nonce}'"));
    let nonce = nonce.map(|nonce| format!(" nonce=\"{nonce}\"")).unwrap_or_default();
    let mut out = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    for part in PAGE.split_inclusive("}}") {
        let Some((text, name)) = part.rsplit_once("{{") else {
            out.push_str(part);
            continue;
        };
        out.push_str(text);
        out.push_str(match name.trim_end_matches("}}") {
            "nonce" => &nonce,
            "policy" => &policy,
            "style" => STYLE,
            "script" => SCRIPT,
            "data" => &data,
            _ => "",
        });
    }
    out
}
