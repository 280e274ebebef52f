use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::digest::{ContentDigest, Running};

/// A body that is hashed as it passes. One that is not what was signed ends
/// with an error, as one does that breaks off, so that whoever reads to its end
/// never takes it for whole.
pub(super) struct Watched {
    body: Body,
    running: Vec<Running>,
    is_over: bool,
    failed: Arc<AtomicBool>,
}

/// What came out about a body that has passed.
pub(super) struct Verdict(Arc<AtomicBool>);

impl Verdict {
    /// It was another body than the one that was signed.
    pub(super) fn has_failed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Watched {
    pub(super) fn new(body: Body, digests: &[ContentDigest]) -> (Self, Verdict) {
        let failed = Arc::new(AtomicBool::new(false));
        let watched = Self {
            body,
            running: digests.iter().map(Running::new).collect(),
            is_over: false,
            failed: Arc::clone(&failed),
        };
        (watched, Verdict(failed))
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let running = &mut self.running;
                    running.iter_mut().for_each(|running| running.update(data));
                }
            }
            Some(Err(_)) => self.is_over = true,
            None => {
                self.is_over = true;
                let mut running = std::mem::take(&mut self.running).into_iter();
                if !running.all(Running::holds) {
                    self.failed.store(true, Ordering::Release);
                    let error = "the body is not the one that was signed";
                    return Poll::Ready(Some(Err(axum::Error::new(error))));
                }
            }
        }
        Poll::Ready(frame)
    }

    /// Only who polls to the end learns how it came out.
    fn is_end_stream(&self) -> bool {
        self.is_over
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use bytes::Bytes;
    use http_body_util::BodyExt as _;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256, Sha512};

    use super::{ContentDigest, Watched};

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime without drivers").block_on(future)
    }

    /// What comes of a body that arrives in pieces.
    fn passed(pieces: &[Vec<u8>], digests: &[ContentDigest]) -> (Result<Bytes, ()>, bool) {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(futures::stream::iter(pieces));
        let (watched, verdict) = Watched::new(body, digests);
        let whole = block_on(watched.collect());
        let whole = whole.map(|whole| whole.to_bytes()).map_err(drop);
        (whole, verdict.has_failed())
    }

    fn digests(body: &[u8]) -> [ContentDigest; 2] {
        [
            ContentDigest::Sha256(Sha256::digest(body).to_vec()),
            ContentDigest::Sha512(Sha512::digest(body).to_vec()),
        ]
    }

    proptest! {
        #[test]
        fn the_body_that_was_signed_passes_and_no_other(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..64), 1..8),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let whole = pieces.concat();
            let wanted = digests(&whole);
            let (body, failed) = passed(&pieces, &wanted);
            prop_assert_eq!((body, failed), (Ok(Bytes::from(whole.clone())), false));
            // One bit, one byte less, one byte more.
            let mut flipped = whole.clone();
            flipped[at.index(whole.len())] ^= 1 << bit;
            let less = whole[1..].to_vec();
            let more = [&whole[..], b"x"].concat();
            for other in [flipped, less, more] {
                for digest in &wanted {
                    let one = std::slice::from_ref(digest);
                    prop_assert!(!digest.is_of(&other));
                    prop_assert_eq!(passed(std::slice::from_ref(&other), one), (Err(()), true));
                }
                // Of several, all must hold.
                let mixed = [wanted[0].clone(), digests(&other)[1].clone()];
                prop_assert_eq!(passed(&[other], &mixed), (Err(()), true));
            }
        }
    }

    #[test]
    fn a_body_that_breaks_off_is_told_as_that() {
        let pieces = [
            Ok(Bytes::from_static(b"one")),
            Err(std::io::Error::other("gone")),
        ];
        let body = Body::from_stream(futures::stream::iter(pieces));
        let (watched, verdict) = Watched::new(body, &digests(b"one two"));
        assert!(block_on(watched.collect()).is_err());
        assert!(!verdict.has_failed());
    }
}
