//! The fenced `toml` block of a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::source::{FixBody, FixMeta, RuleSource};
use super::super::template::{self, PLACEHOLDERS};
use super::{CodeBlock, Errors};
use crate::check;
use crate::finding::{Safety, Severity};
use crate::fix;
use crate::tables::Kind;

/// Every key of the metadata, and what it says.
pub const KEYS: [(&str, &str); 6] = [
    (
        "severity",
        "`error`, `warning`, `information`, `hint` or `off`; or a table of them by kind of target: \
         `{ serverless = …, persistent = …, edge = …, static = …, unknown = … }`, where a kind that is left out is off",
    ),
    (
        "message",
        "what an editor shows: at most two sentences that stand alone and name the remedy; `{name}` is a placeholder",
    ),
    ("since", "version of Routewise that brought the rule"),
    ("applies", "list of the kinds of code the rule speaks of; left out: any"),
    ("detect", "`rust:<name>` for a rule that no query can express; there is no `rule.scm` then"),
    (
        "fix",
        "`[[fix]]`, any number, the preferred one first: `title`, `safety` (`safe` or `unsafe`), and either \
         `replace` (a capture) and `with` (a template), or `with = \"rust:<function>\"`",
    ),
];

/// Kinds of code a rule can be about.
pub const APPLIES: [&str; 7] =
    ["app-route", "pages-api", "server-action", "page", "proxy", "instrumentation", "express"];

/// The metadata, read. Where something was wrong, a harmless value stands and the error is reported.
pub(super) struct Metadata {
    pub(super) severity: BTreeMap<String, Option<Severity>>,
    pub(super) message: String,
    pub(super) since: Option<String>,
    pub(super) applies: Vec<String>,
    pub(super) detect: Option<String>,
    pub(super) fixes: Vec<FixMeta>,
}

/// The metadata of a block; `None` where it is not TOML.
pub(super) fn read(
    source: &RuleSource,
    text: &str,
    block: &CodeBlock<'_>,
    errors: &mut Errors,
) -> Option<Metadata> {
    let content = &text[block.content.clone()];
    let base = block.content.start;
    let table = match DeTable::parse(content) {
        Ok(table) => table,
        Err(problem) => {
            let place = problem.span().unwrap_or(0..content.len());
            errors.at(base + place.start..base + place.end, format!("not TOML: {}", problem.message()));
            return None;
        }
    };
    let captures = source.scm.as_deref().map(template::captures).unwrap_or_default();
    let metadata = Reader { text, base, captures, errors }.metadata(table.get_ref());
    let missing = |key: &str| !table.get_ref().contains_key(key);
    if missing("severity") {
        errors.at(block.info_place.clone(), "`severity` is missing: write `severity = \"warning\"`");
    }
    if missing("message") {
        errors.at(block.info_place.clone(), "`message` is missing: what should an editor show?");
    }
    if source.scm.is_none() && missing("detect") {
        errors.at(
            block.info_place.clone(),
            "there is no rule.scm beside this file: write one with the pattern",
        );
    }
    Some(metadata)
}

