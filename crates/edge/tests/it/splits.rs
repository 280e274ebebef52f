//! Requests through a BFF that go by other ways than the straight one, as in
//! `docs/operations/mesh-policy.md`.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::ConnectInfo;
use covergen_bff::{Bff, BffConfig, Front};
use covergen_chassis::{BoxError, Harness, Service, Wiring};
use covergen_edge::{EdgeGate, LastKnown};
use covergen_ids::Clock;
use covergen_mesh::Channel;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::json;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::ServiceExt as _;

/// A service that answers whatever it is asked with its name, as a refusal.
async fn named(name: &'static str) -> String {
    let answer = move || async move {
        let head = [
            ("content-type", "application/grpc"),
            ("grpc-status", "9"),
            ("grpc-message", name),
        ];
        (head, "")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Stands in for cover: asks user, and answers with its answer.
#[derive(Clone)]
struct AsksUser(Channel);

impl NamedService for AsksUser {
    const NAME: &'static str = "covergen.cover.v1.CoverService";
}

impl tower::Service<Request<Body>> for AsksUser {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let mut user = self.0.clone();
        Box::pin(async move {
            let empty = bytes::Bytes::from_static(&[0; 5]);
            let asked = Request::post("/covergen.user.v1.UserService/GetEntitlements")
                .body(Body::new(Full::new(empty)));
            let answered = user.call(asked.unwrap()).await;
            Ok(answered.unwrap_or_else(|status| status.into_http()))
        })
    }
}

struct World {
    harness: Harness,
    front: Front,
}

impl World {
    async fn new(routes: serde_json::Value) -> Self {
        let target = |urls: &str| json!({"discovery": {"static": [urls]}});
        let split = |name: &str, urls: &str| {
            let text = routes.to_string().replace("TARGET", name);
            let routes: serde_json::Value = serde_json::from_str(&text).unwrap();
            json!({"discovery": {"static": [urls]}, "routes": routes})
        };
        let (stable, canary) = (named("stable").await, named("canary").await);
        let policy = json!({"targets": {
            "user": split("user", &stable),
            "user-canary": target(&canary),
            "template": split("template", &stable),
            "template-canary": target(&canary),
        }});
        let cover = Service::new("cover", |context| async move {
            let cover = AsksUser(context.channel("user"));
            Ok::<_, BoxError>(Wiring::new().grpc(cover))
        });
        let harness = Harness::start_with(vec![cover], Clock::system(), |config| {
            config.mesh.policy = Some(policy);
        })
        .await;
        let (hosted, surface) = (harness.hosted(), covergen_bff_web::surface());
        let mesh = hosted.mesh_for_edge("bff-web").unwrap();
        let gate = EdgeGate::new(hosted.identity().clone(), "bff-web");
        let mut bff = Bff::builder(surface, BffConfig::default()).gate(Arc::new(gate));
        for domain in surface.domains {
            let known = LastKnown::new(surface);
            bff = bff.backend(*domain, covergen_edge::backend(mesh.channel(domain), known));
        }
        let front = bff.build().unwrap();
        Self { harness, front }
    }

    fn token(&self) -> String {
        let identity = self.harness.hosted().identity();
        let access = identity.access.issue(&self.harness.creator()).unwrap();
        format!("Bearer {access}")
    }

    /// Which of them answers.
    async fn who(&self, path: &str, headers: &[(&str, &str)], peer: [u8; 4]) -> String {
        let mut sent = Request::get(path).header("host", "covergen.test");
        for (name, value) in headers {
            sent = sent.header(*name, *value);
        }
        let mut sent = sent.body(axum::body::Body::empty()).unwrap();
        let peer = SocketAddr::from((peer, 4444));
        sent.extensions_mut().insert(ConnectInfo(peer));
        let answer = self.front.clone().oneshot(sent).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        problem["detail"].as_str().unwrap().to_owned()
    }
}

const HERE: [u8; 4] = [203, 0, 113, 9];
/// Answered by user.
const FIRST_HOP: &str = "/api/v1/users/me";
/// Answered by cover, which asks user.
const SECOND_HOP: &str = "/api/v1/covers/tasks/tsk_1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_beta_user_reaches_the_canary_at_every_hop() {
    let world = World::new(json!([{
        "match": {"headers": [{"name": "x-user-type", "exactMatch": "beta"}]},
        "cluster": "TARGET-canary",
    }]))
    .await;
    let token = world.token();
    for path in [FIRST_HOP, SECOND_HOP] {
        let signed = ("authorization", token.as_str());
        for (group, expected) in [("beta", "canary"), ("alpha", "stable"), ("be ta", "stable")] {
            let headers = [signed, ("x-user-type", group)];
            let who = world.who(path, &headers, HERE).await;
            assert_eq!(who, expected, "{path} for {group}");
        }
        assert_eq!(world.who(path, &[signed], HERE).await, "stable");
    }
    world.harness.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_keeps_to_one_way_from_the_first_hop_on() {
    let world = World::new(json!([{
        "weightedClusters": [
            {"name": "TARGET", "weight": 1},
            {"name": "TARGET-canary", "weight": 1},
        ],
        "sticky": {"principal": true},
    }]))
    .await;
    let mut ways = BTreeSet::new();
    for _ in 0..20 {
        let token = world.token();
        let signed = [("authorization", token.as_str())];
        let way = world.who(FIRST_HOP, &signed, HERE).await;
        for path in [FIRST_HOP, FIRST_HOP, SECOND_HOP, SECOND_HOP] {
            // Wherever they come from.
            assert_eq!(world.who(path, &signed, [198, 51, 100, 4]).await, way);
        }
        ways.insert(way);
    }
    assert_eq!(ways.len(), 2);
    // Who has not signed in keeps to one way by address.
    let mut ways = BTreeSet::new();
    for host in 0..20 {
        let peer = [198, 51, 100, host];
        let path = "/api/v1/templates/categories";
        let way = world.who(path, &[], peer).await;
        for _ in 0..3 {
            assert_eq!(world.who(path, &[], peer).await, way);
        }
        // Nobody tells the mesh for whom it is to go another way.
        let forged = [("covergen-caller-key", "7")];
        assert_eq!(world.who(path, &forged, peer).await, way);
        ways.insert(way);
    }
    assert_eq!(ways.len(), 2);
    world.harness.stop().await;
}
