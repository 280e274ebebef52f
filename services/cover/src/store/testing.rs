//! A database with all tables, for tests of what is asked of it.

use covergen_ids::Clock;
use covergen_store::{Store, StoreConfig};

use super::migrations;

pub(crate) async fn open(url: String, clock: &Clock) -> Store {
    let config = StoreConfig::from_url(url);
    let store = Store::open(&config, "cover", clock.clone()).await.unwrap();
    store.migrate(migrations()).await.unwrap();
    store
}
