//! A worker: how many tasks wait, and for how long.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;

const INTERVAL: Duration = Duration::from_secs(15);

/// Counts the tasks that wait, for dashboards and for whatever adds workers
/// when there are many, until shutdown.
pub(crate) async fn watch_queue(app: Arc<App>, shutdown: CancellationToken) {
    let mut known = HashSet::new();
    loop {
        match app.waiting().await {
            Ok(waiting) => {
                known.extend(waiting.keys().cloned());
                for kind in &known {
                    // A kind whose queue has emptied is told as such.
                    let (tasks, oldest_ms) = waiting.get(kind).copied().unwrap_or_default();
                    tell(kind, tasks, oldest_ms);
                }
            }
            Err(error) => tracing::warn!(%error, "waiting tasks were not counted"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn tell(kind: &str, tasks: i64, oldest_ms: i64) {
    metrics::gauge!("pending_tasks", "kind" => kind.to_owned()).set(tasks as f64);
    metrics::gauge!("oldest_pending_task_seconds", "kind" => kind.to_owned())
        .set(oldest_ms as f64 / 1000.0);
}
