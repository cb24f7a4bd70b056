//! Which fixes a finding has: what its rule names, tried on the code.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clients::{ClientNames, ClientSite, Exported, SharedClient};
use crate::check;
use crate::document::Document;
use crate::facts::{CallId, Exported as FactExported, Shape};
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::project::{Construction, FileInput, FileNo, Project, Resolver, Sources, routes};
use crate::rules::{self, FixBody, FixMeta, Rule};
use crate::syntax::Grammar;
use crate::text::Span;

/// The ways to mend a finding, preferred first.
pub(crate) fn fixes(project: &Project, finding: &Finding, sources: &dyn Sources) -> Vec<Fix> {
    let Some(file) = project.number(&finding.path) else { return Vec::new() };
    let (Some(input), Some(document)) = (project.file(file), sources.document(&finding.path)) else {
        return Vec::new();
    };
    if *finding.rule == *check::UNUSED {
        return vec![remove_comment(&document, finding)];
    }
    let Some(rule) = project.catalogue().rule(&finding.rule) else { return Vec::new() };
    let offer = Offer { project, file, input, document: &document, finding, sources };
    let mut fixes: Vec<Fix> = rule.fixes.iter().filter_map(|meta| offer.fix(rule, meta)).collect();
    fixes.retain(|fix| !fix.edits.is_empty());
    for (number, fix) in fixes.iter_mut().enumerate() {
        fix.preferred = number == 0;
    }
    fixes
}

/// With more places than this, a fix mends its own file only: each finding would carry the edits of all the
/// others, and nobody reads a change of that size. The others are offered the shared module once it is there.
const TOGETHER: usize = 64;

struct Offer<'a> {
    project: &'a Project,
    file: FileNo,
    input: &'a FileInput,
    document: &'a Arc<Document>,
    finding: &'a Finding,
    sources: &'a dyn Sources,
}

