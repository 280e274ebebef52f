//! What a handler inherits from the call it serves, without threading it
//! through every function.

use std::{
    any::Any,
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::HeaderValue;
use tokio::time::Instant;

use crate::{RequestId, TraceParent};

tokio::task_local! {
    static CURRENT: CallContext;
}

/// Who is calling, as the guard established it. The mesh knows no principal
/// type: it carries whatever the guard returns.
#[derive(Clone, Default)]
pub struct Caller(Option<Arc<dyn Any + Send + Sync>>);

impl Caller {
    /// Wraps the guard's principal.
    pub fn new<P: Any + Send + Sync>(principal: P) -> Self {
        Self(Some(Arc::new(principal)))
    }

    /// Nobody in particular: health checks, public methods.
    pub fn anonymous() -> Self {
        Self(None)
    }

    /// The principal, if it is a `P`.
    pub fn get<P: Any + Send + Sync>(&self) -> Option<&P> {
        self.0.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Caller {
    // The principal may hold a token; only its presence is told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0.is_some() {
            "known"
        } else {
            "anonymous"
        };
        write!(f, "Caller({text})")
    }
}

/// When a call's answer stops being of use. Put into a request's extensions to
/// replace the method's default deadline for that call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// A deadline that far from now.
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }
}

/// The call being served: caller, deadline, request id and trace.
///
/// The server stack sets it around the handler, so outgoing calls made there
/// carry the caller's deadline and trace. A spawned task starts without one:
/// give it the handler's with [`CallContext::scope`], or
/// [`CallContext::background`] when it outlives the call. A context put into a
/// request's extensions goes before the task's own. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct CallContext(Arc<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    caller: Caller,
    deadline: Option<Instant>,
    request_id: RequestId,
    trace_parent: TraceParent,
    user_type: Option<HeaderValue>,
    // Shared by every copy made for one served call.
    retried_below: Arc<AtomicBool>,
}

impl CallContext {
    /// For work that no call is waiting for: a new request id, a new trace, no
    /// deadline, nobody calling.
    pub fn background() -> Self {
        Self::incoming(RequestId::mint(), TraceParent::root())
    }

    pub(crate) fn incoming(request_id: RequestId, trace_parent: TraceParent) -> Self {
        Self(Arc::new(Inner {
            caller: Caller::anonymous(),
            deadline: None,
            request_id,
            trace_parent,
            user_type: None,
            retried_below: Arc::default(),
        }))
    }

    /// The context of the task this runs in.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs `future` under this context.
    pub fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        CURRENT.scope(self.clone(), future)
    }

    /// Runs `work` under this context, for code that polls by hand.
    pub fn sync_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// The guard's principal, if it is a `P`.
    pub fn caller<P: Any + Send + Sync>(&self) -> Option<&P> {
        self.0.caller.get()
    }

    /// Whoever the guard admitted, of whatever type.
    pub(crate) fn raw_caller(&self) -> &Caller {
        &self.0.caller
    }

    /// When the answer stops being of use; `None` when nobody said.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// What is left until the deadline.
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.0.deadline?.saturating_duration_since(Instant::now()))
    }

    /// The id that names this request in logs.
    pub fn request_id(&self) -> &RequestId {
        &self.0.request_id
    }

    /// The serving span's place in the trace.
    pub fn trace_parent(&self) -> TraceParent {
        self.0.trace_parent
    }

    /// The group of callers that the request is of, as `x-user-type` says.
    pub fn user_type(&self) -> Option<&HeaderValue> {
        self.0.user_type.as_ref()
    }

    /// The same context with another caller.
    #[must_use]
    pub fn with_caller(self, caller: Caller) -> Self {
        self.change(|inner| inner.caller = caller)
    }

    /// The same context with another deadline.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Instant>) -> Self {
        self.change(|inner| inner.deadline = deadline)
    }

    /// The same context under another request id.
    #[must_use]
    pub fn with_request_id(self, request_id: RequestId) -> Self {
        self.change(|inner| inner.request_id = request_id)
    }

    /// The same context at another place in a trace, such as the one stored
    /// with a task or an event.
    #[must_use]
    pub fn with_trace_parent(self, trace_parent: TraceParent) -> Self {
        self.change(|inner| inner.trace_parent = trace_parent)
    }

    pub(crate) fn with_user_type(self, user_type: Option<HeaderValue>) -> Self {
        match user_type {
            Some(_) => self.change(|inner| inner.user_type = user_type),
            None => self,
        }
    }

    /// Notes that a call made for this one was retried in vain, so that the
    /// answer tells the caller not to retry on top: retries at one layer only.
    pub(crate) fn note_retried_below(&self) {
        self.0.retried_below.store(true, Ordering::Relaxed);
    }

    /// Set once that was noted, by any copy made for the served call.
    pub(crate) fn retried_below(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.retried_below)
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_spawned_task_has_the_context_it_is_given() {
        let context = CallContext::background().with_caller(Caller::new(7_u32));
        let inherited = context
            .scope(async {
                let current = CallContext::current().unwrap();
                let bare = tokio::spawn(async { CallContext::current().is_none() });
                let given = tokio::spawn(current.scope(async {
                    CallContext::current().and_then(|c| c.caller::<u32>().copied())
                }));
                (bare.await.unwrap(), given.await.unwrap())
            })
            .await;
        assert_eq!(inherited, (true, Some(7)));
    }

    #[test]
    fn a_changed_copy_leaves_the_original_alone() {
        let original = CallContext::background();
        let changed = original.clone().with_request_id(RequestId::mint());
        assert_ne!(original.request_id(), changed.request_id());
        assert!(original.caller::<u32>().is_none());
    }

    #[test]
    fn a_caller_is_not_printed() {
        assert_eq!(format!("{:?}", Caller::new("secret")), "Caller(known)");
    }
}
