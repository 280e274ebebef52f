use std::sync::Arc;
use std::time::Duration;

use covergen_bff::Surface;
use covergen_events::{EventLog, Position, Tail};
use covergen_proto::events::v1::Envelope;
use futures::StreamExt as _;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use crate::EdgeCopies;
use crate::copies::{events, streams};

/// Pause before the log, or the cache, is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Ends copies by event, until shutdown: every process follows the streams
/// that its surface names.
pub async fn follow(
    copies: EdgeCopies,
    surface: &'static Surface,
    log: Arc<dyn EventLog>,
    shutdown: CancellationToken,
) {
    let followers = streams(surface).into_iter().map(|stream| {
        let all = events(surface).into_iter();
        Follower {
            copies: copies.clone(),
            log: Arc::clone(&log),
            stream,
            events: all.filter(|(s, _)| *s == stream).map(|(_, e)| e).collect(),
        }
    });
    let work = futures::future::join_all(followers.map(Follower::run));
    tokio::select! {
        () = shutdown.cancelled() => {}
        _ = work => {}
    }
}

struct Follower {
    copies: EdgeCopies,
    log: Arc<dyn EventLog>,
    stream: &'static str,
    /// Those of its events that end copies.
    events: Vec<&'static str>,
}

impl Follower {
    async fn run(self) {
        loop {
            match self.begin().await {
                Ok(tail) => {
                    self.copies.followed();
                    self.read(tail).await;
                    self.copies.lost();
                }
                Err(error) => {
                    tracing::warn!(%error, stream = self.stream, "copies wait for their events");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Starts at the end of the stream, then ends what was kept before: an
    /// event that comes between is seen, too.
    async fn begin(&self) -> Result<Tail, Box<dyn std::error::Error + Send + Sync>> {
        // The owner of the stream may start later; whoever is first declares.
        self.log.declare_stream(self.stream).await?;
        let tail = self.log.tail(self.stream, Position::End).await?;
        self.copies.purge(&self.events).await?;
        Ok(tail)
    }

    /// Reads until there is a gap: an error of the log, or a purge that the
    /// cache did not take.
    async fn read(&self, mut tail: Tail) {
        while let Some(stored) = tail.next().await {
            let stored = match stored {
                Ok(stored) => stored,
                Err(error) => {
                    tracing::warn!(%error, stream = self.stream, "events were missed");
                    return;
                }
            };
            let Ok(envelope) = Envelope::decode(stored.record.payload) else {
                continue;
            };
            let ended = self.events.iter().find(|event| **event == envelope.r#type);
            if let Some(event) = ended
                && let Err(error) = self.copies.purge(&[event]).await
            {
                tracing::warn!(%error, event, "copies could not be ended");
                return;
            }
        }
    }
}
