//! Everybody's certificates change under load, then the authority behind them,
//! and whoever still shows one of the old authority is refused.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

use super::{Bench, Scenario, World};
use crate::fleet::{Authority, Replica, WEB};
use crate::person::{Failure, Person};
use crate::site::Site;
use crate::verdict::{Row, Verdict};
use crate::workload::{PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "certificate-rotation",
    about: "certificates of a new authority everywhere, and the old one taken away",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 40,
    ..Rates::NONE
};
/// How often a process looks at its files.
const LOOKED_AT_MS: u32 = 500;
/// After so long a connection is made anew, give or take a fifth: none is older
/// than the step before.
const CONNECTION_AGE_MS: u32 = 2_000;
/// Longest wait until everybody has taken something over.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// A BFF that nobody sends people to.
const STRANGER: Replica = Replica { name: WEB, at: 9 };
/// People who try to register with it.
const TRIES: u32 = 10;

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let mut world = World::start_with(&bench, 2, |fleet| {
        fleet.set("MESH__IDENTITY__POLL_MS", LOOKED_AT_MS.to_string());
        fleet.set("RPC__CONNECTION_AGE_MS", CONNECTION_AGE_MS.to_string());
    })
    .await?;
    let workload = Workload::start(&world.site, world.folder(), "rotation", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let begun = Instant::now();
    let authorities = if bench.short { 1 } else { 5 };
    let (mut late, mut present) = (None, None::<Authority>);
    for nth in 1..=authorities {
        let folder = |of: &str| world.folder().join(format!("identity-{of}-{nth}"));
        let signing = present.as_ref().unwrap_or(world.fleet.authority());
        late = Some(signing.copied(&folder("late"))?);
        let next = Authority::found(&bench.binary, &folder("next"))?;
        roll(&world, &next, nth == 1).await?;
        present = Some(next);
    }
    let lasted = begun.elapsed();
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;

    let (before, next) = late.zip(present).context("no authority was replaced")?;
    // It trusts who is there: it is they who refuse.
    before.trust(&next.roots()?)?;
    let refused = answered_of_a_stranger(&mut world, &before, "late").await?;
    let taken = answered_of_a_stranger(&mut world, &next, "timely").await?;
    ensure!(
        taken == TRIES,
        "{taken} of {TRIES} were answered by anybody"
    );

    let failed = done.tally.failed.iter();
    let failed = failed.filter(|failed| failed.sent >= begun).count();
    let fault = format!(
        "certificates renewed, then {authorities} × a new authority, the old one taken away"
    );
    let note = format!("{} in {:.0} s", done.tally, lasted.as_secs_f64());
    Ok(Row::new("certificate-rotation", fault)
        .at_most(
            "requests that failed",
            f64::from(u32::try_from(failed)?),
            0.0,
            note,
        )
        .at_most(
            "requests by way of a certificate of the old authority that were answered",
            f64::from(refused),
            0.0,
            format!("of {TRIES}; {taken} of {TRIES} by way of one of the new"),
        )
        .checked(&problems)
        .verdicts())
}

/// From one authority to the next, as an operator does it.
async fn roll(world: &World, next: &Authority, renews: bool) -> Result<()> {
    let own = world.fleet.authority();
    if renews {
        let seen = renewals(world).await?;
        own.renew()?;
        taken_over(world, &seen).await?;
    }
    let seen = renewals(world).await?;
    let new = next.roots()?;
    own.trust(&format!("{}{new}", own.roots()?))?;
    taken_over(world, &seen).await?;

    let seen = renewals(world).await?;
    own.show(next)?;
    taken_over(world, &seen).await?;

    let seen = renewals(world).await?;
    own.trust(&new)?;
    taken_over(world, &seen).await
}

/// How often each process has taken over what its files say.
async fn renewals(world: &World) -> Result<Vec<u64>> {
    let mut renewals = Vec::new();
    for replica in world.fleet.replicas() {
        let admin = world.fleet.admin(replica).context("no such replica")?;
        let metrics = reqwest::get(format!("{admin}/metrics")).await?;
        let metrics = metrics.error_for_status()?.text().await?;
        let told = metrics.lines().find_map(|line| {
            let is_it =
                line.starts_with("mesh_identity_reloads_total{") && line.contains("applied");
            line.rsplit(' ').next().filter(|_| is_it)
        });
        renewals.push(told.map_or(Ok(0), str::parse)?);
    }
    Ok(renewals)
}

/// Waits until every process has, and every connection was made since.
async fn taken_over(world: &World, before: &[u64]) -> Result<()> {
    let deadline = Instant::now() + TAKEN_WITHIN;
    loop {
        let now = renewals(world).await?;
        if now.iter().zip(before).all(|(now, before)| now > before) {
            break;
        }
        ensure!(Instant::now() < deadline, "{before:?}, and then {now:?}");
        sleep(Duration::from_millis(100)).await;
    }
    sleep(2 * Duration::from_millis(CONNECTION_AGE_MS.into())).await;
    Ok(())
}

/// How many of those were answered who came by a BFF with a certificate of this
/// authority.
async fn answered_of_a_stranger(
    world: &mut World,
    authority: &Authority,
    name: &str,
) -> Result<u32> {
    let fleet = &mut world.fleet;
    fleet.add(STRANGER)?;
    let told = authority.variables(WEB)?.clone();
    for (key, value) in &told {
        fleet.set_variable(STRANGER, key, value);
    }
    fleet.start(STRANGER).await?;
    let address = fleet.address(STRANGER).context("it has a place")?;
    let site = Site::open(vec![address])?;
    let mut answered = 0;
    for at in 0..TRIES {
        match Person::register(&site, &format!("{name}-{at}")).await {
            Ok(_) => answered += 1,
            Err(Failure {
                answered: Some(503 | 504),
                ..
            }) => {}
            Err(other) => return Err(other).context("refused otherwise than as unavailable"),
        }
    }
    fleet.stop(STRANGER).await?;
    for key in told.keys() {
        fleet.unset_variable(STRANGER, key);
    }
    Ok(answered)
}
