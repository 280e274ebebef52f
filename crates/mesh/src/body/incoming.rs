//! A body as it arrives over HTTP/2.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http_body::{Frame, SizeHint};
use tonic::Status;

use crate::transport::status_of_body;

/// Whether a client has said something on a connection since somebody last
/// looked. When is not noted: reading the clock for each frame costs more than
/// looking a few times within the interval that is asked about.
#[derive(Default)]
pub(crate) struct Heard(AtomicBool);

impl Heard {
    pub(crate) fn again(&self) {
        // Read first: all frames of a busy connection write to one place.
        if !self.0.load(Ordering::Relaxed) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Looks.
    pub(crate) fn since_last_look(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// What a peer sends on one stream. Dropped before its end, it resets it.
pub(crate) struct Incoming {
    stream: RecvStream,
    has_data: bool,
    /// Of a request: told whenever something comes.
    heard: Option<Arc<Heard>>,
}

impl Incoming {
    /// What a client asks.
    pub(crate) fn request(stream: RecvStream, heard: Arc<Heard>) -> Self {
        Self {
            stream,
            has_data: true,
            heard: Some(heard),
        }
    }

    /// What a server answers.
    pub(crate) fn response(stream: RecvStream) -> Self {
        Self {
            stream,
            has_data: true,
            heard: None,
        }
    }

    fn hear(&self) {
        if let Some(heard) = &self.heard {
            heard.again();
        }
    }

    /// What an error says of the body. A server that resets without an error
    /// has said all it had to say, and wants no more of the request (RFC 9113,
    /// section 8.1); a client that does has given up half-way.
    fn broke(&self, error: &h2::Error) -> Option<Status> {
        match (error.reason() == Some(Reason::NO_ERROR), &self.heard) {
            (true, None) => None,
            (true, Some(_)) => Some(Status::cancelled("the client gave the stream up")),
            (false, _) => Some(status_of_body(error)),
        }
    }
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.has_data {
            match ready!(self.stream.poll_data(cx)) {
                Some(Ok(data)) => {
                    self.hear();
                    // It is ours now, and whoever holds it bounds it.
                    let _ = self.stream.flow_control().release_capacity(data.len());
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Err(error)) => return Poll::Ready(self.broke(&error).map(Err)),
                None => self.has_data = false,
            }
        }
        let trailers = match ready!(self.stream.poll_trailers(cx)) {
            Ok(trailers) => trailers.map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => self.broke(&error).map(Err),
        };
        Poll::Ready(trailers)
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
