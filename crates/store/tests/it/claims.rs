use covergen_ids::Clock;
use covergen_store::{Claim, ClaimScope, Claimed, Error, Sealer, Store};
use sea_orm::{ConnectionTrait as _, DbBackend};

use crate::support::{Home, covers, insert_cover, number, run};

on_both_engines!(
    of_many_racers_exactly_one_gets_the_claim,
    an_expired_lease_is_taken_over_and_the_loser_is_rolled_back,
    a_reply_being_committed_beats_a_takeover,
    another_request_under_the_same_key_is_told_apart,
    keys_of_other_principals_and_methods_are_other_keys,
    a_released_key_starts_afresh,
    a_dropped_claim_can_be_taken_over_at_once,
    a_sealed_reply_is_unreadable_at_rest_and_replays,
    after_a_day_the_key_is_free_again,
    an_overlong_key_is_refused,
    a_claim_that_could_not_be_kept_is_none,
);

const DIGEST: [u8; 32] = [7; 32];
const LEASE_MS: i64 = 60_000;

fn scope(key: &str) -> ClaimScope {
    ClaimScope::new("usr_1", "covergen.cover.v1.CoverService/Generate", key)
}

async fn new_claim(store: &Store, key: &str, lease_ms: i64) -> Claim {
    match store.claim(&scope(key), DIGEST, lease_ms).await.unwrap() {
        Claimed::New(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn of_many_racers_exactly_one_gets_the_claim(home: Home) {
    let stores = [home.store().await, home.open().await];
    let racers: Vec<_> = (0..24)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap() })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Claimed::New(claim) => won.push(claim),
            Claimed::InFlight => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(won.len(), 1);
}

async fn an_expired_lease_is_taken_over_and_the_loser_is_rolled_back(home: Home) {
    let store = home.store().await;
    let slow = new_claim(&store, "k", 0).await;
    let fast = new_claim(&store, "k", LEASE_MS).await;
    assert_eq!(
        slow.operation_id(),
        fast.operation_id(),
        "both do the same thing"
    );

    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "slow", 1).await.unwrap();
    assert!(matches!(
        tx.commit_with(slow, String::new()).await,
        Err(Error::Fenced)
    ));
    assert_eq!(covers(&store).await, 0, "the loser's change is gone");

    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "fast", 1).await.unwrap();
    let reply = "made".to_owned();
    let _ = tx.commit_with(fast, reply).await.unwrap();
    assert_eq!(covers(&store).await, 1);
    let again = store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap();
    assert!(matches!(again, Claimed::Replay(_)), "{again:?}");
}

async fn a_reply_being_committed_beats_a_takeover(home: Home) {
    let store = home.store().await;
    let claim = new_claim(&store, "k", 0).await;
    let tx = store.begin().await.unwrap();
    tx.fulfil(&claim, b"reply").await.unwrap();
    let late = tokio::spawn({
        let store = store.clone();
        async move { store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap() }
    });
    // However far the other has come, the row stays locked until this commit.
    tokio::task::yield_now().await;
    tx.commit().await.unwrap();
    let late = late.await.unwrap();
    assert!(
        matches!(&late, Claimed::Replay(reply) if reply == b"reply"),
        "{late:?}"
    );
}

async fn another_request_under_the_same_key_is_told_apart(home: Home) {
    let store = home.store().await;
    let claim = new_claim(&store, "k", 0).await;
    let other = async || store.claim(&scope("k"), [8; 32], LEASE_MS).await;
    assert!(
        matches!(other().await.unwrap(), Claimed::DigestMismatch),
        "while in flight"
    );
    let tx = store.begin().await.unwrap();
    let _ = tx.commit_with(claim, String::new()).await.unwrap();
    assert!(
        matches!(other().await.unwrap(), Claimed::DigestMismatch),
        "and afterwards"
    );
}

async fn keys_of_other_principals_and_methods_are_other_keys(home: Home) {
    let store = home.store().await;
    let _held = new_claim(&store, "k", LEASE_MS).await;
    for scope in [
        ClaimScope::new("usr_2", "m", "k"),
        ClaimScope::new("usr_1", "m", "k"),
    ] {
        let claimed = store.claim(&scope, DIGEST, LEASE_MS).await.unwrap();
        assert!(matches!(claimed, Claimed::New(_)), "{scope:?}");
    }
}

async fn a_released_key_starts_afresh(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    let first = new_claim(&store, "k", LEASE_MS).await;
    let first_id = first.operation_id();
    assert_ne!(store.digest().await.unwrap(), before);
    first.release().await.unwrap();
    assert_eq!(
        store.digest().await.unwrap(),
        before,
        "a refusal leaves nothing behind"
    );
    let claimed = store.claim(&scope("k"), [8; 32], LEASE_MS).await.unwrap();
    let Claimed::New(second) = claimed else {
        panic!("{claimed:?}")
    };
    assert_ne!(second.operation_id(), first_id);
}

