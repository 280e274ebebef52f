//! A host's servers and clients: the mesh's own stacks over the simulated
//! network, and small services behind them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, pending};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::task::{Context, Poll};

use covergen_mesh::{
    Address, CallContext, Caller, Channel, ClientHooks, Guard, HostPort, Mesh, MeshConfig,
    MethodFacts, PolicyConfig, Registry, ServerConfig, ServerHooks, TargetConfig, server,
};
use covergen_proto::Method;
use covergen_store::Envelope;
use futures::future::BoxFuture;
use http::{Request, Response};
use prost::Message;
use tonic::body::Body;
use tonic::client::Grpc as Client;
use tonic::server::Grpc;
use tonic::{IntoRequest as _, Status};
use tonic_prost::ProstCodec;
use tower::Service;
use turmoil::net::TcpListener;

use crate::network::{Listener, Network};
use crate::world::World;

const PORT: u16 = 7_000;

/// How the event log is appended to.
pub(crate) const APPEND: &str = "/covergen.simulation.Log/Append";
/// How it hands an event to its consumer.
pub(crate) const DELIVER: &str = "/covergen.simulation.Reader/Deliver";

/// Events, in order per aggregate.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Append {
    #[prost(message, repeated, tag = "1")]
    pub(crate) events: Vec<Envelope>,
}

/// It is done.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Done {}

/// What a host's program ends with.
pub(crate) type Ended = Result<(), Box<dyn Error>>;

fn facts(path: &str) -> Option<MethodFacts> {
    if matches!(path, APPEND | DELIVER) {
        return Some(MethodFacts {
            idempotent: true,
            deadline_ms: None,
            client_streaming: false,
            server_streaming: false,
        });
    }
    Method::find(path).map(|method| MethodFacts {
        idempotent: method.idempotent,
        deadline_ms: Some(method.deadline_ms).filter(|ms| *ms > 0),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
    })
}

/// One host's life, from start to crash.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    mesh: Mesh,
}

impl Node {
    pub(crate) fn new(name: &'static str, world: &World) -> Result<Self, Box<dyn Error>> {
        let hooks = ClientHooks::new(facts).with_network(Arc::new(Network(world.clone())));
        Ok(Self {
            name,
            world: world.clone(),
            mesh: Mesh::new(config(), Registry::default(), name, hooks)?,
        })
    }

    pub(crate) fn channel(&self, target: &str) -> Channel {
        self.mesh.channel(target)
    }

    pub(crate) fn note(&self, what: impl std::fmt::Display) {
        self.world.note(self.name, what);
    }

    /// Calls a method that is in no contract.
    pub(crate) async fn call<Q, A>(
        &self,
        target: &str,
        path: &'static str,
        request: Q,
    ) -> Result<A, Status>
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
    {
        let mut client = Client::new(self.channel(target));
        let broken = |_| Status::unavailable("the channel is gone");
        client.ready().await.map_err(broken)?;
        let path = http::uri::PathAndQuery::from_static(path);
        let codec = ProstCodec::<Q, A>::default();
        let answer = client.unary(request.into_request(), path, codec).await?;
        Ok(answer.into_inner())
    }

    /// Serves until the host dies.
    pub(crate) async fn serve(&self, router: Router) -> Ended {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        let config = ServerConfig {
            keepalive_interval_ms: 2_000,
            keepalive_timeout_ms: 1_000,
            ..ServerConfig::default()
        };
        let hooks = ServerHooks::new(facts, Arc::new(Open));
        let service = server::protect(self.name, router, &config, hooks);
        server::serve(vec![Listener(listener)], service, &config, pending()).await?;
        Ok(())
    }
}

/// Everybody's way to everybody. Pings come often, since a run is short.
fn config() -> MeshConfig {
    let places: [(&str, &[&str]); 5] = [
        ("cover", &["cover-0", "cover-1"]),
        ("user", &["ledger"]),
        ("task", &["queue"]),
        ("log", &["log"]),
        ("reader", &["reader"]),
    ];
    let target = |hosts: &[&str]| {
        let places = hosts.iter().map(|host| HostPort {
            host: (*host).to_owned(),
            port: PORT,
        });
        TargetConfig {
            address: Address::Tcp(places.collect()),
            ..TargetConfig::default()
        }
    };
    MeshConfig {
        defaults: PolicyConfig {
            connect_timeout_ms: Some(500),
            keepalive_interval_ms: Some(2_000),
            keepalive_timeout_ms: Some(1_000),
            breaker_open_max_ms: Some(4_000),
            ..PolicyConfig::default()
        },
        targets: places
            .map(|(name, hosts)| (name.to_owned(), target(hosts)))
            .into(),
        ..MeshConfig::default()
    }
}

/// Admits everybody: who may do what is tested elsewhere.
struct Open;

impl Guard for Open {
    fn admit<'a>(
        &'a self,
        _parts: &'a mut http::request::Parts,
    ) -> BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async { Ok(Caller::anonymous()) })
    }
}

type Handler = Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// Unary methods by path.
#[derive(Clone)]
pub(crate) struct Router {
    node: Node,
    methods: BTreeMap<&'static str, Handler>,
}

impl Router {
    pub(crate) fn new(node: &Node) -> Self {
        Self {
            node: node.clone(),
            methods: BTreeMap::new(),
        }
    }

    /// Answers a method with this function.
    pub(crate) fn on<Q, A, F, Fut>(mut self, path: &'static str, answer: F) -> Self
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
        F: Fn(Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<A, Status>> + Send + 'static,
    {
        let node = self.node.clone();
        let handler = move |request: Request<Body>| {
            let (node, answer) = (node.clone(), answer.clone());
            let unary = tower::service_fn(move |request: tonic::Request<Q>| {
                let (node, answer) = (node.clone(), answer(request.into_inner()));
                async move {
                    let answer = answer.await;
                    let name = path.rsplit('/').next().unwrap_or(path);
                    match &answer {
                        Ok(_) => node.note(format_args!("answers {name}")),
                        Err(status) => node.note(format_args!("refuses {name}: {status}")),
                    }
                    answer.map(tonic::Response::new)
                }
            });
            let answered: BoxFuture<'static, Response<Body>> = Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<A, Q>::default());
                grpc.unary(unary, request).await
            });
            answered
        };
        self.methods.insert(path, Arc::new(handler));
        self
    }
}

impl Service<Request<Body>> for Router {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let handler = self.methods.get(request.uri().path()).cloned();
        Box::pin(async move {
            Ok(match handler {
                Some(handler) => handler(request).await,
                None => Status::unimplemented("no such method here").into_http(),
            })
        })
    }
}

/// A context for work that nobody waits for.
pub(crate) fn background() -> CallContext {
    CallContext::background()
}
