use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use covergen_store::{DispatchFailure, RelayOptions, Store};

use crate::support::{Home, Recorder, emit, emit_now, eventually, never_polls, options, relay};

on_both_engines!(
    a_commit_wakes_the_relay,
    what_an_earlier_life_left_is_sent,
    events_keep_their_order_under_several_relays_and_writers,
    a_crash_between_publishing_and_recording_publishes_again,
    a_failing_aggregate_holds_up_only_itself,
    what_was_taken_ahead_of_a_failure_keeps_its_order,
    a_refused_event_is_parked_and_holds_its_aggregate_back,
    while_the_log_is_away_writes_succeed_and_drain_afterwards,
    a_log_that_comes_back_is_given_at_once_what_waited,
    nobody_there_is_no_failed_attempt,
    a_log_that_lost_its_tail_is_refilled_in_order,
    a_panicking_dispatcher_loses_nothing,
    stopping_records_what_was_published,
);

async fn a_commit_wakes_the_relay(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    for _ in 0..5 {
        let emitted = emit_now(&store, "cov_1").await;
        recorder
            .until("the event", |seen| {
                seen.event_ids().contains(&emitted.to_string())
            })
            .await;
    }
    running.drained().await;
    assert_eq!(recorder.event_ids().len(), 5, "each was sent once");
    running.end().await;
}

async fn what_an_earlier_life_left_is_sent(home: Home) {
    let store = home.store().await;
    let left = emit_now(&store, "cov_1").await;
    store.close().await;
    let store = home.open().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    running.drained().await;
    assert_eq!(recorder.event_ids(), [left.to_string()]);
    running.end().await;
}

