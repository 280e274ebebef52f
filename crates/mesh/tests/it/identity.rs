//! mTLS with SPIFFE ids, on both sides of a connection.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use covergen_mesh::{
    Caller, ClientHooks, Guard, Identity, IdentityConfig, Mesh, Peer, Rollout, ServerConfig,
    ServerHooks, Services, server,
};
use futures::future::BoxFuture;
use rcgen::{CertificateParams, Issuer, KeyPair};
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};
use tonic::{Code, Status};

use crate::{
    fleet::{client, until, url},
    probe::{Probe, WRITE, lookup},
};

/// Signs what a test needs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        // Two authorities of the same name would be taken for one another.
        let name = format!("root {:x}", any_number());
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            root,
        }
    }

    /// Writes a certificate for that URI into a folder.
    fn issue(&self, folder: &Path, uri: &str) {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![rcgen::SanType::URI(uri.to_owned().try_into().unwrap())];
        params.extended_key_usages = vec![
            rcgen::ExtendedKeyUsagePurpose::ServerAuth,
            rcgen::ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    }
}

fn any_number() -> u128 {
    use std::hash::{BuildHasher, Hasher};
    let hasher = std::collections::hash_map::RandomState::new().build_hasher();
    u128::from(hasher.finish())
}

fn trust(folder: &Path, roots: &[&Authority]) {
    let roots: String = roots
        .iter()
        .map(|authority| authority.root.as_str())
        .collect();
    std::fs::write(folder.join("roots.pem"), roots).unwrap();
}

fn config(folder: &Path) -> IdentityConfig {
    serde_json::from_value(json!({
        "trust_domain": "covergen.test",
        "certificate_file": folder.join("certificate.pem"),
        "key_file": folder.join("key.pem"),
        "roots_file": folder.join("roots.pem"),
        "poll_ms": 10,
    }))
    .unwrap()
}

fn uri(service: &str) -> String {
    format!("spiffe://covergen.test/ns/dev/sa/{service}")
}

/// A service with its files.
struct Member {
    folder: tempfile::TempDir,
    identity: Identity,
}

impl Member {
    fn new(authority: &Authority, service: &str) -> Self {
        Self::with_uri(authority, &uri(service))
    }

    fn with_uri(authority: &Authority, uri: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority.issue(folder.path(), uri);
        trust(folder.path(), &[authority]);
        let identity = Identity::load(config(folder.path())).unwrap();
        Self { folder, identity }
    }
}

/// Whoever has no certificate, in a list of callers.
const UNPROVEN: &str = "unproven";

/// Lets in the services it lists, as a contract would.
struct Callers {
    allowed: &'static [&'static str],
    seen: Arc<Mutex<Vec<Peer>>>,
}

impl Guard for Callers {
    fn admit<'a>(
        &'a self,
        parts: &'a mut http::request::Parts,
    ) -> BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async {
            let peer = parts.extensions.get::<Peer>().unwrap();
            self.seen.lock().unwrap().push(peer.clone());
            match peer.service() {
                Some(service) if self.allowed.contains(&service) => Ok(Caller::anonymous()),
                None if self.allowed.contains(&UNPROVEN) => Ok(Caller::anonymous()),
                _ => Err(Status::permission_denied(
                    "this service may not call this method",
                )),
            }
        })
    }
}

struct Served {
    url: String,
    seen: Arc<Mutex<Vec<Peer>>>,
    _stop: oneshot::Sender<()>,
}

async fn serve(identity: Identity, allowed: &'static [&'static str]) -> Served {
    serve_for(identity, allowed, ServerConfig::default()).await
}

async fn serve_for(
    identity: Identity,
    allowed: &'static [&'static str],
    config: ServerConfig,
) -> Served {
    let seen = Arc::default();
    let guard = Callers {
        allowed,
        seen: Arc::clone(&seen),
    };
    let probe = Probe::unary(|_| async { Ok(Bytes::from_static(b"here")) });
    let hooks = ServerHooks::new(lookup, Arc::new(guard));
    let service = server::protect("probe", Services::default().with(probe), &config, hooks);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url(listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        server::serve_with_identity(vec![listener], service, &config, identity, stopped)
            .await
            .unwrap();
    });
    Served {
        url,
        seen,
        _stop: stop,
    }
}

