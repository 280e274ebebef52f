//! `covergen events` beside a platform that runs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use covergen_faults::fleet::SERVICES;
use covergen_ids::{Clock, WorkspaceId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_store::{EventDraft, Store, StoreConfig};
use serde_json::Value;
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::platform::{Platform, run_with};

type Variables = Vec<(String, String)>;

/// Commits an event of cover's that names a task, and a user who is none: what
/// folds it into somebody's history cannot.
async fn emit(database: &str, task: &str) {
    let config = StoreConfig::from_url(database);
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    let tx = store.begin().await.unwrap();
    let event = CoverGenerated {
        task_id: task.to_owned(),
        user_id: "nobody".to_owned(),
        ..CoverGenerated::default()
    };
    tx.emit(EventDraft::new("tsk_events", WorkspaceId::SYSTEM, &event))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

/// Runs a command and reads its output, a JSON object a line.
async fn lines(folder: &Path, variables: &Variables, arguments: &[&str]) -> Vec<Value> {
    let (succeeded, text) = events(folder, variables, arguments).await;
    assert!(succeeded, "{arguments:?}: {text}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

async fn events(folder: &Path, variables: &Variables, arguments: &[&str]) -> (bool, String) {
    let arguments = [&["events"], arguments].concat();
    run_with(folder, &arguments, variables).await
}

/// Asks until there are so many lines.
async fn eventually(
    folder: &Path,
    variables: &Variables,
    arguments: &[&str],
    count: usize,
) -> Vec<Value> {
    let mut last = Vec::new();
    for _ in 0..150 {
        last = lines(folder, variables, arguments).await;
        if last.len() == count {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{arguments:?}: {count} lines never came: {last:#?}");
}

async fn an_operator_sees_and_decides(folder: &Path, variables: Variables, database: &str) {
    let _platform = Platform::start_with(folder, variables.clone()).await;
    let vars = &variables;
    for at in 1..=3 {
        emit(database, &format!("tsk_{at}")).await;
    }
    let tail = ["tail", "cover", "--no-follow", "--type", "CoverGenerated"];
    let told = eventually(folder, vars, &tail, 3).await;
    assert_eq!(told[1]["aggregate"], "tsk_events");
    assert_eq!(told[1]["aggregateVersion"], 2);
    assert_eq!(told[1]["type"], "covergen.cover.v1.CoverGenerated");
    assert_eq!(told[1]["data"]["taskId"], "tsk_2");
    assert_eq!(told[1]["data"]["userId"], "nobody");
    let other = ["tail", "cover", "--no-follow", "--aggregate", "tsk_other"];
    assert!(lines(folder, vars, &other).await.is_empty());

    follow(folder, vars, database).await;

    // user cannot make a history of nobody.
    let list = ["dead-letters", "list", "cover", "--consumer", "user"];
    let letters = eventually(folder, vars, &list, 4).await;
    assert_eq!(letters[0]["event"]["data"]["taskId"], "tsk_1");
    let sequences: Vec<String> = letters.iter().map(|l| l["sequence"].to_string()).collect();
    let (shown, text) = events(
        folder,
        vars,
        &["dead-letters", "show", "cover", &sequences[0]],
    )
    .await;
    assert!(shown && text.contains("\"taskId\": \"tsk_1\""), "{text}");
    let gone = ["dead-letters", "discard", "cover", &sequences[0]];
    assert!(events(folder, vars, &gone).await.0);
    assert_eq!(lines(folder, vars, &list).await.len(), 3);
    let (again, text) = events(folder, vars, &gone).await;
    assert!(!again && text.contains("no dead letter"), "{text}");
    // Handed back, it fails as before and is parked once more.
    let back = ["dead-letters", "redrive", "cover", &sequences[1]];
    let (handed, text) = events(folder, vars, &back).await;
    assert!(handed, "{text}");
    let letters = eventually(folder, vars, &list, 3).await;
    assert!(
        letters
            .iter()
            .all(|letter| *sequences[1] != *letter["sequence"].to_string()),
        "{letters:#?}"
    );

    archive(folder, vars).await;
    replay(folder, vars).await;
}

/// A tail goes on as events come.
async fn follow(folder: &Path, variables: &Variables, database: &str) {
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_covergen"))
        .args(["events", "tail", "--from", "beginning", "--type"])
        .arg("covergen.cover.v1.CoverGenerated")
        .env("COVERGEN_DATA", folder)
        .envs(variables.iter().cloned())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await;
        let line = line.expect("a line in time").unwrap().unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    for _ in 0..3 {
        next().await;
    }
    emit(database, "tsk_4").await;
    let line = next().await;
    assert_eq!(line["data"]["taskId"], "tsk_4", "{line}");
    assert_eq!(line["stream"], "cover");
}

async fn archive(folder: &Path, variables: &Variables) {
    let now = lines(folder, variables, &["archive", "now", "cover"]).await;
    assert_eq!(now[0]["events"], 4, "{now:?}");
    let again = lines(folder, variables, &["archive", "now", "cover"]).await;
    assert_eq!(again[0]["events"], 0, "{again:?}");
    let listed = lines(folder, variables, &["archive", "list", "cover"]).await;
    assert!(!listed.is_empty());
    let found = lines(folder, variables, &["archive", "verify"]).await;
    let cover = found.iter().find(|line| line["stream"] == "cover").unwrap();
    assert_eq!((&cover["ok"], &cover["events"]), (&true.into(), &4.into()));

    // A segment that was tampered with is told, and the command fails.
    let path = folder
        .join("objects")
        .join(listed[0]["key"].as_str().unwrap());
    if path.is_file() {
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let (sound, text) = events(folder, variables, &["archive", "verify", "cover"]).await;
        assert!(!sound && text.contains("hash"), "{text}");
        std::fs::write(&path, &bytes).unwrap();
    }
}

async fn replay(folder: &Path, variables: &Variables) {
    let rebuild = ["replay", "--consumer", "user-history", "--rebuild"];
    let (rebuilt, text) = events(folder, variables, &rebuild).await;
    assert!(rebuilt, "{text}");
    assert!(
        text.contains("4 archived events were told, 4 of which cannot be handled"),
        "{text}"
    );
    let back = [
        "replay",
        "--stream",
        "cover",
        "--from",
        "beginning",
        "--consumer",
    ];
    let (set, text) = events(folder, variables, &[&back[..], &["template"]].concat()).await;
    assert!(
        set && text.contains("template goes on from there"),
        "{text}"
    );
    for (arguments, told) in [
        ([&back[..], &["nobody"]].concat(), "nobody"),
        (
            vec!["replay", "--consumer", "user-taste", "--rebuild"],
            "no read model",
        ),
        (
            vec!["replay", "--consumer", "elsewhere", "--rebuild"],
            "no read model",
        ),
        (vec!["tail", "covr"], "there is no stream covr"),
        (
            vec!["dead-letters", "show", "cover", "999999"],
            "no dead letter",
        ),
    ] {
        let (succeeded, text) = events(folder, variables, &arguments).await;
        assert!(!succeeded && text.contains(told), "{arguments:?}: {text}");
    }
}

#[tokio::test]
async fn an_operator_sees_events_and_decides_about_them() {
    let folder = tempdir().unwrap();
    let database = format!("sqlite://{}/db/{{service}}.sqlite", folder.path().display());
    an_operator_sees_and_decides(folder.path(), Vec::new(), &database).await;
}

#[tokio::test]
async fn an_operator_sees_events_and_decides_about_them_on_servers() {
    let folder = tempdir().unwrap();
    let postgres = covergen_testkit::postgres_databases(&SERVICES).await;
    let nats = covergen_testkit::nats().await;
    let set = |key: &str, value: &str| (format!("COVERGEN__{key}"), value.to_owned());
    let variables = vec![
        set("DATABASE__URL", &postgres.url()),
        set("DATABASE__MAX_READ_CONNECTIONS", "2"),
        set("DATABASE__MAX_WRITE_CONNECTIONS", "3"),
        set("EVENTS__URL", nats.url()),
        set("EVENTS__NAMESPACE", nats.namespace()),
    ];
    let database = postgres.url();
    an_operator_sees_and_decides(folder.path(), variables, &database).await;
}
