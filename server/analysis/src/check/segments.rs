//! What is wrong with an option that a file of the App Router exports: `export const maxDuration = 60 * 10`.

use crate::facts::{Exported, Shape};
use crate::finding::Severity;
use crate::package::{Bundler, Version};
use crate::project::routes::{self, Role};
use crate::project::{FileInput, max_duration};
use crate::tables::{self, Computed, Kind, SegmentOption, Under, Values};

use super::{Evidence, spoken_version, target_of, target_text};

/// What is wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The value has to be computed. `written` is it, where that can be told.
    Computed { stops: bool, written: Option<String> },
    /// Not a value that the option has.
    Wrong,
    /// More than any plan of the host allows.
    TooLong(u64),
    /// `cacheComponents` refuses the option.
    Refused,
    /// Only `cacheComponents` has the option.
    Needs,
    /// On its way out, and what to do instead.
    Deprecated(&'static str),
    /// `export const config`, the way of the Pages Router.
    Config { stops: bool },
    /// Exported from another file, which is not read.
    Reexported,
}

/// What Turbopack refuses to build where it is exported from another file.
const NOT_REEXPORTED: &[&str] =
    &["dynamic", "dynamicParams", "fetchCache", "preferredRegion", "revalidate", "runtime"];

impl Problem {
    /// Whether it is about the value rather than about the option as such.
    pub(super) fn is_of_value(&self) -> bool {
        matches!(self, Problem::Computed { .. } | Problem::Wrong | Problem::TooLong(_))
    }
}

/// What is wrong with the option `name` that a file sets to `text`.
pub(crate) fn problem(input: &FileInput, name: &str, text: &str) -> Option<Problem> {
    let next = input.package.next.as_ref()?;
    let role = routes::role(next, &input.path);
    let page = role == Role::AppPage && !input.facts.use_client;
    let version = tables::next_version(&input.package)?;
    let (_, export) = input.facts.export(name)?;
    if !page && role != Role::RouteHandler {
        return None;
    }
    if matches!(export.exported, Exported::From(..)) {
        let refused = version.major >= 16
            && input.package.bundler() == Some(Bundler::Turbopack)
            && !export.type_only
            && NOT_REEXPORTED.contains(&name);
        return refused.then_some(Problem::Reexported);
    }
    let (_, decl) = input.facts.binding(name)?;
    if name == "config" {
        let known =
            ["runtime", "regions", "maxDuration", "api"].iter().any(|key| decl.value.get(key).is_some());
        return known.then_some(Problem::Config { stops: version.major <= 14 });
    }
    let option = tables::segment_option(name, Some(version))?;
    match option.under_cache_components {
        Under::Refused if next.cache_components && version.major >= 16 => return Some(Problem::Refused),
        Under::Needed if next.config_known && !next.cache_components => return Some(Problem::Needs),
        _ => {}
    }
    if !is_literal(&decl.value) || is_asserted(text, version) {
        let stops = match option.computed(version) {
            Computed::Taken => return None,
            Computed::Ignored => false,
            Computed::Refused => true,
        };
        return Some(Problem::Computed { stops, written: written(input, &decl.value, text) });
    }
    if decl.value == Shape::Null {
        return None;
    }
    if !is_legal(option, &decl.value, version) {
        return Some(Problem::Wrong);
    }
    let on_edge = target_of(&input.package).is_some_and(|target| target.kind == Kind::Edge);
    if let Some(instead) = option.deprecated(version, decl.value.text()).filter(|_| !on_edge) {
        return Some(Problem::Deprecated(instead));
    }
    (name == "maxDuration").then(|| max_duration(input)?.refused().map(Problem::TooLong))?
}

