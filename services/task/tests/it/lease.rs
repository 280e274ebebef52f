use std::collections::BTreeMap;

use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task::State;
use tonic::Code;

use crate::world::{Engine, World, beat, lease, record, refused};

on_both_engines!(
    a_stale_token_is_refused_once_the_lease_has_lapsed,
    a_heartbeat_renews_the_lease_and_keeps_the_version,
    progress_never_falls,
    many_workers_lease_each_task_exactly_once,
    the_urgent_come_first,
    workspaces_take_turns_however_long_the_queue_of_one_is,
    a_waiting_worker_is_woken_by_a_submission,
    the_next_worker_reads_the_journal,
);

async fn a_stale_token_is_refused_once_the_lease_has_lapsed(engine: Engine) {
    let world = World::with(engine, "lease_ms = 100").await;
    world.submit().await;
    let stale = world.lease_one().await;
    let fresh = world.lease_one().await;
    assert_eq!(fresh.task_id, stale.task_id);
    assert!(fresh.fencing_token > stale.fencing_token);
    assert_eq!(fresh.attempt, 2, "a crashed attempt counts");
    let mut cover = world.cover();
    let lost = Code::FailedPrecondition;
    refused(cover.heartbeat(beat(&stale, 1)).await, lost, "LEASE_LOST");
    refused(
        cover.record_step(record(&stale, "a", false)).await,
        lost,
        "LEASE_LOST",
    );
    refused(
        world.finish(&stale, Outcome::Succeeded, true).await,
        lost,
        "LEASE_LOST",
    );
    let made_up = {
        let mut task = fresh.clone();
        task.fencing_token = u64::MAX;
        task
    };
    refused(cover.heartbeat(beat(&made_up, 1)).await, lost, "LEASE_LOST");
}

async fn a_heartbeat_renews_the_lease_and_keeps_the_version(engine: Engine) {
    let world = World::with(engine, "lease_ms = 600000").await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    assert_eq!(leased.lease_ms, 600_000);
    let until = "SELECT lease_until_ms FROM tasks";
    let (before, version) = (world.number(until).await, world.get(&task).await.version);
    crate::world::eventually("a longer lease", || async {
        let answer = world.cover().heartbeat(beat(&leased, 0)).await.unwrap();
        assert!(!answer.into_inner().cancel_requested);
        world.number(until).await > before
    })
    .await;
    assert_eq!(world.get(&task).await.version, version, "nothing to see");
    assert_eq!(world.lease(1, 0).await, vec![], "it is still held");
}

async fn progress_never_falls(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    for (told, seen) in [(30, 30), (10, 30), (60, 60), (100, 99)] {
        world.cover().heartbeat(beat(&leased, told)).await.unwrap();
        assert_eq!(world.get(&task).await.progress_percent, seen);
    }
    let finished = world
        .finish(&leased, Outcome::Succeeded, true)
        .await
        .unwrap();
    assert_eq!(finished.progress_percent, 100);
}

async fn many_workers_lease_each_task_exactly_once(engine: Engine) {
    const TASKS: usize = 40;
    let world = World::with(engine, "lease_ms = 600000").await;
    let workspaces = [world.workspace(), world.workspace(), world.workspace()];
    for n in 0..TASKS {
        world.submit_for(workspaces[n % 3]).await;
    }
    let workers = (0..8).map(|_| async {
        let mut mine = Vec::new();
        loop {
            let got = world.lease(3, 0).await;
            if got.is_empty()
                && world
                    .number("SELECT count(*) FROM tasks WHERE state = 'PENDING'")
                    .await
                    == 0
            {
                return mine;
            }
            for task in got {
                world.finish(&task, Outcome::Succeeded, true).await.unwrap();
                mine.push(task.task_id);
            }
        }
    });
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for task in futures::future::join_all(workers)
        .await
        .into_iter()
        .flatten()
    {
        *times.entry(task).or_default() += 1;
    }
    assert_eq!(times.len(), TASKS);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    assert_eq!(
        world.number("SELECT sum(attempt) AS n FROM tasks").await,
        40
    );
}

async fn the_urgent_come_first(engine: Engine) {
    let world = World::start(engine).await;
    let workspace = world.workspace();
    for priority in [0, 9, 5] {
        let mut request = world.request(workspace);
        request.priority = priority;
        request.payload = vec![u8::try_from(priority).unwrap()].into();
        world.cover().submit_task(request).await.unwrap();
    }
    let mut order = Vec::new();
    for _ in 0..3 {
        order.push(world.lease_one().await.payload[0]);
    }
    assert_eq!(order, vec![9, 5, 0]);
}

async fn workspaces_take_turns_however_long_the_queue_of_one_is(engine: Engine) {
    let world = World::start(engine).await;
    let flood = world.workspace();
    for _ in 0..140 {
        world.submit_for(flood).await;
    }
    let small = world.submit().await;
    let leased = world.lease(2, 0).await;
    assert!(
        leased.iter().any(|task| task.task_id == small.id),
        "one flood hides the others"
    );
}

async fn a_waiting_worker_is_woken_by_a_submission(engine: Engine) {
    // Without the wake-up it would sleep through its whole wait.
    let world = World::with(engine, "poll_ms = 600000").await;
    let mut waiting = world.cover();
    let (leased, task) = tokio::join!(waiting.lease_tasks(lease(1, 8_000)), async {
        // A worker that already waits has looked once.
        tokio::task::yield_now().await;
        world.submit().await
    });
    assert_eq!(leased.unwrap().into_inner().tasks[0].task_id, task.id);
    assert_eq!(world.get(&task).await.state(), State::Running);
}

async fn the_next_worker_reads_the_journal(engine: Engine) {
    let world = World::with(engine, "lease_ms = 600000").await;
    world.submit().await;
    let leased = world.lease_one().await;
    let mut cover = world.cover();
    cover
        .record_step(record(&leased, "reserve", false))
        .await
        .unwrap();
    let mut done = record(&leased, "reserve", false);
    done.entries[0].state = 2;
    done.entries[0].output = vec![7].into();
    done.entries
        .extend(record(&leased, "upload", false).entries);
    cover.record_step(done.clone()).await.unwrap();
    cover.record_step(done).await.unwrap();
    world
        .finish(&leased, Outcome::Transient, true)
        .await
        .unwrap();
    let mut journal = world.lease_one().await.journal;
    journal.sort_by(|a, b| a.step.cmp(&b.step));
    let seen: Vec<(&str, i32, &[u8])> = journal
        .iter()
        .map(|entry| (entry.step.as_str(), entry.state, &entry.output[..]))
        .collect();
    assert_eq!(seen, vec![("reserve", 2, &[7][..]), ("upload", 1, &[][..])]);
}
