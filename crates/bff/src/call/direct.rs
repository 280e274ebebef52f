//! One message out, one message back, straight over the transport.
//!
//! A general client keeps buffers and states for streams that a unary call
//! does not have; here a call is one buffer of the right size out and, from a
//! transport that has the answer whole, one without a copy back.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, TE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, Full};
use tonic::body::Body;
use tonic::{Code, Status};

use super::backend::refusal;
use crate::backend::Backend;

/// Largest message taken from a backend, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// A message's frame begins with a flag and four bytes of length (gRPC over
/// HTTP2, "Length-Prefixed-Message").
const PREFIX_BYTES: usize = 5;

/// What came back: the message as it stood on the wire, and the metadata
/// before and after it.
pub(crate) struct Answer {
    pub(crate) message: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) trailers: HeaderMap,
}

impl Answer {
    /// The message.
    ///
    /// # Errors
    /// When it is none: what answers is not what the contract says.
    pub(crate) fn decode<A: prost::Message + Default>(&self) -> Result<A, Status> {
        A::decode(self.message.clone())
            .map_err(|error| Status::internal(format!("an answer is not its message: {error}")))
    }
}

/// Sends `message` to the method at `path` and waits for the answer.
///
/// # Errors
/// The status that the backend, or the way to it, answered instead.
pub(crate) async fn call(
    backend: &Backend,
    path: &'static str,
    headers: HeaderMap,
    message: &impl prost::Message,
) -> Result<Answer, Status> {
    let request = post(path, headers, Body::new(Full::new(framed(message))));
    let response = backend.send(request).await.map_err(refusal)?;
    let (head, body) = response.into_parts();
    if let Some(status) = Status::from_header_map(&head.headers)
        && status.code() != Code::Ok
    {
        return Err(status);
    }
    if head.status != StatusCode::OK {
        return Err(of_http(head.status));
    }
    let (data, trailers) = collect(body).await?;
    match Status::from_header_map(trailers.as_ref().unwrap_or(&head.headers)) {
        Some(status) if status.code() == Code::Ok => {}
        Some(status) => return Err(status),
        None => return Err(Status::internal("an answer ended without a status")),
    }
    Ok(Answer {
        message: unframed(data)?,
        headers: head.headers,
        trailers: trailers.unwrap_or_default(),
    })
}

/// A call of the method at `path` as it stands on the wire.
pub(crate) fn post(path: &'static str, mut headers: HeaderMap, body: Body) -> Request<Body> {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = Uri::from(PathAndQuery::from_static(path));
    *request.headers_mut() = headers;
    request
}

pub(super) fn framed(message: &impl prost::Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(PREFIX_BYTES + length);
    frame.put_u8(0);
    // What is longer than four bytes can say is refused for its size on the way.
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    message
        .encode(&mut frame)
        .expect("the buffer is as large as the message");
    frame.freeze()
}

async fn collect(mut body: Body) -> Result<(Bytes, Option<HeaderMap>), Status> {
    let (mut first, mut more) = (Bytes::new(), BytesMut::new());
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) if first.is_empty() => first = data,
            Ok(data) => more.extend_from_slice(&data),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
        if first.len() + more.len() > PREFIX_BYTES + MAX_MESSAGE_BYTES {
            let text = format!("an answer is larger than {MAX_MESSAGE_BYTES} bytes");
            return Err(Status::resource_exhausted(text));
        }
    }
    if more.is_empty() {
        return Ok((first, trailers));
    }
    let mut whole = BytesMut::with_capacity(first.len() + more.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&more);
    Ok((whole.freeze(), trailers))
}

fn unframed(mut data: Bytes) -> Result<Bytes, Status> {
    let broken = || Status::internal("an answer is not one whole message");
    if data.len() < PREFIX_BYTES {
        return Err(broken());
    }
    // Nothing was offered to compress with.
    let (flag, length) = (data.get_u8(), data.get_u32());
    if flag != 0 || data.len() as u64 != u64::from(length) {
        return Err(broken());
    }
    Ok(data)
}

/// What an answer without a status means ("HTTP to gRPC Status Code Mapping").
pub(crate) fn of_http(status: StatusCode) -> Status {
    let code = match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    };
    Status::new(code, format!("HTTP status {status} in place of an answer"))
}
