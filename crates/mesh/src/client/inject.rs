//! The headers that make a hop part of something larger.

use std::{sync::Arc, time::Duration};

use http::{
    HeaderName, HeaderValue,
    header::{AUTHORIZATION, USER_AGENT},
};
use tonic::Status;

use super::{Call, Edge};
use crate::{
    OutgoingCall, TokenSource,
    hop::{Failure, Hop},
    request_id::REQUEST_ID,
    server::Reply,
    timeout::{self, GRPC_TIMEOUT},
    trace::TRACEPARENT,
};

/// Kept back of the time there is, for the answer's way home.
pub(crate) const RESERVE: Duration = Duration::from_millis(10);

/// How often this call was tried before (gRFC A6).
const PREVIOUS_ATTEMPTS: HeaderName = HeaderName::from_static("grpc-previous-rpc-attempts");

/// What our own clients call themselves.
pub(crate) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("covergen-mesh/", env!("CARGO_PKG_VERSION")));

/// Adds token, trace, request id and the time left, anew for every attempt.
pub(crate) struct Inject<H> {
    edge: Edge,
    tokens: Option<Arc<dyn TokenSource>>,
    inner: H,
}

impl<H> Inject<H> {
    pub(crate) fn new(edge: Edge, tokens: Option<Arc<dyn TokenSource>>, inner: H) -> Self {
        Self {
            edge,
            tokens,
            inner,
        }
    }

    fn dress(&self, call: &mut Call) -> Result<(), Status> {
        let token = match &self.tokens {
            Some(tokens) => tokens.token(&OutgoingCall {
                source: &self.edge.source,
                target: &self.edge.target,
                method: call.head.uri.path(),
                context: call.context.as_ref(),
            })?,
            None => None,
        };
        let headers = &mut call.head.headers;
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token);
        }
        if let Some(trace_parent) = call.trace_parent {
            headers.insert(TRACEPARENT, trace_parent.header());
        }
        if let Some(request_id) = &call.request_id {
            headers.insert(REQUEST_ID, request_id.header());
        }
        headers.insert(USER_AGENT, AGENT);
        if call.previous_attempts > 0 {
            headers.insert(PREVIOUS_ATTEMPTS, call.previous_attempts.into());
        }
        if let Some(deadline) = call.deadline {
            let left = deadline.saturating_duration_since(call.at);
            let forwarded = left.saturating_sub(RESERVE);
            if forwarded.is_zero() {
                return Err(Status::deadline_exceeded("no time is left for this call"));
            }
            headers.insert(GRPC_TIMEOUT, timeout::write(forwarded));
        }
        Ok(())
    }
}

impl<H: Hop<Call, Answer = Reply, Failure = Failure>> Hop<Call> for Inject<H> {
    type Answer = Reply;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Reply, Failure> {
        self.dress(&mut call).map_err(Failure::refused)?;
        self.inner.call(call).await
    }
}
