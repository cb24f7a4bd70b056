//! Classes while the set-up runs: what an instance is made of, its own and what it has from the classes above.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use compact_str::CompactString;

use super::run::{DEEPEST, World};
use super::value::{Frame, FrameNo, Object, Value};
use crate::facts::{Field, FunctionId, FunctionKind, Step, StepAt};
use crate::project::FileNo;

/// A class and the run it was made in.
pub(super) type Class = (FileNo, FunctionId, FrameNo);

/// Classes above each other that are looked at: a circle ends here.
const HIGHEST: usize = 8;

impl World<'_> {
    /// What `this` is in a run.
    pub(super) fn this(&self, frame: FrameNo) -> Value {
        let mut at = Some(frame);
        while let Some(number) = at {
            let frame = &self.frames[number as usize];
            if frame.this.is_known() {
                return frame.this.clone();
            }
            at = frame.parent;
        }
        Value::Unknown
    }

    /// What `super` is in a run: the class above the one that the method belongs to.
    pub(super) fn above(&mut self, frame: FrameNo) -> Value {
        let mut at = Some(frame);
        while let Some(number) = at {
            let Frame { file, function, parent, .. } = self.frames[number as usize];
            let method = function.map(|id| (id, self.facts(file).function(id)));
            if let (Some((id, method)), Some(outer)) = (method, parent)
                && method.kind == FunctionKind::Method
            {
                let class = method.parent.map(|number| FunctionId { chunk: id.chunk, number });
                let base = class.and_then(|class| self.base((file, class, outer)));
                return base.map_or(Value::Unknown, |(file, id, frame)| Value::Function(file, id, frame));
            }
            at = parent;
        }
        Value::Unknown
    }

    /// The class of the workspace that a class extends.
    fn base(&mut self, (file, id, frame): Class) -> Option<Class> {
        let bases = &self.facts(file).chunks[id.chunk as usize].facts.steps.bases;
        let (_, shape) = bases.iter().find(|(class, _)| *class == id.number)?;
        let value = self.eval(frame, id.chunk, shape);
        match self.unwrapped(value) {
            Value::Function(file, id, frame) if self.facts(file).function(id).kind == FunctionKind::Class => {
                Some((file, id, frame))
            }
            _ => None,
        }
    }

    /// A method of a class or of one above it.
    pub(super) fn method(&mut self, class: Class, key: &str) -> Value {
        let mut at = Some(class);
        for _ in 0..HIGHEST {
            let Some((file, id, frame)) = at else { break };
            if let Some(method) = self.resolver.method(file, id, key) {
                return Value::Function(file, method, frame);
            }
            at = self.base((file, id, frame));
        }
        Value::Unknown
    }

    /// What a class holds itself, or one above it: a static field, what was put there, a method. Of a function that is no
    /// class, what was put there.
    pub(super) fn of_class(&mut self, class: Class, key: &str) -> Value {
        let mut at = Some(class);
        for _ in 0..HIGHEST {
            let Some(class) = at else { break };
            if let Some(value) = self.own(class).get(key) {
                return value.clone();
            }
            at = self.base(class);
        }
        self.method(class, key)
    }

    /// What a class holds itself. Its static fields are set when it is first looked at.
    fn own(&mut self, class: Class) -> &mut BTreeMap<CompactString, Value> {
        if let Entry::Vacant(nothing) = self.own.entry(class) {
            nothing.insert(BTreeMap::new());
            let (file, id, frame) = class;
            self.set_fields(class, &Value::Function(file, id, frame));
        }
        self.own.entry(class).or_default()
    }

    /// Sets a property of an object, a class or another function.
    pub(super) fn put(&mut self, target: &Value, key: CompactString, value: Value) {
        match *target {
            Value::Object(number) => drop(self.objects[number as usize].fields.insert(key, value)),
            Value::Function(file, id, frame) => drop(self.own((file, id, frame)).insert(key, value)),
            _ => {}
        }
    }

    /// `new` of a class.
    pub(super) fn instance(&mut self, class: &Value, args: Vec<Value>) -> Value {
        let &Value::Function(file, id, frame) = class else { return Value::Unknown };
        let object = self.object(Object { class: Some((file, id, frame)), ..Object::default() });
        self.construct((file, id, frame), args, &object);
        object
    }

    /// Does what a class and those above it do to a new instance.
    pub(super) fn construct(&mut self, class: Class, args: Vec<Value>, object: &Value) {
        let (file, id, frame) = class;
        if self.stack.len() > DEEPEST || self.stack.contains(&(file, id)) {
            return;
        }
        self.stack.push((file, id));
        let base = self.base(class);
        if let Some(constructor) = self.resolver.method(file, id, "constructor") {
            // With a class above fields come when `super(…)` comes back.
            if base.is_none() {
                self.set_fields(class, object);
            }
            self.parameters(class, constructor, &args, object);
            self.run_function(file, constructor, frame, args, object.clone());
        } else {
            if let Some(base) = base {
                self.construct(base, args, object);
            }
            self.set_fields(class, object);
        }
        self.stack.pop();
    }

    /// `super(…)` in a constructor.
    pub(super) fn construct_above(&mut self, frame: FrameNo, above: &Value, args: Vec<Value>) {
        let &Value::Function(file, id, base_frame) = above else { return };
        let object = self.this(frame);
        self.construct((file, id, base_frame), args, &object);
        let run = &self.frames[frame as usize];
        if let (Some(constructor), Some(outer)) = (run.function, run.parent) {
            let own = run.file;
            if let Some(number) = self.facts(own).function(constructor).parent {
                self.set_fields((own, FunctionId { chunk: constructor.chunk, number }, outer), &object);
            }
        }
    }

    /// Sets the fields that one class gives to `this`, one after the other: the static ones, where that is the class
    /// itself.
    fn set_fields(&mut self, (file, id, frame): Class, this: &Value) {
        let facts = &self.facts(file).chunks[id.chunk as usize].facts;
        let is_static = matches!(this, Value::Function(..));
        let own =
            |field: &&Field| field.class == id.number && !field.parameter && field.is_static == is_static;
        let mut made = None;
        for field in facts.steps.fields.iter().filter(own) {
            let frame = *made
                .get_or_insert_with(|| self.frame(file, Some(id), Some(frame), Vec::new(), this.clone()));
            let within = |step: &&StepAt| {
                let at = match step.step {
                    Step::Call(number) => facts.calls[number as usize].at.0,
                    Step::Assign(number) => facts.assigns[number as usize].at.0,
                    Step::Return(_) => return false,
                };
                step.function == Some(id.number) && field.at.0.covers(at)
            };
            let order: Vec<StepAt> = facts.steps.order.iter().filter(within).copied().collect();
            self.steps(frame, id.chunk, &order, None);
            let value = self.eval(frame, id.chunk, &field.value);
            self.put(this, field.name.clone(), value);
        }
    }

    /// Sets the fields that the parameters of a constructor are.
    fn parameters(
        &mut self,
        (file, id, frame): Class,
        constructor: FunctionId,
        args: &[Value],
        object: &Value,
    ) {
        let steps = &self.facts(file).chunks[id.chunk as usize].facts.steps;
        let made = self.frame(file, Some(constructor), Some(frame), args.to_vec(), object.clone());
        for field in steps.fields.iter().filter(|field| field.class == id.number && field.parameter) {
            let value = self.eval(made, id.chunk, &field.value);
            self.put(object, field.name.clone(), value);
        }
    }
}
