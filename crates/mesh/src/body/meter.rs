//! Refuses messages that are too long before anybody reads or sends them.

use bytes::Bytes;
use covergen_grpc::{MAX_MESSAGE_BYTES, PREFIX_BYTES};
use http_body::Frame;
use tonic::Status;

use super::{BodyWatch, Collected};

/// What a message is not.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// It declares a length over the limit.
    Length(usize),
    /// It is neither plain nor compressed.
    Flag(u8),
}

/// Follows the message prefixes in a body, however the bytes are cut into
/// frames, and breaks off at the first message over [`MAX_MESSAGE_BYTES`].
///
/// Servers bound what they decode, but not all of them what they answer; here
/// the bound holds for all.
#[derive(Debug, Default)]
pub(crate) struct MessageLimit {
    prefix: [u8; PREFIX_BYTES],
    prefix_filled: usize,
    message_remaining: usize,
}

impl MessageLimit {
    /// Whether no message of what is held is too long.
    pub(crate) fn allows(held: &Collected) -> bool {
        let mut limit = Self::default();
        held.frames().all(|frame| limit.advance(frame).is_ok())
    }

    /// Reads on.
    fn advance(&mut self, mut data: &[u8]) -> Result<(), Wrong> {
        while !data.is_empty() {
            let skipped = self.message_remaining.min(data.len());
            self.message_remaining -= skipped;
            data = &data[skipped..];
            let wanted = (PREFIX_BYTES - self.prefix_filled).min(data.len());
            self.prefix[self.prefix_filled..self.prefix_filled + wanted]
                .copy_from_slice(&data[..wanted]);
            self.prefix_filled += wanted;
            data = &data[wanted..];
            if self.prefix_filled == PREFIX_BYTES {
                let [flag, length @ ..] = self.prefix;
                let length = u32::from_be_bytes(length) as usize;
                if flag > 1 {
                    return Err(Wrong::Flag(flag));
                }
                if length > MAX_MESSAGE_BYTES {
                    return Err(Wrong::Length(length));
                }
                self.message_remaining = length;
                self.prefix_filled = 0;
            }
        }
        Ok(())
    }
}

impl BodyWatch for MessageLimit {
    fn frame(&mut self, frame: &mut Frame<Bytes>) -> Result<(), Status> {
        let Some(data) = frame.data_ref() else {
            return Ok(());
        };
        self.advance(data).map_err(|wrong| match wrong {
            Wrong::Length(length) => Status::resource_exhausted(format!(
                "a message of {length} bytes is over the limit of {MAX_MESSAGE_BYTES}"
            )),
            // Below it would be taken for a fault of ours.
            Wrong::Flag(flag) => {
                Status::invalid_argument(format!("a message begins with {flag}, not with 0 or 1"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefix(length: usize) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        bytes
    }

    fn message(length: usize) -> Vec<u8> {
        let mut bytes = prefix(length);
        // Bytes that would look like a monstrous prefix if position were lost.
        bytes.extend(std::iter::repeat_n(0xff, length));
        bytes
    }

    #[test]
    fn the_largest_message_passes_and_one_more_byte_does_not() {
        assert!(
            MessageLimit::default()
                .advance(&message(MAX_MESSAGE_BYTES))
                .is_ok()
        );
        assert_eq!(
            MessageLimit::default().advance(&message(MAX_MESSAGE_BYTES + 1)),
            Err(Wrong::Length(MAX_MESSAGE_BYTES + 1))
        );
    }

    #[test]
    fn a_message_is_plain_or_compressed() {
        for flag in [0, 1] {
            assert_eq!(MessageLimit::default().advance(&[flag, 0, 0, 0, 0]), Ok(()));
        }
        let wrong = MessageLimit::default().advance(&[2, 0, 0, 0, 0]);
        assert_eq!(wrong, Err(Wrong::Flag(2)));
    }

    proptest! {
        #[test]
        fn frames_may_cut_messages_anywhere(
            lengths in proptest::collection::vec(0_usize..40, 0..10),
            cut in 1_usize..17,
        ) {
            let mut bytes: Vec<u8> = lengths.iter().copied().flat_map(message).collect();
            let mut meter = MessageLimit::default();
            for chunk in bytes.chunks(cut) {
                prop_assert!(meter.advance(chunk).is_ok());
            }
            bytes = prefix(MAX_MESSAGE_BYTES + 1);
            prop_assert!(bytes.chunks(cut).any(|chunk| meter.advance(chunk).is_err()));
        }
    }
}
