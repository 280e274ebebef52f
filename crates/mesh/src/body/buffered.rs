//! Bodies held in memory: requests to send again, and answers read to their
//! end before anybody judges them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use covergen_grpc::{MAX_MESSAGE_BYTES, PREFIX_BYTES};
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tonic::{Status, body::Body};

use super::Source;

const BUFFER_BYTES: usize = MAX_MESSAGE_BYTES + PREFIX_BYTES;

/// Data frames in order; cloning shares the bytes. Nearly every message is one
/// frame, which is held without allocating.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected {
    pub(super) first: Option<Bytes>,
    pub(super) rest: Option<Arc<[Bytes]>>,
}

impl Collected {
    fn new(mut first: Option<Bytes>, mut more: Vec<Bytes>) -> Self {
        if first.is_none() && !more.is_empty() {
            first = Some(more.remove(0));
        }
        Self {
            first,
            rest: (!more.is_empty()).then(|| Arc::from(more)),
        }
    }

    /// A single frame.
    pub(crate) fn one(frame: Bytes) -> Self {
        Self::new(Some(frame), Vec::new())
    }

    /// A body that plays the frames.
    pub(crate) fn into_body(self) -> Body {
        self.play(None)
    }

    /// A body that plays the frames and ends with trailers.
    pub(crate) fn into_body_with(self, trailers: HeaderMap) -> Body {
        self.play(Some(trailers))
    }

    /// The frames in order.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Bytes> {
        let rest = self.rest.as_deref().unwrap_or_default();
        self.first.iter().chain(rest)
    }

    /// All frames as one.
    pub(crate) fn whole(&self) -> Bytes {
        let first = self.first.clone().unwrap_or_default();
        match &self.rest {
            None => first,
            Some(rest) => {
                let parts: Vec<&[u8]> = std::iter::once(&first)
                    .chain(rest.iter())
                    .map(|b| &b[..])
                    .collect();
                Bytes::from(parts.concat())
            }
        }
    }

    fn play(self, trailers: Option<HeaderMap>) -> Body {
        Body::new(Replay {
            data: self,
            next: 0,
            trailers,
        })
    }
}

struct Replay {
    data: Collected,
    // Of the rest.
    next: usize,
    trailers: Option<HeaderMap>,
}

impl Replay {
    fn rest(&self) -> &[Bytes] {
        let rest = self.data.rest.as_deref().unwrap_or_default();
        rest.get(self.next..).unwrap_or_default()
    }
}

impl http_body::Body for Replay {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let data = match self.data.first.take() {
            Some(first) => Some(first),
            None => self.rest().first().cloned().inspect(|_| self.next += 1),
        };
        let frame = match data {
            Some(data) => Some(Frame::data(data)),
            None => self.trailers.take().map(Frame::trailers),
        };
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.first.is_none() && self.rest().is_empty() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let parts = self.data.first.iter().chain(self.rest());
        SizeHint::with_exact(parts.map(|data| data.len() as u64).sum())
    }
}

/// Holds a unary request, so that it can be sent more than once. One that is
/// over the message limit is refused here rather than sent to be refused.
pub(super) async fn buffer(mut body: impl Source) -> Result<Collected, Status> {
    let (mut first, mut more) = (None, Vec::new());
    let mut held_bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        held_bytes += data.len();
        if held_bytes > BUFFER_BYTES {
            return Err(too_large());
        }
        if data.is_empty() {
            continue;
        }
        keep(&mut first, &mut more, data);
    }
    Ok(Collected::new(first, more))
}

/// Reads a unary answer to its trailers.
///
/// Answers what was read and the trailers' content, `None` when the answer
/// ended without trailers.
pub(crate) async fn collect_unary(
    mut body: impl Source,
) -> Result<(Collected, Option<HeaderMap>), Status> {
    let (mut first, mut more) = (None, Vec::new());
    let mut held_bytes = 0;
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(chunk) => {
                held_bytes += chunk.len();
                if held_bytes > BUFFER_BYTES {
                    return Err(too_large());
                }
                keep(&mut first, &mut more, chunk);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Ok((Collected::new(first, more), trailers))
}

fn keep(first: &mut Option<Bytes>, more: &mut Vec<Bytes>, data: Bytes) {
    if first.is_none() {
        *first = Some(data);
    } else {
        more.push(data);
    }
}

fn too_large() -> Status {
    Status::resource_exhausted(format!(
        "a message is over the limit of {MAX_MESSAGE_BYTES} bytes"
    ))
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    #[tokio::test]
    async fn a_held_request_plays_as_often_as_asked() {
        let held = buffer(Body::new(Full::from("abc"))).await.unwrap();
        for _ in 0..2 {
            let played = held.clone().into_body().collect().await.unwrap().to_bytes();
            assert_eq!(played, "abc");
        }
    }

    #[tokio::test]
    async fn a_request_over_the_limit_is_refused() {
        let body = Body::new(Full::from(vec![0; BUFFER_BYTES + 1]));
        let status = buffer(body).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }
}
