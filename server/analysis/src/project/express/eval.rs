//! What an expression is, at a moment of the run.

use std::rc::Rc;

use compact_str::{CompactString, format_compact};

use super::run::{Part, World};
use super::value::{FrameNo, Item, Made, Object, Value};
use crate::facts::{
    Call, Exported, FileFacts, FunctionId, Imported, Shape, is_module_exports, loaded_module,
};
use crate::project::symbols::Symbol;
use crate::project::{FileNo, matcher};

/// Deeper expressions are not followed.
const DEEPEST: u32 = 40;

impl<'p> World<'p> {
    pub(super) fn facts(&self, file: FileNo) -> &'p FileFacts {
        static EMPTY: std::sync::OnceLock<FileFacts> = std::sync::OnceLock::new();
        self.read.borrow_mut().insert(file);
        self.project.file(file).map_or_else(|| EMPTY.get_or_init(FileFacts::default), |input| &*input.facts)
    }

    /// What an expression is.
    pub(super) fn eval(&mut self, frame: FrameNo, chunk: u32, shape: &Shape) -> Value {
        if self.depth > DEEPEST {
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.expression(frame, chunk, shape);
        self.depth -= 1;
        value
    }

    fn expression(&mut self, frame: FrameNo, chunk: u32, shape: &Shape) -> Value {
        let file = self.frames[frame as usize].file;
        match shape {
            Shape::Name(name) => match name.local {
                Some(local) => self.local(frame, chunk, local),
                None if name.text == "super" => self.above(frame),
                None => self.name(file, &name.text),
            },
            Shape::This => self.this(frame),
            whole if is_module_exports(whole) && self.facts(file).binding("module").is_none() => {
                Value::Module(file)
            }
            Shape::Member(object, key) => {
                let object = self.eval(frame, chunk, object);
                self.member(object, key)
            }
            Shape::Call(number) => self.called(frame, chunk, *number),
            Shape::Function(number) | Shape::Class(number) => {
                Value::Function(file, FunctionId { chunk, number: *number }, frame)
            }
            Shape::Object(entries) => {
                let mut object = Object::default();
                for (key, value) in entries {
                    let value = self.eval(frame, chunk, value);
                    match (key.as_str(), &value) {
                        ("...", Value::Object(other)) => {
                            let fields = self.objects[*other as usize].fields.clone();
                            object.fields.extend(fields);
                        }
                        ("...", _) => {}
                        _ => drop(object.fields.insert(key.clone(), value)),
                    }
                }
                self.object(object)
            }
            Shape::Array(items) => Value::Array(self.items(frame, chunk, items)),
            Shape::Text(text) => {
                matcher::unescaped(text).map_or(Value::Unknown, |text| Value::Text(text.into()))
            }
            Shape::Regexp(source) => Value::Regexp(source.clone()),
            Shape::Number(text) | Shape::Product(text) => Value::Plain(text.clone()),
            Shape::Bool(value) => Value::Plain(if *value { "true" } else { "false" }.into()),
            Shape::Null => Value::Plain("null".into()),
            Shape::Await(inner) => self.eval(frame, chunk, inner),
            Shape::Either(sides) => Value::OneOf(self.items(frame, chunk, sides)),
            Shape::Joined(parts) => {
                let mut out = String::new();
                for part in parts {
                    match self.eval(frame, chunk, part).settled() {
                        Value::Text(text) | Value::Plain(text) => out.push_str(&text),
                        _ => return Value::Unknown,
                    }
                }
                Value::Text(out.into())
            }
            Shape::Other => Value::Unknown,
        }
    }

    /// Several expressions with the names they have in the code.
    pub(super) fn items(&mut self, frame: FrameNo, chunk: u32, shapes: &[Shape]) -> Rc<[Item]> {
        shapes
            .iter()
            .map(|shape| Item {
                value: self.eval(frame, chunk, shape),
                name: self.spoken(frame, chunk, shape),
            })
            .collect()
    }

    /// What a person calls an expression: a name or chain, or what is called in it.
    pub(super) fn spoken(&self, frame: FrameNo, chunk: u32, shape: &Shape) -> Option<CompactString> {
        let facts = self.facts(self.frames[frame as usize].file);
        match shape {
            Shape::Name(_) | Shape::Member(..) => match (shape.dotted(), shape) {
                (Some(name), _) => Some(name.strip_prefix("this.").unwrap_or(&name).into()),
                // `body("name").isString()` is called after what it begins with.
                (None, Shape::Member(object, _)) => self.spoken(frame, chunk, object),
                _ => None,
            },
            Shape::Await(inner) => self.spoken(frame, chunk, inner),
            Shape::Either(sides) => sides.iter().find_map(|side| self.spoken(frame, chunk, side)),
            Shape::Call(number) => {
                let call = &facts.chunks[chunk as usize].facts.calls[*number as usize];
                if let Some(module) = loaded_module(&call.callee, &call.args) {
                    return Some(module.into());
                }
                // `handler.bind(controller)` is the handler.
                match &call.callee {
                    Shape::Member(object, key) if key == "bind" => self.spoken(frame, chunk, object),
                    callee => self.spoken(frame, chunk, callee),
                }
            }
            _ => None,
        }
    }

    pub(super) fn object(&mut self, object: Object) -> Value {
        self.objects.push(object);
        Value::Object(self.objects.len() as u32 - 1)
    }

    fn local(&mut self, frame: FrameNo, chunk: u32, local: u32) -> Value {
        let facts = self.facts(self.frames[frame as usize].file);
        let chunk_facts = &facts.chunks[chunk as usize].facts;
        let decl = &chunk_facts.decls[local as usize];
        let mut at = Some(frame);
        while let Some(number) = at {
            let run = &self.frames[number as usize];
            if let Some(value) = run.vars.get(&(chunk, local)) {
                return value.clone();
            }
            if let Some(parameter) = &decl.parameter
                && run.function == Some(FunctionId { chunk, number: parameter.of })
            {
                let value = run.args.get(parameter.position as usize).cloned();
                let keys = parameter.keys.clone();
                // `(prefix = "/api") =>`, and nobody said more.
                let given = value.as_ref().is_some_and(|value| !is_undefined(value));
                let default = chunk_facts.steps.defaults.iter().find(|(decl, _)| *decl == local);
                if let (false, Some((_, default))) = (given, default) {
                    return self.eval(number, chunk, default);
                }
                return keys
                    .iter()
                    .fold(value.unwrap_or(Value::Unknown), |value, key| self.member(value, key));
            }
            at = run.parent;
        }
        let value = self.eval(frame, chunk, &decl.value);
        // What is written into an object later is to be found in it.
        if let Value::Object(_) = value {
            let owner = self.owner(frame, chunk, local);
            self.frames[owner as usize].vars.insert((chunk, local), value.clone());
        }
        value
    }

    /// The run that a local variable belongs to.
    pub(super) fn owner(&self, frame: FrameNo, chunk: u32, local: u32) -> FrameNo {
        let facts = &self.facts(self.frames[frame as usize].file).chunks[chunk as usize].facts;
        let decl = &facts.decls[local as usize];
        let function = facts.function_at(decl.at.0.start).map(|number| FunctionId { chunk, number });
        let mut at = frame;
        loop {
            let run = &self.frames[at as usize];
            match run.parent {
                Some(parent) if run.function != function => at = parent,
                _ => return at,
            }
        }
    }

    /// A name of a module.
    fn name(&mut self, file: FileNo, name: &str) -> Value {
        let facts = self.facts(file);
        if let Some(import) = facts.import(name) {
            if import.type_only {
                return Value::Unknown;
            }
            let module = self.module(file, &import.specifier);
            return match (&import.imported, module) {
                (Imported::Name(name), Value::Module(target)) => match self.export(target, name) {
                    Value::Unknown if name == "default" => self.unwrapped(Value::Module(target)),
                    value => value,
                },
                (Imported::Name(name), Value::External(specifier, _)) => {
                    Value::External(specifier, name.clone())
                }
                (_, module) => module,
            };
        }
        let Some((id, decl)) = facts.binding(name) else {
            return if name == "exports" { Value::Module(file) } else { Value::Global(name.into()) };
        };
        let frame = self.module_frame(file);
        if let Some(value) = self.frames[frame as usize].vars.get(&(id.chunk, id.number)) {
            return value.clone();
        }
        let value = self.eval(frame, id.chunk, &decl.value);
        if let Value::Object(_) = value {
            self.frames[frame as usize].vars.insert((id.chunk, id.number), value.clone());
        }
        value
    }

    /// What a module exports under a name.
    pub(super) fn export(&mut self, file: FileNo, name: &str) -> Value {
        if self.depth > DEEPEST {
            return Value::Unknown;
        }
        let facts = self.facts(file);
        if let Some((chunk, export)) = facts.export(name) {
            if export.type_only {
                return Value::Unknown;
            }
            let frame = self.module_frame(file);
            return match &export.exported {
                Exported::Value(shape) => {
                    let key = (file, name.into());
                    if let Some(value) = self.exported.get(&key) {
                        return value.clone();
                    }
                    let value = self.eval(frame, chunk, shape);
                    if let Value::Object(_) = value {
                        self.exported.insert(key, value.clone());
                    }
                    value
                }
                Exported::From(specifier, inner) => {
                    let module = self.module(file, specifier);
                    self.depth += 1;
                    let value = self.member(module, inner);
                    self.depth -= 1;
                    value
                }
                Exported::Namespace(specifier) | Exported::Star(specifier) => self.module(file, specifier),
            };
        }
        if name == "default" {
            return Value::Unknown;
        }
        let stars = facts.exports().filter_map(|(_, export)| match &export.exported {
            Exported::Star(specifier) => Some(specifier.clone()),
            _ => None,
        });
        for specifier in stars.collect::<Vec<_>>() {
            if let Value::Module(target) = self.module(file, &specifier) {
                self.depth += 1;
                let value = self.export(target, name);
                self.depth -= 1;
                if value.is_known() {
                    return value;
                }
            }
        }
        Value::Unknown
    }

    /// The module that a specifier means; it has run when this comes back.
    pub(super) fn module(&mut self, file: FileNo, specifier: &str) -> Value {
        match self.resolver.module(file, specifier) {
            Symbol::Module(target) => {
                self.load(target);
                Value::Module(target)
            }
            Symbol::External { specifier, .. } => Value::External(specifier, CompactString::default()),
            _ => Value::Unknown,
        }
    }

    /// What `require(…)` or `import(…)` gives.
    pub(super) fn loaded(&mut self, file: FileNo, call: &Call, specifier: &str) -> Value {
        let module = self.module(file, specifier);
        if call.callee.last() == Some("require") { self.unwrapped(module) } else { module }
    }

    /// `require("./routes")` is what the module sets `module.exports` to.
    pub(super) fn unwrapped(&mut self, value: Value) -> Value {
        let value = value.settled();
        let Value::Module(file) = value else { return value };
        let facts = self.facts(file);
        if let Some(name) = facts.stand_ins().find(|name| facts.binding(name).is_some()) {
            let value = self.name(file, name);
            // What was put into it since is there where the module has run, and else among its exports.
            return match value {
                Value::Object(_) if self.parts.of(file) == Part::None => Value::Module(file),
                value => value,
            };
        }
        let whole = facts.chunks.iter().any(|chunk| {
            let mut assigns = chunk.facts.assigns.iter();
            assigns.any(|assign| assign.function.is_none() && is_module_exports(&assign.left))
        });
        if whole { self.export(file, "default") } else { Value::Module(file) }
    }

    /// A property of a value.
    pub(super) fn member(&mut self, object: Value, key: &str) -> Value {
        match object.settled() {
            Value::Module(file) => match self.export(file, key) {
                Value::Unknown if key != "default" => match self.unwrapped(Value::Module(file)) {
                    Value::Module(_) => Value::Unknown,
                    other => self.member(other, key),
                },
                Value::Unknown => self.unwrapped(Value::Module(file)),
                value => value,
            },
            Value::External(specifier, export) if export.is_empty() => Value::External(specifier, key.into()),
            Value::External(specifier, export) => {
                Value::External(specifier, format_compact!("{export}.{key}"))
            }
            Value::Made(made) => match external(&made) {
                Some((specifier, export)) => {
                    Value::External(specifier.clone(), format_compact!("{export}().{key}"))
                }
                None => Value::Unknown,
            },
            Value::Global(name) => Value::Global(format_compact!("{name}.{key}")),
            Value::Object(number) => {
                let object = &self.objects[number as usize];
                if let Some(value) = object.fields.get(key) {
                    return value.clone();
                }
                match object.class {
                    Some(class) => self.method(class, key),
                    None => Value::Unknown,
                }
            }
            Value::Function(file, id, frame) => self.of_class((file, id, frame), key),
            _ => Value::Unknown,
        }
    }

    /// What a call gave: it has run, or it is looked at without running it.
    fn called(&mut self, frame: FrameNo, chunk: u32, number: u32) -> Value {
        let mut at = Some(frame);
        while let Some(run) = at {
            let run = &self.frames[run as usize];
            if let Some(value) = run.calls.get(&(chunk, number)) {
                return value.clone();
            }
            at = run.parent;
        }
        let file = self.frames[frame as usize].file;
        let call = &self.facts(file).chunks[chunk as usize].facts.calls[number as usize];
        if let Some(specifier) = loaded_module(&call.callee, &call.args) {
            return self.loaded(file, call, specifier);
        }
        let callee = self.eval(frame, chunk, &call.callee);
        let args = call.args.iter().map(|argument| self.eval(frame, chunk, argument)).collect();
        Value::Made(Rc::new(Made { callee, args }))
    }
}

/// The package whose function made something.
pub(super) fn external(made: &Made) -> Option<(&CompactString, &CompactString)> {
    match &made.callee {
        Value::External(specifier, export) => Some((specifier, export)),
        Value::Made(inner) => external(inner),
        _ => None,
    }
}

fn is_undefined(value: &Value) -> bool {
    matches!(value, Value::Plain(text) if text == "undefined")
}
