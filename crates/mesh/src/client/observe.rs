//! A span and RED metrics for every call.

use std::{pin::pin, sync::Arc};

use http::{HeaderValue, Response};
use tonic::{Code, Status, body::Body};
use tracing::{Instrument, field};

use super::{Call, Edge, split::Chooser};
use crate::{
    CallContext, Propagator, RequestId,
    body::{OnCut, watch},
    hop::{Failure, Hop},
    red::Measure,
    request_id::REQUEST_ID,
    user_type::USER_TYPE,
};

pub(crate) struct Observe<H> {
    edge: Edge,
    propagator: Arc<dyn Propagator>,
    chooser: Chooser,
    inner: H,
}

impl<H> Observe<H> {
    pub(crate) fn new(
        edge: Edge,
        propagator: Arc<dyn Propagator>,
        chooser: Chooser,
        inner: H,
    ) -> Self {
        Self {
            edge,
            propagator,
            chooser,
            inner,
        }
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Observe<H> {
    type Answer = Response<Body>;
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
        let sent = name(&mut call);
        let current = call.context.as_ref().map(|context| context.trace_parent());
        call.trace_parent = Some(self.propagator.depart(&span, current));
        let is_unary = call.method.is_unary();
        // Before routes are looked at, and for those of the hops after this one.
        let user_type = call.context.as_ref().and_then(CallContext::user_type);
        if let Some(user_type) = user_type.cloned() {
            call.head.headers.entry(USER_TYPE).or_insert(user_type);
        }
        call.way = self.chooser.choose(&call);
        let red = match &call.way {
            None => Arc::clone(&call.method.red),
            Some(back) => back.red(&call.method.red),
        };
        let mut measure = Measure::start(red, span.clone(), call.at);
        // As on the server's side: given up, it ends within its span.
        let answering = pin!(self.inner.call(call).instrument(span));
        match answering.await {
            // A server of ours does not say again what it was told.
            Ok(mut response) => {
                let headers = response.headers_mut();
                headers.entry(REQUEST_ID).or_insert(sent);
                // A unary answer arrives here whole and with status OK.
                if is_unary {
                    measure.ended(Code::Ok);
                    return Ok(response);
                }
                Ok(response.map(|body| watch(body, measure, OnCut::Trailers)))
            }
            Err(failure) => {
                measure.ended(failure.status.code());
                Err(failure.status)
            }
        }
    }
}

/// The name of this request, the same for all attempts: that of the served
/// call, the caller's own, or a new one.
fn name(call: &mut Call) -> HeaderValue {
    if let Some(context) = &call.context {
        let request_id = context.request_id().clone();
        return call.request_id.insert(request_id).header();
    }
    // Whatever it is: whoever is called decides whether it is an id.
    if let Some(given) = call.head.headers.get(REQUEST_ID) {
        return given.clone();
    }
    call.request_id.insert(RequestId::mint()).header()
}
