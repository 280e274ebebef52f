//! Messages as they stand on the wire: a flag, four bytes of length, the
//! message (gRPC over HTTP2, "Length-Prefixed-Message").

use bytes::{Bytes, BytesMut};
use covergen_grpc::{MAX_MESSAGE_BYTES, PREFIX_BYTES, Prefix};
use tonic::Status;

/// One message with what stands before it.
#[derive(Clone)]
pub(crate) struct Framed(Bytes);

impl Framed {
    #[cfg(test)]
    pub(super) const fn of(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The message alone.
    pub(crate) fn message(&self) -> Bytes {
        self.0.slice(PREFIX_BYTES..)
    }

    /// All of it.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}

/// Takes messages out of bytes, which come in any pieces.
#[derive(Default)]
pub(super) struct Frames(BytesMut);

impl Frames {
    pub(super) fn add(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }

    /// The next message that is there as a whole.
    ///
    /// # Errors
    /// What comes is no message that we take.
    pub(super) fn next(&mut self) -> Result<Option<Framed>, Status> {
        let Some(Prefix { flag, length }) = Prefix::of(&self.0) else {
            return Ok(None);
        };
        if flag != 0 {
            // Nothing was offered to compress with.
            return Err(Status::internal("a stream's message is compressed"));
        }
        if length > MAX_MESSAGE_BYTES {
            let text = format!("a message is larger than {MAX_MESSAGE_BYTES} bytes");
            return Err(Status::resource_exhausted(text));
        }
        if self.0.len() < PREFIX_BYTES + length {
            return Ok(None);
        }
        // Kept for a while: without what else the buffer has room for.
        let whole = self.0.split_to(PREFIX_BYTES + length);
        Ok(Some(Framed(Bytes::copy_from_slice(&whole))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_whole_in_whatever_pieces_they_come() {
        let sent = [
            &[0, 0, 0, 0, 2][..],
            b"ab",
            &[0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 1],
            b"c",
        ]
        .concat();
        for size in 1..=sent.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for piece in sent.chunks(size) {
                frames.add(piece);
                while let Some(framed) = frames.next().unwrap() {
                    seen.push(framed.message());
                }
            }
            assert_eq!(seen, ["ab", "", "c"]);
        }
    }

    #[test]
    fn what_is_no_message_of_ours_is_refused() {
        for prefix in [[1, 0, 0, 0, 0], [0, 0, 64, 0, 1]] {
            let mut frames = Frames::default();
            frames.add(&prefix);
            assert!(frames.next().is_err(), "{prefix:?}");
        }
    }
}
