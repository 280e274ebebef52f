use covergen_store::Advance;

use crate::support::{Home, covers, insert_cover};

on_both_engines!(
    of_concurrent_deliveries_one_applies,
    a_delivery_rolled_back_counts_for_nothing,
    of_several_deliveries_each_applies_once,
    versions_apply_in_order_only,
    a_snapshot_sets_the_position,
    attempts_are_counted_from_the_second_until_they_are_forgotten,
);

async fn of_concurrent_deliveries_one_applies(home: Home) {
    let store = home.store().await;
    let deliveries: Vec<_> = (0..12)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let tx = store.begin().await.unwrap();
                let first = tx.first_delivery("search", "evt_1").await.unwrap();
                if first {
                    insert_cover(&tx, &format!("c{n}"), 1).await.unwrap();
                }
                tx.commit().await.unwrap();
                first
            })
        })
        .collect();
    let mut applied = 0;
    for delivery in deliveries {
        applied += i64::from(delivery.await.unwrap());
    }
    assert_eq!(applied, 1);
    assert_eq!(covers(&store).await, 1);
    let tx = store.begin().await.unwrap();
    assert!(
        tx.first_delivery("analytics", "evt_1").await.unwrap(),
        "each consumer for itself"
    );
}

async fn a_delivery_rolled_back_counts_for_nothing(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    assert!(tx.first_delivery("search", "evt_1").await.unwrap());
    drop(tx);
    let tx = store.begin().await.unwrap();
    assert!(tx.first_delivery("search", "evt_1").await.unwrap());
}

async fn of_several_deliveries_each_applies_once(home: Home) {
    let store = home.store().await;
    let ids: Vec<String> = (0..40).map(|n| format!("evt_{n}")).collect();
    let some: Vec<&str> = ids.iter().map(String::as_str).collect();
    let tx = store.begin().await.unwrap();
    assert!(tx.first_delivery("search", "evt_7").await.unwrap());
    tx.commit().await.unwrap();
    let tx = store.begin().await.unwrap();
    // Some come twice, and not in their order.
    let twice: Vec<&str> = some.iter().rev().chain(&some[..3]).copied().collect();
    let news = tx.first_deliveries("search", &twice).await.unwrap();
    assert_eq!(news.len(), 39);
    assert!(!news.contains("evt_7"));
    tx.commit().await.unwrap();
    let tx = store.begin().await.unwrap();
    let news = tx.first_deliveries("search", &some).await.unwrap();
    assert!(news.is_empty(), "{news:?}");
    let none = tx.first_deliveries("search", &[]).await.unwrap();
    assert!(none.is_empty());
}

async fn versions_apply_in_order_only(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    let advance = |version| tx.advance("search", "cov_1", version);
    assert_eq!(advance(2).await.unwrap(), Advance::Gap { expected: 1 });
    assert_eq!(advance(1).await.unwrap(), Advance::Apply);
    assert_eq!(advance(1).await.unwrap(), Advance::Stale);
    assert_eq!(advance(4).await.unwrap(), Advance::Gap { expected: 2 });
    assert_eq!(advance(2).await.unwrap(), Advance::Apply);
    assert_eq!(advance(3).await.unwrap(), Advance::Apply);
    assert_eq!(advance(2).await.unwrap(), Advance::Stale);
    assert_eq!(
        tx.advance("search", "cov_2", 1).await.unwrap(),
        Advance::Apply
    );
    tx.commit().await.unwrap();
}

async fn a_snapshot_sets_the_position(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    tx.rebase("search", "cov_1", 41).await.unwrap();
    assert_eq!(
        tx.advance("search", "cov_1", 41).await.unwrap(),
        Advance::Stale
    );
    assert_eq!(
        tx.advance("search", "cov_1", 42).await.unwrap(),
        Advance::Apply
    );
}

async fn attempts_are_counted_from_the_second_until_they_are_forgotten(home: Home) {
    let (store, replica) = (home.store().await, home.open().await);
    // The first delivery is not noted; what comes again has been here once.
    let begin =
        async |store: &covergen_store::Store, consumer: &str, event: &str, delivery: u32| {
            let attempt = store.begin_attempt(consumer, event, delivery).await;
            attempt.unwrap()
        };
    assert_eq!(begin(&store, "search", "evt_1", 2).await, 2);
    // Some deliveries were never begun.
    assert_eq!(begin(&replica, "search", "evt_1", 9).await, 3);
    assert_eq!(begin(&store, "search", "evt_2", 2).await, 2);
    assert_eq!(begin(&store, "user", "evt_1", 2).await, 2);
    store.end_attempts("search", "evt_1").await.unwrap();
    assert_eq!(begin(&store, "search", "evt_1", 2).await, 2);
    assert_eq!(begin(&store, "search", "evt_2", 3).await, 3);
    assert_eq!(begin(&store, "search", "evt_2", 4).await, 4);
    // Parked, with its row left behind, and handed out anew.
    assert_eq!(begin(&store, "search", "evt_2", 2).await, 2);
    assert_eq!(begin(&store, "search", "evt_2", 3).await, 3);
    let tx = store.begin().await.unwrap();
    tx.forget_attempts("search").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(begin(&store, "search", "evt_2", 4).await, 2);
    assert_eq!(begin(&store, "user", "evt_1", 3).await, 3);
}
