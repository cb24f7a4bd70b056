//! Values that setting up an application is about.

use std::collections::BTreeMap;
use std::rc::Rc;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::RouterNo;
use crate::facts::FunctionId;
use crate::project::FileNo;

/// A run of a function or module: see [`Frame`].
pub(super) type FrameNo = u32;

/// What an expression is while the code runs.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Router(RouterNo),
    /// What `router.route(path)` gives: the router and the path.
    Route(RouterNo, Rc<[Item]>),
    /// A function or class, and the run it was made in.
    Function(FileNo, FunctionId, FrameNo),
    /// An object or an instance, by its number.
    Object(u32),
    Array(Rc<[Item]>),
    Text(CompactString),
    Regexp(CompactString),
    /// A number, boolean or `null`, as code.
    Plain(CompactString),
    /// The module object of a file.
    Module(FileNo),
    /// An export of a package, dotted; `()` where it is called on the way.
    External(CompactString, CompactString),
    /// What a call gave that was not followed.
    Made(Rc<Made>),
    /// One of these, and nobody knows which: the sides of `||`, `&&` and `?:`.
    OneOf(Rc<[Item]>),
    /// A name that no one declares.
    Global(CompactString),
    Unknown,
}

/// What a call that was not followed was about.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) callee: Value,
    pub(super) args: Vec<Value>,
}

/// One of several values, with the name that the code gives it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) name: Option<CompactString>,
}

/// An object literal or an instance of a class.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) class: Option<(FileNo, FunctionId, FrameNo)>,
    pub(super) fields: BTreeMap<CompactString, Value>,
}

/// One run of a function or of the top level of a module.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) file: FileNo,
    /// `None` for a module.
    pub(super) function: Option<FunctionId>,
    /// The run around it.
    pub(super) parent: Option<FrameNo>,
    pub(super) this: Value,
    pub(super) args: Vec<Value>,
    /// Variables that were set, by chunk and declaration.
    pub(super) vars: FxHashMap<(u32, u32), Value>,
    /// What calls gave, by chunk and call.
    pub(super) calls: FxHashMap<(u32, u32), Value>,
    pub(super) returned: Option<Value>,
    /// A `return` under a condition was just met.
    pub(super) left: bool,
}

impl Value {
    /// Whether anything is known of it.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self, Value::Unknown | Value::Global(_))
    }

    /// Whether it is known to be more than [`Value::is_nothing`].
    pub(super) fn is_there(&self) -> bool {
        self.is_known() && !self.is_nothing()
    }

    /// Whether both are for certain the same router or object.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Router(one), Value::Router(other)) | (Value::Object(one), Value::Object(other)) => {
                one == other
            }
            _ => false,
        }
    }

    /// Of several values the first that is known to be there: `options.router || express.Router()`.
    pub(super) fn settled(self) -> Value {
        let Value::OneOf(sides) = self else { return self };
        let known = sides.iter().find(|it| it.value.is_there());
        known.map_or(Value::Unknown, |it| it.value.clone().settled())
    }

    /// `null`, `undefined` or `false`.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Value::Plain(text) if matches!(&**text, "null" | "false" | "undefined"))
    }
}

/// What a function is given by code that is not followed: something, for each of its parameters.
pub(super) fn untold() -> Vec<Value> {
    vec![Value::Unknown; 12]
}
