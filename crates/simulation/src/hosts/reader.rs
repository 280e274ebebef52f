//! A consumer: applies each event once and in order, whatever it is handed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use covergen_store::{Advance, Envelope};
use tokio::time::sleep;
use tonic::Status;

use crate::Bug;
use crate::rpc::{DELIVER, Done, Ended, Node, Router};
use crate::world::World;

/// The consumer's database.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    inbox: BTreeSet<String>,
    positions: BTreeMap<String, u64>,
    /// The state: what was applied to each aggregate, in the order it was.
    pub(crate) applied: BTreeMap<String, Vec<String>>,
}

impl Reader {
    /// The inbox's rules, as a store has them: an id once, and of an aggregate
    /// the next version only.
    fn judge(&mut self, event: &Envelope) -> Advance {
        if self.inbox.contains(&event.id) {
            return Advance::Stale;
        }
        let position = self.positions.entry(event.aggregate.clone()).or_default();
        if event.aggregate_version <= *position {
            return Advance::Stale;
        }
        if event.aggregate_version > *position + 1 {
            let expected = i64::try_from(*position + 1).unwrap_or(i64::MAX);
            return Advance::Gap { expected };
        }
        *position += 1;
        self.inbox.insert(event.id.clone());
        Advance::Apply
    }

    fn apply(&mut self, event: &Envelope) {
        let name = event.r#type.rsplit('.').next().unwrap_or_default();
        let applied = self.applied.entry(event.aggregate.clone()).or_default();
        applied.push(name.to_owned());
    }

    fn deliver(&mut self, event: &Envelope, with_inbox: bool) -> Advance {
        let advance = if with_inbox {
            self.judge(event)
        } else {
            Advance::Apply
        };
        if advance == Advance::Apply {
            self.apply(event);
        }
        advance
    }
}

/// Consumes until the host dies.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let router = Router::new(&node).on(DELIVER, move |event: Envelope| {
        let world = world.clone();
        async move {
            if world.has(Bug::AckBeforeCommit) {
                tokio::spawn(commit_later(world, event));
                return Ok(Done {});
            }
            let with_inbox = !world.has(Bug::InboxOff);
            let reader = &world.disks().reader;
            match reader
                .commit(|reader| reader.deliver(&event, with_inbox))
                .await
            {
                Advance::Apply | Advance::Stale => Ok(Done {}),
                Advance::Gap { expected } => {
                    Err(Status::aborted(format!("version {expected} comes first")))
                }
            }
        }
    });
    node.serve(router).await
}

/// A planted mistake: the event counts as handled, and is handled afterwards.
async fn commit_later(world: World, event: Envelope) {
    sleep(Duration::from_millis(200)).await;
    loop {
        let reader = &world.disks().reader;
        let advance = reader.commit(|reader| reader.deliver(&event, true)).await;
        if !matches!(advance, Advance::Gap { .. }) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}
