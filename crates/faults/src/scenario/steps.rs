//! `kill -9` at every step of the saga: processes end themselves at named
//! points, under load, and are started again.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::FutureExt as _;
use tokio::time::Instant;

use super::{Bench, Scenario, World};
use crate::fleet::{Fleet, Replica};
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, PATIENCE, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "saga-steps",
    about: "kill -9 at every step of a generation, an export and a row of a bulk, in every process that takes part",
    run: |bench| run(bench).boxed(),
};

/// What the workload asks for while processes die.
pub(super) const RATES: Rates = Rates {
    generations: 1,
    reads: 5,
    exports: 1,
    bulks_a_minute: 12,
};
/// The promise.
pub(super) const ENDED_WITHIN: Duration = Duration::from_secs(30);
/// How long it may take until somebody gets to a point.
const REACHED_WITHIN: Duration = Duration::from_secs(60);
/// Well within the lease of a worker that was killed before.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);

/// Points of the saga's worker and of cover's own transactions and relay.
const COVER: &[&str] = &[
    "commit.before",
    "commit.after",
    "command.before-call",
    "command.called",
    "reserve.before-record",
    "reserve.before-effect",
    "reserve.after-effect",
    "paint.before-record",
    "paint.before-effect",
    "paint.after-effect",
    "charge.before-record",
    "charge.before-effect",
    "charge.after-effect",
    "finish.before-record",
    "finish.before-effect",
    "finish.after-effect",
    "saga.before-finish",
    "saga.finished",
    "events.before-publish",
    "events.published",
];
/// Called and not begun; done, and the answer lost.
const USER: &[&str] = &[
    "ReserveQuota.called",
    "ReserveQuota.answered",
    "ConfirmReservation.called",
    "ConfirmReservation.answered",
    "CommitQuota.called",
    "CommitQuota.answered",
];
const TASK: &[&str] = &[
    "SubmitTask.called",
    "SubmitTask.answered",
    "LeaseTasks.answered",
    "RecordStep.called",
    "RecordStep.answered",
    "RecordStep.answered@3",
    "FinishTask.called",
    "FinishTask.answered",
];
const MEDIA: &[&str] = &["PutAsset.called", "PutAsset.answered"];
/// The saga of an export and its service's own transactions and relay.
const EXPORT: &[&str] = &[
    "Prepare.called",
    "Prepare.answered",
    "commit.before",
    "commit.after",
    "command.before-call",
    "command.called",
    "render.before-record",
    "render.before-effect",
    "render.after-effect",
    "finish.before-record",
    "finish.before-effect",
    "finish.after-effect",
    "saga.before-finish",
    "saga.finished",
    "events.before-publish",
    "events.published",
];
/// A bulk, and the rows that are handed out of it.
const BULK: &[&str] = &[
    "BulkGenerate.called",
    "BulkGenerate.answered",
    "row.before-reserve",
    "row.reserved",
    "row.started",
];
/// The consumers of what cover and export tell.
const CONSUMERS: &[(&str, &str)] = &[
    ("notification", "event.came"),
    ("notification", "event.handled"),
    ("template", "event.came"),
    ("template", "event.handled"),
    ("user", "event.came"),
    ("user", "event.handled"),
];
/// The way back of a task that was asked to stop before its pivot.
const BACK: &[&str] = &[
    "saga.undoing",
    "paint.before-undoing",
    "paint.undone",
    "reserve.before-undoing",
    "reserve.undone",
    "saga.before-finish",
    "saga.finished",
];
/// One of each kind, for the short form.
const SHORT: &[(&str, &str)] = &[
    ("cover", "commit.after"),
    ("cover", "charge.after-effect"),
    ("user", "CommitQuota.answered"),
    ("task", "RecordStep.answered@2"),
    ("export", "render.after-effect"),
    ("cover", "row.reserved"),
];

const WORKER: Replica = Replica::first("cover");

fn points(short: bool) -> Vec<(Replica, &'static str)> {
    let of = |name, points: &[&'static str]| -> Vec<_> {
        points.iter().map(|point| (name, *point)).collect()
    };
    let all: Vec<(&'static str, &'static str)> = if short {
        SHORT.to_vec()
    } else {
        let mut all = of("cover", COVER);
        all.extend(of("user", USER));
        all.extend(of("task", TASK));
        all.extend(of("media", MEDIA));
        all.extend(of("export", EXPORT));
        all.extend(of("cover", BULK));
        all.extend(CONSUMERS);
        all
    };
    let first = |(name, point)| (Replica::first(name), point);
    all.into_iter().map(first).collect()
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    reached: u32,
    slowest: Duration,
    /// Whose restart the slowest followed.
    after: String,
}

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let short = bench.short;
    let mut world = World::start_with(&bench, 1, |fleet| tell(fleet, short)).await?;
    world.allow_everything().await?;
    let workload = Workload::start(&world.site, world.folder(), "steps", RATES).await?;
    workload.acknowledged(2, Duration::from_secs(60)).await?;

    let mut seen = Seen::default();
    let forward = points(short);
    for &(replica, point) in &forward {
        arm(&mut world.fleet, replica, point).await?;
        world.fleet.ended(replica, REACHED_WITHIN).await?;
        disarm(&mut world.fleet, replica);
        recover(&mut world, &workload, &mut seen, replica, point).await?;
    }
    let back = if short { &["paint.undone"][..] } else { BACK };
    for point in back {
        undo(&mut world, &workload, &mut seen, point).await?;
    }
    let done = workload.stop().await?;
    let succeeded = done.ended(PATIENCE).await?;
    let problems = world.problems(&done).await?;

    let points = forward.len() + back.len();
    let generations = done.tally.succeeded(Call::Generate);
    let undone = generations - succeeded;
    let (exports, bulks) = (done.exports.len(), done.bulks.len());
    Ok(Row::new("saga-steps", "kill -9 at every step of the saga")
        .at_least(
            "points at which a process was killed",
            f64::from(seen.reached),
            f64::from(u32::try_from(points)?),
            format!(
                "{generations} generations acknowledged meanwhile, {succeeded} completed, \
                 {undone} compensated; {exports} exports, {bulks} bulks; PostgreSQL and JetStream"
            ),
        )
        .within(
            "s until all acknowledged work ended, from the restart on",
            seen.slowest,
            ENDED_WITHIN,
            seen.after,
        )
        .checked(&problems)
        .verdicts())
}

