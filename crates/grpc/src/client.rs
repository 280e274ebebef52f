//! What generated clients, and a BFF, make calls with.

use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TE};
use http::uri::PathAndQuery;
use http::{
    Extensions, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
};
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

use crate::frame::{Next, PREFIX_BYTES, Prefix, message, next, over};
use crate::played::Played;
use crate::{MAX_MESSAGE_BYTES, framed, headers_of, of_http, read_status, refusal, with_headers};

/// Room for the headers of an ordinary call, so that their map does not grow
/// while they are put in.
const HEADERS: usize = 12;

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
    /// plain message with a status after it, RESOURCE_EXHAUSTED when that is
    /// too long.
    pub async fn read(response: Response<Body>) -> Result<Self, Status> {
        let (mut head, mut body) = response.into_parts();
        let is_told = match read_status(&mut head.headers) {
            Some(Err(status)) => return Err(status),
            told => told.is_some(),
        };
        if head.status != StatusCode::OK {
            return Err(of_http(head.status));
        }
        let (frame, end) = match message(&mut body).await {
            Ok(frame) => (Ok(frame), next(&mut body).await),
            Err(odd) => (Err(odd.data), odd.next),
        };
        let mut trailers = match end {
            Next::End(trailers) => trailers.unwrap_or_default(),
            Next::More(_) => return Err(odd(&frame.unwrap_or_else(|data| data))),
            Next::Broken(status) => return Err(with_headers(&status, &head.headers)),
        };
        match read_status(&mut trailers) {
            Some(Ok(())) => {}
            Some(Err(status)) => return Err(with_headers(&status, &head.headers)),
            None if is_told => {}
            None => return Err(Status::internal("an answer ended without a status")),
        }
        Ok(Self {
            message: frame.map_err(|data| odd(&data))?.slice(PREFIX_BYTES..),
            headers: head.headers,
            trailers,
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
        let mut headers = self.headers;
        headers.extend(self.trailers);
        let metadata = MetadataMap::from_headers(headers);
        Ok(tonic::Response::from_parts(
            metadata,
            message,
            self.extensions,
        ))
    }
}

/// What is wrong with data that is not one plain message.
fn odd(data: &[u8]) -> Status {
    match Prefix::of(data) {
        Some(Prefix { flag: 1, .. }) => {
            Status::internal("an answer is compressed, which was not offered")
        }
        Some(Prefix { flag: 0, length }) if length > MAX_MESSAGE_BYTES => over(length),
        _ => Status::internal("an answer is not one whole message"),
    }
}

/// A call of the method at `path` as it stands on the wire, with a message that
/// was [`framed`].
#[must_use]
pub fn post(path: &'static str, mut headers: HeaderMap, message: Bytes) -> Request<Body> {
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let mut request = Request::new(Played::whole(message, None));
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
        // It may have been done: what is not known is not told as refused.
        let response = response.map_err(|error| Status::from_error(error.into()))?;
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
        let (mut grpc, path) = self.stream(path).await?;
        grpc.server_streaming(request, path, ProstCodec::default())
            .await
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
        let (mut grpc, path) = self.stream(path).await?;
        grpc.client_streaming(
            request.into_streaming_request(),
            path,
            ProstCodec::default(),
        )
        .await
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
        let (mut grpc, path) = self.stream(path).await?;
        grpc.streaming(
            request.into_streaming_request(),
            path,
            ProstCodec::default(),
        )
        .await
    }

    async fn ready(&mut self) -> Result<(), Status> {
        let ready = poll_fn(|cx| self.0.poll_ready(cx)).await;
        ready.map_err(|error| refusal(error.into()))
    }

    /// The library's client for one call of a method with streams.
    async fn stream(
        &mut self,
        path: &'static str,
    ) -> Result<(Grpc<Borrowed<'_, T>>, PathAndQuery), Status> {
        self.ready().await?;
        let grpc = Grpc::new(Borrowed(&mut self.0))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        Ok((grpc, PathAndQuery::from_static(path)))
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
    let message = framed(&message)?;
    let mut request = post(path, headers_of(metadata, HEADERS), message);
    *request.extensions_mut() = extensions;
    Ok(request)
}
