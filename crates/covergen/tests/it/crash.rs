//! The process dies at random in the middle of the work, again and again.

use std::path::Path;
use std::time::Duration;

use covergen_faults::checker::{Databases, problems, problems_at_last};
use covergen_faults::fleet::SERVICES;
use covergen_faults::planted;
use covergen_faults::scenario::SETTLED_WITHIN;
use futures::future::join_all;
use serde_json::json;
use tempfile::tempdir;
use tokio::task::JoinSet;

use crate::api::{Person, register};
use crate::platform::{Platform, unhurried};

const GENERATIONS: usize = 200;
const KILLS: u64 = 4;

/// Sends generations and kills the process at random while it works on them;
/// in the end every acknowledged task must have ended. Returns those tasks.
async fn storm(folder: &Path, variables: Vec<(String, String)>) -> (Platform, Vec<String>) {
    let variables = [variables, vec![unhurried()]].concat();
    let mut platform = Platform::start_with(folder, variables).await;
    let mut person = register(&platform, "storm").await;
    let raised = crate::platform::run_with(
        folder,
        &["admin", "set-tier", "--email", "storm@example.org", "pro"],
        platform.variables(),
    )
    .await;
    assert!(raised.0, "{}", raised.1);
    let mut acknowledged = Vec::new();
    let per_round = GENERATIONS / usize::try_from(KILLS).unwrap();
    for round in 0..KILLS {
        let mut calls = JoinSet::new();
        for at in 0..per_round {
            let person = person.clone();
            calls.spawn(async move {
                let key = format!("storm-{round}-{at}");
                let body = json!({
                    "title": format!("Storm {round} {at}"),
                    "sizes": [{"preset": "thumbnail"}],
                    "formats": ["jpeg"],
                });
                person.generate(&key, &body).await
            });
        }
        // Between the first answer and the last of the work; a different
        // moment in every round and every run.
        let mut next = calls.join_next().await;
        let pause = u64::from(std::process::id()) * (round + 3) * 37 % 900;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        platform = platform.kill_and_restart().await;
        person = person.at(&platform);
        while let Some(call) = next {
            // A call that died with the process was not acknowledged.
            if let Ok(Ok((status, body))) = call
                && status.is_success()
            {
                acknowledged.push(body["taskId"].as_str().unwrap().to_owned());
            }
            next = calls.join_next().await;
        }
    }
    assert!(
        !acknowledged.is_empty(),
        "something was acknowledged before the first kill"
    );
    settle(&person, &acknowledged).await;
    (platform, acknowledged)
}

async fn settle(person: &Person, tasks: &[String]) {
    for some in tasks.chunks(20) {
        for ended in join_all(some.iter().map(|task| person.ended(task))).await {
            let status = ended["status"].as_str().unwrap();
            assert!(status == "SUCCEEDED" || status == "FAILED", "{ended}");
        }
    }
}

#[tokio::test]
async fn killed_at_random_nothing_acknowledged_is_lost_or_doubled() {
    let folder = tempdir().unwrap();
    let (platform, acknowledged) = storm(folder.path(), Vec::new()).await;
    let databases = Databases::in_folder(platform.folder());
    let mut found = problems_at_last(&databases, &acknowledged, SETTLED_WITHIN)
        .await
        .unwrap();
    assert!(found.is_empty(), "{found:#?}");
    println!(
        "{} of {GENERATIONS} were acknowledged, {KILLS} kills",
        acknowledged.len()
    );

    // A checker that cannot fail shows nothing: with a fault planted in each
    // store it must name every one of them.
    drop(platform);
    for planted in planted::ROWS.iter().chain([&planted::EMBEDDED_ROW]) {
        for named in planted.named {
            let already = planted::are_in(&[*named], &found);
            assert!(!already, "{named} already: {found:#?}");
        }
        planted.plant(&databases).await.unwrap();
        found = problems(&databases, &acknowledged).await.unwrap();
        let named = planted.named;
        assert!(planted.is_in(&found), "{named:?}: {found:#?}");
    }
}

#[tokio::test]
async fn the_same_holds_on_postgresql_jetstream_and_redis() {
    let postgres = covergen_testkit::postgres_databases(&SERVICES).await;
    let nats = covergen_testkit::nats().await;
    let redis = covergen_testkit::redis().await;
    let folder = tempdir().unwrap();
    let set = |key: &str, value: &str| (format!("COVERGEN__{key}"), value.to_owned());
    let variables = vec![
        set("DATABASE__URL", &postgres.url()),
        set("EVENTS__URL", nats.url()),
        set("EVENTS__NAMESPACE", nats.namespace()),
        set("CACHE__URL", redis.url()),
    ];
    let (platform, acknowledged) = storm(folder.path(), variables).await;
    let databases = Databases::at(&postgres.url());
    let found = problems_at_last(&databases, &acknowledged, SETTLED_WITHIN)
        .await
        .unwrap();
    assert!(found.is_empty(), "{found:#?}");
    println!(
        "{} of {GENERATIONS} were acknowledged, {KILLS} kills",
        acknowledged.len()
    );
    assert!(platform.stop().await.success());
}
