//! Answers what is not gRPC as HTTP does.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use tonic::{Status, body::Body};

use super::{Answer, Inbound};
use crate::hop::Hop;

/// Lets only gRPC requests by: POST, content type `application/grpc`. The
/// gRPC protocol asks for HTTP 415 on any other content type.
pub(crate) struct Conform<H> {
    inner: H,
}

impl<H> Conform<H> {
    pub(crate) fn new(inner: H) -> Self {
        Self { inner }
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let rest = content_type.and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Conform<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, inbound: Inbound) -> Result<Answer, Status> {
        let mut refusal = Response::new(Body::empty());
        if inbound.head.method != Method::POST {
            *refusal.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("POST");
            refusal.headers_mut().insert(header::ALLOW, allowed);
            return Ok(refusal.into());
        }
        if !is_grpc(&inbound.head.headers) {
            *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Ok(refusal.into());
        }
        self.inner.call(inbound).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_grpc_content_types_pass() {
        let cases = [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;x=y", true),
            ("application/grpc-web", false),
            ("application/json", false),
        ];
        for (value, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(is_grpc(&headers), expected, "{value}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
