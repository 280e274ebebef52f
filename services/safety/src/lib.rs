//! Rules, verdicts and the violation log.
//!
//! Invariants:
//! - A match names its place in the text as given, in code points, however the
//!   text was disguised.
//! - No text is stored or logged: a violation keeps a hash and the place.
//! - A piece of work is logged once per rule, however often it is screened,
//!   and its event commits with the row.
//! - The rules in force are the newest version of each; every process comes to
//!   use them without a restart.
//! - Han is never run through a table of look-alikes made for other scripts.
//!
//! Modules in reading order: `config`, `domain` (`domain::text` reads a text,
//! `domain::screen` matches it), `store`, `rulebook` (the rules in force,
//! swapped when they change), `app` (one function per RPC), `api`, `events`,
//! `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod rulebook;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::safety::v1::safety_service;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::rulebook::Rulebook;

/// The safety service.
#[must_use]
pub fn service() -> Service {
    Service::new("safety", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let app = Arc::new(App {
        store: context.store.clone(),
        clock: context.clock.clone(),
        rulebook: Rulebook::default(),
    });
    app.sync_rules(&domain::bundle::rules()?).await?;
    app.refresh_rules().await?;
    Ok(Wiring::new()
        .grpc(safety_service(Api(Arc::clone(&app))))
        .worker(
            "rules",
            rulebook::follow(app, config.refresh_interval_ms, context.shutdown),
        ))
}
