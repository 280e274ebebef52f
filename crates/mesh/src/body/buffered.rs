//! Bodies held in memory: requests to send again, and answers read to their
//! end before anybody judges them.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tonic::{Status, body::Body};

use super::{MAX_MESSAGE_BYTES, MESSAGE_PREFIX_BYTES};

const BUFFER_BYTES: usize = MAX_MESSAGE_BYTES + MESSAGE_PREFIX_BYTES;

/// Data frames in order; cloning shares the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected(VecDeque<Bytes>);

impl Collected {
    /// A body that plays the frames.
    pub(crate) fn body(&self) -> Body {
        Body::new(Replay {
            data: self.clone().0,
            trailers: None,
        })
    }
}

struct Replay {
    data: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
}

impl http_body::Body for Replay {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match self.data.pop_front() {
            Some(data) => Some(Frame::data(data)),
            None => self.trailers.take().map(Frame::trailers),
        };
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.iter().map(|data| data.len() as u64).sum())
    }
}

/// Holds a unary request, so that it can be sent more than once. One that is
/// over the message limit is refused here rather than sent to be refused.
pub(crate) async fn buffer(mut body: Body) -> Result<Collected, Status> {
    let mut collected = Collected::default();
    let mut held_bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        held_bytes += data.len();
        if held_bytes > BUFFER_BYTES {
            return Err(too_large());
        }
        if !data.is_empty() {
            collected.0.push_back(data);
        }
    }
    Ok(collected)
}

/// Reads a unary answer to its trailers.
///
/// Answers the whole body again and the trailers' content, `None` when the
/// answer ended without trailers.
pub(crate) async fn collect_unary(mut body: Body) -> Result<(Body, Option<HeaderMap>), Status> {
    let mut data = VecDeque::with_capacity(1);
    let mut held_bytes = 0;
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(chunk) => {
                held_bytes += chunk.len();
                if held_bytes > BUFFER_BYTES {
                    return Err(too_large());
                }
                data.push_back(chunk);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    let replay = Replay {
        data,
        trailers: trailers.clone(),
    };
    Ok((Body::new(replay), trailers))
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
            let played = held.body().collect().await.unwrap().to_bytes();
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
