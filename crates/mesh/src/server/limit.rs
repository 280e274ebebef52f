//! No message over the limit, in or out.

use http::Response;
use tonic::{Status, body::Body};

use super::Inbound;
use crate::{
    body::{MessageLimit, OnCut, watch},
    hop::Hop,
};

/// Breaks off a body at the first message that is too long.
pub(crate) struct Limit<H> {
    inner: H,
}

impl<H> Limit<H> {
    pub(crate) fn new(inner: H) -> Self {
        Self { inner }
    }
}

impl<H: Hop<Inbound, Failure = Status>> Hop<Inbound> for Limit<H> {
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Response<Body>, Status> {
        inbound.body = watch(inbound.body, MessageLimit::default(), OnCut::Error);
        let response = self.inner.call(inbound).await?;
        Ok(response.map(|body| watch(body, MessageLimit::default(), OnCut::Trailers)))
    }
}
