//! One function per RPC, of the same name; it owns the transaction.

mod cancel_task;
mod finish;
mod generate;
mod preview;
mod read;
mod submit;
mod watch_task;

use std::sync::Arc;

use covergen_store::Store;
use covergen_studio::Studio;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::peers::Peers;

pub(crate) use finish::StoredImage;
pub(crate) use read::{CoverView, TaskView};
pub(crate) use submit::SUBMIT_TASK;

/// What every RPC of cover works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) peers: Peers,
    pub(crate) studio: Arc<Studio>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) config: Config,
}
