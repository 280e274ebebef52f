//! One function per RPC, of the same name; it owns the transaction.

mod read;
mod resolve_template;
mod sync_catalog;

use covergen_store::Store;

use crate::thumbnails::Thumbnails;

/// What every RPC of template works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) thumbnails: Thumbnails,
}
