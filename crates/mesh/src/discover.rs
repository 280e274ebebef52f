//! Which endpoints a target has.
//!
//! A source is asked again and again; what it answers replaces the endpoints
//! there were, and an error leaves them as they are. Services of this process
//! are found by the [`Registry`](crate::Registry) instead, call by call.

mod dns;
mod file;

use std::{fmt, time::Duration};

use futures::future::BoxFuture;

#[cfg(test)]
pub(crate) use dns::Resolver;
pub(crate) use dns::{Dns, System};
pub(crate) use file::{EndpointFile, parse as parse_document};

use crate::config::HostPort;

/// A source of endpoints.
pub trait Discover: fmt::Debug + Send + Sync + 'static {
    /// The endpoints there are now. An error leaves those of the last answer.
    fn resolve(&self) -> BoxFuture<'_, Result<Vec<HostPort>, DiscoverError>>;

    /// When to ask again; `None` when the answer never changes.
    fn refresh(&self) -> Option<Duration>;
}

/// The endpoints could not be found out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DiscoverError(String);

impl DiscoverError {
    /// Says what went wrong.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

/// The endpoints that configuration lists.
#[derive(Debug, Clone)]
pub(crate) struct StaticList(pub(crate) Vec<HostPort>);

impl Discover for StaticList {
    fn resolve(&self) -> BoxFuture<'_, Result<Vec<HostPort>, DiscoverError>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn refresh(&self) -> Option<Duration> {
        None
    }
}
