//! One answer as a `Response`.

use super::answers::{Shared, cookies_of};
use super::chain::{Chain, Header, Sent};
use super::{Manner, Outcome, Trouble, Web};
use crate::form;
use crate::syntax::Node;

/// An answer that is being written.
pub(super) struct Answer<'w, 'c, 'a> {
    web: &'w Web<'c, 'a>,
    shared: Option<&'w Shared<'a>>,
    status: Option<Node<'a>>,
    headers: Vec<Header<'a>>,
    /// A type of the content that goes without being said so far.
    implied: Option<&'static str>,
}

/// Statuses that go without a body.
const EMPTY: &[&str] = &["204", "205", "304"];

const HTML: &str = "text/html; charset=utf-8";

/// What the statuses are called that `res.sendStatus` says.
const REASONS: &[(&str, &str)] = &[
    ("200", "OK"),
    ("201", "Created"),
    ("202", "Accepted"),
    ("400", "Bad Request"),
    ("401", "Unauthorized"),
    ("402", "Payment Required"),
    ("403", "Forbidden"),
    ("404", "Not Found"),
    ("405", "Method Not Allowed"),
    ("406", "Not Acceptable"),
    ("409", "Conflict"),
    ("410", "Gone"),
    ("413", "Payload Too Large"),
    ("415", "Unsupported Media Type"),
    ("422", "Unprocessable Entity"),
    ("429", "Too Many Requests"),
    ("500", "Internal Server Error"),
    ("501", "Not Implemented"),
    ("502", "Bad Gateway"),
    ("503", "Service Unavailable"),
    ("504", "Gateway Timeout"),
];

impl<'w, 'c, 'a> Answer<'w, 'c, 'a> {
    pub(super) fn new(web: &'w Web<'c, 'a>, shared: Option<&'w Shared<'a>>) -> Self {
        Self { web, shared, status: None, headers: Vec::new(), implied: None }
    }

    /// What a statement says of it.
    pub(super) fn take(&mut self, chain: &Chain<'a>) {
        self.status = chain.status.or(self.status);
        if self.shared.is_none() {
            for header in &chain.headers {
                let name = self.web.plain(header.name).unwrap_or_default();
                if !header.more {
                    self.headers.retain(|it| !self.web.is_header(*it, name));
                }
                self.headers.push(*header);
            }
        }
    }

    fn pages(&self) -> bool {
        self.web.ground.manner == Manner::Pages
    }

