//! The tables, step by step.

mod m0001_covers;
mod m0002_history;
mod m0003_bulks;
mod m0004_changes;
mod m0005_tasks;
mod m0006_people;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_covers::Migration),
        Box::new(m0002_history::Migration),
        Box::new(m0003_bulks::Migration),
        Box::new(m0004_changes::Migration),
        Box::new(m0005_tasks::Migration),
        Box::new(m0006_people::Migration),
    ]
}
