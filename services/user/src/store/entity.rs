//! One file per table.

pub(crate) mod ledger;
pub(crate) mod member;
pub(crate) mod period;
pub(crate) mod profile;
pub(crate) mod reservation;
pub(crate) mod tier;
pub(crate) mod workspace;
