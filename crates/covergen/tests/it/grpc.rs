//! The gRPC port, as an operator's tools find it.

use std::process::Stdio;

use serde_json::Value;
use tempfile::tempdir;
use tokio::process::Command;

use crate::api::register;
use crate::platform::{Platform, run};

/// Calls with `buf curl`, which finds schemas by reflection.
async fn curl(
    platform: &Platform,
    method: &str,
    token: Option<&str>,
    body: &str,
) -> (bool, String) {
    let buf = std::env::var("COVERGEN_TEST_BUF").unwrap_or_else(|_| {
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../clients/web/node_modules/.bin/buf"
        )
        .to_owned()
    });
    let mut command = Command::new(&buf);
    command
        .args([
            "curl",
            "--protocol",
            "grpc",
            "--http2-prior-knowledge",
            "-d",
            body,
        ])
        .stdin(Stdio::null());
    if let Some(token) = token {
        command.args(["-H", &format!("authorization: Bearer {token}")]);
    }
    let output = command
        .arg(format!("{}/{method}", platform.grpc))
        .output()
        .await
        .unwrap_or_else(|error| panic!("{buf}: {error}; run `cargo xtask install`"));
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[tokio::test]
async fn tools_find_their_way_by_reflection_and_tokens_decide_what_they_reach() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;

    let (ok, text) = curl(
        &platform,
        "grpc.health.v1.Health/Check",
        None,
        r#"{"service":"covergen.cover.v1.CoverService"}"#,
    )
    .await;
    assert!(ok && text.contains("SERVING"), "{text}");

    let templates = "covergen.template.v1.TemplateService/ListTemplates";
    let (ok, text) = curl(&platform, templates, None, "{}").await;
    let listed: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    assert!(
        ok && listed["templates"].as_array().unwrap().len() >= 4,
        "{text}"
    );

    let quota = "covergen.user.v1.UserService/GetQuota";
    let (ok, text) = curl(&platform, quota, Some(&ada.token), r#"{"userId":"me"}"#).await;
    assert!(ok && text.contains("50"), "{text}");
    let (ok, text) = curl(&platform, quota, None, r#"{"userId":"me"}"#).await;
    assert!(!ok && text.contains("unauthenticated"), "{text}");

    // A creator cannot reach what is for services or operators.
    let commit = "covergen.user.v1.UserService/CommitQuota";
    let body = format!(
        r#"{{"userId":"{}","taskId":"tsk_1","units":1}}"#,
        ada.user_id
    );
    let (ok, text) = curl(&platform, commit, Some(&ada.token), &body).await;
    assert!(!ok && text.contains("permission_denied"), "{text}");
    let stats = "covergen.task.v1.TaskService/GetQueueStats";
    let (ok, text) = curl(&platform, stats, Some(&ada.token), "{}").await;
    assert!(!ok && text.contains("permission_denied"), "{text}");

    let create = [
        "admin",
        "create-user",
        "--email",
        "op@example.org",
        "--role",
        "admin",
    ];
    let (ok, text) =
        crate::platform::run_with_input(folder.path(), &create, "operator password").await;
    assert!(ok, "{text}");
    let (_, token) = run(
        folder.path(),
        &["admin", "token", "--email", "op@example.org"],
    )
    .await;
    let (ok, text) = curl(&platform, stats, Some(token.trim()), "{}").await;
    assert!(ok, "{text}");
}

#[tokio::test]
async fn health_and_metrics_are_on_the_admin_port() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    register(&platform, "ada").await;
    let client = crate::api::client();
    for (path, expected) in [
        ("health/live", "alive"),
        ("health/ready", "ready"),
        ("metrics", "outbox_rows"),
    ] {
        let answer = client
            .get(format!("{}/{path}", platform.admin))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(expected), "{path}: {text}");
    }
}