    fn status_text(&self) -> &'a str {
        self.status.map_or("200", |it| self.web.of(it))
    }

    /// Whether it goes without a body.
    fn is_empty(&self) -> bool {
        EMPTY.contains(&self.status_text())
    }

    /// The headers in force that say what the content is.
    fn types(&self) -> impl Iterator<Item = Header<'a>> {
        let all = self.shared.map_or(&self.headers, |shared| &shared.headers);
        all.iter().copied().filter(|it| self.web.is_header(*it, "content-type"))
    }

    /// The answer as an expression.
    pub(super) fn written(self, chain: &Chain<'a>) -> Outcome<String> {
        let web = self.web;
        let Some(sent) = chain.sent else { return Ok(String::new()) };
        if self.is_empty() {
            return self.without_body(sent);
        }
        match sent {
            Sent::Json(body) => self.json(body),
            Sent::Any(body) => self.any(body),
            Sent::Raw(body) => self.raw(body),
            Sent::Nothing => Ok(format!("new Response(null{})", self.init()?)),
            Sent::Reason => {
                let status = self.status_text();
                let Some((_, reason)) = REASONS.iter().find(|(code, _)| *code == status) else {
                    return Err(Trouble::new(
                        chain.whole,
                        "What this status is called is not known: send the text.",
                    ));
                };
                Ok(format!("new Response({}{})", web.style.string(reason), self.init()?))
            }
            Sent::Redirect(to) => self.redirect(to),
            Sent::Call => Ok(web.now(chain.whole)),
        }
    }

    fn without_body(&self, sent: Sent<'a>) -> Outcome<String> {
        if let Sent::Json(body) | Sent::Any(body) | Sent::Raw(body) = sent {
            let mut does = None;
            crate::fix::code::each(body, |node| {
                if matches!(node.kind(), "call_expression" | "await_expression" | "new_expression") {
                    does = Some(node);
                }
                true
            });
            if let Some(node) = does {
                return Err(Trouble::new(
                    node,
                    "An answer of this status has no body: do this in a statement in front.",
                ));
            }
        }
        Ok(format!("new Response(null{})", self.init()?))
    }

    fn json(mut self, body: Node<'a>) -> Outcome<String> {
        let inner = form::without_wrapping(body);
        let optional = inner.kind() == "member_expression" && self.web.of(inner).contains("?.");
        if optional || matches!(inner.kind(), "undefined" | "spread_element") {
            let reason =
                "This may be `undefined`, which `Response.json` does not take: say what is sent then.";
            return Err(Trouble::new(body, reason));
        }
        if self.pages() {
            // Next.js says itself that this is JSON, whatever was said before.
            if let Some(header) = self.types().next().filter(|_| self.shared.is_some()) {
                let reason = "`json` says what the content is, and so does this header: set it only where it is meant.";
                return Err(Trouble::new(header.name, reason));
            }
            let web = self.web;
            self.headers.retain(|it| !web.is_header(*it, "content-type"));
        }
        Ok(format!("Response.json({}{})", self.web.now(body), self.init()?))
    }

    /// What `send` is given.
    fn any(mut self, body: Node<'a>) -> Outcome<String> {
        let inner = form::without_wrapping(body);
        if matches!(inner.kind(), "number" | "true" | "false" | "null" | "undefined") {
            return Err(Trouble::new(body, "`send` looks at what this is: use `json`, or send a text."));
        }
        if self.web.is_text(body) {
            return self.text(body, true);
        }
        let bytes = inner.kind() == "call_expression"
            && inner.field("function").is_some_and(|it| self.web.of(it).starts_with("Buffer."));
        if bytes {
            if self.types().next().is_none() {
                self.implied = Some("application/octet-stream");
            }
            return self.given(body);
        }
        let known: Vec<Header<'a>> = self.types().collect();
        let is_json = |it: &Header<'a>| self.web.plain(it.value).is_none_or(|text| text.contains("json"));
        if known.is_empty() || known.iter().any(is_json) {
            let reason =
                "Whether this is a text, bytes or an object is not known: use `json`, or set `Content-Type`.";
            return Err(Trouble::new(body, reason));
        }
        self.given(body)
    }

    /// What `end` is given: text or bytes.
    fn raw(self, body: Node<'a>) -> Outcome<String> {
        if self.web.is_text(body) {
            return self.text(body, false);
        }
        let failed = self.status_text().starts_with(['4', '5']);
        if self.types().next().is_none() && !failed {
            return Err(Trouble::new(body, "What kind of content this is is not known: set `Content-Type`."));
        }
        self.given(body)
    }

    fn text(mut self, body: Node<'a>, sent: bool) -> Outcome<String> {
        let begins_as_html = self
            .web
            .of(form::without_wrapping(body))
            .get(1..)
            .is_some_and(|it| it.trim_start().starts_with('<'));
        if self.types().next().is_none() {
            // Express says so of all texts; of others the browser finds out.
            if begins_as_html || sent && !self.pages() {
                self.implied = Some(HTML);
            }
        }
        self.given(body)
    }

    fn given(self, body: Node<'a>) -> Outcome<String> {
        Ok(format!("new Response({}{})", self.web.now(body), self.init()?))
    }

    fn redirect(self, to: Node<'a>) -> Outcome<String> {
        let express = !self.pages();
        let text = self.web.now(to);
        let plain =
            self.web.plain(to).filter(|it| *it != "back" && it.bytes().all(|byte| byte.is_ascii_graphic()));
        if express && plain.is_none() && !self.web.is_text(to) {
            let reason = "Express encodes what this may hold: give it a whole URL, by `new URL(…).href`.";
            return Err(Trouble::new(to, reason));
        }
        let mut parts = vec![format!(
            "status: {}",
            self.status.map_or_else(
                || if express { "302".to_owned() } else { "307".to_owned() },
                |it| self.web.now(it),
            )
        )];
        if let Some(shared) = self.shared {
            return Err(Trouble::new(
                to,
                format!("Other headers are kept in `{}`: set `Location` there, and end.", shared.name),
            ));
        }
        let mut headers = self.pairs()?;
        headers.push(("Location".to_owned(), text));
        parts.push(format!("headers: {}", self.object(&headers)));
        Ok(format!("new Response(null, {})", self.web.style.braces(&parts.join(", "))))
    }

    /// The headers, name by name.
    fn pairs(&self) -> Outcome<Vec<(String, String)>> {
        let mut out = Vec::new();
        for header in &self.headers {
            let Some(name) = self.web.plain(header.name) else { continue };
            if self.web.is_list_of_cookies(*header) {
                let cookies = cookies_of(*header)?;
                out.extend(cookies.into_iter().map(|it| (name.to_owned(), self.web.now(it))));
            } else {
                out.push((name.to_owned(), self.web.header_value(*header)?));
            }
        }
        out.extend(self.implied.map(|it| ("Content-Type".to_owned(), self.web.style.string(it))));
        Ok(out)
    }

    /// Headers as an object; as a list where a name comes several times.
    fn object(&self, pairs: &[(String, String)]) -> String {
        let style = self.web.style;
        let again = |(at, (name, _)): (usize, &(String, String))| {
            pairs[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        if pairs.iter().enumerate().any(again) {
            let items: Vec<String> =
                pairs.iter().map(|(name, value)| format!("[{}, {value}]", style.string(name))).collect();
            return format!("[{}]", items.join(", "));
        }
        let members: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                let bare = name.chars().all(|c| c.is_ascii_alphanumeric());
                if bare { format!("{name}: {value}") } else { format!("{}: {value}", style.string(name)) }
            })
            .collect();
        style.braces(&members.join(", "))
    }

    /// The second argument, with its comma.
    fn init(&self) -> Outcome<String> {
        let style = self.web.style;
        let mut parts = Vec::new();
        if let Some(status) = self.status.filter(|it| self.web.of(*it) != "200") {
            let text = self.web.now(status);
            parts.push(if text == "status" { text } else { format!("status: {text}") });
        }
        if let Some(shared) = self.shared {
            if let (Some(implied), Some(first)) = (self.implied, shared.headers.first()) {
                let reason = format!(
                    "The content of an answer of this function is `{implied}`: set it among the headers."
                );
                return Err(Trouble::new(first.name, reason));
            }
            let name = &shared.name;
            parts.push(if name == "headers" { name.clone() } else { format!("headers: {name}") });
        } else {
            let pairs = self.pairs()?;
            if !pairs.is_empty() {
                parts.push(format!("headers: {}", self.object(&pairs)));
            }
        }
        Ok(if parts.is_empty() { String::new() } else { format!(", {}", style.braces(&parts.join(", "))) })
    }
}
