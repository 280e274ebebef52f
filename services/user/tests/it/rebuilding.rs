//! History is folded anew from the first event, though the log has let its
//! beginning go, while the service runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use covergen_chassis::{Config, REBUILD, Rebuild, Shelf};
use covergen_identity::Principal;
use covergen_proto::cover::v1::{CoverGenerated, CoverGenerationFailed};
use covergen_proto::export::v1::ExportReady;
use covergen_proto::safety::v1::ContentBlocked;
use covergen_proto::user::v1::DeleteUserRequest;
use covergen_store::{Job, JobState};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::{Engine, World, eventually};

/// The embedded shape, and the distributed one.
mod embedded {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn history_is_rebuilt_from_the_first_event() {
        super::history_is_rebuilt_from_the_first_event(super::Engine::Sqlite, None).await;
    }
}
mod jetstream {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn history_is_rebuilt_from_the_first_event() {
        let nats = covergen_testkit::nats().await;
        super::history_is_rebuilt_from_the_first_event(super::Engine::Postgres, Some(nats)).await;
    }
}

const STREAMS: [&str; 3] = ["cover", "export", "safety"];

/// Tells one event of each stream and one more.
async fn tell(world: &World, who: &Principal, at: u64) {
    let user_id = who.user_id.to_string();
    let made = CoverGenerated {
        task_id: format!("tsk_{at}"),
        user_id: user_id.clone(),
        cover_ids: vec![format!("cov_{at}")],
        template_id: "aurora".to_owned(),
        ..CoverGenerated::default()
    };
    let failed = CoverGenerationFailed {
        task_id: format!("tsk_f{at}"),
        user_id: user_id.clone(),
        reason: "CONTENT_BLOCKED".to_owned(),
        duration_ms: 5,
    };
    let ready = ExportReady {
        export_id: format!("exp_{at}"),
        user_id: user_id.clone(),
        cover_id: format!("cov_{at}"),
        status: "SUCCEEDED".to_owned(),
    };
    let blocked = ContentBlocked {
        violation_id: format!("vio_{at}"),
        user_id,
        rule_id: "words".to_owned(),
        ..ContentBlocked::default()
    };
    world.tell(who, at * 10, &made).await;
    world.tell(who, at * 10 + 1, &failed).await;
    world.tell(who, at * 10 + 2, &ready).await;
    world.tell(who, at * 10 + 3, &blocked).await;
}

