use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Duration, Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Worker;
use super::courier::Outcome;
use super::settle::{Agenda, Settlement, settle};

/// Outcomes recorded at once.
const SETTLE_BATCH: usize = 256;

/// Wait after the database could not record something.
const RECORD_AGAIN: Duration = Duration::from_millis(250);

/// Records how dispatches ended, and picks up commands that were not handed
/// over in memory.
pub(super) async fn run(
    worker: &Worker,
    mut outcomes: UnboundedReceiver<Outcome>,
    stop: &CancellationToken,
) {
    let courier = &worker.port.courier;
    let mut ended: Vec<Outcome> = Vec::new();
    let mut agenda = Agenda::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = outcomes.recv_many(&mut ended, SETTLE_BATCH), if ended.len() < SETTLE_BATCH => {}
            () = courier.woken() => agenda.at(Instant::now()),
            () = sleep_until(agenda.next()) => {}
        }
        worker.record(&mut ended, &mut agenda).await;
        if agenda.is_due() {
            agenda.looked(worker.options.poll());
            if worker.look().await {
                agenda.at(Instant::now());
            }
        }
    }
    worker.retire();
    let deadline = Instant::now() + worker.options.dispatch_timeout();
    while !courier.in_flight().is_empty() && Instant::now() < deadline {
        if ended.is_empty() {
            let next = outcomes.recv_many(&mut ended, SETTLE_BATCH);
            if timeout_at(deadline, next).await.is_err() {
                break;
            }
        }
        worker.record(&mut ended, &mut agenda).await;
        if !ended.is_empty() {
            // The database does not take it; the rows are sent again.
            break;
        }
    }
}

impl Worker {
    /// Records what ended, and notes when to look into the outbox again.
    async fn record(&self, ended: &mut Vec<Outcome>, agenda: &mut Agenda) {
        if ended.is_empty() {
            return;
        }
        let settlements: Vec<Settlement> = ended
            .iter()
            .map(|outcome| outcome.settlement.clone())
            .collect();
        match settle(self, "command", &settlements).await {
            Ok(waits) => {
                let courier = &self.port.courier;
                {
                    let mut in_flight = courier.in_flight();
                    for settlement in &settlements {
                        in_flight.remove(&settlement.seq);
                    }
                }
                ended.clear();
                agenda.retry_after(waits);
                if courier.recheck() {
                    agenda.at(Instant::now());
                }
            }
            Err(error) => {
                tracing::warn!(service = self.outbox.service(), %error, "sent commands are not recorded");
                agenda.at(Instant::now() + RECORD_AGAIN);
            }
        }
    }

    /// Dispatches due commands out of the outbox; answers whether there may be
    /// more of them right now.
    async fn look(&self) -> bool {
        let courier = &self.port.courier;
        let room = courier.room();
        if room == 0 || !self.leads() {
            courier.set_recheck(room == 0);
            return false;
        }
        let limit = room + courier.in_flight().len();
        match self.outbox.due_commands(&self.port.taker, limit).await {
            Ok(rows) => {
                let full = rows.len() >= limit;
                let idle = rows.is_empty() && courier.in_flight().is_empty();
                for row in rows {
                    courier.dispatch(row.seq, row.message);
                }
                // A later row of a key comes into view when the one before is
                // recorded; with nothing in flight, nothing waits like that.
                courier.set_recheck(!idle);
                full && courier.room() > 0
            }
            Err(error) => {
                tracing::warn!(service = self.outbox.service(), %error, "the outbox cannot be read");
                false
            }
        }
    }
}
