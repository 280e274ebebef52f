use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::claim::Claim;
use super::command::Survive;
use super::rows::to_i64;
use super::state::Key;
use super::{Embedded, read};
use crate::delivery::Settle;
use crate::{Deliveries, Delivery, Error, Position, Result, Settled, Stored, Tail};

/// Longest time between two looks, in case a wake-up was missed.
const NET: Duration = Duration::from_secs(1);

/// How soon a message comes again that was claimed and not handed out.
const GIVEN_BACK: Duration = Duration::from_millis(100);

/// One consumer's stream of deliveries.
struct Consuming {
    log: Arc<Embedded>,
    key: Key,
    wake: watch::Receiver<u64>,
    ready: VecDeque<(Stored, u32)>,
    /// What is being claimed.
    claiming: Option<oneshot::Receiver<Result<Claim>>>,
}

pub(super) fn deliveries(log: Arc<Embedded>, key: Key, wake: watch::Receiver<u64>) -> Deliveries {
    let consuming = Consuming {
        log,
        key,
        wake,
        ready: VecDeque::new(),
        claiming: None,
    };
    futures::stream::unfold(consuming, |mut consuming| async move {
        let delivery = consuming.next().await?;
        Some((delivery, consuming))
    })
    .boxed()
}

impl Drop for Consuming {
    /// What was claimed and never handed out is nobody's work: it need not wait
    /// for its ack wait to come again.
    fn drop(&mut self) {
        let mut ready = std::mem::take(&mut self.ready);
        if let Some(mut claiming) = self.claiming.take() {
            // What comes from here on is given back by whoever claims it.
            claiming.close();
            if let Ok(Ok(Claim::Messages(messages))) = claiming.try_recv() {
                ready.extend(messages);
            }
        }
        if let Ok(runtime) = Handle::try_current() {
            let (log, key) = (Arc::clone(&self.log), self.key.clone());
            runtime.spawn(async move { give_back(&log, &key, ready).await });
        }
    }
}

/// Lets messages come again that were claimed and not handed out.
async fn give_back(
    log: &Arc<Embedded>,
    key: &Key,
    messages: impl IntoIterator<Item = (Stored, u32)>,
) {
    for (stored, count) in messages {
        let settle = Settling::of(log, key, &stored, count);
        let why = "it was not handed out";
        if let Err(error) = settle.nak(&stored, count, Some(GIVEN_BACK), why).await {
            tracing::debug!(%error, "a message comes again after its ack wait");
        }
    }
}

impl Consuming {
    /// Claims what is next. Whoever stops waiting meanwhile leaves nothing
    /// claimed behind.
    async fn claim(&mut self) -> Result<Claim> {
        if self.claiming.is_none() {
            self.claiming = Some(self.begin_claim());
        }
        let Some(claiming) = &mut self.claiming else {
            return Err(Error::Closed);
        };
        let claim = claiming.await;
        self.claiming = None;
        claim.unwrap_or(Err(Error::Closed))
    }

    fn begin_claim(&self) -> oneshot::Receiver<Result<Claim>> {
        let (tell, told) = oneshot::channel();
        let (log, key) = (Arc::clone(&self.log), self.key.clone());
        tokio::spawn(async move {
            let claiming = key.clone();
            let claim = log.call(Survive::Crash, |writer| {
                Box::pin(async move { writer.claim(&claiming).await })
            });
            if let Err(Ok(Claim::Messages(messages))) = tell.send(claim.await) {
                give_back(&log, &key, messages).await;
            }
        });
        told
    }

    /// `None` once the log is closed or the consumer deleted.
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            if let Some((stored, delivery_count)) = self.ready.pop_front() {
                let settle = Settling::of(&self.log, &self.key, &stored, delivery_count);
                let settle = Box::new(settle);
                return Some(Delivery {
                    stored,
                    delivery_count,
                    settle,
                });
            }
            // Marked as seen before looking, so that a change that comes
            // while looking is not missed.
            self.wake.borrow_and_update();
            match self.claim().await {
                Ok(Claim::Messages(messages)) => self.ready.extend(messages),
                Ok(Claim::Nothing(until)) => self.wait(until).await,
                Err(Error::Closed | Error::UnknownConsumer { .. }) => return None,
                Err(error) => {
                    tracing::warn!(%error, durable = self.key.durable, "cannot claim messages");
                    self.wait(None).await;
                }
            }
        }
    }

    async fn wait(&mut self, until: Option<Instant>) {
        let net = Instant::now() + NET;
        let until = until.map_or(net, |until| until.min(net));
        tokio::select! {
            changed = self.wake.changed() => {
                if changed.is_err() {
                    // The writer is gone; the next claim says so.
                    sleep_until(until).await;
                }
            }
            () = sleep_until(until) => {}
        }
    }
}

