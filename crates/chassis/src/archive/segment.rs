use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Error as IoError, ErrorKind};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_events::{Record, Stored, Subject};
use covergen_objects::Key;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{Date, Month, OffsetDateTime, PlainDateTime, Time};
use uuid::Uuid;

use super::shelf::ArchiveError;

/// More than any segment holds, so that a broken one cannot take all memory.
const MAX_BYTES: usize = 256 * 1024 * 1024;

const SUFFIX: &str = ".jsonl.gz";

/// A segment, as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentName {
    /// Where it lies.
    pub key: Key,
    /// Sequence of its first event.
    pub first: u64,
    /// Sequence of its last event.
    pub last: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The time that it is named by.
    at: PlainDateTime,
}

/// A segment's events, with what its first line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Sequence of the last event of the segment before it; 0 for the first.
    pub after: u64,
    /// The events, oldest first.
    pub events: Vec<Stored>,
}

/// The first line of a segment.
#[derive(Serialize, Deserialize)]
struct Head {
    stream: String,
    first: u64,
    last: u64,
    count: usize,
    after: u64,
}

/// One event of a segment.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    sequence: u64,
    /// Nanoseconds since 1970, as text: no JSON reader may round them.
    published_at_ns: String,
    id: Uuid,
    subject: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    /// The envelope, encoded, in base64.
    payload: String,
}

/// The folder of a stream's segments.
pub(super) fn folder(stream: &str) -> String {
    format!("events/{stream}")
}

impl SegmentName {
    /// Reads an object's key; `None` for one that is no segment of the stream.
    pub(super) fn parse(stream: &str, key: &Key) -> Option<Self> {
        let rest = key.as_str().strip_prefix(&folder(stream))?;
        let (date, file) = rest.strip_prefix('/')?.split_once('/')?;
        let mut parts = file.strip_suffix(SUFFIX)?.split('-');
        let at = PlainDateTime::new(day(date)?, time_of_day(parts.next()?)?);
        let (first, last) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let sha256 = parts.next().filter(|text| text.len() == 64)?.to_owned();
        Some(Self {
            key: key.clone(),
            first,
            last,
            sha256,
            at,
        })
    }

    /// The time that a segment which is written after this one is named by: its
    /// own, unless its name would stand before this one then. A clock that ran
    /// ahead is behind what it has named until it comes to be later.
    fn before(&self, first: u64, own: PlainDateTime) -> PlainDateTime {
        if own > self.at {
            own
        } else if first > self.first {
            self.at
        } else {
            self.at.saturating_add(time::Duration::SECOND)
        }
    }
}

/// `2023-11-14`.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()
}

/// `221320`.
fn time_of_day(text: &str) -> Option<Time> {
    let number: u32 = text.parse().ok()?;
    let part = |of: u32| u8::try_from(of % 100).ok();
    Time::from_hms(part(number / 10_000)?, part(number / 100)?, part(number)?).ok()
}

/// The segment of some events, which are all of one day: its name, behind that
/// of the segment before it, and bytes.
pub(super) fn encode(
    stream: &str,
    before: Option<&SegmentName>,
    after: u64,
    events: &[Stored],
) -> Result<(SegmentName, Vec<u8>), ArchiveError> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(broken("a segment without events"));
    };
    let head = Head {
        stream: stream.to_owned(),
        first: first.sequence,
        last: last.sequence,
        count: events.len(),
        after,
    };
    let mut text = line(&head)?;
    for event in events {
        text.push_str(&line(&Line {
            sequence: event.sequence,
            published_at_ns: event.published_at.unix_timestamp_nanos().to_string(),
            id: event.record.id,
            subject: event.record.subject.as_str().to_owned(),
            headers: event.record.headers.clone(),
            payload: STANDARD.encode(&event.record.payload),
        })?);
    }
    let bytes = pack(text.as_bytes())?;
    let sha256 = hash(&bytes);
    let own = first.published_at.to_offset(time::UtcOffset::UTC);
    let own = PlainDateTime::new(own.date(), own.time().truncate_to_second());
    let at = before.map_or(own, |before| before.before(head.first, own));
    let (hour, minute, second) = at.as_hms();
    let key = Key::parse(&format!(
        "{}/{:04}-{:02}-{:02}/{hour:02}{minute:02}{second:02}-{:020}-{:020}-{sha256}{SUFFIX}",
        folder(stream),
        at.year(),
        u8::from(at.month()),
        at.day(),
        head.first,
        head.last,
    ))?;
    let name = SegmentName {
        key,
        first: head.first,
        last: head.last,
        sha256,
        at,
    };
    Ok((name, bytes))
}

/// Reads a segment back; its bytes must be the ones that were stored.
pub(super) fn decode(
    stream: &str,
    name: &SegmentName,
    bytes: &[u8],
) -> Result<Archive, ArchiveError> {
    let wrong = |what: &str| Err(broken(&format!("{}: {what}", name.key)));
    if hash(bytes) != name.sha256 {
        return wrong("the bytes are not those its name has the hash of");
    }
    let text = String::from_utf8(unpack(bytes)?).map_err(|error| broken(&error.to_string()))?;
    let mut lines = text.lines();
    let head: Head = read(name, lines.next().unwrap_or_default())?;
    let events = lines
        .map(|line| read::<Line>(name, line).and_then(|line| line.stored(name)))
        .collect::<Result<Vec<Stored>, _>>()?;
    let ends = |event: Option<&Stored>| event.map(|event| event.sequence);
    if head.stream != stream
        || head.count != events.len()
        || ends(events.first()) != Some(name.first)
        || ends(events.last()) != Some(name.last)
    {
        return wrong("its events are not those it announces");
    }
    Ok(Archive {
        after: head.after,
        events,
    })
}

