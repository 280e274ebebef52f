//! What BFFs answer while the service behind them does not.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use covergen_chassis::{BoxError, Harness, Service, Wiring};
use covergen_edge::LastKnown;
use covergen_ids::Clock;
use covergen_proto::template::v1::{
    Category, DesignOptions, GetDesignOptionsRequest, ListCategoriesRequest,
    ListCategoriesResponse, template_service_client,
};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use prost::Message as _;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Code, Status};

/// Answers every method with the same message, or not at all.
#[derive(Clone)]
struct Templates {
    away: Arc<AtomicBool>,
    answer: Bytes,
}

impl NamedService for Templates {
    const NAME: &'static str = "covergen.template.v1.TemplateService";
}

impl tower::Service<Request<Body>> for Templates {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(ready(Ok(Status::unavailable("away").into_http())));
        }
        let mut framed = BytesMut::new();
        framed.put_u8(0);
        framed.put_u32(u32::try_from(self.answer.len()).unwrap());
        framed.put_slice(&self.answer);
        let trailers = HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-status"),
            HeaderValue::from_static("0"),
        )]);
        let body = Full::new(framed.freeze()).with_trailers(ready(Some(Ok(trailers))));
        let mut response = Response::new(Body::new(body));
        let grpc = HeaderValue::from_static("application/grpc");
        response.headers_mut().insert("content-type", grpc);
        Box::pin(ready(Ok(response)))
    }
}

const POLICY: &str = "
defaults: {circuitBreaker: {consecutiveFailures: 1, baseOpenTime: 60s}}
targets:
  template:
    methodConfig:
      - name: [{service: covergen.template.v1.TemplateService}]
        fallback: last-known
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_last_is_answered_while_the_service_is_away() {
    let answer = ListCategoriesResponse {
        categories: vec![Category {
            id: "music".to_owned(),
            ..Category::default()
        }],
    };
    let templates = Templates {
        away: Arc::default(),
        answer: answer.encode_to_vec().into(),
    };
    let away = Arc::clone(&templates.away);
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, POLICY).unwrap();
    let service = Service::new("template", |_| async move {
        Ok::<_, BoxError>(Wiring::new().grpc(templates))
    });
    let harness = Harness::start_with(vec![service], Clock::system(), |config| {
        config.mesh.policy_file = Some(policy);
    })
    .await;
    let known = LastKnown::new(covergen_bff_web::surface());
    let mesh = harness
        .hosted()
        .mesh_for_edge_with("bff-web", Arc::new(known.clone()))
        .unwrap();
    let backend = covergen_edge::backend(mesh.channel("template"), known);
    let mut client = template_service_client(backend);
    let first = client.list_categories(ListCategoriesRequest {}).await;
    assert_eq!(first.unwrap().into_inner(), answer);

    away.store(true, Ordering::Relaxed);
    // The first to notice is told; the breaker opens upon it.
    let noticed = client.list_categories(ListCategoriesRequest {}).await;
    if let Err(status) = noticed {
        assert_eq!(status.code(), Code::Unavailable);
    }
    let meanwhile = client.list_categories(ListCategoriesRequest {}).await;
    assert_eq!(meanwhile.unwrap().into_inner(), answer);
    // What nobody asked before is not known.
    let options: Result<tonic::Response<DesignOptions>, _> =
        client.get_design_options(GetDesignOptionsRequest {}).await;
    assert_eq!(options.unwrap_err().code(), Code::Unavailable);
    harness.stop().await;
}
