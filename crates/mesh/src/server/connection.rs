//! One connection, from its preface to its end.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    time::Duration,
};

use http::{Extensions, Request, Response};
use hyper::{body::Incoming, server::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;

use super::{
    RpcService, ServerConfig,
    config::millis,
    deadline::Draining,
    preface::{self, Replayed},
};
use crate::{Identity, Peer, SpiffeId, identity::accept, network::Io};

/// The first byte of a TLS handshake (RFC 8446, 5.1); an HTTP/2 connection
/// begins with the `P` of its preface.
const TLS_HANDSHAKE: u8 = 22;

/// What a client may send unread on one stream.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;

/// How connections are served; one for all connections of a server.
pub(crate) struct ConnectionPolicy {
    identity: Option<Identity>,
    http: http2::Builder<TokioExecutor>,
    handshake_timeout: Duration,
    age: Duration,
    age_grace: Duration,
    drain_timeout: Duration,
}

impl ConnectionPolicy {
    pub(crate) fn new(config: &ServerConfig, identity: Option<Identity>) -> Self {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(config.max_concurrent_streams)
            .max_local_error_reset_streams(config.max_local_error_resets as usize)
            .max_pending_accept_reset_streams(config.max_pending_accept_resets as usize)
            .max_header_list_size(config.header_list_bytes)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            // No smaller than all streams' together: a handler that does not
            // read must not stop the requests of others.
            .initial_connection_window_size(
                STREAM_WINDOW_BYTES.saturating_mul(config.max_concurrent_streams.min(1024)),
            )
            .keep_alive_interval(millis(config.keepalive_interval_ms))
            .keep_alive_timeout(millis(config.keepalive_timeout_ms))
            // gRPC has no use for a date on every answer.
            .auto_date_header(false);
        Self {
            identity,
            http,
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
    let draining = CancellationToken::new();
    let dispatch = Dispatch {
        service,
        peer,
        draining: draining.clone(),
    };
    let connection = policy.http.serve_connection(TokioIo::new(io), dispatch);
    let mut connection = pin!(connection);
    // Connections made together must not end together.
    let age = policy.age.mul_f64(rand::random_range(0.8..=1.2));
    let grace = tokio::select! {
        biased;
        result = connection.as_mut() => return closed(result, address),
        () = tokio::time::sleep(age) => policy.age_grace,
        () = stop.cancelled() => policy.drain_timeout,
    };
    connection.as_mut().graceful_shutdown();
    let mut half_way = Instant::now() + grace / 2;
    let mut end = Instant::now() + grace;
    let mut stopping = stop.is_cancelled();
    loop {
        tokio::select! {
            biased;
            result = connection.as_mut() => return closed(result, address),
            () = stop.cancelled(), if !stopping => {
                // It was old already when the server was asked to stop.
                stopping = true;
                half_way = half_way.min(Instant::now() + policy.drain_timeout / 2);
                end = end.min(Instant::now() + policy.drain_timeout);
            }
            () = sleep_until(half_way), if !draining.is_cancelled() => draining.cancel(),
            () = sleep_until(end) => {
                tracing::warn!(%address, "calls were cut off: their time to finish is over");
                return Ended::Cut;
            }
        }
    }
}

fn closed(result: hyper::Result<()>, address: SocketAddr) -> Ended {
    if let Err(error) = result {
        tracing::debug!(%address, %error, "connection ended");
    }
    Ended::Closed
}

/// Hands the requests of one connection to the service.
struct Dispatch {
    service: RpcService,
    peer: Peer,
    draining: CancellationToken,
}

impl hyper::service::Service<Request<Incoming>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        head.extensions = Extensions::new();
        head.extensions.insert(self.peer.clone());
        head.extensions.insert(Draining(self.draining.clone()));
        let answer = self
            .service
            .handle(Request::from_parts(head, Body::new(body)));
        Box::pin(async move { Ok(answer.await) })
    }
}
