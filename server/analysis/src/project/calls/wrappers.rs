//! Functions of the project that ask for what they are given: `apiFetch("/users")`, `api.get("/users")`, and those
//! that another function hands out: `const { get } = useApi()`.
//!
//! One that puts its argument into the URL of a request is one; what it puts around it is known from its own text.

use rustc_hash::FxHashMap;

use super::Client;
use super::clients::{self, Asked, Method};
use super::url::{Part, Texts};
use crate::facts::{Call, CallId, FunctionId, FunctionKind, Shape};
use crate::project::{FileNo, Resolver, Symbol};

/// What a function asks for, with places for what it is given.
#[derive(Clone, Debug)]
struct Wrapper {
    parts: Vec<Part>,
    method: Method,
}

/// The functions that were looked at.
#[derive(Default)]
pub(super) struct Wrappers {
    known: FxHashMap<(FileNo, FunctionId), Option<Wrapper>>,
}

/// Wrappers of wrappers of wrappers are given up.
const DEEPEST: u32 = 3;

impl Wrappers {
    /// The request that a call of a function of the project is.
    pub(super) fn asked(
        &mut self,
        texts: &mut Texts<'_, '_>,
        file: FileNo,
        id: CallId,
        call: &Call,
    ) -> Option<Asked> {
        self.call(texts, file, id, call, 0)
    }

    fn call(
        &mut self,
        texts: &mut Texts<'_, '_>,
        file: FileNo,
        id: CallId,
        call: &Call,
        depth: u32,
    ) -> Option<Asked> {
        let (at, function) = function_of(texts.resolver, file, id.chunk, &call.callee, 0)?;
        let wrapper = self.wrapper(texts.resolver, at, function, depth)?;
        let argument = wrapper.parts.iter().find_map(|part| match part {
            Part::Given(position) => Some(*position),
            _ => None,
        })?;
        let mut parts = Vec::new();
        for part in wrapper.parts {
            match part {
                Part::Given(position) => match call.args.get(position as usize) {
                    Some(given) => parts.extend(texts.parts(file, id.chunk, given)),
                    None => parts.push(Part::Hole),
                },
                other => parts.push(other),
            }
        }
        let method = match wrapper.method {
            Method::Given(position, default) => match call.args.get(position as usize) {
                None => Method::Is(default),
                given => clients::method(texts, file, id.chunk, given),
            },
            Method::Argument(position) => match call.args.get(position as usize) {
                Some(given) => clients::named(&texts.parts(file, id.chunk, given)),
                None => Method::Unknown,
            },
            known => known,
        };
        Some(Asked { by: Client::Wrapper, method, parts, argument: (argument, false), based: true })
    }

    /// What a function asks for, where its URL is made of what it is given.
    fn wrapper(
        &mut self,
        resolver: &mut Resolver<'_>,
        file: FileNo,
        function: FunctionId,
        depth: u32,
    ) -> Option<Wrapper> {
        if let Some(known) = self.known.get(&(file, function)) {
            return known.clone();
        }
        // Against functions that call each other.
        self.known.insert((file, function), None);
        let found = self.read(resolver, file, function, depth);
        self.known.insert((file, function), found.clone());
        found
    }

    fn read(
        &mut self,
        resolver: &mut Resolver<'_>,
        file: FileNo,
        function: FunctionId,
        depth: u32,
    ) -> Option<Wrapper> {
        let facts = &resolver.project_file(file)?.facts;
        let chunk = &facts.chunks[function.chunk as usize].facts;
        if depth > DEEPEST || facts.function(function).kind == FunctionKind::Class {
            return None;
        }
        let mut found: Option<Wrapper> = None;
        for (number, call) in chunk.calls.iter().enumerate() {
            // Its own calls, and those of functions inside it, which see its parameters.
            let mut at = call.function;
            while let Some(inner) = at.filter(|inner| *inner != function.number) {
                at = chunk.functions[inner as usize].parent;
            }
            let changes = |given: &Shape| {
                matches!(
                    given,
                    Shape::Name(_) | Shape::Joined(_) | Shape::Either(_) | Shape::Call(_) | Shape::Object(_)
                )
            };
            // Those of a library have the URL first; a function of the project has it anywhere.
            if at.is_none() || !call.args.iter().any(changes) {
                continue;
            }
            let id = CallId { chunk: function.chunk, number: number as u32 };
            let of = Some((file, function.chunk, function.number));
            let mut texts = Texts::new(&mut *resolver, of);
            let asked = clients::asked(&mut texts, file, id, call)
                .or_else(|| self.call(&mut Texts::new(&mut *resolver, of), file, id, call, depth + 1));
            let Some(asked) = asked else { continue };
            if !asked.parts.iter().any(|part| matches!(part, Part::Given(_))) {
                continue;
            }
            let wrapper = Wrapper { parts: asked.parts, method: asked.method };
            match &found {
                // It asks in several ways: by what it is given, or again after a failure.
                Some(other) if other.parts != wrapper.parts => return None,
                Some(other) if other.method != wrapper.method => {
                    found = Some(Wrapper { method: Method::Unknown, ..wrapper });
                }
                _ => found = Some(wrapper),
            }
        }
        found
    }
}

/// The function that is called, where its text is part of the project: by its name, or as a part of the object that
/// another function gives.
fn function_of(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    callee: &Shape,
    depth: u32,
) -> Option<(FileNo, FunctionId)> {
    if depth > DEEPEST {
        return None;
    }
    match resolver.symbol(file, chunk, callee) {
        Symbol::Function(at, function) => return Some((at, function)),
        // `useCallback(async (path) => …, [])`.
        Symbol::Value(at, in_chunk, Shape::Call(number)) => {
            let maker = resolver.project_file(at)?.facts.call(CallId { chunk: in_chunk, number });
            let Symbol::External { specifier, export } = resolver.symbol(at, in_chunk, &maker.callee) else {
                return None;
            };
            let keeps =
                specifier == "react" && matches!(export.as_str(), "useCallback" | "default.useCallback");
            let inner = maker.args.first().filter(|_| keeps)?;
            return function_of(resolver, at, in_chunk, inner, depth + 1);
        }
        _ => {}
    }
    // `const { get } = useApi()`, `const api = useApi()` and `api.get`.
    let facts = &resolver.project_file(file)?.facts;
    let (chunk, shape) = match callee {
        Shape::Name(name) => match name.local {
            Some(local) => (chunk, &facts.chunks[chunk as usize].facts.decls[local as usize].value),
            None => facts.binding(&name.text).map(|(id, decl)| (id.chunk, &decl.value))?,
        },
        shape => (chunk, shape),
    };
    let Shape::Member(object, key) = shape else { return None };
    let Symbol::Value(at, in_chunk, Shape::Call(number)) = resolver.symbol(file, chunk, object) else {
        return None;
    };
    let maker = resolver.project_file(at)?.facts.call(CallId { chunk: in_chunk, number });
    let Symbol::Function(home, function) = resolver.symbol(at, in_chunk, &maker.callee) else { return None };
    let [Shape::Object(_)] = resolver.project_file(home)?.facts.function(function).gives.as_slice() else {
        return None;
    };
    let given = resolver.project_file(home)?.facts.function(function).gives[0].get(key)?;
    function_of(resolver, home, function.chunk, given, depth + 1)
}
