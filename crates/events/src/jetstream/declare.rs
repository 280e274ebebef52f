use std::fmt::Debug;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::{
    ConsumerInfoErrorKind, CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind,
};
use async_nats::jetstream::stream::{Config as StreamConfig, DiscardPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};

use super::unavailable;
use super::wire::Names;
use crate::{Config, ConsumerSpec, Error, MAX_RECORD_BYTES, Position, Result};

/// How long the server remembers message ids. Only an optimisation: consumers
/// recognise repeated events by their inbox.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Room for a few dead letters of the largest size, however small the stream.
const MIN_DEAD_BYTES: u64 = 4 * 1024 * 1024;

/// The server's own header bytes on top of a record's.
const HEADER_ROOM: usize = 8 * 1024;

/// A domain's stream as it has to be.
pub(super) fn stream_config(names: &Names, stream: &str, config: &Config) -> StreamConfig {
    StreamConfig {
        name: names.stream(stream),
        subjects: vec![names.subjects(stream)],
        max_age: Duration::from_secs(u64::from(config.max_age_days) * 86_400),
        ..base(config)
    }
}

/// The stream of its dead letters. They stay until somebody decides.
pub(super) fn dead_config(names: &Names, stream: &str, config: &Config) -> StreamConfig {
    StreamConfig {
        name: names.dead_stream(stream),
        subjects: vec![names.dead_subjects(stream)],
        max_messages_per_subject: 1,
        max_bytes: to_i64((config.max_stream_bytes / 16).max(MIN_DEAD_BYTES)),
        ..base(config)
    }
}

fn base(config: &Config) -> StreamConfig {
    StreamConfig {
        storage: StorageType::File,
        // A full stream refuses; dropping the oldest would lose events that
        // were acknowledged and not yet consumed.
        discard: DiscardPolicy::New,
        max_bytes: to_i64(config.max_stream_bytes),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_message_size: i32::try_from(MAX_RECORD_BYTES + HEADER_ROOM).unwrap_or(-1),
        num_replicas: usize::from(config.replicas.max(1)),
        duplicate_window: DUPLICATE_WINDOW,
        ..StreamConfig::default()
    }
}

fn to_i64(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Creates a stream or brings it up to date, then compares what the server
/// keeps with what was asked for.
pub(super) async fn ensure_stream(context: &Context, want: StreamConfig) -> Result<()> {
    let kept = match kept_stream(context, &want.name).await? {
        Some(kept) => {
            if verify_stream(&want, &kept).is_ok() {
                return Ok(());
            }
            check_lasting(&want, &kept)?;
            context
                .update_stream(&want)
                .await
                .map_err(|error| refused(&want.name, &error))?
                .config
        }
        None => context
            .create_stream(&want)
            .await
            .map_err(|error| refused(&want.name, &error))?
            .cached_info()
            .config
            .clone(),
    };
    verify_stream(&want, &kept)
}

/// Whether a stream can be made what it has to be; changes nothing.
pub(super) async fn check_stream(context: &Context, want: &StreamConfig) -> Result<()> {
    match kept_stream(context, &want.name).await? {
        Some(kept) => check_lasting(want, &kept),
        None => Ok(()),
    }
}

async fn kept_stream(context: &Context, name: &str) -> Result<Option<StreamConfig>> {
    match context.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(e) if e.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                Ok(None)
            }
            _ => Err(unavailable(error)),
        },
    }
}

/// A refusal of the server's is about the configuration, and asking again does
/// not help; anything else may pass.
fn refused(name: &str, error: &CreateStreamError) -> Error {
    match error.kind() {
        // Another process declares the same stream just now, or there is no
        // room: both may be otherwise a moment later.
        CreateStreamErrorKind::JetStream(e)
            if !matches!(
                e.error_code(),
                ErrorCode::STREAM_NAME_EXIST
                    | ErrorCode::INSUFFICIENT_RESOURCES
                    | ErrorCode::STORAGE_RESOURCES_EXCEEDED
            ) && e.code() < 500 =>
        {
            Error::Config(format!("the server refuses stream {name}: {e}"))
        }
        _ => unavailable(error),
    }
}

/// What a stream keeps from its making to its end.
fn check_lasting(want: &StreamConfig, kept: &StreamConfig) -> Result<()> {
    let lasting = |what: &str, same: bool, asked: String, got: String| {
        if same {
            return Ok(());
        }
        Err(Error::ConfigMismatch {
            what: format!(
                "{} {what} (cannot be changed: drain the stream, delete it, and start again)",
                want.name
            ),
            asked,
            got,
        })
    };
    lasting(
        "storage",
        want.storage == kept.storage,
        format!("{:?}", want.storage),
        format!("{:?}", kept.storage),
    )?;
    lasting(
        "retention",
        want.retention == kept.retention,
        format!("{:?}", want.retention),
        format!("{:?}", kept.retention),
    )?;
    lasting(
        "mirror",
        kept.mirror.is_none(),
        "none".to_owned(),
        format!("{:?}", kept.mirror.as_ref().map(|mirror| &mirror.name)),
    )?;
    lasting(
        "sealed",
        !kept.sealed,
        "false".to_owned(),
        "true".to_owned(),
    )
}

