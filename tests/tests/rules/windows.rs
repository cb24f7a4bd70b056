//! The examples once more, as a checkout on Windows has them.

use std::sync::Arc;

use libtest_mimic::Failed;
use routewise_analysis::rules::{Catalogue, Example, ExampleKind};
use routewise_analysis::text::Span;
use routewise_tests::check::Checked;

use super::{Files, ensure, project_of};

/// With `\r\n` at the end of each line the rule speaks at the same places, the fixes make the same files with those
/// line ends, and no fix that is offered brings another.
pub(crate) fn holds(
    rule: &str,
    example: &Example,
    made: &Files,
    catalogue: &Arc<Catalogue>,
) -> Result<(), Failed> {
    let example = on_windows(example, made);
    let named = |failed: Failed| {
        let message = failed.message().unwrap_or_default().replace("\\r\\n", "\\n").replace('\r', "␍");
        Failed::from(format!("with the line ends of Windows: {message}"))
    };
    super::holds(rule, &example, catalogue).map_err(named)?;
    if example.kind == ExampleKind::Good {
        return Ok(());
    }
    let project = project_of(&example);
    let checked = Checked::new(&project, catalogue, example.target.as_deref());
    for finding in checked.findings(rule) {
        for fix in checked.project.fixes(&finding, &checked) {
            for edit in fix.edits {
                ensure(ends(&edit.new_text) == edit.new_text, || {
                    format!("the fix {:?} mixes line ends in {}:\n{}", fix.title, edit.path, edit.new_text)
                })?;
            }
        }
    }
    Ok(())
}

/// The example with these line ends, and with the files that its fixes made without them.
fn on_windows(example: &Example, made: &Files) -> Example {
    let text =
        |path: &str| example.files.iter().find(|(known, _)| known == path).map_or("", |(_, text)| text);
    let moved = |path: &str, at: u32| at + text(path)[..at as usize].matches('\n').count() as u32;
    let all =
        |files: &[(String, String)]| files.iter().map(|(path, text)| (path.clone(), ends(text))).collect();
    Example {
        files: all(&example.files),
        marks: example
            .marks
            .iter()
            .map(|(path, span)| (path.clone(), Span::new(moved(path, span.start), moved(path, span.end))))
            .collect(),
        fixed: made.iter().map(|(path, text)| (path.clone(), ends(text))).collect(),
        ..example.clone()
    }
}

/// The text with `\r\n` at the end of each line.
fn ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}