/// Says in a message what is wrong.
pub(super) fn tell(
    evidence: &mut Evidence<'_>,
    input: &FileInput,
    name: &str,
    text: &str,
    problem: &Problem,
) {
    let Some(version) = tables::next_version(&input.package) else { return };
    let next = spoken_version("next", version);
    // What is quoted has to fit into a message.
    let plain = text.len() <= 40 && !text.contains(['`', '\n']);
    let value = if plain { format!("`{text}`") } else { "this value".to_owned() };
    let (problem, remedy) = match problem {
        Problem::Computed { stops, written } => {
            let ends = if *stops {
                format!("{value} stops the build of {next}")
            } else {
                format!("{next} ignores {value}")
            };
            let remedy = written.as_ref().map_or_else(
                || "Write the value itself, as a literal.".to_owned(),
                |written| format!("Write `{written}`."),
            );
            (format!("`{name}` is read from the text without running it, so {ends}."), remedy)
        }
        Problem::Wrong => {
            let values =
                tables::segment_option(name, Some(version)).map(|option| option.values(Some(version)));
            let values = values.map(Values::spoken).unwrap_or_default();
            (format!("`{name}` cannot be {value} in {next}."), format!("Write {values}."))
        }
        Problem::TooLong(most) => (
            format!("No plan of {} lets a request take that long.", target_text(&input.package.target)),
            format!("Write `{most}` or less."),
        ),
        Problem::Refused => {
            let instead = match name {
                "revalidate" | "fetchCache" => {
                    "; say how long to cache with `cacheLife` in a `'use cache'` function"
                }
                "dynamic" => "; without `'use cache'` every request is answered anew",
                _ => "",
            };
            (
                format!("The build refuses `{name}`, because next.config sets `cacheComponents`."),
                format!("Remove this export{instead}."),
            )
        }
        Problem::Needs => (
            format!("The build refuses `{name}` without `cacheComponents`, which next.config does not set."),
            "Set it there, or remove this export.".to_owned(),
        ),
        Problem::Deprecated(instead) => {
            evidence.at_most(Severity::Information);
            (format!("`{name} = {text}` is deprecated since Next.js 16.3."), (*instead).to_owned())
        }
        Problem::Config { stops } => {
            if !stops {
                evidence.at_most(Severity::Warning);
            }
            let does = if *stops { "stops the build" } else { "has no effect" };
            (
                format!(
                    "`config` is the way of the Pages Router: in an App Router file of {next} it {does}."
                ),
                config_remedy(input),
            )
        }
        Problem::Reexported => (
            format!(
                "{next} reads `{name}` from the text of this file only, so an export from another one stops the build."
            ),
            format!("Write `export const {name} = …` here."),
        ),
    };
    evidence.set("what", format!("{problem} {remedy}"));
}

fn config_remedy(input: &FileInput) -> String {
    let config = input.facts.binding("config").map(|(_, decl)| &decl.value);
    let has = |key: &str| config.is_some_and(|config| config.get(key).is_some());
    let option = [("runtime", "runtime"), ("maxDuration", "maxDuration"), ("regions", "preferredRegion")];
    match option.iter().find(|(key, _)| has(key)) {
        Some((_, name)) => format!("Export each option by itself: `export const {name} = …`."),
        None => {
            "Remove it: here the body is read with `request.json()`, `.text()` or `.formData()`.".to_owned()
        }
    }
}

/// Whether a value is written out. Names, calls and arithmetic are not.
fn is_literal(value: &Shape) -> bool {
    match value {
        Shape::Text(_) | Shape::Number(_) | Shape::Bool(_) | Shape::Null => true,
        Shape::Array(items) => items.iter().all(is_literal),
        Shape::Object(entries) => entries.iter().all(|(key, value)| key != "..." && is_literal(value)),
        _ => false,
    }
}

/// Whether a type assertion or brackets around a literal keep Next.js from reading it: up to 15 they do, but for
/// `satisfies` in 15.
fn is_asserted(text: &str, version: &Version) -> bool {
    let ends_in_literal = text.ends_with(['\'', '"', '`', ']', '}']) || text.parse::<f64>().is_ok();
    let asserted =
        !ends_in_literal && (text.contains(" as ") || (version.major < 15 && text.contains(" satisfies ")));
    (version.major <= 15 && asserted) || text.starts_with('(')
}

