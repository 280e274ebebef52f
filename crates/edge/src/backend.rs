use covergen_bff::Backend;
use covergen_chassis::CallerKey;
use covergen_mesh::{CallContext, Caller, Channel, REQUEST_ID_HEADER, RequestId, TraceParent};
use http::{HeaderName, Request};
use tonic::body::Body;
use tower::ServiceBuilder;

use crate::LastKnown;

/// From the gate to the mesh of this process: whom a call is for, as a number
/// that splits can keep to one way by. It goes no further.
pub(crate) const CALLER_KEY: HeaderName = HeaderName::from_static("covergen-caller-key");

/// A BFF's way to a service: the mesh channel, which is told whom a call is
/// for, with the caller's trace and request id carried on, and the answers kept
/// that may stand in for others.
#[must_use]
pub fn backend(channel: Channel, last_known: LastKnown) -> Backend {
    let service = ServiceBuilder::new()
        .map_request(|mut request: Request<Body>| {
            let caller = request.headers_mut().remove(CALLER_KEY);
            let key = caller.and_then(|key| key.to_str().ok()?.parse().ok());
            let mut context = context(&request);
            if let Some(key) = key {
                context = context.with_caller(Caller::new(CallerKey(key)));
            }
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
