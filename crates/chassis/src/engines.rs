//! The engines a process runs on, and whether they are well.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use covergen_cache::Cache;
use covergen_events::EventLog;
use covergen_objects::ObjectStore;
use covergen_store::Store;

/// The engines of one process.
pub(crate) struct Engines {
    pub(crate) stores: Vec<(&'static str, Store)>,
    events: Arc<dyn EventLog>,
    cache: Cache,
    objects: Arc<dyn ObjectStore>,
    draining: AtomicBool,
    misfits: Misfits,
}

/// Streams that the server keeps otherwise than they have to be, with why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Misfits(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Misfits {
    /// Notes how the declaration of a stream went. That the log is away passes
    /// by itself and is none.
    pub(crate) fn note(&self, stream: &'static str, declared: &covergen_events::Result<()>) {
        use covergen_events::Error::{Config, ConfigMismatch, ServerTooOld};
        let mut misfits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match declared {
            Ok(()) => {
                misfits.remove(stream);
            }
            Err(error @ (ConfigMismatch { .. } | ServerTooOld { .. } | Config(_))) => {
                misfits.insert(stream, error.to_string());
            }
            Err(_) => {}
        }
    }

    fn lines(&self) -> Vec<String> {
        let misfits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        misfits
            .iter()
            .map(|(stream, why)| format!("event stream of {stream}: {why}"))
            .collect()
    }
}

impl Engines {
    pub(crate) fn new(
        stores: Vec<(&'static str, Store)>,
        events: Arc<dyn EventLog>,
        cache: Cache,
        objects: Arc<dyn ObjectStore>,
        misfits: Misfits,
    ) -> Self {
        Self {
            stores,
            events,
            cache,
            objects,
            draining: AtomicBool::new(false),
            misfits,
        }
    }

    /// From now on the process is not ready.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// What keeps the process from serving, one line each.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.draining.load(Ordering::Relaxed) {
            problems.push("shutting down".to_owned());
        }
        for (service, store) in &self.stores {
            if let Err(error) = store.ping().await {
                problems.push(format!("database of {service}: {error}"));
            }
        }
        if let Err(error) = self.objects.ping().await {
            problems.push(format!("objects: {error}"));
        }
        problems.extend(self.misfits.lines());
        // The event log and the cache may be away: writes go to the outbox, and
        // what the cache holds can be had elsewhere.
        problems
    }

    /// Refreshes the gauges that only a look can tell.
    pub(crate) async fn observe(&self) {
        for (service, store) in &self.stores {
            if let Ok(backlog) = store.backlog().await {
                for (kind, count) in [
                    ("events", backlog.events),
                    ("commands", backlog.commands),
                    ("parked", backlog.parked),
                ] {
                    #[allow(clippy::cast_precision_loss)] // A gauge is a float.
                    metrics::gauge!("outbox_rows", "service" => *service, "kind" => kind)
                        .set(count as f64);
                }
            }
        }
        for (engine, up) in [
            ("events", self.events.ping().await.is_ok()),
            ("cache", self.cache.ping().await.is_ok()),
            ("objects", self.objects.ping().await.is_ok()),
        ] {
            metrics::gauge!("engine_up", "engine" => engine).set(f64::from(u8::from(up)));
        }
    }
}
