//! The shape every layer of both stacks has.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use tonic::Status;

/// One step of a call on its way in or out.
///
/// Layers are called through `&self` rather than tower's `&mut self` after
/// `poll_ready`: a retry or a hedge calls the layer below several times, and
/// admission is decided per call, so readiness would have to be cloned away in
/// every layer. The outermost type of each stack is a tower service.
pub(crate) trait Hop<C>: Send + Sync + 'static {
    /// What comes back.
    type Answer: Send;
    /// Why nothing does.
    type Failure: Send;

    /// Sends the call on, and has a say in what comes back.
    fn call(&self, call: C) -> impl Future<Output = Result<Self::Answer, Self::Failure>> + Send;
}

/// What comes of a future, and whether it had to be waited for.
pub(crate) async fn waited<T>(future: impl Future<Output = T>) -> (T, bool) {
    let (mut future, mut has_waited) = (pin!(future), false);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready((outcome, has_waited)),
        Poll::Pending => {
            has_waited = true;
            Poll::Pending
        }
    })
    .await
}

/// How far a failed call got, which decides who may try it again. Short of
/// `Sent` no byte of it was processed, so any method may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A layer of ours refused it: trying again at once defeats the refusal.
    Refused,
    /// The breaker refused it: likewise, but a fallback may answer instead.
    Broken,
    /// Nobody is registered or connected under that name yet.
    Unresolved,
    /// Its connection was closing: another one may take it.
    NotTaken,
    /// Nobody could be connected to.
    Unsent,
    /// It may have been carried out: only an idempotent method may be tried again.
    Sent,
}

/// A call that ended in something other than OK.
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) reach: Reach,
    /// The endpoint it was sent to, 0 for none: the next attempt avoids it.
    pub(crate) endpoint: u64,
    /// The connection broke under it, and others to the target stand: this
    /// tells of one endpoint and not of the target.
    pub(crate) one_of_many: bool,
    /// The call itself, untouched, where its connection handed it back.
    pub(crate) returned: Option<crate::client::Call>,
}

impl Failure {
    pub(crate) fn new(status: Status, reach: Reach) -> Self {
        Self {
            status,
            reach,
            endpoint: 0,
            one_of_many: false,
            returned: None,
        }
    }

    pub(crate) fn broken(status: Status) -> Self {
        Self::new(status, Reach::Broken)
    }

    pub(crate) fn refused(status: Status) -> Self {
        Self::new(status, Reach::Refused)
    }

    pub(crate) fn unresolved(message: String) -> Self {
        Self::new(Status::unavailable(message), Reach::Unresolved)
    }

    pub(crate) fn unsent(message: String) -> Self {
        Self::new(Status::unavailable(message), Reach::Unsent)
    }

    pub(crate) fn not_taken(message: String) -> Self {
        Self::new(Status::unavailable(message), Reach::NotTaken)
    }

    pub(crate) fn sent(status: Status) -> Self {
        Self::new(status, Reach::Sent)
    }
}
