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

mod admins;
mod history;
mod leaving;
mod meanwhile;
mod periods;
mod preferences;
mod profile;
mod quota;
mod racers;
mod rebuilding;
mod reservations;
mod rights;
mod sandbox;
mod terms;
mod world;
