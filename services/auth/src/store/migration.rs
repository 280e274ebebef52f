//! The tables, step by step.

mod m0001_accounts;
mod m0002_credentials;
mod m0003_signing_keys;
mod m0004_signature_nonces;

use sea_orm_migration::MigrationTrait;

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_accounts::Migration),
        Box::new(m0002_credentials::Migration),
        Box::new(m0003_signing_keys::Migration),
        Box::new(m0004_signature_nonces::Migration),
    ]
}
