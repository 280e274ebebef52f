//! The engines a process runs on, and whether they are well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
}

impl Engines {
    pub(crate) fn new(
        stores: Vec<(&'static str, Store)>,
        events: Arc<dyn EventLog>,
        cache: Cache,
        objects: Arc<dyn ObjectStore>,
    ) -> Self {
        Self {
            stores,
            events,
            cache,
            objects,
            draining: AtomicBool::new(false),
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
