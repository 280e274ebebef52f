//! Connections that stay open and carry nothing, between two services and to
//! each engine; and a process that is stopped where it stands.

use std::time::Duration;

use anyhow::{Result, ensure};
use covergen_testkit::Proxy;
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

use super::{Bench, Scenario, World};
use crate::engines::{Engine, Engines};
use crate::fleet::{Fleet, Replica, WEB};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "half-open",
    about: "connections that carry nothing any more, and a service stopped where it stands",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 1,
    reads: 15,
    ..Rates::NONE
};
/// The promise.
const REPLACED_WITHIN: Duration = Duration::from_secs(15);
const STOPPED: Replica = Replica::first("cover");

/// One network that can be broken.
struct Line {
    name: &'static str,
    proxy: Proxy,
}

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let engines = Engines::start().await?;
    let mut fleet = Fleet::new(&bench.binary, &bench.folder, &engines, 1)?;
    let lines = lay(&engines, &mut fleet);
    let mut world = World::of(&bench, engines, fleet).await?;
    let workload = Workload::start(&world.site, world.folder(), "half-open", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let mut row = Row::new(
        "half-open",
        "every open connection carries nothing any more; SIGSTOP",
    );
    for line in &lines {
        let before = line.proxy.opened();
        let stranded = Instant::now();
        line.proxy.strand();
        // Longer than the promise, so that a later failure would be seen.
        sleep(REPLACED_WITHIN * 2).await;
        ensure!(line.proxy.opened() > before, "{} is as it was", line.name);
        row = row.within(
            &format!("s until the last failure: {}", line.name),
            last_failure(&workload, stranded),
            REPLACED_WITHIN,
            format!("{} connections since", line.proxy.opened() - before),
        );
    }
    world.fleet.freeze(STOPPED)?;
    sleep(Duration::from_secs(20)).await;
    world.fleet.thaw(STOPPED)?;
    let thawed = Instant::now();
    sleep(REPLACED_WITHIN * 2).await;
    row = row.within(
        "s until the last failure, after a service stopped for 20 s went on",
        last_failure(&workload, thawed),
        REPLACED_WITHIN,
        String::new(),
    );

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let other = done.tally.failed.iter().filter(|failed| {
        // Refused as unavailable, or ended by the deadline.
        !matches!(failed.failure.answered, Some(503 | 504))
    });
    Ok(row
        .at_most(
            "failures that were told neither as unavailable nor as too late",
            f64::from(u32::try_from(other.count())?),
            0.0,
            done.tally.to_string(),
        )
        .checked(&problems)
        .verdicts())
}

/// Puts proxies between the web BFF and cover, and before each engine.
fn lay(engines: &Engines, fleet: &mut Fleet) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(cover) = fleet.addresses("cover").first() {
        let proxy = Proxy::before(cover);
        fleet.route(WEB, "cover", &[proxy.url(cover)]);
        lines.push(Line {
            name: "the web BFF to cover",
            proxy,
        });
    }
    for (name, engine) in [
        ("services to PostgreSQL", Engine::Postgres),
        ("services to NATS", Engine::Nats),
        ("services to Redis", Engine::Redis),
    ] {
        let proxy = super::between(engines, fleet, engine);
        lines.push(Line { name, proxy });
    }
    lines
}

fn last_failure(workload: &Workload, since: Instant) -> Duration {
    let tally = workload.tally();
    let failures = [Call::Generate, Call::Read, Call::Register]
        .into_iter()
        .filter_map(|call| tally.last_failure(call, since));
    failures.max().map_or(Duration::ZERO, |last| last - since)
}
