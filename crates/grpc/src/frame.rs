//! A message as it stands on the wire, and what a body holds.

use std::cmp::Ordering;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tonic::{Status, body::Body};

use crate::MAX_MESSAGE_BYTES;

/// A message's frame begins with a flag and four bytes of length (gRPC over
/// HTTP2, "Length-Prefixed-Message").
pub const PREFIX_BYTES: usize = 5;

/// `message` behind its prefix, not compressed.
///
/// # Errors
/// RESOURCE_EXHAUSTED for one over the limit.
pub fn framed(message: &impl prost::Message) -> Result<Bytes, Status> {
    let length = message.encoded_len();
    let mut frame = start(length)?;
    message
        .encode(&mut frame)
        .map_err(|error| Status::internal(error.to_string()))?;
    Ok(frame.freeze())
}

/// The same of a message that is encoded already.
///
/// # Errors
/// As [`framed`].
pub fn prefixed(message: &[u8]) -> Result<Bytes, Status> {
    let mut frame = start(message.len())?;
    frame.put_slice(message);
    Ok(frame.freeze())
}

fn start(length: usize) -> Result<BytesMut, Status> {
    let told = u32::try_from(length).ok();
    let told = told.filter(|_| length <= MAX_MESSAGE_BYTES);
    let told = told.ok_or_else(|| over(length))?;
    let mut frame = BytesMut::with_capacity(PREFIX_BYTES + length);
    frame.put_u8(0);
    frame.put_u32(told);
    Ok(frame)
}

pub(crate) fn over(length: usize) -> Status {
    Status::resource_exhausted(format!(
        "a message of {length} bytes is over the limit of {MAX_MESSAGE_BYTES}"
    ))
}

/// What stands before a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// 0 for a message that is plain, 1 for one that is compressed.
    pub flag: u8,
    /// Of the message, in bytes.
    pub length: usize,
}

impl Prefix {
    /// Once it is there.
    #[must_use]
    pub fn of(mut read: &[u8]) -> Option<Self> {
        (read.len() >= PREFIX_BYTES).then(|| Self {
            flag: read.get_u8(),
            length: read.get_u32() as usize,
        })
    }
}

/// How far a body has come towards one plain message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It is the beginning of one.
    More,
    Whole,
    /// It is compressed, too long, or more than one.
    Odd,
}

impl Progress {
    fn of(read: &[u8]) -> Self {
        let Some(prefix) = Prefix::of(read) else {
            return Self::More;
        };
        if prefix.flag != 0 || prefix.length > MAX_MESSAGE_BYTES {
            return Self::Odd;
        }
        match (read.len() - PREFIX_BYTES).cmp(&prefix.length) {
            Ordering::Less => Self::More,
            Ordering::Equal => Self::Whole,
            Ordering::Greater => Self::Odd,
        }
    }
}

/// A body that does not begin with one plain message.
pub(crate) struct Odd {
    /// As much as was read.
    pub(crate) data: Bytes,
    pub(crate) next: Next,
}

/// What comes next of a body.
pub(crate) enum Next {
    /// Its end.
    End(Option<HeaderMap>),
    /// More, of which this was read.
    More(Bytes),
    /// A break.
    Broken(Status),
}

/// Reads the one plain message that a body begins with: its frame.
pub(crate) async fn message(body: &mut Body) -> Result<Bytes, Odd> {
    let mut gathered = Gathered::default();
    loop {
        let next = match next(body).await {
            Next::More(data) => match gathered.push(data) {
                Progress::More => continue,
                Progress::Whole => return Ok(gathered.whole()),
                Progress::Odd => Next::More(Bytes::new()),
            },
            end => end,
        };
        let data = gathered.whole();
        return Err(Odd { data, next });
    }
}

/// The next of a body that is not nothing.
pub(crate) async fn next(body: &mut Body) -> Next {
    while let Some(frame) = body.frame().await {
        match frame.map(http_body::Frame::into_data) {
            // Some close a stream with nothing.
            Ok(Ok(data)) if data.is_empty() => {}
            Ok(Ok(data)) => return Next::More(data),
            Ok(Err(frame)) => return Next::End(frame.into_trailers().ok()),
            Err(status) => return Next::Broken(status),
        }
    }
    Next::End(None)
}

/// Data that came in any number of frames; that of a single one is not copied.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    more: BytesMut,
}

impl Gathered {
    fn push(&mut self, data: Bytes) -> Progress {
        if self.first.is_empty() {
            self.first = data;
            return Progress::of(&self.first);
        }
        if self.more.is_empty() {
            self.more.extend_from_slice(&self.first);
        }
        self.more.extend_from_slice(&data);
        Progress::of(&self.more)
    }

    fn whole(self) -> Bytes {
        if self.more.is_empty() {
            self.first
        } else {
            self.more.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(flag: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![flag];
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        bytes
    }

    #[test]
    fn a_message_is_whole_when_its_last_byte_is_there() {
        let frame = framed(&b"abc".to_vec()).unwrap();
        for end in 0..frame.len() {
            assert_eq!(Progress::of(&frame[..end]), Progress::More, "{end}");
        }
        assert_eq!(Progress::of(&frame), Progress::Whole);
        let message = prost::Message::encode_to_vec(&b"abc".to_vec());
        assert_eq!(frame[PREFIX_BYTES..], message);
        assert_eq!(prefixed(&message).unwrap(), frame);
    }

    #[test]
    fn an_empty_message_is_one() {
        assert_eq!(Progress::of(&framed(&()).unwrap()), Progress::Whole);
    }

    #[test]
    fn the_longest_message_is_written_and_one_more_byte_is_not() {
        let longest = prefixed(&vec![0; MAX_MESSAGE_BYTES]).unwrap();
        assert_eq!(Progress::of(&longest), Progress::Whole);
        let status = prefixed(&vec![0; MAX_MESSAGE_BYTES + 1]).unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }

    #[test]
    fn more_than_a_message_and_what_is_none_is_odd() {
        for odd in [
            [prefix(0, 1), vec![1, 2]].concat(),
            [prefix(0, 0), prefix(0, 0)].concat(),
            prefix(1, 3),
            prefix(2, 3),
            prefix(0, MAX_MESSAGE_BYTES + 1),
        ] {
            assert_eq!(Progress::of(&odd), Progress::Odd, "{odd:?}");
        }
        assert_eq!(Progress::of(&prefix(0, MAX_MESSAGE_BYTES)), Progress::More);
    }

    #[test]
    fn what_comes_in_pieces_is_joined_and_what_does_not_is_not_copied() {
        let frame = framed(&b"abcdef".to_vec()).unwrap();
        for size in 1..=frame.len() {
            let mut gathered = Gathered::default();
            let pieces = frame.chunks(size).map(|piece| frame.slice_ref(piece));
            let last = pieces.map(|piece| gathered.push(piece)).last();
            assert_eq!(last, Some(Progress::Whole), "{size}");
            let whole = gathered.whole();
            assert_eq!(whole, frame);
            let is_same = whole.as_ptr() == frame.as_ptr();
            assert_eq!(is_same, size == frame.len(), "{size}");
        }
    }
}
