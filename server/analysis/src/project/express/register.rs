//! What is done to a router.

use std::rc::Rc;

use compact_str::{CompactString, ToCompactString as _};

use super::call::Site;
use super::eval::external;
use super::run::World;
use super::value::{FrameNo, Item, Value};
use super::{Handler, Layer, LayerKind, NAMELESS, Path, Router, RouterNo, Setting, version};
use crate::facts::{FunctionId, FunctionKind, Name, Shape};
use crate::project::FileNo;
use crate::project::entries;

/// The methods of HTTP that routers have functions for, as `http.METHODS` lists them.
const METHODS: &[&str] = &[
    "acl",
    "bind",
    "checkout",
    "connect",
    "copy",
    "delete",
    "get",
    "head",
    "link",
    "lock",
    "m-search",
    "merge",
    "mkactivity",
    "mkcalendar",
    "mkcol",
    "move",
    "notify",
    "options",
    "patch",
    "post",
    "propfind",
    "proppatch",
    "purge",
    "put",
    "query",
    "rebind",
    "report",
    "search",
    "source",
    "subscribe",
    "trace",
    "unbind",
    "unlink",
    "unlock",
    "unsubscribe",
];

impl World<'_> {
    /// `express()`, `Router({ mergeParams: true })`.
    pub(super) fn make(&mut self, site: &Site, is_app: bool, args: &[Item]) -> Value {
        let options = match args.first().map(|item| &item.value) {
            None => Some(Vec::new()),
            Some(Value::Object(number)) => {
                let fields = &self.objects[*number as usize].fields;
                fields
                    .iter()
                    .map(|(key, value)| match value.clone().settled() {
                        Value::Plain(text) => Some((key.clone(), text == "true")),
                        _ => None,
                    })
                    .collect()
            }
            Some(_) => None,
        };
        let option = |name: &str| {
            options.as_ref().map(|options| options.iter().any(|(key, value)| key == name && *value))
        };
        self.routers.push(Router {
            site: (site.file, site.call),
            is_app,
            merge_params: option("mergeParams"),
            strict: option("strict") == Some(true),
            case_sensitive: option("caseSensitive") == Some(true),
            layers: Vec::new(),
            settings: Vec::new(),
            ordered: true,
            listens: false,
            mounted: Vec::new(),
        });
        Value::Router(self.routers.len() as RouterNo - 1)
    }

    /// Registers something.
    pub(super) fn layer(
        &mut self,
        site: &Site,
        router: RouterNo,
        kind: LayerKind,
        paths: Vec<Path>,
        handlers: Vec<Handler>,
    ) {
        let kind = if self.looped > 0 { LayerKind::Opaque } else { kind };
        let call = (site.file, site.call);
        // A mounted router is one of several, or it is not there.
        let perhaps = kind == LayerKind::Use && !handlers.is_empty() && handlers.iter().all(|it| it.maybe);
        let maybe = self.maybe > 0 || perhaps;
        let layer = Layer { call, kind, paths, handlers, maybe, thread: self.thread };
        self.routers[router as usize].layers.push(layer);
    }

    /// `router.use(…)`, `router.get(…)` and the other methods of a router.
    pub(super) fn on_router(
        &mut self,
        site: &Site,
        router: RouterNo,
        key: &str,
        args: &[Item],
        target: &Value,
    ) -> Value {
        let is_app = self.routers[router as usize].is_app;
        match key {
            "use" => {
                let (paths, rest) = used(args);
                let handlers = self.handlers(rest);
                self.layer(site, router, LayerKind::Use, paths, handlers);
            }
            "route" => return Value::Route(router, args.iter().take(1).cloned().collect::<Rc<[Item]>>()),
            // `app.get("title")` reads a setting.
            "get" if is_app && args.len() == 1 => return Value::Unknown,
            "all" => self.verb(site, router, LayerKind::All, args),
            // Another name for it, in Express 4.
            "del" if is_app && self.is_old(site) => {
                self.verb(site, router, LayerKind::Method("DELETE".into()), args);
            }
            "param" => self.parameter(site, router, args),
            "set" | "enable" | "disable" | "engine" => {
                if let (true, Some(Value::Text(name))) = (is_app, args.first().map(|item| &item.value)) {
                    let value = match (key, args.get(1).map(|item| item.value.clone().settled())) {
                        ("enable", _) => Some("true".into()),
                        ("disable", _) => Some("false".into()),
                        (_, Some(Value::Text(text))) => Some(format!("{text:?}").into()),
                        (_, Some(Value::Plain(text))) => Some(text),
                        _ => None,
                    };
                    let on = value.as_deref() == Some("true");
                    let setting = Setting {
                        call: (site.file, site.call),
                        name: name.clone(),
                        value,
                        maybe: self.maybe > 0,
                    };
                    let own = &mut self.routers[router as usize];
                    match name.as_str() {
                        "strict routing" => own.strict = on,
                        "case sensitive routing" => own.case_sensitive = on,
                        _ => {}
                    }
                    own.settings.push(setting);
                }
            }
            method if METHODS.contains(&method) => {
                let kind = LayerKind::Method(method.to_uppercase().into());
                self.verb(site, router, kind, args);
            }
            // `router[method](…)`: it may be any of them.
            "[]" => {
                self.layer(site, router, LayerKind::Opaque, Vec::new(), Vec::new());
                self.called_later(site, args);
            }
            // `router.handle(…)`, `app.listen(…)`, `app.locals`, a promise's `then`.
            _ => {
                self.routers[router as usize].listens |= is_app && key == "listen";
                self.called_later(site, args);
                return if key == "then" { target.clone() } else { Value::Unknown };
            }
        }
        target.clone()
    }

    /// `router.route("/x").get(…)`.
    pub(super) fn on_route(
        &mut self,
        site: &Site,
        router: RouterNo,
        paths: &[Item],
        key: &str,
        args: &[Item],
        target: &Value,
    ) -> Value {
        let kind = match key {
            "all" => LayerKind::All,
            "[]" => LayerKind::Opaque,
            method if METHODS.contains(&method) => LayerKind::Method(method.to_uppercase().into()),
            _ => return Value::Unknown,
        };
        let handlers = self.handlers(args);
        let paths = paths.first().map_or_else(Vec::new, |item| self::paths(&item.value));
        self.layer(site, router, kind, paths, handlers);
        target.clone()
    }

    /// Whether the file that a call stands in has Express 4.
    fn is_old(&self, site: &Site) -> bool {
        version(self.project, site.file).is_some_and(|version| version.major < 5)
    }

    /// `router.param("id", load)`; an application takes several names.
    fn parameter(&mut self, site: &Site, router: RouterNo, args: &[Item]) {
        let Some((first, rest)) = args.split_first() else { return };
        let several = match &first.value {
            Value::Array(items) if self.routers[router as usize].is_app => items.to_vec(),
            _ => vec![first.clone()],
        };
        for name in several {
            let Value::Text(name) = name.value.settled() else {
                // A function says what all that follow mean.
                self.layer(site, router, LayerKind::Opaque, Vec::new(), Vec::new());
                continue;
            };
            let mut handlers = self.handlers(rest);
            // It is called with the value behind `next`, so its length says nothing of errors.
            for handler in &mut handlers {
                handler.arity = None;
            }
            let name = name.trim_start_matches(':').into();
            self.layer(site, router, LayerKind::Param(name), Vec::new(), handlers);
        }
    }

    fn verb(&mut self, site: &Site, router: RouterNo, kind: LayerKind, args: &[Item]) {
        let Some(first) = args.first() else { return };
        let paths = paths(&first.value);
        let handlers = self.handlers(&args[1..]);
        self.layer(site, router, kind, paths, handlers);
    }

    /// Arguments as handlers, arrays taken apart.
    fn handlers(&mut self, args: &[Item]) -> Vec<Handler> {
        let mut out = Vec::new();
        for item in args {
            self.handler(item, 0, &mut out);
        }
        out
    }

    fn handler(&mut self, item: &Item, depth: u32, out: &mut Vec<Handler>) {
        match &item.value {
            Value::Array(items) if depth < 6 => {
                for item in items.iter() {
                    self.handler(item, depth + 1, out);
                }
                return;
            }
            Value::OneOf(sides) if depth < 6 => {
                self.one_of(item, sides, depth, out);
                return;
            }
            _ => {}
        }
        let value = self.unwrapped(item.value.clone());
        let mut handler = Handler {
            name: item.name.clone().unwrap_or_else(|| NAMELESS.into()),
            package: None,
            function: None,
            roots: Vec::new(),
            arity: None,
            router: None,
            maybe: false,
        };
        match &value {
            Value::Router(router) => handler.router = Some(*router),
            Value::Function(file, id, _) => {
                let function = self.facts(*file).function(*id);
                handler.arity = Some(function.length);
                handler.function = Some((*file, *id));
                // By its own name, not by the one it was imported under.
                let chain = item.name.as_ref().is_some_and(|name| name.contains('.'));
                let held = item.name.is_some().then(|| function.name.clone()).flatten();
                if !chain && let Some(name) = own_name(function).or(held) {
                    handler.name = name;
                }
            }
            Value::External(specifier, export) => {
                handler.package = Some((specifier.clone(), export.clone()));
            }
            Value::Made(made) => {
                handler.package =
                    external(made).map(|(specifier, export)| (specifier.clone(), export.clone()));
                if let Value::Function(file, id, _) = made.callee {
                    handler.arity = self.length_made(file, id);
                }
            }
            _ => {}
        }
        self.roots(&value, 0, &mut handler.roots);
        self.project.sort_roots(&mut handler.roots);
        out.push(handler);
    }

    /// Several values of which one is registered: each may be there.
    fn one_of(&mut self, item: &Item, sides: &[Item], depth: u32, out: &mut Vec<Handler>) {
        // Which of two routers is mounted is not told; the first says what the URLs may be.
        let settled = item.value.clone().settled();
        if let Value::Router(_) | Value::Module(_) = settled {
            self.handler(&Item { value: settled, name: item.name.clone() }, depth + 1, out);
            return;
        }
        let before = out.len();
        for side in sides {
            // A setting of the environment is no middleware: it decides, or it is a name.
            let decides = matches!(&side.value, Value::Global(name) if name.starts_with("process."));
            if !decides && !side.value.is_nothing() {
                let name = side.name.clone().or_else(|| item.name.clone());
                self.handler(&Item { value: side.value.clone(), name }, depth + 1, out);
            }
        }
        for handler in &mut out[before..] {
            handler.maybe = true;
        }
    }

    /// The functions that run when a value is called.
    fn roots(&self, value: &Value, depth: u32, out: &mut Vec<(FileNo, FunctionId)>) {
        if depth > 4 {
            return;
        }
        match value {
            Value::Function(file, id, frame)
                if self.facts(*file).function(*id).kind != FunctionKind::Class =>
            {
                out.push((*file, *id));
                for given in self.called_within(*file, *id, *frame) {
                    self.roots(&given, depth + 1, out);
                }
            }
            Value::Made(made) => {
                for argument in &made.args {
                    self.roots(argument, depth + 1, out);
                }
                match &made.callee {
                    Value::Function(file, id, _) => entries::made_by(&self.resolver, *file, *id, out),
                    Value::Made(_) => self.roots(&made.callee, depth + 1, out),
                    _ => {}
                }
            }
            Value::Array(items) | Value::OneOf(items) => {
                for item in items.iter() {
                    self.roots(&item.value, depth + 1, out);
                }
            }
            Value::Object(number) => {
                for value in self.objects[*number as usize].fields.values() {
                    self.roots(value, depth + 1, out);
                }
            }
            _ => {}
        }
    }

    /// The functions that a function calls which were given to the one that made it: `handler` of
    /// `(handler) => (req, res, next) => handler(req, res, next).catch(next)`.
    fn called_within(&self, file: FileNo, id: FunctionId, frame: FrameNo) -> Vec<Value> {
        let chunk = &self.facts(file).chunks[id.chunk as usize].facts;
        let within = chunk.functions[id.number as usize].at.0;
        let mut found = Vec::new();
        for call in chunk.calls.iter().filter(|call| within.covers(call.at.0)) {
            let Shape::Name(Name { local: Some(local), .. }) = &call.callee else { continue };
            let Some(parameter) = chunk.decls[*local as usize].parameter.as_ref() else { continue };
            let maker = Some(FunctionId { chunk: id.chunk, number: parameter.of });
            let mut at = Some(frame);
            while let Some(number) = at {
                let run = &self.frames[number as usize];
                if run.file == file && run.function == maker && parameter.keys.is_empty() {
                    let given = run.args.get(parameter.position as usize);
                    found.extend(given.filter(|it| matches!(it, Value::Function(..))).cloned());
                    break;
                }
                at = run.parent;
            }
        }
        found
    }

    /// How many parameters the functions have that a function makes, where all have the same number.
    fn length_made(&self, file: FileNo, wrapper: FunctionId) -> Option<u32> {
        let mut made = Vec::new();
        entries::made_by(&self.resolver, file, wrapper, &mut made);
        let mut lengths = made.iter().map(|(file, id)| self.facts(*file).function(*id).length);
        let first = lengths.next()?;
        lengths.all(|length| length == first).then_some(first)
    }
}

