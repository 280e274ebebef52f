//! No message over the limit, in or out.

use http::HeaderMap;
use tonic::Status;

use super::{Answer, Inbound};
use crate::{
    body::{Content, MessageLimit},
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
        inbound.content = match std::mem::take(&mut inbound.content) {
            Content::Held(held) if MessageLimit::allows(&held) => Content::Held(held),
            content => content.watched(MessageLimit::default()),
        };
        inbound.tail.limit = Some(MessageLimit::default());
        let answer = self.inner.call(inbound).await?;
        if is_torn(answer.response.headers()) {
            return Err(Status::invalid_argument(
                "a message of the request cannot be decompressed",
            ));
        }
        Ok(answer)
    }
}

/// What the library below says of a request that does not decompress.
const TORN: &str = "Error decompressing: ";

/// Whether the call ended because what the caller sent does not decompress.
/// The library calls that a fault of the server's, which it is not.
fn is_torn(headers: &HeaderMap) -> bool {
    let is_internal = headers
        .get(Status::GRPC_STATUS)
        .is_some_and(|code| code == "13");
    is_internal
        && Status::from_header_map(headers).is_some_and(|status| status.message().starts_with(TORN))
}
