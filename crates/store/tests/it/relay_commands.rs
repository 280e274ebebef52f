use std::collections::BTreeSet;
use std::sync::Arc;

use covergen_store::{CommandDraft, DispatchFailure, RelayOptions};

use crate::support::{Home, Recorder, command_now, eventually, never_polls, options, relay};

on_both_engines!(
    a_commit_dispatches_its_commands,
    a_command_is_repeated_under_its_id_until_acknowledged,
    a_refused_command_is_parked_and_does_not_hold_back_its_key,
    commands_of_one_key_go_one_after_another,
    commands_of_other_keys_go_beside_each_other,
    more_commands_than_places_all_go,
    a_dead_processes_commands_are_taken_over,
    several_relays_share_the_work,
);

async fn a_commit_dispatches_its_commands(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, never_polls());
    let tx = store.begin().await.unwrap();
    let id = tx
        .command(CommandDraft::new("task.submit", "tsk_1", vec![1]))
        .await
        .unwrap();
    assert!(
        recorder.names().is_empty(),
        "nothing goes before the commit"
    );
    tx.commit().await.unwrap();
    recorder
        .until("the call", |seen| seen.names() == ["task.submit"])
        .await;
    running.drained().await;
    assert_eq!(recorder.commands.lock().unwrap()[0].id, id);
    assert_eq!(recorder.names().len(), 1, "once");
    running.end().await;
}

async fn a_command_is_repeated_under_its_id_until_acknowledged(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|_, seen| match seen {
        0..4 => Err(DispatchFailure::Retry("the peer is away".to_owned())),
        _ => Ok(()),
    });
    let running = relay(&store, &recorder, never_polls());
    command_now(&store, "task.submit", "tsk_1").await;
    running.drained().await;
    running.end().await;
    let commands = recorder.commands.lock().unwrap();
    let ids: BTreeSet<String> = commands
        .iter()
        .map(|command| command.id.to_string())
        .collect();
    assert_eq!(ids.len(), 1, "one request id");
    let attempts: Vec<u32> = commands.iter().map(|command| command.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
}

async fn a_refused_command_is_parked_and_does_not_hold_back_its_key(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::judging(|name, _| match name {
        "task.submit" => Err(DispatchFailure::Refused("unknown kind".to_owned())),
        _ => Ok(()),
    });
    let running = relay(&store, &recorder, never_polls());
    command_now(&store, "task.submit", "tsk_1").await;
    command_now(&store, "task.cancel", "tsk_1").await;
    running.drained().await;
    let parked = store.parked(10).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(
        (parked[0].name.as_str(), parked[0].last_error.as_str()),
        ("task.submit", "unknown kind")
    );
    assert_eq!(
        (parked[0].kind.as_str(), parked[0].key.as_str()),
        ("command", "tsk_1")
    );
    assert_eq!(recorder.names(), ["task.submit", "task.cancel"]);
    running.end().await;
}

async fn commands_of_one_key_go_one_after_another(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::closed();
    let running = relay(&store, &recorder, never_polls());
    for n in 0..6 {
        command_now(&store, &format!("step.{n}"), "tsk_1").await;
    }
    for n in 1..=6 {
        recorder
            .until("the next", |seen| seen.names().len() == n)
            .await;
        recorder.gate.add_permits(1);
    }
    running.drained().await;
    let expected: Vec<String> = (0..6).map(|n| format!("step.{n}")).collect();
    assert_eq!(
        recorder.names(),
        expected,
        "in order, and each only after the one before"
    );
    running.end().await;
}

async fn commands_of_other_keys_go_beside_each_other(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::closed();
    let running = relay(&store, &recorder, never_polls());
    for n in 0..8 {
        command_now(&store, "task.submit", &format!("tsk_{n}")).await;
    }
    recorder
        .until("all of them, unanswered", |seen| seen.names().len() == 8)
        .await;
    recorder.gate.add_permits(8);
    running.drained().await;
    running.end().await;
}

async fn more_commands_than_places_all_go(home: Home) {
    let store = home.store().await;
    let recorder = Recorder::new();
    let few = RelayOptions {
        max_commands: 3,
        ..never_polls()
    };
    let running = relay(&store, &recorder, few);
    let tx = store.begin().await.unwrap();
    for n in 0..50 {
        tx.command(CommandDraft::new(
            "task.submit",
            &format!("tsk_{}", n % 9),
            vec![],
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    running.drained().await;
    assert_eq!(recorder.names().len(), 50);
    running.end().await;
}

async fn a_dead_processes_commands_are_taken_over(home: Home) {
    let store = home.store().await;
    let dying = Recorder::closed();
    let running = relay(&store, &dying, options());
    command_now(&store, "task.submit", "tsk_1").await;
    dying
        .until("the first call", |seen| !seen.names().is_empty())
        .await;
    running.handle.abort();
    running.handle.join().await;

    let next = home.open().await;
    let recorder = Recorder::new();
    let running = relay(&next, &recorder, options());
    running.drained().await;
    let again = recorder.commands.lock().unwrap()[0].id;
    assert_eq!(
        again,
        dying.commands.lock().unwrap()[0].id,
        "the same request id"
    );
    running.end().await;
}

async fn several_relays_share_the_work(home: Home) {
    let recorder = Recorder::new();
    let stores = [home.store().await, home.open().await, home.open().await];
    // Nobody's lease ends while they are at it, however busy the machine is.
    let options = RelayOptions {
        lease_ms: 60_000,
        ..options()
    };
    let relays: Vec<_> = stores
        .iter()
        .map(|store| relay(store, &recorder, options.clone()))
        .collect();
    // Written by a process without a relay: found by polling.
    let writer = Arc::new(home.open().await);
    for n in 0..40 {
        command_now(&writer, "task.submit", &format!("tsk_{n}")).await;
    }
    for running in &relays {
        running.drained().await;
    }
    assert_eq!(
        recorder.names().len(),
        40,
        "while nobody dies, nothing is doubled"
    );
    // The one that leads goes; another takes over.
    let mut relays = relays.into_iter();
    relays.next().unwrap().end().await;
    command_now(&writer, "task.cancel", "tsk_1").await;
    recorder
        .until("the last", |seen| seen.names().len() == 41)
        .await;
    for running in relays {
        running.end().await;
    }
    eventually("an empty outbox", || async {
        writer.backlog().await.unwrap().commands == 0
    })
    .await;
}
