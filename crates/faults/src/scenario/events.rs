//! Events come three times and in any order.

mod people;
mod state;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use async_nats::HeaderMap;
use async_nats::jetstream::{self, consumer::AckPolicy, consumer::DeliverPolicy, consumer::pull};
use futures::{FutureExt as _, StreamExt as _};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::{Bench, Scenario, World};
use crate::checker;
use crate::engines::Engine;
use crate::fleet::SERVICES;
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Done, PATIENCE, Rates, Workload};
use state::{DERIVED, differing, digests};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "events-thrice",
    about: "every event three times and shuffled",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 4,
    reads: 10,
    exports: 2,
    bulks_a_minute: 20,
};
/// Each event is told so often.
const TIMES: usize = 3;
/// Messages whose acknowledgements are waited for together.
const AT_ONCE: usize = 256;
/// Longest wait until nothing is left to be handled.
const QUIET_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at what is left.
const LOOK: Duration = Duration::from_millis(100);

/// A message of a stream, to be published again.
struct Copy {
    subject: String,
    id: String,
    payload: bytes::Bytes,
}

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 1).await?;
    let client = async_nats::connect(world.engines.url(Engine::Nats)).await?;
    let log = jetstream::new(client);
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos();
    let mut chance = StdRng::seed_from_u64(u64::from(seed));

    // Once and in order, as it comes.
    let done = work(&bench, &world).await?;
    quiet(&world, &log).await?;
    let mut problems = world.problems(&done).await?;
    people::live(&world).await?;
    quiet(&world, &log).await?;
    // Events stay of whoever left, and the checker finds no work to them.
    let left = world.problems_now(&done).await?;
    let once = digests(&world, &DERIVED).await?;

    // Everybody hears of everything for the first time, and thrice.
    for replica in world.fleet.replicas() {
        world.fleet.stop(replica).await?;
    }
    state::forget(&world).await?;
    let first = publish(&log, &mut chance).await?;
    world.fleet.start_all().await?;
    quiet(&world, &log).await?;
    let differ_from_once = differing(&once, &digests(&world, &DERIVED).await?)?;

    // Everybody hears of everything three times more, and of what was told
    // meanwhile.
    let before = digests(&world, &[]).await?;
    let again = publish(&log, &mut chance).await?;
    quiet(&world, &log).await?;
    let differ = differing(&before, &digests(&world, &[]).await?)?;

    let late = world.problems_now(&done).await?;
    problems.extend(late.into_iter().filter(|problem| !left.contains(problem)));
    let parked = parked(&log).await?;
    let fault = format!("events {TIMES} times and shuffled");
    Ok(Row::new("events-thrice", fault)
        .checked(&problems)
        .at_most(
            "tables that differ from once in order",
            f64::from(u32::try_from(differ_from_once.len())?),
            0.0,
            format!(
                "{} tables; {first} messages of all streams to services that had forgotten all \
                 events; seed {seed}; {differ_from_once:?}",
                once.len()
            ),
        )
        .at_most(
            "tables that differ afterwards",
            f64::from(u32::try_from(differ.len())?),
            0.0,
            format!(
                "{} tables; {again} messages to services that knew all events; {differ:?}",
                before.len()
            ),
        )
        .at_most(
            "events that were parked",
            f64::from(u32::try_from(parked)?),
            0.0,
            "",
        )
        .verdicts())
}

/// Generations, exports and bulks, all of which have ended.
async fn work(bench: &Bench, world: &World) -> Result<Done> {
    world.allow_everything().await?;
    let workload = Workload::start(&world.site, world.folder(), "thrice", RATES).await?;
    let (covers, others) = if bench.short { (10, 2) } else { (200, 20) };
    let within = Duration::from_secs(300);
    workload.acknowledged(covers, within).await?;
    for call in [Call::Export, Call::Bulk] {
        workload.acknowledged_of(call, others, within).await?;
    }
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    Ok(done)
}

