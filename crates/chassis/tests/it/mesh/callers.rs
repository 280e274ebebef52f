//! A certificate says who holds the connection, a token who calls: both must
//! say the same.

use covergen_chassis::Host;
use covergen_ids::Clock;
use covergen_proto::auth::v1::{GetIdentityRequest, ListSessionsRequest};
use tonic::Code;

use super::Cluster;
use crate::service::{Probe, login, refused};

fn about() -> GetIdentityRequest {
    GetIdentityRequest {
        user_id: "usr_x".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_at_the_handshake() {
    let cluster = Cluster::new();
    let auth = cluster
        .serve("auth", Some(cluster.certificate("auth")))
        .await;
    let token = cluster.tokens().internal.issue("user", None).unwrap();
    let other = cluster.authority("elsewhere").issue("dev", "user").unwrap();
    for certificate in [None, Some(other)] {
        // Public, so that nothing but the handshake stands in the way.
        let mut calling = cluster.dial(&auth, certificate, &token);
        let status = calling.login(login()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
    assert!(
        auth.probe.client.lock().unwrap().is_none(),
        "nobody came in"
    );
    cluster.dial_as(&auth, "user").login(login()).await.unwrap();
    assert!(auth.probe.client.lock().unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_takes_the_services_that_its_contract_names() {
    let cluster = Cluster::new();
    let auth = cluster
        .serve("auth", Some(cluster.certificate("auth")))
        .await;
    let mut user = cluster.dial_as(&auth, "user");
    let answer = user.get_identity(about()).await.unwrap();
    assert_eq!(answer.into_inner().display_name, "user");
    let mut export = cluster.dial_as(&auth, "export");
    let answer = export.get_identity(about()).await;
    refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_over_the_certificate_of_its_bearer_alone() {
    let cluster = Cluster::new();
    let auth = cluster
        .serve("auth", Some(cluster.certificate("auth")))
        .await;
    let stolen = cluster.tokens().internal.issue("user", None).unwrap();
    let mut thief = cluster.dial(&auth, Some(cluster.certificate("export")), &stolen);
    let answer = thief.get_identity(about()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
    // Not even what anybody may call: the token is a lie.
    let answer = thief.login(login()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
    // The same name in another namespace is another service.
    let mut namesake = cluster.authority("ca").issue("prod", "user").unwrap();
    let auth_id = "spiffe://covergen.test/ns/dev/sa/auth".parse().unwrap();
    namesake.services.insert("auth".to_owned(), auth_id);
    let mut namesake = cluster.dial(&auth, Some(namesake), &stolen);
    let answer = namesake.get_identity(about()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_hold_comes_by_an_edge_or_an_operator() {
    let cluster = Cluster::new();
    let auth = cluster
        .serve("auth", Some(cluster.certificate("auth")))
        .await;
    let harness = covergen_chassis::Harness::start(Vec::new()).await;
    let token = cluster.tokens().access.issue(&harness.creator()).unwrap();
    for holder in ["bff-web", "admin"] {
        let mut calling = cluster.dial(&auth, Some(cluster.certificate(holder)), &token);
        calling
            .list_sessions(ListSessionsRequest::default())
            .await
            .unwrap();
    }
    let mut calling = cluster.dial(&auth, Some(cluster.certificate("export")), &token);
    let answer = calling.list_sessions(ListSessionsRequest::default()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_several_services_speaks_for_those_it_is_said_to_host() {
    let cluster = Cluster::new();
    let mut certificate = cluster.certificate("auth");
    let host = "spiffe://covergen.test/ns/dev/sa/host".parse().unwrap();
    certificate.services.insert("user".to_owned(), host);
    let auth = cluster.serve("auth", Some(certificate)).await;
    let speaking = |service: &str| {
        let token = cluster.tokens().internal.issue(service, None).unwrap();
        cluster.dial(&auth, Some(cluster.certificate("host")), &token)
    };
    speaking("user").get_identity(about()).await.unwrap();
    let answer = speaking("admin").get_identity(about()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
    // Its own name is no longer enough: it is somebody else's certificate.
    let answer = cluster.dial_as(&auth, "user").get_identity(about()).await;
    refused(answer, Code::PermissionDenied, "CALLER_NOT_PROVEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_starts_no_service_that_its_certificate_does_not_speak_for() {
    let cluster = Cluster::new();
    let mut config = cluster.config("auth");
    config.mesh.identity = Some(cluster.certificate("user"));
    let host = Host::open(config, Clock::system()).await.unwrap();
    let started = host.start(vec![Probe::new().service("auth")]).await;
    let error = started.err().unwrap().to_string();
    assert!(error.contains("does not speak for auth"), "{error}");
}
