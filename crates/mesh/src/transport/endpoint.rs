//! One place where a target may be reached, and the connection to it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::uri::Authority;
use serde::Serialize;
use tokio::time::Instant;

use super::connection::{ConnectError, ConnectionPolicy, Sender, connect};
use crate::config::HostPort;

/// Wait before connecting again after a failure; doubles up to the most.
const RECONNECT_MIN: Duration = Duration::from_secs(1);
const RECONNECT_MAX: Duration = Duration::from_secs(30);

type Connecting = Shared<BoxFuture<'static, Result<Sender, ConnectError>>>;

/// Keeps one connection, made when first needed and again once it is gone.
pub(crate) struct Endpoint {
    place: HostPort,
    authority: Option<Authority>,
    policy: ConnectionPolicy,
    link: Mutex<Link>,
}

struct Link {
    state: State,
    // Failures to connect since the last success.
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
    pub(crate) fn new(place: HostPort, policy: ConnectionPolicy) -> Self {
        Self {
            authority: place.to_string().parse().ok(),
            place,
            policy,
            link: Mutex::new(Link {
                state: State::Idle,
                failures: 0,
                shunned_until: None,
            }),
        }
    }

    /// `host:port`, as it stands in requests; a host that cannot stand there
    /// has none.
    pub(crate) fn authority(&self) -> Option<Authority> {
        self.authority.clone()
    }

    /// Whether connecting failed lately.
    pub(crate) fn is_shunned(&self) -> bool {
        let until = self.link().shunned_until;
        until.is_some_and(|until| Instant::now() < until)
    }

    /// The connection, made if there is none. Calls that need it at the same
    /// time wait for the same attempt, and one that is given up does not end
    /// the attempt for the others.
    pub(crate) async fn sender(&self) -> Result<Sender, ConnectError> {
        let connecting = {
            let mut link = self.link();
            match &link.state {
                State::Ready(sender) if !sender.is_closed() => return Ok(sender.clone()),
                State::Connecting(connecting) => connecting.clone(),
                State::Ready(_) | State::Idle => {
                    let connecting = self.start_connecting();
                    link.state = State::Connecting(connecting.clone());
                    connecting
                }
            }
        };
        let result = connecting.clone().await;
        let mut link = self.link();
        // Only the first to return from this very attempt notes its outcome.
        let noted = match &link.state {
            State::Connecting(current) => !current.ptr_eq(&connecting),
            State::Ready(_) | State::Idle => true,
        };
        if !noted {
            link.note(&result);
        }
        result
    }

    fn start_connecting(&self) -> Connecting {
        let (place, policy) = (self.place.clone(), self.policy.clone());
        let task = tokio::spawn(async move { connect(&place, &policy).await });
        let finished = async move {
            match task.await {
                Ok(result) => result,
                Err(gone) => Err(ConnectError::interrupted(&gone)),
            }
        };
        finished.boxed().shared()
    }

    pub(crate) fn snapshot(&self) -> EndpointSnapshot {
        let shunned = self.is_shunned();
        let state = match &self.link().state {
            State::Ready(sender) if !sender.is_closed() => EndpointState::Ready,
            State::Connecting(_) => EndpointState::Connecting,
            _ if shunned => EndpointState::Shunned,
            _ => EndpointState::Idle,
        };
        EndpointSnapshot {
            address: self.place.to_string(),
            state,
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn note(&mut self, result: &Result<Sender, ConnectError>) {
        match result {
            Ok(sender) => {
                self.state = State::Ready(sender.clone());
                self.failures = 0;
                self.shunned_until = None;
            }
            Err(_) => {
                self.state = State::Idle;
                let doubled = RECONNECT_MIN.saturating_mul(1 << self.failures.min(8));
                let wait = doubled.min(RECONNECT_MAX);
                self.failures = self.failures.saturating_add(1);
                self.shunned_until = Some(Instant::now() + wait);
            }
        }
    }
}