pub(super) fn tell(fleet: &mut Fleet, short: bool) {
    if short {
        // The long form keeps the lease of ten seconds that is the default.
        fleet.set("SERVICES__TASK__LEASE_MS", "8000");
    }
}

/// Starts a process anew, to end at a point.
async fn arm(fleet: &mut Fleet, replica: Replica, point: &str) -> Result<()> {
    fleet.kill(replica).await?;
    fleet.set_variable(replica, covergen_failpoint::VARIABLE, point);
    fleet.start(replica).await
}

fn disarm(fleet: &mut Fleet, replica: Replica) {
    fleet.unset_variable(replica, covergen_failpoint::VARIABLE);
}

/// Starts a process that ended, and waits until everything acknowledged before
/// has ended too.
async fn recover(
    world: &mut World,
    workload: &Workload,
    seen: &mut Seen,
    replica: Replica,
    point: &str,
) -> Result<()> {
    world.fleet.start(replica).await?;
    let restarted = Instant::now();
    let took = settled(world, workload, restarted).await;
    let took = took.with_context(|| format!("after {replica} at {point}"))?;
    eprintln!("  {replica} at {point}: {:.1} s", took.as_secs_f64());
    seen.reached += 1;
    if took >= seen.slowest {
        seen.slowest = took;
        seen.after = format!("slowest after {replica} at {point}");
    }
    Ok(())
}

/// Whatever has not ended yet, by service: tasks, exports and bulks.
const OPEN: [(&str, &str); 3] = [
    (
        "cover",
        "SELECT task_id AS id FROM requests WHERE status = 'OPEN'",
    ),
    (
        "export",
        "SELECT id FROM exports WHERE status IN ('PENDING', 'RUNNING')",
    ),
    (
        "cover",
        "SELECT bulk_id AS id FROM bulk_rows WHERE state IN ('PENDING', 'RUNNING')",
    ),
];

/// How long it takes from `since` until nothing is open that was acknowledged
/// before now.
pub(super) async fn settled(
    world: &World,
    workload: &Workload,
    since: Instant,
) -> Result<Duration> {
    let tasks = workload.tasks().into_iter().map(|(_, task)| task);
    let acknowledged: BTreeSet<String> = tasks.chain(workload.others()).collect();
    let databases = world.engines.databases();
    loop {
        let mut waiting = BTreeSet::new();
        for (service, open) in OPEN {
            for row in databases.rows(service, open).await? {
                let id: String = row.try_get("", "id")?;
                if acknowledged.contains(&id) {
                    waiting.insert(id);
                }
            }
        }
        if waiting.is_empty() {
            return Ok(since.elapsed());
        }
        // Far past the promise, so that a miss is a figure and not an error.
        ensure!(
            since.elapsed() < ENDED_WITHIN * 4,
            "still open: {waiting:?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Kills the worker before the pivot of a task, asks for the task to stop while
/// nobody works on it, and kills the next worker at a point of the way back.
async fn undo(
    world: &mut World,
    workload: &Workload,
    seen: &mut Seen,
    point: &'static str,
) -> Result<()> {
    arm(&mut world.fleet, WORKER, "charge.before-record").await?;
    world.fleet.ended(WORKER, REACHED_WITHIN).await?;
    world
        .fleet
        .set_variable(WORKER, covergen_failpoint::VARIABLE, point);
    world.fleet.start(WORKER).await?;
    // The lease of the dead worker still runs, so all of these are in time.
    let open = "SELECT task_id FROM requests WHERE status = 'OPEN'";
    let open = world.engines.databases().rows("cover", open).await?;
    let since = Instant::now();
    let mut answers = Vec::new();
    // Whoever has just started may be refused for a moment.
    while !answers.iter().any(Result::is_ok) && since.elapsed() < TAKEN_WITHIN {
        answers.clear();
        for row in &open {
            let task: String = row.try_get("", "task_id")?;
            let owner = workload
                .tasks()
                .into_iter()
                .find(|(_, known)| *known == task);
            if let Some((owner, task)) = owner {
                answers.push(owner.cancel(&task).await);
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // One that has ended meanwhile, or dies with the process, is none of those
    // that matter.
    ensure!(
        answers.iter().any(Result::is_ok),
        "no task was asked to stop: {answers:?}"
    );
    world.fleet.ended(WORKER, REACHED_WITHIN).await?;
    disarm(&mut world.fleet, WORKER);
    recover(world, workload, seen, WORKER, point).await
}
