//! Listens, serves, and stops without losing a call.

use std::{
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    RpcService, ServerConfig,
    connection::{ConnectionPolicy, Ended, serve_connection},
};
use crate::{
    Identity, MeshError,
    network::{Io, Listen},
};

/// Wait after an error that is the process's and not the connection's, such
/// as having no file descriptors left: trying at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How stopping went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DrainReport {
    /// Connections open when the server was asked to stop.
    pub open: u32,
    /// Of those, how many still had calls in flight when time was over.
    pub cut: u32,
}

/// Serves `service` on every listener until `shutdown` completes, then lets
/// calls in flight finish for `drain_timeout_ms`.
///
/// Listening stops at once, so that a client that is turned away can go to
/// another replica; whoever routes to this one should know before.
///
/// # Errors
/// A setting is out of its bounds, or a listener cannot be used.
pub async fn serve(
    listeners: Vec<impl Listen>,
    service: RpcService,
    config: &ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<DrainReport, MeshError> {
    run_server(listeners, service, config, None, shutdown).await
}

/// Like [`serve`], for services that have proven who they are and nobody
/// else: mTLS on every connection, in this identity.
///
/// # Errors
/// A setting is out of its bounds, or a listener cannot be used.
pub async fn serve_with_identity(
    listeners: Vec<impl Listen>,
    service: RpcService,
    config: &ServerConfig,
    identity: Identity,
    shutdown: impl Future<Output = ()>,
) -> Result<DrainReport, MeshError> {
    run_server(listeners, service, config, Some(identity), shutdown).await
}

async fn run_server(
    listeners: Vec<impl Listen>,
    service: RpcService,
    config: &ServerConfig,
    identity: Option<Identity>,
    shutdown: impl Future<Output = ()>,
) -> Result<DrainReport, MeshError> {
    config.validate()?;
    for listener in &listeners {
        listener.local_addr().map_err(MeshError::Listener)?;
    }
    let shared = Arc::new(Shared {
        service,
        policy: ConnectionPolicy::new(config, identity),
        slots: Arc::new(Semaphore::new(config.max_connections as usize)),
        max_connections: config.max_connections,
        connections: TaskTracker::new(),
        stop: CancellationToken::new(),
        cut: AtomicU32::new(0),
    });
    // Should this future be dropped, connections are asked to end all the same.
    let _stop_on_drop = shared.stop.clone().drop_guard();
    let acceptors = TaskTracker::new();
    for listener in listeners {
        acceptors.spawn(accept(listener, Arc::clone(&shared)));
    }
    acceptors.close();
    shutdown.await;
    shared.stop.cancel();
    acceptors.wait().await;
    let open = shared.open();
    shared.connections.close();
    shared.connections.wait().await;
    let cut = shared.cut.load(Ordering::Relaxed);
    Ok(DrainReport { open, cut })
}

struct Shared {
    service: RpcService,
    policy: ConnectionPolicy,
    slots: Arc<Semaphore>,
    max_connections: u32,
    connections: TaskTracker,
    stop: CancellationToken,
    cut: AtomicU32,
}

impl Shared {
    fn open(&self) -> u32 {
        let free = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX);
        self.max_connections.saturating_sub(free)
    }
}

/// Ends with the listener dropped, so that the port stops answering.
async fn accept(mut listener: impl Listen, shared: Arc<Shared>) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_connections_own(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(slot) = Arc::clone(&shared.slots).try_acquire_owned() else {
            // Closed and not left waiting: its client can try elsewhere at once.
            metrics::counter!("mesh_server_connections_refused_total").increment(1);
            continue;
        };
        let connection = run(stream, address, Arc::clone(&shared), slot);
        shared.connections.spawn(connection);
    }
}

async fn run(
    stream: impl Io,
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    _slot: OwnedSemaphorePermit,
) {
    metrics::gauge!("mesh_server_connections").increment(1);
    let service = shared.service.clone();
    let ended = serve_connection(stream, address, service, &shared.policy, &shared.stop).await;
    if ended == Ended::Cut && shared.stop.is_cancelled() {
        shared.cut.fetch_add(1, Ordering::Relaxed);
    }
    metrics::gauge!("mesh_server_connections").decrement(1);
}

fn is_connections_own(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
