//! Serving a BFF over HTTP/1.1 and HTTP/2 within bounds.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::Service as _;

use crate::front::Front;

/// Bounds of a server.
#[derive(Debug, Clone)]
pub struct ServeLimits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// Requests at once on one HTTP/2 connection.
    pub streams_per_connection: u32,
    /// Size of all headers of a request, in bytes.
    pub header_bytes: u32,
    /// Time a client may take to send its headers, in milliseconds.
    pub header_timeout_ms: u64,
    /// Time open requests get to finish at shutdown, in milliseconds.
    pub drain_ms: u64,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            streams_per_connection: 256,
            header_bytes: 16 * 1024,
            header_timeout_ms: 10_000,
            drain_ms: 10_000,
        }
    }
}

/// Serves until `shutdown` resolves, then drains.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    limits: ServeLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let builder = builder(&limits);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let slot = slots.clone().acquire_owned();
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = async { (slot.await, listener.accept().await) } => accepted,
        };
        let (slot, accepted) = accepted;
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors and the like: pass over it rather
                // than end a server that others are using.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers and event frames must not wait for a full segment.
        let _ = socket.set_nodelay(true);
        let (builder, watcher) = (builder.clone(), graceful.watcher());
        let closing = front.closing();
        let (service, patience) = (service(front.clone(), peer), limits.header_timeout_ms);
        tokio::spawn(async move {
            // The timers of both protocols begin once it is known which one it
            // is, and whoever says nothing must not hold a place until then.
            let begun = tokio::select! {
                begun = timeout(Duration::from_millis(patience), speaks(&socket)) => begun,
                () = closing.cancelled() => return,
            };
            if !matches!(begun, Ok(Ok(()))) {
                tracing::debug!(%peer, "a connection said nothing");
                return;
            }
            let connection = builder
                .serve_connection_with_upgrades(TokioIo::new(socket), service)
                .into_owned();
            let connection = watcher.watch(connection);
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    let gone = async { tokio::join!(graceful.shutdown(), front.close()) };
    let drained = tokio::time::timeout(Duration::from_millis(limits.drain_ms), gone);
    if drained.await.is_err() {
        tracing::warn!("some requests were cut off at shutdown");
    }
    Ok(())
}

fn builder(limits: &ServeLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.header_timeout_ms))
        .max_headers(100)
        .max_buf_size((limits.header_bytes as usize).max(8_192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_per_connection)
        .max_header_list_size(limits.header_bytes)
        .max_pending_accept_reset_streams(64)
        .max_local_error_reset_streams(256)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// Waits until enough has come to tell which protocol is spoken.
async fn speaks(socket: &TcpStream) -> std::io::Result<()> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /// Between two looks at the beginning of a preface, which stays unread.
    const PAUSE: Duration = Duration::from_millis(10);
    let mut first = [0; PREFACE.len()];
    loop {
        let length = socket.peek(&mut first).await?;
        let is_part = length > 0 && length < PREFACE.len();
        if !is_part || !PREFACE.starts_with(&first[..length]) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The BFF as hyper sees it, with the peer's address for the edge layer.
fn service(
    front: Front,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send + use<>,
> + use<> {
    service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        front.clone().call(request.map(Body::new))
    })
}
