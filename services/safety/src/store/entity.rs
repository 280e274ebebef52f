//! One file per table.

pub(crate) mod rule;
pub(crate) mod rule_state;
pub(crate) mod violation;
