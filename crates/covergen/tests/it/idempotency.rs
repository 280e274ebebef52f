//! The same key, the same work.

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::tempdir;

use crate::api::register;
use crate::platform::Platform;

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_task_and_another_body_with_422() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let body = json!({"title": "Once", "sizes": [{"preset": "thumbnail"}]});
    let (_, first) = ada.generate("key-1", &body).await.unwrap();
    let (status, second) = ada.generate("key-1", &body).await.unwrap();
    assert_eq!(
        (status, &second["taskId"]),
        (StatusCode::ACCEPTED, &first["taskId"])
    );

    let other = json!({"title": "Twice", "sizes": [{"preset": "thumbnail"}]});
    let (status, problem) = ada.generate("key-1", &other).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(problem["reason"], "IDEMPOTENCY_KEY_REUSED");

    ada.ended(first["taskId"].as_str().unwrap()).await;
    let quota = ada.quota().await;
    assert_eq!(quota["used"], 1);
}

#[tokio::test]
async fn a_key_sent_many_times_at_once_makes_one_task() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let body = json!({"title": "At once", "sizes": [{"preset": "thumbnail"}]});
    let answers = join_all((0..20).map(|_| ada.generate("key-1", &body))).await;
    let mut tasks = std::collections::BTreeSet::new();
    for answer in answers {
        let (status, body) = answer.unwrap();
        match status {
            StatusCode::ACCEPTED => {
                tasks.insert(body["taskId"].as_str().unwrap().to_owned());
            }
            // In flight: the caller is told to come back.
            StatusCode::CONFLICT => assert_eq!(body["reason"], "IDEMPOTENCY_KEY_IN_FLIGHT"),
            other => panic!("{other}: {body}"),
        }
    }
    assert_eq!(tasks.len(), 1);
    ada.ended(tasks.first().unwrap()).await;
    assert_eq!(ada.quota().await["used"], 1);
}

#[tokio::test]
async fn a_refresh_token_has_one_successor_and_its_reuse_ends_the_session() {
    let folder = tempdir().unwrap();
    let variables = vec![(
        "COVERGEN__SERVICES__AUTH__REFRESH_GRACE_MS".to_owned(),
        "10000".to_owned(),
    )];
    let platform = Platform::start_with(folder.path(), variables).await;
    let ada = register(&platform, "ada").await;
    let old = json!({"refreshToken": ada.refresh_token});
    let answers = join_all((0..50).map(|_| ada.post("/auth/refresh", &old))).await;
    let mut successors = std::collections::BTreeSet::new();
    for answer in answers {
        assert_eq!(answer.status(), StatusCode::OK);
        let body = crate::api::read(answer).await;
        successors.insert(body["refreshToken"].as_str().unwrap().to_owned());
    }
    assert_eq!(successors.len(), 1);

    // Past the grace, the old token is a stolen one.
    let mut reused = ada.post("/auth/refresh", &old).await;
    for _ in 0..300 {
        if reused.status() == StatusCode::UNAUTHORIZED {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        reused = ada.post("/auth/refresh", &old).await;
    }
    assert_eq!(
        crate::api::read(reused).await["reason"],
        "REFRESH_TOKEN_REUSED"
    );
    assert_eq!(
        ada.get("/users/me").await.status(),
        StatusCode::UNAUTHORIZED
    );
}
