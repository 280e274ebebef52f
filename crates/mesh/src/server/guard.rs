//! Asks the guard.

use std::sync::Arc;

use tonic::Status;

use super::{Answer, Inbound};
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

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Guarded<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Answer, Status> {
        let caller = self.guard.admit(&mut inbound.head).await?;
        inbound.context = inbound.context.with_caller(caller);
        self.inner.call(inbound).await
    }
}
