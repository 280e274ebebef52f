//! The wall clocks of all processes jump an hour on, then an hour back, in the
//! middle of the work; then one process alone is an hour off. Monotonic time
//! is left as it is, and so is the database's clock.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures::FutureExt as _;

use super::{Bench, Scenario, World};
use crate::fleet::Replica;
use crate::person::Person;
use crate::verdict::{Row, Verdict};
use crate::workload::{Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "clock-jumps",
    about: "wall clocks an hour on, an hour back, and one of them an hour off",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 10,
    ..Rates::NONE
};
const COVER: Replica = Replica::first("cover");

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let library = library()?;
    let mut world = World::start(&bench, 1).await?;
    let mut taken = Vec::new();
    let mut problems = Vec::new();
    let mut note = Vec::new();
    for (at, hours) in [(0, 1), (1, -1)] {
        let name = format!("clock-{at}");
        let workload = Workload::start(&world.site, world.folder(), &name, RATES).await?;
        workload.acknowledged(6, Duration::from_secs(60)).await?;
        let before = Person::register(&world.site, &format!("{name}-before")).await?;
        before.get("/users/me/quota").await?;
        // Without a word, so that leases are held and rows are half done.
        let replicas = world.fleet.replicas();
        for replica in &replicas {
            world.fleet.kill(*replica).await?;
        }
        for replica in &replicas {
            set_clock(&mut world, *replica, &library, hours);
        }
        world.fleet.start_all().await?;
        world.balanced().await?;
        workload.acknowledged(6, Duration::from_secs(60)).await?;
        if takes_a_token(&before, "/users/me/quota").await? {
            taken.push(format!("{hours:+} h: a token was taken"));
        }
        let done = workload.stop().await?;
        // People of before the jump hold tokens that are over: their tasks are
        // looked at in the databases, by the checker.
        problems.extend(world.problems(&done).await?);
        note.push(format!("{hours:+} h: {}", done.tally));
    }
    let right = one_alone(&mut world, &library, &mut taken).await?;

    Ok(Row::new(
        "clock-jumps",
        "wall clocks an hour on, an hour back, one alone an hour off",
    )
    .at_most(
        "tokens taken outside of the leeway",
        f64::from(u32::try_from(taken.len())?),
        0.0,
        taken.join("; "),
    )
    .at_least(
        "calls taken once the clock was right again",
        f64::from(u8::from(right)),
        1.0,
        String::new(),
    )
    .at_most(
        "lost, doubled or inconsistent",
        f64::from(u32::try_from(problems.len())?),
        0.0,
        if problems.is_empty() {
            note.join("; ")
        } else {
            problems.join("; ")
        },
    )
    .verdicts())
}

/// All clocks are right but that of one process. Whether calls are taken once it
/// is right again.
async fn one_alone(world: &mut World, library: &str, taken: &mut Vec<String>) -> Result<bool> {
    for replica in world.fleet.replicas() {
        world.fleet.kill(replica).await?;
        unset_clock(world, replica);
    }
    set_clock(world, COVER, library, 1);
    world.fleet.start_all().await?;
    world.balanced().await?;
    let person = Person::register(&world.site, "clock-alone").await?;
    if takes_a_token(&person, "/covers").await? {
        taken.push("cover alone: a token was taken".to_owned());
    }
    world.fleet.kill(COVER).await?;
    unset_clock(world, COVER);
    world.fleet.start(COVER).await?;
    Ok(eventually(&person).await)
}

/// Whether a token still opens anything. What says nothing of it, such as a
/// service that is not there yet, is asked again for a while.
async fn takes_a_token(person: &Person, path: &str) -> Result<bool> {
    let mut last = String::new();
    for _ in 0..200 {
        let failure = match person.get(path).await {
            Ok(_) => return Ok(true),
            Err(failure) => failure,
        };
        match failure.answered {
            Some(401) => return Ok(false),
            Some(503 | 504) => last = failure.kind,
            _ => bail!("{path}: neither taken nor refused for its token: {failure}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("{path}: neither taken nor refused for its token in the end: {last}")
}

async fn eventually(person: &Person) -> bool {
    for _ in 0..200 {
        if person.get("/covers").await.is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

const VARIABLES: [&str; 3] = ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"];

fn set_clock(world: &mut World, replica: Replica, library: &str, hours: i32) {
    unset_clock(world, replica);
    let values = [library.to_owned(), format!("{hours:+}h"), "1".to_owned()];
    for (key, value) in VARIABLES.into_iter().zip(values) {
        world.fleet.set_variable(replica, key, value);
    }
}

fn unset_clock(world: &mut World, replica: Replica) {
    for key in VARIABLES {
        world.fleet.unset_variable(replica, key);
    }
}

/// The library that answers what time it is.
fn library() -> Result<String> {
    let folders = std::fs::read_dir("/usr/lib").context("there is no /usr/lib")?;
    let mut found = folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .filter(|path: &PathBuf| path.is_file());
    let found = found
        .next()
        .context("this row needs libfaketime: on Debian, apt-get install libfaketime")?;
    Ok(found.display().to_string())
}
