//! What a handler answered, and what follows the answer to its last byte.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Status, body::Body};

use super::{fair::Seat, watchdog::Watchdog};
use crate::{
    body::{BodyWatch, Collected, MessageLimit, OnCut, Watched, collect_unary, watch},
    red::Measure,
};

/// An answer on its way up the server stack.
///
/// What a layer has to do until the last byte is out it leaves in the `tail`
/// of the call, rather than putting a body of its own around the one there is:
/// a body costs an allocation and a virtual call for each of its frames.
pub(crate) struct Answer {
    pub(crate) response: Response<Body>,
    pub(crate) tail: Tail,
}

/// What each layer left, empty where a call never came so far.
#[derive(Default)]
pub(crate) struct Tail {
    pub(crate) limit: Option<MessageLimit>,
    /// The principal's place; given back before the server's.
    pub(crate) seat: Option<Box<Seat>>,
    /// A place is taken until the last byte is out.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    /// A client that reads slowly uses up time as one that computes does, also
    /// while HTTP/2's flow control leaves no room for what is made already.
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
    pub(crate) fn followed(self, measure: Measure) -> Reply {
        Reply {
            response: self.response,
            following: Some(Followed {
                tail: self.tail,
                measure,
            }),
        }
    }
}

/// An answer as it leaves the server stack.
pub(crate) struct Reply {
    pub(crate) response: Response<Body>,
    following: Option<Followed>,
}

impl From<Response<Body>> for Reply {
    fn from(response: Response<Body>) -> Self {
        Self {
            response,
            following: None,
        }
    }
}

impl Reply {
    /// For whoever sends its body on, or reads it little by little.
    pub(crate) fn into_response(self) -> Response<Body> {
        match self.following {
            None => self.response,
            Some(following) => self
                .response
                .map(|body| watch(body, following, OnCut::Trailers)),
        }
    }

    /// For whoever sends or reads its body where it is.
    pub(crate) fn into_source(self) -> (Response<()>, Watched<impl BodyWatch>) {
        let (head, body) = self.response.into_parts();
        let watched = Watched::new(body, self.following, OnCut::Trailers);
        (Response::from_parts(head, ()), watched)
    }

    /// Reads a unary answer to its end. One off the wire, which nobody follows,
    /// breaks off with the error that tells how its connection ended.
    pub(crate) async fn collect(self) -> Result<Whole, Status> {
        let (head, body) = self.response.into_parts();
        let (held, trailers) = match self.following {
            None => collect_unary(body).await?,
            Some(following) => {
                collect_unary(Watched::new(body, following, OnCut::Trailers)).await?
            }
        };
        let head = Response::from_parts(head, ());
        Ok(Whole {
            head,
            held,
            trailers,
        })
    }
}

/// A unary answer that was read to its end.
pub(crate) struct Whole {
    pub(crate) head: Response<()>,
    pub(crate) held: Collected,
    /// `None` when it ended without any.
    pub(crate) trailers: Option<HeaderMap>,
}

struct Followed {
    tail: Tail,
    measure: Measure,
}

impl BodyWatch for Followed {
    fn cut(&mut self) -> Option<Status> {
        self.tail.watchdog.cut()
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        self.tail.watchdog.poll_cut(cx)
    }

    fn frame(&mut self, frame: &mut Frame<Bytes>) -> Result<(), Status> {
        self.tail.limit.frame(frame)?;
        self.tail.watchdog.frame(frame)?;
        self.measure.frame(frame)
    }

    fn broke(&mut self, status: &Status) {
        self.measure.broke(status);
    }
}
