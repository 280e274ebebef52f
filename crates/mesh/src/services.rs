//! The generated services of one server, found by name.

use std::{
    convert::Infallible,
    future::ready,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;

use crate::by_name::ByName;

/// What a generated service's call returns.
pub type Answering = BoxFuture<'static, Result<Response<Body>, Infallible>>;

/// Finds the service that a call is for: by the name between the first two
/// slashes of its path, which is all the routing that gRPC knows. Clones
/// share what was added.
#[derive(Clone, Default)]
pub struct Services(Arc<ByName<&'static str, Arc<dyn Named>>>);

trait Named: Send + Sync {
    fn answer(&self, request: Request<Body>) -> Answering;
}

/// A service as it was generated.
struct Generated<S>(S);

impl<S> Named for Generated<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>,
    S: Clone + Send + Sync,
{
    fn answer(&self, request: Request<Body>) -> Answering {
        // A clone of a generated service is one more reference to its handler.
        self.0.clone().call(request)
    }
}

/// A service with something around its calls.
struct Surrounded<F> {
    inner: Arc<dyn Named>,
    around: F,
}

impl<F> Named for Surrounded<F>
where
    F: Fn(Request<Body>, Inner<'_>) -> Answering + Send + Sync,
{
    fn answer(&self, request: Request<Body>) -> Answering {
        (self.around)(request, Inner(&*self.inner))
    }
}

/// The service that something was put around.
pub struct Inner<'a>(&'a dyn Named);

impl Inner<'_> {
    /// Makes the call.
    pub fn call(self, request: Request<Body>) -> Answering {
        self.0.answer(request)
    }
}

impl Services {
    /// With one service more.
    ///
    /// # Panics
    /// One of that name is there already: the first would never be called, and
    /// nobody would notice.
    #[must_use]
    pub fn with<S>(mut self, service: S) -> Self
    where
        S: Service<
                Request<Body>,
                Response = Response<Body>,
                Error = Infallible,
                Future = BoxFuture<'static, Result<Response<Body>, Infallible>>,
            >,
        S: NamedService + Clone + Send + Sync + 'static,
    {
        self.add(S::NAME, Arc::new(Generated(service)));
        self
    }

    /// With those of another, too.
    ///
    /// # Panics
    /// Both have one of the same name.
    #[must_use]
    pub fn merge(mut self, more: &Self) -> Self {
        for (name, service) in more.0.iter() {
            self.add(name, Arc::clone(service));
        }
        self
    }

    fn add(&mut self, name: &'static str, service: Arc<dyn Named>) {
        let before = Arc::make_mut(&mut self.0).insert(name, service);
        assert!(before.is_none(), "{name} is served twice");
    }
}

impl Services {
    /// The same services with something around each call.
    #[must_use]
    pub fn around<F>(&self, around: F) -> Self
    where
        F: Fn(Request<Body>, Inner<'_>) -> Answering + Clone + Send + Sync + 'static,
    {
        let surrounded = self.0.iter().map(|(name, inner)| {
            let service = Surrounded {
                inner: Arc::clone(inner),
                around: around.clone(),
            };
            (*name, Arc::new(service) as Arc<dyn Named>)
        });
        Self(Arc::new(surrounded.collect()))
    }
}

impl Service<Request<Body>> for Services {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        let mut segments = request.uri().path().split('/');
        let name = segments.nth(1).unwrap_or_default();
        match self.0.get(name) {
            Some(service) => service.answer(request),
            None => {
                let status = Status::unimplemented("there is no such service");
                Box::pin(ready(Ok(status.into_http())))
            }
        }
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Services;

    #[test]
    #[should_panic(expected = "grpc.health.v1.Health is served twice")]
    fn two_services_of_one_name_are_a_mistake_found_at_once() {
        let (_, health) = tonic_health::server::health_reporter();
        let services = Services::default().with(health);
        let _ = services.clone().merge(&services);
    }
}