fn is_legal(option: &SegmentOption, value: &Shape, version: &Version) -> bool {
    let seconds = |value: &Shape| match value {
        Shape::Number(number) => {
            let number = number.replace('_', "").parse::<f64>();
            // Another notation than the decimal one is a number all the same.
            number.is_err()
                || number.is_ok_and(|number| number >= 0.0 && (number.fract() == 0.0 || version.major < 15))
        }
        _ => false,
    };
    let one_of = |words: &[&str], value: &Shape| value.text().is_some_and(|text| words.contains(&text));
    match option.values(Some(version)) {
        Values::OneOf(words) => one_of(words, value),
        Values::OneOfOrFalse(words) => one_of(words, value) || *value == Shape::Bool(false),
        Values::Seconds => seconds(value),
        Values::SecondsOrFalse => seconds(value) || *value == Shape::Bool(false),
        Values::Boolean => matches!(value, Shape::Bool(_)),
        Values::BooleanOrObject => matches!(value, Shape::Bool(_) | Shape::Object(_)),
        Values::Strings => match value {
            Shape::Text(_) => true,
            Shape::Array(items) => items.iter().all(|item| matches!(item, Shape::Text(_))),
            _ => false,
        },
    }
}

/// The literal that an expression amounts to: arithmetic of whole numbers, a constant of the file, a literal in
/// brackets or behind a type assertion.
fn written(input: &FileInput, value: &Shape, text: &str) -> Option<String> {
    match value {
        Shape::Name(name) => {
            let (_, decl) = input.facts.binding(&name.text)?;
            match &decl.value {
                Shape::Number(number) => Some(number.to_string()),
                Shape::Bool(value) => Some(value.to_string()),
                Shape::Text(text) if !text.contains(['\'', '\\']) => Some(format!("'{text}'")),
                _ => None,
            }
        }
        value if is_literal(value) => {
            let inner = text.trim_start_matches('(').trim_end_matches(')').trim();
            let inner = inner.split(" as ").next().and_then(|inner| inner.split(" satisfies ").next())?;
            Some(inner.trim().to_owned())
        }
        _ => Sum { rest: text }.whole().map(|number| number.to_string()),
    }
}

/// Arithmetic of whole numbers, as text.
struct Sum<'t> {
    rest: &'t str,
}

impl Sum<'_> {
    fn whole(mut self) -> Option<u64> {
        let value = self.sum(0)?;
        (self.rest.trim().is_empty()).then_some(value)
    }

    fn sum(&mut self, depth: u32) -> Option<u64> {
        let mut value = self.product(depth)?;
        loop {
            value = match self.operator(&['+', '-']) {
                Some('+') => value.checked_add(self.product(depth)?)?,
                Some(_) => value.checked_sub(self.product(depth)?)?,
                None => return Some(value),
            };
        }
    }

    fn product(&mut self, depth: u32) -> Option<u64> {
        let mut value = self.atom(depth)?;
        loop {
            value = match self.operator(&['*', '/']) {
                Some('*') => value.checked_mul(self.atom(depth)?)?,
                Some(_) => {
                    let by = self.atom(depth)?;
                    (by != 0 && value % by == 0).then(|| value / by)?
                }
                None => return Some(value),
            };
        }
    }

    fn atom(&mut self, depth: u32) -> Option<u64> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('(').filter(|_| depth < 16) {
            self.rest = rest;
            let value = self.sum(depth + 1)?;
            self.rest = self.rest.trim_start().strip_prefix(')')?;
            return Some(value);
        }
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '_')).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        // Hexadecimal, decimal fractions, exponents and names are none of these.
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '.');
        digits.replace('_', "").parse().ok().filter(|_| ends)
    }

    fn operator(&mut self, wanted: &[char]) -> Option<char> {
        let rest = self.rest.trim_start();
        let found = rest.chars().next().filter(|c| wanted.contains(c))?;
        // `**` and comments.
        let next = rest[1..].chars().next();
        if matches!(next, Some('*' | '/')) {
            return None;
        }
        self.rest = &rest[1..];
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_of_whole_numbers_is_folded_and_nothing_else() {
        let fold = |text| Sum { rest: text }.whole();
        assert_eq!(fold("60 * 10"), Some(600));
        assert_eq!(fold("60*60 + 2 * (3 - 1)"), Some(3604));
        assert_eq!(fold("1_000 / 10"), Some(100));
        for text in
            ["60 * ", "2 ** 3", "1 - 2", "7 / 2", "0x10 * 2", "1.5 * 2", "a * 2", "60 // * 2", "1e3 + 1"]
        {
            assert_eq!(fold(text), None, "{text}");
        }
    }
}
