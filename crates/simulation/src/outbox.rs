//! An outbox in memory: what the relay sees of a store's, lease by lease.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use covergen_store::{
    Backlog, Due, Hub, Outbox, OutboxCommand, OutboxEvent, Result, Taker, Verdict,
};

use crate::Bug;
use crate::disk::Disk;
use crate::hosts::cover::Covers;
use crate::world::{World, now_ms};

/// The rows, in the database of those who append them.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: BTreeMap<i64, Row>,
}

#[derive(Debug)]
pub(crate) struct Row {
    message: Message,
    attempts: u32,
    next_attempt_ms: i64,
    lease: Option<(String, i64)>,
    pub(crate) sent: bool,
    pub(crate) parked: bool,
}

#[derive(Debug, Clone)]
enum Message {
    Event(OutboxEvent),
    Command(OutboxCommand),
}

impl Row {
    fn is_event(&self) -> bool {
        matches!(self.message, Message::Event(_))
    }

    pub(crate) fn event(&self) -> Option<&OutboxEvent> {
        match &self.message {
            Message::Event(event) => Some(event),
            Message::Command(_) => None,
        }
    }

    fn waits(&self) -> bool {
        !self.sent && !self.parked
    }

    fn is_free(&self, taker: &Taker, now: i64) -> bool {
        let held = |(owner, until): &(String, i64)| *until > now && *owner != taker.owner;
        !self.lease.as_ref().is_some_and(held)
    }

    fn take<T>(&mut self, seq: i64, taker: &Taker, now: i64, message: T) -> Due<T> {
        self.lease = Some((taker.owner.clone(), now + taker.lease_ms));
        Due {
            seq,
            attempt: self.attempts + 1,
            message,
        }
    }
}

impl Rows {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub(crate) fn append_event(&mut self, event: OutboxEvent) {
        self.append(Message::Event(event), None);
    }

    /// Appends a command with the lease of the relay that will be handed it.
    pub(crate) fn append_command(&mut self, command: OutboxCommand, taker: Option<Taker>) -> i64 {
        let lease = taker.map(|taker| (taker.owner, now_ms() + taker.lease_ms));
        self.append(Message::Command(command), lease)
    }

    fn append(&mut self, message: Message, lease: Option<(String, i64)>) -> i64 {
        let seq = self.rows.last_key_value().map_or(1, |(last, _)| last + 1);
        let row = Row {
            message,
            attempts: 0,
            next_attempt_ms: 0,
            lease,
            sent: false,
            parked: false,
        };
        self.rows.insert(seq, row);
        seq
    }

    /// As if it were sent, before it is: a planted mistake.
    pub(crate) fn mark_too_early(&mut self, seq: i64) {
        if let Some(row) = self.rows.get_mut(&seq) {
            row.sent = true;
        }
    }

    fn due_commands(&mut self, taker: &Taker, limit: usize) -> Vec<Due<OutboxCommand>> {
        let now = now_ms();
        let mut seen = Vec::new();
        let mut due = Vec::new();
        for (seq, row) in &mut self.rows {
            let Message::Command(command) = &row.message else {
                continue;
            };
            if !row.waits() {
                continue;
            }
            let first = command.key.is_empty() || !seen.contains(&command.key);
            seen.push(command.key.clone());
            if first && row.next_attempt_ms <= now && row.is_free(taker, now) && due.len() < limit {
                let mut command = command.clone();
                command.attempt = row.attempts + 1;
                due.push(row.take(*seq, taker, now, command));
            }
        }
        due
    }

    fn due_events(&mut self, taker: &Taker, limit: usize, apart: &[i64]) -> Vec<Due<OutboxEvent>> {
        let now = now_ms();
        let mut held = Vec::new();
        let mut due = Vec::new();
        for (seq, row) in &mut self.rows {
            let Message::Event(event) = &row.message else {
                continue;
            };
            if row.sent || held.contains(&event.aggregate) {
                continue;
            }
            let ready = !row.parked && row.next_attempt_ms <= now && row.is_free(taker, now);
            if ready && apart.contains(seq) {
                continue;
            }
            if ready && due.len() < limit {
                let event = event.clone();
                due.push(row.take(*seq, taker, now, event));
            } else {
                held.push(event.aggregate.clone());
            }
        }
        due
    }

    fn record(&mut self, taker: &Taker, verdict: &Verdict, wait: Duration, seqs: &[i64]) {
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        for seq in seqs {
            let Some(row) = self.rows.get_mut(seq).filter(|row| !row.sent) else {
                continue;
            };
            let is_ours = row
                .lease
                .as_ref()
                .is_some_and(|(owner, _)| *owner == taker.owner);
            if *verdict != Verdict::Sent && !is_ours {
                continue;
            }
            row.lease = None;
            match verdict {
                Verdict::Sent => row.sent = true,
                Verdict::Retry(_) => row.next_attempt_ms = now_ms() + wait_ms,
                Verdict::Refused(_) => row.parked = true,
                Verdict::Returned => continue,
            }
            row.attempts += 1;
        }
    }
}

/// The outbox of cover's database, as the relay of one replica sees it.
pub(crate) struct MemoryOutbox {
    pub(crate) world: World,
    pub(crate) covers: Disk<Covers>,
    pub(crate) hub: Hub,
}

impl MemoryOutbox {
    async fn taken<T>(&self, take: impl FnOnce(&mut Rows) -> Vec<Due<T>>) -> Result<Vec<Due<T>>> {
        let too_early = self.world.has(Bug::SentBeforeDispatch);
        let taken = self.covers.commit(|covers| {
            let taken = take(&mut covers.outbox);
            for due in taken.iter().filter(|_| too_early) {
                covers.outbox.mark_too_early(due.seq);
            }
            taken
        });
        Ok(taken.await)
    }
}

#[async_trait]
impl Outbox for MemoryOutbox {
    fn service(&self) -> &'static str {
        "cover"
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }

    async fn due_commands(&self, taker: &Taker, limit: usize) -> Result<Vec<Due<OutboxCommand>>> {
        self.taken(|rows| rows.due_commands(taker, limit)).await
    }

    async fn due_events(
        &self,
        taker: &Taker,
        limit: usize,
        apart: &[i64],
    ) -> Result<Vec<Due<OutboxEvent>>> {
        self.taken(|rows| rows.due_events(taker, limit, apart))
            .await
    }

    async fn record(
        &self,
        taker: &Taker,
        verdict: &Verdict,
        wait: Duration,
        seqs: &[i64],
    ) -> Result<()> {
        let record = |covers: &mut Covers| covers.outbox.record(taker, verdict, wait, seqs);
        self.covers.commit(record).await;
        Ok(())
    }

    async fn give_back(&self, taker: &Taker) -> Result<()> {
        let give_back = |covers: &mut Covers| {
            for row in covers.outbox.rows.values_mut() {
                if row
                    .lease
                    .as_ref()
                    .is_some_and(|(owner, _)| *owner == taker.owner)
                {
                    row.lease = None;
                }
            }
        };
        self.covers.commit(give_back).await;
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog> {
        Ok(self.covers.read().outbox.backlog())
    }
}

impl Rows {
    pub(crate) fn backlog(&self) -> Backlog {
        let count = |kind: fn(&Row) -> bool| {
            let rows = self.rows.values().filter(|row| !row.sent && kind(row));
            i64::try_from(rows.count()).unwrap_or(i64::MAX)
        };
        Backlog {
            events: count(|row| !row.parked && row.is_event()),
            commands: count(|row| !row.parked && !row.is_event()),
            parked: count(|row| row.parked),
            oldest_ms: None,
        }
    }
}
