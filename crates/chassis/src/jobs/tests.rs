use covergen_events::{Config, ConsumerSpec, Record, Subject};
use covergen_ids::Clock;
use covergen_store::{JobState, StoreConfig};
use futures::StreamExt as _;
use tempfile::TempDir;

use super::*;

/// A worker, and a dead letter's sequence.
async fn worker(folder: &TempDir) -> (Worker, u64) {
    let at = folder.path().display();
    let config = StoreConfig::from_url(format!("sqlite://{at}/{{service}}.sqlite"));
    let store = Store::open(&config, "cover", Clock::system()).await;
    let store = store.unwrap();
    store.migrate(vec![]).await.unwrap();
    let config = Config::from_url(format!("embedded://{at}/events.sqlite"));
    let events = covergen_events::open(&config).await.unwrap();
    events.declare_stream("cover").await.unwrap();
    let subject = Subject::new("cover", "CoverGenerated", "cov_1").unwrap();
    let record = Record::new(Uuid::now_v7(), subject, vec![1]);
    let spec = ConsumerSpec::new("cover", "listener");
    let mut deliveries = events.consume(&spec).await.unwrap();
    events.publish(vec![record]).await.unwrap();
    let delivery = deliveries.next().await.unwrap();
    delivery.park("never").await.unwrap();
    let letters = events.dead_letters("cover", 0, 1).await.unwrap();
    let objects = covergen_objects::Config::from_url(format!("file://{at}/objects"));
    let worker = Worker {
        store,
        events,
        objects: covergen_objects::open(&objects).await.unwrap(),
        folding: Vec::new(),
        is_dense: false,
        shutdown: CancellationToken::new(),
    };
    (worker, letters[0].sequence)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_went_with_a_process_that_died_was_handed_back() {
    for kind in [REDRIVE, DISCARD] {
        let folder = tempfile::tempdir().unwrap();
        let (worker, letter) = worker(&folder).await;
        let store = &worker.store;
        let arguments = letter.to_string();
        let id = store.request_job(kind, "cover", &arguments).await.unwrap();
        let job = store.take_job("first", 0).await.unwrap().unwrap();
        assert!(worker.letter(&job, "first").await.is_ok());
        // It dies before it can say so; another takes the row as it left it.
        let left = store.job(&id).await.unwrap().unwrap();
        store.note_job(&id, "first", 0, &left.detail).await.unwrap();
        let job = store.take_job("next", LEASE_MS).await.unwrap().unwrap();
        worker.carry_out(&job, "next").await;
        let told = store.job(&id).await.unwrap().unwrap();
        assert_eq!(told.state, JobState::Done, "{told:?}");
        // One that never was is not taken for it, also where the first look
        // for it came to nothing.
        let id = store.request_job(kind, "cover", &arguments).await.unwrap();
        store.take_job("next", LEASE_MS).await.unwrap();
        let later = "it is tried again: away";
        store.note_job(&id, "next", 0, later).await.unwrap();
        let job = store.take_job("next", LEASE_MS).await.unwrap().unwrap();
        worker.carry_out(&job, "next").await;
        let told = store.job(&id).await.unwrap().unwrap();
        assert_eq!(told.state, JobState::Failed, "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_done_stays_known_as_begun() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, letter) = worker(&folder).await;
    let store = &worker.store;
    let arguments = letter.to_string();
    let id = store.request_job(DISCARD, "cover", &arguments).await;
    let id = id.unwrap();
    // The log goes away before it answers.
    worker.events.close().await.unwrap();
    let job = store.take_job("first", LEASE_MS).await.unwrap().unwrap();
    worker.carry_out(&job, "first").await;
    let told = store.job(&id).await.unwrap().unwrap();
    assert_eq!(told.state, JobState::Waiting, "{told:?}");
    assert!(told.detail.starts_with(BEGUN), "{told:?}");
}
