//! Processes that prove to each other who they are.

mod callers;
mod policy;
mod rotation;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use covergen_chassis::{Config, Host, Hosted, Identity, facts};
use covergen_ids::Clock;
use covergen_mesh::identity::dev_ca::DevCa;
use covergen_mesh::{
    ClientHooks, IdentityConfig, Mesh, MeshConfig, OutgoingCall, Registry, TargetConfig,
    TokenSource,
};
use http::HeaderValue;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::Status;

use crate::service::{Client, Probe, client};

/// A cluster of one machine: its authority, and the keys of its tokens.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn authority(&self, name: &str) -> DevCa {
        DevCa::open(&self.folder.path().join(name), "covergen.test").unwrap()
    }

    /// A certificate of that service, looked at again and again at once.
    fn certificate(&self, service: &str) -> IdentityConfig {
        let issued = self.authority("ca").issue("dev", service).unwrap();
        IdentityConfig {
            poll_ms: Some(10),
            ..issued
        }
    }

    /// The tokens of every process.
    fn tokens(&self) -> Identity {
        Identity::open(&self.config("any").identity, &Clock::system()).unwrap()
    }

    fn config(&self, process: &str) -> Config {
        let folder = self.folder.path().join(process);
        let mut config = Config::load(Config::embedded(&folder), &[], []).unwrap();
        let keys = self.folder.path().join("keys");
        config.identity.internal_keys_dir = keys.join("internal");
        config.identity.access_keys_dir = keys.join("access");
        config
    }

    /// A process that answers as `auth`, under these certificates.
    async fn serve(&self, process: &str, identity: Option<IdentityConfig>) -> Served {
        let mut config = self.config(process);
        config.mesh.identity = identity;
        // Connections end soon, so that new certificates come to be used.
        config.rpc.connection_age_ms = 200;
        let probe = Probe::new();
        let mut hosted = start(config, vec![probe.service("auth")]).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        hosted.serve_grpc(listener);
        Served {
            probe,
            address,
            _hosted: hosted,
        }
    }

    /// Calls with this certificate, if any, and this token.
    fn dial(&self, to: &Served, certificate: Option<IdentityConfig>, token: &str) -> Client {
        let identity = certificate.map(|files| covergen_mesh::Identity::load(files).unwrap());
        self.dial_with(to, identity, token)
    }

    fn dial_with(
        &self,
        to: &Served,
        identity: Option<covergen_mesh::Identity>,
        token: &str,
    ) -> Client {
        let mut hooks = ClientHooks::new(facts).with_tokens(Arc::new(Bearer(token.to_owned())));
        if let Some(identity) = identity {
            hooks = hooks.with_identity(identity);
        }
        let mesh = MeshConfig {
            targets: targets(&[("auth", to)]),
            ..MeshConfig::default()
        };
        let mesh = Mesh::new(mesh, Registry::default(), "test", hooks).unwrap();
        client(mesh.channel("auth"))
    }

    /// As a service of that name does: with its own certificate and token.
    fn dial_as(&self, to: &Served, service: &str) -> Client {
        let token = self.tokens().internal.issue(service, None).unwrap();
        self.dial(to, Some(self.certificate(service)), &token)
    }
}

/// A process that answers.
struct Served {
    probe: Probe,
    address: String,
    /// Kept so that it goes on.
    _hosted: Hosted,
}

async fn start(config: Config, services: Vec<covergen_chassis::Service>) -> Hosted {
    let host = Host::open(config, Clock::system()).await.unwrap();
    host.start(services).await.unwrap()
}

fn targets(places: &[(&str, &Served)]) -> BTreeMap<String, TargetConfig> {
    let places = places.iter().map(|(name, served)| {
        let target = TargetConfig {
            address: format!("http://{}", served.address).parse().unwrap(),
            ..TargetConfig::default()
        };
        ((*name).to_owned(), target)
    });
    places.collect()
}

struct Bearer(String);

impl TokenSource for Bearer {
    fn token(&self, _: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status> {
        Ok(HeaderValue::try_from(format!("Bearer {}", self.0)).ok())
    }
}

/// Puts a file in another's place at once, as volumes of a cluster do.
fn replace(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}
