//! Who is told at once: the worker on bulks, and watchers of one bulk. Nothing
//! here is stored; whoever misses a word reads the rows.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::{Error, EventLog};
use covergen_ids::BulkId;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::Notify;

/// How often watchers look by themselves.
const NET: Duration = Duration::from_secs(1);

/// Wake-up calls, in this process and between replicas.
#[derive(Clone)]
pub(crate) struct Live {
    events: Arc<dyn EventLog>,
    work: Arc<Notify>,
}

impl Live {
    pub(crate) fn new(events: Arc<dyn EventLog>) -> Self {
        Self {
            events,
            work: Arc::default(),
        }
    }

    /// A bulk changed: its watchers may look, and the worker of this process.
    /// Others' workers look by themselves.
    pub(crate) async fn changed(&self, bulk: BulkId) {
        self.work.notify_one();
        let told = self.events.broadcast(&topic(bulk), Vec::new().into()).await;
        if let Err(error) = told {
            tracing::debug!(%error, "watchers were not told; they look by themselves");
        }
    }

    /// Comes back when there may be work for bulks.
    pub(crate) async fn work(&self) {
        self.work.notified().await;
    }

    /// One item whenever the bulk changed, and every second as a net.
    pub(crate) async fn changes(&self, bulk: BulkId) -> Result<BoxStream<'static, ()>, Error> {
        let told = match self.events.listen(&topic(bulk)).await {
            Ok(words) => words.map(drop).boxed(),
            Err(Error::Unavailable(error)) => {
                tracing::debug!(error, "watchers are not told; they look by themselves");
                futures::stream::pending().boxed()
            }
            Err(error) => return Err(error),
        };
        let net = futures::stream::unfold((), |()| async {
            tokio::time::sleep(NET).await;
            Some(((), ()))
        });
        Ok(futures::stream::select(told, net).boxed())
    }
}

fn topic(bulk: BulkId) -> String {
    format!("cover.bulk.{bulk}")
}
