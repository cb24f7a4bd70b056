//! Libraries, effects and targets, read from `queries/libraries.toml` and `queries/targets.toml`.
//!
//! Both files are documented at their head. They are part of the program, so a mistake in them is a
//! mistake in the program: the tests of this module read every row.

mod effects;
mod libraries;
mod targets;

pub use effects::{Effect, EffectRow};
pub use libraries::{Class, Form, Holds, Libraries, Library, Make, Pool};
pub use targets::{Capabilities, Disk, Duration, Figure, Instances, Kind, Limit, Offer, TargetInfo, Targets};
