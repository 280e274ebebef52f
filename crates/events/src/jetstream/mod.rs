//! The JetStream engine.
//!
//! Reading order: `connect` (and which servers are refused), `wire` (names,
//! subjects and headers on the server), `declare`, `publish`, `deliver`,
//! `read`.

mod connect;
mod declare;
mod deliver;
mod publish;
mod read;
mod wire;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::DeleteMessageErrorKind;
use async_nats::jetstream::{self, Context, ErrorCode};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::watch;

use self::wire::Names;
use crate::link::Connection;
use crate::record::check_size;
use crate::subject::{check_name, check_topic};
use crate::{
    Config, ConsumerInfo, ConsumerSpec, DeadLetter, Deliveries, Error, EventLog, Link, Live,
    Position, Published, Record, Result, Stored, StreamInfo, Tail,
};

/// Longest wait of a broadcast. The client takes messages as fast as they come
/// unless its connection is being replaced, and nobody should wait for that.
const BROADCAST_TIMEOUT: Duration = Duration::from_millis(100);

fn unavailable(error: impl Display) -> Error {
    Error::Unavailable(error.to_string())
}

/// The event log on a NATS server.
pub(crate) struct JetStream {
    this: Weak<JetStream>,
    client: Client,
    context: Context,
    names: Names,
    config: Config,
    connection: watch::Sender<Connection>,
    closed: watch::Sender<bool>,
}

