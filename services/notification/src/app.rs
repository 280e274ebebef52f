//! One function per RPC, of the same name; it owns the transaction. `record`
//! takes what events tell, `deliver` and `settle` are the worker's.

mod deliver;
mod deliveries;
mod erase_user;
mod export_user_data;
mod notifications;
mod push_subscriptions;
mod record;
mod secrets;
mod settle;
mod sweep;
mod webhooks;

use covergen_store::{Sealer, Store};
use tokio::sync::Notify;

use crate::config::Config;
use crate::domain::vapid::Vapid;
use crate::outbound::Outbound;

pub(crate) use export_user_data::Pieces;
pub(crate) use notifications::Listed;
pub(crate) use secrets::vapid;

/// What every RPC of notification works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) sealer: Sealer,
    pub(crate) vapid: Vapid,
    pub(crate) outbound: Outbound,
    /// Wakes the worker: something is due.
    pub(crate) wake: Notify,
    pub(crate) config: Config,
}

/// Whether the state the caller has is the one that is there. Without a tag
/// any state is; `*` is any state, too (RFC 9110, section 13.1.1). Quotes and
/// the mark of weak tags are taken off.
pub(crate) fn matches(given: &str, etag: &str) -> bool {
    let given = given.trim();
    let given = given.strip_prefix("W/").unwrap_or(given).trim_matches('"');
    given.is_empty() || given == "*" || given == etag
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_tag_matches_itself_in_every_spelling() {
        for given in ["", "*", "r3", "\"r3\"", "W/\"r3\""] {
            assert!(matches(given, "r3"), "{given}");
        }
        assert!(!matches("\"r2\"", "r3"));
    }
}
