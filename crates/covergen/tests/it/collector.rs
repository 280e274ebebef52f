//! A collector of traces: the real OTLP service over gRPC, keeping what it is
//! sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// Serves until the test ends; answers where.
    pub(crate) async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TraceServiceServer::new(collector.clone());
        let served = Server::builder()
            .add_service(service)
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(served);
        (collector, format!("http://{address}"))
    }

    /// Waits, within bounds, for a span that is as wanted.
    pub(crate) async fn eventually(&self, wanted: impl Fn(&Span) -> bool) -> Span {
        for _ in 0..600 {
            let found = self
                .0
                .lock()
                .unwrap()
                .iter()
                .find(|span| wanted(span))
                .cloned();
            if let Some(span) = found {
                return span;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let spans = self.0.lock().unwrap();
        let names: Vec<_> = spans
            .iter()
            .map(|span| (&span.name, text(span, "code")))
            .collect();
        panic!("no such span among {names:?}");
    }
}

impl Collector {
    /// What has arrived of one trace so far.
    pub(crate) fn trace(&self, id: u128) -> Vec<Span> {
        let spans = self.0.lock().unwrap();
        let of_it = |span: &&Span| span.trace_id == id.to_be_bytes();
        spans.iter().filter(of_it).cloned().collect()
    }
}

/// A text that a span is marked with; empty where it is not.
pub(crate) fn text(span: &Span, key: &str) -> String {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|attribute| attribute.key == key);
    let value = found.and_then(|attribute| attribute.value.clone()?.value);
    match value {
        Some(Value::StringValue(text)) => text,
        _ => String::new(),
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        self.0.lock().unwrap().extend(spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
