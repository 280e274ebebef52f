//! The tables, step by step.

mod m0001_exports;
mod m0002_archives;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_exports::Migration),
        Box::new(m0002_archives::Migration),
    ]
}
