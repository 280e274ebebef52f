use covergen_bff::Backend;
use covergen_mesh::{CallContext, Channel, REQUEST_ID_HEADER, RequestId, TraceParent};
use http::Request;
use tonic::body::Body;
use tower::ServiceBuilder;

use crate::LastKnown;

/// A BFF's way to a service: the mesh channel, with the caller's trace and
/// request id carried on, and the answers kept that may stand in for others.
#[must_use]
pub fn backend(channel: Channel, last_known: LastKnown) -> Backend {
    let service = ServiceBuilder::new()
        .map_request(|mut request: Request<Body>| {
            let context = context(&request);
            request.extensions_mut().insert(context);
            request
        })
        .service(tower::service_fn(move |request| {
            last_known.call(channel.clone(), request)
        }));
    Backend::new(service)
}

fn context(request: &Request<Body>) -> CallContext {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let mut context = CallContext::background();
    if let Some(parent) = header("traceparent").and_then(TraceParent::parse) {
        context = context.with_trace_parent(parent);
    }
    if let Some(id) = header(REQUEST_ID_HEADER).and_then(RequestId::parse) {
        context = context.with_request_id(id);
    }
    context
}
