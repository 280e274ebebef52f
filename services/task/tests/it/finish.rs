use covergen_proto::task::v1::RetryTaskRequest;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task::State;
use tonic::Code;

use crate::world::{Engine, World, record, refused};

on_both_engines!(
    ending_an_attempt_twice_answers_the_same_and_otherwise_is_refused,
    a_transient_failure_comes_again_and_counts,
    a_shutdown_gives_back_without_counting,
    a_pause_grows_within_its_bound,
    past_the_pivot_it_is_tried_until_an_operator_is_called,
    a_retry_by_hand_is_a_new_execution,
    a_retry_with_the_same_key_is_the_same_retry,
);

fn retry(task_id: &str, request_id: &str) -> RetryTaskRequest {
    RetryTaskRequest {
        task_id: task_id.to_owned(),
        request_id: request_id.to_owned(),
    }
}

async fn ending_an_attempt_twice_answers_the_same_and_otherwise_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    world.submit().await;
    let leased = world.lease_one().await;
    let first = world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    assert_eq!(first.state(), State::Failed);
    assert_eq!(first.error.as_ref().unwrap().reason, "BROKEN");
    let again = world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    assert_eq!(again, first);
    let other = world.finish(&leased, Outcome::Succeeded, true).await;
    refused(other, Code::FailedPrecondition, "LEASE_LOST");
    let told = "SELECT count(*) FROM outbox WHERE name LIKE '%TaskStateChanged'";
    assert_eq!(world.number(told).await, 3, "pending, running, failed");
}

async fn a_transient_failure_comes_again_and_counts(engine: Engine) {
    let world = World::start(engine).await;
    world.submit().await;
    for attempt in 1..=4 {
        let leased = world.lease_one().await;
        assert_eq!(leased.attempt, attempt);
        assert_eq!(leased.max_attempts, 3);
        let task = world
            .finish(&leased, Outcome::Transient, true)
            .await
            .unwrap();
        // Only its owner can undo it, so it is handed out even past its attempts.
        assert_eq!(task.state(), State::Pending);
    }
}

async fn a_shutdown_gives_back_without_counting(engine: Engine) {
    let world = World::start(engine).await;
    world.submit().await;
    for _ in 0..3 {
        let leased = world.lease_one().await;
        assert_eq!(leased.attempt, 1);
        world
            .finish(&leased, Outcome::Transient, false)
            .await
            .unwrap();
    }
}

async fn a_pause_grows_within_its_bound(engine: Engine) {
    let settings = "backoff_first_ms = 1000000\nbackoff_max_ms = 1500000";
    let world = World::with(engine, settings).await;
    for _ in 0..8 {
        world.submit().await;
        let leased = world.lease_one().await;
        world
            .finish(&leased, Outcome::Transient, true)
            .await
            .unwrap();
    }
    let pause = "(available_at_ms - updated_at_ms)";
    let longest = world
        .number(&format!("SELECT max({pause}) FROM tasks"))
        .await;
    let shortest = world
        .number(&format!("SELECT min({pause}) FROM tasks"))
        .await;
    assert!((1..=1_000_000).contains(&shortest), "{shortest}");
    assert!(
        (shortest + 1..=1_000_000).contains(&longest),
        "full jitter: {longest}"
    );
}

async fn past_the_pivot_it_is_tried_until_an_operator_is_called(engine: Engine) {
    let world = World::with(engine, "forward_attempts = 4").await;
    let task = world.submit().await;
    for attempt in 1..=4 {
        let leased = world.lease_one().await;
        world
            .cover()
            .record_step(record(&leased, "commit", true))
            .await
            .unwrap();
        let state = world
            .finish(&leased, Outcome::Transient, true)
            .await
            .unwrap();
        assert_eq!(state.needs_operator, attempt == 4);
    }
    assert_eq!(world.get(&task).await.state(), State::Failed);
    // An operator's retry goes on with the journal as it is.
    world
        .operator()
        .retry_task(retry(&task.id, ""))
        .await
        .unwrap();
    let leased = world.lease_one().await;
    assert_eq!((leased.execution, leased.attempt), (1, 1));
    assert_eq!(leased.journal.len(), 1);
}

async fn a_retry_by_hand_is_a_new_execution(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let running = world.operator().retry_task(retry(&task.id, "")).await;
    refused(running, Code::FailedPrecondition, "TASK_NOT_RETRYABLE");
    let leased = world.lease_one().await;
    world
        .cover()
        .record_step(record(&leased, "reserve", true))
        .await
        .unwrap();
    world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    let again = world
        .operator()
        .retry_task(retry(&task.id, ""))
        .await
        .unwrap();
    let again = again.into_inner();
    assert_eq!(
        (again.state(), again.execution, again.attempt),
        (State::Pending, 2, 0)
    );
    assert_eq!((again.progress_percent, again.error), (0, None));
    let second = world.lease_one().await;
    assert_eq!(second.execution, 2);
    assert_eq!(second.journal, vec![]);
    assert!(second.fencing_token > leased.fencing_token);
    world
        .finish(&second, Outcome::Succeeded, true)
        .await
        .unwrap();
    let succeeded = world.operator().retry_task(retry(&task.id, "")).await;
    refused(succeeded, Code::FailedPrecondition, "TASK_NOT_RETRYABLE");
}

async fn a_retry_with_the_same_key_is_the_same_retry(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    let mut operator = world.operator();
    let first = operator.retry_task(retry(&task.id, "key-1")).await.unwrap();
    let leased = world.lease_one().await;
    world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    let again = operator.retry_task(retry(&task.id, "key-1")).await.unwrap();
    assert_eq!(again.into_inner(), first.into_inner());
    assert_eq!(
        world.get(&task).await.execution,
        2,
        "it ran once more, not twice"
    );
}
