use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use crate::domain::lockout::FORGET_AFTER_MS;
use crate::store;

impl App {
    /// Removes tokens, challenges and counts that have served their time,
    /// again and again until shutdown.
    pub(crate) async fn sweep_until(&self, shutdown: CancellationToken) {
        let pause = Duration::from_millis(self.config.sweep_interval_ms.max(1));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            if let Err(error) = store::erase::expired(&self.store, FORGET_AFTER_MS).await {
                tracing::warn!(%error, "what has served its time was not removed; it is tried again");
            }
        }
    }
}
