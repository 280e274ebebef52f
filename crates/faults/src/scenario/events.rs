//! Events come three times and in any order.

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
use crate::engines::Engine;
use crate::fleet::{Replica, SERVICES};
use crate::verdict::{Row, Verdict};
use crate::workload::{Done, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "events-thrice",
    about: "every event three times and shuffled",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 4,
    reads: 10,
    ..Rates::NONE
};
/// Each event is told so often.
const TIMES: usize = 3;
/// Hears of covers, and is away while they are made.
const LISTENER: Replica = Replica::first("notification");
/// Hears of covers, but nothing is made without it: it is made to forget.
const FORGETFUL: Replica = Replica::first("template");
/// Longest wait until nothing is left to be handled.
const QUIET_WITHIN: Duration = Duration::from_secs(120);
/// What is kept about the handling itself, and differs.
const BOOKS: [&str; 7] = [
    "outbox",
    "inbox",
    "inbox_positions",
    "inbox_attempts",
    "leads",
    "idempotency_claims",
    "seaql_migrations",
];

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

    let (done, first) = anew(&bench, &mut world, &log, &mut chance).await?;
    let problems = world.problems(&done).await?;

    // Everybody hears of everything three times more.
    let before = state(&world).await?;
    let mut again = 0;
    for service in SERVICES {
        let copies = self::copies(&log, service).await?;
        again += publish(&log, copies, &mut chance).await?;
    }
    quiet(&log).await?;
    let after = state(&world).await?;
    ensure!(before.len() == after.len(), "tables came or went");
    let differ: Vec<&String> = before
        .iter()
        .filter(|(table, state)| after.get(*table) != Some(state))
        .map(|(table, _)| table)
        .collect();
    let parked = parked(&log).await?;
    Ok(Row::new(
        "events-thrice",
        format!("events {TIMES} times and shuffled"),
    )
    .checked(&problems)
    .at_most(
        "tables that differ afterwards",
        f64::from(u32::try_from(differ.len())?),
        0.0,
        format!(
            "{} tables; {first} messages to two services that heard the first time, then \
                 {again} to all; seed {seed}; {differ:?}",
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

/// Two services hear of covers for the first time in any order, and thrice.
async fn anew(
    bench: &Bench,
    world: &mut World,
    log: &jetstream::Context,
    chance: &mut StdRng,
) -> Result<(Done, usize)> {
    let workload = Workload::start(&world.site, world.folder(), "thrice", RATES).await?;
    world.fleet.kill(LISTENER).await?;
    let some = if bench.short { 10 } else { 200 };
    workload
        .acknowledged(some, Duration::from_secs(300))
        .await?;
    let done = workload.stop().await?;
    let undone = "SELECT task_id FROM requests WHERE status = 'OPEN'";
    world.until_none("cover", undone, QUIET_WITHIN).await?;
    let unsent = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
    world.until_none("cover", unsent, QUIET_WITHIN).await?;
    let copies = copies(log, "cover").await?;
    log.get_stream(stream("cover")).await?.purge().await?;
    world.fleet.kill(FORGETFUL).await?;
    let databases = world.engines.databases();
    for table in ["inbox", "template_popularity"] {
        let forget = format!("DELETE FROM {table}");
        databases.change(FORGETFUL.name, &forget).await?;
    }
    let first = publish(log, copies, chance).await?;
    for listener in [LISTENER, FORGETFUL] {
        world.fleet.start(listener).await?;
    }
    quiet(log).await?;
    Ok((done, first))
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

/// Publishes each several times, in any order. Without a message id of its own
/// the server takes none of them for a duplicate.
async fn publish(
    log: &jetstream::Context,
    copies: Vec<Copy>,
    chance: &mut StdRng,
) -> Result<usize> {
    let mut all: Vec<&Copy> = copies.iter().flat_map(|copy| [copy; TIMES]).collect();
    all.shuffle(chance);
    for copy in &all {
        let mut headers = HeaderMap::new();
        headers.insert("Covergen-Event-Id", copy.id.as_str());
        let sent = log.publish_with_headers(copy.subject.clone(), headers, copy.payload.clone());
        sent.await?.await?;
    }
    Ok(all.len())
}

/// Waits until no consumer has anything left.
async fn quiet(log: &jetstream::Context) -> Result<()> {
    let deadline = tokio::time::Instant::now() + QUIET_WITHIN;
    loop {
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
        if left == 0 {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "{left} events are left"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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

/// A digest of every table, apart from the books about handling.
async fn state(world: &World) -> Result<BTreeMap<String, String>> {
    let databases = world.engines.databases();
    let mut state = BTreeMap::new();
    for service in SERVICES {
        let tables = "SELECT table_name::text AS name FROM information_schema.tables
            WHERE table_schema = 'public'";
        for row in databases.rows(service, tables).await? {
            let table: String = row.try_get("", "name")?;
            if BOOKS.contains(&table.as_str()) {
                continue;
            }
            let digest = format!(
                "SELECT COALESCE(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS digest
                 FROM \"{table}\" AS t"
            );
            let digest = databases.rows(service, &digest).await?;
            let digest: String = digest.first().context("no digest")?.try_get("", "digest")?;
            state.insert(format!("{service}.{table}"), digest);
        }
    }
    Ok(state)
}
