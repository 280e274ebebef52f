//! A log that comes back without its end is given it again.

use std::collections::BTreeSet;
use std::path::Path;

use covergen_chassis::{BoxError, Config, Context, Host, Hosted, Service, Wiring};
use covergen_events::{EventLog, Position};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_store::EventDraft;

use crate::service::eventually;

/// Aggregates that the events of one start are of.
const USERS: usize = 20;

/// A service that tells of so many ended sessions when it starts.
fn telling(count: usize) -> Service {
    Service::new("auth", move |context: Context| async move {
        let users: Vec<UserId> = (0..USERS).map(|_| UserId::new(&context.clock)).collect();
        let tx = context.store.begin().await?;
        for at in 0..count {
            let user = &users[at % USERS];
            let event = SessionRevoked {
                user_id: user.to_string(),
                session_id: SessionId::new(&context.clock).to_string(),
                method: "logout".to_owned(),
            };
            tx.emit(EventDraft::new(user, WorkspaceId::SYSTEM, &event))
                .await?;
        }
        tx.commit().await?;
        Ok::<_, BoxError>(Wiring::new())
    })
}

async fn start(folder: &Path, count: usize) -> Hosted {
    let config = Config::load(Config::embedded(folder), &[], []).unwrap();
    let host = Host::open(config, Clock::system()).await.unwrap();
    host.start(vec![telling(count)]).await.unwrap()
}

async fn held(events: &dyn EventLog) -> BTreeSet<String> {
    let stored = all(events).await.into_iter();
    stored.map(|(_, id)| id).collect()
}

/// Aggregate and id of every event, as the log has them.
async fn all(events: &dyn EventLog) -> Vec<(String, String)> {
    let (mut all, mut from) = (Vec::new(), Position::Beginning);
    loop {
        let page = events.read("auth", from, 1_000).await.unwrap_or_default();
        let Some(last) = page.last() else { return all };
        from = Position::Sequence(last.sequence + 1);
        all.extend(page.into_iter().map(|stored| {
            let aggregate = stored.record.subject.aggregate().to_owned();
            (aggregate, stored.record.id.to_string())
        }));
    }
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

/// More than a page was lost, and more than the margin was left, all of it sent
/// within the time that a relay may take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_loss_is_found_whole_while_the_relay_runs() {
    let (folder, older) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    until(folder.path(), 2_500, 2_500).await;
    copy_log(folder.path(), older.path());
    let before = until(folder.path(), 3_200, 5_700).await;

    let hosted = start(folder.path(), 0).await;
    let sent_first = all(hosted.events().as_ref()).await;
    hosted.shutdown().await;
    copy_log(older.path(), folder.path());
    let hosted = start(folder.path(), 100).await;
    let events = hosted.events();
    eventually("the log holds all events", || async {
        held(events.as_ref()).await.len() == 5_800
    })
    .await;
    let (now, sent_now) = (held(events.as_ref()).await, all(events.as_ref()).await);
    hosted.shutdown().await;
    assert!(before.is_subset(&now));
    assert_eq!(sent_now.len(), 5_800, "nothing came twice");
    // What was sent again was sent in its order, by aggregate.
    let lost = &sent_first[2_500..];
    let users: BTreeSet<&String> = lost.iter().map(|(user, _)| user).collect();
    for user in users {
        let of = |events: &[(String, String)]| -> Vec<String> {
            let own = events.iter().filter(|(of, _)| of == user);
            own.map(|(_, id)| id.clone()).collect()
        };
        assert_eq!(of(&sent_now), of(&sent_first));
    }
}