/// The name that a function bears itself, not that of what holds it.
fn own_name(function: &crate::facts::Function) -> Option<CompactString> {
    let name = function.name.as_deref()?;
    (function.head.0.start > function.at.0.start)
        .then(|| name.rsplit('.').next().unwrap_or(name).to_compact_string())
}

/// The paths of `use`, and what is left. Express looks at the first argument, and into it while it is an array.
fn used(args: &[Item]) -> (Vec<Path>, &[Item]) {
    let Some(first) = args.first() else { return (Vec::new(), args) };
    let mut deep = first.value.clone().settled();
    while let Value::Array(items) = &deep {
        match items.first() {
            Some(item) => deep = item.value.clone().settled(),
            None => return (Vec::new(), args),
        }
    }
    let is_path = match deep {
        Value::Text(_) | Value::Regexp(_) => true,
        // Not to be told: with something behind it that is mounted it is most likely where.
        Value::Unknown | Value::Global(_) | Value::Plain(_) => args.len() > 1,
        _ => false,
    };
    if is_path { (paths(&first.value), &args[1..]) } else { (Vec::new(), args) }
}

fn paths(value: &Value) -> Vec<Path> {
    match &value.clone().settled() {
        Value::Text(text) => vec![Path::Text(text.clone())],
        Value::Regexp(source) => vec![Path::Regexp(source.clone())],
        Value::Array(items) => items.iter().flat_map(|item| paths(&item.value)).collect(),
        _ => vec![Path::Unknown],
    }
}
