//! The layers under one target's own breaker, budgets and endpoints.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    BreakerSnapshot, Budgets, BulkheadSnapshot, Edge, Rooms,
    breaker::{Breaker, BreakerHandle},
    bulkhead::Bulkhead,
    fallback::Fall,
    faults::Faults,
    hedge::Hedge,
    inject::Inject,
    lookout::Lookout,
    retry::Retry,
    settle::Settle,
};
use crate::{
    ClientHooks, DependencyPool,
    balance::{Balance, BalanceRules, Pool},
    config::Policy,
    decisions::Decisions,
    red::{Red, Side},
    transport::{EndpointSnapshot, Transport},
};

/// Outermost first.
type Stack = Faults<Fall<Retry<Hedge<Breaker<Bulkhead<Balance<Settle<Inject<Transport>>>>>>>>>;

/// A target as a place where calls end, under its own name or by a route.
pub(crate) struct Back {
    pub(crate) stack: Stack,
    edge: Edge,
    /// By the label of the method, of calls that a route leads here.
    reds: RwLock<BTreeMap<String, Arc<Red>>>,
    breaker: BreakerHandle,
    rooms: Rooms,
    budgets: Arc<Budgets>,
    pool: Option<Arc<Pool>>,
}

/// What a back is made of.
pub(crate) struct BackSetup<'a> {
    pub(crate) edge: Edge,
    pub(crate) policy: &'a Policy,
    pub(crate) layers_on: bool,
    pub(crate) hooks: &'a ClientHooks,
    pub(crate) rooms: Rooms,
    pub(crate) transport: Transport,
    /// The endpoints, unless it is in this process.
    pub(crate) pool: Option<Arc<Pool>>,
    pub(crate) decisions: Decisions,
    /// Tells whether the target serves while it is not called.
    pub(crate) lookout: Lookout,
}

impl Back {
    pub(crate) fn new(setup: BackSetup<'_>) -> Self {
        let BackSetup {
            edge,
            rooms,
            decisions,
            ..
        } = setup;
        let breaker = BreakerHandle::new(
            edge.clone(),
            setup.policy,
            setup.layers_on,
            decisions.clone(),
            Some(setup.lookout),
        );
        let budgets = Arc::new(Budgets::new(setup.policy));
        let stack = // Harm on purpose, once per call; the layers below do not hear of it.
            Faults::new(edge.clone(), decisions.clone(),
            // Above the retries: only a refusal that stands is answered otherwise.
            Fall::new(edge.clone(), decisions.clone(),
            // The one place that tries again.
            Retry::new(edge.clone(), Arc::clone(&budgets), decisions.clone(),
            // Below the retries, whose budget it spends: two at once are one attempt.
            Hedge::new(edge.clone(), Arc::clone(&budgets), decisions.clone(),
            // Below both: each attempt counts, and an open breaker ends them.
            Breaker::new(breaker.clone(),
            // Below the breaker: waiting for room says nothing about the target.
            Bulkhead::new(edge.clone(), rooms.clone(), decisions,
            // An endpoint for each attempt, and its record.
            Balance::new(setup.pool.clone(),
            // Reads answers to their status, so that the layers above
            // judge what was answered and not just that something was.
            Settle::new(
            // Headers of this very attempt: token, trace, time left.
            Inject::new(edge.clone(), setup.hooks.tokens.clone(),
            // In this process or over HTTP/2.
            setup.transport,
        )))))))));
        Self {
            stack,
            edge,
            reds: RwLock::default(),
            breaker,
            rooms,
            budgets,
            pool: setup.pool,
        }
    }

    /// Another policy from now on; what is in flight goes on under the old one.
    pub(crate) fn change(
        &self,
        policy: &Policy,
        balance: BalanceRules,
        shared: Option<DependencyPool>,
    ) {
        self.breaker.change(policy);
        self.rooms.change(policy, shared);
        self.budgets.change(policy);
        if let Some(pool) = &self.pool {
            pool.change_rules(Arc::new(balance));
        }
    }

    /// What counts calls of a method that was called by another name: as calls
    /// to here. Only methods of a contract have labels, so their number bounds
    /// the map.
    pub(crate) fn red(&self, called: &Arc<Red>) -> Arc<Red> {
        if called.target() == &*self.edge.target {
            return Arc::clone(called);
        }
        let known = self.reds.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(red) = known.get(called.method()) {
            return Arc::clone(red);
        }
        drop(known);
        let Edge { source, target } = &self.edge;
        let mut known = self.reds.write().unwrap_or_else(PoisonError::into_inner);
        let red = known.entry(called.method().to_owned());
        let new = || Arc::new(Red::new(Side::Client, source, target, called.method()));
        Arc::clone(red.or_insert_with(new))
    }

    pub(crate) fn pool(&self) -> Option<&Arc<Pool>> {
        self.pool.as_ref()
    }

    pub(crate) fn breaker(&self) -> BreakerSnapshot {
        self.breaker.snapshot()
    }

    pub(crate) fn in_flight(&self) -> BulkheadSnapshot {
        self.rooms.snapshot()
    }

    /// None when it is in this process.
    pub(crate) fn endpoints(&self) -> Vec<EndpointSnapshot> {
        let pool = self.pool.as_ref();
        pool.map(|pool| pool.snapshot()).unwrap_or_default()
    }
}
