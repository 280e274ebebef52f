use covergen_ids::Clock;
use covergen_proto::user::v1::reservation::State;
use tonic::Code;

use crate::world::{Engine, World, consume, eventually, refused};

on_both_engines!(
    a_reservation_that_nobody_confirms_is_given_back,
    a_confirmed_reservation_stays,
    a_confirmation_after_the_term_makes_it_anew_while_units_are_left,
    what_lapsed_and_was_then_released_is_over,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_on_sqlite_starts_the_term_anew() {
    let never = "reservation_ttl_ms = 3600000\nsweep_interval_ms = 3600000";
    let world = World::with(Engine::Sqlite, Clock::system(), never).await;
    let ada = world.somebody_with(10).await;
    world.reserve(ada.user_id, world.task(), 4).await.unwrap();
    // As after a night in which the machine's clock went on without us.
    world
        .execute("UPDATE reservations SET expires_at_ms = 1")
        .await;
    let world = world.restart(never).await;
    let expired = "SELECT count(*) FROM reservations WHERE expires_at_ms = 1";
    assert_eq!(world.number(expired).await, 0);
    assert_eq!(world.taken(&ada).await, (0, 4));
    // The new term ends as any other does.
    let world = world.restart(SHORT).await;
    lapsed(&world).await;
    world.assert_balanced().await;
}

const SHORT: &str = "reservation_ttl_ms = 50\nsweep_interval_ms = 20";

async fn lapsed(world: &World) {
    eventually("the reservation is given back", || async {
        world
            .number("SELECT count(*) FROM reservations WHERE state = 'RELEASED'")
            .await
            == 1
    })
    .await;
}

async fn a_reservation_that_nobody_confirms_is_given_back(engine: Engine) {
    let world = World::with(engine, Clock::system(), SHORT).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 4).await.unwrap();
    lapsed(&world).await;
    assert_eq!(world.taken(&ada).await, (0, 0));
    let moved = "SELECT count(*) FROM quota_ledger WHERE movement = 'lapse'";
    assert_eq!(world.number(moved).await, 1);
    let late = world.commit(ada.user_id, task, 4).await;
    refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    world.assert_balanced().await;
}

async fn a_confirmed_reservation_stays(engine: Engine) {
    let world = World::with(engine, Clock::system(), SHORT).await;
    let ada = world.somebody_with(10).await;
    let kept = world.task();
    world.confirm(ada.user_id, kept, 3).await.unwrap();
    // One that lapses after it shows that the sweeper was there.
    world.reserve(ada.user_id, world.task(), 4).await.unwrap();
    lapsed(&world).await;
    assert_eq!(world.taken(&ada).await, (0, 3));
    world.commit(ada.user_id, kept, 3).await.unwrap();
    world.assert_balanced().await;
}

async fn a_confirmation_after_the_term_makes_it_anew_while_units_are_left(engine: Engine) {
    let world = World::with(engine, Clock::system(), SHORT).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 4).await.unwrap();
    lapsed(&world).await;
    world
        .person(&ada)
        .consume_quota(consume(7, ""))
        .await
        .unwrap();
    let refusal = world.confirm(ada.user_id, task, 4).await;
    refused(refusal, Code::ResourceExhausted, "QUOTA_EXHAUSTED");
    let anew = world.confirm(ada.user_id, task, 3).await.unwrap();
    assert_eq!((anew.state(), anew.units), (State::Confirmed, 3));
    assert_eq!(world.taken(&ada).await, (7, 3));
    world.commit(ada.user_id, task, 3).await.unwrap();
    world.assert_balanced().await;
}

async fn what_lapsed_and_was_then_released_is_over(engine: Engine) {
    let world = World::with(engine, Clock::system(), SHORT).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 4).await.unwrap();
    lapsed(&world).await;
    world.release(ada.user_id, task).await.unwrap();
    let late = world.confirm(ada.user_id, task, 4).await;
    refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.assert_balanced().await;
}
