//! `kill -9` at random.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use futures::FutureExt as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;

use super::steps::{ENDED_WITHIN, RATES, settled, tell};
use super::{Bench, Scenario, World};
use crate::fleet::Replica;
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, PATIENCE, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "kill-random",
    about: "kill -9 any process at any time, again and again",
    run: |bench| run(bench).boxed(),
};

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let (short, kills) = (bench.short, if bench.short { 5 } else { 60 });
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos();
    let mut chance = StdRng::seed_from_u64(u64::from(seed));
    let mut world = World::start_with(&bench, 1, |fleet| tell(fleet, short)).await?;
    world.allow_everything().await?;
    let workload = Workload::start(&world.site, world.folder(), "random", RATES).await?;
    workload.acknowledged(2, Duration::from_secs(60)).await?;
    let replicas: Vec<Replica> = world.fleet.replicas();
    for _ in 0..kills {
        let replica = replicas[chance.random_range(0..replicas.len())];
        let (before, after) = (chance.random_range(0..1_500), chance.random_range(0..1_500));
        world.fleet.kill(replica).await?;
        tokio::time::sleep(Duration::from_millis(before)).await;
        world.fleet.start(replica).await?;
        tokio::time::sleep(Duration::from_millis(after)).await;
    }
    let took = settled(&world, &workload, Instant::now()).await?;
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;
    let generations = done.tally.succeeded(Call::Generate);
    let (exports, bulks) = (done.exports.len(), done.bulks.len());
    Ok(Row::new("kill-random", "kill -9 any process, at random")
        .within(
            "s until all acknowledged work ended, after the last restart",
            took,
            ENDED_WITHIN,
            format!(
                "{kills} kills, seed {seed}, {generations} generations, {exports} exports and \
                 {bulks} bulks acknowledged"
            ),
        )
        .checked(&problems)
        .verdicts())
}
