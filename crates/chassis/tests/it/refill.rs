//! A log that comes back without its end is given it again.

use std::collections::BTreeSet;
use std::path::Path;

use covergen_chassis::{BoxError, Config, Context, Host, Hosted, Service, Wiring};
use covergen_events::{EventLog, Position};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_store::EventDraft;

use crate::service::eventually;

/// A service that tells of so many ended sessions when it starts.
fn telling(count: usize) -> Service {
    Service::new("auth", move |context: Context| async move {
        for _ in 0..count {
            let user = UserId::new(&context.clock);
            let event = SessionRevoked {
                user_id: user.to_string(),
                session_id: SessionId::new(&context.clock).to_string(),
                method: "logout".to_owned(),
            };
            let tx = context.store.begin().await?;
            tx.emit(EventDraft::new(&user, WorkspaceId::SYSTEM, &event))
                .await?;
            tx.commit().await?;
        }
        Ok::<_, BoxError>(Wiring::new())
    })
}

async fn start(folder: &Path, count: usize) -> Hosted {
    let config = Config::load(Config::embedded(folder), &[], []).unwrap();
    let host = Host::open(config, Clock::system()).await.unwrap();
    host.start(vec![telling(count)]).await.unwrap()
}

async fn held(events: &dyn EventLog) -> BTreeSet<String> {
    let read = events.read("auth", Position::Beginning, 1_000).await;
    let ids = read.unwrap_or_default().into_iter();
    ids.map(|stored| stored.record.id.to_string()).collect()
}

/// Runs until the log holds `expected` events, and ends; their ids.
async fn until(folder: &Path, count: usize, expected: usize) -> BTreeSet<String> {
    let hosted = start(folder, count).await;
    let events = hosted.events();
    eventually("the log holds all events", || async {
        held(events.as_ref()).await.len() == expected
    })
    .await;
    let ids = held(events.as_ref()).await;
    hosted.shutdown().await;
    ids
}

fn copy_log(from: &Path, to: &Path) {
    for file in std::fs::read_dir(to).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("events") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    for file in std::fs::read_dir(from).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("events") {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_restored_log_lacks_is_sent_again_and_nothing_else() {
    let (folder, older) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = until(folder.path(), 3, 3).await;
    copy_log(folder.path(), older.path());
    let all = until(folder.path(), 4, 7).await;
    assert!(first.is_subset(&all));

    copy_log(older.path(), folder.path());
    let refilled = until(folder.path(), 1, 8).await;
    assert!(all.is_subset(&refilled));

    // One that lost nothing is left alone.
    let hosted = start(folder.path(), 0).await;
    let events = hosted.events();
    eventually("the log was looked at", || async {
        events.stream_info("auth").await.is_ok()
    })
    .await;
    hosted.shutdown().await;
    assert_eq!(until(folder.path(), 0, 8).await, refilled);
}