async fn events_keep_their_order_under_several_relays_and_writers(home: Home) {
    const WRITERS: usize = 6;
    const TURNS: usize = 20;
    let recorder = Recorder::new();
    let mut stores = vec![home.store().await];
    stores.push(home.open().await);
    stores.push(home.open().await);
    let small = RelayOptions {
        event_batch: 4,
        ..options()
    };
    let relays: Vec<_> = stores
        .iter()
        .map(|store| relay(store, &recorder, small.clone()))
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = stores[writer % stores.len()].clone();
            tokio::spawn(async move {
                for turn in 0..TURNS {
                    emit_now(&store, &format!("cov_{}", (writer + turn) % 4)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for running in relays {
        running.drained().await;
        running.end().await;
    }
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for event in recorder.events.lock().unwrap().iter() {
        if !ids.insert(event.id.to_string()) {
            continue; // A duplicate is allowed; an event out of order is not.
        }
        let before = last.insert(event.aggregate.clone(), event.aggregate_version);
        assert_eq!(
            event.aggregate_version,
            before.unwrap_or(0) + 1,
            "{}",
            event.aggregate
        );
    }
    assert_eq!(ids.len(), WRITERS * TURNS);
}

async fn a_crash_between_publishing_and_recording_publishes_again(home: Home) {
    let store = home.store().await;
    let dying = Recorder::closed();
    let running = relay(&store, &dying, options());
    let emitted = emit_now(&store, "cov_1").await;
    dying
        .until("the first publication", |seen| !seen.event_ids().is_empty())
        .await;
    // Published, and not recorded: the answer never comes.
    running.handle.abort();
    running.handle.join().await;
    emit_now(&store, "cov_1").await;

    let next = home.open().await;
    let recorder = Recorder::new();
    let running = relay(&next, &recorder, options());
    running.drained().await;
    assert_eq!(
        recorder.event_ids()[0],
        emitted.to_string(),
        "again, and first"
    );
    assert_eq!(recorder.event_ids().len(), 2);
    running.end().await;
}

/// Batches of four, then of eight at most.
fn small_batches() -> RelayOptions {
    RelayOptions {
        event_batch: 4,
        max_event_batch: 8,
        ..never_polls()
    }
}

async fn emit_all(store: &Store, aggregates: &[&str]) {
    let tx = store.begin().await.unwrap();
    for aggregate in aggregates {
        emit(&tx, aggregate).await;
    }
    tx.commit().await.unwrap();
}

async fn what_was_taken_ahead_of_a_failure_keeps_its_order(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|aggregate, seen| match aggregate {
        "cov_bad" if seen < 2 => Err(DispatchFailure::Retry("not now".to_owned())),
        _ => Ok(()),
    });
    // The second of the failing aggregate is in the batch taken ahead.
    let first = ["cov_1", "cov_bad", "cov_2", "cov_3"];
    let ahead = ["cov_4", "cov_bad", "cov_1", "cov_5", "cov_6"];
    emit_all(&store, &[&first[..], &ahead[..]].concat()).await;
    let running = relay(&store, &recorder, small_batches());
    running.drained().await;
    running.end().await;
    let events = recorder.events.lock().unwrap();
    let last = |version: i64| {
        events
            .iter()
            .rposition(|event| event.aggregate == "cov_bad" && event.aggregate_version == version)
    };
    assert!(last(1) < last(2), "the second is behind the first");
    for aggregate in ["cov_2", "cov_3", "cov_4", "cov_5", "cov_6"] {
        let sent = events.iter().filter(|event| event.aggregate == aggregate);
        assert_eq!(sent.count(), 1, "{aggregate}");
    }
}

async fn a_failing_aggregate_holds_up_only_itself(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|aggregate, seen| match aggregate {
        "cov_bad" if seen < 3 => Err(DispatchFailure::Retry("not now".to_owned())),
        _ => Ok(()),
    });
    let tx = store.begin().await.unwrap();
    for aggregate in ["cov_bad", "cov_good", "cov_bad", "cov_good"] {
        emit(&tx, aggregate).await;
    }
    tx.commit().await.unwrap();
    let running = relay(&store, &recorder, never_polls());
    running.drained().await;
    running.end().await;
    let events = recorder.events.lock().unwrap();
    let count = |aggregate: &str, version: i64| {
        let same = |event: &&covergen_store::OutboxEvent| {
            event.aggregate == aggregate && event.aggregate_version == version
        };
        events.iter().filter(same).count()
    };
    assert_eq!(count("cov_bad", 1), 4, "three failures and a success");
    assert_eq!((count("cov_good", 1), count("cov_good", 2)), (1, 1));
    let last_of_first = events
        .iter()
        .rposition(|e| e.aggregate == "cov_bad" && e.aggregate_version == 1);
    let last_of_second = events
        .iter()
        .rposition(|e| e.aggregate == "cov_bad" && e.aggregate_version == 2);
    assert!(
        last_of_first < last_of_second,
        "the second is (also) sent behind the first"
    );
}

async fn a_refused_event_is_parked_and_holds_its_aggregate_back(home: Home) {
    let store = home.store().await;
    let healed = Arc::new(AtomicBool::new(false));
    let recorder = Recorder::judging({
        let healed = Arc::clone(&healed);
        move |aggregate, _| match aggregate {
            "cov_bad" if !healed.load(Ordering::SeqCst) => {
                Err(DispatchFailure::Refused("unknown stream".to_owned()))
            }
            _ => Ok(()),
        }
    });
    let running = relay(&store, &recorder, never_polls());
    let bad = emit_now(&store, "cov_bad").await;
    eventually("the parking", || async {
        store.backlog().await.unwrap().parked == 1
    })
    .await;
    let held = emit_now(&store, "cov_bad").await;
    let good = emit_now(&store, "cov_good").await;
    recorder
        .until("the other aggregate", |seen| {
            seen.event_ids().contains(&good.to_string())
        })
        .await;
    let parked = store.parked(10).await.unwrap();
    assert_eq!(
        (parked[0].id.as_str(), parked[0].last_error.as_str()),
        (bad.to_string().as_str(), "unknown stream")
    );
    assert!(
        !recorder.event_ids().contains(&held.to_string()),
        "held back"
    );

    healed.store(true, Ordering::SeqCst);
    assert!(store.unpark(&parked[0].id).await.unwrap());
    assert!(!store.unpark(&parked[0].id).await.unwrap());
    running.drained().await;
    assert_eq!(store.backlog().await.unwrap().parked, 0);
    assert!(recorder.event_ids().contains(&held.to_string()));
    running.end().await;
}

async fn while_the_log_is_away_writes_succeed_and_drain_afterwards(home: Home) {
    let store = home.store().await;
    let away = Arc::new(AtomicBool::new(true));
    let recorder = Recorder::judging({
        let away = Arc::clone(&away);
        move |_, _| match away.load(Ordering::SeqCst) {
            true => Err(DispatchFailure::Retry("the log is away".to_owned())),
            false => Ok(()),
        }
    });
    let running = relay(&store, &recorder, never_polls());
    for n in 0..40 {
        emit_now(&store, &format!("cov_{}", n % 5)).await;
    }
    recorder
        .until("attempts", |seen| seen.event_ids().len() > 5)
        .await;
    assert_eq!(store.backlog().await.unwrap().events, 40);
    away.store(false, Ordering::SeqCst);
    running.drained().await;
    running.end().await;
}

/// The relay looks by itself once in an hour: that it is told is all it has.
async fn a_log_that_comes_back_is_given_at_once_what_waited(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    recorder.is_away.store(true, Ordering::SeqCst);
    let running = relay(&store, &recorder, never_polls());
    for _ in 0..2 {
        let tx = store.begin().await.unwrap();
        for n in 0..300 {
            emit(&tx, &format!("cov_{}", n % 7)).await;
        }
        tx.commit().await.unwrap();
    }
    // It asked, and left the outbox alone.
    recorder.asked().await;
    assert!(recorder.event_ids().is_empty());
    let touched = "SELECT count(*) FROM outbox WHERE attempts > 0 OR lease_owner <> ''";
    assert_eq!(crate::support::number(&store, touched).await, 0);

    recorder.is_away.store(false, Ordering::SeqCst);
    recorder.returned.notify_one();
    running.drained().await;
    running.end().await;
    let mut versions: BTreeMap<String, i64> = BTreeMap::new();
    for event in recorder.events.lock().unwrap().iter() {
        let before = versions.insert(event.aggregate.clone(), event.aggregate_version);
        assert_eq!(event.aggregate_version, before.unwrap_or(0) + 1);
    }
    assert_eq!(recorder.event_ids().len(), 600, "each was sent once");
    // As long as there is more, each batch is twice the one before.
    assert_eq!(*recorder.batches.lock().unwrap(), [128, 256, 216]);
}

async fn nobody_there_is_no_failed_attempt(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|_, seen| match seen {
        0 | 1 => Err(DispatchFailure::Away("nobody answers".to_owned())),
        _ => Ok(()),
    });
    let running = relay(&store, &recorder, never_polls());
    emit_now(&store, "cov_1").await;
    running.drained().await;
    running.end().await;
    assert_eq!(recorder.event_ids().len(), 3);
    let attempts = "SELECT max(attempts) FROM outbox";
    assert_eq!(crate::support::number(&store, attempts).await, 1);
}

async fn a_log_that_lost_its_tail_is_refilled_in_order(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    for _ in 0..3 {
        emit_now(&store, "cov_1").await;
    }
    running.drained().await;
    let before = recorder.event_ids();
    assert_eq!(store.republish_since(0).await.unwrap(), 3);
    running.drained().await;
    assert_eq!(recorder.event_ids()[3..], before[..]);

    let sent = store.sent_events(0, None, 10).await.unwrap();
    let ids: BTreeSet<String> = sent.iter().map(|one| one.id.clone()).collect();
    assert_eq!(ids.len(), 3);
    let last = &sent[0];
    assert_eq!(store.sent_at(&last.id).await.unwrap(), Some(last.at_ms));
    // Page by page, though all may have been sent at one moment.
    let first = store.sent_events(0, None, 2).await.unwrap();
    assert_eq!(first[..], sent[..2]);
    let rest = store.sent_events(0, first.last(), 2).await.unwrap();
    assert_eq!(rest[..], sent[2..]);
    let later = store.sent_events(last.at_ms + 1, None, 2).await.unwrap();
    assert!(later.is_empty());
    assert_eq!(store.sent_at("evt_unknown").await.unwrap(), None);
    let some = [before[2].to_string(), before[1].to_string()];
    assert_eq!(store.resend(&some).await.unwrap(), 2);
    running.drained().await;
    assert_eq!(recorder.event_ids()[6..], before[1..]);
    assert_eq!(store.resend(&[]).await.unwrap(), 0);
    running.end().await;
}

async fn a_panicking_dispatcher_loses_nothing(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|_, seen| {
        assert!(seen > 0, "the first time it panics");
        Ok(())
    });
    let running = relay(&store, &recorder, never_polls());
    emit_now(&store, "cov_1").await;
    crate::support::command_now(&store, "task.submit", "tsk_1").await;
    running.drained().await;
    running.end().await;
}

