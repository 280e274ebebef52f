//! A span and RED metrics for every call.

use std::sync::Arc;

use http::Response;
use tonic::{Code, Status, body::Body};
use tracing::{Instrument, field};

use super::{Call, Edge};
use crate::{
    Propagator, REQUEST_ID_HEADER, RequestId,
    body::{OnCut, watch},
    hop::{Failure, Hop},
    red::Measure,
};

pub(crate) struct Observe<H> {
    edge: Edge,
    propagator: Arc<dyn Propagator>,
    inner: H,
}

impl<H> Observe<H> {
    pub(crate) fn new(edge: Edge, propagator: Arc<dyn Propagator>, inner: H) -> Self {
        Self {
            edge,
            propagator,
            inner,
        }
    }
}

impl<H: Hop<Call, Failure = Failure>> Hop<Call> for Observe<H> {
    type Failure = Status;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Status> {
        let span = tracing::info_span!(
            "call",
            otel.kind = "client",
            target_service = &*self.edge.target,
            method = call.head.uri.path(),
            code = field::Empty,
            attempts = field::Empty,
        );
        // Nobody named this request yet: one name for all its attempts.
        if call.context.is_none() && !call.head.headers.contains_key(REQUEST_ID_HEADER) {
            let minted = RequestId::mint().header();
            call.head.headers.insert(REQUEST_ID_HEADER, minted);
        }
        let current = call.context.as_ref().map(|context| context.trace_parent());
        call.trace_parent = Some(self.propagator.depart(&span, current));
        let is_unary = call.method.is_unary();
        let mut measure = Measure::start(Arc::clone(&call.method.red), span.clone());
        match self.inner.call(call).instrument(span).await {
            // A unary answer arrives here whole and with status OK.
            Ok(response) if is_unary => {
                measure.ended(Code::Ok);
                Ok(response)
            }
            Ok(response) => Ok(response.map(|body| watch(body, measure, OnCut::Trailers))),
            Err(failure) => {
                measure.ended(failure.status.code());
                Err(failure.status)
            }
        }
    }
}
