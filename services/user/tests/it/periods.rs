//! PostgreSQL tells its own time, so the calendar is driven on SQLite; that a
//! movement books into its own period is shown on both.

use covergen_ids::Clock;

use crate::world::{Engine, World};

on_both_engines!(a_movement_books_into_the_period_of_its_reservation);

/// 2026-12-31T23:59:30Z.
const NEW_YEARS_EVE: i64 = 1_798_761_570_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_reserved_in_december_is_settled_in_december() {
    let clock = Clock::manual(NEW_YEARS_EVE);
    let world = World::with(Engine::Sqlite, clock.clock(), "").await;
    let ada = world.somebody_with(5).await;
    let task = world.task();
    world.confirm(ada.user_id, task, 5).await.unwrap();
    let december = world.quota(&ada).await;
    assert_eq!(
        december.resets_at.unwrap().to_string(),
        "2027-01-01T00:00:00Z"
    );
    clock.advance_ms(60_000);
    let january = world.quota(&ada).await;
    assert_eq!(
        (january.used, january.reserved, january.remaining),
        (0, 0, 5)
    );
    assert_eq!(
        january.resets_at.unwrap().to_string(),
        "2027-02-01T00:00:00Z"
    );
    world.commit(ada.user_id, task, 4).await.unwrap();
    world.refund(ada.user_id, task, 1, "key-1").await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 0), "January is untouched");
    let used = "SELECT CAST(used_units AS BIGINT) FROM quota_periods WHERE period = '2026-12'";
    assert_eq!(world.number(used).await, 3);
    world.assert_balanced().await;
}

async fn a_movement_books_into_the_period_of_its_reservation(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(5).await;
    let (committed, released) = (world.task(), world.task());
    world.confirm(ada.user_id, committed, 3).await.unwrap();
    world.confirm(ada.user_id, released, 2).await.unwrap();
    for table in ["quota_periods", "reservations", "quota_ledger"] {
        world
            .execute(&format!("UPDATE {table} SET period = '2001-01'"))
            .await;
    }
    assert_eq!(world.taken(&ada).await, (0, 0), "this month has not begun");
    world.commit(ada.user_id, committed, 3).await.unwrap();
    world.release(ada.user_id, released).await.unwrap();
    world
        .refund(ada.user_id, committed, 1, "key-1")
        .await
        .unwrap();
    assert_eq!(world.taken(&ada).await, (0, 0));
    let used = "SELECT CAST(used_units AS BIGINT) FROM quota_periods WHERE period = '2001-01'";
    assert_eq!(world.number(used).await, 2);
    world.assert_balanced().await;
}
