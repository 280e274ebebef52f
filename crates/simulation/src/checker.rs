//! What must hold once everything is quiet: what was acknowledged compared
//! with what every service has.

use std::collections::{BTreeMap, BTreeSet};

use covergen_proto::task::v1::task::State as TaskState;
use covergen_proto::user::v1::reservation::State;

use crate::hosts::cover::{Covers, Stage};
use crate::world::{Answer, World};

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were accepted.
    pub accepted: usize,
    /// Requests that were definitely refused.
    pub refused: usize,
    /// Accepted requests that have their covers.
    pub completed: usize,
    /// Accepted requests of which nothing is left.
    pub compensated: usize,
    /// Events that reached their consumer's state.
    pub events: usize,
}

/// Compares; everything that is wrong, in words.
pub(crate) fn check(world: &World) -> (Counts, Vec<String>) {
    let mut checker = Checker {
        world,
        wrong: Vec::new(),
    };
    let mut counts = checker.answers();
    checker.requests(&mut counts);
    checker.quota();
    checker.queue();
    checker.events(&mut counts);
    (counts, checker.wrong)
}

/// Whether all work is done. Nothing may be wrong yet because of that.
pub(crate) fn is_quiet(world: &World) -> bool {
    let disks = world.disks();
    let outbox = disks.covers.read().outbox.backlog();
    outbox.events == 0
        && outbox.commands == 0
        && disks.queue.read().tasks.values().all(|row| row.has_ended())
        && disks
            .log
            .read()
            .entries
            .iter()
            .all(|entry| entry.acknowledged)
}

struct Checker<'w> {
    world: &'w World,
    wrong: Vec<String>,
}

impl Checker<'_> {
    fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(otherwise());
        }
    }

    /// One key, one answer; and what was accepted is there.
    fn answers(&mut self) -> Counts {
        let mut by_key: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut counts = Counts::default();
        let answers = self.world.record().answers.clone();
        for (key, answer) in answers {
            match answer {
                Answer::Accepted(task) => drop(by_key.entry(key).or_default().insert(task)),
                Answer::Refused => counts.refused += 1,
            }
        }
        let planned = self.world.plan().requests.iter();
        let mut unanswered: BTreeSet<_> = planned.map(|request| request.key.clone()).collect();
        for (key, _) in &self.world.record().answers {
            unanswered.remove(key);
        }
        self.expect(unanswered.is_empty(), || {
            format!("never answered: {unanswered:?}")
        });
        counts.accepted = by_key.len();
        for (key, tasks) in by_key {
            self.expect(tasks.len() == 1, || {
                format!("{key} was accepted as several tasks: {tasks:?}")
            });
            for task in tasks {
                let known = self.world.disks().covers.read();
                let known = known.requests.get(&task).map(|request| request.key.clone());
                self.expect(known.as_deref() == Some(&key), || {
                    format!("{key} was accepted as {task}, which is lost")
                });
            }
        }
        counts
    }

    /// Every request ended, once, whole or without a trace.
    fn requests(&mut self, counts: &mut Counts) {
        let covers = self.world.disks().covers.clone();
        let ledger = self.world.disks().ledger.clone();
        let (covers, ledger) = (covers.read(), ledger.read());
        let mut keys = BTreeSet::new();
        for (task, request) in &covers.requests {
            let units = ledger.reservations.get(task).map(|held| held.state);
            let has_files = covers.files.contains(task);
            let whole = request.covers == 1 && has_files && units == Some(State::Committed);
            let nothing = request.covers == 0 && !has_files && units == Some(State::Released);
            let fits = match request.state {
                Stage::Pending => false,
                Stage::Completed => whole,
                Stage::Failed => nothing,
            };
            self.expect(fits, || {
                format!(
                    "{task} is {:?} with {} covers, files {has_files}, units {units:?}",
                    request.state, request.covers
                )
            });
            self.expect(keys.insert(&request.key), || {
                format!("{} was taken on twice", request.key)
            });
            counts.completed += usize::from(request.state == Stage::Completed);
            counts.compensated += usize::from(request.state == Stage::Failed);
        }
    }

    /// Units used are those of completed requests, and none is set aside.
    fn quota(&mut self) {
        let covers = self.world.disks().covers.clone();
        let ledger = self.world.disks().ledger.clone();
        let (covers, ledger) = (covers.read(), ledger.read());
        for (user, limit) in self.world.plan().limits.iter().enumerate() {
            let user = format!("user-{user}");
            let completed = covers
                .requests
                .values()
                .filter(|request| request.user == user && request.state == Stage::Completed);
            let completed = i32::try_from(completed.count()).unwrap_or(i32::MAX);
            let used = ledger.used.get(&user).copied().unwrap_or(0);
            self.expect(used == completed && used <= *limit, || {
                format!("{user} used {used} of {limit} units for {completed} covers")
            });
        }
        let mut held = ledger.reservations.clone();
        held.retain(|_, held| matches!(held.state, State::Held | State::Confirmed));
        self.expect(held.is_empty(), || format!("still set aside: {held:?}"));
    }

    /// Every task ended as its request did, and nobody has to be called.
    fn queue(&mut self) {
        let covers = self.world.disks().covers.clone();
        let queue = self.world.disks().queue.clone();
        let (covers, queue) = (covers.read(), queue.read());
        for task in covers.requests.keys() {
            self.expect(queue.tasks.contains_key(task), || {
                format!("{task} never came into the queue")
            });
        }
        for (task, row) in &queue.tasks {
            self.expect(row.has_ended() && !row.needs_operator, || {
                format!("{task} is {:?} for {:?}", row.state, row.reason)
            });
            let request = covers.requests.get(task).map(|request| request.state);
            let agrees = match row.state {
                TaskState::Succeeded => request == Some(Stage::Completed),
                _ => request == Some(Stage::Failed),
            };
            self.expect(agrees, || {
                format!(
                    "{task} is {:?} in the queue, its request {request:?}",
                    row.state
                )
            });
        }
    }

    /// What the consumer has is every event once, in order.
    fn events(&mut self, counts: &mut Counts) {
        let covers = self.world.disks().covers.clone();
        let reader = self.world.disks().reader.clone();
        let (covers, reader) = (covers.read(), reader.read());
        let expected = once_in_order(&covers);
        counts.events = expected.values().map(Vec::len).sum();
        for (aggregate, events) in &expected {
            let applied = reader.applied.get(aggregate);
            self.expect(applied == Some(events), || {
                format!("the consumer has {applied:?} of {aggregate}, not {events:?}")
            });
        }
        let unknown = reader
            .applied
            .keys()
            .find(|key| !expected.contains_key(*key));
        self.expect(unknown.is_none(), || format!("made up: {unknown:?}"));
        let log = self.world.disks().log.clone();
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        for entry in &log.read().entries {
            let at = last.entry(entry.event.aggregate.clone()).or_default();
            let version = entry.event.aggregate_version;
            self.expect(version <= *at + 1, || {
                format!(
                    "{} of {} stands in the log after {at}",
                    version, entry.event.aggregate
                )
            });
            *at = version.max(*at);
        }
        let backlog = covers.outbox.backlog();
        self.expect(backlog.parked == 0, || "rows were parked".to_owned());
    }
}

fn once_in_order(covers: &Covers) -> BTreeMap<String, Vec<String>> {
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in covers.outbox.iter().filter_map(|row| row.event()) {
        let events = expected.entry(event.aggregate.clone()).or_default();
        events.push(event.event_name().to_owned());
    }
    expected
}
