//! One function per RPC, of the same name; it owns the transaction.

mod bulk_generate;
mod bulk_work;
mod bulks;
mod cancel_task;
mod commands;
mod delete_cover;
mod erase_user;
mod export_user_data;
mod favorite_cover;
mod finish;
mod generate;
mod list_changes;
mod list_history;
mod list_tasks;
mod order;
mod preview;
mod read;
mod regenerate_cover;
mod submit;
mod suggest_palettes;
mod suggest_titles;
mod watch_bulk;
mod watch_task;

use std::sync::Arc;

use covergen_chassis::{Identity, StaleReads};
use covergen_identity::Principal;
use covergen_ids::{UserId, WorkspaceId};
use covergen_store::Store;
use covergen_studio::Studio;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::drawings::Drawings;
use crate::live::Live;
use crate::peers::Peers;
use crate::pictures::PictureReader;

pub(crate) use bulks::{BulkView, RowView};
pub(crate) use commands::{CANCEL_TASK, DELETE_ASSETS};
pub(crate) use finish::{Painted, StoredImage};
pub(crate) use list_changes::Changes;
pub(crate) use read::{CoverView, TaskView};
pub(crate) use submit::SUBMIT_TASK;

/// What every RPC of cover works with.
pub(crate) struct App {
    pub(crate) store: Store,
    /// For lists, whose answers may lag.
    pub(crate) stale: StaleReads,
    pub(crate) peers: Peers,
    pub(crate) studio: Arc<Studio>,
    pub(crate) drawings: Drawings,
    pub(crate) pictures: PictureReader,
    pub(crate) live: Live,
    pub(crate) identity: Identity,
    pub(crate) shutdown: CancellationToken,
    pub(crate) config: Config,
}

/// Somebody whose work goes on without them: they have asked for it, and
/// their rights were looked at then.
pub(crate) fn absent(user_id: UserId, workspace_id: WorkspaceId) -> Principal {
    Principal {
        user_id,
        workspace_id,
        roles: Vec::new(),
        session_id: None,
        scopes: None,
    }
}
