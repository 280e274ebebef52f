//! The server stack: everything between the wire and a handler, and the
//! server that listens.

mod admission;
mod answer;
mod arrival;
mod config;
mod conform;
mod connection;
mod deadline;
mod fair;
mod guard;
mod http2;
mod limit;
mod listen;
mod observe;
mod owners;
mod panic;
mod preface;
mod scope;
mod stream;
mod watchdog;

use std::{convert::Infallible, fmt, sync::Arc};

use futures::future::BoxFuture;
use http::{Request, Response, request::Parts};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::Service;

pub(crate) use answer::Reply;
pub(crate) use arrival::{Arrival, Told};
pub use config::ServerConfig;
pub use listen::{DrainReport, serve, serve_with_identity};

use crate::{CallContext, MethodFacts, ServerHooks, body::Content};
use admission::Admission;
use answer::{Answer, Tail};
use conform::Conform;
use deadline::Deadline;
use fair::Fair;
use guard::Guarded;
use limit::Limit;
use observe::Observe;
use owners::Owners;
use panic::CatchPanic;
use scope::Scope;

/// A call on its way down the server stack. Boxed: every layer's future holds
/// it, and would be as large as all of them together.
pub(crate) type Inbound = Box<InboundData>;

/// What is known of a call that came in.
pub(crate) struct InboundData {
    head: Parts,
    content: Content,
    facts: Option<MethodFacts>,
    /// When it came.
    at: Instant,
    /// When its caller stops waiting, where that was told with it.
    ends_at: Option<Instant>,
    /// Cancelled when its connection is about to be closed under its streams.
    draining: Option<Arc<CancellationToken>>,
    context: CallContext,
    /// Goes along with the answer.
    tail: Tail,
}

impl InboundData {
    fn is_unary(&self) -> bool {
        self.facts.is_some_and(MethodFacts::is_unary)
    }
}

/// Puts the server stack around a service's routes.
///
/// `routes` is a [`Services`](crate::Services) or the like; `name` is the
/// service's name in metrics and logs, but for what the hooks name the owner of
/// ([`ServerHooks::with_owner`]). The result can be registered for callers in
/// this process, served over TCP, or both.
pub fn protect<S>(name: &str, routes: S, config: &ServerConfig, hooks: ServerHooks) -> RpcService
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let owners = Owners::new(name, &hooks.owners);
    // Request id, trace, span, RED; makes statuses into answers.
    let stack = Observe::new(
        owners.clone(),
        hooks.lookup,
        hooks.propagator,
        // What is not gRPC ends here.
        Conform::new(
            // Above all that may panic, below what must report it.
            CatchPanic::new(
                // Before anything that can take long, the guard included.
                Deadline::new(
                    config,
                    // Before the guard: a flood must not cost a signature check each.
                    Admission::new(
                        owners.clone(),
                        config,
                        // No message over the limit, in or out.
                        Limit::new(
                            // Who is it, and may they?
                            Guarded::new(
                                hooks.guard,
                                // Below the guard, which tells principals apart.
                                Fair::new(
                                    owners,
                                    config,
                                    hooks.principal,
                                    // The handler and what it calls inherit the context.
                                    Scope::new(routes),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    );
    RpcService(Arc::new(stack))
}

/// A service behind the server stack. Clones are the same service.
#[derive(Clone)]
pub struct RpcService(Arc<dyn Serve>);

impl RpcService {
    /// Answers one request. `Peer` stands in its extensions.
    pub(crate) fn handle(&self, arrival: Arrival) -> BoxFuture<'static, Reply> {
        Arc::clone(&self.0).serve(arrival)
    }
}

impl fmt::Debug for RpcService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcService")
    }
}

/// The stack with its types forgotten.
trait Serve: Send + Sync {
    fn serve(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Reply>;
}

impl<H: crate::hop::Hop<Inbound, Answer = Answer, Failure = tonic::Status>> Serve for Observe<H> {
    fn serve(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Reply> {
        Box::pin(async move { self.handle(arrival).await })
    }
}
