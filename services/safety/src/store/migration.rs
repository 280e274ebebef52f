//! The tables, step by step.

mod m0001_rules;
mod m0002_violations;
mod m0003_moderation;
mod m0004_appeals;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_rules::Migration),
        Box::new(m0002_violations::Migration),
        Box::new(m0003_moderation::Migration),
        Box::new(m0004_appeals::Migration),
    ]
}
