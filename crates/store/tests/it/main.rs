//! Every test that touches a database runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Declares tests that take a [`support::Home`], once per engine.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Home::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Home::postgres().await).await;
            })+
        }
    };
}

mod backup;
mod claims;
mod departed;
mod digest;
mod envelope;
mod faults;
mod idempotent;
mod inbox;
mod jobs;
mod kill;
mod lead;
mod migrate;
mod outbox;
mod pages;
mod plans;
mod pools;
mod relay;
mod relay_commands;
mod standby;
mod support;
mod tx;
