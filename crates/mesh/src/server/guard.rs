//! Asks the guard.

use std::sync::Arc;

use http::Response;
use tonic::{Status, body::Body};

use super::Inbound;
use crate::{Guard, hop::Hop};

/// Lets in whom the guard admits, and remembers who that is.
pub(crate) struct Guarded<H> {
    guard: Arc<dyn Guard>,
    inner: H,
}

impl<H> Guarded<H> {
    pub(crate) fn new(guard: Arc<dyn Guard>, inner: H) -> Self {
        Self { guard, inner }
    }
}

impl<H: Hop<Inbound, Failure = Status>> Hop<Inbound> for Guarded<H> {
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Response<Body>, Status> {
        let caller = self.guard.admit(&mut inbound.head).await?;
        inbound.context = inbound.context.with_caller(caller);
        self.inner.call(inbound).await
    }
}
