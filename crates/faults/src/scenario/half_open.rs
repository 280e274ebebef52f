//! Connections that stay open and carry nothing, and connections that are reset,
//! between two services and to each engine; and a process that is stopped where
//! it stands.

use std::time::Duration;

use anyhow::{Result, ensure};
use covergen_testkit::Proxy;
use futures::FutureExt as _;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Bench, Scenario, World};
use crate::engines::{Engine, Engines};
use crate::fleet::{Fleet, Replica, WEB};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Failed, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "half-open",
    about: "connections that carry nothing any more or are reset, and a service stopped where it stands",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 1,
    reads: 15,
    ..Rates::NONE
};
/// The promise.
const REPLACED_WITHIN: Duration = Duration::from_secs(15);
/// So long nothing is done after a fault: longer than the promise, so that a
/// later failure would be seen.
const WATCHED: Duration = Duration::from_secs(30);
/// The same after a reset, which everybody is told of at once.
const WATCHED_AFTER_RESET: Duration = Duration::from_secs(18);
/// Between two looks for a new connection.
const LOOK: Duration = Duration::from_millis(50);
/// What a route of a BFF waits for its answer where its contract says nothing,
/// as is so of all that are asked here (`Exposure.deadline_ms` of
/// `covergen/bff/v1/annotations.proto`). The BFF passes it on, so that it holds
/// for the calls behind it, too.
const FAILED_WITHIN: Duration = Duration::from_secs(10);
const STOPPED: Replica = Replica::first("cover");
const STOPPED_FOR: Duration = Duration::from_secs(20);

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
        "every open connection carries nothing any more, or is reset; SIGSTOP",
    );
    for line in &lines {
        row = strand(row, line, &workload).await?;
    }
    for line in &lines {
        row = reset(row, line, &workload).await?;
    }
    row = freeze(row, &mut world, &workload).await?;

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let problems = world.problems(&done).await?;
    let longest = done.tally.longest_failure();
    let other = done.tally.failed.iter().filter(|failed| {
        // Refused as unavailable, or ended by the deadline.
        !matches!(failed.failure.answered, Some(503 | 504))
    });
    Ok(row
        .within(
            "s that the longest failed request took",
            longest.map_or(Duration::ZERO, |failed| failed.took),
            FAILED_WITHIN,
            longest.map_or_else(String::new, |Failed { call, failure, .. }| {
                format!("{call:?}: {failure}")
            }),
        )
        .at_most(
            "failures that were told neither as unavailable nor as too late",
            f64::from(u32::try_from(other.count())?),
            0.0,
            done.tally.to_string(),
        )
        .checked(&problems)
        .verdicts())
}

/// Nothing passes any more on what is open of a line.
async fn strand(row: Row, line: &Line, workload: &Workload) -> Result<Row> {
    let Line { name, proxy } = line;
    let (before, open) = (proxy.opened(), proxy.open());
    ensure!(open > 0, "nothing is open of {name}");
    let stranded = Instant::now();
    proxy.strand();
    let replaced = loop {
        let waited = stranded.elapsed();
        // A line that stays as it is is a figure, and not an error.
        if proxy.opened() > before || waited >= WATCHED {
            break waited;
        }
        sleep(LOOK).await;
    };
    sleep_until(stranded + WATCHED).await;
    let note = format!("{} connections for {open} since", proxy.opened() - before);
    Ok(row
        .within(
            &format!("s until a new connection: {name}"),
            replaced,
            REPLACED_WITHIN,
            note,
        )
        .within(
            &format!("s until the last failure: {name}"),
            last_failure(workload, stranded),
            REPLACED_WITHIN,
            failures(workload, stranded),
        ))
}

/// What is open of a line is reset.
async fn reset(row: Row, line: &Line, workload: &Workload) -> Result<Row> {
    let Line { name, proxy } = line;
    let (before, open) = (proxy.opened(), proxy.open());
    let at = Instant::now();
    proxy.reset();
    sleep_until(at + WATCHED_AFTER_RESET).await;
    let opened = proxy.opened() - before;
    ensure!(opened > 0, "{name} was not reset, or is not used");
    Ok(row.within(
        &format!("s until the last failure, after a reset: {name}"),
        last_failure(workload, at),
        REPLACED_WITHIN,
        format!(
            "{opened} connections for {open} since; {}",
            failures(workload, at)
        ),
    ))
}

/// A service stands still for a while, and then goes on.
async fn freeze(row: Row, world: &mut World, workload: &Workload) -> Result<Row> {
    world.fleet.freeze(STOPPED)?;
    sleep(STOPPED_FOR).await;
    world.fleet.thaw(STOPPED)?;
    let thawed = Instant::now();
    sleep(WATCHED).await;
    Ok(row.within(
        &format!(
            "s until the last failure, after a service stopped for {} s went on",
            STOPPED_FOR.as_secs()
        ),
        last_failure(workload, thawed),
        REPLACED_WITHIN,
        failures(workload, thawed),
    ))
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

/// How many requests failed that were sent since.
fn failures(workload: &Workload, since: Instant) -> String {
    let tally = workload.tally();
    let failed = tally.failed.iter().filter(|failed| failed.sent >= since);
    format!("{} failed", failed.count())
}