impl Line {
    fn stored(self, name: &SegmentName) -> Result<Stored, ArchiveError> {
        let wrong = |what: String| broken(&format!("{}: event {}: {what}", name.key, self.id));
        let payload = STANDARD
            .decode(&self.payload)
            .map_err(|error| wrong(error.to_string()))?;
        let nanoseconds: i128 = self
            .published_at_ns
            .parse()
            .map_err(|_| wrong("its time is no number".to_owned()))?;
        let published_at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
            .map_err(|error| wrong(error.to_string()))?;
        let subject = Subject::parse(&self.subject).map_err(|error| wrong(error.to_string()))?;
        let mut record = Record::new(self.id, subject, payload);
        record.headers = self.headers;
        Ok(Stored {
            record,
            sequence: self.sequence,
            published_at,
        })
    }
}

fn line(of: &impl Serialize) -> Result<String, ArchiveError> {
    let mut text = serde_json::to_string(of).map_err(|error| broken(&error.to_string()))?;
    text.push('\n');
    Ok(text)
}

fn read<'t, T: Deserialize<'t>>(name: &SegmentName, line: &'t str) -> Result<T, ArchiveError> {
    serde_json::from_str(line).map_err(|error| broken(&format!("{}: {error}", name.key)))
}

fn broken(what: &str) -> ArchiveError {
    ArchiveError::Broken(what.to_owned())
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

fn pack(bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor
        .gzip_compress(bytes, &mut packed)
        .map_err(|error| IoError::other(error.to_string()))?;
    packed.truncate(length);
    Ok(packed)
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    // The last four bytes of a gzip file are its length unpacked.
    let length = packed
        .last_chunk()
        .map_or(0, |end| u32::from_le_bytes(*end));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_BYTES {
        return Err(IoError::new(ErrorKind::InvalidData, "a segment that is too large").into());
    }
    let mut bytes = vec![0; length];
    let length = Decompressor::new()
        .gzip_decompress(packed, &mut bytes)
        .map_err(|error| IoError::new(ErrorKind::InvalidData, error.to_string()))?;
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: u64) -> Vec<Stored> {
        (1..=count)
            .map(|sequence| {
                let subject = Subject::new("cover", "CoverGenerated", "cov_1").unwrap();
                let record = Record::new(Uuid::now_v7(), subject, vec![0, 255, 7]);
                Stored {
                    record: record.with_header("traceparent", "00-1"),
                    sequence,
                    published_at: OffsetDateTime::from_unix_timestamp_nanos(
                        1_700_000_000_123_456_789 + i128::from(sequence),
                    )
                    .unwrap(),
                }
            })
            .collect()
    }

    #[test]
    fn a_segment_reads_back_as_it_was_and_always_has_the_same_name() {
        let events = events(3);
        let (name, bytes) = encode("cover", None, 9, &events).unwrap();
        assert_eq!(encode("cover", None, 9, &events).unwrap().0, name);
        assert!(
            name.key
                .as_str()
                .starts_with("events/cover/2023-11-14/221320-00000000000000000001-"),
            "{}",
            name.key
        );
        assert_eq!(SegmentName::parse("cover", &name.key).as_ref(), Some(&name));
        assert_eq!(SegmentName::parse("cove", &name.key), None);
        let archive = decode("cover", &name, &bytes).unwrap();
        assert_eq!((archive.after, archive.events), (9, events));
    }

    #[test]
    fn a_changed_byte_is_found() {
        let (name, mut bytes) = encode("cover", None, 0, &events(3)).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        assert!(matches!(
            decode("cover", &name, &bytes),
            Err(ArchiveError::Broken(_))
        ));
    }
    #[test]
    fn names_never_go_back_whatever_the_clock_does() {
        let at = |sequence: u64, seconds: i64| {
            let mut events = events(1);
            events[0].sequence = sequence;
            events[0].published_at += time::Duration::seconds(seconds);
            events
        };
        let mut before: Option<SegmentName> = None;
        // An hour ahead and back, past midnight and back, a log that counts
        // anew, and on it goes.
        let steps = [
            (5, 0),
            (6, 3_600),
            (7, 1),
            (8, 2),
            (9, 7_200),
            (10, 3),
            (1, 4),
            (2, 8_000),
        ];
        for (sequence, seconds) in steps {
            let events = at(sequence, seconds);
            let (name, _) = encode("cover", before.as_ref(), 0, &events).unwrap();
            assert_eq!(SegmentName::parse("cover", &name.key).as_ref(), Some(&name));
            if let Some(before) = before {
                assert!(before.key < name.key, "{} {}", before.key, name.key);
            }
            before = Some(name);
        }
        let last = before.unwrap().key;
        assert!(last.as_str().contains("/2023-11-15/002640-"), "{last}");
    }
}
