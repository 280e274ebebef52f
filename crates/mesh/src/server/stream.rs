//! One call over one HTTP/2 stream: its answer out.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use h2::{Reason, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderName, Response, header};
use http_body::{Body as _, Frame};
use tonic::Status;

use super::Reply;
use crate::body::{BodyWatch, Source, Watched};

/// Headers that HTTP/2 has no use for (RFC 9113, 8.2.2): a client takes an
/// answer that bears one for malformed.
const OF_CONNECTIONS: [HeaderName; 6] = [
    header::CONNECTION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Waits for an answer and sends it, as long as the client wants it.
pub(crate) async fn answer(mut reply: BoxFuture<'static, Reply>, mut respond: SendResponse<Bytes>) {
    let replied = poll_fn(|cx| match reply.as_mut().poll(cx) {
        Poll::Ready(reply) => Poll::Ready(Some(reply)),
        Poll::Pending => respond.poll_reset(cx).map(|_| None),
    });
    let Some(replied) = replied.await else {
        tracing::debug!("a call was reset by its caller");
        return;
    };
    // What the call held until now goes with it, and not with its last byte.
    drop(reply);
    let (head, body) = replied.into_source();
    let sent = send(head, body, &mut respond).await;
    if let Err(error) = sent {
        tracing::debug!(%error, "an answer was not taken");
    }
}

async fn send(
    mut head: Response<()>,
    mut body: Watched<impl BodyWatch>,
    respond: &mut SendResponse<Bytes>,
) -> Result<(), h2::Error> {
    strip(head.headers_mut());
    if body.is_end_stream() {
        respond.send_response(head, true)?;
        return Ok(());
    }
    let mut stream = respond.send_response(head, false)?;
    loop {
        let next = poll_fn(|cx| poll_unless_reset(&mut body, &mut stream, cx)).await;
        match next {
            Next::Frame(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => {
                    if !send_data(data, &mut body, &mut stream).await? {
                        return Ok(());
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        return stream.send_trailers(trailers);
                    }
                }
            },
            // It ended without a status.
            Next::Frame(None) => return stream.send_data(Bytes::new(), true),
            Next::Frame(Some(Err(status))) => {
                tracing::debug!(%status, "an answer broke off");
                stream.send_reset(Reason::INTERNAL_ERROR);
                return Ok(());
            }
            Next::Reset => return Ok(()),
        }
    }
}

enum Next {
    Frame(Option<Result<Frame<Bytes>, Status>>),
    /// The client wants no more.
    Reset,
}

fn poll_unless_reset(
    body: &mut impl Source,
    stream: &mut SendStream<Bytes>,
    cx: &mut Context<'_>,
) -> Poll<Next> {
    match Pin::new(body).poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(Next::Frame(frame)),
        Poll::Pending => stream.poll_reset(cx).map(|_| Next::Reset),
    }
}

/// Sends a frame of the body, as the client has room for it; whether more is
/// to follow.
///
/// What the client has no room for stays here rather than with the library, and
/// with it whatever the call holds: a client that takes nothing has a place
/// until the call's time is up, and not the whole answer in memory for good.
async fn send_data(
    mut data: Bytes,
    body: &mut Watched<impl BodyWatch>,
    stream: &mut SendStream<Bytes>,
) -> Result<bool, h2::Error> {
    let ends = body.is_end_stream();
    if data.is_empty() && ends {
        stream.send_data(data, true)?;
        return Ok(false);
    }
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let room = match stream.capacity() {
            0 => poll_fn(|cx| poll_room(body, stream, cx)).await,
            room => Room::For(room),
        };
        match room {
            Room::For(bytes) => {
                let piece = data.split_to(bytes.min(data.len()));
                stream.send_data(piece, ends && data.is_empty())?;
            }
            Room::Failed(error) => return Err(error),
            Room::Reset => return Ok(false),
            Room::Cut(Ok(trailers)) => {
                stream.send_trailers(trailers)?;
                return Ok(false);
            }
            Room::Cut(Err(status)) => {
                tracing::debug!(%status, "an answer broke off");
                stream.send_reset(Reason::INTERNAL_ERROR);
                return Ok(false);
            }
        }
    }
    Ok(!ends)
}

enum Room {
    /// So many bytes.
    For(usize),
    /// The client wants no more.
    Reset,
    /// The call's time is up.
    Cut(Result<HeaderMap, Status>),
    Failed(h2::Error),
}

fn poll_room(
    body: &mut Watched<impl BodyWatch>,
    stream: &mut SendStream<Bytes>,
    cx: &mut Context<'_>,
) -> Poll<Room> {
    // First: a client that takes a byte now and then is late, too.
    if let Poll::Ready(end) = body.poll_cut(cx) {
        return Poll::Ready(Room::Cut(end));
    }
    loop {
        match ready!(stream.poll_capacity(cx)) {
            // It may be gone again.
            Some(Ok(0)) => {}
            Some(Ok(bytes)) => return Poll::Ready(Room::For(bytes)),
            Some(Err(error)) => return Poll::Ready(Room::Failed(error)),
            None => return Poll::Ready(Room::Reset),
        }
    }
}

fn strip(headers: &mut HeaderMap) {
    if headers.keys().any(|name| OF_CONNECTIONS.contains(name)) {
        for name in OF_CONNECTIONS {
            headers.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn headers_of_connections_are_left_out() {
        let mut headers = HeaderMap::new();
        for name in ["content-type", "keep-alive", "connection", "te"] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        strip(&mut headers);
        let left: Vec<&HeaderName> = headers.keys().collect();
        assert_eq!(left, ["content-type"]);
    }
}
