//! Rules over facts.
