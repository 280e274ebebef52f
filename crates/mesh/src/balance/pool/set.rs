//! What calls are given to at one moment.

use std::sync::{Arc, atomic::AtomicUsize};

use http::HeaderMap;
use tokio::time::Instant;

use crate::{
    balance::{
        BalanceRules,
        pick::{Candidates, Picker},
    },
    transport::{Endpoint, Lease},
};

/// What calls are given to, replaced as a whole.
pub(super) struct Set {
    pub(super) list: Box<[Arc<Endpoint>]>,
    picker: Picker,
    pub(super) rules: Arc<BalanceRules>,
}

impl Set {
    pub(super) fn new(list: Vec<Arc<Endpoint>>, rules: Arc<BalanceRules>) -> Self {
        let names = list.iter().map(|endpoint| endpoint.name());
        Self {
            picker: Picker::new(rules.algorithm.clone(), names),
            list: list.into_boxed_slice(),
            rules,
        }
    }

    pub(super) fn pick(
        &self,
        headers: &HeaderMap,
        avoid: u64,
        turn: &AtomicUsize,
        now: Instant,
    ) -> Option<Lease> {
        let view = View {
            set: self,
            now,
            avoid,
        };
        let index = self.picker.pick(&view, headers, turn)?;
        Lease::ready(&self.list[index])
    }
}

struct View<'a> {
    set: &'a Set,
    now: Instant,
    avoid: u64,
}

impl Candidates for View<'_> {
    fn count(&self) -> usize {
        self.set.list.len()
    }

    fn usable(&self, index: usize) -> bool {
        let endpoint = &self.set.list[index];
        endpoint.id() != self.avoid && endpoint.standing().is_fit(self.now) && endpoint.is_ready()
    }

    fn cost(&self, index: usize) -> f64 {
        let load = self.set.list[index].load_record();
        load.cost(self.set.rules.decay, self.now)
    }

    fn pending(&self, index: usize) -> u32 {
        self.set.list[index].load_record().pending()
    }

    fn share(&self, index: usize) -> f64 {
        let standing = self.set.list[index].standing();
        standing.share(self.set.rules.slow_start, self.now)
    }
}
