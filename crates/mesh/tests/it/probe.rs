//! A service whose messages are bytes and whose behaviour each test chooses.

use std::{
    convert::Infallible,
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf, BufMut, Bytes};
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use tonic::{
    Request, Response, Status, Streaming,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, NamedService, StreamingService, UnaryService},
};

use covergen_mesh::MethodFacts;

/// Unary, idempotent.
pub(crate) const READ: &str = "/test.Probe/Read";
/// Unary, not idempotent.
pub(crate) const WRITE: &str = "/test.Probe/Write";
/// Unary, idempotent; its failures come in trailers, after the headers.
pub(crate) const LATE: &str = "/test.Probe/Late";
/// Unary, idempotent, declares a deadline of 300 ms.
pub(crate) const QUICK: &str = "/test.Probe/Quick";
/// Server streaming, idempotent.
pub(crate) const WATCH: &str = "/test.Probe/Watch";
/// Streams both ways.
pub(crate) const CHAT: &str = "/test.Probe/Chat";
/// In no contract.
pub(crate) const UNKNOWN: &str = "/test.Probe/Unknown";

pub(crate) fn lookup(path: &str) -> Option<MethodFacts> {
    let unary = MethodFacts {
        idempotent: true,
        deadline_ms: None,
        client_streaming: false,
        server_streaming: false,
    };
    match path {
        READ | LATE => Some(unary),
        QUICK => Some(MethodFacts {
            deadline_ms: Some(300),
            ..unary
        }),
        WRITE => Some(MethodFacts {
            idempotent: false,
            ..unary
        }),
        WATCH => Some(MethodFacts {
            server_streaming: true,
            ..unary
        }),
        CHAT => Some(MethodFacts {
            idempotent: false,
            client_streaming: true,
            server_streaming: true,
            ..unary
        }),
        _ => None,
    }
}

pub(crate) type Messages = BoxStream<'static, Result<Bytes, Status>>;
type Unary =
    dyn Fn(Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, Status>> + Send + Sync;
type Stream = dyn Fn(Request<Streaming<Bytes>>) -> BoxFuture<'static, Result<Response<Messages>, Status>>
    + Send
    + Sync;

#[derive(Clone)]
pub(crate) struct Probe {
    unary: Arc<Unary>,
    stream: Arc<Stream>,
}

impl Probe {
    /// Echoes what it is sent.
    pub(crate) fn echo() -> Self {
        Self {
            unary: Arc::new(|request| {
                Box::pin(async move { Ok(Response::new(request.into_inner())) })
            }),
            stream: Arc::new(|request| {
                Box::pin(async move { Ok(Response::new(request.into_inner().boxed())) })
            }),
        }
    }

    /// Answers unary calls so.
    pub(crate) fn unary<F, Fut>(answer: F) -> Self
    where
        F: Fn(Request<Bytes>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Bytes, Status>> + Send + 'static,
    {
        Self {
            unary: Arc::new(move |request| {
                let answer = answer(request);
                Box::pin(async move { answer.await.map(Response::new) })
            }),
            ..Self::echo()
        }
    }

    /// Begins streams and never sends anything on them.
    pub(crate) fn and_silent_streams(self) -> Self {
        let silent = Self::stream(|_| async { Ok(futures::stream::pending().boxed()) });
        Self {
            stream: silent.stream,
            ..self
        }
    }

    /// Answers streams so.
    pub(crate) fn stream<F, Fut>(answer: F) -> Self
    where
        F: Fn(Request<Streaming<Bytes>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Messages, Status>> + Send + 'static,
    {
        Self {
            stream: Arc::new(move |request| {
                let answer = answer(request);
                Box::pin(async move { answer.await.map(Response::new) })
            }),
            ..Self::echo()
        }
    }
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

impl tower::Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let probe = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(Raw);
            Ok(match request.uri().path() {
                LATE => grpc.streaming(LateUnary(probe.unary), request).await,
                WATCH | CHAT | UNKNOWN => grpc.streaming(ByStream(probe.stream), request).await,
                _ => grpc.unary(ByUnary(probe.unary), request).await,
            })
        })
    }
}

struct ByUnary(Arc<Unary>);

impl UnaryService<Bytes> for ByUnary {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        (self.0)(request)
    }
}

struct ByStream(Arc<Stream>);

impl StreamingService<Bytes> for ByStream {
    type Response = Bytes;
    type ResponseStream = Messages;
    type Future = BoxFuture<'static, Result<Response<Messages>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        (self.0)(request)
    }
}

/// Sends headers first and finds out how it went later.
struct LateUnary(Arc<Unary>);

impl StreamingService<Bytes> for LateUnary {
    type Response = Bytes;
    type ResponseStream = Messages;
    type Future = BoxFuture<'static, Result<Response<Messages>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let unary = Arc::clone(&self.0);
        Box::pin(async move {
            let answer = async move {
                let message = request.into_inner().message().await?;
                let answer = unary(Request::new(message.unwrap_or_default())).await?;
                Ok(answer.into_inner())
            };
            Ok(Response::new(futures::stream::once(answer).boxed()))
        })
    }
}

/// Messages as they are.
#[derive(Clone, Copy)]
pub(crate) struct Raw;

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
