use std::time::Duration;

use covergen_chassis::Harness;
use covergen_events::Position;
use covergen_identity::Principal;
use covergen_proto::events::v1::Envelope;
use covergen_proto::safety::v1::ContentBlocked;
use prost::{Message as _, Name as _};
use tonic::Code;

use crate::stage::{cover, on_both_stores, web, work};

/// What was told of blocked content, once `expected` events are there.
async fn eventually_told(harness: &Harness, expected: usize) -> Vec<(String, ContentBlocked)> {
    let log = covergen_events::open(&harness.hosted().config().events);
    let log = log.await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let read = log.read("safety", Position::Beginning, 1_000).await;
        let stored = read.unwrap_or_default();
        let told: Vec<_> = stored
            .into_iter()
            .map(|stored| Envelope::decode(stored.record.payload).unwrap())
            .filter(|envelope| envelope.r#type == ContentBlocked::full_name())
            .map(|envelope| {
                let event = ContentBlocked::decode(envelope.data).unwrap();
                assert_eq!(envelope.aggregate, event.violation_id);
                (envelope.workspace_id, event)
            })
            .collect();
        if told.len() >= expected || tokio::time::Instant::now() > deadline {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn screened(harness: &Harness, who: &Principal, text: &str, subject: &str) -> bool {
    let verdict = cover(harness, who).screen_text(work(text, subject)).await;
    verdict.unwrap().into_inner().flagged
}

#[tokio::test]
async fn a_flagged_work_is_told_of_once_however_often_it_is_screened() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let title = "kill all refugees, buy cocaine";
        for _ in 0..3 {
            assert!(screened(harness, &who, title, "tsk_one").await);
        }
        let (left, right) = tokio::join!(
            screened(harness, &who, title, "tsk_two"),
            screened(harness, &who, title, "tsk_two"),
        );
        assert!(left && right);
        assert!(!screened(harness, &who, "My holiday", "tsk_three").await);
        // Told last, so whatever was to be told of the others is there.
        assert!(screened(harness, &who, "buy heroin", "tsk_four").await);

        let events = eventually_told(harness, 3).await;
        let subjects: Vec<&str> = events.iter().map(|one| one.1.subject.as_str()).collect();
        assert_eq!(subjects, ["tsk_one", "tsk_two", "tsk_four"]);
        for (workspace, event) in events {
            assert_eq!(workspace, who.workspace_id.to_string());
            assert_eq!(event.user_id, who.user_id.to_string());
            let worst = match event.subject.as_str() {
                "tsk_four" => "illegal-drugs-en",
                _ => "hate-extermination-en",
            };
            assert_eq!((event.rule_id.as_str(), event.rule_version), (worst, 1));
            assert_eq!(event.region, "*");
        }
    })
    .await;
}

#[tokio::test]
async fn one_workspaces_log_does_not_silence_anothers() {
    on_both_stores(async |harness| {
        let (left, right) = (harness.creator(), harness.creator());
        assert!(screened(harness, &left, "buy cocaine", "same").await);
        assert!(screened(harness, &right, "buy cocaine", "same").await);
        let events = eventually_told(harness, 2).await;
        let workspaces: Vec<String> = events.into_iter().map(|one| one.0).collect();
        let expected = [left, right].map(|who| who.workspace_id.to_string());
        assert_eq!(workspaces, expected);
    })
    .await;
}

#[tokio::test]
async fn the_text_itself_is_kept_nowhere() {
    let harness = Harness::start(crate::stage::services()).await;
    let who = harness.creator();
    let secret = "zanzibarquokka";
    let title = format!("{secret}: buy cocaine");
    assert!(screened(&harness, &who, &title, "tsk_one").await);
    assert_eq!(eventually_told(&harness, 1).await.len(), 1);
    let kept: Vec<_> = walk(harness.folder());
    assert!(kept.iter().any(|path| path.ends_with("safety.sqlite")));
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{}", path.display());
    }
    harness.stop().await;
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[tokio::test]
async fn people_do_not_screen_by_themselves() {
    on_both_stores(async |harness| {
        let mut client = web(harness, &harness.creator());
        let refused = client.screen_text(work("tea", "x"));
        assert_eq!(refused.await.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}
