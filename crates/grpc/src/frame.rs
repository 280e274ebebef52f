//! A message as it stands on the wire, and what a body holds.

use std::cmp::Ordering;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tonic::{Status, body::Body};

use crate::MAX_MESSAGE_BYTES;

/// A message's frame begins with a flag and four bytes of length (gRPC over
/// HTTP2, "Length-Prefixed-Message").
pub(crate) const PREFIX_BYTES: usize = 5;

/// `message` behind its prefix, not compressed.
#[must_use]
pub fn framed(message: &impl prost::Message) -> Bytes {
    write(message, message.encoded_len())
}

fn write(message: &impl prost::Message, length: usize) -> Bytes {
    let mut frame = BytesMut::with_capacity(PREFIX_BYTES + length);
    frame.put_u8(0);
    // What is longer than four bytes can say is refused for its size on the way.
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    message
        .encode(&mut frame)
        .expect("the buffer is as large as the message");
    frame.freeze()
}

/// The same of one that is within the limit.
pub(crate) fn bounded(message: &impl prost::Message, what: &str) -> Result<Bytes, Status> {
    let length = message.encoded_len();
    if length > MAX_MESSAGE_BYTES {
        return Err(over(what, length));
    }
    Ok(write(message, length))
}

pub(crate) fn over(what: &str, length: usize) -> Status {
    Status::resource_exhausted(format!(
        "{what} of {length} bytes is over the limit of {MAX_MESSAGE_BYTES}"
    ))
}

/// The message of a frame that is whole, plain and within the limit.
pub(crate) fn unframed(frame: &Bytes) -> Option<Bytes> {
    match Progress::of(frame) {
        Progress::Whole => Some(frame.slice(PREFIX_BYTES..)),
        Progress::More | Progress::Odd => None,
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
        if !prefix.is_plain() || prefix.length > MAX_MESSAGE_BYTES {
            return Self::Odd;
        }
        match (read.len() - PREFIX_BYTES).cmp(&prefix.length) {
            Ordering::Less => Self::More,
            Ordering::Equal => Self::Whole,
            Ordering::Greater => Self::Odd,
        }
    }
}

/// What stands before a message.
pub(crate) struct Prefix {
    flag: u8,
    /// Of the message, in bytes.
    pub(crate) length: usize,
}

impl Prefix {
    /// Once it is there.
    pub(crate) fn of(mut read: &[u8]) -> Option<Self> {
        (read.len() >= PREFIX_BYTES).then(|| Self {
            flag: read.get_u8(),
            length: read.get_u32() as usize,
        })
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.flag == 0
    }
}

/// What a body was read to.
pub(crate) enum Read {
    /// Its end.
    All {
        data: Bytes,
        trailers: Option<HeaderMap>,
    },
    /// As far as it was clear that it is not one plain message.
    Odd { data: Bytes },
    /// A break.
    Broken { data: Bytes, status: Status },
}

/// Reads a body for as long as it may be one plain message.
pub(crate) async fn read(body: &mut Body) -> Read {
    let (mut data, mut trailers) = (Gathered::default(), None);
    while let Some(frame) = body.frame().await {
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(more)) => {
                if data.push(more) == Progress::Odd {
                    return Read::Odd { data: data.whole() };
                }
            }
            Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
            Err(status) => {
                let data = data.whole();
                return Read::Broken { data, status };
            }
        }
    }
    let data = data.whole();
    Read::All { data, trailers }
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
        let frame = framed(&b"abc".to_vec());
        for end in 0..frame.len() {
            assert_eq!(Progress::of(&frame[..end]), Progress::More, "{end}");
        }
        assert_eq!(Progress::of(&frame), Progress::Whole);
        let message = unframed(&frame).unwrap();
        assert_eq!(message, prost::Message::encode_to_vec(&b"abc".to_vec()));
    }

    #[test]
    fn an_empty_message_is_one() {
        assert_eq!(unframed(&framed(&())), Some(Bytes::new()));
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
    fn what_comes_in_pieces_is_joined() {
        let frame = framed(&b"abcdef".to_vec());
        for size in 1..frame.len() {
            let mut gathered = Gathered::default();
            let pieces = frame.chunks(size).map(Bytes::copy_from_slice);
            let last = pieces.map(|piece| gathered.push(piece)).last();
            assert_eq!(last, Some(Progress::Whole), "{size}");
            assert_eq!(gathered.whole(), frame);
        }
    }
}
