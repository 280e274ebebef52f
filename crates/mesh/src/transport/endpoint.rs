//! One place where a target may be reached, and the connection to it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::uri::Authority;
use serde::Serialize;
use tokio::time::Instant;

use super::connection::{ConnectError, ConnectionPolicy, Sender, connect};
use crate::{
    balance::{Load, Loaded, Standing},
    config::HostPort,
};

/// Wait before connecting again after a failure; doubles up to the most.
const RECONNECT_MIN: Duration = Duration::from_secs(1);
const RECONNECT_MAX: Duration = Duration::from_secs(30);

/// Told apart by number: an address may go and come back as another endpoint.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

type Connecting = Shared<BoxFuture<'static, Result<Sender, ConnectError>>>;

/// Keeps one connection, made when first needed and again once it is gone.
pub(crate) struct Endpoint {
    id: u64,
    place: HostPort,
    name: String,
    authority: Option<Authority>,
    /// Of all endpoints of the target; read for each connection.
    policy: Arc<ArcSwap<ConnectionPolicy>>,
    // That does not change while the process runs.
    is_secure: bool,
    // Whether it may be given load: the first endpoints of a target may at
    // once, later ones when they are connected.
    admitted: AtomicBool,
    load: Load,
    standing: Standing,
    link: Mutex<Link>,
}

struct Link {
    state: State,
    // Whether a call waits for the attempt under way.
    wanted: bool,
    // Failures to connect for a call since the last success.
    failures: u32,
    shunned_until: Option<Instant>,
}

enum State {
    Idle,
    Connecting(Connecting),
    Ready(Sender),
}

/// An endpoint as the admin page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct EndpointSnapshot {
    /// `host:port`.
    pub address: String,
    /// Its connection.
    pub state: EndpointState,
    /// What the last health check said; true before the first.
    pub healthy: bool,
    /// Milliseconds until it is given load again, if it is taken out.
    pub ejected_for_ms: Option<u64>,
    /// Ejections that count towards the length of the next.
    pub ejections: u32,
    /// Calls and streams in flight.
    pub in_flight: u32,
    /// The peak-sensitive average of the time its answers take.
    pub latency_ms: f64,
    /// Calls of the last 30 s.
    pub calls: u64,
    /// Of those, failures.
    pub failures: u64,
}

/// How an endpoint's connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Not needed yet, or gone and not needed since.
    Idle,
    /// Being made.
    Connecting,
    /// In use.
    Ready,
    /// Failed; others go first until its wait is over.
    Shunned,
}

