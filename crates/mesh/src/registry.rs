//! The services that run in this process.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{RpcService, by_name::ByName};

/// Finds services of this process by name. Clones share their contents.
///
/// Channels look a service up when they call it, so services may start in any
/// order and call each other in circles; a call to one that is not here yet
/// answers UNAVAILABLE and may be retried. Only what went through
/// [`server::protect`](crate::server::protect) can be registered: in process
/// and over a socket, a service is reached through the same stack.
#[derive(Clone, Default)]
pub struct Registry {
    services: Arc<RwLock<ByName<String, Entry>>>,
}

struct Entry {
    service: RpcService,
    serves: bool,
}

impl Registry {
    /// Makes a service reachable; answers the one it replaces.
    pub fn insert(&self, name: impl Into<String>, service: RpcService) -> Option<RpcService> {
        let entry = Entry {
            service,
            serves: true,
        };
        let before = self.write().insert(name.into(), entry);
        before.map(|entry| entry.service)
    }

    /// Takes a service away; calls in flight finish.
    pub fn remove(&self, name: &str) -> Option<RpcService> {
        self.write().remove(name).map(|entry| entry.service)
    }

    /// Says whether a service can do its work, as its health would to callers
    /// elsewhere: calls reach it either way, but breakers that do not let any
    /// through learn from this when it is well again.
    pub fn set_serving(&self, name: &str, serves: bool) {
        if let Some(entry) = self.write().get_mut(name) {
            entry.serves = serves;
        }
    }

    /// Whether it can do its work; `None` for one that is not here.
    pub(crate) fn serves(&self, name: &str) -> Option<bool> {
        self.read().get(name).map(|entry| entry.serves)
    }

    pub(crate) fn get(&self, name: &str) -> Option<RpcService> {
        self.read().get(name).map(|entry| entry.service.clone())
    }

    fn read(&self) -> RwLockReadGuard<'_, ByName<String, Entry>> {
        self.services.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, ByName<String, Entry>> {
        self.services
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
