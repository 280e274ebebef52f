//! Calls over HTTP/2.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{
    Request, Response, Uri,
    uri::{self, Authority, Scheme},
};
use tonic::body::Body;

use super::{
    connection::{ConnectionPolicy, SendError, Sender},
    discover::{Discover, StaticList},
    endpoint::{Endpoint, EndpointSnapshot},
};
use crate::{
    client::{Call, Edge},
    config::{HostPort, Policy},
    hop::{Failure, Hop},
};

/// Connections that may close under a call before it is given up.
const MAX_HANDBACKS: usize = 4;

/// Sends each call to the next endpoint in turn that can be connected to.
#[derive(Clone)]
pub(crate) struct Tcp {
    edge: Edge,
    endpoints: Arc<dyn Discover>,
    turn: Arc<AtomicUsize>,
}

impl Tcp {
    pub(crate) fn new(edge: Edge, places: &[HostPort], policy: &Policy) -> Self {
        let connection = ConnectionPolicy::new(policy);
        let endpoints = places
            .iter()
            .map(|place| Endpoint::new(place.clone(), connection.clone()));
        Self {
            edge,
            endpoints: Arc::new(StaticList::new(endpoints)),
            // Callers that start together must not all begin at the first.
            turn: Arc::new(AtomicUsize::new(rand::random_range(0..=usize::MAX / 2))),
        }
    }

    pub(crate) fn snapshot(&self) -> Vec<EndpointSnapshot> {
        let endpoints = self.endpoints.endpoints();
        endpoints
            .iter()
            .map(|endpoint| endpoint.snapshot())
            .collect()
    }

    /// A connection to the next endpoint in turn. Those that lately could not
    /// be connected to come last: they are tried when nothing else is left.
    async fn pick(&self) -> Result<(Arc<Endpoint>, Sender), Failure> {
        let endpoints = self.endpoints.endpoints();
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..endpoints.len())
            .map(|offset| &endpoints[first.wrapping_add(offset) % endpoints.len()]);
        let (shunned, usable): (Vec<_>, Vec<_>) =
            in_turn.partition(|endpoint| endpoint.is_shunned());
        let mut last_problem = None;
        for endpoint in usable.into_iter().chain(shunned) {
            match endpoint.sender().await {
                Ok(sender) => return Ok((Arc::clone(endpoint), sender)),
                Err(problem) => last_problem = Some(problem),
            }
        }
        let target = &self.edge.target;
        Err(Failure::unsent(match last_problem {
            Some(problem) => format!("{target} cannot be reached: {problem}"),
            None => format!("{target} has no endpoints"),
        }))
    }
}

impl Hop<Call> for Tcp {
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        call.head.extensions.clear();
        let mut request = Request::from_parts(call.head, call.body);
        for _ in 0..MAX_HANDBACKS {
            let (endpoint, sender) = self.pick().await?;
            *request.uri_mut() = absolute(request.uri(), endpoint.authority())?;
            match sender.send(request).await {
                Ok(response) => return Ok(response),
                // It came back untouched, from a connection that had closed:
                // not an attempt, so even a stream may go elsewhere.
                Err(SendError::HandedBack(handed_back)) => request = *handed_back,
                Err(SendError::Failed(failure)) => return Err(failure),
            }
        }
        let message = format!("every connection to {} closed at once", self.edge.target);
        Err(Failure::not_taken(message))
    }
}

/// HTTP/2 requests carry scheme and authority; generated clients know neither.
fn absolute(uri: &Uri, authority: Option<Authority>) -> Result<Uri, Failure> {
    let mut parts = uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = authority;
    parts.path_and_query = uri.path_and_query().cloned();
    Uri::from_parts(parts)
        .map_err(|error| Failure::refused(tonic::Status::internal(error.to_string())))
}
