//! One function per RPC, of the same name; it owns the transaction. `render`,
//! `render_archive` and `finish` are the steps of the saga.

mod download;
mod draw;
mod erase_user;
mod export_user_data;
mod finish;
mod prepare;
mod prepare_batch;
mod read;
mod render;
mod render_archive;
mod submit;

use std::sync::Arc;

use covergen_imaging::Limits;
use covergen_store::Store;
use covergen_studio::Studio;
use tokio::sync::Semaphore;

use crate::peers::Peers;

pub(crate) use download::Served;
pub(crate) use export_user_data::PATH as USER_DATA_PATH;
pub(crate) use finish::Lease;
pub(crate) use read::ExportView;
pub(crate) use render::Stored;
pub(crate) use submit::SUBMIT_TASK;

/// What every RPC of export works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) peers: Peers,
    pub(crate) studio: Arc<Studio>,
    /// Turns at rendering: a render takes a whole core and tens of megabytes.
    pub(crate) turns: Arc<Semaphore>,
    /// How many turns there are.
    pub(crate) renders: usize,
    /// What a photo or logo may ask for.
    pub(crate) limits: Limits,
}
