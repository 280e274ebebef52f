//! The tables, step by step.

mod m0001_notifications;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0001_notifications::Migration)]
}
