use covergen_store::JobState;

use crate::support::Home;

on_both_engines!(
    a_job_is_taken_by_one_and_ended_once,
    a_lapsed_lease_gives_a_job_to_another,
    what_a_consumer_forgot_applies_anew,
);

const LONG_MS: i64 = 60_000;

async fn a_job_is_taken_by_one_and_ended_once(home: Home) {
    let store = home.store().await;
    assert_eq!(store.take_job("one", LONG_MS).await.unwrap(), None);
    let id = store
        .request_job("rebuild", "user-history", "")
        .await
        .unwrap();
    assert!(
        store
            .is_job_waiting("rebuild", "user-history")
            .await
            .unwrap()
    );
    assert!(!store.is_job_waiting("rebuild", "other").await.unwrap());
    let taken = store.take_job("one", LONG_MS).await.unwrap().unwrap();
    assert_eq!(
        (taken.id.as_str(), taken.state),
        (id.as_str(), JobState::Waiting)
    );
    assert_eq!(store.take_job("two", LONG_MS).await.unwrap(), None);
    assert!(!store.note_job(&id, "two", LONG_MS, "mine").await.unwrap());
    store.finish_job(&id, "two", Ok("not mine")).await.unwrap();
    assert!(
        store
            .is_job_waiting("rebuild", "user-history")
            .await
            .unwrap()
    );
    store.finish_job(&id, "one", Ok("all of it")).await.unwrap();
    let ended = store.job(&id).await.unwrap().unwrap();
    assert_eq!(
        (ended.state, ended.detail.as_str()),
        (JobState::Done, "all of it")
    );
    assert!(
        !store
            .is_job_waiting("rebuild", "user-history")
            .await
            .unwrap()
    );
    store.finish_job(&id, "one", Err("no")).await.unwrap();
    assert_eq!(store.job(&id).await.unwrap().unwrap().state, JobState::Done);
}

async fn a_lapsed_lease_gives_a_job_to_another(home: Home) {
    let store = home.store().await;
    let id = store.request_job("rewind", "cover", "{}").await.unwrap();
    store.take_job("one", 0).await.unwrap().unwrap();
    let again = store.take_job("two", LONG_MS).await.unwrap().unwrap();
    assert_eq!(again.id, id);
    assert!(!store.note_job(&id, "one", LONG_MS, "late").await.unwrap());
    assert!(store.note_job(&id, "two", LONG_MS, "half").await.unwrap());
    assert_eq!(store.job(&id).await.unwrap().unwrap().detail, "half");
}

async fn what_a_consumer_forgot_applies_anew(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    assert!(tx.first_delivery("search", "evt_1").await.unwrap());
    assert!(tx.first_delivery("analytics", "evt_1").await.unwrap());
    tx.forget("search").await.unwrap();
    assert!(tx.first_delivery("search", "evt_1").await.unwrap());
    assert!(!tx.first_delivery("analytics", "evt_1").await.unwrap());
    tx.commit().await.unwrap();
}
