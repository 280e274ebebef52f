//! NATS goes away under load and comes back: with everything it had, or
//! without the last minutes of it. Or it stays, and nobody reaches it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use covergen_events::Position;
use covergen_ids::EventId;
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World};
use crate::engines::{Engine, Engines};
use crate::fleet::{Fleet, Replica, SERVICES};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, PATIENCE, Rates, Workload};

pub(super) const AWAY: Scenario = Scenario {
    name: "nats-away",
    about: "NATS killed under load, then back",
    run: |bench| away(bench, Outage::Killed).boxed(),
};

pub(super) const PARTITIONED: Scenario = Scenario {
    name: "nats-partitioned",
    about: "nothing passes between the platform and NATS under load, then everything again",
    run: |bench| away(bench, Outage::Partitioned).boxed(),
};

pub(super) const REWOUND: Scenario = Scenario {
    name: "nats-rewound",
    about: "NATS comes back without the last minutes of what it had acknowledged",
    run: |bench| rewound(bench).boxed(),
};

/// Little enough for a machine with other work: what fails fails because of
/// NATS.
fn rates(short: bool) -> Rates {
    Rates {
        generations: if short { 1 } else { 2 },
        reads: if short { 2 } else { 20 },
        ..Rates::NONE
    }
}

/// The promise.
const DRAINED_WITHIN: Duration = Duration::from_secs(10);

/// How NATS is out of reach.
#[derive(Clone, Copy)]
enum Outage {
    /// Its process is killed, and started again.
    Killed,
    /// Connections stay open and carry nothing, new ones neither. What was
    /// written meanwhile arrives in the end, on connections given up long ago.
    Partitioned,
}

impl Outage {
    fn name(self) -> &'static str {
        match self {
            Self::Killed => AWAY.name,
            Self::Partitioned => PARTITIONED.name,
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Killed => "NATS killed under load",
            Self::Partitioned => "NATS out of reach under load",
        }
    }
}

async fn away(bench: Bench, outage: Outage) -> Result<Vec<Verdict>> {
    let engines = Engines::start().await?;
    let mut fleet = Fleet::new(&bench.binary, &bench.folder, &engines, 1)?;
    fleet.be_patient();
    // Whose process is killed is reached without one, as ever.
    let network = match outage {
        Outage::Killed => None,
        Outage::Partitioned => Some(super::between(&engines, &mut fleet, Engine::Nats)),
    };
    let mut world = World::of(&bench, engines, fleet).await?;
    let rates = rates(bench.short);
    let workload = Workload::start(&world.site, world.folder(), outage.name(), rates).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let gone = Instant::now();
    let length = Duration::from_secs(if bench.short { 5 } else { 60 });
    match &network {
        None => world.engines.kill(Engine::Nats).await?,
        Some(network) => network.fall_silent(),
    }
    tokio::time::sleep(length).await;
    let held = waiting(&world, now_ms()?).await?;
    match &network {
        None => world.engines.restart(Engine::Nats).await?,
        Some(network) => network.heal(),
    }
    let back = Instant::now();
    let drained = drained(&world, now_ms()?).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;
    let failed = done.tally.failed.iter();
    let failed = failed.filter(|failed| failed.sent >= gone);
    let meanwhile = done.tally.failed.iter();
    let meanwhile = meanwhile.filter(|failed| (gone..back).contains(&failed.sent));
    let meanwhile = meanwhile.count();
    let (late, refused): (Vec<_>, Vec<_>) =
        failed.partition(|failed| failed.failure.is_by_deadline());
    let written = done.tally.succeeded_between(Call::Generate, gone, back);
    ensure!(held > 0, "nothing waited for NATS, so nothing was shown");
    Ok(Row::new(
        outage.name(),
        format!("{} for {} s", outage.about(), length.as_secs()),
    )
    .at_most(
        "requests that failed meanwhile, other than by a deadline",
        f64::from(u32::try_from(refused.len())?),
        0.0,
        format!(
            "{written} generations acknowledged meanwhile, {meanwhile} requests failed; {}",
            done.tally
        ),
    )
    .at_most(
        "requests that missed a deadline meanwhile",
        f64::from(u32::try_from(late.len())?),
        0.0,
        String::new(),
    )
    .timed()
    .within(
        "s until the outboxes were empty, after it was back",
        drained,
        DRAINED_WITHIN,
        format!("{held} rows had waited"),
    )
    .checked(&problems)
    .verdicts())
}

