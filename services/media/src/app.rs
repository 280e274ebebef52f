//! One function per RPC, of the same name; it owns the transaction. `objects`
//! holds the life of an object, which outlives single calls.

mod append_upload;
mod complete_upload;
mod create_upload;
mod delete_assets;
mod delete_upload;
mod erase_user;
mod export_user_data;
mod get_image;
mod objects;
mod put_asset;
mod read;
mod read_archive;
mod record;
mod senders;
mod upload_asset;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use covergen_objects::ObjectStore;
use covergen_store::Store;
use tokio::sync::{Mutex, Semaphore};

use crate::address::Addresses;
use crate::config::Config;
use crate::pictures::Pictures;

pub(crate) use append_upload::{Append, Incoming};
pub(crate) use complete_upload::{COMPLETE_UPLOAD, REMOVE_PARTS};
pub(crate) use delete_assets::DELETE_OBJECT;
pub(crate) use export_user_data::Chunk;
pub(crate) use put_asset::NewAsset;
pub(crate) use read::{Listed, Served};
pub(crate) use senders::Senders;
pub(crate) use upload_asset::Upload;

/// What every RPC of media works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) addresses: Addresses,
    pub(crate) pictures: Pictures,
    /// Of many who ask for one variant at once, one makes it.
    pub(crate) making: Stripes,
    /// Turns at taking an upload in.
    pub(crate) uploads: Arc<Semaphore>,
    /// Places for people's uploads on their way in.
    pub(crate) receptions: Arc<Semaphore>,
    /// Places for senders of parts.
    pub(crate) appends: Arc<Semaphore>,
    /// How many of them each person has.
    pub(crate) senders: Senders,
    /// Of the command and the call that completed an upload, one works on it.
    pub(crate) completing: Stripes,
    /// Of several commands for one archive, one works on it.
    pub(crate) reading: Stripes,
    /// Turns at working on an archive.
    pub(crate) archives: Arc<Semaphore>,
    pub(crate) config: Config,
}

/// Locks by name, a fixed number of them for any number of names.
pub(crate) struct Stripes([Mutex<()>; 64]);

impl Default for Stripes {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Stripes {
    /// The lock that a name shares with few others.
    pub(crate) fn of(&self, name: &str) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        // The remainder of 64 fits every usize.
        let at = usize::try_from(hasher.finish() % 64).unwrap_or(0);
        &self.0[at]
    }
}
