//! Calls over HTTP/2.

use std::{future::Future, sync::Arc};

use http::{Request, Response, Uri, request::Parts, uri::Scheme};
use tonic::{Status, body::Body};

pub(crate) use super::connection::NotAnswered;
use super::{
    connection::{ConnectError, Sender},
    endpoint::Endpoint,
};
use crate::{
    body::Content,
    client::{Call, CallData},
    hop::{Failure, Hop},
};

/// An endpoint and its connection, for one call.
pub(crate) struct Lease {
    pub(crate) endpoint: Arc<Endpoint>,
    sender: Sender,
}

impl Lease {
    /// On the connection there is.
    pub(crate) fn ready(endpoint: &Arc<Endpoint>) -> Option<Self> {
        Some(Self {
            sender: endpoint.ready()?,
            endpoint: Arc::clone(endpoint),
        })
    }

    /// On a connection, made if there is none.
    pub(crate) async fn connected(endpoint: &Arc<Endpoint>) -> Result<Self, ConnectError> {
        Ok(Self {
            sender: endpoint.sender().await?,
            endpoint: Arc::clone(endpoint),
        })
    }

    /// As [`Lease::connected`], for who only looks whether somebody is there.
    pub(crate) async fn looking(endpoint: &Arc<Endpoint>) -> Result<Self, ConnectError> {
        Ok(Self {
            sender: endpoint.look().await?,
            endpoint: Arc::clone(endpoint),
        })
    }

    /// Sends one request.
    pub(crate) fn send(
        &self,
        mut head: Parts,
        body: Content,
    ) -> impl Future<Output = Result<Response<Body>, NotAnswered>> + Send + use<> {
        let addressed = absolute(&head.uri, &self.endpoint);
        if let Some(uri) = addressed {
            head.uri = uri;
        }
        self.sender.clone().send(Request::from_parts(head, body))
    }
}

/// Sends each call where the balancing layer decided.
#[derive(Clone)]
pub(crate) struct Tcp;

impl Hop<Call> for Tcp {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        let Some(lease) = call.lease.take() else {
            let status = Status::internal("a call over the network was given no endpoint");
            return Err(Failure::refused(status));
        };
        let CallData { head, body, .. } = &mut *call;
        let (mut head, body) = (take_head(head), std::mem::take(body));
        head.extensions.clear();
        let request = match lease.send(head, body).await {
            Ok(response) => return Ok(response),
            Err(NotAnswered::Failed(failure)) => return Err(failure),
            Err(NotAnswered::HandedBack(request)) => request,
        };
        (call.head, call.body) = request.into_parts();
        let mut failure = Failure::not_taken("the connection closed".to_owned());
        failure.returned = Some(call);
        Err(failure)
    }
}

/// The head; what is left in its place is replaced before anybody looks.
fn take_head(head: &mut Parts) -> Parts {
    let (blank, ()) = Request::new(()).into_parts();
    std::mem::replace(head, blank)
}

/// HTTP/2 requests carry scheme and authority; generated clients know neither.
fn absolute(uri: &Uri, endpoint: &Endpoint) -> Option<Uri> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(if endpoint.is_secure() {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    });
    parts.authority = Some(endpoint.authority()?.clone());
    parts.path_and_query = Some(
        uri.path_and_query()
            .cloned()
            .unwrap_or_else(|| http::uri::PathAndQuery::from_static("/")),
    );
    Uri::from_parts(parts).ok()
}
