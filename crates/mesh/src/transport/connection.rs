//! One HTTP/2 connection to one endpoint.

use std::{sync::Arc, time::Duration};

use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::timeout};
use tonic::body::Body;

use crate::config::{HostPort, Policy};

/// The largest header list accepted in an answer.
const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;

/// How connections to a target are made and kept.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPolicy {
    connect_timeout: Duration,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
}

impl ConnectionPolicy {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self {
            connect_timeout: policy.connect_timeout,
            keepalive_interval: policy.keepalive_interval,
            keepalive_timeout: policy.keepalive_timeout,
        }
    }

    /// Whether connections are encrypted and both ends proven.
    pub(crate) fn is_secure(&self) -> bool {
        false
    }
}

/// There is no connection. Cloned to every call that waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConnectError(Arc<str>);

/// Connects, shakes hands, and leaves the connection running in a task that
/// ends with the last sender or with the connection, whichever is first.
pub(crate) async fn connect(
    place: &HostPort,
    policy: &ConnectionPolicy,
) -> Result<SendRequest<Body>, ConnectError> {
    let fail = |problem: &dyn std::fmt::Display| {
        ConnectError(Arc::from(format!("cannot connect to {place}: {problem}")))
    };
    let attempt = async {
        let stream = TcpStream::connect((place.host.as_str(), place.port))
            .await
            .map_err(|error| fail(&error))?;
        // Small messages must not wait for acknowledgements of earlier ones.
        stream.set_nodelay(true).map_err(|error| fail(&error))?;
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(policy.keepalive_interval)
            .keep_alive_timeout(policy.keepalive_timeout)
            // A dead peer must be noticed before a call is sent to it.
            .keep_alive_while_idle(true)
            .max_header_list_size(MAX_HEADER_LIST_BYTES)
            .handshake::<_, Body>(TokioIo::new(stream))
            .await
            .map_err(|error| fail(&error))
    };
    let (sender, connection) = timeout(policy.connect_timeout, attempt)
        .await
        .map_err(|_| fail(&"no answer in time"))??;
    let place = place.clone();
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%place, %error, "connection ended");
        }
    });
    Ok(sender)
}

impl ConnectError {
    /// The attempt's task did not finish, as when the runtime shuts down.
    pub(crate) fn interrupted(gone: &tokio::task::JoinError) -> Self {
        Self(Arc::from(format!("connecting was interrupted: {gone}")))
    }
}
