use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use crate::error::Error;
use crate::store;

impl App {
    /// Takes over what the process before was sending.
    pub(crate) async fn take_over(&self) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        store::deliveries::end_leases(&tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes what has served its time, again and again until shutdown.
    pub(crate) async fn sweep_until(&self, shutdown: CancellationToken) {
        let pause = Duration::from_millis(self.config.sweep_interval_ms.max(1));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "what has served its time was not removed; it is tried again");
            }
        }
    }

    async fn sweep(&self) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let now_ms = tx.now_ms();
        store::deliveries::sweep(&tx, now_ms - self.config.delivery_retention_ms).await?;
        store::notifications::sweep(&tx, now_ms - self.config.notification_retention_ms).await?;
        tx.commit().await?;
        Ok(())
    }
}
