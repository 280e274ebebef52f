use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Taker;
use super::courier::Courier;
use crate::OutboxCommand;

/// Where the transactions of a store meet the relays of its process. In
/// memory alone: who is not told finds the rows in the outbox.
#[derive(Debug, Default)]
pub struct Hub {
    ports: Mutex<Vec<Arc<Port>>>,
}

/// A relay, as transactions see it.
#[derive(Debug)]
pub(crate) struct Port {
    pub(super) taker: Taker,
    pub(super) leading: AtomicBool,
    pub(super) events: Notify,
    pub(super) courier: Arc<Courier>,
}

impl Hub {
    pub(super) fn join(&self, port: Arc<Port>) {
        self.ports().push(port);
    }

    pub(super) fn leave(&self, id: &str) {
        self.ports().retain(|port| port.taker.owner != id);
    }

    /// The relay that takes commands from memory. A row appended with its lease
    /// may be given to [`Hub::dispatch`] once it is committed.
    #[must_use]
    pub fn taker(&self) -> Option<Taker> {
        self.leader().map(|port| port.taker.clone())
    }

    /// Dispatches freshly committed commands, each with its row's number;
    /// `false` when some are left to be found in the outbox.
    pub fn dispatch(&self, commands: Vec<(i64, OutboxCommand)>) -> bool {
        let Some(port) = self.leader() else {
            return commands.is_empty();
        };
        commands.into_iter().fold(true, |all, (seq, command)| {
            port.courier.dispatch(seq, command) && all
        })
    }

    /// Events were committed, or freed.
    pub fn wake_events(&self) {
        for port in self.ports().iter() {
            port.events.notify_one();
        }
    }

    /// Commands were committed that nobody dispatches yet, or freed.
    pub fn wake_commands(&self) {
        for port in self.ports().iter() {
            port.courier.wake();
        }
    }

    fn leader(&self) -> Option<Arc<Port>> {
        let ports = self.ports();
        ports
            .iter()
            .find(|port| port.leading.load(Ordering::SeqCst))
            .cloned()
    }

    fn ports(&self) -> MutexGuard<'_, Vec<Arc<Port>>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
