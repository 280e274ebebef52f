//! A real process, killed again and again in the middle of its work.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use covergen_ids::Clock;
use covergen_store::{
    CommandDraft, DispatchFailure, Dispatcher, OutboxCommand, OutboxEvent, Relay, Store,
    StoreConfig,
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    Home, Recorder, covers, emit, eventually, insert_cover, number, options, relay, schema,
};

on_both_engines!(killed_at_any_moment_a_process_loses_and_invents_nothing);

const URL: &str = "COVERGEN_STORE_TEST_CHILD_URL";
const NOTES: &str = "COVERGEN_STORE_TEST_CHILD_NOTES";
const ROUNDS: usize = 6;

/// Appends a line per thing that went out, as the world outside would know it.
struct Notes(Mutex<File>);

impl Notes {
    fn open(folder: &Path, name: &str) -> Self {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join(name));
        Self(Mutex::new(file.unwrap()))
    }

    fn note(&self, line: &str) {
        // One write call: a killed process leaves whole lines.
        self.0
            .lock()
            .unwrap()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }
}

struct Outside {
    events: Notes,
    commands: Notes,
}

#[async_trait]
impl Dispatcher for Outside {
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>> {
        events
            .iter()
            .for_each(|event| self.events.note(&event.aggregate));
        events.iter().map(|_| Ok(())).collect()
    }

    async fn command(&self, command: OutboxCommand) -> Result<(), DispatchFailure> {
        self.commands.note(&command.key);
        Ok(())
    }
}

/// The process that is killed: works until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(url), Ok(notes)) = (std::env::var(URL), std::env::var(NOTES)) else {
        return;
    };
    let notes = PathBuf::from(notes);
    let config = StoreConfig {
        acquire_timeout_ms: Some(60_000),
        ..StoreConfig::from_url(url)
    };
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    let outside = Outside {
        events: Notes::open(&notes, "events"),
        commands: Notes::open(&notes, "commands"),
    };
    let running = Relay::new(&store, Arc::new(outside)).options(options());
    let _running = running.spawn(CancellationToken::new());
    let acknowledged = Notes::open(&notes, "acknowledged");
    loop {
        let id = format!("c{}", store.clock().uuid_v7().simple());
        let tx = store.begin().await.unwrap();
        insert_cover(&tx, &id, 1).await.unwrap();
        emit(&tx, &id).await;
        tx.command(CommandDraft::new("task.submit", &id, vec![]))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        acknowledged.note(&id);
    }
}

fn start(home: &Home, notes: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(URL, home.config().url)
        .env(NOTES, notes)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn lines(notes: &Path, name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(notes.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

async fn killed_at_any_moment_a_process_loses_and_invents_nothing(home: Home) {
    let notes = tempfile::tempdir().unwrap();
    let notes = notes.path();
    for round in 1..=ROUNDS {
        let before = lines(notes, "acknowledged").len();
        let mut child = start(&home, notes);
        // Another number of writes each time, so another moment.
        eventually("work", || async {
            lines(notes, "acknowledged").len() >= before + 3 + 2 * round
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let store = home.store().await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, options());
    running.drained().await;
    running.end().await;

    let acknowledged = lines(notes, "acknowledged");
    let mut published = lines(notes, "events");
    let mut called = lines(notes, "commands");
    published.extend(
        recorder
            .events
            .lock()
            .unwrap()
            .iter()
            .map(|event| event.aggregate.clone()),
    );
    called.extend(
        recorder
            .commands
            .lock()
            .unwrap()
            .iter()
            .map(|command| command.key.clone()),
    );
    for id in &acknowledged {
        let row = number(
            &store,
            &format!("SELECT count(*) FROM covers WHERE id = '{id}'"),
        )
        .await;
        assert_eq!(row, 1, "{id} was acknowledged and is lost");
    }
    // A commit may have been cut off before it was acknowledged; then row,
    // event and call are all there, or none is.
    assert_eq!(
        i64::try_from(published.len()).unwrap(),
        covers(&store).await
    );
    assert_eq!(published, called);
    assert!(published.is_superset(&acknowledged));
}
