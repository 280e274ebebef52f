//! A policy that changes while calls go on, as operators see it.

use std::path::Path;
use std::sync::Arc;

use covergen_chassis::{LAST_KNOWN, facts};
use covergen_mesh::{ClientHooks, Fallback, FallbackCall, Mesh, MeshConfig, Registry};
use covergen_proto::Method;
use covergen_proto::mesh::v1::{GetMeshRequest, MeshView, mesh_service_client};

use futures::future::BoxFuture;
use prost::bytes::Bytes;

use super::{Cluster, replace, start, targets};
use crate::service::{Probe, client, eventually, login};

/// A policy that sends so many of a hundred calls to the canary.
fn policy(version: &str, canary: u32) -> String {
    let own = 100 - canary;
    format!(
        "version: {version}\ntargets:\n  auth:\n    routes:\n      - weightedClusters:\n          \
         - {{name: auth, weight: {own}}}\n          - {{name: auth-canary, weight: {canary}}}\n  \
         auth-canary: {{service: auth}}\n"
    )
}

async fn view(asking: &Mesh) -> MeshView {
    let mut asked = mesh_service_client(asking.channel("mesh"));
    asked
        .get_mesh(GetMeshRequest {})
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_split_changes_live_and_operators_see_it() {
    let cluster = Cluster::new();
    let stable = cluster
        .serve("stable", Some(cluster.certificate("auth")))
        .await;
    let canary = cluster
        .serve("canary", Some(cluster.certificate("auth")))
        .await;
    let file = cluster.folder.path().join("policy.yaml");
    replace(&file, &policy("all-stable", 0));
    let mut config = cluster.config("user");
    config.mesh.identity = Some(cluster.certificate("user"));
    config.mesh.targets = targets(&[("auth", &stable), ("auth-canary", &canary)]);
    config.mesh.policy_file = Some(file.clone());
    config.mesh.policy_poll_ms = Some(10);
    let hosted = start(config, vec![Probe::new().service("user")]).await;
    let mesh = hosted.mesh_as("user").unwrap();
    // Before the policy is broken, since nothing begins under a broken one.
    let asking = hosted.mesh_as("admin").unwrap();
    let mut calling = client(mesh.channel("auth"));
    calling.login(login()).await.unwrap();
    assert!(canary.probe.client.lock().unwrap().is_none());

    replace(&file, &policy("all-canary", 100));
    eventually("the canary is called", || async {
        client(mesh.channel("auth")).login(login()).await.unwrap();
        canary.probe.client.lock().unwrap().is_some()
    })
    .await;
    let seen = view(&asking).await;
    let own = seen.identity.as_ref().unwrap();
    assert_eq!(own.spiffe_id, "spiffe://covergen.test/ns/dev/sa/user");
    assert!(own.expire_time.is_some());
    let route = |target| seen.routes.iter().find(|one| one.target == target);
    let reached = &route("auth-canary").unwrap().endpoints;
    assert_eq!(reached.len(), 1, "{reached:?}");
    let route = route("auth");
    let ways = &route.unwrap().splits[0].ways;
    let weights: Vec<_> = ways.iter().map(|way| (&*way.target, way.weight)).collect();
    assert_eq!(weights, [("auth", 0), ("auth-canary", 100)]);
    let source = |seen: &MeshView| {
        seen.sources
            .iter()
            .find(|one| one.source == "user")
            .cloned()
    };
    assert_eq!(source(&seen).unwrap().policy_version, "all-canary");
    assert!(
        seen.decisions.iter().any(|one| one.kind == "reload"),
        "{seen:?}"
    );

    // One with a mistake changes nothing and is told of.
    replace(&file, &policy("wrong", 100).replace("weight:", "wieght:"));
    eventually("the mistake is told", || async {
        let seen = source(&view(&asking).await).unwrap();
        assert_eq!(seen.policy_version, "all-canary");
        seen.policy_problems
            .iter()
            .any(|one| one.path.contains("weightedClusters"))
    })
    .await;
}

/// Answers nothing.
struct Nothing;

impl Fallback for Nothing {
    fn answer<'a>(&'a self, _: &'a FallbackCall<'a>) -> BoxFuture<'a, Option<Bytes>> {
        Box::pin(std::future::ready(None))
    }
}

/// What the handbook shows and what the manifests bring names methods, and says
/// of them what can be done with them.
#[test]
fn documents_that_are_handed_out_fit_the_contracts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let page = std::fs::read_to_string(root.join("docs/operations/mesh-policy.md")).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (document, _) = rest.split_once("```").unwrap();
    let shown = folder.path().join("policy.yaml");
    std::fs::write(&shown, document).unwrap();
    let mut files = vec![shown];
    for environment in std::fs::read_dir(root.join("k8s/gen/environments")).unwrap() {
        files.push(environment.unwrap().path().join("policy.yaml"));
    }
    assert!(files.len() > 9, "{files:?}");
    for file in files {
        let hooks = ClientHooks::new(facts)
            .with_services(Method::is_service)
            .with_targets(Method::is_owner)
            .with_fallback(LAST_KNOWN, Arc::new(Nothing));
        let config = MeshConfig {
            policy_file: Some(file.clone()),
            ..MeshConfig::default()
        };
        let read = Mesh::new(config, Registry::default(), "test", hooks);
        assert_eq!(
            read.map(|_| ()).map_err(|error| error.to_string()),
            Ok(()),
            "{file:?}"
        );
    }
}
