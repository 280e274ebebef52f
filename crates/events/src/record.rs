use std::collections::BTreeMap;

use bytes::Bytes;
use uuid::Uuid;

use crate::{Error, Result, Subject};

/// Payload and headers of one record together; below the 1 MiB that a NATS
/// server accepts by default, with room for its own headers.
pub const MAX_RECORD_BYTES: usize = 768 * 1024;

const MAX_HEADERS: usize = 16;

/// One event as stored: an id, a subject and an opaque payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The event's id (UUIDv7); publishing it twice stores it once.
    pub id: Uuid,
    /// What happened; its domain names the stream.
    pub subject: Subject,
    /// The encoded envelope.
    pub payload: Bytes,
    /// Small text headers, such as `traceparent`.
    pub headers: BTreeMap<String, String>,
}

impl Record {
    /// A record without headers.
    #[must_use]
    pub fn new(id: Uuid, subject: Subject, payload: impl Into<Bytes>) -> Self {
        Self {
            id,
            subject,
            payload: payload.into(),
            headers: BTreeMap::new(),
        }
    }

    /// Adds one header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The stream that holds this record.
    #[must_use]
    pub fn stream(&self) -> &str {
        self.subject.domain()
    }

    /// Checks the bounds that both engines keep.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or [`Error::InvalidName`] of a header.
    pub fn check(&self) -> Result<()> {
        let header_bytes: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let bytes = self.payload.len() + header_bytes;
        check_size(bytes)?;
        if self.headers.len() > MAX_HEADERS {
            return Err(bad_header("", "at most 16 headers"));
        }
        self.headers
            .iter()
            .try_for_each(|(name, value)| check_header(name, value))
    }
}

/// Checks the size of anything handed to an engine.
pub(crate) fn check_size(bytes: usize) -> Result<()> {
    if bytes > MAX_RECORD_BYTES {
        return Err(Error::TooLarge {
            bytes,
            limit_bytes: MAX_RECORD_BYTES,
        });
    }
    Ok(())
}

fn check_header(name: &str, value: &str) -> Result<()> {
    let clean = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let lower = name.to_ascii_lowercase();
    if !clean || lower.starts_with("nats-") || lower.starts_with("covergen-") {
        return Err(bad_header(
            name,
            "letters, digits and -, not starting with Nats- or Covergen-",
        ));
    }
    // A line break in a value would end the header block on the wire, and
    // blanks at the ends do not survive it.
    let printable = value.bytes().all(|b| (0x20..0x7f).contains(&b));
    if !printable || value.len() > 4096 || value.trim() != value {
        return Err(bad_header(
            name,
            "values are trimmed printable ASCII up to 4096 bytes",
        ));
    }
    Ok(())
}

fn bad_header(name: &str, why: &'static str) -> Error {
    Error::InvalidName {
        what: "header",
        name: name.to_owned(),
        why,
    }
}

/// The log's answer for one published record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The record's place in its stream. Sequences grow; they may have gaps.
    pub sequence: u64,
    /// The log already held this id, and nothing new was stored.
    pub duplicate: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let subject = Subject::new("cover", "CoverGenerated", "cov_1").unwrap();
        Record::new(Uuid::now_v7(), subject, vec![0; 10])
    }

    #[test]
    fn a_header_cannot_smuggle_a_line_or_pose_as_the_engines_own() {
        for (name, value) in [
            ("a", "x\r\nNats-Msg-Id: 1"),
            ("Nats-Msg-Id", "1"),
            ("covergen-only", "x"),
            ("a b", "x"),
            ("", "x"),
            ("a", " x"),
        ] {
            assert!(record().with_header(name, value).check().is_err(), "{name}");
        }
        assert!(
            record()
                .with_header("traceparent", "00-1-1-01")
                .check()
                .is_ok()
        );
    }

    #[test]
    fn a_record_over_the_limit_is_refused() {
        let mut large = record();
        large.payload = vec![0; MAX_RECORD_BYTES + 1].into();
        assert!(matches!(large.check(), Err(Error::TooLarge { .. })));
    }
}
