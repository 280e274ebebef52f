//! A service that answers with what it is sent, and a client for it, over
//! whatever channel.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use anyhow::Result;
use bytes::{Buf, BufMut, Bytes};
use covergen_mesh::{
    Caller, ClientHooks, Guard, Mesh, MeshConfig, MethodFacts, Registry, RpcService, ServerConfig,
    ServerHooks, Services, server,
};
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    client::GrpcService,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, NamedService, UnaryService},
};

const PATH: &str = "/bench.Echo/Say";

/// What is sent: the size of a small message.
pub(crate) const MESSAGE: Bytes = Bytes::from_static(&[7; 200]);

fn lookup(path: &str) -> Option<MethodFacts> {
    (path == PATH).then_some(MethodFacts {
        idempotent: true,
        deadline_ms: None,
        client_streaming: false,
        server_streaming: false,
    })
}

/// Answers; `answer` decides how.
#[derive(Clone)]
pub(crate) struct Echo(pub(crate) fn() -> Result<(), Status>);

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl tower::Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answer = self.0;
        Box::pin(async move { Ok(Grpc::new(Raw).unary(Say(answer), request).await) })
    }
}

struct Say(fn() -> Result<(), Status>);

impl UnaryService<Bytes> for Say {
    type Response = Bytes;
    type Future = std::future::Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        std::future::ready((self.0)().map(|()| Response::new(request.into_inner())))
    }
}

/// One call over any channel.
pub(crate) async fn say<C>(channel: C) -> Result<Bytes, Status>
where
    C: GrpcService<Body>,
    C::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <C::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut client = tonic::client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|_| Status::unavailable("not ready"))?;
    let path = PathAndQuery::from_static(PATH);
    let answer = client.unary(Request::new(MESSAGE), path, Raw).await?;
    Ok(answer.into_inner())
}

struct Open;

impl Guard for Open {
    fn admit<'a>(
        &'a self,
        _parts: &'a mut http::request::Parts,
    ) -> BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async { Ok(Caller::anonymous()) })
    }
}

/// The service behind the mesh's server stack.
pub(crate) fn protected(echo: Echo) -> RpcService {
    let hooks = ServerHooks::new(lookup, Arc::new(Open));
    server::protect(
        "echo",
        Services::default().with(echo),
        &ServerConfig::default(),
        hooks,
    )
}

/// Serves it until the process ends.
pub(crate) async fn serve_mesh(echo: Echo) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let config = ServerConfig::default();
        let forever = std::future::pending();
        server::serve(vec![listener], protected(echo), &config, forever).await
    });
    Ok(address)
}

/// Serves it as tonic does.
pub(crate) async fn serve_bare(echo: Echo) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let incoming = tonic::transport::server::TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = tonic::transport::Server::builder().add_service(echo);
    tokio::spawn(serving.serve_with_incoming(incoming));
    Ok(address)
}

/// A mesh whose `echo` is at these addresses, or in this process.
pub(crate) fn mesh(addresses: &[SocketAddr], registry: Registry) -> Result<Mesh> {
    let urls: Vec<_> = addresses
        .iter()
        .map(|address| format!("http://{address}"))
        .collect();
    let address = if urls.is_empty() {
        "inprocess".to_owned()
    } else {
        urls.join(",")
    };
    let config: MeshConfig =
        serde_json::from_value(serde_json::json!({"targets": {"echo": {"address": address}}}))?;
    Ok(Mesh::new(
        config,
        registry,
        "bench",
        ClientHooks::new(lookup),
    )?)
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