fn verify_stream(want: &StreamConfig, got: &StreamConfig) -> Result<()> {
    let name = &want.name;
    same(name, "subjects", &want.subjects, &got.subjects)?;
    same(name, "storage", &want.storage, &got.storage)?;
    same(name, "retention", &want.retention, &got.retention)?;
    same(name, "max_msgs", &want.max_messages, &got.max_messages)?;
    same(name, "discard", &want.discard, &got.discard)?;
    same(name, "max_age", &want.max_age, &got.max_age)?;
    same(name, "max_bytes", &want.max_bytes, &got.max_bytes)?;
    same(
        name,
        "max_msg_size",
        &want.max_message_size,
        &got.max_message_size,
    )?;
    same(name, "num_replicas", &want.num_replicas, &got.num_replicas)?;
    let (want_per, got_per) = (want.max_messages_per_subject, got.max_messages_per_subject);
    same(name, "max_msgs_per_subject", &want_per, &got_per)?;
    same(
        name,
        "duplicate_window",
        &want.duplicate_window,
        &got.duplicate_window,
    )
}

fn same<T: PartialEq + Debug>(whose: &str, what: &str, asked: &T, got: &T) -> Result<()> {
    if asked == got {
        return Ok(());
    }
    Err(Error::ConfigMismatch {
        what: format!("{whose} {what}"),
        asked: format!("{asked:?}"),
        got: format!("{got:?}"),
    })
}

/// A consumer as it has to be, beginning at a position.
fn consumer_config(spec: &ConsumerSpec, start: Position) -> pull::Config {
    pull::Config {
        durable_name: Some(spec.durable.clone()),
        deliver_policy: deliver_policy(start),
        ack_policy: AckPolicy::Explicit,
        ack_wait: spec.ack_wait,
        // Unlimited on the server, bounded by us: the server would simply stop
        // after the last delivery, and a message whose handler died just then
        // would be lost. We park it on the delivery after the last one.
        max_deliver: -1,
        max_ack_pending: i64::from(spec.max_in_flight),
        ..pull::Config::default()
    }
}

pub(super) fn deliver_policy(start: Position) -> DeliverPolicy {
    match start {
        Position::Beginning => DeliverPolicy::All,
        Position::Sequence(sequence) => DeliverPolicy::ByStartSequence {
            start_sequence: sequence.max(1),
        },
        Position::Time(start_time) => DeliverPolicy::ByStartTime { start_time },
        Position::End => DeliverPolicy::New,
    }
}

/// Creates a consumer or brings it up to date without moving it, then compares
/// what the server keeps with what was asked for.
pub(super) async fn ensure_consumer(
    context: &Context,
    names: &Names,
    spec: &ConsumerSpec,
) -> Result<()> {
    let stream = context
        .get_stream_no_info(names.stream(&spec.stream))
        .await
        .map_err(unavailable)?;
    let mut want = consumer_config(spec, spec.start);
    match stream.consumer_info(&spec.durable).await {
        Ok(info) => {
            // What a consumer is from its making on: a reader of another kind
            // would lose events, or get them twice.
            let whose = format!("{} of {}", spec.durable, spec.stream);
            let lasting = "ack_policy (cannot be changed: delete the consumer)";
            same(&whose, lasting, &want.ack_policy, &info.config.ack_policy)?;
            let pushed = "deliver_subject (cannot be changed: delete the consumer)";
            same(&whose, pushed, &None, &info.config.deliver_subject)?;
            // The place a consumer began at cannot be changed afterwards.
            want.deliver_policy = info.config.deliver_policy;
            if info.config.ack_wait == want.ack_wait
                && info.config.max_ack_pending == want.max_ack_pending
                && info.config.max_deliver == want.max_deliver
                && info.config.filter_subject.is_empty()
                && info.config.filter_subjects.is_empty()
            {
                return Ok(());
            }
        }
        Err(error) => match error.kind() {
            ConsumerInfoErrorKind::NotFound => {}
            ConsumerInfoErrorKind::StreamNotFound => {
                return Err(Error::UnknownStream(spec.stream.clone()));
            }
            _ => return Err(unavailable(error)),
        },
    }
    create(context, names, spec, want).await
}

/// Creates a consumer anew at a position, in place of the one that is there,
/// whose settings it keeps.
pub(super) async fn recreate_consumer(
    context: &Context,
    names: &Names,
    spec: &ConsumerSpec,
    to: Position,
) -> Result<()> {
    let stream = context
        .get_stream_no_info(names.stream(&spec.stream))
        .await
        .map_err(unavailable)?;
    let mut spec = spec.clone();
    if let Ok(info) = stream.consumer_info(&spec.durable).await {
        spec.ack_wait = info.config.ack_wait;
        let in_flight = u32::try_from(info.config.max_ack_pending);
        spec.max_in_flight = in_flight.unwrap_or(spec.max_in_flight);
    }
    ensure_consumer(context, names, &spec).await?;
    stream
        .delete_consumer(&spec.durable)
        .await
        .map_err(unavailable)?;
    create(context, names, &spec, consumer_config(&spec, to)).await
}

async fn create(
    context: &Context,
    names: &Names,
    spec: &ConsumerSpec,
    want: pull::Config,
) -> Result<()> {
    let consumer = context
        .create_consumer_on_stream(want.clone(), names.stream(&spec.stream))
        .await
        .map_err(unavailable)?;
    let got = &consumer.cached_info().config;
    let name = &spec.durable;
    same(name, "ack_policy", &want.ack_policy, &got.ack_policy)?;
    same(name, "ack_wait", &want.ack_wait, &got.ack_wait)?;
    same(name, "max_deliver", &want.max_deliver, &got.max_deliver)?;
    same(
        name,
        "max_ack_pending",
        &want.max_ack_pending,
        &got.max_ack_pending,
    )
}
