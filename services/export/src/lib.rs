//! One cover as one file: laid out anew from its design, in one size and
//! format.
//!
//! Invariants:
//! - An export that is answered is worked on: its row and the command that
//!   submits its task commit together.
//! - A design is laid out for the size, never cropped, and bears the mark of
//!   the free tier exactly when its owner's tier says so at that moment.
//! - An export ends once: who lost the lease writes nothing more.
//! - A file is never longer than was asked for; where no quality is small
//!   enough, the export fails and says so.
//!
//! Modules in reading order: `config`, `domain` (what is asked for), `design`
//! (from a cover's document to a scene), `encoding` (from pixels to a file),
//! `store`, `peers`, `app` (one function per RPC), `saga`, `api`, `events`,
//! `error`.

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
use covergen_proto::export::v1::export_service;
use covergen_render::{Fonts, Renderer};
use covergen_saga::{RemoteJournal, Worker, WorkerOptions};
use tokio::sync::Semaphore;

use crate::api::Api;
use crate::app::{App, SUBMIT_TASK};
use crate::config::Config;
use crate::peers::Peers;
use crate::saga::ExportSaga;

/// The export service, with a renderer of its own.
#[must_use]
pub fn service() -> Service {
    service_with(None)
}

/// The export service with the renderer that the whole process shares: fonts
/// are read once then. `None` makes one from `fonts.dir`.
#[must_use]
pub fn service_with(renderer: Option<Arc<Renderer>>) -> Service {
    Service::new("export", move |context| start(context, renderer)).migrations(store::migrations())
}

async fn start(context: Context, renderer: Option<Arc<Renderer>>) -> Result<Wiring, BoxError> {
    let config: Config = context.config()?;
    let renders = config.renders();
    let renderer = renderer.unwrap_or_else(|| {
        // Reads nothing before the first render.
        Arc::new(Renderer::new(Fonts::new(&context.process().fonts.dir)))
    });
    let app = Arc::new(App {
        store: context.store.clone(),
        peers: Peers::new(&context),
        renderer,
        turns: Arc::new(Semaphore::new(renders)),
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
        .grpc(export_service(Api(app)))
        .command(SUBMIT_TASK, move |command| {
            let app = Arc::clone(&submitting);
            async move { app.task_submission(command).await }
        })
        .worker("exports", worker.run(context.shutdown)))
}
