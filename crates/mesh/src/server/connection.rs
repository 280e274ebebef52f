//! One connection, from its preface to its end.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    task::unconstrained,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::{
    RpcService, ServerConfig,
    config::millis,
    http2::{Conversation, Http2},
    preface::{self, Replayed},
};
use crate::{Identity, Peer, SpiffeId, identity::accept, network::Io};

/// The first byte of a TLS handshake (RFC 8446, 5.1); an HTTP/2 connection
/// begins with the `P` of its preface.
const TLS_HANDSHAKE: u8 = 22;

/// How connections are served; one for all connections of a server.
pub(crate) struct ConnectionPolicy {
    identity: Option<Identity>,
    http: Http2,
    handshake_timeout: Duration,
    age: Duration,
    age_grace: Duration,
    drain_timeout: Duration,
}

impl ConnectionPolicy {
    pub(crate) fn new(config: &ServerConfig, identity: Option<Identity>) -> Self {
        Self {
            identity,
            http: Http2::new(config),
            handshake_timeout: millis(config.handshake_timeout_ms),
            age: millis(config.connection_age_ms),
            age_grace: millis(config.connection_age_grace_ms),
            drain_timeout: millis(config.drain_timeout_ms),
        }
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By either side, with nothing left to do.
    Closed,
    /// By us, with calls in flight.
    Cut,
}

/// Serves one connection until it closes, grows too old, or `stop` says so.
///
/// At the end of its time the client is told to send nothing new (GOAWAY) and
/// what is in flight may finish. Half-way through the time for that, streams
/// are ended with a status their client understands; what is left then is cut.
pub(crate) async fn serve_connection<IO: Io>(
    stream: IO,
    address: SocketAddr,
    service: RpcService,
    policy: &ConnectionPolicy,
    stop: &CancellationToken,
) -> Ended {
    let hello = async {
        Ok::<_, io::Error>(match &policy.identity {
            None => Hello::Plain(preface::expect(stream).await?),
            Some(identity) => {
                let (first, stream) = preface::first(stream).await?;
                if first != TLS_HANDSHAKE && identity.accepts_plain() {
                    Hello::Unproven(preface::expect(stream).await?)
                } else {
                    let (stream, id) = accept(identity, stream).await?;
                    Hello::Verified(Box::new(preface::expect(stream).await?), id)
                }
            }
        })
    };
    let hello = tokio::select! {
        biased;
        hello = timeout(policy.handshake_timeout, hello) => hello,
        () = stop.cancelled() => return Ended::Closed,
    };
    match hello {
        Ok(Ok(Hello::Plain(io))) => {
            let peer = Peer::Tcp { address };
            converse(io, peer, address, service, policy, stop).await
        }
        Ok(Ok(Hello::Unproven(io))) => {
            // None of these for a while: everybody shows who they are, and
            // nothing else need be taken any more.
            metrics::counter!("mesh_server_unproven_connections_total").increment(1);
            let peer = Peer::Tcp { address };
            converse(io, peer, address, service, policy, stop).await
        }
        Ok(Ok(Hello::Verified(io, id))) => {
            let peer = Peer::Verified { address, id };
            converse(io, peer, address, service, policy, stop).await
        }
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "connection refused");
            Ended::Closed
        }
        Err(_) => Ended::Closed,
    }
}

/// A connection that has introduced itself.
enum Hello<IO> {
    Plain(Replayed<IO>),
    /// Plain where mTLS is spoken as well.
    Unproven(Replayed<Replayed<IO>>),
    Verified(Box<Replayed<TlsStream<Replayed<IO>>>>, SpiffeId),
}

async fn converse<IO: Io>(
    io: IO,
    peer: Peer,
    address: SocketAddr,
    service: RpcService,
    policy: &ConnectionPolicy,
    stop: &CancellationToken,
) -> Ended {
    let draining = Arc::new(CancellationToken::new());
    let begun = policy.http.begin(io, service, peer, Arc::clone(&draining));
    let begun = tokio::select! {
        biased;
        begun = timeout(policy.handshake_timeout, begun) => begun,
        () = stop.cancelled() => return Ended::Closed,
    };
    let Conversation { mut requests, life } = match begun {
        Ok(Ok(conversation)) => conversation,
        Ok(Err(error)) => return closed(Err(error), address),
        Err(_) => return Ended::Closed,
    };
    let mut silent = pin!(life.until_silent());
    // Connections made together must not end together.
    let age = policy.age.mul_f64(rand::random_range(0.8..=1.2));
    let grace = tokio::select! {
        biased;
        result = requests.serve() => return closed(result, address),
        () = silent.as_mut() => return fell_silent(address),
        // Whatever else the peer does: one that keeps the line busy uses up what
        // its task may do, and leaves ordinary timers no turn.
        () = unconstrained(sleep(age)) => policy.age_grace,
        () = stop.cancelled() => policy.drain_timeout,
    };
    requests.close_gracefully();
    let mut half_way = Instant::now() + grace / 2;
    let mut end = Instant::now() + grace;
    let mut stopping = stop.is_cancelled();
    loop {
        tokio::select! {
            biased;
            result = requests.serve() => return closed(result, address),
            () = silent.as_mut() => return fell_silent(address),
            () = stop.cancelled(), if !stopping => {
                // It was old already when the server was asked to stop.
                stopping = true;
                half_way = half_way.min(Instant::now() + policy.drain_timeout / 2);
                end = end.min(Instant::now() + policy.drain_timeout);
            }
            () = unconstrained(sleep_until(half_way)), if !draining.is_cancelled() => draining.cancel(),
            () = unconstrained(sleep_until(end)) => {
                tracing::warn!(%address, "calls were cut off: their time to finish is over");
                return Ended::Cut;
            }
        }
    }
}

fn closed(result: Result<(), h2::Error>, address: SocketAddr) -> Ended {
    if let Err(error) = result {
        tracing::debug!(%address, %error, "connection ended");
    }
    Ended::Closed
}

fn fell_silent(address: SocketAddr) -> Ended {
    tracing::debug!(%address, "connection dropped: its peer is silent");
    Ended::Closed
}