/// A delivery's way back.
struct Settling {
    log: Arc<Embedded>,
    key: Key,
    sequence: i64,
    count: u32,
}

impl Settling {
    fn of(log: &Arc<Embedded>, key: &Key, stored: &Stored, count: u32) -> Self {
        Self {
            log: Arc::clone(log),
            key: key.clone(),
            sequence: to_i64(stored.sequence),
            count,
        }
    }
}

#[async_trait]
impl Settle for Settling {
    async fn ack(&self) -> Result<()> {
        let (key, sequence) = (self.key.clone(), self.sequence);
        self.log
            .call(Survive::Crash, move |writer| {
                Box::pin(async move { writer.settle(&key, sequence).await })
            })
            .await
    }

    async fn nak(
        &self,
        _: &Stored,
        _: u32,
        delay: Option<Duration>,
        reason: &str,
    ) -> Result<Settled> {
        let (key, sequence, count) = (self.key.clone(), self.sequence, self.count);
        let reason = reason.to_owned();
        self.log
            .call(Survive::Crash, move |writer| {
                Box::pin(async move { writer.nak(&key, sequence, count, delay, &reason).await })
            })
            .await
    }

    async fn park(&self, _: &Stored, count: u32, reason: &str) -> Result<()> {
        let (key, sequence) = (self.key.clone(), self.sequence);
        let reason = reason.to_owned();
        self.log
            .call(Survive::Crash, move |writer| {
                Box::pin(async move { writer.park(&key, sequence, count, &reason).await })
            })
            .await
    }

    async fn extend(&self) -> Result<()> {
        let (key, sequence, count) = (self.key.clone(), self.sequence, self.count);
        self.log
            .call(Survive::Crash, move |writer| {
                Box::pin(async move { writer.extend(&key, sequence, count) })
            })
            .await
    }
}

/// A reader that follows a stream.
struct Following {
    log: Arc<Embedded>,
    stream: String,
    next: u64,
    published: watch::Receiver<u64>,
    ready: VecDeque<Stored>,
}

/// Events read at a time while following.
const PAGE: usize = 256;

pub(super) async fn tail(log: Arc<Embedded>, stream: &str, from: Position) -> Result<Tail> {
    let published = log.published();
    let last = read::check_stream(log.readers(), stream).await?;
    let first = read::read(log.readers(), stream, from, PAGE).await?;
    let following = Following {
        next: first
            .last()
            .map_or(start(from, last), |stored| stored.sequence + 1),
        ready: first.into(),
        stream: stream.to_owned(),
        log,
        published,
    };
    Ok(futures::stream::unfold(following, |mut following| async {
        let item = following.next().await?;
        Some((item, following))
    })
    .boxed())
}

/// Where a tail goes on when nothing stands at its position yet.
fn start(from: Position, last: i64) -> u64 {
    match from {
        Position::Sequence(sequence) => sequence,
        // Times to come are rare; everything stored from now on is newer.
        _ => u64::try_from(last).unwrap_or(0) + 1,
    }
}

impl Following {
    async fn next(&mut self) -> Option<Result<Stored>> {
        loop {
            if let Some(stored) = self.ready.pop_front() {
                return Some(Ok(stored));
            }
            if self.log.is_closed() {
                return None;
            }
            self.published.borrow_and_update();
            let from = Position::Sequence(self.next);
            match read::read(self.log.readers(), &self.stream, from, PAGE).await {
                Ok(page) if page.is_empty() => {
                    let _ = tokio::time::timeout(NET, self.published.changed()).await;
                }
                Ok(page) => {
                    self.next = page.last().map_or(self.next, |stored| stored.sequence + 1);
                    self.ready.extend(page);
                }
                Err(_) if self.log.is_closed() => return None,
                Err(error) => {
                    tokio::time::sleep(NET).await;
                    return Some(Err(error));
                }
            }
        }
    }
}
