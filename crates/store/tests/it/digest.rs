use crate::support::{Home, insert_cover, run};

on_both_engines!(
    the_digest_changes_if_and_only_if_rows_do,
    a_null_is_not_an_empty_text
);

async fn the_digest_changes_if_and_only_if_rows_do(home: Home) {
    let store = home.store().await;
    let other = home.open().await;
    let empty = store.digest().await.unwrap();
    assert_eq!(
        other.digest().await.unwrap(),
        empty,
        "the same from every connection"
    );

    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    drop(tx);
    assert_eq!(
        store.digest().await.unwrap(),
        empty,
        "a rollback changes nothing"
    );

    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    insert_cover(&tx, "c2", 1).await.unwrap();
    tx.commit().await.unwrap();
    let two = store.digest().await.unwrap();
    assert_ne!(two, empty);

    let tx = store.begin().await.unwrap();
    run(&tx, "UPDATE covers SET units = 2 WHERE id = 'c2'")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_ne!(store.digest().await.unwrap(), two);

    // The same rows, stored in another order.
    let tx = store.begin().await.unwrap();
    run(&tx, "DELETE FROM covers").await.unwrap();
    insert_cover(&tx, "c2", 1).await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.digest().await.unwrap(), two);
}

async fn a_null_is_not_an_empty_text(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    tx.commit().await.unwrap();
    let null = store.digest().await.unwrap();
    let tx = store.begin().await.unwrap();
    run(&tx, "UPDATE covers SET note = ''").await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(store.digest().await.unwrap(), null);
}
