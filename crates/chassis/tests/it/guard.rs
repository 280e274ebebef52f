use covergen_chassis::{ClientInfo, Harness};
use covergen_ids::Clock;
use covergen_mesh::MeshConfig;
use covergen_proto::auth::v1::{GetIdentityRequest, ListSessionsRequest, RefreshRequest};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::service::{Client, Probe, client, login, refused, sending};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn harness(probe: &Probe) -> Harness {
    Harness::start(vec![probe.service("auth")]).await
}

fn bearing(harness: &Harness, token: &str) -> Client {
    sending(harness, &format!("Bearer {token}"), MeshConfig::default())
}

fn list() -> ListSessionsRequest {
    ListSessionsRequest::default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_until_it_expires() {
    let clock = Clock::manual(Clock::system().now_ms());
    let services = vec![Probe::new().service("auth")];
    let harness = Harness::start_with(services, clock.clock(), |_| {}).await;
    let creator = harness.creator();
    let token = harness.hosted().identity().access.issue(&creator).unwrap();
    let mut calling = bearing(&harness, &token);
    calling.list_sessions(list()).await.unwrap();
    clock.advance_ms(DAY_MS);
    refused(
        calling.list_sessions(list()).await,
        Code::Unauthenticated,
        "TOKEN_EXPIRED",
    );
    // What is public stays open, and takes nobody for the token's owner.
    let answer = calling.login(login()).await.unwrap();
    assert_eq!(answer.into_inner().session_id, "nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_tampered_with_is_refused() {
    let harness = harness(&Probe::new()).await;
    let token = harness
        .hosted()
        .identity()
        .access
        .issue(&harness.creator())
        .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{flipped}{}", &signature[1..]);
    let none = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
    for bad in [forged.as_str(), signed, none.as_str(), "", "x"] {
        let answer = bearing(&harness, bad).list_sessions(list()).await;
        refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
    }
    let mut basic = sending(&harness, "Basic YTpi", MeshConfig::default());
    refused(
        basic.list_sessions(list()).await,
        Code::Unauthenticated,
        "TOKEN_INVALID",
    );
    bearing(&harness, &token)
        .list_sessions(list())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_internal_method_lets_in_the_services_it_names() {
    let harness = harness(&Probe::new()).await;
    let about = GetIdentityRequest {
        user_id: "usr_x".to_owned(),
    };
    let mut user = client(harness.as_service("user", None, "auth"));
    let answer = user.get_identity(about.clone()).await.unwrap();
    assert_eq!(answer.into_inner().display_name, "user");
    let creator = harness.creator();
    let token = harness.hosted().identity().access.issue(&creator).unwrap();
    for mut caller in [
        bearing(&harness, &token),
        client(harness.as_user(&creator, "auth")),
        client(harness.as_service("export", Some(&creator), "auth")),
    ] {
        let answer = caller.get_identity(about.clone()).await;
        refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
    }
    let nobody = client(harness.as_anonymous("auth"))
        .get_identity(about)
        .await;
    refused(nobody, Code::Unauthenticated, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_is_refused_in_every_kind_of_token() {
    let harness = harness(&Probe::new()).await;
    let creator = harness.creator();
    let identity = harness.hosted().identity().clone();
    let token = identity.access.issue(&creator).unwrap();
    identity.revocations.revoke(creator.session_id.unwrap());
    for mut caller in [
        bearing(&harness, &token),
        client(harness.as_user(&creator, "auth")),
    ] {
        refused(
            caller.list_sessions(list()).await,
            Code::Unauthenticated,
            "SESSION_ENDED",
        );
    }
    client(harness.as_user(&harness.creator(), "auth"))
        .list_sessions(list())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_believed_from_an_edge_and_from_nobody_else() {
    let probe = Probe::new();
    let harness = harness(&probe).await;
    let creator = harness.creator();
    let token = harness.hosted().identity().access.issue(&creator).unwrap();
    let mut seen = Vec::new();
    for mut caller in [
        client(harness.as_anonymous("auth")),
        client(harness.as_service("export", None, "auth")),
        bearing(&harness, &token),
    ] {
        let mut request = Request::new(login());
        let headers = request.metadata_mut();
        headers.insert("x-forwarded-for", "203.0.113.7, 10.0.0.1".parse().unwrap());
        headers.insert("user-agent", "x".repeat(300).parse().unwrap());
        caller.login(request).await.unwrap();
        seen.push(probe.client.lock().unwrap().take().unwrap());
    }
    assert_eq!(seen[0].ip_address, "203.0.113.7");
    assert!(seen[0].user_agent.len() <= 256);
    assert_eq!(&seen[1..], &[ClientInfo::default(), ClientInfo::default()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_cannot_take_up_a_service() {
    let probe = Probe::new();
    let services = vec![probe.service("auth")];
    let harness = Harness::start_with(services, Clock::system(), |config| {
        config.rpc.max_calls_per_principal = 1;
        config.rpc.max_pending_per_principal = 0;
    })
    .await;
    let (greedy, other) = (harness.creator(), harness.creator());
    let slow = |person| {
        let mut calling = client(harness.as_user(person, "auth"));
        let request = RefreshRequest {
            refresh_token: "cgr_x".to_owned(),
        };
        tokio::spawn(async move { calling.refresh(request).await })
    };
    let first = slow(&greedy);
    probe.arrived.acquire().await.unwrap().forget();
    let mut more = client(harness.as_user(&greedy, "auth"));
    let status = more.list_sessions(list()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some(), "{status:?}");
    let mut others = client(harness.as_user(&other, "auth"));
    others.list_sessions(list()).await.unwrap();
    probe.gate.add_permits(1);
    first.await.unwrap().unwrap();
    more.list_sessions(list()).await.unwrap();
}
