//! Runs the code that sets applications up: modules, functions, constructors, loops.

use std::cell::RefCell;
use std::collections::BTreeMap;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::classes::Class;
use super::value::{Frame, FrameNo, Item, Object, Value};
use super::{Router, RouterNo};
use crate::facts::{BranchKind, FunctionId, Shape, Step, StepAt};
use crate::project::symbols::Resolver;
use crate::project::{FileNo, Project};

/// Functions that may be running at once.
pub(super) const DEEPEST: usize = 40;

/// Calls that one call may come to that can bring no router: it is followed for the handler that it may give back.
const ASIDE: u32 = 200;

/// What a file has to do with Express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing: it is not run.
    None,
    /// It loads Express, itself or through others.
    Loads,
    /// It loads a file in which applications or routers are made, or is one.
    SetsUp,
}

/// What files have to do with Express; and what was asked of that.
pub(super) struct Parts<'p> {
    known: &'p FxHashMap<FileNo, Part>,
    asked: RefCell<FxHashMap<FileNo, Part>>,
}

impl<'p> Parts<'p> {
    pub(super) fn new(known: &'p FxHashMap<FileNo, Part>) -> Self {
        Self { known, asked: RefCell::default() }
    }

    pub(super) fn of(&self, file: FileNo) -> Part {
        *self.asked.borrow_mut().entry(file).or_insert_with(|| part(self.known, file))
    }

    /// Every file that was asked about, with the answer.
    pub(super) fn asked(self) -> FxHashMap<FileNo, Part> {
        self.asked.into_inner()
    }
}

/// What a file has to do with Express.
pub(super) fn part(known: &FxHashMap<FileNo, Part>, file: FileNo) -> Part {
    known.get(&file).copied().unwrap_or(Part::None)
}

/// One run of a program, from one module.
pub(super) struct World<'p> {
    pub(super) project: &'p Project,
    pub(super) resolver: Resolver<'p>,
    pub(super) parts: Parts<'p>,
    pub(super) frames: Vec<Frame>,
    pub(super) objects: Vec<Object>,
    /// What classes, and other functions, hold themselves.
    pub(super) own: FxHashMap<Class, BTreeMap<CompactString, Value>>,
    pub(super) routers: Vec<Router>,
    modules: FxHashMap<FileNo, FrameNo>,
    pub(super) loaded: FxHashSet<FileNo>,
    pub(super) exported: FxHashMap<(FileNo, CompactString), Value>,
    pub(super) stack: Vec<(FileNo, FunctionId)>,
    pub(super) depth: u32,
    /// Conditions around what runs.
    pub(super) maybe: u32,
    /// Loops around it that nobody knows the rounds of.
    pub(super) looped: u32,
    /// Which of the runs that do not wait for each other this is; 0 is the module's own.
    pub(super) thread: u32,
    pub(super) threads: u32,
    pub(super) fuel: u32,
    /// What of it a call may not use that runs: [`ASIDE`].
    apart: u32,
    /// The files whose code was looked at.
    pub(super) read: RefCell<FxHashSet<FileNo>>,
    /// Half-typed code was met: nothing is certain.
    broken: bool,
}

impl<'p> World<'p> {
    /// Nothing has run yet; no more than `fuel` calls will.
    pub(super) fn new(project: &'p Project, parts: Parts<'p>, fuel: u32) -> Self {
        Self {
            project,
            resolver: Resolver::new(project),
            parts,
            frames: Vec::new(),
            objects: Vec::new(),
            own: FxHashMap::default(),
            routers: Vec::new(),
            modules: FxHashMap::default(),
            loaded: FxHashSet::default(),
            exported: FxHashMap::default(),
            stack: Vec::new(),
            depth: 0,
            maybe: 0,
            looped: 0,
            thread: 0,
            threads: 0,
            fuel,
            apart: 0,
            read: RefCell::default(),
            broken: false,
        }
    }

    /// The routers, numbered from 0, and what files were taken for.
    pub(super) fn finish(self) -> (Vec<Router>, FxHashMap<FileNo, Part>) {
        let uncertain = self.broken || self.fuel == 0;
        let mut routers = self.routers;
        for router in &mut routers {
            // What waits for nobody runs before what waits; two that wait may come in any order.
            let threads: Vec<u32> = router.layers.iter().map(|layer| layer.thread).collect();
            let late = threads.iter().position(|&thread| thread != 0).unwrap_or(threads.len());
            router.ordered &= !uncertain && threads[late..].windows(2).all(|pair| pair[0] == pair[1]);
        }
        let mounts: Vec<(RouterNo, RouterNo, u32)> = routers
            .iter()
            .enumerate()
            .flat_map(|(parent, router)| {
                router.layers.iter().enumerate().flat_map(move |(layer, it)| {
                    let inner = it.handlers.iter().filter_map(|handler| handler.router);
                    inner.map(move |inner| (inner, parent as RouterNo, layer as u32))
                })
            })
            .collect();
        for (inner, parent, layer) in mounts {
            routers[inner as usize].mounted.push((parent, layer));
        }
        (routers, self.parts.asked())
    }