async fn stopping_records_what_was_published(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::closed();
    let running = relay(&store, &recorder, never_polls());
    emit_now(&store, "cov_1").await;
    crate::support::command_now(&store, "task.submit", "tsk_1").await;
    recorder
        .until("both", |seen| {
            !seen.event_ids().is_empty() && !seen.names().is_empty()
        })
        .await;
    running.stop.cancel();
    recorder.gate.add_permits(2);
    running.end().await;
    let left = store.backlog().await.unwrap();
    assert_eq!((left.events, left.commands), (0, 0));
    assert_eq!((recorder.event_ids().len(), recorder.names().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_an_aggregate_being_sent_by_one_relay_is_left_alone_by_others() {
    let home = Home::postgres().await;
    let (one, other) = (home.store().await, home.open().await);
    let slow = Recorder::closed();
    let slow_relay = relay(&one, &slow, never_polls());
    emit_now(&one, "cov_1").await;
    slow.until("the first", |seen| seen.event_ids().len() == 1)
        .await;

    let quick = Recorder::new();
    let quick_relay = relay(&other, &quick, never_polls());
    emit_now(&other, "cov_1").await;
    let free = emit_now(&other, "cov_2").await;
    quick
        .until("another aggregate", |seen| !seen.event_ids().is_empty())
        .await;
    assert_eq!(quick.event_ids(), [free.to_string()]);

    slow.gate.add_permits(9);
    slow_relay.drained().await;
    // Once the first is sent either relay may take the second.
    let of_the_first = |recorder: &Recorder| -> Vec<i64> {
        let events = recorder.events.lock().unwrap();
        let ours = events.iter().filter(|event| event.aggregate == "cov_1");
        ours.map(|event| event.aggregate_version).collect()
    };
    let versions = [of_the_first(&slow), of_the_first(&quick)].concat();
    assert_eq!(versions, [1, 2]);
    slow_relay.end().await;
    quick_relay.end().await;
}

/// A row that is taken shows it by its lease, which is where there are several
/// relays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_batch_is_taken_while_another_is_on_its_way() {
    let home = Home::postgres().await;
    let store = home.store().await;
    let recorder = Recorder::closed();
    let aggregates: Vec<String> = (0..20).map(|n| format!("cov_{n}")).collect();
    let aggregates: Vec<&str> = aggregates.iter().map(String::as_str).collect();
    emit_all(&store, &aggregates).await;
    let running = relay(&store, &recorder, small_batches());
    let taken = |count: i64| {
        let store = store.clone();
        async move {
            let leased = "SELECT count(*) FROM outbox WHERE lease_owner <> ''";
            crate::support::number(&store, leased).await == count
        }
    };
    eventually("the first and the second are taken", || taken(4 + 8)).await;
    assert_eq!(recorder.event_ids().len(), 4, "no answer has come");
    recorder.gate.add_permits(1);
    // The third is the rest, and the first one's are let go of.
    eventually("the third is taken", || taken(8 + 8)).await;
    assert_eq!(recorder.event_ids().len(), 12, "one answer has come");
    let sent = "SELECT count(*) FROM outbox WHERE sent_at_ms IS NOT NULL";
    assert_eq!(crate::support::number(&store, sent).await, 4);
    recorder.gate.add_permits(2);
    running.drained().await;
    running.end().await;
    assert_eq!(recorder.event_ids().len(), 20, "each was sent once");
}
