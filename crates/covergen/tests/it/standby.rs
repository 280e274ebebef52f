//! The platform beside a streaming standby: lists come from it, and everybody
//! sees what they did themselves.

use std::time::Duration;

use covergen_testkit::{Postgres, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::api::{Person, read, register};
use crate::platform::Platform;
use covergen_faults::checker::Databases;

fn database(server: &Server) -> String {
    let url = server.url();
    let (address, _) = url.rsplit_once('/').unwrap();
    format!("{address}/covergen_{{service}}")
}

async fn start(
    folder: &std::path::Path,
    primary: &Server,
    standby: &Server,
    max_lag_ms: u32,
) -> Platform {
    let set = |key: &str, value: String| (format!("COVERGEN__DATABASE__{key}"), value);
    let variables = vec![
        set("URL", database(primary)),
        set("REPLICA_URL", database(standby)),
        set("REPLICA_MAX_LAG_MS", max_lag_ms.to_string()),
    ];
    Platform::start_with(folder, variables).await
}

async fn generated(person: &Person, key: &str) -> Value {
    let body = json!({
        "title": format!("Behind {key}"),
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    let (status, answer) = person.generate(key, &body).await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let ended = person.ended(answer["taskId"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    ended
}

async fn listed(person: &Person, path: &str, field: &str) -> Result<usize, StatusCode> {
    let answer = person.get(path).await;
    if answer.status() != StatusCode::OK {
        return Err(answer.status());
    }
    Ok(read(answer).await[field].as_array().unwrap().len())
}

/// Reads that may lag, as the platform counts them, by service and answerer.
async fn counted(platform: &Platform, service: &str, from: &str, why: &str) -> f64 {
    let text = crate::api::client()
        .get(format!("{}/metrics", platform.admin))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let wanted = [
        format!("service=\"{service}\""),
        format!("from=\"{from}\""),
        format!("why=\"{why}\""),
    ];
    text.lines()
        .filter(|line| line.starts_with("covergen_store_stale_reads_total"))
        .filter(|line| wanted.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..300 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never came: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_their_own_changes_while_others_are_answered_by_the_standby() {
    let primary = Postgres::start().await;
    let standby = Postgres::standby_of(&primary).await;
    let folder = tempdir().unwrap();
    // A bound that is not reached: whatever lags here is let through.
    let platform = start(folder.path(), &primary, &standby, 600_000).await;
    let (ada, bob) = (
        register(&platform, "ada").await,
        register(&platform, "bob").await,
    );
    eventually("the standby's first answer", || async {
        listed(&bob, "/templates", "templates").await.unwrap();
        counted(&platform, "template", "standby", "").await > 0.0
    })
    .await;
    // From here on the standby stands still: with everything that was written
    // so far, since one that stops within a migration keeps its tables locked.
    let (here, there) = [&primary, &standby]
        .map(|server| Databases::at(&database(server)))
        .into();
    let reached = here
        .rows("cover", "SELECT pg_current_wal_lsn()::text")
        .await;
    let reached: String = reached.unwrap()[0].try_get_by_index(0).unwrap();
    eventually("the standby's arrival", || async {
        let sql = format!("SELECT 1 WHERE pg_last_wal_replay_lsn() >= '{reached}'::pg_lsn");
        !there.rows("cover", &sql).await.unwrap().is_empty()
    })
    .await;
    let pause = there.rows("cover", "SELECT pg_wal_replay_pause()").await;
    pause.unwrap();
    eventually("the pause", || async {
        let sql = "SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'";
        !there.rows("cover", sql).await.unwrap().is_empty()
    })
    .await;

    generated(&ada, "one").await;
    assert_eq!(listed(&ada, "/covers", "covers").await, Ok(1));
    assert!(counted(&platform, "cover", "primary", "wrote").await > 0.0);
    let rows = there.rows("cover", "SELECT id FROM covers").await.unwrap();
    assert!(rows.is_empty(), "the standby has no cover");
    // Bob has changed nothing of cover's, and is answered by the standby.
    eventually("the standby's answer to bob", || async {
        let before = counted(&platform, "cover", "standby", "").await;
        assert_eq!(listed(&bob, "/covers", "covers").await, Ok(0));
        counted(&platform, "cover", "standby", "").await > before
    })
    .await;

    let resume = there.rows("cover", "SELECT pg_wal_replay_resume()").await;
    resume.unwrap();
    assert!(platform.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_answered_without_the_primary_and_without_the_standby() {
    let primary = Postgres::start().await;
    let standby = Postgres::standby_of(&primary).await;
    let folder = tempdir().unwrap();
    let platform = start(folder.path(), &primary, &standby, 1_000).await;
    let ada = register(&platform, "ada").await;
    generated(&ada, "one").await;
    let lists = [
        ("/covers", "covers"),
        ("/templates", "templates"),
        ("/users/me/history", "entries"),
    ];
    let services = ["cover", "template", "user"];
    for (service, (path, field)) in services.into_iter().zip(lists) {
        eventually("the standby's answer", || async {
            let found = listed(&ada, path, field).await;
            found.is_ok_and(|rows| rows > 0)
                && counted(&platform, service, "standby", "").await > 0.0
        })
        .await;
    }
    standby.kill();
    for (path, field) in lists {
        assert!(listed(&ada, path, field).await.unwrap() > 0, "{path}");
    }
    let standby = standby.restart().await;
    // Each service finds out by itself.
    for (service, (path, field)) in services.into_iter().zip(lists) {
        eventually("the standby is back", || async {
            let before = counted(&platform, service, "standby", "").await;
            listed(&ada, path, field).await.unwrap();
            counted(&platform, service, "standby", "").await > before
        })
        .await;
    }
    primary.kill();
    for (path, field) in lists {
        eventually("an answer of the standby alone", || async {
            listed(&ada, path, field).await.is_ok_and(|rows| rows > 0)
        })
        .await;
    }
    drop((standby, platform));
}
