use std::sync::Arc;
use std::time::Duration;

use covergen_ids::Clock;
use tokio::task::JoinSet;
use tonic::Status;

use crate::world::{Engine, World, consume, reason_of, reserve};

on_both_engines!(
    a_thousand_racers_for_a_hundred_units_get_exactly_a_hundred,
    racers_with_one_task_get_one_reservation,
    racers_to_settle_one_reservation_settle_it_once,
    a_confirmation_that_meets_a_release_holds_nothing,
);

/// Whoever is told to come again does so after this, and after twice as long
/// each time: a thousand who do not would leave the platform time for nothing
/// but refusals.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(1_280);

/// Whether a refusal says "not now" rather than "no".
fn is_busy(status: &Status) -> bool {
    reason_of(status) != "QUOTA_EXHAUSTED"
        && matches!(
            status.code(),
            tonic::Code::ResourceExhausted
                | tonic::Code::Unavailable
                | tonic::Code::Aborted
                | tonic::Code::DeadlineExceeded
        )
}

async fn a_thousand_racers_for_a_hundred_units_get_exactly_a_hundred(engine: Engine) {
    // What is set aside is not to come back while they race.
    let settings = "reservation_ttl_ms = 3600000";
    let world = Arc::new(World::with(engine, Clock::system(), settings).await);
    let ada = world.somebody_with(100).await;
    let mut racers = JoinSet::new();
    for n in 0..1_000_u32 {
        let (world, ada) = (Arc::clone(&world), ada.clone());
        racers.spawn(async move {
            let task = world.task();
            let key = format!("key-{n}");
            // A caller of its own each, as a process has one: made once, since
            // making one takes as long as many calls.
            let (person, cover) = (world.person(&ada), world.cover());
            // Every tenth takes units for good, beside those who reserve.
            let answer = eventually_answered(|| async {
                if n % 10 == 0 {
                    let consumed = person.clone().consume_quota(consume(1, &key)).await;
                    consumed.map(drop)
                } else {
                    let asked = reserve(ada.user_id, task, 1);
                    cover.clone().reserve_quota(asked).await.map(drop)
                }
            });
            match answer.await {
                Ok(()) => true,
                Err(status) => {
                    assert_eq!(reason_of(&status), "QUOTA_EXHAUSTED", "{status:?}");
                    false
                }
            }
        });
    }
    let granted = racers
        .join_all()
        .await
        .into_iter()
        .filter(|granted| *granted)
        .count();
    assert_eq!(granted, 100);
    let quota = world.quota(&ada).await;
    assert_eq!((quota.limit, quota.remaining), (100, 0));
    assert_eq!(quota.used + quota.reserved, 100);
    world.assert_balanced().await;
    assert_eq!(world.number("SELECT count(*) FROM quota_ledger").await, 100);
    let told = "SELECT count(*) FROM outbox WHERE name LIKE '%QuotaExhausted'";
    assert_eq!(world.number(told).await, 1, "told once a period");
}

/// Asks until the service is not too busy to answer.
async fn eventually_answered<T, F: Future<Output = Result<T, Status>>>(
    ask: impl Fn() -> F,
) -> Result<T, Status> {
    let mut pause = PAUSE;
    loop {
        match ask().await {
            Err(status) if is_busy(&status) => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

async fn racers_with_one_task_get_one_reservation(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(100).await;
    let task = world.task();
    let racers = (0..50).map(|_| eventually_answered(|| world.reserve(ada.user_id, task, 3)));
    for answer in futures::future::join_all(racers).await {
        let reservation = answer.unwrap();
        assert_eq!(
            (reservation.task_id, reservation.units),
            (task.to_string(), 3)
        );
    }
    assert_eq!(world.taken(&ada).await, (0, 3));
    world.assert_balanced().await;
}

async fn racers_to_settle_one_reservation_settle_it_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(100).await;
    for _ in 0..5 {
        let task = world.task();
        world.confirm(ada.user_id, task, 4).await.unwrap();
        let commits = (0..8).map(|_| async {
            eventually_answered(|| world.commit(ada.user_id, task, 3))
                .await
                .is_ok()
        });
        let releases = (0..8).map(|_| async {
            eventually_answered(|| world.release(ada.user_id, task))
                .await
                .is_ok()
        });
        let (commits, releases) = futures::future::join(
            futures::future::join_all(commits),
            futures::future::join_all(releases),
        )
        .await;
        // Whoever came first decided; the others of its kind agree.
        let committed = commits.iter().all(|done| *done);
        let released = releases.iter().all(|done| *done);
        assert!(committed ^ released, "{commits:?} {releases:?}");
        world.assert_balanced().await;
    }
    assert_eq!(world.taken(&ada).await.1, 0);
}

async fn a_confirmation_that_meets_a_release_holds_nothing(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(100).await;
    for _ in 0..10 {
        let task = world.task();
        let (confirmed, released) = futures::future::join(
            eventually_answered(|| world.confirm(ada.user_id, task, 4)),
            eventually_answered(|| world.release(ada.user_id, task)),
        )
        .await;
        released.unwrap();
        if let Err(status) = confirmed {
            assert_eq!(reason_of(&status), "RESERVATION_NOT_HELD", "{status:?}");
        }
        assert_eq!(world.taken(&ada).await, (0, 0));
    }
    world.assert_balanced().await;
}