fn mesh_as(identity: Option<&Identity>, url: &str) -> Mesh {
    let mut hooks = ClientHooks::new(lookup);
    if let Some(identity) = identity {
        hooks = hooks.with_identity(identity.clone());
    }
    let probe = json!({"address": url, "policy": {"deadline_ms": 60_000}});
    crate::fleet::mesh_with(json!({"targets": {"probe": probe}}), hooks)
}

async fn call(mesh: &Mesh) -> Result<String, Status> {
    client(mesh).text(WRITE).await
}

#[tokio::test]
async fn the_guard_learns_who_calls_and_denies_whom_it_does_not_know() {
    let authority = Authority::new();
    let server = Member::new(&authority, "probe");
    let served = serve(server.identity.clone(), &["cover"]).await;
    let cover = Member::new(&authority, "cover");
    assert_eq!(
        call(&mesh_as(Some(&cover.identity), &served.url))
            .await
            .unwrap(),
        "here"
    );
    let seen = served.seen.lock().unwrap().clone();
    assert!(
        matches!(&seen[0], Peer::Verified { id, .. } if id.to_string() == uri("cover")),
        "{seen:?}"
    );
    let other = Member::new(&authority, "export");
    let status = call(&mesh_as(Some(&other.identity), &served.url))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_server_that_is_another_service_gets_no_request() {
    let authority = Authority::new();
    let imposter = Member::new(&authority, "export");
    let served = serve(imposter.identity.clone(), &["cover"]).await;
    let cover = Member::new(&authority, "cover");
    let status = call(&mesh_as(Some(&cover.identity), &served.url))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(
        status.message().contains("sa/export, not spiffe"),
        "{status}"
    );
    assert!(served.seen.lock().unwrap().is_empty());
}

/// As a canary does that a document names before it says whose it is.
#[tokio::test]
async fn the_service_behind_a_name_is_changed_live() {
    let authority = Authority::new();
    let canary = Member::new(&authority, "export");
    let served = serve(canary.identity.clone(), &["cover"]).await;
    let cover = Member::new(&authority, "cover");
    let mesh = mesh_as(Some(&cover.identity), &served.url);
    call(&mesh).await.unwrap_err();
    mesh.apply(r#"{"targets": {"probe": {"service": "export"}}}"#)
        .unwrap();
    assert_eq!(call(&mesh).await.unwrap(), "here");
}

#[tokio::test]
async fn who_proves_nothing_or_proves_it_elsewhere_is_not_heard() {
    let authority = Authority::new();
    let server = Member::new(&authority, "probe");
    let served = serve(server.identity.clone(), &["cover"]).await;
    let stranger = Member::new(&Authority::new(), "cover");
    let foreign = "spiffe://elsewhere.test/ns/dev/sa/cover";
    let foreigner = tempfile::tempdir().unwrap();
    authority.issue(foreigner.path(), foreign);
    trust(foreigner.path(), &[&authority]);
    let mut abroad = config(foreigner.path());
    abroad.trust_domain = "elsewhere.test".to_owned();
    let foreigner = Identity::load(abroad).unwrap();
    for identity in [None, Some(&stranger.identity), Some(&foreigner)] {
        let status = call(&mesh_as(identity, &served.url)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{identity:?}");
    }
    assert!(served.seen.lock().unwrap().is_empty());
}

/// From plain to mTLS in steps, and back: whoever is a step ahead still talks
/// with whoever is a step behind, both ways. Two steps apart they need not.
#[tokio::test]
async fn neighbouring_steps_of_a_rollout_understand_each_other() {
    use Rollout::{Accept, Call, Strict};
    let authority = Authority::new();
    let at = |service, step: Rollout| {
        let folder = tempfile::tempdir().unwrap();
        authority.issue(folder.path(), &uri(service));
        trust(folder.path(), &[&authority]);
        let mut config = config(folder.path());
        config.rollout = step;
        (Identity::load(config).unwrap(), folder)
    };
    let cases = [
        // Caller, called, and whether the caller is proven; `None` fails.
        (None, Accept, Some(false)),
        (None, Call, Some(false)),
        (None, Strict, None),
        (Some(Accept), Accept, Some(false)),
        (Some(Accept), Call, Some(false)),
        (Some(Accept), Strict, None),
        (Some(Call), Accept, Some(true)),
        (Some(Call), Call, Some(true)),
        (Some(Call), Strict, Some(true)),
        (Some(Strict), Call, Some(true)),
    ];
    for (caller, called, expected) in cases {
        let (identity, _kept) = at("probe", called);
        let served = serve(identity, &["cover", UNPROVEN]).await;
        let own = caller.map(|step| at("cover", step));
        let mesh = mesh_as(own.as_ref().map(|(identity, _)| identity), &served.url);
        let answer = call(&mesh).await;
        let seen = served.seen.lock().unwrap().pop();
        let proven = answer.is_ok().then(|| seen.unwrap().service().is_some());
        assert_eq!(proven, expected, "{caller:?} calls {called:?}");
    }
    // A step that only takes others in calls as it did before.
    let plain = crate::fleet::Replica::start("plain").await;
    let (accepting, _kept) = at("cover", Accept);
    assert_eq!(
        call(&mesh_as(Some(&accepting), &plain.url()))
            .await
            .unwrap(),
        "plain"
    );
}

#[tokio::test]
async fn a_certificate_that_names_no_service_is_no_identity() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    trust(folder.path(), &[&authority]);
    for wrong in [
        "https://covergen.test/",
        "spiffe://covergen.test/cover",
        "spiffe://other/ns/dev/sa/cover",
    ] {
        authority.issue(folder.path(), wrong);
        Identity::load(config(folder.path())).unwrap_err();
    }
    // The key of another certificate.
    authority.issue(folder.path(), &uri("cover"));
    std::fs::write(
        folder.path().join("key.pem"),
        KeyPair::generate().unwrap().serialize_pem(),
    )
    .unwrap();
    Identity::load(config(folder.path())).unwrap_err();
}

/// Certificates are replaced and the authority with them, under load, in the
/// order of a rollover; no call fails, and at the end the old one is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_and_authorities_are_replaced_without_a_failed_call() {
    let (old, new) = (Authority::new(), Authority::new());
    let server = Member::new(&old, "probe");
    let cover = Member::new(&old, "cover");
    // Connections are short-lived, so that many are made meanwhile.
    let config = ServerConfig {
        connection_age_ms: 100,
        ..ServerConfig::default()
    };
    let served = serve_for(server.identity.clone(), &["cover"], config).await;
    let mesh = mesh_as(Some(&cover.identity), &served.url);
    let (stop, made, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
        Arc::new(Mutex::new(Vec::new())),
    );
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let mut client = client(&mesh);
            let (stop, made, failed) = (Arc::clone(&stop), Arc::clone(&made), Arc::clone(&failed));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    if let Err(status) = client.text(WRITE).await {
                        failed.lock().unwrap().push(status);
                    }
                    made.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let more = async || {
        let target = made.load(Ordering::SeqCst) + 300;
        until(async || made.load(Ordering::SeqCst) >= target).await;
    };
    more().await;
    let members = [&server, &cover];
    // Both are trusted by all before anybody shows the new one.
    for member in members {
        trust(member.folder.path(), &[&old, &new]);
    }
    let old_member = Member::new(&old, "cover");
    let new_member = Member::with_uri(&new, &uri("cover"));
    trust(new_member.folder.path(), &[&new, &old]);
    let with_new = Identity::load(self::config(new_member.folder.path())).unwrap();
    until(async || call(&mesh_as(Some(&with_new), &served.url)).await.is_ok()).await;
    for (member, service) in members.into_iter().zip(["probe", "cover"]) {
        new.issue(member.folder.path(), &uri(service));
    }
    more().await;
    for member in members {
        trust(member.folder.path(), &[&new]);
    }
    trust(old_member.folder.path(), &[&old, &new]);
    let with_old = Identity::load(self::config(old_member.folder.path())).unwrap();
    until(async || call(&mesh_as(Some(&with_old), &served.url)).await.is_err()).await;
    more().await;
    stop.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(failed.lock().unwrap().len(), 0, "{failed:?}");
    // A session of before is not taken up again either.
    call(&mesh_as(Some(&with_old), &served.url))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn a_client_that_connects_and_says_nothing_is_let_go_of() {
    let authority = Authority::new();
    let server = Member::new(&authority, "probe");
    let config = ServerConfig {
        handshake_timeout_ms: 50,
        ..ServerConfig::default()
    };
    let served = serve_for(server.identity.clone(), &[], config).await;
    let address = served.url.strip_prefix("http://").unwrap();
    let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut read = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut read);
    crate::world::bounded(ended).await.unwrap();
    assert!(read.is_empty());
}
