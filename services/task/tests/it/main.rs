//! The real service behind the in-process mesh, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// Declares tests that take a [`world::Engine`], once per engine.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::world::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::world::Engine::Postgres).await;
            })+
        }
    };
}

mod cancel;
mod erase;
mod finish;
mod lease;
mod operators;
mod restart;
mod rights;
mod submit;
mod watch;
mod world;
