use futures::StreamExt as _;
use tokio::time::{Duration, Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::round::Round;
use super::settle::Agenda;
use super::{Dispatcher, Worker};

/// Wait between two recordings of gauges.
const GAUGES: Duration = Duration::from_secs(15);

/// Longest wait for whatever takes events, where it is not heard of.
const AWAY: Duration = Duration::from_secs(2);

/// Publishes events, batch after batch.
pub(super) async fn run(worker: &Worker, dispatcher: &dyn Dispatcher, stop: &CancellationToken) {
    let mut agenda = Agenda::new();
    let mut gauges = Instant::now();
    let mut returns = dispatcher.returns();
    // While the log is away, commits do not hasten the next attempt.
    let mut not_before = Instant::now();
    let mut failures = 0;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(()) = returns.next() => {
                failures = 0;
                not_before = Instant::now();
                agenda.at(not_before);
            }
            () = worker.port.events.notified() => agenda.at(not_before),
            () = sleep_until(agenda.next()) => {}
        }
        while agenda.is_due() && !stop.is_cancelled() {
            if dispatcher.is_away() {
                // It says when it is back; the poll is a net.
                agenda.hold_until(Instant::now() + worker.options.poll());
                break;
            }
            agenda.looked(worker.options.poll());
            match worker.round(dispatcher, &mut agenda, stop).await {
                Ok(Round::Idle) => failures = 0,
                Ok(Round::Progress) => {
                    failures = 0;
                    agenda.at(Instant::now());
                }
                Ok(Round::Away(why)) => {
                    if failures == 0 {
                        // Once, as it begins: all of them wait now.
                        tracing::warn!(service = worker.outbox.service(), %why, "events wait in the outbox");
                    }
                    failures += 1;
                    not_before = Instant::now() + worker.options.backoff(failures).min(AWAY);
                    agenda.hold_until(not_before);
                }
                Ok(Round::Stuck(rows_wait, why)) => {
                    if let Some(why) = why.filter(|_| failures == 0) {
                        tracing::warn!(service = worker.outbox.service(), %why, "no event could be published");
                    }
                    failures += 1;
                    let wait = worker.options.backoff(failures).max(rows_wait);
                    not_before = Instant::now() + wait;
                    agenda.hold_until(not_before);
                }
                Err(error) => {
                    tracing::warn!(service = worker.outbox.service(), %error, "events wait in the outbox");
                }
            }
        }
        if gauges <= Instant::now() {
            gauges = Instant::now() + GAUGES;
            worker.record_gauges().await;
        }
    }
}

impl Worker {
    async fn record_gauges(&self) {
        self.outbox.record_gauges();
        if let Ok(backlog) = self.outbox.backlog().await {
            let counts = [
                ("event", backlog.events),
                ("command", backlog.commands),
                ("parked", backlog.parked),
            ];
            for (kind, count) in counts {
                metrics::gauge!("covergen_outbox_waiting",
                    "service" => self.outbox.service().to_owned(), "kind" => kind)
                .set(count as f64);
            }
        }
    }
}
