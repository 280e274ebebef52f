//! One file per table.

pub(crate) mod category;
pub(crate) mod template;
