use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::message::Info;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{Context, ErrorCode};
use futures::StreamExt;
use time::OffsetDateTime;
use tokio::sync::watch;
use uuid::Uuid;

use super::declare::deliver_policy;
use super::deliver::Arrived;
use super::wire::{self, Names};
use super::{JetStream, unavailable};
use crate::link::Connection;
use crate::{DeadLetter, Error, Position, Result, Stored, Tail};

/// How long the server keeps a reader that stopped asking.
const READER_IDLE: Duration = Duration::from_secs(30);

/// How long a tail's request waits on the server before it is renewed.
const EXPIRES: Duration = Duration::from_secs(4);

const PAGE: usize = 256;

/// The stream under its name on the server; `stream` is its own name.
pub(super) async fn get_stream(context: &Context, name: String, stream: &str) -> Result<Stream> {
    context.get_stream(name).await.map_err(|e| match e.kind() {
        GetStreamErrorKind::JetStream(js) if js.error_code() == ErrorCode::STREAM_NOT_FOUND => {
            Error::UnknownStream(stream.to_owned())
        }
        _ => unavailable(e),
    })
}

/// A reader that leaves no trace: no acknowledgements, nothing on disk.
async fn reader(stream: &Stream, from: Position) -> Result<PullConsumer> {
    let config = pull::Config {
        deliver_policy: deliver_policy(from),
        ack_policy: AckPolicy::None,
        inactive_threshold: READER_IDLE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await.map_err(unavailable)
}

/// Up to `limit` messages from a position on, as far as there are any now.
async fn fetch(stream: &Stream, from: Position, limit: usize) -> Result<Vec<Message>> {
    let reader = reader(stream, from).await?;
    let mut messages = Vec::new();
    let mut batch = reader
        .fetch()
        .max_messages(limit)
        .messages()
        .await
        .map_err(unavailable)?;
    while let Some(message) = batch.next().await {
        messages.push(message.map_err(unavailable)?);
    }
    // Only tidiness: the server forgets an idle reader by itself.
    let _ = stream.delete_consumer(&reader.cached_info().name).await;
    Ok(messages)
}

/// Events from a position on, oldest first. Redriven dead letters are second
/// copies of an event and are left out.
pub(super) async fn read(
    log: &JetStream,
    stream: &str,
    mut from: Position,
    limit: usize,
) -> Result<Vec<Stored>> {
    let handle = get_stream(log.context(), log.names().stream(stream), stream).await?;
    let mut events = Vec::new();
    while events.len() < limit && from != Position::End {
        let messages = fetch(&handle, from, limit - events.len()).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let (sequence, event) = event(&message, log.names())?;
            events.extend(event);
            from = Position::Sequence(sequence + 1);
        }
    }
    Ok(events)
}

/// A message's place, and the event that stands there: none where it is a
/// second copy, or not one of ours. Whoever may publish to the server may put
/// such a one into a stream, and it must not keep readers from those behind it.
fn event(message: &Message, names: &Names) -> Result<(u64, Option<Stored>)> {
    let sequence = place(message)?.stream_sequence;
    if wire::only(message.headers.as_ref()).is_some() {
        return Ok((sequence, None));
    }
    let read = Arrived::read(message, names).map(|arrived| arrived.stored);
    Ok((sequence, ours(read, message)))
}

fn place(message: &Message) -> Result<Info<'_>> {
    message
        .info()
        .map_err(|e| Error::Corrupt(format!("delivery info: {e}")))
}

/// What was read of a message, unless it cannot be: it stays in the stream,
/// where it can be looked at.
fn ours<T>(read: Result<T>, message: &Message) -> Option<T> {
    read.inspect_err(
        |error| tracing::warn!(%error, subject = %message.subject, "stepping past a message"),
    )
    .ok()
}

/// Dead letters above a sequence, oldest first.
pub(super) async fn dead_letters(
    log: &JetStream,
    stream: &str,
    mut after: u64,
    limit: usize,
) -> Result<Vec<DeadLetter>> {
    let name = log.names().dead_stream(stream);
    let handle = get_stream(log.context(), name, stream).await?;
    let mut letters = Vec::new();
    while letters.len() < limit {
        let from = Position::Sequence(after + 1);
        let messages = fetch(&handle, from, limit - letters.len()).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let info = place(&message)?;
            let (sequence, parked_at) = (info.stream_sequence, info.published);
            let headers = message.headers.as_ref();
            let read = wire::dead_letter(headers, &message.payload, sequence, parked_at);
            letters.extend(ours(read, &message));
            after = sequence;
        }
    }
    Ok(letters)
}

