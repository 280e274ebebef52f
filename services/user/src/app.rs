//! One function per RPC, of the same name; it owns the transaction.

mod acting;
mod admin;
mod data_export;
mod delete_user;
mod get_subscription;
mod history;
mod keep;
mod list_workspaces;
mod preferences;
mod profile;
mod quota;
mod refund_quota;
mod reserve;
mod set_tier;
mod settle;
mod update_user;

use std::sync::Arc;

use covergen_chassis::StaleReads;
use covergen_ids::Clock;
use covergen_store::Store;
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::peers::{Auth, Keepers, Media};

pub(crate) use admin::StatusChange;
pub(crate) use history::Told;
pub(crate) use quota::QuotaView;

/// What every RPC of user works with.
pub(crate) struct App {
    pub(crate) store: Store,
    /// For lists, whose answers may lag.
    pub(crate) stale: StaleReads,
    pub(crate) auth: Auth,
    pub(crate) media: Media,
    /// Everybody who keeps something of people.
    pub(crate) keepers: Keepers,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    /// Copies of people's data that may be sent at once.
    pub(crate) copies: Arc<Semaphore>,
}
