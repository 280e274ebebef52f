//! Protocols over HTTP that routes speak, such as tus: their version stands in
//! every request and every answer.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tonic::Code;

use crate::app::App;
use crate::problem::Problem;
use crate::route::{Binding, Protocol, Route};

const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The method that a request means. Where a client can send no verb but POST,
/// protocols let a header name the one it means; for other routes that header
/// would be a way around whoever filters by verb, and it is ignored.
pub(crate) fn meant(
    candidates: &[&'static Binding],
    method: &Method,
    headers: &HeaderMap,
) -> Method {
    let named = headers
        .get(OVERRIDE)
        .filter(|_| method == Method::POST)
        .and_then(|value| Method::from_bytes(value.as_bytes()).ok());
    let is_spoken = |method: &Method| {
        candidates.iter().any(|binding| {
            binding.route.protocol.is_some()
                && (binding.method == method.as_str()
                    || (binding.method == "GET" && method == Method::HEAD))
        })
    };
    named.filter(is_spoken).unwrap_or_else(|| method.clone())
}

/// Refuses a request in another version. A GET is as good without it.
pub(crate) fn check(route: &Route, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(protocol) = route.protocol else {
        return Ok(());
    };
    let stated = headers.get(protocol.header);
    let fits = match stated {
        Some(version) => version.as_bytes() == protocol.version.as_bytes(),
        None => method == Method::GET,
    };
    if fits {
        return Ok(());
    }
    let detail = format!(
        "The header `{}` must name the version {}.",
        protocol.header, protocol.version
    );
    Err(
        Problem::new(Code::Unimplemented, "PROTOCOL_VERSION_UNSUPPORTED", detail)
            .with_status(StatusCode::PRECONDITION_FAILED)
            .with_header(protocol.offered, HeaderValue::from_static(protocol.version)),
    )
}

/// Names the version in an answer.
pub(crate) fn tell(route: &Route, headers: &mut HeaderMap) {
    if let Some(Protocol {
        header, version, ..
    }) = route.protocol
    {
        let version = HeaderValue::from_static(version);
        headers.insert(HeaderName::from_static(header), version);
    }
}

/// Tells what the routes of a path offer, to those who ask.
pub(crate) fn offer(app: &App, candidates: &[&'static Binding], headers: &mut HeaderMap) {
    for binding in candidates {
        let Some(protocol) = binding.route.protocol else {
            continue;
        };
        tell(binding.route, headers);
        let own = [(protocol.offered, protocol.version)];
        for (name, text) in own.iter().chain(protocol.offers) {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(text),
            );
        }
        if let Some(rules) = binding
            .route
            .upload
            .filter(|_| !protocol.max_size.is_empty())
        {
            let limit = HeaderValue::from(app.upload_limit(binding.route, rules));
            headers.insert(HeaderName::from_static(protocol.max_size), limit);
        }
    }
}
