//! One file per table.

pub(crate) mod bulk;
pub(crate) mod bulk_row;
pub(crate) mod change;
pub(crate) mod change_head;
pub(crate) mod cover;
pub(crate) mod generation_event;
pub(crate) mod image;
pub(crate) mod request;
