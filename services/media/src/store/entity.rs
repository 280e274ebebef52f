//! One file per table.

pub(crate) mod asset;
pub(crate) mod entry;
pub(crate) mod object;
pub(crate) mod part;
pub(crate) mod storage;
pub(crate) mod tombstone;
pub(crate) mod upload;
