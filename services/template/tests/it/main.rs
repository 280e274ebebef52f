//! The template service, run as it runs: on SQLite and on PostgreSQL.

mod gallery;
mod publish;
mod resolve;
mod stage;
mod thumbnail;
