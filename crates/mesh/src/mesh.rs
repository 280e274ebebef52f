//! One service's way to all others.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use crate::{
    Channel, ClientHooks, MeshConfig, MeshError, Registry,
    channel::Target,
    client::{self, BreakerHandle, BreakerSnapshot, BulkheadSnapshot, Edge, Methods, Rooms},
    config::Address,
    transport::{EndpointSnapshot, InProcess, Tcp, Transport},
};

/// Makes the channels of one service. Channels to the same target share its
/// connections, breaker, retry budget and room. Clones share everything.
#[derive(Clone)]
pub struct Mesh(Arc<Inner>);

struct Inner {
    config: MeshConfig,
    registry: Registry,
    source: Arc<str>,
    hooks: ClientHooks,
    targets: Mutex<BTreeMap<String, Arc<Target>>>,
}

/// The mesh as the admin page shows it: the targets called so far.
#[derive(Debug, Clone, Serialize)]
pub struct MeshSnapshot {
    /// The calling service.
    pub source: String,
    /// By name.
    pub targets: BTreeMap<String, TargetSnapshot>,
}

/// One target as the admin page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct TargetSnapshot {
    /// `inprocess` or where it is.
    pub address: String,
    /// Its breaker.
    pub breaker: BreakerSnapshot,
    /// What is in flight.
    pub in_flight: BulkheadSnapshot,
    /// Its endpoints, none when in process.
    pub endpoints: Vec<EndpointSnapshot>,
}

impl Mesh {
    /// The mesh as `source` sees it. Nothing is connected until it is called.
    ///
    /// # Errors
    /// A setting is out of its bounds.
    pub fn new(
        config: MeshConfig,
        registry: Registry,
        source: &str,
        hooks: ClientHooks,
    ) -> Result<Self, MeshError> {
        config.validate()?;
        Ok(Self(Arc::new(Inner {
            config,
            registry,
            source: Arc::from(source),
            hooks,
            targets: Mutex::default(),
        })))
    }

    /// A channel to the service `target`, to hand to its generated client.
    pub fn channel(&self, target: &str) -> Channel {
        let mut targets = self.targets();
        let known = targets
            .entry(target.to_owned())
            .or_insert_with(|| Arc::new(self.build(target)));
        Channel::new(Arc::clone(known))
    }

    /// How things stand now.
    pub fn snapshot(&self) -> MeshSnapshot {
        let targets = self.targets();
        let targets = targets
            .iter()
            .map(|(name, target)| (name.clone(), target.snapshot()));
        MeshSnapshot {
            source: self.0.source.to_string(),
            targets: targets.collect(),
        }
    }

    fn build(&self, name: &str) -> Target {
        let (configured, policy) = self.0.config.target(name);
        let edge = Edge {
            source: Arc::clone(&self.0.source),
            target: Arc::from(name),
        };
        let (transport, endpoints) = match &configured.address {
            Address::InProcess => {
                let registry = self.0.registry.clone();
                (
                    Transport::InProcess(InProcess::new(edge.clone(), registry)),
                    1,
                )
            }
            Address::Tcp(places) => {
                let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
                (
                    Transport::Tcp(Tcp::new(edge.clone(), places, &policy)),
                    count,
                )
            }
        };
        let breaker = BreakerHandle::new(edge.clone(), &policy);
        let rooms = Rooms::new(&policy, endpoints);
        Target {
            address: configured.address,
            breaker: breaker.clone(),
            rooms: rooms.clone(),
            transport: transport.clone(),
            stack: client::stack(&edge, &policy, &self.0.hooks, breaker, rooms, transport),
            methods: Methods::new(edge, self.0.hooks.lookup, policy, configured.methods),
        }
    }

    fn targets(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Target>>> {
        self.0
            .targets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
