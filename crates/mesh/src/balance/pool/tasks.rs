//! What goes on beside the calls: looking after connections, asking for
//! endpoints, asking endpoints for their health. Each ends with its pool.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{Pool, lock};
use crate::balance::{HealthRules, health};

/// How often connections are looked after: long enough to cost nothing, short
/// enough that an endpoint that is back is not missed for long.
const KEEP_INTERVAL: Duration = Duration::from_millis(500);

/// When a source is asked again that could not answer, at the latest.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Keeps connections, compares success rates.
pub(super) async fn keep(pool: Weak<Pool>) {
    let mut tick = interval(KEEP_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut swept = Instant::now();
    loop {
        tick.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let now = Instant::now();
        let set = pool.set.load_full();
        let wanted: Vec<_> = lock(&pool.wanted).clone();
        // A proxy that balances is one place; it is connected by its calls.
        if set.rules.layers_on {
            for endpoint in &wanted {
                endpoint.kick(now);
            }
        }
        // Ended tasks are let go of.
        while lock(&pool.tasks).try_join_next().is_some() {}
        pool.publish();
        let due = set.rules.outlier.as_ref().map(|rules| rules.interval);
        if due.is_some_and(|due| now - swept >= due) {
            swept = now;
            pool.sweep(now);
        }
    }
}

/// Asks the source, as often as it wants to be asked.
pub(super) async fn discover(weak: Weak<Pool>) {
    let Some(source) = weak.upgrade().map(|pool| pool.source.load_full()) else {
        return;
    };
    let mut failing = false;
    loop {
        let answer = source.0.resolve().await;
        let Some(pool) = weak.upgrade() else { return };
        // Another source took over.
        if !Arc::ptr_eq(&source, &pool.source.load()) {
            return;
        }
        let mut wait = source.0.refresh();
        match answer {
            Ok(places) => {
                failing = false;
                *lock(&pool.problem) = None;
                pool.replace(&places);
            }
            Err(error) => {
                if !failing {
                    failing = true;
                    pool.note_endpoint(format!("kept as they are: {error}"));
                }
                tracing::warn!(target_service = pool.target(), %error, "endpoints not found out; keeping those there are");
                metrics::counter!("mesh_discovery_failures_total", "target" => pool.target().to_owned()).increment(1);
                *lock(&pool.problem) = Some(error.to_string());
                wait = Some(wait.unwrap_or(AFTER_FAILURE).min(AFTER_FAILURE));
            }
        }
        pool.resolved.send_replace(true);
        drop(pool);
        let Some(wait) = wait else { return };
        sleep(wait).await;
    }
}

/// Asks each endpoint for its health.
pub(super) async fn check(weak: Weak<Pool>) {
    loop {
        let Some(pool) = weak.upgrade() else { return };
        let interval = pool.set.load().rules.asked().map(|rules| rules.interval);
        let other_rules = Arc::clone(&pool.other_rules);
        drop(pool);
        tokio::select! {
            // An interval of before may be an hour.
            () = other_rules.notified() => continue,
            () = sleep(interval.unwrap_or(HealthRules::default().interval)) => {}
        }
        // Only now: endpoints came and went meanwhile.
        let Some(pool) = weak.upgrade() else { return };
        let set = pool.set.load_full();
        drop(pool);
        let Some(rules) = set.rules.asked() else {
            continue;
        };
        let checks = set
            .list
            .iter()
            .map(|endpoint| health::check(endpoint, rules));
        let found = futures::future::join_all(checks).await;
        let Some(pool) = weak.upgrade() else { return };
        pool.note_health(set.list.iter().zip(found));
    }
}
