//! Connection pools of the two engines.

use sea_orm::DatabaseConnection;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// What a store writes and reads through.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
}
