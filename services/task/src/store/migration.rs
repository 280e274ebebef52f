//! The tables, step by step.

mod m0001_tasks;
mod m0002_latest;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_tasks::Migration),
        Box::new(m0002_latest::Migration),
    ]
}
