//! Who is told at once: workers that wait for work, watchers of one task.
//! Nothing here is stored; whoever misses a word reads the rows.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::{Error, EventLog};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const WAKE: &str = "task.wake";

/// Wake-up calls, in this process and between replicas.
#[derive(Clone)]
pub(crate) struct Live {
    events: Arc<dyn EventLog>,
    work: Arc<watch::Sender<u64>>,
}

impl Live {
    pub(crate) fn new(events: Arc<dyn EventLog>) -> Self {
        Self {
            events,
            work: Arc::new(watch::Sender::new(0)),
        }
    }

    /// There is work: here at once, in other replicas by a word over the log.
    pub(crate) async fn work(&self) {
        self.work.send_modify(|count| *count += 1);
        if let Err(error) = self.events.broadcast(WAKE, Vec::new().into()).await {
            tracing::debug!(%error, "other replicas were not woken; they look by themselves");
        }
    }

    /// Changes whenever there is work.
    pub(crate) fn waiting(&self) -> watch::Receiver<u64> {
        self.work.subscribe()
    }

    /// A task changed.
    pub(crate) async fn changed(&self, task: &str) {
        if let Err(error) = self.events.broadcast(&topic(task), Vec::new().into()).await {
            tracing::debug!(%error, "watchers were not told; they look by themselves");
        }
    }

    /// One item whenever the task changed, and every second as a net.
    pub(crate) async fn changes(&self, task: &str) -> Result<BoxStream<'static, ()>, Error> {
        let told = match self.events.listen(&topic(task)).await {
            Ok(words) => words.map(drop).boxed(),
            Err(Error::Unavailable(error)) => {
                tracing::debug!(error, "watchers are not told; they look by themselves");
                futures::stream::pending().boxed()
            }
            Err(error) => return Err(error),
        };
        let net = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some(((), ()))
        });
        Ok(futures::stream::select(told, net).boxed())
    }

    /// Passes other replicas' wake-up calls on, until shutdown.
    pub(crate) async fn follow(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Ok(mut words) = self.events.listen(WAKE).await {
                loop {
                    tokio::select! {
                        () = shutdown.cancelled() => return,
                        word = words.next() => match word {
                            Some(_) => self.work.send_modify(|count| *count += 1),
                            None => break,
                        }
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }
}

fn topic(task: &str) -> String {
    format!("task.{task}")
}
