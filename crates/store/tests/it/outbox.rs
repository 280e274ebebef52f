use std::collections::BTreeMap;

use covergen_ids::WorkspaceId;
use covergen_store::{CallContext, CommandDraft, Error, EventDraft, MAX_PAYLOAD_BYTES, Store};
use sea_orm::{ConnectionTrait, Statement, TryGetable};

use crate::support::{CoverGenerated, Home, Recorder, emit, emit_now, never_polls, number, relay};

on_both_engines!(
    versions_are_gapless_whoever_writes_and_rolls_back,
    events_of_one_transaction_keep_their_order_within_an_aggregate,
    transactions_with_the_same_aggregates_do_not_lock_each_other_out,
    a_rollback_leaves_no_event,
    the_context_of_the_call_travels_with_its_rows,
    what_a_command_carried_is_forgotten_once_it_is_acknowledged,
    an_event_too_large_for_the_log_is_refused_at_once,
    sent_rows_are_purged_after_a_week,
);

async fn versions_are_gapless_whoever_writes_and_rolls_back(home: Home) {
    let store = home.store().await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0..12 {
                    let tx = store.begin().await.unwrap();
                    emit(&tx, &format!("cov_{}", turn % 3)).await;
                    if (writer + turn) % 4 == 0 {
                        drop(tx);
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let versions = written(&store).await;
    assert_eq!(versions.len(), 3);
    for (aggregate, versions) in versions {
        let expected: Vec<i64> = (1..=24).collect();
        assert_eq!(versions, expected, "{aggregate}");
    }
}

/// A column of every aggregate's rows, in their order.
async fn column<T: TryGetable>(store: &Store, column: &str) -> BTreeMap<String, Vec<T>> {
    let sql = format!("SELECT grouping_key, {column} FROM outbox ORDER BY seq");
    let rows = store
        .read()
        .query_all_raw(Statement::from_string(store.backend(), sql));
    let mut of_each: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows.await.unwrap() {
        let aggregate: String = row.try_get("", "grouping_key").unwrap();
        let value = row.try_get("", column).unwrap();
        of_each.entry(aggregate).or_default().push(value);
    }
    of_each
}

async fn written(store: &Store) -> BTreeMap<String, Vec<i64>> {
    column(store, "aggregate_version").await
}

async fn events_of_one_transaction_keep_their_order_within_an_aggregate(home: Home) {
    // More than are kept, and more than one statement writes.
    const EVENTS: usize = 101;
    let store = home.store().await;
    let before = emit_now(&store, "cov_1").await.to_string();
    let tx = store.begin().await.unwrap();
    let mut emitted = BTreeMap::from([("cov_1".to_owned(), vec![before])]);
    for turn in 0..EVENTS {
        let aggregate = format!("cov_{}", 17 - turn % 18);
        let id = emit(&tx, &aggregate).await.to_string();
        emitted.entry(aggregate).or_default().push(id);
    }
    tx.commit().await.unwrap();
    let kept = column::<String>(&store, "id").await;
    assert_eq!(kept, emitted);
    for (aggregate, versions) in written(&store).await {
        let expected: Vec<i64> = (1..=i64::try_from(versions.len()).unwrap()).collect();
        assert_eq!(versions, expected, "{aggregate}");
    }
}

async fn transactions_with_the_same_aggregates_do_not_lock_each_other_out(home: Home) {
    const WRITERS: i64 = 4;
    const TURNS: i64 = 12;
    let store = home.store().await;
    // More than one statement writes, and not in the order of the alphabet.
    let aggregates: Vec<String> = (0..40).map(|n| format!("cov_{n}")).collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            let mut order = aggregates.clone();
            if writer % 2 == 0 {
                order.reverse();
            }
            tokio::spawn(async move {
                for _ in 0..TURNS {
                    let tx = store.begin().await.unwrap();
                    for aggregate in &order {
                        emit(&tx, aggregate).await;
                    }
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let expected: Vec<i64> = (1..=WRITERS * TURNS).collect();
    let versions = written(&store).await;
    assert_eq!(versions.len(), aggregates.len());
    for (aggregate, versions) in versions {
        assert_eq!(versions, expected, "{aggregate}");
    }
}

async fn a_rollback_leaves_no_event(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    let tx = store.begin().await.unwrap();
    emit(&tx, "cov_1").await;
    tx.command(CommandDraft::new("task.submit", "tsk_1", vec![]))
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(store.digest().await.unwrap(), before);
    emit_now(&store, "cov_1").await;
    assert_eq!(written(&store).await["cov_1"], [1]);
}

async fn the_context_of_the_call_travels_with_its_rows(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    let context = CallContext {
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        correlation_id: "req_1".to_owned(),
        causation_id: "evt_1".to_owned(),
        deadline: None,
    };
    let scoped = async {
        let tx = store.begin().await.unwrap();
        emit(&tx, "cov_1").await;
        let command = CommandDraft::new("task.submit", "tsk_1", vec![9])
            .principal(vec![4])
            .workspace(WorkspaceId::SYSTEM)
            .caused_by("evt_2");
        tx.command(command).await.unwrap();
        tx.commit().await.unwrap();
    };
    context.clone().scope(scoped).await;
    let alone = emit_now(&store, "cov_2").await;
    running.drained().await;

    let events = recorder.events.lock().unwrap().clone();
    assert_eq!(events[0].traceparent, context.traceparent);
    assert_eq!(events[0].correlation_id, "req_1");
    assert_eq!(events[0].causation_id, "evt_1");
    assert_eq!(events[0].type_name, "covergen.cover.v1.CoverGenerated");
    assert_eq!(
        (events[0].domain(), events[0].event_name()),
        ("cover", "CoverGenerated")
    );
    let own = events.iter().find(|event| event.id == alone).unwrap();
    assert_eq!(own.correlation_id, alone.to_string(), "a chain of its own");
    let commands = recorder.commands.lock().unwrap().clone();
    assert_eq!(commands[0].causation_id, "evt_2");
    assert_eq!(commands[0].correlation_id, "req_1");
    assert_eq!(
        (
            commands[0].payload.as_slice(),
            commands[0].principal.as_deref()
        ),
        (&[9][..], Some(&[4][..]))
    );
    running.end().await;
}

async fn what_a_command_carried_is_forgotten_once_it_is_acknowledged(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    let tx = store.begin().await.unwrap();
    emit(&tx, "cov_1").await;
    let command = CommandDraft::new("mail.send", "usr_1", b"somebody@example.org".to_vec());
    tx.command(command.principal(vec![4])).await.unwrap();
    tx.commit().await.unwrap();
    running.drained().await;
    assert_eq!(
        recorder.commands.lock().unwrap()[0].payload,
        b"somebody@example.org"
    );
    let kept = "SELECT count(*) FROM outbox WHERE kind = 'command'
                AND (length(payload) > 0 OR principal IS NOT NULL)";
    assert_eq!(number(&store, kept).await, 0);
    let events = "SELECT count(*) FROM outbox WHERE kind = 'event' AND length(payload) > 0";
    assert_eq!(
        number(&store, events).await,
        1,
        "an event may be sent again"
    );
    running.end().await;
}

async fn an_event_too_large_for_the_log_is_refused_at_once(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    let message = CoverGenerated {
        cover_id: "x".repeat(MAX_PAYLOAD_BYTES),
    };
    let refused = tx
        .emit(EventDraft::new(&"cov_1", WorkspaceId::SYSTEM, &message))
        .await;
    assert!(
        matches!(refused, Err(Error::TooLarge { .. })),
        "{refused:?}"
    );
}

async fn sent_rows_are_purged_after_a_week(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    emit_now(&store, "cov_1").await;
    emit_now(&store, "cov_2").await;
    running.drained().await;
    running.end().await;
    emit_now(&store, "cov_3").await;
    assert_eq!(store.maintain().await.unwrap().outbox, 0);
    let tx = store.begin().await.unwrap();
    let week = "UPDATE outbox SET sent_at_ms = sent_at_ms - 7 * 86400000, occurred_at_ms = 0
         WHERE grouping_key <> 'cov_2'";
    crate::support::run(&tx, week).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.maintain().await.unwrap().outbox, 1);
    let unsent = "SELECT count(*) FROM outbox WHERE grouping_key = 'cov_3'";
    assert_eq!(
        number(&store, unsent).await,
        1,
        "what is unsent stays, however old"
    );
}
