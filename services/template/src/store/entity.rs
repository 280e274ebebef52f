//! One file per table.

pub(crate) mod brand_kit;
pub(crate) mod category;
pub(crate) mod popularity;
pub(crate) mod template;
