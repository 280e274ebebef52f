//! One call over one HTTP/2 stream: its request out, its response in.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::FutureExt;
use h2::{Reason, RecvStream, SendStream, client::SendRequest};
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tonic::{Status, body::Body};

use crate::body::{Collected, Content, Incoming};

/// Sends a request and waits for the head of its response.
///
/// A body that is there already, as that of every unary call is, goes into the
/// connection's buffer at once. One that is still to come is carried over by a
/// task, as fast as the peer takes it.
pub(crate) async fn send(
    mut h2: SendRequest<Bytes>,
    request: Request<Content>,
    place: Option<OwnedSemaphorePermit>,
) -> Result<Response<Body>, h2::Error> {
    let (head, content) = request.into_parts();
    let head = Request::from_parts(head, ());
    let mut body = match into_frame(content) {
        Ok(data) => {
            let (response, mut stream) = h2.send_request(head, data.is_empty())?;
            if !data.is_empty() {
                // Refused only when the stream is over already, and then what
                // came in its place says why.
                drop(stream.send_data(data, true));
            }
            // Dropped now, or an abandoned call would not reset its stream,
            // which keeps its connection open by itself.
            drop((stream, h2));
            return Ok(response.await?.map(|stream| received(stream, None, place)));
        }
        Err(body) => body,
    };
    if body.is_end_stream() {
        let (response, _) = h2.send_request(head, true)?;
        drop(h2);
        return Ok(response.await?.map(|stream| received(stream, None, place)));
    }
    let (response, mut stream) = h2.send_request(head, false)?;
    // The handle keeps its connection open; the stream does so by itself.
    drop(h2);
    let first = body.frame().now_or_never();
    let whole = match first {
        Some(Some(Ok(frame))) if body.is_end_stream() => match frame.into_data() {
            Ok(data) => {
                // Refused only when the stream is over already, and then what
                // came in its place says why.
                drop(stream.send_data(data, true));
                None
            }
            Err(frame) => Some((Some(Some(Ok(frame))), body)),
        },
        first => Some((first, body)),
    };
    let Some((first, body)) = whole else {
        // Dropped now, or an abandoned call would not reset its stream.
        drop(stream);
        return Ok(response.await?.map(|stream| received(stream, None, place)));
    };
    let (wanted, given_up) = oneshot::channel();
    tokio::spawn(carry(first, body, stream, given_up));
    Ok(response
        .await?
        .map(|stream| received(stream, Some(wanted), place)))
}

/// The one frame of what is held, empty for none.
fn into_frame(content: Content) -> Result<Bytes, Body> {
    match content {
        Content::Held(held) => held.into_frame().map_err(Collected::into_body),
        content => Err(content.into_body()),
    }
}

type First = Option<Option<Result<Frame<Bytes>, Status>>>;

/// Carries a request's body over until it ends, or nobody waits for what it
/// would lead to.
async fn carry(
    first: First,
    mut body: Body,
    mut stream: SendStream<Bytes>,
    mut given_up: oneshot::Receiver<()>,
) {
    let mut next = first;
    loop {
        let frame = match next.take() {
            Some(frame) => frame,
            None => tokio::select! {
                biased;
                _ = &mut given_up => return stream.send_reset(Reason::CANCEL),
                // The peer wants no more: its answer says why.
                _ = poll_fn(|cx| stream.poll_reset(cx)) => return,
                frame = body.frame() => frame,
            },
        };
        let sent = match frame {
            None => stream.send_data(Bytes::new(), true),
            // The caller's own body broke, so the call means nothing. Not
            // CANCEL: servers take that for a request that has ended.
            Some(Err(_)) => return stream.send_reset(Reason::INTERNAL_ERROR),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    let ends = body.is_end_stream();
                    tokio::select! {
                        biased;
                        _ = &mut given_up => return stream.send_reset(Reason::CANCEL),
                        fits = write(&mut stream, data, ends) => match fits {
                            Ok(()) if !ends => continue,
                            _ => return,
                        },
                    }
                }
                Err(frame) => match frame.into_trailers() {
                    Ok(trailers) => stream.send_trailers(trailers),
                    Err(_) => continue,
                },
            },
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "the end of a request was not taken");
        }
        // Its stream ends only when nothing of it is held any more.
        return;
    }
}

/// Writes data as the peer makes room for it.
async fn write(
    stream: &mut SendStream<Bytes>,
    mut data: Bytes,
    ends: bool,
) -> Result<(), h2::Error> {
    if data.is_empty() {
        return if ends {
            stream.send_data(data, true)
        } else {
            Ok(())
        };
    }
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let Some(room) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
            return Err(Reason::CANCEL.into());
        };
        let now = data.split_to(room?.min(data.len()));
        let last = ends && data.is_empty();
        if !now.is_empty() || last {
            stream.send_data(now, last)?;
        }
    }
    Ok(())
}

fn received(
    stream: RecvStream,
    wanted: Option<oneshot::Sender<()>>,
    place: Option<OwnedSemaphorePermit>,
) -> Body {
    Body::new(Received {
        incoming: Incoming::response(stream),
        _wanted: wanted,
        _place: place,
    })
}

/// A response as it arrives.
struct Received {
    incoming: Incoming,
    // Tells whoever carries the request that its response is still wanted.
    _wanted: Option<oneshot::Sender<()>>,
    // The call's place on its connection.
    _place: Option<OwnedSemaphorePermit>,
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.incoming).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
