//! The tables, step by step.

mod m0001_assets;
mod m0002_uploads;
mod m0003_resumable;
mod m0004_archives;
mod m0005_tombstones;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_assets::Migration),
        Box::new(m0002_uploads::Migration),
        Box::new(m0003_resumable::Migration),
        Box::new(m0004_archives::Migration),
        Box::new(m0005_tombstones::Migration),
    ]
}
