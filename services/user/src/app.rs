//! One function per RPC, of the same name; it owns the transaction.

mod keep;
mod list_workspaces;
mod profile;
mod quota;
mod refund_quota;
mod reserve;
mod set_tier;
mod settle;
mod update_user;

use covergen_ids::Clock;
use covergen_store::Store;

use crate::config::Config;
use crate::peers::Auth;

pub(crate) use quota::QuotaView;

/// What every RPC of user works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) auth: Auth,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
}
