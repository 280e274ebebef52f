//! The services that run in this process.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::RpcService;

/// Finds services of this process by name. Clones share their contents.
///
/// Channels look a service up when they call it, so services may start in any
/// order and call each other in circles; a call to one that is not here yet
/// answers UNAVAILABLE and may be retried. Only what went through
/// [`server::protect`](crate::server::protect) can be registered: in process
/// and over a socket, a service is reached through the same stack.
#[derive(Clone, Default)]
pub struct Registry {
    services: Arc<RwLock<HashMap<String, RpcService>>>,
}

impl Registry {
    /// Makes a service reachable; answers the one it replaces.
    pub fn insert(&self, name: impl Into<String>, service: RpcService) -> Option<RpcService> {
        self.write().insert(name.into(), service)
    }

    /// Takes a service away; calls in flight finish.
    pub fn remove(&self, name: &str) -> Option<RpcService> {
        self.write().remove(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<RpcService> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        services.get(name).cloned()
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<String, RpcService>> {
        self.services
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