/// Hears of covers, and is away while what it should hear is lost.
const LISTENER: Replica = Replica::first("notification");
const STREAM: &str = "cover";
/// Longest wait until the log has everything again.
const REFILLED_WITHIN: Duration = Duration::from_secs(30);

async fn rewound(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start_with(&bench, 1, Fleet::be_patient).await?;
    let workload =
        Workload::start(&world.site, world.folder(), "rewound", rates(bench.short)).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    let kept = world.folder().join("older");
    let data = world.engines.folder(Engine::Nats).join("jetstream");
    world.engines.kill(Engine::Nats).await?;
    copy(&data, &kept)?;
    world.engines.restart(Engine::Nats).await?;

    world.fleet.kill(LISTENER).await?;
    let window = Duration::from_secs(if bench.short { 4 } else { 120 });
    let begun = Instant::now();
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    tokio::time::sleep(window.saturating_sub(begun.elapsed())).await;
    drained(&world, now_ms()?).await?;
    let had = last_sequence(&world).await?;

    world.engines.kill(Engine::Nats).await?;
    std::fs::remove_dir_all(&data)?;
    copy(&kept, &data)?;
    let sent = sent(&world).await?;
    world.engines.restart(Engine::Nats).await?;
    let back = Instant::now();
    let lost = {
        let held = held(&world).await?;
        sent.iter().filter(|id| !held.contains(*id)).count()
    };
    ensure!(lost > 0, "nothing was lost, so nothing was shown");
    let refilled = loop {
        let held = held(&world).await?;
        if sent.iter().all(|id| held.contains(id)) {
            break back.elapsed();
        }
        // Far past the target, so that a miss is a figure and not an error.
        ensure!(
            back.elapsed() < REFILLED_WITHIN * 4,
            "the log is not refilled"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    let done = workload.stop().await?;
    world.fleet.start(LISTENER).await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;
    Ok(Row::new(
        "nats-rewound",
        format!(
            "NATS loses its last {} s",
            begun.elapsed().min(window).as_secs()
        ),
    )
    .within(
        "s until its log had all again, after it was back",
        refilled,
        REFILLED_WITHIN,
        format!(
            "of {had} events of covers {lost} or more were gone; {}",
            done.tally
        ),
    )
    .checked(&problems)
    .verdicts())
}

async fn last_sequence(world: &World) -> Result<u64> {
    let events = world.events().await?;
    Ok(events.stream_info(STREAM).await?.last_sequence)
}

/// Ids of cover's events that its outbox takes for sent.
async fn sent(world: &World) -> Result<BTreeSet<String>> {
    let sent = "SELECT id FROM outbox WHERE kind = 'event' AND sent_at_ms IS NOT NULL";
    let rows = world.engines.databases().rows(STREAM, sent).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Ids of the events that the log holds.
async fn held(world: &World) -> Result<BTreeSet<String>> {
    let events = world.events().await?;
    let mut held = BTreeSet::new();
    let mut from = Position::Beginning;
    loop {
        let page = events.read(STREAM, from, 1_000).await?;
        let Some(last) = page.last() else { break };
        from = Position::Sequence(last.sequence + 1);
        let ids = page.iter().map(|stored| stored.record.id);
        held.extend(ids.map(|id| EventId::from_uuid(id).to_string()));
    }
    Ok(held)
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn now_ms() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())
}

/// Rows of all outboxes that were appended before a time and are not sent.
async fn waiting(world: &World, before_ms: u128) -> Result<usize> {
    let databases = world.engines.databases();
    let unsent =
        format!("SELECT id FROM outbox WHERE sent_at_ms IS NULL AND occurred_at_ms <= {before_ms}");
    let mut rows = 0;
    for service in SERVICES {
        rows += databases.rows(service, &unsent).await?.len();
    }
    Ok(rows)
}

/// How long it takes until nothing waits that was appended before a time.
async fn drained(world: &World, before_ms: u128) -> Result<Duration> {
    let since = Instant::now();
    loop {
        let rows = waiting(world, before_ms).await?;
        if rows == 0 {
            return Ok(since.elapsed());
        }
        // Far past the promise, so that a miss is a figure and not an error.
        ensure!(
            since.elapsed() < DRAINED_WITHIN * 10,
            "{rows} rows are stuck"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
