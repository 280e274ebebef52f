use async_nats::HeaderMap;
use bytes::Bytes;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::subject::ROOT;
use crate::{DeadLetter, Error, Record, Result, Stored, Subject};

/// The id by which the server recognises duplicates.
const NATS_MESSAGE_ID: &str = "Nats-Msg-Id";
/// The event's id, where `Nats-Msg-Id` has to be another (redriven letters).
const EVENT_ID: &str = "Covergen-Event-Id";
/// The only consumer that a redriven message is meant for.
const ONLY: &str = "Covergen-Only";
/// On dead letters: the subject, consumer, count and reason.
const SUBJECT: &str = "Covergen-Subject";
const DURABLE: &str = "Covergen-Durable";
const COUNT: &str = "Covergen-Delivery-Count";
const REASON: &str = "Covergen-Reason";

/// Names on the server, all under one namespace.
#[derive(Debug, Clone)]
pub(super) struct Names {
    namespace: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
        }
    }

    pub(super) fn stream(&self, stream: &str) -> String {
        format!("{}_{stream}", self.namespace)
    }

    pub(super) fn dead_stream(&self, stream: &str) -> String {
        format!("{}_{stream}_dead", self.namespace)
    }

    pub(super) fn subjects(&self, stream: &str) -> String {
        format!("{}.{stream}.>", self.namespace)
    }

    pub(super) fn dead_subjects(&self, stream: &str) -> String {
        format!("{}-dead.{stream}.>", self.namespace)
    }

    /// One subject per consumer and event, so that parking twice leaves one.
    pub(super) fn dead_subject(&self, stream: &str, durable: &str, id: Uuid) -> String {
        format!("{}-dead.{stream}.{durable}.{id}", self.namespace)
    }

    pub(super) fn topic(&self, topic: &str) -> String {
        format!("{}-live.{topic}", self.namespace)
    }

    pub(super) fn subject(&self, subject: &Subject) -> String {
        // Subjects start with the root by construction.
        let rest = &subject.as_str()[ROOT.len()..];
        format!("{}{rest}", self.namespace)
    }

    fn parse_subject(&self, wire: &str) -> Result<Subject> {
        let rest = wire
            .strip_prefix(&self.namespace)
            .ok_or_else(|| Error::Corrupt(format!("foreign subject {wire:?}")))?;
        Subject::parse(&format!("{ROOT}{rest}"))
    }

    /// Reads a message of a stream.
    pub(super) fn stored(
        &self,
        subject: &str,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
        sequence: u64,
        published_at: OffsetDateTime,
    ) -> Result<Stored> {
        Ok(Stored {
            record: record(self.parse_subject(subject)?, headers, payload)?,
            sequence,
            published_at,
        })
    }
}

fn record(subject: Subject, headers: Option<&HeaderMap>, payload: &Bytes) -> Result<Record> {
    let id = text(headers, EVENT_ID)
        .or_else(|| text(headers, NATS_MESSAGE_ID))
        .and_then(|id| Uuid::parse_str(id).ok())
        .ok_or_else(|| Error::Corrupt("a message without an event id".to_owned()))?;
    let own = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.starts_with("nats-") || lower.starts_with("covergen-")
    };
    let mut record = Record::new(id, subject, payload.clone());
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        let name: &str = name.as_ref();
        if let Some(value) = values.first()
            && !own(name)
        {
            record.headers.insert(name.to_owned(), value.to_string());
        }
    }
    Ok(record)
}

fn text<'a>(headers: Option<&'a HeaderMap>, name: &str) -> Option<&'a str> {
    headers?.get(name).map(|value| value.as_str())
}

/// Headers of a record on its way to its stream.
pub(super) fn headers(record: &Record) -> HeaderMap {
    let mut headers = own_headers(record);
    headers.insert(NATS_MESSAGE_ID, record.id.to_string());
    headers
}

fn own_headers(record: &Record) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &record.headers {
        headers.insert(name.as_str(), value.as_str());
    }
    headers
}

/// Headers of a dead letter. It has no message id: one per subject is kept
/// anyway, and the server would drop a letter that fails again after a
/// redrive as a duplicate of the one it still remembers.
pub(super) fn dead_headers(record: &Record, durable: &str, count: u32, reason: &str) -> HeaderMap {
    let mut headers = own_headers(record);
    headers.insert(EVENT_ID, record.id.to_string());
    headers.insert(SUBJECT, record.subject.as_str());
    headers.insert(DURABLE, durable);
    headers.insert(COUNT, count.to_string());
    headers.insert(REASON, reason);
    headers
}

/// Headers of a dead letter handed back to its own consumer. The message id
/// is a new one, or the server would take it for a duplicate and drop it.
pub(super) fn redrive_headers(letter: &DeadLetter) -> HeaderMap {
    let mut headers = own_headers(&letter.record);
    let id = format!("redrive:{}:{}", letter.durable, letter.sequence);
    headers.insert(NATS_MESSAGE_ID, id);
    headers.insert(EVENT_ID, letter.record.id.to_string());
    headers.insert(ONLY, letter.durable.as_str());
    headers
}

/// The consumer a message is meant for, when it is not for everybody.
pub(super) fn only(headers: Option<&HeaderMap>) -> Option<&str> {
    text(headers, ONLY)
}

/// Reads a message of a dead stream.
pub(super) fn dead_letter(
    headers: Option<&HeaderMap>,
    payload: &Bytes,
    sequence: u64,
    parked_at: OffsetDateTime,
) -> Result<DeadLetter> {
    let missing = || Error::Corrupt(format!("dead letter {sequence} lacks a header"));
    let subject = Subject::parse(text(headers, SUBJECT).ok_or_else(missing)?)?;
    Ok(DeadLetter {
        sequence,
        durable: text(headers, DURABLE).ok_or_else(missing)?.to_owned(),
        record: record(subject, headers, payload)?,
        delivery_count: text(headers, COUNT)
            .and_then(|count| count.parse().ok())
            .ok_or_else(missing)?,
        reason: text(headers, REASON).unwrap_or_default().to_owned(),
        parked_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_namespace_maps_there_and_back() {
        let names = Names::new("test7");
        let subject = Subject::new("cover", "CoverGenerated", "cov_1").unwrap();
        let wire = names.subject(&subject);
        assert_eq!(wire, "test7.cover.CoverGenerated.cov_1");
        assert_eq!(names.parse_subject(&wire).unwrap(), subject);
        assert!(names.parse_subject("other.cover.E.a").is_err());
        assert!(names.parse_subject("test77.cover.E.a").is_err());
    }

    #[test]
    fn a_dead_letter_keeps_the_record_as_it_was() {
        let subject = Subject::new("cover", "CoverGenerated", "cov_1").unwrap();
        let record = Record::new(Uuid::now_v7(), subject, "x").with_header("traceparent", "00-1");
        let headers = dead_headers(&record, "user", 5, "boom");
        let letter = dead_letter(
            Some(&headers),
            &record.payload,
            7,
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap();
        assert_eq!(letter.record, record);
        assert_eq!(
            (letter.durable.as_str(), letter.delivery_count),
            ("user", 5)
        );
        assert_eq!(letter.reason, "boom");
    }
}
