//! What is said of a service's health while its database is away.

use covergen_chassis::{Config, Harness};
use covergen_ids::Clock;
use covergen_testkit::{Postgres, Proxy};
use tokio::net::TcpListener;
use tonic::transport::Endpoint;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::service::{Probe, eventually};

const AUTH: &str = "covergen.auth.v1.AuthService";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_does_not_serve_while_its_database_does_not_answer() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let url = proxy.url(&server.url());
    let (start, _) = url.rsplit_once('/').unwrap();
    let database = format!("{start}/covergen_{{service}}");
    let configure = |config: &mut Config| config.database.url = database;
    let mut harness = Harness::start_with(
        vec![Probe::new().service("auth")],
        Clock::system(),
        configure,
    )
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    harness.hosted_mut().serve_grpc(listener);
    let channel = Endpoint::from_shared(format!("http://{address}"))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let says = async |service: &str, expected: ServingStatus| {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = HealthClient::new(channel.clone()).check(request).await;
        answer.unwrap().into_inner().status() == expected
    };
    assert!(says(AUTH, ServingStatus::Serving).await);

    // Nobody calls: the service's own work, of which there always is some,
    // finds out.
    proxy.refuse();
    eventually("it does not serve", || {
        says(AUTH, ServingStatus::NotServing)
    })
    .await;
    // Another replica would do no better, so it stays where it is.
    assert!(says("", ServingStatus::Serving).await);
    assert!(!harness.hosted().problems().await.is_empty());

    proxy.heal();
    eventually("it serves", || says(AUTH, ServingStatus::Serving)).await;
    assert!(harness.hosted().problems().await.is_empty());
    harness.stop().await;
}
