//! One audience's BFF over a backend that refuses everything in its own way.
//! The tests of each BFF take this in, and name the audience `crate::audience`.

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use covergen_bff::{Admission, Backend, BffConfig, Caller, Front, Gate, Problem};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::audience;

/// Lets everybody in.
struct OpenGate;

#[async_trait]
impl Gate for OpenGate {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        Ok(Caller::anonymous(request.peer))
    }
}

/// Code that the backend refuses every call with: one that the BFF itself
/// never makes, so that it tells a call that arrived.
pub(crate) const REACHED: u16 = 409;

/// The BFF whose backend answers ABORTED to every call.
pub(crate) fn router() -> Front {
    let backend = tower::service_fn(|_: Request<tonic::body::Body>| async {
        let answer: Response<tonic::body::Body> = tonic::Status::aborted("reached").into_http();
        Ok::<_, Infallible>(answer)
    });
    let backend = Backend::new(backend);
    let mut bff = audience::bff(BffConfig::default()).gate(Arc::new(OpenGate));
    for domain in audience::surface().domains {
        bff = bff.backend(*domain, backend.clone());
    }
    bff.build().expect("every domain has a backend")
}

pub(crate) async fn send(router: &Front, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

pub(crate) fn document() -> Value {
    serde_json::from_str(audience::openapi_json()).expect("the document is JSON")
}
