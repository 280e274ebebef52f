//! Cross-origin requests, by an allow-list of origins.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "accept, accept-language, authorization, content-digest, content-type, covergen-workspace, \
     grpc-timeout, idempotency-key, if-match, if-none-match, last-event-id, prefer, request-timeout, \
     signature, signature-input, traceparent, tus-resumable, upload-checksum, upload-length, upload-metadata, upload-offset, \
     x-api-key, x-covergen-session, x-csrf-token, x-grpc-web, x-http-method-override, \
     x-idempotency-key, x-request-id, x-user-agent, connect-protocol-version, connect-timeout-ms";
const EXPOSED: &str = "accept-signature, age, covergen-asset-id, deprecation, etag, grpc-message, grpc-status, \
     grpc-status-details-bin, link, location, preference-applied, ratelimit, ratelimit-limit, \
     ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after, sunset, \
     tus-checksum-algorithm, tus-extension, tus-max-size, tus-resumable, tus-version, \
     upload-expires, upload-length, upload-metadata, upload-offset, x-request-id";
const PREFLIGHT_SECONDS: &str = "7200";

/// What a request's origin may do.
pub(super) struct Cors {
    /// The origin, if the list has it.
    allowed: Option<HeaderValue>,
    /// Answers differ by origin, so caches must keep them apart.
    varies: bool,
    is_preflight: bool,
}

pub(super) fn judge(origins: &[String], method: &Method, headers: &HeaderMap) -> Cors {
    let origin = headers.get(ORIGIN);
    Cors {
        allowed: origin
            .filter(|origin| {
                origins
                    .iter()
                    .any(|known| known.as_bytes() == origin.as_bytes())
            })
            .cloned(),
        varies: origin.is_some() || !origins.is_empty(),
        is_preflight: method == Method::OPTIONS
            && origin.is_some()
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
    }
}

impl Cors {
    /// The answer to a preflight, if this is one. A foreign origin gets one
    /// without permissions, which makes its browser stop.
    pub(super) fn preflight(&self) -> Option<Response> {
        if !self.is_preflight {
            return None;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if self.allowed.is_some() {
            let headers = response.headers_mut();
            for (name, value) in [
                (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
                (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
                (ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
            ] {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        Some(response)
    }

    /// Marks an answer as readable by an allowed origin.
    pub(super) fn allow(&self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        let Some(origin) = &self.allowed else {
            return;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
}
