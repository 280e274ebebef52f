//! The tables, step by step.

mod m0001_templates;
mod m0002_custom_templates;
mod m0003_uses_told;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_templates::Migration),
        Box::new(m0002_custom_templates::Migration),
        Box::new(m0003_uses_told::Migration),
    ]
}
