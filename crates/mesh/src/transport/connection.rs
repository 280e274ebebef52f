//! One HTTP/2 connection to one endpoint.

use std::{io, sync::Arc, time::Duration};

use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tonic::body::Body;

use crate::{
    config::{HostPort, Policy},
    identity::ClientTls,
};

/// The largest header list accepted in an answer.
const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;

/// How connections to a target are made and kept.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPolicy {
    connect_timeout: Duration,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
    tls: Option<ClientTls>,
}

impl ConnectionPolicy {
    pub(crate) fn new(policy: &Policy, tls: Option<ClientTls>) -> Self {
        Self {
            tls,
            connect_timeout: policy.connect_timeout,
            keepalive_interval: policy.keepalive_interval,
            keepalive_timeout: policy.keepalive_timeout,
        }
    }

    /// Whether connections are encrypted and both ends proven.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
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
    let attempt = async {
        let fail = |error: io::Error| ConnectError::at(place, &error);
        let stream = TcpStream::connect((place.host.as_str(), place.port))
            .await
            .map_err(fail)?;
        // Small messages must not wait for acknowledgements of earlier ones.
        stream.set_nodelay(true).map_err(fail)?;
        match &policy.tls {
            None => start(stream, place, policy).await,
            Some(tls) => start(tls.connect(stream).await.map_err(fail)?, place, policy).await,
        }
    };
    timeout(policy.connect_timeout, attempt)
        .await
        .map_err(|_| ConnectError::at(place, &"no answer in time"))?
}

/// Begins to speak HTTP/2.
async fn start<IO>(
    io: IO,
    place: &HostPort,
    policy: &ConnectionPolicy,
) -> Result<SendRequest<Body>, ConnectError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(policy.keepalive_interval)
        .keep_alive_timeout(policy.keepalive_timeout)
        // A dead peer must be noticed before a call is sent to it.
        .keep_alive_while_idle(true)
        .max_header_list_size(MAX_HEADER_LIST_BYTES)
        .handshake::<_, Body>(TokioIo::new(io))
        .await
        .map_err(|error| ConnectError::at(place, &error))?;
    let place = place.clone();
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%place, %error, "connection ended");
        }
    });
    Ok(sender)
}

impl ConnectError {
    fn at(place: &HostPort, problem: &dyn std::fmt::Display) -> Self {
        Self(Arc::from(format!("cannot connect to {place}: {problem}")))
    }

    /// The attempt's task did not finish, as when the runtime shuts down.
    pub(crate) fn interrupted(gone: &tokio::task::JoinError) -> Self {
        Self(Arc::from(format!("connecting was interrupted: {gone}")))
    }
}
