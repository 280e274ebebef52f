//! The worker that sends what is due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// How long attempts under way may take when the process stops. What is not
/// done by then is sent again, by whoever comes next.
const DRAIN: Duration = Duration::from_secs(8);

/// Attempts under way.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<()>,
    /// Target of each.
    targets: HashMap<Id, String>,
    /// How many each target has.
    busy: HashMap<String, usize>,
}

impl UnderWay {
    fn begin(&mut self, target: String, attempt: impl Future<Output = ()> + Send + 'static) {
        let handle = self.attempts.spawn(attempt);
        *self.busy.entry(target.clone()).or_insert(0) += 1;
        self.targets.insert(handle.id(), target);
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "an attempt ended before its time");
                error.id()
            }
        };
        let Some(target) = self.targets.remove(&id) else {
            return;
        };
        if let Some(count) = self.busy.get_mut(&target) {
            *count -= 1;
            if *count == 0 {
                self.busy.remove(&target);
            }
        }
    }
}

/// Sends what is due until shutdown, then finishes what was begun.
pub(crate) async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let most = app.config.concurrent_deliveries.max(1);
    let poll = Duration::from_millis(app.config.poll_ms.max(1));
    let mut under_way = UnderWay::default();
    while !shutdown.is_cancelled() {
        let room = most.saturating_sub(under_way.attempts.len());
        if room > 0 {
            match app.lease_due(room, &under_way.busy).await {
                // Again at once: what is due for others may stand behind what
                // is due for a target that has enough under way by now.
                Ok(rows) if !rows.is_empty() => {
                    for row in rows {
                        let app = Arc::clone(&app);
                        let target = row.target_id.clone();
                        under_way.begin(target, async move { app.deliver(row).await });
                    }
                    continue;
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "cannot look for messages that are due"),
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = app.wake.notified() => {}
            Some(ended) = under_way.attempts.join_next_with_id() => under_way.ended(ended),
            () = tokio::time::sleep(poll) => {}
        }
    }
    let drained = async { while under_way.attempts.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::info!("attempts under way are left to whoever comes next");
    }
}
