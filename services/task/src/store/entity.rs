//! One file per table.

pub(crate) mod journal;
pub(crate) mod task;
