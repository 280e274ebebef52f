//! Every replica is restarted by SIGTERM, one after the other, under load, and
//! nobody notices.

use std::time::Duration;

use anyhow::Result;
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World, seconds};
use crate::fleet::{Replica, WEB};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "rolling-restart",
    about: "two replicas of everything, restarted by SIGTERM one after the other",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 100,
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

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 2).await?;
    let workload = Workload::start(&world.site, world.folder(), "rolling", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    let restarts = if bench.short {
        SHORT.to_vec()
    } else {
        world.fleet.replicas()
    };
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    let enough = if bench.short { 0 } else { ENOUGH as usize };
    let mut restarted = 0;
    // Once round at least; as often as it takes for enough requests.
    while restarted == 0 || workload.tally().sent() < enough {
        for replica in &restarts {
            let asked = Instant::now();
            let failed = workload.tally().failed.len();
            world.fleet.stop(*replica).await?;
            let took = asked.elapsed();
            slowest = slowest.max(took);
            world.fleet.start(*replica).await?;
            restarted += 1;
            // Another rollout waits for this one to be ready, and so for the
            // balancer to see it.
            world.balanced().await?;
            let failed = workload.tally().failed.len() - failed;
            eprintln!(
                "  {replica}: stopped in {:.1} s, {failed} failed",
                seconds(took)
            );
        }
    }
    let lasted = begun.elapsed();
    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let tally = &done.tally;
    let row = Row::new(
        "rolling-restart",
        format!(
            "{restarted} rolling restarts by SIGTERM in {:.0} s",
            lasted.as_secs_f64()
        ),
    )
    .at_most(
        "requests that failed",
        f64::from(u32::try_from(tally.failed.len())?),
        0.0,
        format!(
            "{} reads, {} generations; {tally}; slowest stop {:.1} s",
            tally.succeeded(Call::Read),
            tally.succeeded(Call::Generate),
            seconds(slowest),
        ),
    );
    let row = if bench.short {
        row
    } else {
        let sent = f64::from(u32::try_from(tally.sent())?);
        row.at_least("requests", sent, f64::from(ENOUGH), "")
    };
    Ok(row.checked(&problems).verdicts())
}
