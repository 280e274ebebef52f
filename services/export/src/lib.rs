//! Covers as files: laid out anew from their designs, in the sizes and formats
//! wanted, one by one or many in an archive.
//!
//! Invariants:
//! - An export that is answered is worked on: its row and the command that
//!   submits its task commit together.
//! - A design is laid out for the size, never cropped, and bears the mark of
//!   the free tier exactly when its owner's tier says so at that moment.
//! - An export ends once: who lost the lease writes nothing more. A file of an
//!   archive that is made is not made again by who goes on.
//! - A file is never longer than was asked for; where no quality is small
//!   enough, it fails and says so.
//! - No archive is ever in memory or on disk as a whole: where its bytes stand
//!   is known before the first is sent.
//!
//! Modules in reading order: `config`, `domain` (what is asked for), `design`
//! (from a cover's document to its design), `encoding` (from pixels to a file),
//! `store`, `peers`, `app` (one function per
//! RPC), `saga`, `api`, `events`, `error`.

mod api;
mod app;
mod config;
mod design;
mod domain;
mod encoding;
mod error;
mod events;
mod peers;
mod saga;
mod store;

use std::sync::Arc;

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_imaging::Limits;
use covergen_proto::export::v1::export_service;
use covergen_saga::{RemoteJournal, Worker, WorkerOptions};
use covergen_studio::Studio;
use tokio::sync::Semaphore;

use crate::api::Api;
use crate::app::{App, SUBMIT_TASK};
use crate::config::Config;
use crate::peers::Peers;
use crate::saga::ExportSaga;

/// The export service.
#[must_use]
pub fn service() -> Service {
    Service::new("export", start).migrations(store::migrations())
}

async fn start(context: Context) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let renders = config.renders();
    let app = Arc::new(App {
        store: context.store.clone(),
        peers: Peers::new(&context),
        studio: Studio::shared(&context.process().fonts.dir),
        turns: Arc::new(Semaphore::new(renders)),
        renders,
        limits: Limits {
            max_bytes: config.max_picture_bytes,
            max_pixels: config.max_picture_pixels,
            ..Limits::default()
        },
    });
    let options = WorkerOptions {
        name: format!("export-{}", std::process::id()),
        concurrency: renders,
    };
    let worker = Worker::new(
        RemoteJournal::new(context.channel("task")),
        options,
        saga::context_of,
    )
    .saga(ExportSaga(Arc::clone(&app)));
    let submitting = Arc::clone(&app);
    Ok(Wiring::new()
        .subscribe(events::subscription(&app))
        .grpc(export_service(Api(app)))
        .command(SUBMIT_TASK, move |command| {
            let app = Arc::clone(&submitting);
            async move { app.task_submission(command).await }
        })
        .worker("exports", worker.run(context.shutdown)))
}
