//! The tables, step by step.

mod m0001_profiles;
mod m0002_quota;
mod m0003_accounts;
mod m0004_executions;
mod m0005_people;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_profiles::Migration),
        Box::new(m0002_quota::Migration),
        Box::new(m0003_accounts::Migration),
        Box::new(m0004_executions::Migration),
        Box::new(m0005_people::Migration),
    ]
}
