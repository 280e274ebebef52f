//! One function per RPC, of the same name; it owns the transaction.

mod cancel_task;
mod change;
mod delete_task;
mod erase_user;
mod finish_task;
mod heartbeat;
mod lease_tasks;
mod read;
mod record_step;
mod retry_task;
mod submit_task;
mod watch_task;

use covergen_ids::Clock;
use covergen_store::Store;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::live::Live;

pub(crate) use lease_tasks::Leased;
pub(crate) use submit_task::NewTask;

/// What every RPC of task works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) live: Live,
    pub(crate) shutdown: CancellationToken,
    pub(crate) config: Config,
}
