//! The hosts: what runs on each, and what each keeps on its disk.

pub(crate) mod cover;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod queue;
pub(crate) mod reader;
mod saga;
