//! PostgreSQL dies under load and comes back.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World};
use crate::engines::Engine;
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "database-restart",
    about: "PostgreSQL killed under load and started again",
    run: |bench| run(bench).boxed(),
};

/// Little enough for a machine with other work: what fails fails because of
/// PostgreSQL.
fn rates(short: bool) -> Rates {
    Rates {
        generations: if short { 1 } else { 2 },
        reads: if short { 5 } else { 20 },
        ..Rates::NONE
    }
}

const AWAY: Duration = Duration::from_secs(3);
/// The promise.
const RECOVERED_WITHIN: Duration = Duration::from_secs(5);

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 1).await?;
    let workload =
        Workload::start(&world.site, world.folder(), "database", rates(bench.short)).await?;
    let restarts = if bench.short { 1 } else { 5 };
    let (mut slowest, mut longest) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..restarts {
        workload.acknowledged(4, Duration::from_secs(60)).await?;
        let gone = Instant::now();
        world.engines.kill(Engine::Postgres).await?;
        tokio::time::sleep(AWAY).await;
        world.engines.restart(Engine::Postgres).await?;
        let back = Instant::now();
        longest = longest.max(back - gone);
        // Longer than the promise, so that a later failure would be seen.
        tokio::time::sleep(RECOVERED_WITHIN * 2).await;
        let tally = workload.tally();
        for call in [Call::Generate, Call::Read, Call::Register] {
            if let Some(failed) = tally.last_failure(call, back) {
                slowest = slowest.max(failed - back);
            }
        }
    }
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;
    let failed = &done.tally.failed;
    ensure!(!failed.is_empty(), "nobody noticed, so nothing was shown");
    let other = failed.iter().filter(|f| f.failure.answered != Some(503));
    let other = other.count();
    Ok(Row::new(
        "database-restart",
        format!("PostgreSQL killed under load, {restarts} times"),
    )
    .at_most(
        "failures that were not told as unavailable",
        f64::from(u32::try_from(other)?),
        0.0,
        done.tally.to_string(),
    )
    .within(
        "s until the last failure, after it was back",
        slowest,
        RECOVERED_WITHIN,
        format!("it was away for up to {:.1} s", longest.as_secs_f64()),
    )
    .checked(&problems)
    .verdicts())
}
