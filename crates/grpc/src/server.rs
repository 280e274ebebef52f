//! What generated servers answer with.

use std::future::Future;

use bytes::{Buf as _, Bytes};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, DecodeBuf, Decoder};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use crate::frame::{Next, Odd, PREFIX_BYTES, message, next};
use crate::played::Played;
use crate::{MAX_MESSAGE_BYTES, framed, headers_of};

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Answers a unary call by `handler`, to whom its message comes as `decode`
/// makes it of what stood on the wire.
///
/// Never at the handler arrive what `decode` refuses, as soon as the message is
/// whole; what holds none, INTERNAL; one that is too long, OUT_OF_RANGE, or
/// RESOURCE_EXHAUSTED once it is unfolded; one that is compressed otherwise than
/// with gzip, UNIMPLEMENTED. Of several messages the first counts. An answer
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

/// The answer to a call of a method that the service does not have.
#[must_use]
pub fn unknown() -> Response<Body> {
    Status::unimplemented("there is no such method").into_http()
}

async fn arrived<Q: Send + 'static>(
    request: Request<Body>,
    decode: fn(Bytes) -> Result<Q, Status>,
) -> Result<tonic::Request<Q>, Status> {
    let (mut head, mut body) = request.into_parts();
    let plain = if head.headers.contains_key(ENCODING) {
        Err(body)
    } else {
        match read(&mut body, decode).await {
            Ok(arrived) => Ok(arrived?),
            Err(odd) => Err(Played::again(odd, body)),
        }
    };
    let (message, trailers) = match plain {
        Ok(arrived) => arrived,
        Err(body) => streamed(&head.headers, body, decode).await?,
    };
    if let Some(trailers) = trailers {
        head.headers.extend(trailers);
    }
    Ok(tonic::Request::from_http(Request::from_parts(
        head, message,
    )))
}

type Arrived<Q> = Result<(Q, Option<HeaderMap>), Status>;

/// One plain message, or what is there instead.
async fn read<Q>(
    body: &mut Body,
    decode: fn(Bytes) -> Result<Q, Status>,
) -> Result<Arrived<Q>, Odd> {
    let data = message(body).await?;
    // Before the body's end, for which nobody who is refused must wait.
    let message = match decode(data.slice(PREFIX_BYTES..)) {
        Ok(message) => message,
        Err(status) => return Ok(Err(status)),
    };
    match next(body).await {
        Next::End(trailers) => Ok(Ok((message, trailers))),
        next => Err(Odd { data, next }),
    }
}

/// A message as the library reads one.
async fn streamed<Q: Send + 'static>(
    headers: &HeaderMap,
    body: Body,
    decode: fn(Bytes) -> Result<Q, Status>,
) -> Arrived<Q> {
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
            let accepted = HeaderValue::from_static("gzip,identity");
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

fn written<A: prost::Message>(answer: tonic::Response<A>) -> Result<Response<Body>, Status> {
    let (metadata, message, extensions) = answer.into_parts();
    let mut response = answered(metadata, framed(&message)?);
    *response.extensions_mut() = extensions;
    Ok(response)
}

fn answered(metadata: MetadataMap, frame: Bytes) -> Response<Body> {
    let mut headers = headers_of(metadata, 1);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
    let mut response = Response::new(Played::whole(frame, Some(trailers)));
    *response.version_mut() = http::Version::HTTP_2;
    *response.headers_mut() = headers;
    response
}
