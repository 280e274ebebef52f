//! The id that names one request in every log line it causes.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::fmt::Hyphenated;

/// Carries the request id between hops and back to the caller.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// The same, read once: a name that is given as text is read at every look-up.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static(REQUEST_ID_HEADER);

const MAX_LENGTH: usize = 64;

/// At most 64 letters, digits, dots, dashes or underscores, so that it can
/// stand in a log line, a header or a URL as it is.
///
/// Kept as the header it comes and goes in: most are only passed on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// A new id (UUIDv7, so ids sort by time).
    pub fn mint() -> Self {
        let mut text = [0; Hyphenated::LENGTH];
        new_uuid().hyphenated().encode_lower(&mut text);
        // Counted from the start, since it is passed on several times.
        Self::plain(Bytes::from_owner(text))
    }

    /// Takes an id from outside if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text.as_bytes()).then(|| Self::plain(Bytes::copy_from_slice(text.as_bytes())))
    }

    fn plain(text: Bytes) -> Self {
        let value = HeaderValue::from_maybe_shared(text);
        Self(once(
            value.expect("a request id holds header characters only"),
        ))
    }

    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(REQUEST_ID)?;
        is_id(value.as_bytes()).then(|| Self(once(value.clone())))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("a request id is text")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_id(text: &[u8]) -> bool {
    let fits = !text.is_empty() && text.len() <= MAX_LENGTH;
    fits && text.iter().all(|byte| ALLOWED[usize::from(*byte)])
}

/// Looked up, since every call of every service has an id to read.
const ALLOWED: [bool; 256] = {
    let mut allowed = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let is_alphanumeric = byte.is_ascii_alphanumeric();
        allowed[byte as usize] = is_alphanumeric || matches!(byte, b'.' | b'-' | b'_');
        byte += 1;
    }
    allowed
};

/// By the thread's own generator: asking the system costs as much as a layer.
fn new_uuid() -> uuid::Uuid {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
    let [random @ .., _, _, _, _, _, _] = rand::random::<u128>().to_ne_bytes();
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// Marks a value that will not come again, so that HTTP/2 keeps it out of the
/// table of headers, where it would push out those that do.
pub(crate) fn once(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_id_is_a_valid_id() {
        let minted = RequestId::mint();
        assert_eq!(RequestId::parse(minted.as_str()), Some(minted));
    }

    #[test]
    fn what_could_forge_a_log_line_is_refused() {
        for text in ["", "a b", "a\nb", "a\"b", "é", &"x".repeat(65)] {
            assert_eq!(RequestId::parse(text), None, "{text:?}");
        }
    }
}
