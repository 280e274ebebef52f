use std::sync::Arc;

use covergen_identity::Principal;
use covergen_ids::BulkId;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

use super::{App, BulkView};
use crate::error::Error;

/// Shortest time between two words on a bulk: rows end faster than anybody
/// reads.
const PAUSE: Duration = Duration::from_millis(150);

type Items = mpsc::Sender<Result<BulkView, Error>>;

impl App {
    /// The bulk now and at every change; ends after a terminal status.
    pub(crate) async fn watch_bulk(
        self: Arc<Self>,
        who: Principal,
        id: BulkId,
        after_version: u64,
    ) -> Result<BoxStream<'static, Result<BulkView, Error>>, Error> {
        // Refuses a foreign bulk before the stream begins.
        self.get_bulk(&who, id).await?;
        let (items, stream) = mpsc::channel(4);
        tokio::spawn(async move {
            if let Err(error) = self.follow_bulk(&who, id, after_version, &items).await {
                // Nobody may be listening any more, which is fine.
                drop(items.send(Err(error)).await);
            }
        });
        Ok(tokio_stream::wrappers::ReceiverStream::new(stream).boxed())
    }

    async fn follow_bulk(
        &self,
        who: &Principal,
        id: BulkId,
        after_version: u64,
        items: &Items,
    ) -> Result<(), Error> {
        // Listening begins before the first look, so that nothing is missed.
        let mut changes = self.live.changes(id).await?;
        let mut seen = i64::try_from(after_version).unwrap_or(i64::MAX);
        loop {
            let looked = Instant::now();
            let view = self.get_bulk(who, id).await?;
            let over = !view.bulk.is_open;
            if view.bulk.version > seen || over {
                seen = view.bulk.version;
                if items.send(Ok(view)).await.is_err() || over {
                    return Ok(());
                }
            }
            tokio::select! {
                () = items.closed() => return Ok(()),
                () = self.shutdown.cancelled() => return Ok(()),
                next = changes.next() => if next.is_none() { return Ok(()) },
            }
            tokio::time::sleep_until(looked + PAUSE).await;
        }
    }
}
