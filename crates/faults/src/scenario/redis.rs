//! Redis is stopped where it stands, then killed, and comes back. What is read
//! is right all the while and hardly slower, and who signs out is out.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

use super::{Bench, Scenario, World};
use crate::engines::Engine;
use crate::person::Person;
use crate::verdict::{Row, Verdict};
use crate::workload::{Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "redis-away",
    about: "Redis frozen under load, then killed, then back",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 1,
    reads: 15,
    ..Rates::NONE
};
/// The promise: times the healthy 99th percentile.
const SLOWER: f64 = 2.0;
/// For the word that somebody signed out.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 1).await?;
    let workload = Workload::start(&world.site, world.folder(), "redis-away", RATES).await?;
    workload.acknowledged(2, Duration::from_secs(60)).await?;
    let window = Duration::from_secs(if bench.short { 30 } else { 120 });

    let healthy = Instant::now();
    sleep(window).await;
    let leaver = Person::register(&world.site, "redis-leaver").await?;
    let other = Person::register(&world.site, "redis-other").await?;
    let frozen = Instant::now();
    world.engines.freeze(Engine::Redis)?;
    sleep(window).await;
    let while_frozen = signed_out(&leaver).await?;
    world.engines.thaw(Engine::Redis)?;
    let gone = Instant::now();
    world.engines.kill(Engine::Redis).await?;
    sleep(window).await;
    let while_gone = signed_out(&other).await?;
    let back = Instant::now();
    world.engines.restart(Engine::Redis).await?;
    workload.acknowledged(2, Duration::from_secs(60)).await?;

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let tally = &done.tally;
    let p99 = |from, to| tally.read_ms(0.99, from, to).context("nobody read");
    let before = p99(healthy, healthy + window)?;
    let refused = tally.failed.iter().filter(|f| f.sent >= frozen).count();
    let mut row = Row::new(
        "redis-away",
        format!("Redis frozen, then killed, {} s each", window.as_secs()),
    )
    .at_most(
        "requests that failed meanwhile",
        f64::from(u32::try_from(refused)?),
        0.0,
        tally.to_string(),
    );
    for (what, from, to) in [("frozen", frozen, gone), ("gone", gone, back)] {
        let then = p99(from, to)?;
        row = row.at_most(
            &format!("times the healthy p99 of reads while {what}"),
            (then / before * 100.0).round() / 100.0,
            SLOWER,
            format!("{then:.1} ms and {before:.1} ms"),
        );
    }
    Ok(row
        .within(
            "s until a token of a session that ended was refused elsewhere",
            while_frozen.max(while_gone),
            TOLD_WITHIN,
            "signed out once while it was frozen, once while it was gone",
        )
        .checked(&problems)
        .verdicts())
}

/// Somebody signs out with auth; how long the BFF, which is another process,
/// still takes the access token.
async fn signed_out(person: &Person) -> Result<Duration> {
    person.get("/users/me/quota").await?;
    person.sign_out().await?;
    let since = Instant::now();
    loop {
        match person.get("/users/me/quota").await {
            Err(failure) if failure.answered == Some(401) => return Ok(since.elapsed()),
            Err(failure) => return Err(failure.into()),
            Ok(_) => ensure!(
                since.elapsed() < TOLD_WITHIN * 6,
                "a session that ended lets in"
            ),
        }
        sleep(Duration::from_millis(20)).await;
    }
}
