//! Connections that prove both ends.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::TLS13,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{
    Identity, IdentityConfig, IdentityError, SpiffeId,
    files::{Files, content},
    validity::Validity,
    verify::{self, spiffe_id},
};
use crate::network::Io;

const HTTP2: &[u8] = b"h2";

/// What the files gave, ready for use.
pub(crate) struct Material {
    pub(super) files: Files,
    pub(super) id: SpiffeId,
    pub(super) validity: Validity,
    trust_domain: String,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    warned: AtomicBool,
}

impl Material {
    pub(super) fn new(config: &IdentityConfig, files: Files) -> Result<Self, IdentityError> {
        let chain = files.chain(&config.certificate_file)?;
        let key = files.key(&config.key_file)?;
        let mut roots = RootCertStore::empty();
        for root in files.roots(&config.roots_file)? {
            roots.add(root)?;
        }
        let roots = Arc::new(roots);
        let leaf = chain
            .first()
            .ok_or_else(|| content(&config.certificate_file, "nothing"))?;
        let id = spiffe_id(leaf, &config.trust_domain)?;
        let validity = Validity::of(leaf)
            .ok_or_else(|| content(&config.certificate_file, "a certificate without a time"))?;
        let provider = Arc::new(ring::default_provider());
        let client = client_config(config, &provider, &roots, chain.clone(), key.clone_key())?;
        let server = server_config(&provider, roots, chain, key)?;
        Ok(Self {
            files,
            id,
            validity,
            trust_domain: config.trust_domain.clone(),
            client: Arc::new(client),
            server: Arc::new(server),
            warned: AtomicBool::new(false),
        })
    }

    /// True the first time.
    pub(super) fn warn_once(&self) -> bool {
        !self.warned.swap(true, Ordering::Relaxed)
    }

    /// Whose certificate the other end showed.
    fn peer(&self, chain: Option<&[CertificateDer<'_>]>) -> io::Result<SpiffeId> {
        let leaf = chain.and_then(<[_]>::first);
        let leaf = leaf.ok_or_else(|| io::Error::other("the other end showed no certificate"))?;
        spiffe_id(leaf, &self.trust_domain).map_err(io::Error::other)
    }
}

type Key = rustls::pki_types::PrivateKeyDer<'static>;
type Chain = Vec<CertificateDer<'static>>;

fn client_config(
    config: &IdentityConfig,
    provider: &Arc<CryptoProvider>,
    roots: &Arc<RootCertStore>,
    chain: Chain,
    key: Key,
) -> Result<ClientConfig, IdentityError> {
    let verifier = verify::Server {
        roots: Arc::clone(roots),
        provider: Arc::clone(provider),
        trust_domain: config.trust_domain.clone(),
    };
    let mut client = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(chain, key)?;
    client.alpn_protocols = vec![HTTP2.to_vec()];
    client.enable_sni = false;
    // A session taken up again would not be verified anew: a root that was
    // taken out must be out.
    client.resumption = Resumption::disabled();
    Ok(client)
}

fn server_config(
    provider: &Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
    chain: Chain,
    key: Key,
) -> Result<ServerConfig, IdentityError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider))
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let mut server = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![HTTP2.to_vec()];
    server.session_storage = Arc::new(NoServerSessionStorage {});
    server.send_tls13_tickets = 0;
    Ok(server)
}

/// How a target is connected to and recognised.
#[derive(Clone)]
pub(crate) struct ClientTls {
    identity: Identity,
    service: Arc<str>,
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientTls({})", self.service)
    }
}

impl ClientTls {
    /// To the service of that name, whatever the address is called.
    pub(crate) fn new(identity: Identity, service: &str) -> Self {
        Self {
            identity,
            service: Arc::from(service),
        }
    }

    /// Shakes hands, and makes sure it is the service that was called before a
    /// byte of a request is sent.
    pub(crate) async fn connect<IO: Io>(
        &self,
        stream: IO,
    ) -> io::Result<tokio_rustls::client::TlsStream<IO>> {
        let material = self.identity.material();
        // Hosts have no names here; see `verify::Server`.
        let nobody = ServerName::try_from("mesh").map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::clone(&material.client));
        let stream = connector.connect(nobody, stream).await?;
        let peer = material.peer(stream.get_ref().1.peer_certificates())?;
        let expected = self.identity.expected(&self.service);
        if peer != expected {
            return Err(io::Error::other(format!("this is {peer}, not {expected}")));
        }
        Ok(stream)
    }
}

/// Shakes hands with a client, and tells who it is.
pub(crate) async fn accept<IO: Io>(
    identity: &Identity,
    stream: IO,
) -> io::Result<(tokio_rustls::server::TlsStream<IO>, SpiffeId)> {
    let material = identity.material();
    let acceptor = TlsAcceptor::from(Arc::clone(&material.server));
    let stream = acceptor.accept(stream).await?;
    let peer = material.peer(stream.get_ref().1.peer_certificates())?;
    Ok((stream, peer))
}
