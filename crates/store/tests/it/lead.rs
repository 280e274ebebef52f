//! One process at a time, by a row with a term.

use std::time::Duration;

use covergen_ids::Clock;
use covergen_store::{Leading, Store};

use crate::support::{Home, WITHIN, eventually, number, run, schema};

on_both_engines!(
    one_of_many_leads_until_it_gives_up,
    whoever_died_is_followed_when_its_term_has_ended,
    a_term_that_is_renewed_does_not_end,
    a_holder_that_lost_its_lead_is_told,
    no_term_begins_before_the_one_before_it_has_ended,
);

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(200);

/// What everybody who asks at the same time is told.
async fn race(stores: &[Store], term: Duration) -> Vec<Leading> {
    let racers: Vec<_> = (0..12)
        .map(|n| {
            let store = stores[n % stores.len()].clone();
            tokio::spawn(async move { store.lead("archive", term).await.unwrap() })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        won.extend(racer.await.unwrap());
    }
    won
}

async fn one_of_many_leads_until_it_gives_up(home: Home) {
    let stores = [home.store().await, home.open().await];
    let mut token = 0;
    for _ in 0..3 {
        let mut won = race(&stores, LONG).await;
        assert_eq!(won.len(), 1);
        let leading = won.remove(0);
        assert!(leading.token() > token && leading.is_certain());
        token = leading.token();
        assert!(race(&stores, LONG).await.is_empty());
        let other = stores[1].lead("other", LONG).await.unwrap();
        assert!(other.is_some_and(|other| other.is_certain()));
        leading.give_up().await.unwrap();
        let free = "UPDATE leads SET until_ms = 0 WHERE what = 'other'";
        let tx = stores[0].begin().await.unwrap();
        run(&tx, free).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn whoever_died_is_followed_when_its_term_has_ended(home: Home) {
    let (store, replica) = (home.store().await, home.open().await);
    let dead = store.lead("archive", SHORT).await.unwrap().unwrap();
    let token = dead.token();
    drop(dead);
    store.close().await;
    eventually("the next one", || async {
        let next = replica.lead("archive", LONG).await.unwrap();
        next.is_some_and(|next| next.token() == token + 1)
    })
    .await;
}

async fn a_term_that_is_renewed_does_not_end(home: Home) {
    let (store, replica) = (home.store().await, home.open().await);
    let mut leading = store.lead("archive", LONG).await.unwrap().unwrap();
    let ends = "SELECT until_ms FROM leads";
    let before = number(&store, ends).await;
    eventually("a later end", || async {
        now_ms(&store).await > before - 600_000
    })
    .await;
    assert!(leading.renew().await.unwrap());
    assert!(number(&store, ends).await > before);
    assert!(replica.lead("archive", LONG).await.unwrap().is_none());
}

async fn a_holder_that_lost_its_lead_is_told(home: Home) {
    let (store, replica) = (home.store().await, home.open().await);
    let mut frozen = store.lead("archive", SHORT).await.unwrap().unwrap();
    let next = async {
        loop {
            if let Some(next) = replica.lead("archive", LONG).await.unwrap() {
                return next;
            }
            tokio::task::yield_now().await;
        }
    };
    let taken = tokio::time::timeout(WITHIN, next).await.unwrap();
    // By its own clock, before it has asked.
    assert!(!frozen.is_certain());
    assert!(!frozen.renew().await.unwrap());
    assert!(!frozen.is_certain());
    // And it takes nothing away from the one that leads.
    frozen.give_up().await.unwrap();
    assert!(store.lead("archive", LONG).await.unwrap().is_none());
    assert!(taken.is_certain());
}

/// By the clock that judges: on PostgreSQL the server's.
async fn no_term_begins_before_the_one_before_it_has_ended(home: Home) {
    let stores = [home.store().await, home.open().await, home.open().await];
    let takers: Vec<_> = stores
        .iter()
        .cloned()
        .map(|store| {
            tokio::spawn(async move {
                let mut terms = Vec::new();
                while terms.len() < 4 {
                    if let Some(leading) = store.lead("archive", SHORT).await.unwrap() {
                        // Where it has ended and another's runs by now, there
                        // is no such row any more.
                        let token = leading.token();
                        let row = format!(
                            "SELECT coalesce(max(until_ms), 0) FROM leads WHERE token = {token}"
                        );
                        let until_ms = number(&store, &row).await;
                        if until_ms > 0 {
                            terms.push((token, until_ms));
                        }
                    }
                    tokio::task::yield_now().await;
                }
                terms
            })
        })
        .collect();
    let mut terms = Vec::new();
    for taker in takers {
        terms.extend(taker.await.unwrap());
    }
    terms.sort_unstable();
    for pair in terms.windows(2) {
        let [(one, until_ms), (next, next_until_ms)] = pair else {
            unreachable!("windows of two");
        };
        assert_ne!(one, next);
        // The next term began no earlier than this one ended.
        let begun_ms = next_until_ms - i64::try_from(SHORT.as_millis()).unwrap();
        assert!(begun_ms >= *until_ms, "{terms:?}");
    }
}

async fn now_ms(store: &Store) -> i64 {
    let tx = store.begin().await.unwrap();
    let now_ms = tx.lease_now_ms();
    tx.rollback().await.unwrap();
    now_ms
}

/// A term of an earlier life that seems to end in an hour, since the clock was
/// set back between the two, lasts no longer than a term.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_clock_that_was_set_back_makes_no_term_longer() {
    let home = Home::sqlite();
    let (first, second) = (Clock::manual(9_000_000), Clock::manual(5_000_000));
    let before = home.store().await.with_lease_clock(first.clock());
    assert!(before.lead("archive", LONG).await.unwrap().is_some());
    let after = home.open().await.with_lease_clock(second.clock());
    after.migrate(schema()).await.unwrap();
    assert!(after.lead("archive", LONG).await.unwrap().is_none());
    second.advance_ms(600_000);
    assert!(after.lead("archive", LONG).await.unwrap().is_some());
}

/// Nor does that of a process whose clock is far ahead, whatever became of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_clock_that_is_far_ahead_keeps_no_lead() {
    let home = Home::sqlite();
    let (first, second) = (Clock::manual(9_000_000), Clock::manual(5_000_000));
    let ahead = home.store().await.with_lease_clock(first.clock());
    let behind = home.open().await.with_lease_clock(second.clock());
    assert!(ahead.lead("archive", LONG).await.unwrap().is_some());
    assert!(behind.lead("archive", LONG).await.unwrap().is_some());
    // A little ahead is what clocks are.
    let (first, second) = (Clock::manual(5_500_000), Clock::manual(5_000_000));
    let ahead = home.open().await.with_lease_clock(first.clock());
    let behind = home.open().await.with_lease_clock(second.clock());
    assert!(ahead.lead("other", LONG).await.unwrap().is_some());
    assert!(behind.lead("other", LONG).await.unwrap().is_none());
}
