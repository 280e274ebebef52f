//! Every replica is restarted by SIGTERM, one after the other, under load, and
//! nobody notices.

use std::time::Duration;

use anyhow::Result;
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World};
use crate::fleet::{Replica, WEB};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "rolling-restart",
    about: "two replicas of everything, restarted by SIGTERM one after the other",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 100,
    ..Rates::NONE
};
/// Replicas that the short form restarts.
const SHORT: [Replica; 4] = [
    Replica::first("user"),
    Replica::first("task"),
    Replica::first("cover"),
    Replica::first(WEB),
];
/// What a row of this size is about.
const ENOUGH: u32 = 10_000;

/// What was seen of the restarts.
struct Seen {
    begun: Instant,
    restarts: u32,
    slowest: Duration,
}

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 2).await?;
    let workload = Workload::start(&world.site, world.folder(), "rolling", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    let seen = if bench.short {
        roll(&mut world, &workload, &SHORT, 0).await?
    } else {
        let all = world.fleet.replicas();
        roll(&mut world, &workload, &all, ENOUGH as usize).await?
    };
    let lasted = seen.begun.elapsed();
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;

    let tally = &done.tally;
    // What failed before is none of the restarts' doing.
    let failed = tally.failed.iter();
    let failed = failed.filter(|failed| failed.sent >= seen.begun).count();
    let fault = format!(
        "{} rolling restarts by SIGTERM in {:.0} s",
        seen.restarts,
        lasted.as_secs_f64()
    );
    let note = format!(
        "{} reads, {} generations; {tally}; slowest stop {:.1} s",
        tally.succeeded(Call::Read),
        tally.succeeded(Call::Generate),
        seen.slowest.as_secs_f64(),
    );
    let failed = f64::from(u32::try_from(failed)?);
    let row = Row::new("rolling-restart", fault).at_most("requests that failed", failed, 0.0, note);
    let row = if bench.short {
        row
    } else {
        let sent = f64::from(u32::try_from(tally.sent())?);
        row.at_least("requests", sent, f64::from(ENOUGH), "")
    };
    Ok(row.checked(&problems).verdicts())
}

/// Restarts each, again and again until enough was asked for.
async fn roll(
    world: &mut World,
    workload: &Workload,
    replicas: &[Replica],
    enough: usize,
) -> Result<Seen> {
    let mut seen = Seen {
        begun: Instant::now(),
        restarts: 0,
        slowest: Duration::ZERO,
    };
    while seen.restarts == 0 || workload.tally().sent() < enough {
        for replica in replicas {
            let (asked, before) = (Instant::now(), workload.tally().failed.len());
            world.fleet.stop(*replica).await?;
            let took = asked.elapsed();
            seen.slowest = seen.slowest.max(took);
            world.fleet.start(*replica).await?;
            seen.restarts += 1;
            // Another rollout waits for this one to be ready, and so for the
            // balancer to see it.
            world.balanced().await?;
            let failed = workload.tally().failed.len() - before;
            let took = took.as_secs_f64();
            eprintln!("  {replica}: stopped in {took:.1} s, {failed} failed");
        }
    }
    Ok(seen)
}
