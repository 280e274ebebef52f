//! One file per table.

pub(crate) mod cover;
pub(crate) mod image;
pub(crate) mod request;
