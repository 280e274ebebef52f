use std::collections::{HashSet, VecDeque};
use std::error::Error as StdError;
use std::future::IntoFuture;

use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, ErrorCode};

use super::wire::{self, Names};
use crate::{Error, Published, Record, Result};

/// Acknowledgements awaited at a time.
const WINDOW: usize = 256;

/// Publishes records in order and waits until the server has each on disk.
///
/// Of one aggregate only one is on its way at a time: the server may refuse or
/// miss one and take the next, and what is sent again would come to stand
/// behind it.
pub(super) async fn publish(
    context: &Context,
    names: &Names,
    records: &[Record],
) -> Result<Vec<Published>> {
    let mut answers = Vec::with_capacity(records.len());
    let mut flight = Flight::default();
    for record in records {
        while flight.is_in_the_way(record) {
            answers.extend(flight.land().await?);
        }
        let message = PublishMessage::build()
            .headers(wire::headers(record))
            .expected_stream(names.stream(record.stream()))
            .payload(record.payload.clone());
        let ack = context
            .send_publish(names.subject(&record.subject), message)
            .await
            .map_err(|e| failure(record, &e))?;
        flight.start(record, ack);
    }
    while let Some(published) = flight.land().await? {
        answers.push(published);
    }
    Ok(answers)
}

/// What was sent and has no answer yet, oldest first.
struct Flight<'r, A> {
    waiting: VecDeque<(&'r Record, A)>,
    /// Those of whom something is among it.
    aggregates: HashSet<(&'r str, &'r str)>,
}

impl<A> Default for Flight<'_, A> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            aggregates: HashSet::new(),
        }
    }
}

impl<'r, A> Flight<'r, A> {
    fn is_in_the_way(&self, record: &Record) -> bool {
        let whose = (record.stream(), record.subject.aggregate());
        self.waiting.len() >= WINDOW || self.aggregates.contains(&whose)
    }

    fn start(&mut self, record: &'r Record, answer: A) {
        let whose = (record.stream(), record.subject.aggregate());
        self.aggregates.insert(whose);
        self.waiting.push_back((record, answer));
    }

    fn oldest(&mut self) -> Option<(&'r Record, A)> {
        let (record, answer) = self.waiting.pop_front()?;
        let whose = (record.stream(), record.subject.aggregate());
        self.aggregates.remove(&whose);
        Some((record, answer))
    }
}

impl Flight<'_, PublishAckFuture> {
    /// Waits for the oldest one's answer.
    async fn land(&mut self) -> Result<Option<Published>> {
        let Some((record, ack)) = self.oldest() else {
            return Ok(None);
        };
        let ack = ack.into_future().await.map_err(|e| failure(record, &e))?;
        Ok(Some(Published {
            sequence: ack.sequence,
            duplicate: ack.duplicate,
        }))
    }
}

pub(super) fn failure(record: &Record, error: &PublishError) -> Error {
    let refused = || Error::Refused {
        id: record.id,
        why: error.to_string(),
    };
    match error.kind() {
        PublishErrorKind::StreamNotFound => {
            return Error::UnknownStream(record.stream().to_owned());
        }
        PublishErrorKind::MaxPayloadExceeded => return refused(),
        _ => {}
    }
    let answer = error
        .source()
        .and_then(|source| source.downcast_ref::<jetstream::Error>());
    let Some(answer) = answer else {
        return Error::Unavailable(error.to_string());
    };
    match answer.error_code() {
        // What a server answers whose stream, account or disk is full.
        ErrorCode::STREAM_STORE_FAILED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED
        | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES => Error::Full(error.to_string()),
        // About this message: the next one may well be taken.
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM => {
            refused()
        }
        // The same id is being stored just now.
        ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT => Error::Unavailable(error.to_string()),
        // About the stream: another one has the subject, or it is sealed.
        _ if answer.code() < 500 => Error::Config(error.to_string()),
        _ => Error::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Subject;

    fn record(aggregate: &str) -> Record {
        let subject = Subject::new("cover", "CoverGenerated", aggregate).unwrap();
        Record::new(Uuid::now_v7(), subject, vec![1])
    }

    #[test]
    fn of_one_aggregate_one_is_on_its_way_and_others_go_beside_it() {
        let records: Vec<Record> = ["a", "b", "a", "c"].map(record).into();
        let mut flight = Flight::default();
        flight.start(&records[0], ());
        assert!(!flight.is_in_the_way(&records[1]));
        flight.start(&records[1], ());
        assert!(flight.is_in_the_way(&records[2]));
        assert!(!flight.is_in_the_way(&records[3]));
        assert_eq!(flight.oldest().unwrap().0.id, records[0].id);
        assert!(!flight.is_in_the_way(&records[2]));
        flight.start(&records[2], ());
        assert!(flight.is_in_the_way(&records[0]));
    }

    #[test]
    fn no_more_than_a_window_is_on_its_way() {
        let records: Vec<Record> = (0..=WINDOW).map(|n| record(&format!("c{n}"))).collect();
        let mut flight = Flight::default();
        for record in &records[..WINDOW] {
            assert!(!flight.is_in_the_way(record));
            flight.start(record, ());
        }
        assert!(flight.is_in_the_way(&records[WINDOW]));
    }
}
