//! Answers put together from several calls.
//!
//! A generated handler makes one future for each part and polls all of them at
//! once. A part that needs others waits for their slots, and for nothing else;
//! then it calls, within its own RPC's deadline and what is left of the whole's.
//! What an optional part says when it fails becomes a warning. When any other
//! part fails, the futures of the rest are dropped, and with them their calls.

mod slot;
mod values;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, try_join_all};
use http::HeaderMap;
use tokio::time::Instant;

use crate::app::App;
use crate::call::{Call, is_fallback, settle, unary};
use crate::deadline;
use crate::problem::Problem;
use crate::route::Route;

pub use slot::{Absent, Slot};
pub use values::{distinct, there};

/// What the generator knows about one part.
#[derive(Debug)]
pub struct Part {
    /// The field of the answer that it fills, as JSON names it.
    pub field: &'static str,
    /// The RPC that it calls.
    pub route: &'static Route,
    /// When it fails, the answer goes without it.
    pub optional: bool,
    /// Parts that it waits for.
    pub needs: &'static [usize],
}

/// A part that is missing: its field, a stable reason, a sentence for people.
pub type Missing = (String, String, String);

/// One composed answer in the making.
pub struct Compose {
    app: Arc<App>,
    /// What every call bears: the caller's token, the trace, the request id.
    forwarded: HeaderMap,
    parts: &'static [Part],
    wanted: Vec<bool>,
    until: Instant,
    missing: Mutex<Vec<(usize, Missing)>>,
    /// The call's, where a part was not made by its service.
    fallback: Arc<AtomicBool>,
}

impl Call {
    /// Begins a composed answer; its deadline starts to run.
    #[must_use]
    pub fn compose(&self, parts: &'static [Part]) -> Compose {
        let mut forwarded = HeaderMap::new();
        self.edge
            .forward(&self.headers, &self.caller, &mut forwarded);
        let asked = |part: &Part| {
            let projection = self.projection.as_ref();
            projection.is_none_or(|projection| projection.wants(part.field))
        };
        Compose {
            app: Arc::clone(&self.app),
            forwarded,
            parts,
            wanted: wanted(parts, asked),
            until: Instant::now() + self.limit(),
            missing: Mutex::default(),
            fallback: Arc::clone(&self.fallback),
        }
    }
}

/// The parts that are asked for, and those that they need.
fn wanted(parts: &[Part], asked: impl Fn(&Part) -> bool) -> Vec<bool> {
    let mut wanted: Vec<bool> = parts.iter().map(asked).collect();
    let mut open: Vec<usize> = (0..parts.len()).filter(|at| wanted[*at]).collect();
    while let Some(at) = open.pop() {
        for need in parts[at].needs {
            if !std::mem::replace(&mut wanted[*need], true) {
                open.push(*need);
            }
        }
    }
    wanted
}

impl Compose {
    /// One part: waits for what its request is made of, calls, and fills its
    /// slot.
    ///
    /// # Errors
    /// What the service answered, where the part is not optional.
    pub async fn part<Q, A>(
        &self,
        index: usize,
        slot: &Slot<A>,
        request: impl Future<Output = Result<Q, Absent>> + Send,
    ) -> Result<(), Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let part = &self.parts[index];
        let filled = if self.wanted[index] {
            match request.await {
                Ok(message) => match self.call(part.route, message).await {
                    Err(problem) if part.optional => {
                        self.note(index, problem.reason(), problem.detail());
                        Err(Absent::Failed(part.field))
                    }
                    answered => Ok(answered?),
                },
                Err(Absent::Failed(needed)) => {
                    let detail = format!("`{needed}`, which it needs, is missing.");
                    self.note(index, "PART_MISSING", &detail);
                    Err(Absent::Failed(part.field))
                }
                Err(nothing) => Err(nothing),
            }
        } else {
            Err(Absent::Nothing)
        };
        slot.fill(filled);
        Ok(())
    }

    /// Runs every part; the first failure of one that is not optional ends the
    /// others.
    ///
    /// # Errors
    /// That failure.
    pub async fn all(
        &self,
        parts: impl IntoIterator<Item = BoxFuture<'_, Result<(), Problem>>>,
    ) -> Result<(), Problem> {
        try_join_all(parts).await.map(drop)
    }

    /// What is missing, in the order of the parts. An answer that misses
    /// something must not be kept by caches.
    pub fn warnings(&self, call: &mut Call) -> Vec<Missing> {
        let mut missing =
            std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner));
        if !missing.is_empty() {
            call.set_header("cache-control", "no-store");
        }
        missing.sort_by_key(|(index, _)| *index);
        missing.into_iter().map(|(_, missing)| missing).collect()
    }

    fn note(&self, index: usize, reason: &str, detail: &str) {
        let missing = (
            self.parts[index].field.to_owned(),
            reason.to_owned(),
            detail.to_owned(),
        );
        let mut list = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        list.push((index, missing));
    }

    /// A unary call as the caller, within the part's own deadline and what is
    /// left of the whole's.
    async fn call<Q, A>(&self, route: &'static Route, message: Q) -> Result<A, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let left = self.until.saturating_duration_since(Instant::now());
        let limit = left.min(Duration::from_millis(u64::from(route.deadline_ms)));
        let mut headers = self.forwarded.clone();
        headers.insert(deadline::GRPC_TIMEOUT, deadline::to_header(limit));
        let backend = self.app.backend(route)?;
        let call = unary(backend, route.grpc_path, headers, &message);
        let answer = settle(call, limit, route).await?;
        if is_fallback(&answer.headers) {
            self.fallback.store(true, Ordering::Relaxed);
        }
        answer
            .decode()
            .map_err(|status| Problem::from_answer(&status, route))
    }
}

impl std::fmt::Debug for Compose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields = self.parts.iter().map(|part| part.field);
        f.debug_list().entries(fields).finish()
    }
}
