//! The safety service, run as it runs: on SQLite and on PostgreSQL.

mod check;
mod evasion;
mod rules;
mod screen;
mod stage;
