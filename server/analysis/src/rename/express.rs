//! A parameter in the path of an Express registration: what its handlers read of `req.params`.

use super::calls::Rewriter;
use super::{Renaming, Segment, Subject};
use crate::endpoints::written::Reader;
use crate::facts::{CallId, FunctionId};
use crate::fix::code::{Code, each};
use crate::fix::parameter::{is_identifier, renamed};
use crate::form;
use crate::project::FileNo;
use crate::syntax::{self, Node};

/// Gives the parameter another name, in the path and where the handlers of the registration read it.
pub(super) fn rename_parameter(
    reader: &mut Reader<'_>,
    (file, call): (FileNo, CallId),
    segment: &Segment,
    name: &str,
) -> Result<Renaming, String> {
    if !is_identifier(name) || name.is_empty() {
        return Err(format!("`{name}` is no name for a parameter."));
    }
    let project = reader.project;
    let express = project.express();
    let layers = express.registered(file, call);
    let mut functions = Vec::new();
    let mut unknown = false;
    for handler in layers.iter().flat_map(|layer| &express.layer(*layer).handlers) {
        match handler.function {
            Some(function) if !functions.contains(&function) => functions.push(function),
            Some(_) => {}
            None => unknown = true,
        }
    }
    // A function that answers elsewhere too reads the parameter of that path as well.
    let elsewhere = |function: &(FileNo, FunctionId)| {
        express.routers.iter().flat_map(|router| &router.layers).any(|layer| {
            layer.call != (file, call) && layer.handlers.iter().any(|it| it.function == Some(*function))
        })
    };
    let mut rewriter = Rewriter::new(reader);
    rewriter.edit(file, segment.span, name, Subject::Registration, true);
    for function in functions {
        let read = !elsewhere(&function) && reads(&mut rewriter, function, &segment.name, name).is_some();
        unknown |= !read;
    }
    if let (true, Some(input)) = (unknown, project.file(file)) {
        let why = format!("has handlers that may read `{}`", segment.name);
        rewriter.leave(input.path.clone(), Some(segment.span), why);
    }
    let mut renaming = rewriter.finish();
    (renaming.from, renaming.to) = (format!(":{}", segment.name), format!(":{name}"));
    Ok(renaming)
}

/// Has one function read the parameter by its new name. `None` where it may read it in a way that is not understood.
fn reads(
    rewriter: &mut Rewriter<'_, '_>,
    (file, function): (FileNo, FunctionId),
    old: &str,
    new: &str,
) -> Option<()> {
    let facts = &rewriter.reader.project.file(file)?.facts;
    let span = facts.span(function.chunk, facts.function(function).at);
    let document = rewriter.reader.document(file)?;
    let code = Code::new(&document)?;
    let node = code.node(span)?;
    let Some(first) = form::parameters(node).first().copied() else { return Some(()) };
    let pattern = first.field("pattern").unwrap_or(first);
    let mut keys: Vec<Node<'_>> = Vec::new();
    match pattern.kind() {
        "identifier" => {
            for place in code.occurrences(node, code.of(pattern)) {
                if place != pattern {
                    keys.extend(key_of(&code, place, old)?);
                }
            }
        }
        _ => return None,
    }
    let mut types = Vec::new();
    if let Some(annotation) = first.field("type") {
        each(annotation, |it| {
            let name = it.field("name").filter(|_| it.kind() == "property_signature");
            types.extend(name.filter(|name| code.of(*name) == old));
            true
        });
    }
    let edits: Option<Vec<_>> = keys.into_iter().map(|key| renamed(&code, key, new)).collect();
    for edit in edits? {
        rewriter.edit(file, edit.span, &edit.new_text, Subject::Parameter, true);
    }
    for name in types {
        rewriter.edit(file, syntax::span(name), new, Subject::Parameter, true);
    }
    Some(())
}

/// The key called `old` that is read of the request named at a place; none where something else of it is. `None` where
/// its parameters go somewhere else as a whole, or the request itself does.
fn key_of<'t>(code: &Code<'t>, request: Node<'t>, old: &str) -> Option<Vec<Node<'t>>> {
    let member = request.parent().filter(|it| it.kind() == "member_expression")?;
    let params = member.field("property").filter(|_| member.field("object") == Some(request))?;
    if code.of(params) != "params" {
        return Some(Vec::new());
    }
    let around = member.parent()?;
    match around.kind() {
        "member_expression" => {
            let key = around.field("property")?;
            Some((code.of(key) == old).then_some(key).into_iter().collect())
        }
        "variable_declarator" => {
            let pattern = around.field("name").filter(|it| it.kind() == "object_pattern")?;
            let mut found = Vec::new();
            for part in pattern.named_children() {
                let key = match part.kind() {
                    "shorthand_property_identifier_pattern" => part,
                    "pair_pattern" => part.field("key")?,
                    "object_assignment_pattern" => part.field("left")?,
                    _ => return None,
                };
                if code.of(key) == old {
                    found.push(key);
                }
            }
            Some(found)
        }
        _ => None,
    }
}
