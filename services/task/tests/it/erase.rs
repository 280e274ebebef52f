//! A person who leaves takes their tasks along.

use std::sync::{Arc, Mutex};

use covergen_chassis::{BoxError, Context, Service, Wiring};
use covergen_ids::{Clock, TaskId, UserId, WorkspaceId};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::EventDraft;
use tonic::Code;

use crate::world::{Engine, World, beat, eventually, refused};

on_both_engines!(the_tasks_of_a_person_who_left_are_deleted_and_no_others);

/// A service that says what user says.
fn user(kept: &Arc<Mutex<Option<Context>>>) -> Service {
    let kept = Arc::clone(kept);
    Service::new("user", move |context: Context| async move {
        *kept.lock().unwrap() = Some(context);
        Ok::<_, BoxError>(Wiring::new())
    })
}

async fn the_tasks_of_a_person_who_left_are_deleted_and_no_others(engine: Engine) {
    let kept = Arc::default();
    let world = World::beside(engine, vec![user(&kept)]).await;
    let clock = Clock::system();
    let (leaver, personal) = (UserId::new(&clock), WorkspaceId::new(&clock));
    let shared = WorkspaceId::new(&clock);
    let own = world.submit_for(personal).await;
    let stays = world.submit_for(shared).await;
    let mut elsewhere = world.request(shared);
    elsewhere.on_behalf_of = format!("{leaver} {shared}");
    world.cover().submit_task(elsewhere.clone()).await.unwrap();
    let leased = world.lease(10, 0).await;
    assert_eq!(leased.len(), 3);

    let context = kept.lock().unwrap().clone().unwrap();
    let event = UserDeleted {
        user_id: leaver.to_string(),
        workspace_id: personal.to_string(),
    };
    for _ in 0..2 {
        let tx = context.store.begin().await.unwrap();
        tx.emit(EventDraft::new(&leaver, personal, &event))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    eventually("the tasks are gone", async || {
        world.number("SELECT count(*) FROM tasks").await == 1
    })
    .await;
    assert_eq!(world.get(&stays).await.id, stays.id);
    let held = leased.iter().find(|task| task.task_id == own.id).unwrap();
    refused(
        world.cover().heartbeat(beat(held, 10)).await,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    // What was on its way here comes too late.
    elsewhere.task_id = TaskId::new(&clock).to_string();
    refused(
        world.cover().submit_task(elsewhere).await,
        Code::NotFound,
        "USER_NOT_FOUND",
    );
}