fn stream(service: &str) -> String {
    format!("covergen_{service}")
}

/// Every event of a stream, each once.
async fn copies(log: &jetstream::Context, service: &str) -> Result<Vec<Copy>> {
    let stream = log.get_stream(stream(service)).await?;
    let messages = stream.cached_info().state.messages;
    let reader = pull::Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        ..pull::Config::default()
    };
    let reader = stream.create_consumer(reader).await?;
    let mut batch = reader
        .fetch()
        .max_messages(usize::try_from(messages)?)
        .messages()
        .await?;
    let mut copies = BTreeMap::new();
    while let Some(message) = batch.next().await {
        let message = message.map_err(anyhow::Error::from_boxed)?;
        let headers = message.headers.as_ref().context("no headers")?;
        let id = headers
            .get("Covergen-Event-Id")
            .or(headers.get("Nats-Msg-Id"));
        let id = id.context("no event id")?.to_string();
        copies.insert(
            id.clone(),
            Copy {
                subject: message.subject.to_string(),
                id,
                payload: message.payload.clone(),
            },
        );
    }
    Ok(copies.into_values().collect())
}

/// Publishes every event of every stream several times, in any order. Without a
/// message id of its own the server takes none of them for a duplicate.
async fn publish(log: &jetstream::Context, chance: &mut StdRng) -> Result<usize> {
    let mut copies = Vec::new();
    for service in SERVICES {
        copies.extend(self::copies(log, service).await?);
    }
    let mut all: Vec<&Copy> = copies.iter().flat_map(|copy| [copy; TIMES]).collect();
    all.shuffle(chance);
    for some in all.chunks(AT_ONCE) {
        let mut sent = Vec::new();
        for copy in some {
            let mut headers = HeaderMap::new();
            headers.insert("Covergen-Event-Id", copy.id.as_str());
            let (subject, payload) = (copy.subject.clone(), copy.payload.clone());
            sent.push(log.publish_with_headers(subject, headers, payload).await?);
        }
        for acknowledged in sent {
            acknowledged.await?;
        }
    }
    Ok(all.len())
}

/// Waits until no task is at work, no outbox has anything to send, and no
/// consumer has anything left; twice in a row, since what one has done may be
/// the next one's to do.
async fn quiet(world: &World, log: &jetstream::Context) -> Result<()> {
    let working = "SELECT id FROM tasks WHERE state IN ('PENDING', 'RUNNING')";
    world.until_none("task", working, QUIET_WITHIN).await?;
    let databases = world.engines.databases();
    let deadline = tokio::time::Instant::now() + QUIET_WITHIN;
    let mut looks = 0;
    while looks < 2 {
        let left = unheard(log).await?;
        let waiting = checker::waiting(&databases).await?;
        let is_quiet = left == 0 && waiting == 0;
        looks = if is_quiet { looks + 1 } else { 0 };
        ensure!(
            tokio::time::Instant::now() < deadline,
            "{left} events are left, and {waiting} rows of outboxes"
        );
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Events that consumers have not handled yet.
async fn unheard(log: &jetstream::Context) -> Result<u64> {
    let mut left = 0;
    for service in SERVICES {
        let stream = log.get_stream(stream(service)).await?;
        let mut consumers = stream.consumers();
        while let Some(consumer) = consumers.next().await {
            let consumer = consumer?;
            if consumer.config.durable_name.is_some() {
                left += consumer.num_pending + u64::try_from(consumer.num_ack_pending)?;
            }
        }
    }
    Ok(left)
}

/// Events that some consumer gave up.
async fn parked(log: &jetstream::Context) -> Result<u64> {
    let mut parked = 0;
    for service in SERVICES {
        let dead = log.get_stream(format!("{}_dead", stream(service))).await?;
        parked += dead.cached_info().state.messages;
    }
    Ok(parked)
}
