use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use secrecy::ExposeSecret;
use tokio::sync::watch;

use crate::link::Connection;
use crate::{Config, Error, Result};

/// The oldest server that takes `sync_interval: always` and keeps consumer
/// settings as asked; older ones drop settings without a word. Whether it was
/// told to sync is not for a client to see: only the server's own monitoring
/// says so (`/varz`, `jetstream.config.sync_always`).
const OLDEST_SERVER: (i64, i64, i64, &str) = (2, 10, 0, "2.10.0");

/// The client hangs up when a third ping in a row has no answer: with its own
/// default of 60 s a half-open connection stays unnoticed for three minutes,
/// with this for 12 seconds.
const PING_INTERVAL: Duration = Duration::from_secs(4);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time between two lines about attempts in vain.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// Starts a connection that keeps trying for ever, and tells of it.
pub(super) async fn connect(
    config: &Config,
    connection: watch::Sender<Connection>,
) -> Result<Client> {
    let servers = config
        .url
        .split(',')
        .map(|url| url.trim().parse::<ServerAddr>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| Error::Config(format!("url: {e}")))?;
    let told: Mutex<Option<Instant>> = Mutex::default();
    options(config)?
        .event_callback(move |event| {
            match &event {
                Event::Connected => {
                    connection.send_modify(Connection::established);
                    tracing::info!("connected to NATS");
                }
                Event::Disconnected => {
                    connection.send_modify(Connection::lost);
                    tracing::warn!("the connection to NATS is lost");
                }
                // Each attempt in vain, of which there is one a second.
                Event::ClientError(error) if !connection.borrow().is_up => {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    if told.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                        *told = Some(Instant::now());
                        tracing::warn!(%error, "no connection to NATS");
                    }
                }
                other => tracing::warn!(event = %other, "NATS connection"),
            }
            std::future::ready(())
        })
        .connect(servers)
        .await
        .map_err(|e| Error::Unavailable(e.to_string()))
}

fn options(config: &Config) -> Result<ConnectOptions> {
    let mut options = ConnectOptions::new()
        .name("covergen")
        .retry_on_initial_connect()
        .max_reconnects(None)
        .ping_interval(PING_INTERVAL)
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(request_timeout(config)))
        .reconnect_delay_callback(reconnect_delay);
    if let Some(path) = &config.credentials_file {
        let text = fs::read_to_string(path)
            .map_err(|e| Error::Config(format!("credentials_file: {e}")))?;
        options = options
            .credentials(&text)
            .map_err(|e| Error::Config(format!("credentials_file: {e}")))?;
    }
    if let (Some(user), Some(password)) = (&config.username, &config.password) {
        options = options.user_and_password(user.clone(), password.expose_secret().to_owned());
    }
    if let Some(token) = &config.token {
        options = options.token(token.expose_secret().to_owned());
    }
    if let Some(path) = &config.tls_ca_file {
        options = options.add_root_certificates(path.clone());
    }
    Ok(options)
}

pub(super) fn request_timeout(config: &Config) -> Duration {
    Duration::from_millis(config.request_timeout_ms.max(1))
}

/// At once, then doubling from 50 ms, at most 1 s: a server that comes back
/// is found within a second, one that is gone is not hammered.
fn reconnect_delay(attempts: usize) -> Duration {
    match attempts {
        0 | 1 => Duration::ZERO,
        n => Duration::from_millis(50 << (n - 2).min(6)).min(Duration::from_secs(1)),
    }
}

/// Answers at once when there is no connection, instead of queueing a request
/// that can only time out.
pub(super) fn check_connected(client: &Client) -> Result<()> {
    match client.connection_state() {
        State::Connected => Ok(()),
        State::Pending | State::Disconnected => {
            Err(Error::Unavailable("not connected to NATS".to_owned()))
        }
    }
}

/// Refuses servers that would silently ignore settings the promises rest on.
pub(super) fn check_version(client: &Client) -> Result<()> {
    let (major, minor, patch, needed) = OLDEST_SERVER;
    if client.is_server_compatible(major, minor, patch) {
        return Ok(());
    }
    Err(Error::ServerTooOld {
        got: client.server_info().version,
        needed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconnecting_starts_at_once_and_never_waits_longer_than_a_second() {
        assert_eq!(reconnect_delay(1), Duration::ZERO);
        assert_eq!(reconnect_delay(2), Duration::from_millis(50));
        assert!((0..10_000).all(|n| reconnect_delay(n) <= Duration::from_secs(1)));
        assert_eq!(reconnect_delay(usize::MAX), Duration::from_secs(1));
    }
}
