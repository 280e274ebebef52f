//! Housekeeping that every process does once an hour.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::EventLog;
use covergen_store::Store;
use tokio_util::sync::CancellationToken;

use crate::archive::Archived;

const INTERVAL: Duration = Duration::from_secs(3600);

/// Purges what is past its retention, until shutdown.
pub(crate) async fn run(
    stores: Vec<(&'static str, Store)>,
    events: Arc<dyn EventLog>,
    archived: Archived,
    shutdown: CancellationToken,
) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        for (service, store) in &stores {
            if let Err(error) = store.maintain().await {
                tracing::warn!(service, %error, "housekeeping failed; it is tried again in an hour");
            }
        }
        if let Err(error) = events.expire(&archived.all()).await {
            tracing::warn!(%error, "old events were not removed; it is tried again in an hour");
        }
    }
}
