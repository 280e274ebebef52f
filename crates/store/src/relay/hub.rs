use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::courier::Courier;
use crate::OutboxCommand;

/// Where the transactions of a store meet the relays of its process.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    ports: Mutex<Vec<Arc<Port>>>,
}

/// A relay, as transactions see it.
#[derive(Debug)]
pub(crate) struct Port {
    /// Owner of leases.
    pub(super) id: String,
    pub(super) lease_ms: i64,
    pub(super) leading: AtomicBool,
    pub(super) events: Notify,
    pub(super) courier: Arc<Courier>,
}

impl Hub {
    pub(super) fn join(&self, port: Arc<Port>) {
        self.ports().push(port);
    }

    pub(super) fn leave(&self, id: &str) {
        self.ports().retain(|port| port.id != id);
    }

    /// The relay that takes commands from memory: its id and lease length.
    pub(crate) fn hint_taker(&self) -> Option<(String, i64)> {
        self.leader().map(|port| (port.id.clone(), port.lease_ms))
    }

    /// Dispatches freshly committed commands; `false` when some are left to be
    /// found in the outbox.
    pub(crate) fn dispatch(&self, commands: Vec<(i64, OutboxCommand)>) -> bool {
        let Some(port) = self.leader() else {
            return commands.is_empty();
        };
        commands.into_iter().fold(true, |all, (seq, command)| {
            port.courier.dispatch(seq, command) && all
        })
    }

    pub(crate) fn wake_events(&self) {
        for port in self.ports().iter() {
            port.events.notify_one();
        }
    }

    pub(crate) fn wake_commands(&self) {
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
