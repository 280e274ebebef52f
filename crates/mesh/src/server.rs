//! The server stack: everything between the wire and a handler, and the
//! server that listens.

mod admission;
mod answer;
mod config;
mod conform;
mod connection;
mod deadline;
mod fair;
mod guard;
mod limit;
mod listen;
mod observe;
mod panic;
mod preface;
mod scope;
mod watchdog;

use std::{convert::Infallible, fmt, sync::Arc};

use futures::future::BoxFuture;
use http::{Request, Response, request::Parts};
use tokio::time::Instant;
use tonic::body::Body;
use tower::Service;

pub use config::ServerConfig;
pub use listen::{DrainReport, serve, serve_with_identity};

use crate::{CallContext, MethodFacts, ServerHooks};
use admission::Admission;
use answer::Answer;
use conform::Conform;
use deadline::Deadline;
use fair::Fair;
use guard::Guarded;
use limit::Limit;
use observe::Observe;
use panic::CatchPanic;
use scope::Scope;

/// A call on its way down the server stack. Boxed: every layer's future holds
/// it, and would be as large as all of them together.
pub(crate) type Inbound = Box<InboundData>;

/// What is known of a call that came in.
pub(crate) struct InboundData {
    head: Parts,
    body: Body,
    facts: Option<MethodFacts>,
    /// When it came.
    at: Instant,
    context: CallContext,
}

impl InboundData {
    fn is_unary(&self) -> bool {
        self.facts.is_some_and(MethodFacts::is_unary)
    }
}

/// Puts the server stack around a service's routes.
///
/// `routes` is a [`Services`](crate::Services) or the like; `name` is the
/// service's name in metrics and logs. The result can be registered for
/// callers in this process, served over TCP, or both.
pub fn protect<S>(name: &str, routes: S, config: &ServerConfig, hooks: ServerHooks) -> RpcService
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    // Request id, trace, span, RED; makes statuses into answers.
    let stack = Observe::new(
        name,
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
                        name,
                        config,
                        // No message over the limit, in or out.
                        Limit::new(
                            // Who is it, and may they?
                            Guarded::new(
                                hooks.guard,
                                // Below the guard, which tells principals apart.
                                Fair::new(
                                    name,
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
    pub(crate) fn handle(&self, request: Request<Body>) -> BoxFuture<'static, Response<Body>> {
        Arc::clone(&self.0).serve(request)
    }
}

impl fmt::Debug for RpcService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcService")
    }
}

/// The stack with its types forgotten.
trait Serve: Send + Sync {
    fn serve(self: Arc<Self>, request: Request<Body>) -> BoxFuture<'static, Response<Body>>;
}

impl<H: crate::hop::Hop<Inbound, Answer = Answer, Failure = tonic::Status>> Serve for Observe<H> {
    fn serve(self: Arc<Self>, request: Request<Body>) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.handle(request).await })
    }
}