impl std::fmt::Debug for JetStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JetStream")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl JetStream {
    /// Starts connecting to the servers in the configuration.
    pub(crate) async fn open(config: &Config) -> Result<Arc<Self>> {
        check_name("namespace", &config.namespace)?;
        let connection = watch::Sender::new(Connection::default());
        let client = connect::connect(config, connection.clone()).await?;
        let timeout = connect::request_timeout(config);
        let mut context = jetstream::ContextBuilder::new()
            .timeout(timeout)
            .ack_timeout(timeout)
            .build(client.clone());
        context.set_timeout(timeout);
        let log = Arc::new_cyclic(|this| Self {
            this: this.clone(),
            client,
            context,
            names: Names::new(&config.namespace),
            config: config.clone(),
            connection,
            closed: watch::Sender::new(false),
        });
        let this = Arc::downgrade(&log);
        let state = move || Some(connect::state(&this.upgrade()?.client));
        tokio::spawn(connect::look_after(log.connection.clone(), state));
        Ok(log)
    }

    fn context(&self) -> &Context {
        &self.context
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn connection(&self) -> watch::Receiver<Connection> {
        self.connection.subscribe()
    }

    fn closed(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    fn this(&self) -> Result<Arc<Self>> {
        self.this.upgrade().ok_or(Error::Closed)
    }

    /// Open, connected, and to a server that keeps our promises.
    fn ready(&self) -> Result<()> {
        if *self.closed.borrow() {
            return Err(Error::Closed);
        }
        connect::check_connected(&self.client)?;
        // What hears of connections may be a moment behind.
        if !self.connection.borrow().is_up {
            return Err(unavailable("not connected to NATS"));
        }
        connect::check_version(&self.client)
    }

    async fn store_dead_letter(
        &self,
        spec: &ConsumerSpec,
        record: &Record,
        count: u32,
        reason: &str,
    ) -> Result<()> {
        let headers = wire::dead_headers(record, &spec.durable, count, reason);
        let subject = self
            .names
            .dead_subject(&spec.stream, &spec.durable, record.id);
        let message = PublishMessage::build()
            .headers(headers)
            .payload(record.payload.clone());
        self.store(record, subject, message).await
    }

    async fn store(&self, record: &Record, subject: String, message: PublishMessage) -> Result<()> {
        self.context
            .send_publish(subject, message)
            .await
            .map_err(|e| publish::failure(record, &e))?
            .await
            .map(drop)
            .map_err(|e| publish::failure(record, &e))
    }
}

#[async_trait]
impl EventLog for JetStream {
    async fn declare_stream(&self, stream: &str) -> Result<()> {
        check_name("stream", stream)?;
        self.ready()?;
        let live = declare::stream_config(&self.names, stream, &self.config);
        declare::ensure_stream(&self.context, live).await?;
        let dead = declare::dead_config(&self.names, stream, &self.config);
        declare::ensure_stream(&self.context, dead).await
    }

    async fn check_stream(&self, stream: &str) -> Result<()> {
        check_name("stream", stream)?;
        self.ready()?;
        let live = declare::stream_config(&self.names, stream, &self.config);
        declare::check_stream(&self.context, &live).await?;
        let dead = declare::dead_config(&self.names, stream, &self.config);
        declare::check_stream(&self.context, &dead).await
    }

    async fn declare_consumer(&self, spec: &ConsumerSpec) -> Result<()> {
        spec.check()?;
        self.ready()?;
        declare::ensure_consumer(&self.context, &self.names, spec).await
    }

    async fn publish(&self, records: Vec<Record>) -> Result<Vec<Published>> {
        records.iter().try_for_each(Record::check)?;
        self.ready()?;
        // What was sent over a connection that is lost gets no answer any more.
        let mut link = self.link();
        tokio::select! {
            biased;
            published = publish::publish(&self.context, &self.names, &records) => published,
            () = link.down() => Err(Error::Unavailable("the connection was lost".to_owned())),
        }
    }

    async fn consume(&self, spec: &ConsumerSpec) -> Result<Deliveries> {
        self.declare_consumer(spec).await?;
        Ok(deliver::deliveries(self.this()?, spec.clone()))
    }

    async fn rewind(&self, spec: &ConsumerSpec, to: Position) -> Result<()> {
        spec.check()?;
        self.ready()?;
        declare::recreate_consumer(&self.context, &self.names, spec, to).await
    }

    async fn delete_consumer(&self, stream: &str, durable: &str) -> Result<bool> {
        check_name("consumer", durable)?;
        self.ready()?;
        let name = self.names.stream(stream);
        let handle = read::get_stream(&self.context, name, stream).await?;
        match handle.consumer_info(durable).await {
            Ok(_) => {}
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unavailable(error)),
        }
        handle.delete_consumer(durable).await.map_err(unavailable)?;
        Ok(true)
    }

    async fn read(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Stored>> {
        self.ready()?;
        read::read(self, stream, from, limit.min(1_000)).await
    }

    async fn tail(&self, stream: &str, from: Position) -> Result<Tail> {
        self.ready()?;
        read::tail(self.this()?, stream, from).await
    }

    async fn stream_info(&self, stream: &str) -> Result<StreamInfo> {
        self.ready()?;
        let live = read::get_stream(&self.context, self.names.stream(stream), stream).await?;
        let dead = read::get_stream(&self.context, self.names.dead_stream(stream), stream).await?;
        let state = &live.cached_info().state;
        Ok(StreamInfo {
            messages: state.messages,
            // An empty stream reports the sequence to come.
            first_sequence: if state.messages == 0 {
                0
            } else {
                state.first_sequence
            },
            last_sequence: state.last_sequence,
            dead_letters: dead.cached_info().state.messages,
        })
    }

    async fn consumer_info(&self, stream: &str, durable: &str) -> Result<ConsumerInfo> {
        self.ready()?;
        let handle = read::get_stream(&self.context, self.names.stream(stream), stream).await?;
        let info = handle
            .consumer_info(durable)
            .await
            .map_err(|e| match e.kind() {
                ConsumerInfoErrorKind::NotFound => Error::UnknownConsumer {
                    stream: stream.to_owned(),
                    durable: durable.to_owned(),
                },
                _ => unavailable(e),
            })?;
        Ok(ConsumerInfo {
            pending: info.num_pending,
            in_flight: u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX),
        })
    }

    async fn dead_letters(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>> {
        self.ready()?;
        read::dead_letters(self, stream, after, limit.min(1_000)).await
    }

    async fn redrive(&self, stream: &str, sequence: u64) -> Result<()> {
        self.ready()?;
        let unknown = || Error::UnknownDeadLetter {
            stream: stream.to_owned(),
            sequence,
        };
        let from = sequence.checked_sub(1).ok_or_else(unknown)?;
        let letter = read::dead_letters(self, stream, from, 1)
            .await?
            .into_iter()
            .find(|letter| letter.sequence == sequence)
            .ok_or_else(unknown)?;
        // Handed back first, removed second: dying in between leaves a letter
        // whose second redrive the server recognises by its message id.
        let message = PublishMessage::build()
            .headers(wire::redrive_headers(&letter))
            .payload(letter.record.payload.clone());
        let subject = self.names.subject(&letter.record.subject);
        self.store(&letter.record, subject, message).await?;
        match self.discard(stream, sequence).await {
            // It failed once more meanwhile, and the new letter took its place.
            Err(Error::UnknownDeadLetter { .. }) => Ok(()),
            discarded => discarded,
        }
    }

    async fn discard(&self, stream: &str, sequence: u64) -> Result<()> {
        self.ready()?;
        let name = self.names.dead_stream(stream);
        let dead = read::get_stream(&self.context, name, stream).await?;
        dead.delete_message(sequence)
            .await
            .map(drop)
            .map_err(|error| match error.kind() {
                DeleteMessageErrorKind::JetStream(answer) if says_gone(&answer) => {
                    Error::UnknownDeadLetter {
                        stream: stream.to_owned(),
                        sequence,
                    }
                }
                _ => unavailable(error),
            })
    }

    async fn broadcast(&self, topic: &str, message: Bytes) -> Result<()> {
        check_topic(topic)?;
        check_size(message.len())?;
        self.ready()?;
        let sent = self.client.publish(self.names.topic(topic), message);
        tokio::time::timeout(BROADCAST_TIMEOUT, sent)
            .await
            .map_err(|_| unavailable("the connection takes nothing just now"))?
            .map_err(unavailable)
    }

    async fn listen(&self, topic: &str) -> Result<Live> {
        check_topic(topic)?;
        self.ready()?;
        let subscribed = async {
            let topic = self.names.topic(topic);
            let messages = self.client.subscribe(topic).await.map_err(unavailable)?;
            // Listening means from now on: what is broadcast after this call
            // must not overtake the subscription on its way to the server.
            self.client.flush().await.map_err(unavailable)?;
            Ok(messages)
        };
        let messages = tokio::time::timeout(connect::request_timeout(&self.config), subscribed)
            .await
            .map_err(|_| unavailable("no answer in time"))??;
        Ok(messages.map(|message| message.payload).boxed())
    }

    async fn expire(&self, _: &BTreeMap<String, u64>) -> Result<u64> {
        // The server lets events go by their age.
        Ok(0)
    }

    fn link(&self) -> Link {
        Link::of(self.connection())
    }

    async fn ping(&self) -> Result<()> {
        self.ready()?;
        self.context
            .query_account()
            .await
            .map(drop)
            .map_err(unavailable)
    }

    async fn close(&self) -> Result<()> {
        if self.closed.send_replace(true) {
            return Ok(());
        }
        self.client.drain().await.map_err(unavailable)
    }
}

/// Whether the server knows no such message. Of a deletion that fails it has one
/// code for whatever was wrong, and the rest in words.
fn says_gone(answer: &jetstream::Error) -> bool {
    match answer.error_code() {
        ErrorCode::SEQUENCE_NOT_FOUND | ErrorCode::NO_MESSAGE_FOUND => true,
        ErrorCode::STREAM_MESSAGE_DELETE_FAILED => answer.to_string().contains("no message found"),
        _ => false,
    }
}
