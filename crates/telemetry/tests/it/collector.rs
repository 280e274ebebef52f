//! A collector: the real OTLP services over gRPC, keeping what they are sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use covergen_telemetry::TelemetryConfig;

#[derive(Clone, Default)]
pub(crate) struct Collector {
    traces: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    metrics: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
}

impl Collector {
    /// Serves on a free port until the runtime ends.
    pub(crate) async fn start() -> (Self, SocketAddr) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .add_service(MetricsServiceServer::new(collector.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(served);
        (collector, address)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let traces = self.traces.lock().unwrap();
        let resources = traces.iter().flat_map(|one| &one.resource_spans);
        let scopes = resources.flat_map(|one| &one.scope_spans);
        scopes.flat_map(|one| one.spans.clone()).collect()
    }

    pub(crate) fn span(&self, name: &str) -> Span {
        let mut found: Vec<_> = self.spans();
        found.retain(|span| span.name == name);
        assert_eq!(found.len(), 1, "{name} among {:?}", self.spans());
        found.remove(0)
    }

    /// The metric as it was pushed last.
    pub(crate) fn metric(&self, name: &str) -> Option<Metric> {
        let metrics = self.metrics.lock().unwrap();
        let resources = metrics.iter().flat_map(|one| &one.resource_metrics);
        let scopes = resources.flat_map(|one| &one.scope_metrics);
        let mut all = scopes.flat_map(|one| &one.metrics);
        all.rfind(|one| one.name == name).cloned()
    }

    /// Who sent the spans, and who the metrics.
    pub(crate) fn resources(&self) -> [BTreeMap<String, String>; 2] {
        let traces = self.traces.lock().unwrap();
        let spans = traces[0].resource_spans[0].resource.clone().unwrap();
        let metrics = self.metrics.lock().unwrap();
        let counts = metrics[0].resource_metrics[0].resource.clone().unwrap();
        [texts(&spans.attributes), texts(&counts.attributes)]
    }
}

/// The attributes that are text.
pub(crate) fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    attributes
        .iter()
        .filter_map(|one| match one.value.clone()?.value? {
            any_value::Value::StringValue(text) => Some((one.key.clone(), text)),
            _ => None,
        })
        .collect()
}

/// Pushes to the collector; metrics leave only when pushing ends.
pub(crate) fn pushing_to(address: SocketAddr) -> TelemetryConfig {
    TelemetryConfig {
        otlp_endpoint: format!("http://{address}"),
        metrics_interval_ms: 3_600_000,
        ..TelemetryConfig::default()
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.traces.lock().unwrap().push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.metrics.lock().unwrap().push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}
