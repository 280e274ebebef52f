use std::fs;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Statistics};
use secrecy::ExposeSecret;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

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

/// How soon a change is noticed that nobody was told of.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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
    let counts = Arc::<OnceLock<Arc<Statistics>>>::default();
    let counted = Arc::clone(&counts);
    let client = options(config)?
        .event_callback(move |event| {
            match &event {
                Event::Connected => {
                    let counts = counted.get();
                    connection.send_if_modified(|now| {
                        let count = counts.map_or(now.count + 1, |counts| connects(counts));
                        now.learn(true, count)
                    });
                    tracing::info!("connected to NATS");
                }
                Event::Disconnected => {
                    connection.send_if_modified(|now| now.learn(false, 0));
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
        .map_err(|e| Error::Unavailable(e.to_string()))?;
    // One that there is already was the first.
    let _ = counts.set(client.statistics());
    Ok(client)
}

/// What a client says of its connection.
pub(super) fn state(client: &Client) -> (bool, u64) {
    let is_up = client.connection_state() == State::Connected;
    (is_up, connects(&client.statistics()))
}

fn connects(counts: &Statistics) -> u64 {
    counts.connects.load(Ordering::Relaxed)
}

/// Looks again and again what the client says of its connection, as long as
/// there is one to ask. Events tell of changes at once, but it keeps no more
/// than 128 for a process that is too busy to take them, and drops the rest.
pub(super) async fn look_after(
    connection: watch::Sender<Connection>,
    state: impl Fn() -> Option<(bool, u64)>,
) {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let Some((is_up, count)) = state() else {
            return;
        };
        if connection.send_if_modified(|now| now.learn(is_up, count)) {
            tracing::debug!(is_up, "a change of the connection to NATS was noticed late");
        }
    }
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
    use std::sync::Weak;

    use super::*;

    #[test]
    fn reconnecting_starts_at_once_and_never_waits_longer_than_a_second() {
        assert_eq!(reconnect_delay(1), Duration::ZERO);
        assert_eq!(reconnect_delay(2), Duration::from_millis(50));
        assert!((0..10_000).all(|n| reconnect_delay(n) <= Duration::from_secs(1)));
        assert_eq!(reconnect_delay(usize::MAX), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_event_tells_of_is_noticed_all_the_same() {
        let (connection, client) = (
            watch::Sender::new(Connection::default()),
            Arc::new(Mutex::new((false, 0))),
        );
        let asked: Weak<Mutex<(bool, u64)>> = Arc::downgrade(&client);
        let state = move || Some(*asked.upgrade()?.lock().unwrap());
        let looking = tokio::spawn(look_after(connection.clone(), state));
        for (is_up, count) in [(true, 1), (false, 1), (true, 2), (true, 3)] {
            let mut heard = connection.subscribe();
            *client.lock().unwrap() = (is_up, count);
            heard.changed().await.unwrap();
            assert_eq!(*heard.borrow(), Connection { is_up, count });
        }
        let mut heard = connection.subscribe();
        let again = tokio::time::timeout(LOOK_EVERY * 10, heard.changed()).await;
        assert!(again.is_err(), "nothing new is told of");
        drop(client);
        looking.await.unwrap();
    }
}
