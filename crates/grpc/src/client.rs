//! What generated clients, and a BFF, make calls with.

use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TE};
use http::uri::PathAndQuery;
use http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    Version,
};
use http_body_util::Full;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::frame::{Prefix, Read, bounded, over, read, unframed};
use crate::{MAX_MESSAGE_BYTES, of_http, refusal};

/// Room for the headers of an ordinary call, so that their map does not grow
/// while they are put in.
const HEADERS: usize = 12;
/// What a call's end bears, and no caller says.
const OF_ANSWERS: [HeaderName; 3] = [
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-message-type"),
    HeaderName::from_static("grpc-status"),
];

/// What came back: the message as it stood on the wire, and the metadata
/// before and after it.
#[derive(Debug)]
pub struct Answer {
    /// Not decoded yet.
    pub message: Bytes,
    /// In front of the message.
    pub headers: HeaderMap,
    /// After it.
    pub trailers: HeaderMap,
    /// What the transport attached.
    pub extensions: Extensions,
}

impl Answer {
    /// Reads the answer to a unary call.
    ///
    /// # Errors
    /// The status that it bears, if that is not OK. INTERNAL when it is not one
    /// plain message, RESOURCE_EXHAUSTED when that is too long.
    pub async fn read(response: Response<Body>) -> Result<Self, Status> {
        let (head, mut body) = response.into_parts();
        if let Some(status) = failure(&head.headers) {
            return Err(status);
        }
        if head.status != StatusCode::OK {
            return Err(of_http(head.status));
        }
        let (data, trailers) = match read(&mut body).await {
            Read::All { data, trailers } => (data, trailers),
            Read::Odd { data } => return Err(odd(&data)),
            Read::Broken { status, .. } => return Err(status),
        };
        let end = trailers.as_ref().unwrap_or(&head.headers);
        if let Some(status) = failure(end) {
            return Err(status);
        }
        if !end.contains_key(Status::GRPC_STATUS) {
            return Err(Status::internal("an answer ended without a status"));
        }
        Ok(Self {
            message: unframed(&data).ok_or_else(|| odd(&data))?,
            headers: head.headers,
            trailers: trailers.unwrap_or_default(),
            extensions: head.extensions,
        })
    }

    /// The message.
    ///
    /// # Errors
    /// When it is none: what answers is not what the contract says.
    pub fn decode<A: prost::Message + Default>(&self) -> Result<A, Status> {
        A::decode(self.message.clone())
            .map_err(|error| Status::internal(format!("an answer is not its message: {error}")))
    }

    fn into_response<A: prost::Message + Default>(self) -> Result<tonic::Response<A>, Status> {
        let message = self.decode()?;
        let mut metadata = self.headers;
        metadata.extend(self.trailers);
        let metadata = MetadataMap::from_headers(metadata);
        Ok(tonic::Response::from_parts(
            metadata,
            message,
            self.extensions,
        ))
    }
}

/// A status other than OK. One that is OK, as nearly all are, is not made into
/// a status first.
fn failure(headers: &HeaderMap) -> Option<Status> {
    let code = headers.get(Status::GRPC_STATUS)?;
    if code.as_bytes() == b"0" {
        return None;
    }
    Status::from_header_map(headers).filter(|status| status.code() != Code::Ok)
}

fn odd(data: &[u8]) -> Status {
    match Prefix::of(data) {
        Some(prefix) if prefix.is_plain() && prefix.length > MAX_MESSAGE_BYTES => {
            over("an answer", prefix.length)
        }
        _ => Status::internal("an answer is not one whole message"),
    }
}

