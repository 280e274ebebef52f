//! Makes targets of configuration and policy, and changes them with it.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;

use super::{Inner, lock};
use crate::{
    balance::{Pool, PoolSetup},
    channel::Target,
    client::{
        self, Back, BackSetup, Edge, Latencies, Lookout, Methods, MethodsSetup, Rooms, Route,
    },
    config::{Address, HostPort, Layers, Policy},
    discover::{Discover, Dns, EndpointFile, StaticList, System},
    identity::ClientTls,
    policy::{DiscoveryPolicy, TargetPolicy},
    transport::{ConnectionPolicy, InProcess, Tcp, Transport},
};

impl Inner {
    pub(super) fn target(&self, name: &str) -> Arc<Target> {
        if let Some(target) = lock(&self.targets).get(name) {
            return Arc::clone(target);
        }
        let built = Arc::new(self.build(name));
        let mut targets = lock(&self.targets);
        // Whoever was first; a policy that was replaced meanwhile comes again.
        let target = targets.entry(name.to_owned()).or_insert(built);
        self.renew_target(name, target);
        Arc::clone(target)
    }

    fn build(&self, name: &str) -> Target {
        let back = self.back(name);
        let edge = self.edge(name);
        let latencies = Latencies::default();
        let (routes, splits) = self.routes(name);
        let methods = self.methods(name, routes, &latencies);
        Target {
            address: self.config.target(name).address.to_string(),
            front: client::front(&edge, &self.hooks, back),
            methods: ArcSwap::from_pointee(methods),
            latencies,
            splits: ArcSwap::from_pointee(splits),
        }
    }

