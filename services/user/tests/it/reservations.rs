use covergen_proto::user::v1::reservation::State;
use tonic::Code;

use crate::world::{Engine, World, refused};

on_both_engines!(
    the_same_task_reserves_once,
    a_commit_uses_at_most_what_was_reserved_and_gives_the_rest_back,
    a_release_gives_back_once_and_forbids_a_commit,
    a_confirmation_that_comes_after_the_release_is_refused,
    a_release_of_nothing_bars_what_is_still_on_its_way,
    a_later_execution_confirms_anew_what_a_former_one_has_released,
    a_release_before_any_execution_is_not_for_good,
    what_was_used_cannot_be_released,
    a_refund_never_passes_what_was_used_and_replays_once,
    nobody_settles_what_another_reserved,
);

async fn the_same_task_reserves_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    let first = world.reserve(ada.user_id, task, 2).await.unwrap();
    assert_eq!((first.state(), first.units), (State::Held, 2));
    assert!(
        first.entitlements.as_ref().unwrap().watermark,
        "a free tier's covers are marked"
    );
    assert_eq!(world.reserve(ada.user_id, task, 2).await.unwrap(), first);
    let confirmed = world.confirm(ada.user_id, task, 2).await.unwrap();
    assert_eq!(confirmed.state(), State::Confirmed);
    assert_eq!(
        world.confirm(ada.user_id, task, 2).await.unwrap(),
        confirmed
    );
    assert_eq!(world.taken(&ada).await, (0, 2));
    world.assert_balanced().await;
}

async fn a_commit_uses_at_most_what_was_reserved_and_gives_the_rest_back(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 5).await.unwrap();
    let refusal = world.commit(ada.user_id, task, 6).await;
    refused(refusal, Code::FailedPrecondition, "TOO_MANY_UNITS");
    let committed = world.commit(ada.user_id, task, 3).await.unwrap();
    assert_eq!((committed.state(), committed.units), (State::Committed, 3));
    assert_eq!(world.commit(ada.user_id, task, 3).await.unwrap(), committed);
    assert_eq!(world.taken(&ada).await, (3, 0));
    let unknown = world.commit(ada.user_id, world.task(), 1).await;
    refused(unknown, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    world.assert_balanced().await;
}

async fn a_release_gives_back_once_and_forbids_a_commit(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.confirm(ada.user_id, task, 5).await.unwrap();
    let released = world.release(ada.user_id, task).await.unwrap();
    assert_eq!(released.state(), State::Released);
    assert_eq!(
        world.release(ada.user_id, task).await.unwrap().state(),
        State::Released
    );
    assert_eq!(world.taken(&ada).await, (0, 0));
    let late = world.commit(ada.user_id, task, 1).await;
    refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    let nothing = world.release(ada.user_id, world.task()).await.unwrap();
    assert_eq!(
        nothing.state(),
        State::Released,
        "releasing nothing is no error"
    );
    let again = world.reserve(ada.user_id, task, 5).await.unwrap();
    assert_eq!(
        again.state(),
        State::Released,
        "a plain reserve does not bring it back"
    );
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.assert_balanced().await;
}

async fn a_confirmation_that_comes_after_the_release_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 5).await.unwrap();
    world.confirm(ada.user_id, task, 5).await.unwrap();
    world.release(ada.user_id, task).await.unwrap();
    let late = world.confirm(ada.user_id, task, 5).await;
    refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.assert_balanced().await;
}

async fn a_release_of_nothing_bars_what_is_still_on_its_way(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.release(ada.user_id, task).await.unwrap();
    let late = world.confirm(ada.user_id, task, 5).await;
    refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    let plain = world.reserve(ada.user_id, task, 5).await.unwrap();
    assert_eq!(plain.state(), State::Released);
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.assert_balanced().await;
}

async fn a_later_execution_confirms_anew_what_a_former_one_has_released(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.confirm(ada.user_id, task, 5).await.unwrap();
    world.release(ada.user_id, task).await.unwrap();
    let anew = world.confirm_in(2, ada.user_id, task, 5).await.unwrap();
    assert_eq!((anew.state(), anew.units), (State::Confirmed, 5));
    // Whatever the first execution still says is about what is over.
    world.release(ada.user_id, task).await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 5));
    world.release_in(2, ada.user_id, task).await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 0));
    for execution in [1, 2] {
        let late = world.confirm_in(execution, ada.user_id, task, 5).await;
        refused(late, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    }
    world.assert_balanced().await;
}

async fn a_release_before_any_execution_is_not_for_good(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 5).await.unwrap();
    world.release_in(0, ada.user_id, task).await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.confirm(ada.user_id, task, 5).await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 5));
    world.assert_balanced().await;
}

async fn what_was_used_cannot_be_released(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 1).await.unwrap();
    world.commit(ada.user_id, task, 1).await.unwrap();
    let refusal = world.release(ada.user_id, task).await;
    refused(refusal, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    let confirmed = world.confirm(ada.user_id, task, 1).await.unwrap();
    assert_eq!(
        confirmed.state(),
        State::Committed,
        "a late word changes nothing"
    );
    assert_eq!(world.taken(&ada).await, (1, 0));
}

async fn a_refund_never_passes_what_was_used_and_replays_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let task = world.task();
    world.reserve(ada.user_id, task, 5).await.unwrap();
    let early = world.refund(ada.user_id, task, 1, "key-0").await;
    refused(early, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    world.commit(ada.user_id, task, 5).await.unwrap();
    let refunded = world.refund(ada.user_id, task, 2, "key-1").await.unwrap();
    assert_eq!((refunded.units, refunded.refunded), (5, 2));
    assert_eq!(
        world.refund(ada.user_id, task, 2, "key-1").await.unwrap(),
        refunded
    );
    assert_eq!(world.taken(&ada).await, (3, 0));
    let other = world.refund(ada.user_id, task, 1, "key-1").await;
    refused(other, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
    let greedy = world.refund(ada.user_id, task, 4, "key-2").await;
    refused(greedy, Code::FailedPrecondition, "TOO_MANY_UNITS");
    world.refund(ada.user_id, task, 3, "key-3").await.unwrap();
    assert_eq!(world.taken(&ada).await, (0, 0));
    world.assert_balanced().await;
}

async fn nobody_settles_what_another_reserved(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let bob = world.somebody("bob@example.org").await;
    let task = world.task();
    world.confirm(ada.user_id, task, 2).await.unwrap();
    let commit = world.commit(bob.user_id, task, 2).await;
    refused(commit, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    world.release(bob.user_id, task).await.unwrap();
    let reserve = world.reserve(bob.user_id, task, 2).await;
    refused(reserve, Code::FailedPrecondition, "RESERVATION_NOT_HELD");
    assert_eq!(world.taken(&ada).await, (0, 2));
    assert_eq!(world.taken(&bob).await, (0, 0));
    world.assert_balanced().await;
}
