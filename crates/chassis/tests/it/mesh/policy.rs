//! A policy that changes while calls go on, as operators see it.

use covergen_mesh::Mesh;
use covergen_proto::mesh::v1::{GetMeshRequest, MeshView, mesh_service_client};

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
    let route = seen.routes.iter().find(|one| one.target == "auth");
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
