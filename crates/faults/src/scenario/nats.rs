//! NATS goes away under load and comes back: with everything it had, or
//! without the last minutes of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World, seconds};
use crate::engines::Engine;
use crate::fleet::SERVICES;
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Rates, Workload};

pub(super) const AWAY: Scenario = Scenario {
    name: "nats-away",
    about: "NATS killed under load, then back",
    run: |bench| away(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 20,
};
/// The promise.
const DRAINED_WITHIN: Duration = Duration::from_secs(10);

async fn away(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 1).await?;
    let workload = Workload::start(&world.site, world.folder(), "nats-away", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let gone = Instant::now();
    let outage = Duration::from_secs(if bench.short { 5 } else { 60 });
    world.engines.kill(Engine::Nats).await?;
    tokio::time::sleep(outage).await;
    let held = waiting(&world, now_ms()?).await?;
    world.engines.restart(Engine::Nats).await?;
    let back = Instant::now();
    let drained = drained(&world, now_ms()?).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let refused = done.tally.failed.iter();
    let refused = refused.filter(|failed| failed.sent >= gone).count();
    let written = done.tally.succeeded_between(Call::Generate, gone, back);
    ensure!(held > 0, "nothing waited for NATS, so nothing was shown");
    Ok(Row::new(
        "nats-away",
        format!("NATS killed under load for {} s", outage.as_secs()),
    )
    .at_most(
        "requests that failed meanwhile",
        f64::from(u32::try_from(refused)?),
        0.0,
        format!(
            "{written} generations acknowledged meanwhile; {}",
            done.tally
        ),
    )
    .at_most(
        "s until the outboxes were empty, after it was back",
        seconds(drained),
        seconds(DRAINED_WITHIN),
        format!("{held} rows had waited"),
    )
    .checked(&problems)
    .verdicts())
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
