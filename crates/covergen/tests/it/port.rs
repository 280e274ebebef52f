//! gRPC without a contract: bytes in, bytes out.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{Body as _, Service, http};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Longer than any answer takes that comes at all.
const DEADLINE: Duration = Duration::from_secs(20);
/// Messages of a stream that are read.
const MESSAGES: usize = 64;

type Sent = http::Request<tonic::body::Body>;

/// The one port behind which every service is.
#[derive(Clone)]
pub(crate) struct Port(Channel);

impl Port {
    pub(crate) async fn connect(url: &str) -> Self {
        let endpoint = Channel::from_shared(url.to_owned()).expect("an address");
        Self(endpoint.connect().await.expect("it answers"))
    }

    /// Sends one message; what came back, as far as it was read.
    pub(crate) async fn ask(
        &self,
        path: &'static str,
        token: Option<&str>,
        message: Bytes,
    ) -> Result<Vec<Bytes>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.expect("the platform is there");
        let mut request = Request::new(futures::stream::iter([message]));
        request.set_timeout(DEADLINE);
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().expect("a header");
            request.metadata_mut().insert("authorization", value);
        }
        let path = http::uri::PathAndQuery::from_static(path);
        let mut stream = grpc.streaming(request, path, Raw).await?.into_inner();
        let mut answers = Vec::new();
        while let Some(answer) = stream.message().await? {
            answers.push(answer);
            if answers.len() == MESSAGES {
                break;
            }
        }
        Ok(answers)
    }
}

impl Port {
    /// Sends a body as it is, its frames and all; the status that comes back.
    pub(crate) async fn send(
        &self,
        path: &'static str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Code {
        let mut request = http::Request::post(path)
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = axum::body::Body::from(body);
        let request = request
            .body(tonic::body::Body::new(body))
            .expect("a request");
        let mut channel = self.0.clone();
        std::future::poll_fn(|cx| Service::<Sent>::poll_ready(&mut channel, cx))
            .await
            .expect("the platform is there");
        let (head, body) = channel.call(request).await.expect("an answer").into_parts();
        assert_eq!(head.status, 200);
        if let Some(status) = Status::from_header_map(&head.headers) {
            return status.code();
        }
        let mut body = std::pin::pin!(body);
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let frame = frame.expect("the answer comes whole");
            if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
                return status.code();
            }
        }
        panic!("an answer without a status");
    }
}

/// Messages as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}
