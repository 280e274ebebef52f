//! A probe behind its server stack, and a mesh that reaches it.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use covergen_mesh::{
    Address, Caller, ClientHooks, DrainReport, Guard, HostPort, Mesh, MeshConfig, PolicyConfig,
    PrincipalKey, Registry, RpcService, ServerConfig, ServerHooks, Services, TargetConfig, server,
};
use futures::future::BoxFuture;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::Status;

use crate::{
    client::Client,
    probe::{Probe, lookup},
};

/// Which way calls take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    InProcess,
    Tcp,
}

/// Admits everybody.
pub(crate) struct Open;

impl Guard for Open {
    fn admit<'a>(
        &'a self,
        _parts: &'a mut http::request::Parts,
    ) -> BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async { Ok(Caller::anonymous()) })
    }
}

pub(crate) struct World {
    pub(crate) mesh: Mesh,
    _servers: Vec<Server>,
}

impl World {
    /// One probe named `probe`.
    pub(crate) async fn new(kind: Kind, probe: Probe) -> Self {
        Setup::default().build(kind, probe).await
    }

    /// Around a mesh that reaches its probe already.
    pub(crate) fn of(mesh: Mesh) -> Self {
        Self {
            mesh,
            _servers: Vec::new(),
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.mesh.channel("probe"))
    }
}

/// A world with something unusual about it.
pub(crate) struct Setup {
    pub(crate) policy: PolicyConfig,
    pub(crate) server: ServerConfig,
    pub(crate) client_hooks: ClientHooks,
    pub(crate) guard: Arc<dyn Guard>,
    pub(crate) principal: Option<PrincipalKey>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            policy: PolicyConfig::default(),
            server: ServerConfig::default(),
            client_hooks: ClientHooks::new(lookup),
            guard: Arc::new(Open),
            principal: None,
        }
    }
}

impl Setup {
    pub(crate) fn protect(&self, name: &str, probe: Probe) -> RpcService {
        let mut hooks = ServerHooks::new(lookup, Arc::clone(&self.guard));
        if let Some(principal) = self.principal {
            hooks = hooks.with_principal_key(principal);
        }
        server::protect(name, Services::default().with(probe), &self.server, hooks)
    }

    pub(crate) async fn build(self, kind: Kind, probe: Probe) -> World {
        let service = self.protect("probe", probe);
        let registry = Registry::default();
        let mut servers = Vec::new();
        let address = match kind {
            Kind::InProcess => {
                registry.insert("probe", service);
                Address::InProcess
            }
            Kind::Tcp => {
                let server = Server::start(service, self.server.clone()).await;
                let address = server.address;
                servers.push(server);
                tcp(&[address])
            }
        };
        World {
            mesh: self.mesh(registry, address),
            _servers: servers,
        }
    }

    /// A mesh whose `probe` is at `address`.
    pub(crate) fn mesh(&self, registry: Registry, address: Address) -> Mesh {
        let target = TargetConfig {
            address,
            policy: self.policy.clone(),
            ..TargetConfig::default()
        };
        let config = MeshConfig {
            targets: [("probe".to_owned(), target)].into(),
            ..MeshConfig::default()
        };
        Mesh::new(config, registry, "tester", self.client_hooks.clone()).unwrap()
    }
}

pub(crate) fn tcp(addresses: &[SocketAddr]) -> Address {
    let places = addresses.iter().map(|address| HostPort {
        host: address.ip().to_string(),
        port: address.port(),
    });
    Address::Tcp(places.collect())
}

/// A probe listening on loopback.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<DrainReport>,
}

impl Server {
    pub(crate) async fn start(service: RpcService, config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, service, config)
    }

    pub(crate) fn on(listener: TcpListener, service: RpcService, config: ServerConfig) -> Self {
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let shutdown = async {
                // A dropped sender stops it too.
                let _ = stopped.await;
            };
            server::serve(vec![listener], service, &config, shutdown)
                .await
                .unwrap()
        });
        Self {
            address,
            stop: Some(stop),
            running,
        }
    }

    /// Asks it to stop; does not wait.
    pub(crate) fn ask_to_stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn stop(mut self) -> DrainReport {
        self.ask_to_stop();
        self.running.await.unwrap()
    }
}

/// Tells when it is dropped, and so whether a handler was.
pub(crate) struct DropSign(Option<oneshot::Sender<()>>);

impl DropSign {
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }
}

impl Drop for DropSign {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(());
        }
    }
}

/// Fails a test that hangs.
pub(crate) async fn bounded<T>(test: impl Future<Output = T>) -> T {
    let most = Duration::from_secs(60);
    tokio::time::timeout(most, test)
        .await
        .expect("the test hangs")
}

/// Waits until `condition` holds.
pub(crate) async fn eventually(condition: impl Fn() -> bool) {
    bounded(async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
