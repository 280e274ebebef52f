use std::error::Error as StdError;
use std::future::IntoFuture;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, ErrorCode};

use super::wire::{self, Names};
use crate::{Error, Published, Record, Result};

/// Acknowledgements awaited at a time.
const WINDOW: usize = 256;

/// Publishes records in order and waits until the server has each on disk.
pub(super) async fn publish(
    context: &Context,
    names: &Names,
    records: &[Record],
) -> Result<Vec<Published>> {
    let mut answers = Vec::with_capacity(records.len());
    for window in records.chunks(WINDOW) {
        let mut waiting = Vec::with_capacity(window.len());
        for record in window {
            let message = PublishMessage::build()
                .headers(wire::headers(record))
                .expected_stream(names.stream(record.stream()))
                .payload(record.payload.clone());
            let ack = context
                .send_publish(names.subject(&record.subject), message)
                .await
                .map_err(|e| failure(record.stream(), &e))?;
            waiting.push((record, ack));
        }
        for (record, ack) in waiting {
            let ack = ack
                .into_future()
                .await
                .map_err(|e| failure(record.stream(), &e))?;
            answers.push(Published {
                sequence: ack.sequence,
                duplicate: ack.duplicate,
            });
        }
    }
    Ok(answers)
}

pub(super) fn failure(stream: &str, error: &PublishError) -> Error {
    if error.kind() == PublishErrorKind::StreamNotFound {
        return Error::UnknownStream(stream.to_owned());
    }
    let code = error
        .source()
        .and_then(|source| source.downcast_ref::<jetstream::Error>())
        .map(jetstream::Error::error_code);
    match code {
        // What a server answers whose stream, account or disk is full.
        Some(
            ErrorCode::STREAM_STORE_FAILED
            | ErrorCode::STORAGE_RESOURCES_EXCEEDED
            | ErrorCode::INSUFFICIENT_RESOURCES,
        ) => Error::Full(error.to_string()),
        _ => Error::Unavailable(error.to_string()),
    }
}
