//! Libraries, effects, targets and topics, read from `queries/libraries.toml`, `queries/targets.toml` and
//! `queries/topics.toml`.
//!
//! The files are documented at their head. They are part of the program, so a mistake in them is a
//! mistake in the program: the tests of this module read every row.

mod effects;
mod libraries;
mod limits;
mod segments;
mod targets;
mod topics;
mod work;

pub use effects::{Effect, EffectRow};
pub(crate) use libraries::is_node_module;
pub use libraries::{Class, Form, Holds, Libraries, Library, Make, Pool};
pub use limits::{MaxDuration, Set, SetIn, max_duration};
pub(crate) use segments::{
    Computed, SegmentOption, Under, Values, next_version, segment_option, segment_options,
};
pub use targets::{
    Capabilities, Disk, Duration, Figure, Instances, Kind, Limit, More, Offer, TargetInfo, Targets,
};
pub use topics::{Topic, topics};
pub(crate) use work::Work;
pub use work::WorkRow;
