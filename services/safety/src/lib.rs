//! Rules, verdicts, blocked pictures, the violation log, and appeals.
//!
//! Invariants:
//! - A match names its place in the text as given, in code points, however the
//!   text was disguised.
//! - No text and no picture is stored or logged: a violation keeps a hash and
//!   the place.
//! - A piece of work is logged once per rule, however often it is screened,
//!   and its event commits with the row.
//! - The rules in force are the newest version of each; a change is a new
//!   version, and every process comes to use it without a restart.
//! - What moderators have written is never overwritten by a newer build.
//! - A rule in shadow flags nothing.
//! - Nobody decides an appeal about a rule they wrote, or their own.
//! - Han is never run through a table of look-alikes made for other scripts.
//!
//! Modules in reading order: `config`, `domain` (`domain::text` reads a text,
//! `domain::screen` matches it, `domain::pdq` hashes a picture), `store`,
//! `rulebook` (what is in force, swapped when it changes), `prints` (files to
//! hashes), `peers`, `app` (one function per RPC), `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod domain;
mod error;
mod events;
mod keep;
mod peers;
mod prints;
mod rulebook;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_proto::safety::v1::safety_service;

use crate::api::Api;
use crate::app::App;
use crate::config::Config;
use crate::peers::Media;
use crate::prints::Printer;
use crate::rulebook::Rulebook;

/// The safety service.
#[must_use]
pub fn service() -> Service {
    Service::new("safety", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let interval_ms = config.refresh_interval_ms;
    let app = Arc::new(App {
        store: context.store.clone(),
        clock: context.clock.clone(),
        config,
        rulebook: Rulebook::default(),
        media: Media::new(&context),
        printer: Printer::default(),
    });
    app.sync_rules(&domain::bundle::rules()?).await?;
    app.refresh_rules().await?;
    let shutdown = context.shutdown;
    let follow = rulebook::follow(
        Arc::clone(&app),
        context.events,
        interval_ms,
        shutdown.clone(),
    );
    Ok(Wiring::new()
        .grpc(safety_service(Api(Arc::clone(&app))))
        .subscribe(events::subscription(&app))
        .worker("rules", follow)
        .worker("appeals", keep::watch_appeals(app, shutdown)))
}
