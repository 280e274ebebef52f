//! Housekeeping that every process does soon after its start, and once an hour.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::EventLog;
use covergen_store::Store;
use tokio_util::sync::CancellationToken;

use crate::archive::Archived;

/// Many processes live for less than an hour: the first time comes soon, and
/// after the archive's first look, without which no event may go.
const FIRST: Duration = Duration::from_secs(90);

const INTERVAL: Duration = Duration::from_secs(3600);

/// Purges what is past its retention, until shutdown.
pub(crate) async fn run(
    stores: Vec<(&'static str, Store)>,
    events: Arc<dyn EventLog>,
    archived: Archived,
    shutdown: CancellationToken,
) {
    let (stores, events, archived) = (&stores, &events, &archived);
    now_and_then(&shutdown, || async move {
        for (service, store) in stores {
            if let Err(error) = store.maintain().await {
                tracing::warn!(service, %error, "housekeeping failed; it is tried again in an hour");
            }
        }
        if let Err(error) = events.expire(&archived.all()).await {
            tracing::warn!(%error, "old events were not removed; it is tried again in an hour");
        }
    })
    .await;
}

async fn now_and_then<F: Future<Output = ()>>(shutdown: &CancellationToken, work: impl Fn() -> F) {
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        work().await;
        pause = INTERVAL;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_process_that_lives_for_minutes_keeps_house_as_well() {
        let (shutdown, start) = (CancellationToken::new(), Instant::now());
        let times = std::sync::Mutex::new(Vec::new());
        now_and_then(&shutdown, || async {
            let mut times = times.lock().unwrap();
            times.push(start.elapsed().as_secs());
            if times.len() == 3 {
                shutdown.cancel();
            }
        })
        .await;
        assert_eq!(*times.lock().unwrap(), [90, 3_690, 7_290]);
    }
}
