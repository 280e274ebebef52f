//! What calls count as where several services share a port.

use covergen_chassis::{BoxError, Context, Harness, Service, Wiring, facts};
use covergen_mesh::{ClientHooks, Mesh, MeshConfig, Registry};
use covergen_proto::notification::v1::push_service_server::PushService;
use covergen_proto::notification::v1::*;
use covergen_proto::wkt::Empty;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

use crate::service::{Probe, client, login};

/// Refuses everything.
struct Silent;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl PushService for Silent {
    async fn get_push_key(&self, _: Request<GetPushKeyRequest>) -> Answer<PushKey> {
        Err(Status::unimplemented("silent"))
    }
    async fn create_push_subscription(
        &self,
        _: Request<CreatePushSubscriptionRequest>,
    ) -> Answer<PushSubscription> {
        Err(Status::unimplemented("silent"))
    }
    async fn list_push_subscriptions(
        &self,
        _: Request<ListPushSubscriptionsRequest>,
    ) -> Answer<ListPushSubscriptionsResponse> {
        Err(Status::unimplemented("silent"))
    }
    async fn delete_push_subscription(
        &self,
        _: Request<DeletePushSubscriptionRequest>,
    ) -> Answer<Empty> {
        Err(Status::unimplemented("silent"))
    }
}

/// How many calls of that method the target served.
fn served(rendered: &str, target: &str, method: &str) -> usize {
    let labels = [
        format!("target=\"{target}\""),
        format!("method=\"{method}\""),
    ];
    let lines = rendered.lines().filter(|line| {
        line.starts_with("mesh_server_requests_total{")
            && labels.iter().all(|label| line.contains(label))
    });
    let counts = lines.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
    counts.sum()
}

#[tokio::test]
async fn on_a_port_that_services_share_each_call_counts_for_its_own() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // This runtime has one thread, so what it serves is counted here.
    let _recording = metrics::set_default_local_recorder(&recorder);
    let push = Service::new("notification", |_: Context| async move {
        Ok::<_, BoxError>(Wiring::new().grpc(push_service(Silent)))
    });
    let mut harness = Harness::start(vec![Probe::new().service("auth"), push]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    harness.hosted_mut().serve_grpc(listener);

    let target = |name| format!("[targets.{name}]\naddress = \"http://{address}\"\n");
    let config = target("auth") + &target("notification");
    let config: MeshConfig = config.parse::<toml::Table>().unwrap().try_into().unwrap();
    let hooks = ClientHooks::new(facts);
    let mesh = Mesh::new(config, Registry::default(), "test", hooks).unwrap();
    client(mesh.channel("auth")).login(login()).await.unwrap();
    // Whoever is refused was served.
    let mut pushing = push_service_client(mesh.channel("notification"));
    for _ in 0..2 {
        let refused = pushing.list_push_subscriptions(ListPushSubscriptionsRequest::default());
        refused.await.unwrap_err();
    }
    let mut health = tonic_health::pb::health_client::HealthClient::new(mesh.channel("auth"));
    let whole = tonic_health::pb::HealthCheckRequest::default();
    health.check(whole).await.unwrap();
    harness.stop().await;

    let rendered = handle.render();
    let login = "/covergen.auth.v1.AuthService/Login";
    let list = "/covergen.notification.v1.PushService/ListPushSubscriptions";
    assert_eq!(served(&rendered, "auth", login), 1, "{rendered}");
    assert_eq!(served(&rendered, "notification", list), 2, "{rendered}");
    // What belongs to the server as a whole is nobody's.
    assert_eq!(served(&rendered, "grpc", "other"), 1, "{rendered}");
    assert_eq!(served(&rendered, "grpc", login), 0, "{rendered}");
}