    /// Runs a module, unless that was done.
    pub(super) fn load(&mut self, file: FileNo) {
        if self.parts.of(file) == Part::None || !self.loaded.insert(file) || self.stack.len() > DEEPEST {
            return;
        }
        // What it does stays, whoever is the first to load it.
        let apart = std::mem::take(&mut self.apart);
        self.fuel += apart;
        self.fuel = self.fuel.saturating_sub(1);
        let frame = self.module_frame(file);
        // Under which condition it is loaded does not matter to what it does.
        let before = (std::mem::take(&mut self.maybe), std::mem::take(&mut self.looped), self.depth);
        self.depth = 0;
        let facts = self.facts(file);
        for (_, import) in facts.imports().filter(|(_, import)| !import.type_only && !import.dynamic) {
            self.module(file, &import.specifier);
        }
        for (number, chunk) in facts.chunks.iter().enumerate() {
            self.broken |= !chunk.facts.errors.is_empty();
            let order = &chunk.facts.steps.order;
            let steps: Vec<StepAt> = order.iter().copied().filter(|step| step.function.is_none()).collect();
            self.steps(frame, number as u32, &steps, None);
        }
        (self.maybe, self.looped, self.depth) = before;
        self.apart = apart.min(self.fuel);
        self.fuel -= self.apart;
    }

