//! A service that answers with what it is sent, and clients for it: as the
//! library generates both, and as they are generated here.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use anyhow::Result;
use bytes::Bytes;
use covergen_mesh::{
    Caller, ClientHooks, Guard, Mesh, MeshConfig, MethodFacts, Registry, RpcService, ServerConfig,
    ServerHooks, Services, server,
};
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use prost::Message as _;
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    client::GrpcService,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::BoxError;

const PATH: &str = "/bench.Echo/Say";

/// What is sent: the size of a small message.
pub(crate) const SAID: Bytes = Bytes::from_static(&[7; 200]);

/// A message.
#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(bytes = "bytes", tag = "1")]
    said: Bytes,
}

fn lookup(path: &str) -> Option<MethodFacts> {
    (path == PATH).then_some(MethodFacts {
        idempotent: true,
        deadline_ms: None,
        client_streaming: false,
        server_streaming: false,
    })
}

/// Answers; what it holds decides how.
#[derive(Clone)]
pub(crate) struct Echo(pub(crate) fn() -> Result<(), Status>);

impl Echo {
    fn answer(&self, request: Request<Text>) -> Result<Response<Text>, Status> {
        (self.0)().map(|()| Response::new(request.into_inner()))
    }
}

/// The same by the library alone.
#[derive(Clone)]
struct Bare(Echo);

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl NamedService for Bare {
    const NAME: &'static str = Echo::NAME;
}

type Answering = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

impl tower::Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answering {
        let echo = self.clone();
        Box::pin(async move {
            let handler = |request| async move { echo.answer(request) };
            Ok(covergen_grpc::unary(request, read, handler).await)
        })
    }
}

fn read(message: Bytes) -> Result<Text, Status> {
    Text::decode(message).map_err(|error| Status::invalid_argument(error.to_string()))
}

impl tower::Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answering {
        let echo = self.0.clone();
        Box::pin(async move {
            let handler = tower::service_fn(move |request| {
                let answer = echo.answer(request);
                async move { answer }
            });
            let mut grpc = Grpc::new(ProstCodec::<Text, Text>::default());
            Ok(grpc.unary(handler, request).await)
        })
    }
}

/// One call over any channel, as generated clients make them.
pub(crate) async fn say<C>(channel: C) -> Result<Bytes, Status>
where
    C: GrpcService<Body>,
    C::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <C::ResponseBody as http_body::Body>::Error: Into<BoxError>,
{
    let request = Request::new(Text { said: SAID });
    let answer = covergen_grpc::Client::new(channel)
        .unary(request, PATH)
        .await?;
    let answer: Text = answer.into_inner();
    Ok(answer.said)
}

/// One call over any channel, as the library's clients make them.
pub(crate) async fn say_bare<C>(channel: C) -> Result<Bytes, Status>
where
    C: GrpcService<Body>,
    C::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <C::ResponseBody as http_body::Body>::Error: Into<BoxError>,
{
    let mut client = tonic::client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|_| Status::unavailable("not ready"))?;
    let (request, path) = (
        Request::new(Text { said: SAID }),
        PathAndQuery::from_static(PATH),
    );
    let codec = ProstCodec::<Text, Text>::default();
    let answer = client.unary(request, path, codec).await?;
    Ok(answer.into_inner().said)
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
    serve_alone(Bare(echo)).await
}

/// Serves it as it is generated, by tonic's server.
pub(crate) async fn serve_light(echo: Echo) -> Result<SocketAddr> {
    serve_alone(echo).await
}

async fn serve_alone<S>(service: S) -> Result<SocketAddr>
where
    S: tower::Service<
            http::Request<Body>,
            Response = http::Response<Body>,
            Error = Infallible,
            Future = Answering,
        >,
    S: NamedService + Clone + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let incoming = tonic::transport::server::TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = tonic::transport::Server::builder().add_service(service);
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