impl Offer<'_> {
    fn fix(&self, rule: &Rule, meta: &FixMeta) -> Option<Fix> {
        let fix = match &meta.body {
            FixBody::Template { replace, with } => self.template(rule, meta, replace, with),
            FixBody::Function(name) => self.function(name),
        }?;
        // What the rule says of safety is what its documentation says; a function may be more careful.
        let safety = if meta.safety == Safety::Safe { fix.safety } else { Safety::Unsafe };
        Some(Fix { safety, ..fix })
    }

    fn template(&self, rule: &Rule, meta: &FixMeta, replace: &str, with: &str) -> Option<Fix> {
        let compiled = self.project.catalogue().compiled(Grammar::of(&self.input.path));
        for chunk in &self.input.facts.chunks {
            for matched in &chunk.facts.matches {
                let pattern = compiled.patterns.get(matched.pattern as usize)?.as_ref()?;
                let is_rule = self.project.catalogue().rules()[pattern.rule as usize].id == rule.id;
                let at = matched.captures.iter().find(|captured| captured.name == pattern.at);
                if !is_rule || at.is_none_or(|at| at.at.shift(chunk.start).start != self.finding.span.start) {
                    continue;
                }
                let code = |name: &str| {
                    let captured = matched.captures.iter().find(|it| compiled.capture_name(it.name) == name);
                    captured.map(|captured| captured.at.shift(chunk.start))
                };
                let text = |name: &str| code(name).map(|span| span.of(self.document.text()).to_owned());
                return Some(Fix {
                    title: rules::fill(&meta.title, |name| text(name).unwrap_or_default()),
                    safety: meta.safety,
                    preferred: false,
                    edits: vec![Edit {
                        path: self.input.path.clone(),
                        span: code(replace)?,
                        new_text: rules::fill(with, |name| text(name).unwrap_or_default()),
                        create: false,
                    }],
                });
            }
        }
        None
    }

    fn function(&self, name: &str) -> Option<Fix> {
        match name {
            "global_unconditional" => super::global_unconditional(self.document, self.finding.span),
            "remove_disconnect" => super::remove_disconnect(self.document, self.finding.span),
            _ => self.client(name),
        }
    }

    fn client(&self, name: &str) -> Option<Fix> {
        let made = self.construction()?;
        let site = self.site(made);
        match name {
            "singleton_in_place" => super::singleton_in_place(&site),
            "hoist_in_place" => super::hoist_in_place(&site),
            "hoist_to_module" => super::hoist_to_module(&site),
            // Where there is a shared module already, a second one would only add to the confusion.
            "singleton_module" if self.shared(made).is_none() => super::singleton_module(&site),
            "use_shared_client" => super::use_shared_client(&site, &self.shared(made)?),
            "use_other_module" => super::use_other_module(&site, &self.shared(made)?),
            _ => None,
        }
    }

    /// What is made where the finding stands.
    fn construction(&self) -> Option<&Construction> {
        self.project
            .links(self.file)?
            .constructions
            .iter()
            .find(|made| span_of(self.input, made.call).start == self.finding.span.start)
    }

    fn site<'s>(&'s self, made: &Construction) -> ClientSite<'s> {
        let package = &self.input.package;
        ClientSite {
            document: self.document,
            at: span_of(self.input, made.call),
            client: ClientNames {
                variable: made.make.variable.clone(),
                module: made.library.module.clone(),
                spoken: made.library.name.clone(),
                closes: made.library.closes.clone(),
            },
            package,
            others: self.others(made),
            elsewhere: self.elsewhere(made),
            sources: self.sources,
            target: &package.target,
        }
    }

    /// The same client made in other files of the package; none where there are more than [`TOGETHER`].
    fn others(&self, made: &Construction) -> Vec<(Arc<Document>, Span)> {
        let mut places: Vec<(&FileInput, Span)> = Vec::new();
        for file in self.project.numbers().filter(|file| *file != self.file) {
            let (Some(input), Some(links)) = (self.project.file(file), self.project.links(file)) else {
                continue;
            };
            if input.package.root != self.input.package.root || routes::is_aside(&input.path, &input.package)
            {
                continue;
            }
            let same = links.constructions.iter().filter(|other| is_same(other, made));
            places.extend(same.map(|other| (input, span_of(input, other.call))));
        }
        if places.len() > TOGETHER {
            return Vec::new();
        }
        let document = |(input, span): (&FileInput, Span)| Some((self.sources.document(&input.path)?, span));
        places.into_iter().filter_map(document).collect()
    }

    /// Names under which the package keeps clients that are made in another way.
    fn elsewhere(&self, made: &Construction) -> Vec<Arc<str>> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for file in self.project.numbers() {
            let (Some(input), Some(links)) = (self.project.file(file), self.project.links(file)) else {
                continue;
            };
            if input.package.root != self.input.package.root {
                continue;
            }
            for other in links.constructions.iter().filter(|other| file != self.file && !is_same(other, made))
            {
                names.extend(check::holder(input, other.call));
            }
        }
        names.into_iter().map(Into::into).collect()
    }

    /// The module of the package that exports this client for all to use.
    fn shared(&self, made: &Construction) -> Option<SharedClient> {
        let candidates = check::same_clients(self.project, self.input, made);
        candidates.into_iter().filter(|(file, _)| *file != self.file).find_map(|(file, shared)| {
            let input = self.project.file(file)?;
            let mut resolver = Resolver::new(self.project);
            let export = input.facts.exports().find_map(|(chunk, export)| {
                let FactExported::Value(shape) = &export.exported else { return None };
                let shape: &Shape = shape;
                let (at, found) = check::shared_client(self.project, &mut resolver, file, chunk, shape)?;
                (at == file && found.call == shared.call).then(|| export.name.clone())
            })?;
            let export =
                if export == "default" { Exported::Default } else { Exported::Named(export.as_str().into()) };
            Some(SharedClient {
                path: input.path.clone(),
                export,
                same_arguments: shared.arguments == made.arguments,
            })
        })
    }
}

fn is_same(other: &Construction, made: &Construction) -> bool {
    other.library.id == made.library.id
        && other.make.exports == made.make.exports
        && other.arguments == made.arguments
}

fn span_of(input: &FileInput, call: CallId) -> Span {
    input.facts.span(call.chunk, input.facts.call(call).at)
}

/// Takes an idle comment out, with its line where it stands alone.
fn remove_comment(document: &Document, finding: &Finding) -> Fix {
    let text = document.text();
    let lines = document.lines();
    let line = lines.line_of(finding.span.start);
    let whole =
        Span::new(lines.line_start(text, line), lines.line_start(text, lines.line_of(finding.span.end) + 1));
    let around = text.get(whole.start as usize..finding.span.start as usize).unwrap_or_default();
    let after = text.get(finding.span.end as usize..whole.end as usize).unwrap_or_default();
    let alone = around.trim().is_empty() && after.trim().is_empty();
    let blanks = around.len() - around.trim_end().len();
    let span = if alone { whole } else { Span::new(finding.span.start - blanks as u32, finding.span.end) };
    Fix {
        title: "Remove the comment".to_owned(),
        safety: Safety::Safe,
        preferred: true,
        edits: vec![Edit { path: finding.path.clone(), span, new_text: String::new(), create: false }],
    }
}
