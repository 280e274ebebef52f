use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::{AckKind, Message};
use async_nats::{Request, Subject};
use async_trait::async_trait;
use futures::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::wire::{self, Names};
use super::{JetStream, connect, unavailable};
use crate::delivery::Settle;
use crate::link::Connection;
use crate::{ConsumerSpec, Deliveries, Delivery, Error, Result, Settled, Stored};

/// How long one request for messages waits on the server. After a lost
/// connection the request is gone; a short wait bounds how long that goes
/// unnoticed.
const EXPIRES: Duration = Duration::from_secs(4);

/// How long a consumer that ends hands back what the server sent it: what is
/// on its way still comes within that.
const HANDS_BACK: Duration = Duration::from_millis(250);

/// Pause after a failed request, growing to the last.
const PAUSES_MS: [u64; 4] = [100, 250, 1_000, 2_000];

/// One consumer's stream of deliveries.
struct Consuming {
    log: Arc<JetStream>,
    spec: ConsumerSpec,
    consumer: Option<PullConsumer>,
    batch: Option<pull::Batch>,
    connection: watch::Receiver<Connection>,
    closed: watch::Receiver<bool>,
    failures: usize,
    ready: VecDeque<Delivery>,
}

pub(super) fn deliveries(log: Arc<JetStream>, spec: ConsumerSpec) -> Deliveries {
    let consuming = Consuming {
        connection: log.connection(),
        closed: log.closed(),
        log,
        spec,
        consumer: None,
        batch: None,
        failures: 0,
        ready: VecDeque::new(),
    };
    futures::stream::unfold(consuming, |mut consuming| async move {
        let delivery = consuming.next().await?;
        Some((delivery, consuming))
    })
    .boxed()
}

impl Drop for Consuming {
    /// What was fetched and never handed out is nobody's work: it need not wait
    /// for its ack wait to come again.
    fn drop(&mut self) {
        let (Some(batch), Ok(runtime)) = (self.batch.take(), Handle::try_current()) else {
            return;
        };
        let log = Arc::clone(&self.log);
        runtime.spawn(async move {
            // The end of this time is the end of the task.
            let _ = tokio::time::timeout(HANDS_BACK, hand_back(&log, batch)).await;
        });
    }
}

async fn hand_back(log: &Arc<JetStream>, mut batch: pull::Batch) {
    while let Some(Ok(message)) = batch.next().await {
        let Some(reply) = message.reply.clone() else {
            continue;
        };
        // Told and not asked: one that does not get there waits, as all did.
        if let Err(error) = log.client.publish(reply, AckKind::Nak(None).into()).await {
            tracing::debug!(%error, "a message comes again after its ack wait");
        }
    }
}

/// What happened while waiting for a message.
enum Step {
    Message(Box<Message>),
    BatchEnded,
    Failed(String),
    Disconnected,
    Gone,
}

impl Consuming {
    /// `None` once the log is closed or the consumer deleted.
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            if let Some(delivery) = self.ready.pop_front() {
                return Some(delivery);
            }
            if *self.closed.borrow() {
                return None;
            }
            if !self.connection.borrow().is_up {
                self.wait_for_connection().await;
                continue;
            }
            match self.step().await {
                Step::Message(message) => {
                    self.failures = 0;
                    if let Err(error) = self.accept(*message).await {
                        tracing::warn!(%error, durable = self.spec.durable, "cannot take a message");
                    }
                }
                Step::BatchEnded => {
                    self.failures = 0;
                    self.batch = None;
                }
                Step::Disconnected => self.batch = None,
                Step::Failed(error) => {
                    tracing::warn!(error, durable = self.spec.durable, "cannot fetch messages");
                    self.batch = None;
                    self.pause().await;
                }
                Step::Gone => return None,
            }
        }
    }

    async fn step(&mut self) -> Step {
        if self.batch.is_none() {
            self.connection.borrow_and_update();
            let mut connection = self.connection.clone();
            let requested = tokio::select! {
                biased;
                requested = self.request() => requested,
                Ok(()) = connection.changed() => Err(Step::Disconnected),
            };
            match requested {
                Ok(batch) => self.batch = Some(batch),
                Err(step) => return step,
            }
        }
        let Some(batch) = self.batch.as_mut() else {
            return Step::BatchEnded;
        };
        tokio::select! {
            biased;
            message = batch.next() => match message {
                Some(Ok(message)) => Step::Message(Box::new(message)),
                Some(Err(error)) => Step::Failed(error.to_string()),
                None => Step::BatchEnded,
            },
            // The server forgets the request with the connection.
            Ok(()) = self.connection.changed() => Step::Disconnected,
            _ = self.closed.changed() => Step::Gone,
        }
    }

    async fn request(&mut self) -> Result<pull::Batch, Step> {
        // After a failure the consumer is looked up again, which tells a
        // deleted one from a server that is merely away.
        if self.failures > 0 || self.consumer.is_none() {
            self.consumer = Some(self.look_up().await?);
        }
        let Some(consumer) = &self.consumer else {
            return Err(Step::Gone);
        };
        let prefetch = usize::try_from(self.spec.prefetch).unwrap_or(1);
        consumer
            .batch()
            .max_messages(prefetch)
            .expires(EXPIRES)
            .messages()
            .await
            .map_err(|e| Step::Failed(e.to_string()))
    }

    async fn look_up(&self) -> Result<PullConsumer, Step> {
        let failed = |e: String| Step::Failed(e);
        let name = self.log.names().stream(&self.spec.stream);
        let stream = self
            .log
            .context()
            .get_stream_no_info(name)
            .await
            .map_err(|e| failed(e.to_string()))?;
        if let Err(error) = stream.consumer_info(&self.spec.durable).await {
            let gone = matches!(
                error.kind(),
                ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound
            );
            // A rewind replaces the consumer; only one that stays away is gone.
            if gone && self.failures >= PAUSES_MS.len() {
                return Err(Step::Gone);
            }
            return Err(failed(error.to_string()));
        }
        stream
            .get_consumer(&self.spec.durable)
            .await
            .map_err(|e| failed(e.to_string()))
    }

    async fn pause(&mut self) {
        let ms = PAUSES_MS[self.failures.min(PAUSES_MS.len() - 1)];
        self.failures += 1;
        let _ = tokio::time::timeout(Duration::from_millis(ms), self.closed.changed()).await;
    }

    /// A request made meanwhile would lie in the client and reach the server
    /// when nobody waits for it any more.
    async fn wait_for_connection(&mut self) {
        self.batch = None;
        tokio::select! {
            _ = self.connection.wait_for(|now| now.is_up) => {}
            _ = self.closed.changed() => {}
        }
    }

    /// Makes a delivery of a message, or deals with one that is no concern of
    /// the handler.
    async fn accept(&mut self, message: Message) -> Result<()> {
        let read = Arrived::read(&message, self.log.names());
        let Some(reply) = message.reply.clone() else {
            return Err(Error::Corrupt("a delivery without a way back".to_owned()));
        };
        let way = WayBack {
            log: Arc::clone(&self.log),
            reply,
        };
        if wire::only(message.headers.as_ref()).is_some_and(|only| only != self.spec.durable) {
            return way.settle(AckKind::Ack).await;
        }
        let Arrived { stored, delivered } = match read {
            Ok(arrived) => arrived,
            Err(error) => {
                // Not one of ours, and no retry will make it so. It stays in
                // the stream, where it can be looked at.
                tracing::error!(%error, subject = %message.subject, "skipping a message");
                return way.settle(AckKind::Term).await;
            }
        };
        let settling = Settling {
            way,
            spec: self.spec.clone(),
        };
        if delivered > self.spec.max_deliver && !self.spec.handler_counts {
            let why = "not settled within the ack wait, or its process ended";
            return settling.park(&stored, delivered - 1, why).await;
        }
        self.ready.push_back(Delivery {
            stored,
            delivery_count: delivered,
            settle: Box::new(settling),
        });
        Ok(())
    }
}