    /// A target as a place where calls end.
    fn back(&self, name: &str) -> Arc<Back> {
        let mut backs = lock(&self.backs);
        let known = backs
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(self.build_back(name)));
        Arc::clone(known)
    }

    fn build_back(&self, name: &str) -> Back {
        let edge = self.edge(name);
        let policy = self.resolve(name);
        let rooms = Rooms::new(&policy, 1);
        let pool = self.source(name).map(|(source, listed)| {
            Pool::new(PoolSetup {
                edge: edge.clone(),
                rules: Arc::new(self.balance(name)),
                connection: self.connection(name),
                source,
                listed,
                rooms: rooms.clone(),
                decisions: self.decisions.clone(),
            })
        });
        let (transport, lookout) = match &pool {
            Some(pool) => (
                Transport::Tcp(Tcp),
                Lookout::Endpoints(Arc::downgrade(pool)),
            ),
            None => (
                Transport::InProcess(InProcess::new(edge.clone(), self.registry.clone())),
                Lookout::Here(self.registry.clone(), Arc::clone(&edge.target)),
            ),
        };
        let back = Back::new(BackSetup {
            edge,
            policy: &policy,
            layers_on: self.layers_on(),
            hooks: &self.hooks,
            rooms,
            transport,
            pool,
            decisions: self.decisions.clone(),
            lookout,
        });
        back.change(&policy, self.balance(name), self.shared_pool(name));
        back
    }

    /// Brings everything in line with the policy in force.
    pub(super) fn renew(&self) {
        let backs = lock(&self.backs).clone();
        for (name, back) in backs {
            back.change(
                &self.resolve(&name),
                self.balance(&name),
                self.shared_pool(&name),
            );
            if let (Some(pool), Some((source, _))) = (back.pool(), self.source(&name)) {
                pool.change_connection(self.connection(&name));
                pool.change_source(source);
            }
        }
        let targets = lock(&self.targets).clone();
        for (name, target) in targets {
            self.renew_target(&name, &target);
        }
        self.forget_backs();
    }

    /// Lets go of those that no route leads to any more and no call is at.
    pub(super) fn forget_backs(&self) {
        lock(&self.backs).retain(|_, back| Arc::strong_count(back) > 1);
    }

    fn renew_target(&self, name: &str, target: &Target) {
        let (routes, splits) = self.routes(name);
        let methods = self.methods(name, routes, &target.latencies);
        target.methods.store(Arc::new(methods));
        target.splits.store(Arc::new(splits));
    }

    fn methods(&self, name: &str, routes: Vec<Route>, latencies: &Latencies) -> Methods {
        let in_force = self.policy.load();
        let document = &in_force.document;
        let own = document.targets.get(name);
        let faults = own.map(|target| target.faults.iter()).into_iter().flatten();
        let faults = faults.chain(&document.defaults.faults).cloned();
        let layers_on = self.layers_on();
        Methods::new(MethodsSetup {
            edge: self.edge(name),
            lookup: self.hooks.lookup,
            policy: self.resolve(name),
            layers_on,
            configured: self.config.target(name).methods,
            documented: [
                own.map(|target| target.methods.clone()).unwrap_or_default(),
                document.defaults.methods.clone(),
            ],
            fallbacks: self.hooks.fallbacks.clone(),
            faults: faults.filter(|_| layers_on).collect(),
            routes: routes.into(),
            latencies: Arc::clone(latencies),
        })
    }

    fn routes(&self, name: &str) -> (Vec<Route>, Vec<BTreeMap<String, u32>>) {
        let in_force = self.policy.load();
        let own = in_force.document.targets.get(name);
        let written = own
            .filter(|_| self.layers_on())
            .map(|target| target.routes.as_slice());
        let (mut routes, mut splits) = (Vec::new(), Vec::new());
        for route in written.unwrap_or_default() {
            let mut sum = 0;
            let ways = route.clusters.iter().map(|(cluster, weight)| {
                sum += u64::from(*weight);
                (sum, self.back(cluster))
            });
            routes.push(Route {
                ways: ways.collect(),
                matcher: route.matcher.clone(),
                sticky: route.sticky.clone(),
            });
            splits.push(route.clusters.iter().cloned().collect());
        }
        (routes, splits)
    }

    /// What the document says of where a target is.
    fn discovery(&self, name: &str) -> Option<DiscoveryPolicy> {
        let in_force = self.policy.load();
        in_force.document.targets.get(name)?.discovery.clone()
    }

    /// Where a target is, in words.
    pub(super) fn address(&self, name: &str) -> String {
        let documented = self.discovery(name).map(|place| match place {
            DiscoveryPolicy::Static(places) => Address::Tcp(places),
            DiscoveryPolicy::Dns(place, _) => Address::Dns(place),
            DiscoveryPolicy::File(path, _) => Address::File(path),
        });
        let address = documented.unwrap_or_else(|| self.config.target(name).address);
        address.to_string()
    }

    /// Where a target's endpoints come from, and those known without asking;
    /// `None` for one in this process.
    fn source(&self, name: &str) -> Option<(Arc<dyn Discover>, Vec<HostPort>)> {
        if let Some(source) = self.hooks.sources.get(name) {
            return Some((Arc::clone(source), Vec::new()));
        }
        let refresh = self.resolve(name).discovery_refresh;
        let place = self
            .discovery(name)
            .or_else(|| match self.config.target(name).address {
                Address::InProcess => None,
                Address::Tcp(places) => Some(DiscoveryPolicy::Static(places)),
                Address::Dns(place) => Some(DiscoveryPolicy::Dns(place, refresh)),
                Address::File(path) => Some(DiscoveryPolicy::File(path, refresh)),
            })?;
        Some(match place {
            DiscoveryPolicy::Static(places) => (Arc::new(StaticList(places.clone())), places),
            DiscoveryPolicy::Dns(place, refresh) => {
                let resolver = System;
                let dns = Dns {
                    place,
                    refresh,
                    resolver,
                };
                (Arc::new(dns), Vec::new())
            }
            DiscoveryPolicy::File(path, refresh) => {
                (Arc::new(EndpointFile { path, refresh }), Vec::new())
            }
        })
    }

    fn resolve(&self, name: &str) -> Policy {
        let in_force = self.policy.load();
        let document = &in_force.document;
        let nothing = TargetPolicy::default();
        let own = document.targets.get(name).unwrap_or(&nothing);
        let configured = self.config.target(name).policy;
        // What operators change live goes before what the process started with.
        Policy::resolve(&[
            &own.numbers,
            &document.defaults.numbers,
            &configured,
            &self.config.defaults,
        ])
    }

    fn balance(&self, name: &str) -> crate::balance::BalanceRules {
        let in_force = self.policy.load();
        let document = &in_force.document;
        let nothing = TargetPolicy::default();
        let own = document.targets.get(name).unwrap_or(&nothing);
        own.balance(&document.defaults, self.layers_on())
    }

    fn shared_pool(&self, name: &str) -> Option<crate::DependencyPool> {
        let in_force = self.policy.load();
        let document = &in_force.document;
        let own = document
            .targets
            .get(name)
            .and_then(|target| target.pool.as_deref());
        self.pools.get(own.or(document.defaults.pool.as_deref())?)
    }

    fn connection(&self, name: &str) -> ConnectionPolicy {
        let network = self.hooks.network.clone();
        ConnectionPolicy::new(&self.resolve(name), self.tls(name), network)
    }

    /// Under another name a target may be the same service, as a canary is.
    fn tls(&self, name: &str) -> Option<ClientTls> {
        let in_force = self.policy.load();
        let own = in_force.document.targets.get(name);
        let service = own.and_then(|target| target.service.as_deref());
        let identity = self.hooks.identity.clone();
        let identity = identity.filter(crate::Identity::is_shown_to_others)?;
        Some(ClientTls::new(identity, service.unwrap_or(name)))
    }

    fn edge(&self, name: &str) -> Edge {
        Edge {
            source: Arc::clone(&self.source),
            target: Arc::from(name),
        }
    }

    fn layers_on(&self) -> bool {
        self.config.layers == Layers::On
    }
}
