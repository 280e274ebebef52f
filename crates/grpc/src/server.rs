//! What generated servers answer with.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Frame, SizeHint};
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, DecodeBuf, Decoder};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use crate::MAX_MESSAGE_BYTES;
use crate::frame::{Read, bounded, read, unframed};

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// What a call's way bears, and no handler says.
const OF_CALLS: [HeaderName; 4] = [
    HeaderName::from_static("te"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-message-type"),
    Status::GRPC_STATUS,
];

/// Answers a unary call by `handler`, to whom its message comes as `decode`
/// makes it of what stood on the wire.
///
/// What `decode` refuses never reaches the handler, nor does what is not one
/// whole message: INTERNAL, or OUT_OF_RANGE for one that is too long,
/// UNIMPLEMENTED for one that is compressed otherwise than with gzip. An answer
/// that is too long is RESOURCE_EXHAUSTED.
pub async fn unary<Q, A, F>(
    request: Request<Body>,
    decode: fn(Bytes) -> Result<Q, Status>,
    handler: impl FnOnce(tonic::Request<Q>) -> F,
) -> Response<Body>
where
    Q: Send + 'static,
    A: prost::Message,
    F: Future<Output = Result<tonic::Response<A>, Status>>,
{
    let request = match arrived(request, decode).await {
        Ok(request) => request,
        Err(status) => return status.into_http(),
    };
    let answer = handler(request).await.and_then(written);
    answer.unwrap_or_else(Status::into_http)
}

fn written<A: prost::Message>(answer: tonic::Response<A>) -> Result<Response<Body>, Status> {
    let (metadata, message, extensions) = answer.into_parts();
    let mut response = answered(metadata, bounded(&message, "an answer")?);
    *response.extensions_mut() = extensions;
    Ok(response)
}

/// The answer to a call of a method that the service does not have.
#[must_use]
pub fn unknown() -> Response<Body> {
    Status::unimplemented("there is no such method").into_http()
}

async fn arrived<Q: Send + 'static>(
    request: Request<Body>,
    decode: fn(Bytes) -> Result<Q, Status>,
) -> Result<tonic::Request<Q>, Status> {
    let (head, mut body) = request.into_parts();
    let plain = if head.headers.contains_key(ENCODING) {
        Err(body)
    } else {
        match read(&mut body).await {
            Read::All { data, trailers } => match unframed(&data) {
                Some(message) => Ok((message, trailers)),
                None => Err(again(data, None, body)),
            },
            Read::Odd { data } => Err(again(data, None, body)),
            Read::Broken { data, status } => Err(again(data, Some(status), body)),
        }
    };
    let (message, trailers) = match plain {
        Ok((message, trailers)) => (decode(message)?, trailers),
        Err(body) => streamed(&head.headers, body, decode).await?,
    };
    let mut request = tonic::Request::from_http(Request::from_parts(head, message));
    if let Some(trailers) = trailers {
        let trailers = MetadataMap::from_headers(trailers);
        request
            .metadata_mut()
            .as_mut()
            .extend(trailers.into_headers());
    }
    Ok(request)
}

/// A message as the library reads one.
async fn streamed<Q: Send + 'static>(
    headers: &HeaderMap,
    body: Body,
    decode: fn(Bytes) -> Result<Q, Status>,
) -> Result<(Q, Option<HeaderMap>), Status> {
    let encoding = encoding(headers)?;
    let mut messages = Streaming::new_request(By(decode), body, encoding, Some(MAX_MESSAGE_BYTES));
    let message = messages
        .next()
        .await
        .unwrap_or_else(|| Err(Status::internal("the request has no message")))?;
    let trailers = messages.trailers().await?;
    Ok((message, trailers.map(MetadataMap::into_headers)))
}

fn encoding(headers: &HeaderMap) -> Result<Option<CompressionEncoding>, Status> {
    match headers.get(ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(None),
        Some(b"gzip") => Ok(Some(CompressionEncoding::Gzip)),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            let mut status =
                Status::unimplemented(format!("messages compressed by `{other}` are not read"));
            let accepted = HeaderValue::from_static("identity,gzip");
            status.metadata_mut().as_mut().insert(ACCEPTED, accepted);
            Err(status)
        }
    }
}

struct By<Q>(fn(Bytes) -> Result<Q, Status>);

impl<Q> Decoder for By<Q> {
    type Item = Q;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Q>, Status> {
        let length = bytes.remaining();
        (self.0)(bytes.copy_to_bytes(length)).map(Some)
    }
}

fn answered(metadata: MetadataMap, frame: Bytes) -> Response<Body> {
    let mut headers = metadata.into_headers();
    if headers.is_empty() {
        headers.reserve(4);
    } else {
        for name in &OF_CALLS {
            headers.remove(name);
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
    let mut response = Response::new(Body::new(Played {
        data: Some(frame),
        broke: None,
        trailers: Some(trailers),
        rest: None,
    }));
    *response.version_mut() = http::Version::HTTP_2;
    *response.headers_mut() = headers;
    response
}

/// A body from its start, of which some was read.
fn again(data: Bytes, broke: Option<Status>, rest: Body) -> Body {
    Body::new(Played {
        data: Some(data),
        broke,
        trailers: None,
        rest: Some(rest),
    })
}

/// Data, then how it broke, or trailers, or more.
struct Played {
    data: Option<Bytes>,
    broke: Option<Status>,
    trailers: Option<HeaderMap>,
    rest: Option<Body>,
}

impl http_body::Body for Played {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if let Some(status) = self.broke.take() {
            self.rest = None;
            return Poll::Ready(Some(Err(status)));
        }
        if let Some(trailers) = self.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
            && self.broke.is_none()
            && self.trailers.is_none()
            && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    // Some of what passes a body on would promise this length for what it makes of it.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
