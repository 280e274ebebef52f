//! A worker: how many appeals wait too long.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;

const INTERVAL: Duration = Duration::from_secs(60);

/// Counts appeals past their time for the dashboards, until shutdown.
pub(crate) async fn watch_appeals(app: Arc<App>, shutdown: CancellationToken) {
    loop {
        match app.overdue_appeals().await {
            #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
            Ok(overdue) => metrics::gauge!("safety_appeals_overdue").set(overdue as f64),
            Err(error) => tracing::warn!(%error, "overdue appeals were not counted"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}
