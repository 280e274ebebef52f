//! The tables, step by step.

mod m0001_rules;
mod m0002_violations;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_rules::Migration),
        Box::new(m0002_violations::Migration),
    ]
}
