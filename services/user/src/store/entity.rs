//! One file per table.

pub(crate) mod data_export;
pub(crate) mod history;
pub(crate) mod ledger;
pub(crate) mod member;
pub(crate) mod period;
pub(crate) mod preference;
pub(crate) mod profile;
pub(crate) mod reservation;
pub(crate) mod tier;
pub(crate) mod workspace;
