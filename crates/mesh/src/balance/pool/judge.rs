//! What endpoints show of themselves, and who is taken out for it.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Pool, lock};
use crate::{client::Verdict, decisions::DecisionKind, transport::Endpoint};

impl Pool {
    /// Notes how an attempt ended.
    pub(crate) fn record(
        &self,
        endpoint: &Arc<Endpoint>,
        verdict: Verdict,
        took: Duration,
        now: Instant,
    ) {
        let set = self.set.load();
        let (load, decay) = (endpoint.load_record(), set.rules.decay);
        match verdict {
            Verdict::Healthy => load.answered(took, decay, now),
            Verdict::Failing => load.failed(took, decay, now),
            Verdict::Unclear => return load.abandoned(took, decay, now),
        }
        let Some(rules) = set.rules.outlier.as_ref().filter(|_| set.rules.layers_on) else {
            return;
        };
        let failed = verdict == Verdict::Failing;
        if endpoint.standing().record(failed, rules, now) {
            self.eject(endpoint, "consecutive failures", now);
        }
    }

    fn eject(&self, endpoint: &Endpoint, why: &str, now: Instant) {
        // One at a time, or two could take the last two out together; and by
        // the rules that hold now, which may have ended all ejections meanwhile.
        let _one = lock(&self.wanted);
        let set = self.set.load();
        let Some(rules) = set.rules.outlier.as_ref().filter(|_| set.rules.layers_on) else {
            return;
        };
        let out = |endpoint: &&Arc<Endpoint>| endpoint.standing().is_ejected(now);
        let already = set.list.iter().filter(out).count();
        if endpoint.standing().is_ejected(now) || already >= rules.most_out(set.list.len()) {
            return;
        }
        let length = endpoint.standing().eject(rules, set.rules.slow_start, now);
        metrics::counter!("mesh_ejections_total",
            "source" => self.edge.source.to_string(), "target" => self.edge.target.to_string())
        .increment(1);
        let seconds = length.as_secs_f32();
        tracing::warn!(
            target_service = &*self.edge.target,
            endpoint = endpoint.name(),
            seconds,
            why,
            "endpoint ejected"
        );
        let detail = format!("{} for {seconds} s: {why}", endpoint.name());
        self.decisions
            .note(&self.edge.target, DecisionKind::Eject, detail);
    }

    /// Compares the endpoints' success rates.
    pub(super) fn sweep(&self, now: Instant) {
        let set = self.set.load_full();
        let Some(rules) = set.rules.outlier.as_ref().filter(|_| set.rules.layers_on) else {
            return;
        };
        let totals: Vec<_> = set
            .list
            .iter()
            .map(|endpoint| {
                endpoint.standing().calm(now);
                endpoint.standing().totals(now)
            })
            .collect();
        for index in rules.outliers(&totals) {
            self.eject(&set.list[index], "success rate", now);
        }
    }

    /// Notes what health checks found, unless they were switched off meanwhile.
    pub(super) fn note_health<'a>(
        &self,
        found: impl Iterator<Item = (&'a Arc<Endpoint>, Option<bool>)>,
    ) {
        let _wanted = lock(&self.wanted);
        if self.set.load().rules.asked().is_none() {
            return;
        }
        for (endpoint, healthy) in found {
            let Some(healthy) = healthy else { continue };
            if endpoint.standing().set_healthy(healthy) {
                let word = if healthy { "healthy" } else { "unhealthy" };
                self.note_endpoint(format!("{} is {word}", endpoint.name()));
            }
        }
    }
}
