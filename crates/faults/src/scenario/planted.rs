//! Faults that the checker must find: what dedupes is taken away and things are
//! done again, what was committed is lost.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use covergen_events::{ConsumerSpec, Position, Record, Subject};
use covergen_objects::Key;
use futures::FutureExt as _;
use uuid::Uuid;

use super::{Bench, SETTLED_WITHIN, Scenario, World};
use crate::fleet::Replica;
use crate::log::Entry;
use crate::planted::{self, are_in};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Done, PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "planted",
    about: "planted faults, every one of which the checker must find",
    run: |bench| run(bench).boxed(),
};

const TEMPLATE: Replica = Replica::first("template");
/// Hears of covers, and is not needed to make any.
const NOTIFICATION: Replica = Replica::first("notification");

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let world = World::start(&bench, 1).await?;
    world.allow_everything().await?;
    let rates = Rates {
        generations: 4,
        reads: 10,
        exports: 4,
        bulks_a_minute: 60,
    };
    let workload = Workload::start(&world.site, world.folder(), "planted", rates).await?;
    let (some, others) = if bench.short { (6, 2) } else { (30, 10) };
    for (call, count) in [
        (Call::Generate, some),
        (Call::Export, others),
        (Call::Bulk, others),
    ] {
        workload
            .acknowledged_of(call, count, Duration::from_secs(60))
            .await?;
    }
    let done = workload.stop().await?;
    done.ended(PATIENCE).await?;
    let before = world.problems(&done).await?;

    let mut bed = Bed {
        world,
        done,
        count: 0,
        missed: Vec::new(),
    };
    bed.acknowledge_before_the_commit().await?;
    bed.forget_what_was_handled().await?;
    bed.forget_claims().await?;
    bed.lose_an_object().await?;
    bed.tell_nonsense().await?;
    let databases = bed.world.engines.databases();
    let planted = planted::MORE_WORK.iter().chain(planted::ROWS);
    for planted in planted.chain(planted::LOGGED_ROWS) {
        for named in planted.named {
            bed.expect_not_yet(named).await?;
        }
        planted.plant(&databases).await?;
        bed.expect_all(planted.named).await?;
    }
    let unseen = f64::from(u32::try_from(bed.missed.len())?);
    Ok(Row::new(
        "planted",
        "dedupe off, acknowledged before the commit, rows lost",
    )
    .checked(&before)
    .at_most(
        "planted faults that the checker does not see",
        unseen,
        0.0,
        if bed.missed.is_empty() {
            format!("{} planted", bed.count)
        } else {
            bed.missed.join("; ")
        },
    )
    .verdicts())
}

/// Where faults are planted.
struct Bed {
    world: World,
    done: Done,
    /// Planted so far.
    count: usize,
    /// What of it the checker did not see.
    missed: Vec<String>,
}

impl Bed {
    /// What a fault is named for is not named before it is planted, once what
    /// is under way has come to its end.
    async fn expect_not_yet(&self, named: &str) -> Result<()> {
        let problems = self.eventually(|found| !is_in(found, named)).await?;
        ensure!(
            !is_in(&problems, named),
            "`{named}` is named before it is planted: {problems:?}"
        );
        Ok(())
    }

    /// What was planted is named.
    async fn expect(&mut self, named: &str) -> Result<()> {
        self.expect_all(&[named]).await
    }

    /// What was planted is named in all these ways.
    async fn expect_all(&mut self, named: &[&str]) -> Result<()> {
        self.count += 1;
        let problems = self.eventually(|found| are_in(named, found)).await?;
        if !are_in(named, &problems) {
            self.missed
                .push(format!("{named:?} is not in {problems:?}"));
        }
        Ok(())
    }

    /// What the checker finds once it is as wanted, or in the end.
    async fn eventually(&self, is_wanted: impl Fn(&[String]) -> bool) -> Result<Vec<String>> {
        let deadline = tokio::time::Instant::now() + SETTLED_WITHIN;
        loop {
            let problems = self.world.problems_now(&self.done).await?;
            if is_wanted(&problems) || tokio::time::Instant::now() > deadline {
                return Ok(problems);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A service acknowledges an event and dies before it has committed what
    /// comes of it: the event is in the log, and the consumer is past it.
    async fn acknowledge_before_the_commit(&mut self) -> Result<()> {
        let named = "was noticed 0 times";
        self.expect_not_yet(named).await?;
        self.world.fleet.kill(NOTIFICATION).await?;
        let (owner, _) = self.done.tasks.last().context("nobody has a task")?;
        let task = owner.generate("planted-unseen", "planted unseen").await?;
        let status = owner.ended(&task, PATIENCE).await?;
        ensure!(status == "SUCCEEDED", "{task}: {status}");
        let unsent = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
        self.world
            .until_none("cover", unsent, SETTLED_WITHIN)
            .await?;
        self.rewind(NOTIFICATION, Position::End).await?;
        self.world.fleet.start(NOTIFICATION).await?;
        self.expect(named).await?;
        // Delivered again it is handled, so that the next one begins anew.
        self.world.fleet.kill(NOTIFICATION).await?;
        self.rewind(NOTIFICATION, Position::Beginning).await?;
        self.world.fleet.start(NOTIFICATION).await?;
        self.expect_not_yet(named).await
    }

    /// What was told to the template service is told to it again, and the inbox
    /// has forgotten.
    async fn forget_what_was_handled(&mut self) -> Result<()> {
        let named = "were counted as";
        self.expect_not_yet(named).await?;
        self.world.fleet.kill(TEMPLATE).await?;
        self.rewind(TEMPLATE, Position::Beginning).await?;
        let databases = self.world.engines.databases();
        databases.change("template", "DELETE FROM inbox").await?;
        self.world.fleet.start(TEMPLATE).await?;
        self.expect(named).await
    }

    /// A key is sent again whose claim is forgotten.
    async fn forget_claims(&mut self) -> Result<()> {
        let named = "became 2 tasks";
        self.expect_not_yet(named).await?;
        repeat_unclaimed(&self.world, &self.done).await?;
        self.expect(named).await
    }

    /// An object goes that an asset needs.
    async fn lose_an_object(&mut self) -> Result<()> {
        let databases = self.world.engines.databases();
        let one = "SELECT MAX(object_key) AS object_key FROM assets";
        let rows = databases.rows("media", one).await?;
        let row = rows.first().context("nothing is stored")?;
        let key = Key::parse(&row.try_get::<String>("", "object_key")?)?;
        let named = covergen_objects::Error::NotFound(key.clone()).to_string();
        self.expect_not_yet(&named).await?;
        self.world.objects.delete(&key).await?;
        self.expect(&named).await
    }

    /// An event that nobody can read, which whoever listens gives up.
    async fn tell_nonsense(&mut self) -> Result<()> {
        let named = "dead letters";
        self.expect_not_yet(named).await?;
        let subject = Subject::new("cover", "Planted", "planted")?;
        // No envelope begins like this.
        let nonsense = Record::new(Uuid::now_v7(), subject, vec![0xff; 8]);
        self.world.events().await?.publish(vec![nonsense]).await?;
        self.expect(named).await
    }

    /// Moves a service's consumer of covers.
    async fn rewind(&self, replica: Replica, to: Position) -> Result<()> {
        let events = self.world.events().await?;
        let spec = ConsumerSpec::new("cover", replica.name);
        Ok(events.rewind(&spec, to).await?)
    }
}

fn is_in(problems: &[String], named: &str) -> bool {
    are_in(&[named], problems)
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
    owner.ended(&other, PATIENCE).await?;
    Ok(())
}