async fn a_dropped_claim_can_be_taken_over_at_once(home: Home) {
    let store = home.store().await;
    let first = new_claim(&store, "k", LEASE_MS).await;
    let operation_id = first.operation_id();
    drop(first);
    let taken = tokio::time::timeout(crate::support::WITHIN, async {
        loop {
            if let Claimed::New(claim) = store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap() {
                return claim;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(taken.await.unwrap().operation_id(), operation_id);
}

async fn a_sealed_reply_is_unreadable_at_rest_and_replays(home: Home) {
    let store = home.store().await;
    let scope = scope("k").sealed();
    let unsealed = store.claim(&scope, DIGEST, LEASE_MS).await;
    assert!(
        matches!(unsealed, Err(Error::Sealed(_))),
        "no key, no claim"
    );

    let store = store.with_sealer(Sealer::new([1; 32], &[]));
    let Claimed::New(claim) = store.claim(&scope, DIGEST, LEASE_MS).await.unwrap() else {
        panic!()
    };
    let tx = store.begin().await.unwrap();
    tx.fulfil(&claim, b"the-session-token").await.unwrap();
    tx.commit().await.unwrap();

    let hidden = crate::support::number(
        &store,
        "SELECT count(*) FROM idempotency_claims WHERE reply IS NOT NULL AND length(reply) > 17",
    );
    assert_eq!(hidden.await, 1);
    let stored = sea_orm::ConnectionTrait::query_one_raw(
        store.read(),
        sea_orm::Statement::from_string(store.backend(), "SELECT reply FROM idempotency_claims"),
    );
    let stored: Vec<u8> = stored.await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert!(!stored.windows(7).any(|part| part == b"session"));

    let rotated = store.clone().with_sealer(Sealer::new([2; 32], &[[1; 32]]));
    let again = rotated.claim(&scope, DIGEST, LEASE_MS).await.unwrap();
    assert!(
        matches!(&again, Claimed::Replay(reply) if reply == b"the-session-token"),
        "{again:?}"
    );
    let stranger = store.with_sealer(Sealer::new([3; 32], &[]));
    let refused = stranger.claim(&scope, DIGEST, LEASE_MS).await;
    assert!(matches!(refused, Err(Error::Sealed(_))));
}

async fn after_a_day_the_key_is_free_again(home: Home) {
    let store = home.store().await;
    for key in ["used", "purged"] {
        let claim = new_claim(&store, key, LEASE_MS).await;
        let tx = store.begin().await.unwrap();
        let _ = tx.commit_with(claim, String::new()).await.unwrap();
    }
    assert_eq!(
        store.maintain().await.unwrap().claims,
        0,
        "a fresh reply stays"
    );
    let tx = store.begin().await.unwrap();
    run(
        &tx,
        "UPDATE idempotency_claims SET expires_at_ms = expires_at_ms - 86400000",
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let claimed = store
        .claim(&scope("used"), [8; 32], LEASE_MS)
        .await
        .unwrap();
    assert!(matches!(claimed, Claimed::New(_)), "{claimed:?}");
    assert_eq!(store.maintain().await.unwrap().claims, 1);
}

async fn an_overlong_key_is_refused(home: Home) {
    let store = home.store().await;
    let claimed = store
        .claim(&scope(&"k".repeat(257)), DIGEST, LEASE_MS)
        .await;
    assert!(matches!(claimed, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn on_sqlite_a_restart_renews_terms_whatever_the_wall_clock_says() {
    let home = Home::sqlite();
    let store = home.store().await;
    let held = new_claim(&store, "k", LEASE_MS).await;
    std::mem::forget(held); // The process dies: nothing is given up.
    store.close().await;

    // The machine comes back with its clock an hour behind.
    let lease_clock = Clock::manual(Clock::system().now_ms() - 3_600_000);
    let store = home.open().await.with_lease_clock(lease_clock.clock());
    store.migrate(crate::support::schema()).await.unwrap();
    lease_clock.advance_ms(LEASE_MS - 1);
    let claimed = store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap();
    assert!(matches!(claimed, Claimed::InFlight), "{claimed:?}");
    lease_clock.advance_ms(1);
    let claimed = store.claim(&scope("k"), DIGEST, LEASE_MS).await.unwrap();
    assert!(matches!(claimed, Claimed::New(_)), "{claimed:?}");
}

/// The row comes back from the statement, and the commit that follows it fails,
/// as where the disk is full.
async fn a_claim_that_could_not_be_kept_is_none(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    let spoiler = "INSERT INTO orphans VALUES (1);";
    let spoiled = match store.backend() {
        DbBackend::Postgres => format!(
            "CREATE FUNCTION spoil() RETURNS trigger AS
                $$ BEGIN {spoiler} RETURN NEW; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER spoil AFTER INSERT ON idempotency_claims
                FOR EACH ROW EXECUTE FUNCTION spoil()"
        ),
        _ => format!("CREATE TRIGGER spoil AFTER INSERT ON idempotency_claims BEGIN {spoiler} END"),
    };
    for sql in [
        "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
        "CREATE TABLE orphans (id INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
        &spoiled,
    ] {
        tx.execute_unprepared(sql).await.unwrap();
    }
    tx.commit().await.unwrap();

    let claimed = store.claim(&scope("k"), DIGEST, LEASE_MS).await;
    assert!(matches!(claimed, Err(Error::ForeignKey(_))), "{claimed:?}");
    let kept = number(&store, "SELECT count(*) FROM idempotency_claims").await;
    assert_eq!(kept, 0);
}
