//! Calls: of functions that are followed, of those that are not, and of what belongs to the language.

use std::rc::Rc;

use super::programs::made;
use super::run::{Part, World};
use super::value::{FrameNo, Item, Made, Value, untold};
use super::{LayerKind, RouterNo};
use crate::facts::{CallId, FunctionKind, Shape, loaded_module};
use crate::project::FileNo;

/// A call while it runs.
pub(super) struct Site {
    pub(super) file: FileNo,
    pub(super) call: CallId,
    awaited: bool,
    is_new: bool,
}

impl World<'_> {
    /// Runs a call.
    pub(super) fn call(&mut self, frame: FrameNo, chunk: u32, number: u32) -> Value {
        if self.fuel == 0 {
            return Value::Unknown;
        }
        self.fuel -= 1;
        let file = self.frames[frame as usize].file;
        let call = &self.facts(file).chunks[chunk as usize].facts.calls[number as usize];
        if let Some(specifier) = loaded_module(&call.callee, &call.args) {
            return self.loaded(file, call, specifier);
        }
        let site = Site { file, call: CallId { chunk, number }, awaited: call.awaited, is_new: call.is_new };
        let args = self.items(frame, chunk, &call.args);
        let is_super = |shape: &Shape| matches!(shape, Shape::Name(name) if name.text == "super");
        let Shape::Member(object, key) = &call.callee else {
            let callee = self.eval(frame, chunk, &call.callee);
            let callee = self.unwrapped(callee);
            if is_super(&call.callee) && matches!(callee, Value::Function(..)) {
                let given = args.iter().map(|item| item.value.clone()).collect();
                self.construct_above(frame, &callee, given);
                return Value::Plain("undefined".into());
            }
            return self.invoke(&site, callee, &args, Value::Unknown);
        };
        let target = self.eval(frame, chunk, object);
        let target = self.unwrapped(target);
        match (&target, key.as_str()) {
            (Value::Router(router), _) => self.on_router(&site, *router, key, &args, &target),
            (Value::Route(router, paths), _) => self.on_route(&site, *router, paths, key, &args, &target),
            (Value::Array(items), "forEach" | "map" | "flatMap") => {
                let mut given = Vec::new();
                for (number, item) in items.iter().enumerate() {
                    let number = Value::Plain(number.to_string().into());
                    let value = self.back(&args, vec![item.value.clone(), number]);
                    given.push(Item { value, name: item.name.clone() });
                }
                Value::Array(given.into())
            }
            (Value::Array(items), "concat") => {
                let more = args.iter().flat_map(|item| match &item.value {
                    Value::Array(inner) => inner.to_vec(),
                    _ => vec![item.clone()],
                });
                Value::Array(items.iter().cloned().chain(more).collect())
            }
            (Value::Function(..), "bind") => target,
            (Value::Function(..), "call") => {
                let this = args.first().map_or(Value::Unknown, |item| item.value.clone());
                let rest: Vec<Item> = args.iter().skip(1).cloned().collect();
                self.invoke(&site, target, &rest, this)
            }
            (Value::Made(_) | Value::Unknown | Value::External(..), "forEach" | "map") => {
                // As many rounds as nobody knows.
                self.looped += 1;
                self.escape(&site, &target, &args);
                self.looped -= 1;
                Value::Unknown
            }
            _ => {
                let callee = self.member(target.clone(), key);
                let this = if is_super(object) { self.this(frame) } else { target };
                self.invoke(&site, callee, &args, this)
            }
        }
    }

    /// Calls the function that is given as the first argument.
    fn back(&mut self, args: &[Item], given: Vec<Value>) -> Value {
        match args.first().map(|item| item.value.clone().settled()) {
            Some(Value::Function(file, id, frame)) => {
                self.run_function(file, id, frame, given, Value::Unknown)
            }
            _ => Value::Unknown,
        }
    }

    fn invoke(&mut self, site: &Site, callee: Value, args: &[Item], this: Value) -> Value {
        let values = || args.iter().map(|item| item.value.clone()).collect::<Vec<_>>();
        match callee {
            Value::Function(file, id, frame) => {
                let function = self.facts(file).function(id);
                let is_class = function.kind == FunctionKind::Class;
                let part = self.parts.of(file);
                let is_given = args.iter().any(|item| self.touches(&item.value, 0)) || self.touches(&this, 0);
                if part == Part::None && !is_given
                    || self.stack.contains(&(file, id))
                    || is_class != site.is_new
                {
                    self.escape(site, &callee, args);
                    return Value::Made(Rc::new(Made { callee, args: values() }));
                }
                let run = |world: &mut Self| {
                    if is_class {
                        return world.instance(&callee, values());
                    }
                    let before = world.thread;
                    if function.awaits && !site.awaited {
                        world.thread = world.new_thread();
                    }
                    let value = world.run_function(file, id, frame, values(), this);
                    world.thread = before;
                    value
                };
                let may_register =
                    is_given || part == Part::SetsUp || args.iter().any(|item| self.may_hold(&item.value));
                match if may_register { run(self) } else { self.aside(run).unwrap_or(Value::Unknown) } {
                    Value::Unknown => Value::Made(Rc::new(Made { callee, args: values() })),
                    value => value,
                }
            }
            Value::External(ref specifier, ref export) if made(specifier, export).is_some() => {
                let is_app = made(specifier, export) == Some(true);
                self.make(site, is_app, args)
            }
            callee => {
                self.escape(site, &callee, args);
                Value::Made(Rc::new(Made { callee, args: values() }))
            }
        }
    }

    fn new_thread(&mut self) -> u32 {
        self.threads += 1;
        self.threads
    }

    /// Whether a router can be reached from a value.
    fn touches(&self, value: &Value, depth: u32) -> bool {
        match value {
            Value::Router(_) | Value::Route(..) => true,
            Value::Object(number) if depth < 3 => {
                self.objects[*number as usize].fields.values().any(|value| self.touches(value, depth + 1))
            }
            Value::Array(items) | Value::OneOf(items) if depth < 3 => {
                items.iter().any(|item| self.touches(&item.value, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether a value is a function that may hold a router, because its file makes some or loads what does.
    fn may_hold(&self, value: &Value) -> bool {
        matches!(value, Value::Function(file, ..) if self.parts.of(*file) == Part::SetsUp)
    }

    /// Code that is not followed is given values: it may register anything on a router among them, and calls
    /// the functions written there some time later.
    fn escape(&mut self, site: &Site, callee: &Value, args: &[Item]) {
        let mut routers = Vec::new();
        for item in args {
            self.reached(&item.value, 0, &mut routers);
        }
        routers.sort_unstable();
        routers.dedup();
        if is_server(callee) {
            for &router in &routers {
                self.routers[router as usize].listens = true;
            }
        }
        if !is_harmless(callee) {
            for router in routers {
                self.layer(site, router, LayerKind::Opaque, Vec::new(), Vec::new());
            }
        }
        for item in args {
            if let Value::Function(file, id, frame) = item.value
                && self.parts.of(file) != Part::None
                && file == site.file
                && id.chunk == site.call.chunk
                && self.facts(file).function(id).argument_of == Some(site.call.number)
            {
                let before = self.thread;
                self.thread = self.new_thread();
                self.run_function(file, id, frame, untold(), Value::Unknown);
                self.thread = before;
            }
        }
    }

    fn reached(&self, value: &Value, depth: u32, out: &mut Vec<RouterNo>) {
        match value {
            Value::Router(router) | Value::Route(router, _) => out.push(*router),
            Value::Object(number) if depth < 2 => {
                for value in self.objects[*number as usize].fields.values() {
                    self.reached(value, depth + 1, out);
                }
            }
            Value::Array(items) | Value::OneOf(items) if depth < 2 => {
                for item in items.iter() {
                    self.reached(&item.value, depth + 1, out);
                }
            }
            _ => {}
        }
    }

    /// A callback given to a method of a router: `app.listen(port, () => …)`.
    pub(super) fn called_later(&mut self, site: &Site, args: &[Item]) {
        self.escape(site, &Value::Global("console".into()), args);
    }
}

/// What makes a server of Node.js that hands requests to an application.
fn is_server(callee: &Value) -> bool {
    let Value::External(specifier, export) = callee else { return false };
    matches!(specifier.strip_prefix("node:").unwrap_or(specifier), "http" | "https" | "http2" | "spdy")
        && (export.ends_with("createServer")
            || export.ends_with("createSecureServer")
            || export.ends_with("Server"))
}

/// Code that is given an application and registers nothing on it.
fn is_harmless(callee: &Value) -> bool {
    const MODULES: &[&str] = &[
        "@codegenie/serverless-express",
        "@vendia/serverless-express",
        "aws-serverless-express",
        "express-list-endpoints",
        "http",
        "http2",
        "https",
        "node:http",
        "node:http2",
        "node:https",
        "serverless-http",
        "socket.io",
        "spdy",
        "supertest",
        "ws",
    ];
    match callee {
        Value::External(specifier, _) => MODULES.contains(&specifier.as_str()),
        Value::Made(made) => {
            super::eval::external(made).is_some_and(|(it, _)| MODULES.contains(&it.as_str()))
        }
        Value::Global(name) => name.split('.').next() == Some("console"),
        _ => false,
    }
}
