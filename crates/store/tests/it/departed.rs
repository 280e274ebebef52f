//! Who leaves takes everything along, whatever is under way for them.

use covergen_ids::{Clock, UserId};
use covergen_store::{Claim, ClaimScope, Claimed, Error, Store};
use sea_orm::DbBackend;

use crate::support::{Home, covers, insert_cover};

on_both_engines!(
    whoever_left_is_not_answered_from_memory_and_claims_nothing,
    what_was_begun_for_whoever_left_is_not_kept,
    nothing_begins_for_whoever_left,
    leaving_waits_for_what_is_being_written,
    a_claim_waits_for_whoever_is_leaving,
);

const DIGEST: [u8; 32] = [7; 32];

fn somebody() -> UserId {
    UserId::new(&Clock::system())
}

fn scope(user: UserId, key: &str) -> ClaimScope {
    ClaimScope::new(user.to_string(), "m", key)
}

async fn claim(store: &Store, user: UserId) -> Result<Claimed, Error> {
    store.claim(&scope(user, "k"), DIGEST, 60_000).await
}

async fn new_claim(store: &Store, user: UserId) -> Claim {
    match claim(store, user).await.unwrap() {
        Claimed::New(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn whoever_left_is_not_answered_from_memory_and_claims_nothing(home: Home) {
    let store = home.store().await;
    let (leaver, other) = (somebody(), somebody());
    for user in [leaver, other] {
        let claim = new_claim(&store, user).await;
        let tx = store.begin().await.unwrap();
        let done = tx.commit_with(claim, "what was told".to_owned()).await;
        done.unwrap().into_reply();
    }
    for _ in 0..2 {
        store.depart(leaver).await.unwrap();
    }
    let again = claim(&store, leaver).await;
    assert!(matches!(again, Err(Error::Departed)), "{again:?}");
    let again = claim(&store, other).await.unwrap();
    assert!(matches!(again, Claimed::Replay(_)), "{again:?}");
}

/// With a key and without.
async fn what_was_begun_for_whoever_left_is_not_kept(home: Home) {
    let store = home.store().await;
    let (keyed, keyless) = (somebody(), somebody());
    let claim = new_claim(&store, keyed).await;
    store.depart(keyed).await.unwrap();
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "keyed", 1).await.unwrap();
    let late = tx.commit_with(claim, "made".to_owned()).await;
    assert!(matches!(late, Err(Error::Fenced)), "{late:?}");

    store.depart(keyless).await.unwrap();
    let late = store
        .idempotent(&scope(keyless, ""), &(), |claim| async {
            let tx = store.begin().await?;
            insert_cover(&tx, "keyless", 1).await?;
            tx.commit_with(claim, "made".to_owned()).await
        })
        .await;
    assert!(matches!(late, Err(Error::Departed)), "{late:?}");
    assert_eq!(covers(&store).await, 0);
}

async fn nothing_begins_for_whoever_left(home: Home) {
    let store = home.store().await;
    let (leaver, other) = (somebody(), somebody());
    assert!(!store.is_departed(leaver).await.unwrap());
    store.depart(leaver).await.unwrap();
    assert!(store.is_departed(leaver).await.unwrap());
    let late = store.begin_for(leaver).await;
    assert!(matches!(late, Err(Error::Departed)), "{late:?}");
    let tx = store.begin_for(other).await.unwrap();
    insert_cover(&tx, "theirs", 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(covers(&store).await, 1);
}

/// SQLite has one writer at a time.
async fn leaving_waits_for_what_is_being_written(home: Home) {
    let store = home.store().await;
    if store.backend() != DbBackend::Postgres {
        return;
    }
    let leaver = somebody();
    let tx = store.begin_for(leaver).await.unwrap();
    insert_cover(&tx, "last", 1).await.unwrap();
    let write = async {
        covergen_testkit::postgres_until_blocked(&home.config().url, "cover").await;
        assert_eq!(covers(&store).await, 0);
        tx.commit().await.unwrap();
    };
    let (left, ()) = tokio::join!(store.depart(leaver), write);
    left.unwrap();
    assert_eq!(covers(&store).await, 1);
}

async fn a_claim_waits_for_whoever_is_leaving(home: Home) {
    let store = home.store().await;
    if store.backend() != DbBackend::Postgres {
        return;
    }
    let leaver = somebody();
    let tx = store.begin().await.unwrap();
    assert!(tx.depart(leaver).await.unwrap());
    let leave = async {
        covergen_testkit::postgres_until_blocked(&home.config().url, "cover").await;
        tx.commit().await.unwrap();
    };
    let (late, ()) = tokio::join!(claim(&store, leaver), leave);
    assert!(matches!(late, Err(Error::Departed)), "{late:?}");
}
