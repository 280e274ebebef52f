//! Real engines for tests, thrown away afterwards.
//!
//! Invariants:
//! - A missing engine is a panic that says how to install it, never a skipped
//!   test.
//! - Every test has its own database, namespace, prefix or bucket, so tests
//!   run side by side, in one process or many.
//! - Nothing stays behind: a watchdog ends each engine and removes its folder
//!   when the process that started it ends, however it ends.
//!
//! Modules in reading order: `scope` (what a test asks for), `postgres_wire`
//! and `http` (just enough of both protocols to make a database and a
//! bucket), `engines` (finding, starting, killing and freezing the servers;
//! only std, so that build tools may use it), `proxy` (what networks do to
//! connections), `plans` (what a PostgreSQL server really did), `month` (when not
//! to count by it).

pub mod engines;
mod http;
mod month;
pub mod plans;
mod postgres_wire;
mod proxy;
mod scope;

pub use engines::{Moto, Nats, Postgres, Redis, Server};
pub use month::not_at_the_end_of_a_month;
pub use proxy::Proxy;
pub use scope::{
    Bucket, Database, Databases, NatsScope, RedisScope, nats, postgres_database,
    postgres_databases, postgres_execute, postgres_until_blocked, redis, s3,
};