/// A call of the method at `path` as it stands on the wire, with a message that
/// was [`framed`].
#[must_use]
pub fn post(path: &'static str, mut headers: HeaderMap, message: Bytes) -> Request<Body> {
    headers.reserve(HEADERS);
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let mut request = Request::new(Body::new(Full::new(message)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = Uri::from(PathAndQuery::from_static(path));
    *request.headers_mut() = headers;
    request
}

/// What a generated client is made of: calls over any transport. Messages of
/// streams are the library's, and bounded as those of unary calls are.
#[derive(Debug, Clone)]
pub struct Client<T>(T);

impl<T> Client<T> {
    /// Over `transport`.
    pub fn new(transport: T) -> Self {
        Self(transport)
    }
}

impl<T> Client<T>
where
    T: GrpcService<Body>,
    T::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Sends one message, and waits for the one that answers it.
    ///
    /// # Errors
    /// The status that was answered instead, by the service or on the way.
    pub async fn unary<Q, A>(
        &mut self,
        request: tonic::Request<Q>,
        path: &'static str,
    ) -> Result<tonic::Response<A>, Status>
    where
        Q: prost::Message,
        A: prost::Message + Default,
    {
        let answer = self.send(written(request, path)?).await?;
        answer.into_response()
    }

    async fn send(&mut self, request: Request<Body>) -> Result<Answer, Status> {
        self.ready().await?;
        let response = self.0.call(request).await;
        let response = response.map_err(|error| refusal(error.into()))?;
        Answer::read(response.map(Body::new)).await
    }

    /// Sends one message, and opens the stream that answers it.
    ///
    /// # Errors
    /// As [`Client::unary`].
    pub async fn server_streaming<Q, A>(
        &mut self,
        request: tonic::Request<Q>,
        path: &'static str,
    ) -> Result<tonic::Response<Streaming<A>>, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.ready().await?;
        let path = PathAndQuery::from_static(path);
        let codec = ProstCodec::<Q, A>::default();
        self.streams().server_streaming(request, path, codec).await
    }

    /// Sends a stream of messages, and waits for the one that answers it.
    ///
    /// # Errors
    /// As [`Client::unary`].
    pub async fn client_streaming<Q, A>(
        &mut self,
        request: impl tonic::IntoStreamingRequest<Message = Q>,
        path: &'static str,
    ) -> Result<tonic::Response<A>, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.ready().await?;
        let (request, path) = (
            request.into_streaming_request(),
            PathAndQuery::from_static(path),
        );
        let codec = ProstCodec::<Q, A>::default();
        self.streams().client_streaming(request, path, codec).await
    }

    /// Sends a stream of messages, and opens the one that answers it.
    ///
    /// # Errors
    /// As [`Client::unary`].
    pub async fn streaming<Q, A>(
        &mut self,
        request: impl tonic::IntoStreamingRequest<Message = Q>,
        path: &'static str,
    ) -> Result<tonic::Response<Streaming<A>>, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        self.ready().await?;
        let (request, path) = (
            request.into_streaming_request(),
            PathAndQuery::from_static(path),
        );
        let codec = ProstCodec::<Q, A>::default();
        self.streams().streaming(request, path, codec).await
    }

    async fn ready(&mut self) -> Result<(), Status> {
        let ready = poll_fn(|cx| self.0.poll_ready(cx)).await;
        ready.map_err(|error| refusal(error.into()))
    }

    fn streams(&mut self) -> Grpc<Borrowed<'_, T>> {
        Grpc::new(Borrowed(&mut self.0))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
            .accept_compressed(CompressionEncoding::Gzip)
    }
}

/// A transport for one call.
struct Borrowed<'a, T>(&'a mut T);

impl<T: GrpcService<Body>> GrpcService<Body> for Borrowed<'_, T> {
    type ResponseBody = T::ResponseBody;
    type Error = T::Error;
    type Future = T::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> T::Future {
        self.0.call(request)
    }
}

fn written<Q: prost::Message>(
    request: tonic::Request<Q>,
    path: &'static str,
) -> Result<Request<Body>, Status> {
    let (metadata, extensions, message) = request.into_parts();
    let message = bounded(&message, "a request")?;
    let mut headers = metadata.into_headers();
    if !headers.is_empty() {
        for name in &OF_ANSWERS {
            headers.remove(name);
        }
    }
    let mut request = post(path, headers, message);
    *request.extensions_mut() = extensions;
    Ok(request)
}
