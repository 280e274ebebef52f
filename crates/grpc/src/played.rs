//! A body that is there already, or of which some was read.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Status, body::Body};

use crate::frame::{Next, Odd};

/// Data, and what comes next.
pub(crate) struct Played {
    data: [Option<Bytes>; 2],
    end: Option<Result<HeaderMap, Status>>,
    rest: Option<Body>,
}

impl Played {
    /// One frame, and trailers if there are any.
    pub(crate) fn whole(frame: Bytes, trailers: Option<HeaderMap>) -> Body {
        Body::new(Self {
            data: [Some(frame), None],
            end: trailers.map(Ok),
            rest: None,
        })
    }

    /// From its start, what `rest` is the rest of.
    pub(crate) fn again(odd: Odd, rest: Body) -> Body {
        let (more, end, rest) = match odd.next {
            Next::More(more) => (Some(more), None, Some(rest)),
            Next::End(trailers) => (None, trailers.map(Ok), None),
            Next::Broken(status) => (None, Some(Err(status)), None),
        };
        Body::new(Self {
            data: [Some(odd.data), more],
            end,
            rest,
        })
    }
}

impl http_body::Body for Played {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(data) = self.data.iter_mut().find_map(Option::take) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if let Some(end) = self.end.take() {
            return Poll::Ready(Some(end.map(Frame::trailers)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.iter().all(Option::is_none)
            && self.end.is_none()
            && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    // Some of what passes a body on would promise its length for what it makes
    // of it.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
