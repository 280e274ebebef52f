//! The client's address, as far as it can be trusted.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};

/// With `hops` trusted proxies in front, the entry that the outermost of them
/// wrote into `X-Forwarded-For`; without any, the peer of the connection.
pub(super) fn of(request: &Request, hops: usize) -> Option<IpAddr> {
    let connected = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip());
    if hops == 0 {
        return connected;
    }
    let entries: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let at = entries.len().checked_sub(hops);
    at.and_then(|at| entries[at].parse().ok()).or(connected)
}
