//! No message over the limit, in or out.

use tonic::Status;

use super::{Answer, Inbound};
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

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Limit<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Answer, Status> {
        inbound.body = watch(inbound.body, MessageLimit::default(), OnCut::Error);
        let mut answer = self.inner.call(inbound).await?;
        answer.tail.limit = Some(MessageLimit::default());
        Ok(answer)
    }
}
