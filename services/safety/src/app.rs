//! One function per RPC, of the same name; it owns the transaction.

mod check_text;
mod list_rules;
mod rules;
mod screen_text;

use covergen_ids::Clock;
use covergen_store::Store;

use crate::rulebook::Rulebook;

pub(crate) use screen_text::Authored;

/// What every RPC of safety works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) rulebook: Rulebook,
}
