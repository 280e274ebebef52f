//! Rate, errors and duration of one method between one pair of services.

use std::sync::OnceLock;

use metrics::{Counter, Histogram, SharedString};
use tokio::time::Instant;
use tonic::Code;

use crate::status::code_name;

const CODES: usize = 17;

/// Which side of a call measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// `mesh_client_requests_total`, `mesh_client_duration_seconds`.
    Client,
    /// `mesh_server_requests_total`, `mesh_server_duration_seconds`.
    Server,
}

/// The metric handles of one (source, target, method).
///
/// Handles are kept, since finding them by labels costs more than the rest of
/// the layer; so the recorder must be installed before the first call.
pub(crate) struct Red {
    side: Side,
    source: SharedString,
    target: SharedString,
    method: SharedString,
    requests: [OnceLock<Counter>; CODES],
    duration: OnceLock<Histogram>,
}

impl Red {
    pub(crate) fn new(side: Side, source: &str, target: &str, method: &str) -> Self {
        Self {
            side,
            source: SharedString::from(source.to_owned()),
            target: SharedString::from(target.to_owned()),
            method: SharedString::from(method.to_owned()),
            requests: [const { OnceLock::new() }; CODES],
            duration: OnceLock::new(),
        }
    }

    /// The called service.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// The method as it is told: its path, or `other`.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    fn record(&self, code: Code, started: Instant) {
        let counter = self.requests[code as usize % CODES].get_or_init(|| {
            let name = match self.side {
                Side::Client => "mesh_client_requests_total",
                Side::Server => "mesh_server_requests_total",
            };
            metrics::counter!(name, "source" => self.source.clone(),
                "target" => self.target.clone(), "method" => self.method.clone(),
                "code" => code_name(code))
        });
        counter.increment(1);
        let histogram = self.duration.get_or_init(|| {
            let name = match self.side {
                Side::Client => "mesh_client_duration_seconds",
                Side::Server => "mesh_server_duration_seconds",
            };
            metrics::histogram!(name, "source" => self.source.clone(),
                "target" => self.target.clone(), "method" => self.method.clone())
        });
        histogram.record(started.elapsed().as_secs_f64());
    }
}

/// Measures one call. Records when dropped, so a call counts exactly once
/// however it ends; abandoned half-way, it counts as CANCELLED.
pub(crate) struct Measure {
    red: std::sync::Arc<Red>,
    started: Instant,
    code: Code,
    span: tracing::Span,
}

impl Measure {
    /// Of a call that began then; `span` gets the code when the call is over.
    pub(crate) fn start(red: std::sync::Arc<Red>, span: tracing::Span, started: Instant) -> Self {
        Self {
            red,
            started,
            code: Code::Cancelled,
            span,
        }
    }

    /// How the call ended, as far as is known by now.
    pub(crate) fn ended(&mut self, code: Code) {
        self.code = code;
    }

    /// The span of the call.
    pub(crate) fn span(&self) -> &tracing::Span {
        &self.span
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        self.span.record("code", code_name(self.code));
        self.red.record(self.code, self.started);
    }
}

/// A streamed answer is measured until its last frame.
impl crate::body::BodyWatch for Measure {
    fn frame(&mut self, frame: &mut http_body::Frame<bytes::Bytes>) -> Result<(), tonic::Status> {
        if let Some(trailers) = frame.trailers_ref() {
            self.ended(trailing_code(trailers));
        }
        Ok(())
    }

    fn broke(&mut self, status: &tonic::Status) {
        self.ended(status.code());
    }
}

/// The code that trailers, or the headers of an answer without a body, carry.
pub(crate) fn trailing_code(headers: &http::HeaderMap) -> Code {
    headers
        .get(tonic::Status::GRPC_STATUS)
        .map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()))
}