    /// Follows a call that can bring no router; `None` where it comes to more calls than one that gives back a handler.
    pub(super) fn aside<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let outer = self.apart;
        let apart = self.fuel.saturating_sub(ASIDE);
        self.fuel -= apart;
        self.apart += apart;
        let followed = follow(self);
        let is_whole = self.fuel > 0;
        self.fuel += self.apart.saturating_sub(outer);
        self.apart = outer.min(self.apart);
        is_whole.then_some(followed)
    }

    pub(super) fn module_frame(&mut self, file: FileNo) -> FrameNo {
        if let Some(&frame) = self.modules.get(&file) {
            return frame;
        }
        let frame = self.frame(file, None, None, Vec::new(), Value::Unknown);
        self.modules.insert(file, frame);
        frame
    }

    pub(super) fn frame(
        &mut self,
        file: FileNo,
        function: Option<FunctionId>,
        parent: Option<FrameNo>,
        args: Vec<Value>,
        this: Value,
    ) -> FrameNo {
        self.frames.push(Frame {
            file,
            function,
            parent,
            this,
            args,
            vars: FxHashMap::default(),
            calls: FxHashMap::default(),
            returned: None,
            left: false,
        });
        self.frames.len() as FrameNo - 1
    }

    /// Does steps of one function in order, those of `inside` and of what is inside that.
    /// Gives whether the function goes on after them.
    pub(super) fn steps(
        &mut self,
        frame: FrameNo,
        chunk: u32,
        steps: &[StepAt],
        inside: Option<u32>,
    ) -> bool {
        let file = self.frames[frame as usize].file;
        let facts = &self.facts(file).chunks[chunk as usize].facts;
        let branches = &facts.steps.branches;
        // The branch directly below `inside` that holds a step.
        let below = |step: &StepAt| {
            let mut at = step.branch;
            while let Some(number) = at.filter(|_| at != inside) {
                let parent = branches[number as usize].parent;
                if parent == inside {
                    return Some(number);
                }
                at = parent;
            }
            None
        };
        let mut at = 0;
        while at < steps.len() {
            let Some(branch) = below(&steps[at]) else {
                if !self.step(frame, chunk, steps[at].step, inside.is_some()) {
                    return false;
                }
                at += 1;
                continue;
            };
            let end = at + steps[at..].iter().take_while(|step| below(step) == Some(branch)).count();
            let part = &steps[at..end];
            match &branches[branch as usize].kind {
                // `if (!app) { app = express(); … }`, and there is one.
                BranchKind::Maybe
                    if part.iter().any(|step| {
                        step.branch == Some(branch) && self.there(frame, chunk, step.step).is_some()
                    }) => {}
                BranchKind::Maybe => {
                    self.maybe += 1;
                    self.steps(frame, chunk, part, Some(branch));
                    self.maybe -= 1;
                    self.leave(frame);
                }
                BranchKind::Each { of, names } => match self.eval(frame, chunk, of).settled() {
                    Value::Array(items) => {
                        for item in items.iter() {
                            for (name, keys) in names {
                                let value =
                                    keys.iter().fold(item.value.clone(), |it, key| self.member(it, key));
                                self.frames[frame as usize].vars.insert((chunk, *name), value);
                            }
                            self.steps(frame, chunk, part, Some(branch));
                        }
                    }
                    _ => self.unknown_rounds(frame, chunk, part, branch),
                },
                BranchKind::Loop => self.unknown_rounds(frame, chunk, part, branch),
            }
            at = end;
        }
        true
    }

    fn unknown_rounds(&mut self, frame: FrameNo, chunk: u32, part: &[StepAt], branch: u32) {
        self.looped += 1;
        self.steps(frame, chunk, part, Some(branch));
        self.looped -= 1;
    }

    /// After a part that may have left the function, what follows may not run. The function puts it back.
    fn leave(&mut self, frame: FrameNo) {
        if std::mem::take(&mut self.frames[frame as usize].left) {
            self.maybe += 1;
        }
    }

    fn step(&mut self, frame: FrameNo, chunk: u32, step: Step, in_branch: bool) -> bool {
        let facts = &self.facts(self.frames[frame as usize].file).chunks[chunk as usize].facts;
        match step {
            Step::Call(number) => {
                let value = match self.there(frame, chunk, step) {
                    // `if (app) return app;` above has given it back.
                    Some(_) if self.frames[frame as usize].returned.as_ref().is_some_and(Value::is_there) => {
                        return false;
                    }
                    Some(there) => there,
                    None => self.call(frame, chunk, number),
                };
                self.frames[frame as usize].calls.insert((chunk, number), value);
            }
            Step::Assign(number) => {
                let assign = &facts.assigns[number as usize];
                let value = self.eval(frame, chunk, &assign.right);
                self.assign(frame, chunk, &assign.left, value);
            }
            Step::Return(number) => {
                let value = self.eval(frame, chunk, &facts.steps.returns[number as usize]);
                let run = &mut self.frames[frame as usize];
                let better = match &run.returned {
                    None | Some(Value::Unknown | Value::Plain(_)) => true,
                    Some(_) => false,
                };
                if better {
                    run.returned = Some(value);
                }
                run.left |= in_branch;
                return in_branch;
            }
        }
        true
    }

    /// What a call would make again if it were not tested first: `app ??= express()`, and there is one.
    fn there(&mut self, frame: FrameNo, chunk: u32, step: Step) -> Option<Value> {
        let Step::Call(number) = step else { return None };
        let facts = &self.facts(self.frames[frame as usize].file).chunks[chunk as usize].facts;
        let guards = &facts.calls[number as usize].guards;
        if !guards.iter().any(|guard| guard.stores) {
            return None;
        }
        let assign = facts.assigns.iter().find(|it| *it.right.awaited() == Shape::Call(number))?;
        let place = &assign.left;
        let is_about = |path: &Shape| path == place || *path == Shape::This && is_of_this(place);
        let about = |stores: bool| guards.iter().any(|it| it.stores == stores && is_about(&it.path));
        // Which place a computed key means is not told.
        if !about(true) || !about(false) || place.last() == Some("[]") {
            return None;
        }
        Some(self.eval(frame, chunk, place)).filter(Value::is_there)
    }

    fn assign(&mut self, frame: FrameNo, chunk: u32, left: &Shape, value: Value) {
        match left {
            Shape::Name(name) => {
                let file = self.frames[frame as usize].file;
                // Set under a condition it may be what it was before.
                let value = if self.maybe == 0 {
                    value
                } else {
                    let before = self.eval(frame, chunk, left);
                    either(value, before)
                };
                if let Some(local) = name.local {
                    let owner = self.owner(frame, chunk, local);
                    self.frames[owner as usize].vars.insert((chunk, local), value);
                } else if let Some((id, _)) = self.facts(file).binding(&name.text) {
                    let module = self.module_frame(file);
                    self.frames[module as usize].vars.insert((id.chunk, id.number), value);
                }
            }
            Shape::Member(object, key) => {
                let target = self.eval(frame, chunk, object);
                self.put(&target, key.clone(), value);
            }
            _ => {}
        }
    }

    /// Runs a function and gives what it returns.
    pub(super) fn run_function(
        &mut self,
        file: FileNo,
        id: FunctionId,
        parent: FrameNo,
        args: Vec<Value>,
        this: Value,
    ) -> Value {
        if self.stack.len() > DEEPEST || self.stack.contains(&(file, id)) {
            return Value::Unknown;
        }
        self.stack.push((file, id));
        let facts = &self.facts(file).chunks[id.chunk as usize].facts;
        let frame = self.frame(file, Some(id), Some(parent), args, this);
        let order = facts.steps.order.iter().copied();
        let steps: Vec<StepAt> = order.filter(|step| step.function == Some(id.number)).collect();
        let before = (self.maybe, self.depth);
        self.depth = 0;
        self.steps(frame, id.chunk, &steps, None);
        (self.maybe, self.depth) = before;
        self.stack.pop();
        self.frames[frame as usize].returned.take().unwrap_or_else(|| Value::Plain("undefined".into()))
    }
}

/// `this.app`, `this.servers.main`.
fn is_of_this(place: &Shape) -> bool {
    match place {
        Shape::Member(object, _) => **object == Shape::This || is_of_this(object),
        _ => false,
    }
}

/// A value, or what stood in its place before.
fn either(value: Value, before: Value) -> Value {
    if !before.is_there() || value.is(&before) {
        return value;
    }
    let side = |value: Value| Item { value, name: None };
    Value::OneOf([side(value), side(before)].into())
}