/// A reader that follows a stream.
struct Following {
    log: Arc<JetStream>,
    stream: Stream,
    from: Position,
    batch: Option<(PullConsumer, Option<pull::Batch>)>,
    connection: watch::Receiver<Connection>,
    closed: watch::Receiver<bool>,
    ready: VecDeque<Stored>,
    /// The last event that came: number, id and when it was published.
    last: Option<(u64, Uuid, OffsetDateTime)>,
}

pub(super) async fn tail(log: Arc<JetStream>, stream: &str, from: Position) -> Result<Tail> {
    let handle = get_stream(log.context(), log.names().stream(stream), stream).await?;
    // "From now on" becomes a number at once, so that nothing published
    // between this call and the first look is missed.
    let from = match from {
        Position::End => Position::Sequence(handle.cached_info().state.last_sequence + 1),
        other => other,
    };
    let following = Following {
        connection: log.connection(),
        closed: log.closed(),
        log,
        stream: handle,
        from,
        batch: None,
        ready: VecDeque::new(),
        last: None,
    };
    Ok(futures::stream::unfold(following, |mut following| async {
        let item = following.next().await?;
        Some((item, following))
    })
    .boxed())
}

impl Following {
    async fn next(&mut self) -> Option<Result<Stored>> {
        loop {
            if let Some(stored) = self.ready.pop_front() {
                return Some(Ok(stored));
            }
            if *self.closed.borrow() {
                return None;
            }
            if !self.connection.borrow().is_up {
                self.wait_for_connection().await;
                continue;
            }
            if let Err(error) = self.advance().await {
                // A new reader from where we are makes the tail whole again.
                self.batch = None;
                let pause = Duration::from_secs(1);
                let _ = tokio::time::timeout(pause, self.closed.changed()).await;
                return Some(Err(error));
            }
        }
    }

    /// Nothing can be asked meanwhile; from where we are, the tail goes on.
    async fn wait_for_connection(&mut self) {
        self.batch = None;
        tokio::select! {
            _ = self.connection.wait_for(|now| now.is_up) => {}
            _ = self.closed.changed() => {}
        }
    }

    async fn advance(&mut self) -> Result<()> {
        let (consumer, batch) = match self.batch.take() {
            Some((consumer, Some(batch))) => (consumer, batch),
            other => {
                self.connection.borrow_and_update();
                let consumer = match other {
                    Some((consumer, _)) => consumer,
                    None => {
                        self.find_place().await?;
                        reader(&self.stream, self.from).await?
                    }
                };
                let batch = consumer.batch().max_messages(PAGE).expires(EXPIRES);
                let batch = batch.messages().await.map_err(unavailable)?;
                (consumer, batch)
            }
        };
        let (_, batch) = self.batch.insert((consumer, Some(batch)));
        let Some(running) = batch.as_mut() else {
            return Ok(());
        };
        tokio::select! {
            biased;
            message = running.next() => match message {
                Some(message) => self.accept(&message.map_err(unavailable)?)?,
                None => *batch = None,
            },
            // The reader may not have outlived the connection.
            Ok(()) = self.connection.changed() => self.batch = None,
            _ = self.closed.changed() => {}
        }
        Ok(())
    }

    /// A server that lost the end of its log counts on from where that ends
    /// now: the numbers to come may be ones that we have seen.
    async fn find_place(&mut self) -> Result<()> {
        let Some((sequence, id, published_at)) = self.last else {
            if let Position::Sequence(next) = self.from {
                let info = self.stream.get_info().await.map_err(unavailable)?;
                let end = info.state.last_sequence + 1;
                self.from = Position::Sequence(next.min(end));
            }
            return Ok(());
        };
        let kept = fetch(&self.stream, Position::Sequence(sequence), 1).await?;
        let is_kept = match kept.first() {
            Some(message) => {
                let read = Arrived::read(message, self.log.names()).ok();
                read.is_some_and(|Arrived { stored, .. }| {
                    (stored.sequence, stored.record.id) == (sequence, id)
                })
            }
            None => false,
        };
        self.from = if is_kept {
            // What was stepped past behind it may have been lost as well.
            Position::Sequence(sequence + 1)
        } else {
            // Whatever took its place was published later.
            Position::Time(published_at)
        };
        Ok(())
    }

    fn accept(&mut self, message: &Message) -> Result<()> {
        let (sequence, event) = event(message, self.log.names())?;
        self.from = Position::Sequence(sequence + 1);
        if let Some(stored) = event {
            self.last = Some((sequence, stored.record.id, stored.published_at));
            self.ready.push_back(stored);
        }
        Ok(())
    }
}
