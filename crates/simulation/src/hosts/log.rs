//! The event log: appends, and delivers again and again, out of order and
//! several times, until each event is acknowledged.

use std::collections::BTreeMap;
use std::time::Duration;

use covergen_store::Envelope;
use rand::seq::SliceRandom as _;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::rpc::{APPEND, Append, DELIVER, Done, Ended, Node, Router};
use crate::world::{World, now_ms};

/// Wait between two rounds of deliveries.
const ROUND: Duration = Duration::from_millis(25);
/// Events in one round.
const BATCH: usize = 6;
/// How often one is delivered at once, at most.
const COPIES: u32 = 3;

/// The log's database.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
}

/// An event as it was appended: it may be there twice.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) event: Envelope,
    pub(crate) acknowledged: bool,
}

/// Keeps the log until the host dies.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let router = Router::new(&node).on(APPEND, move |request: Append| {
        let world = world.clone();
        async move {
            let append = |log: &mut Log| {
                let entry = |event| Entry {
                    event,
                    acknowledged: false,
                };
                log.entries.extend(request.events.into_iter().map(entry));
            };
            world.disks().log.commit(append).await;
            Ok(Done {})
        }
    });
    let delivering = deliver(node.clone());
    let (served, ()) = tokio::join!(node.serve(router), delivering);
    served
}

async fn deliver(node: Node) {
    let log = node.world.disks().log.clone();
    // In memory: after a crash everything unacknowledged is due at once.
    let mut not_before: BTreeMap<usize, i64> = BTreeMap::new();
    loop {
        sleep(ROUND).await;
        let now = now_ms();
        let mut due: Vec<(usize, Envelope)> = {
            let log = log.read();
            let open = log.entries.iter().enumerate();
            open.filter(|(_, entry)| !entry.acknowledged)
                .filter(|(at, _)| not_before.get(at).is_none_or(|ms| *ms <= now))
                .map(|(at, entry)| (at, entry.event.clone()))
                .collect()
        };
        due.shuffle(&mut rand::rng());
        due.truncate(BATCH);
        let mut running = JoinSet::new();
        for (at, event) in due {
            for _ in 0..rand::random_range(1..=COPIES) {
                let (node, event) = (node.clone(), event.clone());
                running.spawn(async move {
                    let told = node.call::<_, Done>("reader", DELIVER, event).await;
                    (at, told.is_ok())
                });
            }
        }
        while let Some(Ok((at, acknowledged))) = running.join_next().await {
            if acknowledged {
                let acknowledge = |log: &mut Log| log.entries[at].acknowledged = true;
                log.commit(acknowledge).await;
            } else {
                not_before.insert(at, now_ms() + rand::random_range(50..400));
            }
        }
    }
}
