//! One service answers two seconds late. Whoever does not need it must not
//! notice.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use covergen_testkit::Proxy;
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

use super::{Bench, Scenario, World};
use crate::verdict::{Row, Verdict};
use crate::workload::{Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "slow-dependency",
    about: "safety answers cover two seconds late; everything else goes on",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 1,
    reads: 15,
    ..Rates::NONE
};
/// Each way.
const LATE: Duration = Duration::from_secs(1);
/// The promise: times the 99th percentile of before.
const SLOWER: f64 = 1.5;

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut between = None;
    let world = World::start_with(&bench, 1, |fleet| {
        if let Some(safety) = fleet.addresses("safety").first() {
            let proxy = Proxy::before(safety);
            fleet.route("cover", "safety", &[format!("http://{}", proxy.address())]);
            between = Some(proxy);
        }
    })
    .await?;
    let proxy = between.context("there is no safety")?;
    let workload = Workload::start(&world.site, world.folder(), "slow", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;
    let window = Duration::from_secs(if bench.short { 30 } else { 120 });

    let healthy = Instant::now();
    sleep(window).await;
    let slowed = Instant::now();
    proxy.delay(LATE);
    sleep(window).await;
    let healed = Instant::now();
    proxy.heal();
    workload.acknowledged(4, Duration::from_secs(90)).await?;

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let tally = &done.tally;
    let p99 = |from, to| tally.read_ms(0.99, from, to).context("nobody read");
    let (before, then) = (p99(healthy, slowed)?, p99(slowed, healed)?);
    let is_read = |call| call == crate::workload::Call::Read;
    let failed = tally.failed.iter().filter(|f| is_read(f.call)).count();
    ensure!(proxy.opened() > 0, "nobody asked safety through the proxy");
    Ok(Row::new(
        "slow-dependency",
        format!("safety two seconds late for {} s", window.as_secs()),
    )
    .at_most(
        "times the p99 of other routes before",
        (then / before * 100.0).round() / 100.0,
        SLOWER,
        format!("{then:.1} ms and {before:.1} ms"),
    )
    .at_most(
        "reads of other routes that failed",
        f64::from(u32::try_from(failed)?),
        0.0,
        tally.to_string(),
    )
    .checked(&problems)
    .verdicts())
}