struct Reader<'t, 'e> {
    text: &'t str,
    /// Where the block's content starts.
    base: usize,
    captures: BTreeSet<&'t str>,
    errors: &'e mut Errors,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl Reader<'_, '_> {
    fn metadata(&mut self, table: &DeTable<'_>) -> Metadata {
        let mut out = Metadata {
            severity: Kind::ALL.map(|kind| (kind.name().to_owned(), None)).into(),
            message: String::new(),
            since: None,
            applies: Vec::new(),
            detect: None,
            fixes: Vec::new(),
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "severity" => self.severity(value, &mut out.severity),
                "message" => out.message = self.message(value),
                "since" => out.since = self.string(value, "a version, such as \"0.1.0\""),
                "applies" => out.applies = self.applies(value),
                "detect" => out.detect = self.function(value, &check::detectors(), "detector"),
                "fix" => out.fixes = self.fixes(value),
                other => {
                    let names = KEYS.map(|(name, _)| name).join(", ");
                    self.error(key.span(), format!("unknown key `{other}`: the keys are {names}"));
                }
            }
        }
        out
    }

    fn severity(&mut self, value: &Value<'_>, out: &mut BTreeMap<String, Option<Severity>>) {
        let Some(table) = value.get_ref().as_table() else {
            let all = self.one_severity(value);
            for severity in out.values_mut() {
                *severity = all;
            }
            return;
        };
        for (kind, value) in table {
            let name = kind.get_ref().as_ref();
            if out.contains_key(name) {
                let severity = self.one_severity(value);
                out.insert(name.to_owned(), severity);
            } else {
                let names = Kind::ALL.map(Kind::name).join(", ");
                self.error(kind.span(), format!("unknown kind of target `{name}`: the kinds are {names}"));
            }
        }
    }

    fn one_severity(&mut self, value: &Value<'_>) -> Option<Severity> {
        match value.get_ref().as_str() {
            Some("error") => Some(Severity::Error),
            Some("warning") => Some(Severity::Warning),
            Some("information") => Some(Severity::Information),
            Some("hint") => Some(Severity::Hint),
            Some("off") => None,
            _ => {
                self.error(
                    value.span(),
                    "a severity is \"error\", \"warning\", \"information\", \"hint\" or \"off\"",
                );
                None
            }
        }
    }

    fn message(&mut self, value: &Value<'_>) -> String {
        let message = self.template(value, true, "what an editor shows, in quotes");
        if message.is_some_and(|message| message.trim().is_empty()) {
            self.error(value.span(), "the message says nothing yet");
        }
        value.get_ref().as_str().unwrap_or_default().to_owned()
    }

    fn applies(&mut self, value: &Value<'_>) -> Vec<String> {
        let names = APPLIES.join(", ");
        let Some(list) = value.get_ref().as_array() else {
            self.error(value.span(), format!("a list of kinds of code in brackets, out of {names}"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(name) if APPLIES.contains(&name) => out.push(name.to_owned()),
                _ => self.error(item.span(), format!("unknown kind of code: write one of {names}")),
            }
        }
        out
    }

    fn fixes(&mut self, value: &Value<'_>) -> Vec<FixMeta> {
        let Some(list) = value.get_ref().as_array() else {
            self.error(value.span(), "a fix is written in double brackets: `[[fix]]`");
            return Vec::new();
        };
        list.iter().filter_map(|item| self.fix(item)).collect()
    }

    fn fix(&mut self, value: &Value<'_>) -> Option<FixMeta> {
        let Some(table) = value.get_ref().as_table() else {
            self.error(value.span(), "a fix is written in double brackets: `[[fix]]`");
            return None;
        };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !["title", "safety", "replace", "with"].contains(&name) {
                let message = format!("unknown key `{name}`: a fix has title, safety, replace, with");
                self.error(key.span(), message);
            }
        }
        let mut need = |key: &str, what: &str| {
            let found = table.get(key);
            if found.is_none() {
                self.error(value.span(), format!("this fix lacks `{key}`: {what}"));
            }
            found
        };
        let title = need("title", "what the editor's menu says, such as \"Await `{at}`\"");
        let safety = need("safety", "\"safe\" or \"unsafe\"");
        let with = need("with", "the new code, or \"rust:<function>\"");
        let title = self.template(title?, true, "the title in quotes")?.to_owned();
        let safety = safety?;
        let safety = match safety.get_ref().as_str() {
            Some("safe") => Safety::Safe,
            Some("unsafe") => Safety::Unsafe,
            _ => {
                self.error(
                    safety.span(),
                    "\"safe\" (keeps the meaning, part of fix-all) or \"unsafe\" (wants a look)",
                );
                return None;
            }
        };
        let body = self.fix_body(value, table.get("replace"), with?)?;
        Some(FixMeta { title, safety, body })
    }

    fn fix_body(
        &mut self,
        fix: &Value<'_>,
        replace: Option<&Value<'_>>,
        with: &Value<'_>,
    ) -> Option<FixBody> {
        let is_function = with.get_ref().as_str().is_some_and(|with| with.starts_with("rust:"));
        match (is_function, replace) {
            (true, Some(replace)) => {
                self.error(
                    replace.span(),
                    "a Rust function decides itself what to replace: leave `replace` out",
                );
                None
            }
            (true, None) => Some(FixBody::Function(self.function(with, &fix::functions(), "function")?)),
            (false, None) => {
                self.error(fix.span(), "this fix lacks `replace`: the capture whose code `with` replaces");
                None
            }
            (false, Some(replace)) => {
                let name = self.string(replace, "the name of a capture, such as \"at\"")?;
                if !self.captures.contains(name.as_str()) {
                    let captures = self.capture_names();
                    self.error(
                        replace.span(),
                        format!("rule.scm captures no @{name}: it captures {captures}"),
                    );
                }
                let with = self.template(with, false, "the new code in quotes")?.to_owned();
                Some(FixBody::Template { replace: name, with })
            }
        }
    }

    fn function(&mut self, value: &Value<'_>, known: &[&str], what: &str) -> Option<String> {
        let name = value.get_ref().as_str().and_then(|text| text.strip_prefix("rust:"));
        match name {
            Some(name) if known.contains(&name) => Some(name.to_owned()),
            _ => {
                let names = known.iter().map(|name| format!("rust:{name}")).collect::<Vec<_>>().join(", ");
                let names = if names.is_empty() { "none yet".to_owned() } else { names };
                self.error(value.span(), format!("unknown {what}: there is {names}"));
                None
            }
        }
    }

    /// A string whose placeholders all mean something.
    fn template<'v>(&mut self, value: &'v Value<'_>, project: bool, what: &str) -> Option<&'v str> {
        let Some(template) = value.get_ref().as_str() else {
            self.error(value.span(), format!("expected {what}"));
            return None;
        };
        let unknown: Vec<&str> = template::placeholders(template)
            .map(|(_, name)| name)
            .filter(|name| !self.captures.contains(name))
            .filter(|name| !(project && PLACEHOLDERS.iter().any(|(known, _)| known == name)))
            .collect();
        for name in unknown {
            let mut message =
                format!("nothing is called `{{{name}}}`: rule.scm captures {}", self.capture_names());
            if project {
                let names: Vec<String> = PLACEHOLDERS.iter().map(|(name, _)| format!("{{{name}}}")).collect();
                message = format!("{message}; besides there are {}", names.join(", "));
            }
            let place = self.place_in(value.span(), &format!("{{{name}}}"));
            self.error(place, message);
        }
        Some(template)
    }

    fn string(&mut self, value: &Value<'_>, what: &str) -> Option<String> {
        let found = value.get_ref().as_str().map(str::to_owned);
        if found.is_none() {
            self.error(value.span(), format!("expected {what}"));
        }
        found
    }

    fn capture_names(&self) -> String {
        if self.captures.is_empty() {
            return "nothing".to_owned();
        }
        self.captures.iter().map(|name| format!("@{name}")).collect::<Vec<_>>().join(", ")
    }

    /// Where `part` stands in the source of a value; the whole value where escapes hide it.
    fn place_in(&self, place: Range<usize>, part: &str) -> Range<usize> {
        match self.text[self.base + place.start..self.base + place.end].find(part) {
            Some(at) => place.start + at..place.start + at + part.len(),
            None => place,
        }
    }

    fn error(&mut self, place: Range<usize>, message: impl Into<String>) {
        self.errors.at(self.base + place.start..self.base + place.end, message);
    }
}
