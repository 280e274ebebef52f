//! Endpoints by name: the A and AAAA records of a headless Service.

use std::{fmt, io, net::SocketAddr, time::Duration};

use futures::future::BoxFuture;

use super::{Discover, DiscoverError};
use crate::config::{HostPort, MAX_ENDPOINTS};

/// Asks a resolver, which answers for a headless Service with the addresses of
/// its ready pods.
///
/// Addresses are asked for anew every `refresh`, whatever their time to live:
/// cluster DNS answers with a few seconds, and the system's resolver does not
/// tell it.
#[derive(Debug, Clone)]
pub(crate) struct Dns<R = System> {
    pub(crate) place: HostPort,
    pub(crate) refresh: Duration,
    pub(crate) resolver: R,
}

/// Who knows the addresses of names.
pub(crate) trait Resolver: fmt::Debug + Send + Sync + 'static {
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy)]
pub(crate) struct System;

impl Resolver for System {
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

impl<R: Resolver> Discover for Dns<R> {
    fn resolve(&self) -> BoxFuture<'_, Result<Vec<HostPort>, DiscoverError>> {
        Box::pin(async {
            let place = &self.place;
            let found = self.resolver.addresses(&place.host, place.port).await;
            let found = found.map_err(|error| {
                DiscoverError::new(format!("{} has no addresses: {error}", place.host))
            })?;
            let mut places: Vec<HostPort> = found
                .into_iter()
                .map(|address| HostPort {
                    host: address.ip().to_string(),
                    port: address.port(),
                })
                .collect();
            // Resolvers turn the order around at every answer.
            places.sort();
            places.dedup();
            places.truncate(MAX_ENDPOINTS);
            Ok(places)
        })
    }

    fn refresh(&self) -> Option<Duration> {
        Some(self.refresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(host: &str) -> Dns {
        Dns {
            place: HostPort {
                host: host.to_owned(),
                port: 7000,
            },
            refresh: Duration::from_secs(5),
            resolver: System,
        }
    }

    #[tokio::test]
    async fn a_name_answers_with_its_addresses() {
        let places = dns("localhost").resolve().await.unwrap();
        let loopback = |place: &HostPort| matches!(&*place.host, "127.0.0.1" | "::1");
        assert!(
            !places.is_empty() && places.iter().all(loopback),
            "{places:?}"
        );
        assert!(places.iter().all(|place| place.port == 7000));
    }

    #[tokio::test]
    async fn a_name_that_is_none_says_so() {
        let error = dns("no-such-name.invalid").resolve().await.unwrap_err();
        assert!(
            error.to_string().contains("no-such-name.invalid"),
            "{error}"
        );
    }
}
