//! One function per RPC, of the same name; it owns the transaction. `render`
//! and `finish` are the steps of the saga.

mod finish;
mod prepare;
mod read;
mod render;
mod submit;

use std::sync::Arc;

use covergen_render::Renderer;
use covergen_store::Store;
use tokio::sync::Semaphore;

use crate::peers::Peers;

pub(crate) use finish::Lease;
pub(crate) use read::ExportView;
pub(crate) use render::{Stored, asset_of};
pub(crate) use submit::SUBMIT_TASK;

/// What every RPC of export works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) peers: Peers,
    pub(crate) renderer: Arc<Renderer>,
    /// Turns at rendering: a render takes a whole core and tens of megabytes.
    pub(crate) turns: Arc<Semaphore>,
}