/// Every row of the read model.
async fn rows(world: &World) -> Vec<String> {
    let store = world.store().await;
    let sql = "SELECT id || '|' || user_id || '|' || workspace_id || '|' || kind || '|' ||
        subject_id || '|' || CAST(cover_ids AS TEXT) || '|' || template_id || '|' || outcome ||
        '|' || CAST(created_at_ms AS TEXT) FROM history ORDER BY id";
    let statement = Statement::from_string(store.backend(), sql);
    let rows = store.read().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn noted(world: &World, count: usize) {
    eventually("all is noted", || async {
        rows(world).await.len() == count
    })
    .await;
}

async fn rebuild(world: &World) -> String {
    let job = asked(world, "").await;
    assert_eq!(job.state, JobState::Done, "{}", job.detail);
    job.detail
}

/// Asks for a rebuild; how it ended.
async fn asked(world: &World, arguments: &str) -> Job {
    let store = world.store().await;
    let id = store
        .request_job(REBUILD, "user-history", arguments)
        .await
        .unwrap();
    eventually("the rebuild ends", || async {
        let job = store.job(&id).await.unwrap().unwrap();
        job.state != JobState::Waiting
    })
    .await;
    store.job(&id).await.unwrap().unwrap()
}

/// Once more; and when what was archived first is gone, nothing is emptied but
/// by force.
async fn refused_without_a_segment(world: &World) {
    let before = rows(world).await;
    rebuild(world).await;
    noted(world, before.len()).await;
    assert_eq!(rows(world).await, before);
    let config = world.harness.hosted().config();
    let objects = covergen_objects::open(&config.objects).await.unwrap();
    let shelf = Shelf::new(Arc::clone(&objects), "cover");
    let first = shelf.segments(None).await.unwrap().remove(0);
    objects.delete(&first.key).await.unwrap();
    let job = asked(world, "").await;
    assert_eq!(job.state, JobState::Failed, "{}", job.detail);
    assert!(job.detail.contains("missing"), "{}", job.detail);
    assert_eq!(rows(world).await, before);
    let forced = Rebuild {
        force: true,
        ..Rebuild::default()
    };
    let job = asked(world, &serde_json::to_string(&forced).unwrap()).await;
    assert_eq!(job.state, JobState::Done, "{}", job.detail);
    noted(world, before.len() - 2).await;
    // What has not emptied anything is given up in the end, and lets events in.
    let tried = Rebuild {
        attempts: 5,
        ..Rebuild::default()
    };
    let job = asked(world, &serde_json::to_string(&tried).unwrap()).await;
    assert_eq!(job.state, JobState::Failed, "{}", job.detail);
    assert!(job.detail.contains("given up"), "{}", job.detail);
}

/// Waits until everything is archived; answers how far, by stream.
async fn archived(world: &World) -> BTreeMap<String, u64> {
    let hosted = world.harness.hosted();
    let (log, config) = (hosted.events(), hosted.config());
    let objects = covergen_objects::open(&config.objects).await.unwrap();
    let mut up_to = BTreeMap::new();
    for stream in STREAMS {
        let shelf = Shelf::new(Arc::clone(&objects), stream);
        // user and auth archive their own; these streams' owners do not run.
        let reader = covergen_events::Reader::of(Arc::clone(&log));
        let mut keeper = covergen_chassis::Keeper::new(shelf, reader, config.archive.clone());
        keeper.round(i64::MAX, true).await.unwrap();
        up_to.insert(stream.to_owned(), keeper.archived_up_to());
    }
    up_to
}

/// Lets everything that is archived go, as a month later.
async fn forget(world: &World, archived: &BTreeMap<String, u64>) {
    let hosted = world.harness.hosted();
    let (log, config) = (hosted.events(), &hosted.config().events);
    if !config.url.starts_with("nats:") {
        eventually("the log lets its beginning go", || async {
            log.expire(archived).await.unwrap();
            let info = log.stream_info("cover").await.unwrap();
            info.messages == 0
        })
        .await;
        return;
    }
    let client = async_nats::connect(&config.url).await.unwrap();
    let context = async_nats::jetstream::new(client);
    for stream in STREAMS {
        let name = format!("{}_{stream}", config.namespace);
        let stream = context.get_stream(name).await.unwrap();
        stream.purge().await.unwrap();
    }
}

async fn history_is_rebuilt_from_the_first_event(
    engine: Engine,
    nats: Option<covergen_testkit::NatsScope>,
) {
    let world = World::configured(engine, |config: &mut Config| {
        config.archive.max_segment_events = 3;
        match &nats {
            // The age is judged when the test says so.
            None => config.events.max_age_days = 0,
            Some(nats) => {
                config.events.url = nats.url().to_owned();
                config.events.namespace = nats.namespace().to_owned();
                config.events.max_stream_bytes = 16 * 1024 * 1024;
            }
        }
    })
    .await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    for at in 1..=5 {
        tell(&world, &ada, at).await;
        tell(&world, &bob, at + 100).await;
    }
    noted(&world, 40).await;
    let up_to = archived(&world).await;
    forget(&world, &up_to).await;
    // Two of these stay in the log alone.
    tell(&world, &ada, 6).await;
    tell(&world, &ada, 7).await;
    noted(&world, 48).await;

    let leaving = DeleteUserRequest {
        user_id: "me".to_owned(),
        confirmation: "delete my account".to_owned(),
    };
    let sessionless = Principal {
        session_id: None,
        ..bob.clone()
    };
    world
        .person(&sessionless)
        .delete_user(leaving)
        .await
        .unwrap();
    noted(&world, 28).await;
    let before = rows(&world).await;

    // Somebody broke it.
    world.execute("UPDATE history SET outcome = 'wrong'").await;
    world
        .execute("DELETE FROM history WHERE subject_id = 'tsk_1'")
        .await;
    let told = rebuild(&world).await;
    assert!(told.starts_with("40 archived events were told"), "{told}");
    noted(&world, 28).await;
    assert_eq!(rows(&world).await, before, "and bob's do not come back");

    // And once more, while events go on coming.
    let (told, ()) = tokio::join!(rebuild(&world), async {
        for at in 8..=14 {
            tell(&world, &ada, at).await;
        }
    });
    assert!(told.starts_with("40 archived events were told"), "{told}");
    noted(&world, 56).await;
    let after = rows(&world).await;
    assert!(before.iter().all(|row| after.contains(row)));
    refused_without_a_segment(&world).await;
}