/// A message and what the server says about its delivery.
pub(super) struct Arrived {
    pub(super) stored: Stored,
    pub(super) delivered: u32,
}

impl Arrived {
    pub(super) fn read(message: &Message, names: &Names) -> Result<Self> {
        let info = message
            .info()
            .map_err(|e| Error::Corrupt(format!("delivery info: {e}")))?;
        Ok(Self {
            delivered: u32::try_from(info.delivered).unwrap_or(u32::MAX),
            stored: names.stored(
                &message.subject,
                message.headers.as_ref(),
                &message.payload,
                info.stream_sequence,
                info.published,
            )?,
        })
    }
}

/// Where the server hears what became of a delivery.
struct WayBack {
    log: Arc<JetStream>,
    reply: Subject,
}

impl WayBack {
    /// Settles and waits for the server's confirmation. A request of the
    /// client's, whose answers share one subscription; the library's own double
    /// acknowledgement subscribes, and ends that again, for each.
    async fn settle(&self, kind: AckKind) -> Result<()> {
        let patience = connect::request_timeout(&self.log.config);
        let request = Request::new().payload(kind.into()).timeout(Some(patience));
        let asked = self.log.client.send_request(self.reply.clone(), request);
        asked.await.map(drop).map_err(unavailable)
    }

    /// Asks for another ack wait.
    async fn extend(&self) -> Result<()> {
        let more = AckKind::Progress.into();
        let told = self.log.client.publish(self.reply.clone(), more);
        told.await.map_err(unavailable)
    }
}

/// What may become of a delivery.
struct Settling {
    way: WayBack,
    spec: ConsumerSpec,
}

#[async_trait]
impl Settle for Settling {
    async fn ack(&self) -> Result<()> {
        self.way.settle(AckKind::Ack).await
    }

    async fn nak(
        &self,
        stored: &Stored,
        count: u32,
        delay: Option<Duration>,
        reason: &str,
    ) -> Result<Settled> {
        if count >= self.spec.max_deliver && !self.spec.handler_counts {
            self.park(stored, count, reason).await?;
            return Ok(Settled::Parked);
        }
        let delay = delay.unwrap_or_else(|| self.spec.delay_after(count));
        // The server takes no delay of zero for one; it means at once anyway.
        let delay = (!delay.is_zero()).then_some(delay);
        self.way.settle(AckKind::Nak(delay)).await?;
        Ok(Settled::Retried)
    }

    async fn park(&self, stored: &Stored, count: u32, reason: &str) -> Result<()> {
        // Stored as a dead letter first; if we die before the ack, the message
        // comes again and is parked over itself.
        self.way
            .log
            .store_dead_letter(&self.spec, &stored.record, count, reason)
            .await?;
        self.way.settle(AckKind::Ack).await
    }

    async fn extend(&self) -> Result<()> {
        self.way.extend().await
    }
}
