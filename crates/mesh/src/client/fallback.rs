//! Answers in the target's place while its breaker is open.

use std::sync::Arc;

use bytes::Bytes;
use covergen_grpc::{PREFIX_BYTES, Prefix, prefixed};
use http::{HeaderMap, HeaderValue, Response, header::CONTENT_TYPE};
use tokio::time::Instant;
use tonic::{Status, body::Body};

use super::{Call, Edge};
use crate::{
    FallbackCall,
    body::{Collected, Content},
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop, Reach, waited},
};

/// A header of an answer that a fallback made. Whoever keeps answers leaves
/// such a one be: it would come to look like news.
pub const FALLBACK_HEADER: &str = "covergen-fallback";

/// Above the retries: only a refusal that stands is answered otherwise.
pub(crate) struct Fall<H> {
    edge: Edge,
    decisions: Decisions,
    inner: H,
}

impl<H> Fall<H> {
    pub(crate) fn new(edge: Edge, decisions: Decisions, inner: H) -> Self {
        Self {
            edge,
            decisions,
            inner,
        }
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Fall<H> {
    async fn with_fallback(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        let method = Arc::clone(&call.method);
        let Some((name, fallback)) = &method.fallback else {
            return self.inner.call(call).await;
        };
        let content = std::mem::take(&mut call.body);
        let (held, has_waited) = waited(content.hold()).await;
        let held = held.map_err(Failure::refused)?;
        if has_waited {
            call.at = Instant::now();
        }
        call.body = Content::Held(held.clone());
        let (path, headers) = (call.head.uri.path().to_owned(), call.head.headers.clone());
        let context = call.context.clone();
        let failure = match self.inner.call(call).await {
            Err(failure) if failure.reach == Reach::Broken => failure,
            result => return result,
        };
        let Some(message) = message(&held) else {
            return Err(failure);
        };
        let asked = FallbackCall {
            method: &path,
            headers: &headers,
            message,
            context: context.as_ref(),
        };
        match fallback.answer(&asked).await {
            Some(answer) => {
                metrics::counter!("mesh_client_fallbacks_total",
                    "source" => self.edge.source.to_string(),
                    "target" => self.edge.target.to_string(), "fallback" => name.to_string())
                .increment(1);
                let detail = format!("{path} by {name}");
                self.decisions
                    .note(&self.edge.target, DecisionKind::Fallback, detail);
                response(&answer).map_err(Failure::sent)
            }
            None => Err(failure),
        }
    }
}

/// The one message of a request; `None` where it is compressed or is none.
fn message(held: &Collected) -> Option<Bytes> {
    let whole = held.whole();
    let prefix = Prefix::of(&whole)?;
    (prefix.flag == 0).then(|| whole.slice(PREFIX_BYTES..))
}

fn response(answer: &Bytes) -> Result<Response<Body>, Status> {
    let framed = prefixed(answer)?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let mut response = Response::new(Collected::one(framed).into_body_with(trailers));
    let grpc = HeaderValue::from_static("application/grpc");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, grpc);
    headers.insert(FALLBACK_HEADER, HeaderValue::from_static("1"));
    Ok(response)
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Fall<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        if call.method.fallback.is_none() {
            return self.inner.call(call).await;
        }
        // Apart, since few methods have one and all would carry its size.
        Box::pin(self.with_fallback(call)).await
    }
}
