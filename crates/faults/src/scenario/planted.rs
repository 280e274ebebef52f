//! Faults that the checker must find: what dedupes is taken away and things are
//! done again, what was committed is lost.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use covergen_events::{ConsumerSpec, Position};
use futures::FutureExt as _;

use super::{Bench, Scenario, World};
use crate::fleet::Replica;
use crate::log::Entry;
use crate::planted;
use crate::verdict::{Row, Verdict};
use crate::workload::{Done, PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "planted",
    about: "planted faults, every one of which the checker must find",
    run: |bench| run(bench).boxed(),
};

const TEMPLATE: Replica = Replica::first("template");

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start(&bench, 1).await?;
    let rates = Rates {
        generations: 4,
        reads: 10,
    };
    let workload = Workload::start(&world.site, world.folder(), "planted", rates).await?;
    let some = if bench.short { 6 } else { 30 };
    workload.acknowledged(some, Duration::from_secs(60)).await?;
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let before = world.problems(&done).await?;

    let mut missed = Vec::new();
    let mut count = 0;
    let mut expect = |named: &str, problems: &[String]| {
        count += 1;
        if !problems.iter().any(|problem| problem.contains(named)) {
            missed.push(format!("`{named}` is not in {problems:?}"));
        }
    };
    // What was told to the template service is told to it again, and the inbox
    // has forgotten.
    rewind(&mut world, Position::Beginning, "DELETE FROM inbox").await?;
    let counted = eventually(&world, &done, "were counted as").await?;
    expect("were counted as", &counted);
    // It is acknowledged for the service, which never sees it: what an
    // acknowledgement before the commit would come to.
    rewind(&mut world, Position::End, "DELETE FROM template_popularity").await?;
    expect("counted as 0", &world.problems_now(&done).await?);
    // A key is sent again whose claim is forgotten.
    repeat_unclaimed(&world, &done).await?;
    expect("became 2 tasks", &world.problems_now(&done).await?);

    let databases = world.engines.databases();
    for planted in planted::ROWS {
        planted.plant(&databases).await?;
        expect(planted.named, &world.problems_now(&done).await?);
    }
    let unseen = f64::from(u32::try_from(missed.len())?);
    Ok(Row::new(
        "planted",
        "dedupe off, acknowledged before the commit, rows lost",
    )
    .checked(&before)
    .at_most(
        "planted faults that the checker does not see",
        unseen,
        0.0,
        if missed.is_empty() {
            format!("{count} planted")
        } else {
            missed.join("; ")
        },
    )
    .verdicts())
}

/// Moves the template service's consumer of covers, and changes what it keeps.
async fn rewind(world: &mut World, to: Position, sql: &str) -> Result<()> {
    world.fleet.kill(TEMPLATE).await?;
    let events = world.events().await?;
    let spec = ConsumerSpec::new("cover", "template");
    events.rewind(&spec, to).await?;
    world.engines.databases().change("template", sql).await?;
    world.fleet.start(TEMPLATE).await
}

async fn eventually(world: &World, done: &Done, named: &str) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for _ in 0..100 {
        problems = world.problems_now(done).await?;
        if problems.iter().any(|problem| problem.contains(named)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(problems)
}

async fn repeat_unclaimed(world: &World, done: &Done) -> Result<()> {
    let acknowledged = |entry| match entry {
        Entry::Acknowledged { key, task } => Some((key, task)),
        _ => None,
    };
    let entries = done.log().entries()?;
    let (key, task) = entries
        .iter()
        .cloned()
        .find_map(acknowledged)
        .context("nothing was acknowledged")?;
    let title = entries.iter().find_map(|entry| match entry {
        Entry::Asked {
            key: known, title, ..
        } if *known == key => Some(title.clone()),
        _ => None,
    });
    let owner = done.tasks.iter().find(|(_, known)| *known == task);
    let (owner, _) = owner.context("the task has no owner")?;
    let title = title.context("the key was never asked")?;
    let again = owner.generate(&key, &title).await?;
    ensure!(again == task, "a repeated key led to another task");
    let databases = world.engines.databases();
    databases
        .change("cover", "DELETE FROM idempotency_claims")
        .await?;
    let other = owner.generate(&key, &title).await?;
    ensure!(
        other != task,
        "without its claim the key led to the same task"
    );
    Ok(())
}
