//! One file per table.

pub(crate) mod bulk;
pub(crate) mod bulk_row;
pub(crate) mod cover;
pub(crate) mod generation_event;
pub(crate) mod image;
pub(crate) mod request;
