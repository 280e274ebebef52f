//! What a handler answered, and what follows the answer to its last byte.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Status, body::Body};

use super::{fair::Seat, watchdog::Watchdog};
use crate::{
    body::{BodyWatch, MessageLimit, OnCut, watch},
    red::Measure,
};

/// An answer on its way up the server stack.
///
/// What a layer has to do until the last byte is out it leaves in `tail`,
/// rather than putting a body of its own around the one there is: a body
/// costs an allocation and a virtual call for each of its frames.
pub(crate) struct Answer {
    pub(crate) response: Response<Body>,
    pub(crate) tail: Tail,
}

/// What each layer left, empty where a call never came so far.
#[derive(Default)]
pub(crate) struct Tail {
    pub(crate) limit: Option<MessageLimit>,
    /// The principal's place; given back before the server's.
    pub(crate) seat: Option<Seat>,
    /// A place is taken until the last byte is out.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    /// A client that reads slowly uses up time as one that computes does, but
    /// is noticed when the body is next asked for a frame. While HTTP/2's flow
    /// control leaves no room nobody asks, so one that reads nothing at all
    /// stays until its connection ends.
    pub(crate) watchdog: Option<Watchdog>,
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        Self {
            response,
            tail: Tail::default(),
        }
    }
}

impl Answer {
    /// The answer as it leaves, followed and measured to its end.
    pub(crate) fn followed(self, measure: Measure) -> Response<Body> {
        let followed = Followed {
            tail: self.tail,
            measure,
        };
        self.response
            .map(|body| watch(body, followed, OnCut::Trailers))
    }
}

struct Followed {
    tail: Tail,
    measure: Measure,
}

impl BodyWatch for Followed {
    fn cut(&mut self) -> Option<Status> {
        self.tail.watchdog.as_mut().and_then(BodyWatch::cut)
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        match &mut self.tail.watchdog {
            Some(watchdog) => watchdog.poll_cut(cx),
            None => Poll::Pending,
        }
    }

    fn frame(&mut self, frame: &mut Frame<Bytes>) -> Result<(), Status> {
        if let Some(limit) = &mut self.tail.limit {
            limit.frame(frame)?;
        }
        if let Some(watchdog) = &mut self.tail.watchdog {
            watchdog.frame(frame)?;
        }
        self.measure.frame(frame)
    }

    fn broke(&mut self, status: &Status) {
        self.measure.broke(status);
    }
}