impl Endpoint {
    pub(crate) fn new(place: HostPort, policy: Arc<ArcSwap<ConnectionPolicy>>) -> Self {
        let (name, now) = (place.to_string(), Instant::now());
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            authority: name.parse().ok(),
            name,
            place,
            is_secure: policy.load().is_secure(),
            policy,
            admitted: AtomicBool::new(false),
            load: Load::new(now),
            standing: Standing::new(now),
            link: Mutex::new(Link {
                state: State::Idle,
                wanted: false,
                failures: 0,
                shunned_until: None,
            }),
        }
    }

    /// Never 0.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn place(&self) -> &HostPort {
        &self.place
    }

    /// `host:port`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As it stands in requests; `None` for a name that cannot.
    pub(crate) fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    pub(crate) fn load_record(&self) -> &Load {
        &self.load
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether connecting failed lately.
    pub(crate) fn is_shunned(&self) -> bool {
        self.link().is_shunned(Instant::now())
    }

    /// Whether there is a connection.
    pub(crate) fn is_ready(&self) -> bool {
        match &self.link().state {
            State::Ready(sender) => !sender.is_closed(),
            State::Idle | State::Connecting(_) => false,
        }
    }

    /// Whether it may be given load.
    pub(crate) fn is_admitted(&self) -> bool {
        self.admitted.load(Ordering::Relaxed)
    }

    /// Lets it be given load.
    pub(crate) fn admit(&self) {
        self.admitted.store(true, Ordering::Relaxed);
    }

    /// The connection, if there is one.
    pub(crate) fn ready(&self) -> Option<Sender> {
        match &self.link().state {
            State::Ready(sender) if !sender.is_closed() => Some(sender.clone()),
            _ => None,
        }
    }

    /// As many calls at once on the connection, if there is one, as the policy
    /// now says.
    pub(crate) fn resize(&self) {
        if let State::Ready(sender) = &self.link().state {
            sender.resize(self.policy.load().streams());
        }
    }

    /// Begins to connect in the background, where there is reason to.
    pub(crate) fn kick(self: &Arc<Self>, now: Instant) {
        {
            let link = self.link();
            let idle = match &link.state {
                State::Ready(sender) => sender.is_closed(),
                State::Idle => true,
                State::Connecting(_) => false,
            };
            if !idle || link.is_shunned(now) {
                return;
            }
        }
        let endpoint = Arc::clone(self);
        tokio::spawn(async move {
            // Nobody waits for the outcome here.
            let _ = endpoint.sender().await;
        });
    }

    /// The connection, made if there is none. Calls that need it at the same
    /// time wait for the same attempt, and one that is given up does not end
    /// the attempt for the others.
    pub(crate) async fn sender(self: &Arc<Self>) -> Result<Sender, ConnectError> {
        self.connected(true).await
    }

    /// As [`Endpoint::sender`], for who only looks whether somebody is there.
    /// Looks in vain, of which there may be many, put off no call's attempt.
    pub(crate) async fn look(self: &Arc<Self>) -> Result<Sender, ConnectError> {
        self.connected(false).await
    }

    async fn connected(self: &Arc<Self>, wanted: bool) -> Result<Sender, ConnectError> {
        let connecting = {
            let mut link = self.link();
            match &link.state {
                State::Ready(sender) if !sender.is_closed() => return Ok(sender.clone()),
                State::Connecting(connecting) => {
                    let connecting = connecting.clone();
                    link.wanted |= wanted;
                    connecting
                }
                State::Ready(_) | State::Idle => {
                    let connecting = self.start_connecting();
                    link.wanted = wanted;
                    link.state = State::Connecting(connecting.clone());
                    connecting
                }
            }
        };
        connecting.await
    }

    fn start_connecting(self: &Arc<Self>) -> Connecting {
        let endpoint = Arc::clone(self);
        let task = tokio::spawn(async move {
            let policy = endpoint.policy.load_full();
            let result = connect(&endpoint.place, &policy).await;
            // Noted here: all who wait may have gone.
            endpoint.link().note(&result);
            if result.is_ok() {
                // The policy may have been replaced meanwhile.
                endpoint.resize();
                endpoint.admit();
            }
            result
        });
        let finished = async move {
            match task.await {
                Ok(result) => result,
                Err(gone) => Err(ConnectError::interrupted(&gone)),
            }
        };
        finished.boxed().shared()
    }

    pub(crate) fn snapshot(&self, decay: Duration) -> EndpointSnapshot {
        let now = Instant::now();
        let state = {
            let link = self.link();
            match &link.state {
                State::Ready(sender) if !sender.is_closed() => EndpointState::Ready,
                State::Connecting(_) => EndpointState::Connecting,
                _ if link.is_shunned(now) => EndpointState::Shunned,
                _ => EndpointState::Idle,
            }
        };
        let (calls, failures) = self.standing.totals(now);
        EndpointSnapshot {
            address: self.name.clone(),
            state,
            healthy: self.standing.is_healthy(),
            ejected_for_ms: self.standing.ejected_for_ms(now),
            ejections: self.standing.ejections(),
            in_flight: self.load.pending(),
            latency_ms: self.load.average(decay, now) * 1_000.0,
            calls,
            failures,
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loaded for Endpoint {
    fn load(&self) -> &Load {
        &self.load
    }
}

impl Link {
    fn is_shunned(&self, now: Instant) -> bool {
        self.shunned_until.is_some_and(|until| now < until)
    }

    fn note(&mut self, result: &Result<Sender, ConnectError>) {
        match result {
            Ok(sender) => {
                self.state = State::Ready(sender.clone());
                self.failures = 0;
                self.shunned_until = None;
            }
            Err(_) => {
                self.state = State::Idle;
                if !self.wanted {
                    return;
                }
                let doubled = RECONNECT_MIN.saturating_mul(1 << self.failures.min(8));
                let wait = doubled.min(RECONNECT_MAX);
                self.failures = self.failures.saturating_add(1);
                self.shunned_until = Some(Instant::now() + wait);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Policy, PolicyConfig};

    #[tokio::test]
    async fn looks_in_vain_put_off_no_call() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let place = HostPort {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
        };
        drop(listener);
        let policy = Policy::resolve(&[&PolicyConfig::default()]);
        let policy = ArcSwap::from_pointee(ConnectionPolicy::new(&policy, None, None));
        let endpoint = Arc::new(Endpoint::new(place, Arc::new(policy)));
        for _ in 0..5 {
            assert!(endpoint.look().await.is_err());
        }
        assert!(!endpoint.is_shunned());

        assert!(endpoint.sender().await.is_err());
        let until = endpoint.link().shunned_until;
        assert!(until.is_some(), "a call's own failure counts");
        for _ in 0..5 {
            assert!(endpoint.look().await.is_err());
        }
        assert_eq!(endpoint.link().shunned_until, until);
        assert_eq!(endpoint.link().failures, 1);
    }
}
