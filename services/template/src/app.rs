//! One function per RPC, of the same name; it owns the transaction.

mod brand_kits;
mod count_use;
mod custom_templates;
mod export_user_data;
mod files;
mod preview;
mod read;
mod resolve;
mod sync_catalog;
mod tell_use;
mod user_deleted;

use std::sync::Arc;

use covergen_chassis::StaleReads;
use covergen_store::Store;
use covergen_studio::Studio;

use crate::config::Config;
use crate::peers::Peers;
use crate::thumbnails::Thumbnails;

/// What every RPC of template works with.
pub(crate) struct App {
    pub(crate) store: Store,
    /// For lists, whose answers may lag.
    pub(crate) stale: StaleReads,
    pub(crate) peers: Peers,
    pub(crate) studio: Arc<Studio>,
    pub(crate) thumbnails: Thumbnails,
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
        for given in ["", "*", "v3", "\"v3\"", "W/\"v3\""] {
            assert!(matches(given, "v3"), "{given}");
        }
        assert!(!matches("\"v2\"", "v3"));
    }
}
