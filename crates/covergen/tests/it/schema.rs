//! The OpenAPI documents of all BFFs against the live platform: schemathesis
//! makes requests up from each document, good and bad, and checks every answer
//! against it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tempfile::tempdir;
use tokio::process::Command;

use crate::api::{Person, read, register};
use crate::platform::{Platform, run, run_with_input};

const OPERATOR: &str = "operator@example.org";
const OPERATOR_PASSWORD: &str = "operator password";

/// What ends the caller's own session or account. They are tried last, each
/// document's in a run of their own.
const FAREWELLS: [&str; 7] = [
    "Logout",
    "EndOtherSessions",
    "RevokeSession",
    "DeleteUser",
    "SuspendUser",
    "SetAccountStatus",
    "ChangePassword",
];

/// A document says that `bulkId` is text, the service that it is an id of its
/// own: not everything that is wrong can be said in a schema. So a request that
/// fits the document may be refused, with any status that it documents.
///
/// A protocol that a request does not speak is refused with its own status.
const SETTINGS: &str = r#"
[checks]
missing_required_header.expected-statuses = ["400", "401", "403", "406", "412", "415", "422"]
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx",
]
positive_data_acceptance.expected-statuses = [
    "2xx", "3xx", "400", "401", "403", "404", "406", "409", "412", "413", "415", "416", "422", "429",
]
"#;

/// Bytes of an upload in parts are bytes like others, which schemathesis must
/// be told.
const HOOKS: &str = r#"
import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"#;

/// A program that was installed beside schemathesis.
fn program(name: &str) -> std::path::PathBuf {
    let folder = std::env::var("COVERGEN_TEST_SCHEMA_CHECKERS")
        .expect("COVERGEN_TEST_SCHEMA_CHECKERS names the folder; `cargo xtask test` sets it");
    Path::new(&folder).join(name)
}

async fn succeeds(mut command: Command) {
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(900), run)
        .await
        .expect("it ends")
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}

/// Checks one document, as somebody who holds `token`.
async fn check(folder: &Path, address: &str, token: &str) {
    let document = format!("{address}/openapi.json");
    let answer = crate::api::client().get(&document).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let saved = folder.join("openapi.json");
    std::fs::write(&saved, &text).unwrap();
    let mut validator = Command::new(program("openapi-spec-validator"));
    validator.arg(&saved);
    succeeds(validator).await;

    let settings = folder.join("schemathesis.toml");
    std::fs::write(&settings, SETTINGS).unwrap();
    std::fs::write(folder.join("upload_hooks.py"), HOOKS).unwrap();
    let farewells = format!("_({})$", FAREWELLS.join("|"));
    for choice in [
        "--exclude-operation-id-regex",
        "--include-operation-id-regex",
    ] {
        let is_there = |name: &&str| text.contains(&format!("_{name}\""));
        if choice.starts_with("--include") && !FAREWELLS.iter().any(is_there) {
            continue;
        }
        let mut command = Command::new(program("st"));
        command
            .current_dir(folder)
            .env("SCHEMATHESIS_HOOKS", "upload_hooks")
            .arg("--config-file")
            .arg(&settings)
            .args(["run", &document, "--checks", "all", "--seed", "1"])
            .args(["--phases", "examples,coverage,fuzzing"])
            .args(["--max-examples", "4", "--request-timeout", "30"])
            .args(["--continue-on-failure", "--no-color", choice, &farewells])
            .args(["-H", &format!("Authorization: Bearer {token}")]);
        succeeds(command).await;
    }
}

async fn started(folder: &tempfile::TempDir) -> Platform {
    let classes = [
        "DEFAULT",
        "ADMIN",
        "PREVIEW",
        "UPLOAD",
        "UPLOAD_PART",
        "REFRESH",
        "IMAGE",
    ];
    let rates = classes.map(|class| {
        (
            format!("COVERGEN__BFF__RATES__{class}__WINDOWS"),
            "[{limit = 1000000, per_seconds = 60}]".to_owned(),
        )
    });
    Platform::start_with(folder.path(), rates.to_vec()).await
}

/// Somebody who may do what a paying customer may.
async fn paying(platform: &Platform, name: &str) -> Person {
    let person = register(platform, name).await;
    assert!(person.get("/users/me").await.status().is_success());
    let email = format!("{name}@example.org");
    let set = ["admin", "set-tier", "--email", &email, "pro_plus"];
    let (ok, text) = run(platform.folder(), &set).await;
    assert!(ok, "{text}");
    person
}

#[tokio::test]
async fn the_web_bff_does_what_its_document_says() {
    let folder = tempdir().unwrap();
    let platform = started(&folder).await;
    let create = [
        "admin",
        "create-user",
        "--email",
        OPERATOR,
        "--role",
        "admin",
    ];
    let (ok, text) = run_with_input(folder.path(), &create, OPERATOR_PASSWORD).await;
    assert!(ok, "{text}");
    let answer = crate::api::client()
        .post(format!("{}/api/v1/auth/login", platform.web))
        .header("content-type", "application/json")
        .body(json!({"email": OPERATOR, "password": OPERATOR_PASSWORD}).to_string())
        .send()
        .await
        .unwrap();
    let token = read(answer).await["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let scratch = tempdir().unwrap();
    check(scratch.path(), &platform.web, &token).await;
}

#[tokio::test]
async fn the_mobile_bff_does_what_its_document_says() {
    let folder = tempdir().unwrap();
    let platform = started(&folder).await;
    let ada = paying(&platform, "ada").await;
    let scratch = tempdir().unwrap();
    check(scratch.path(), &platform.mobile, &ada.token).await;
}

#[tokio::test]
async fn the_partner_bff_does_what_its_document_says() {
    let folder = tempdir().unwrap();
    let platform = started(&folder).await;
    let ada = paying(&platform, "ada").await;
    let every = read(ada.get("/auth/api-keys").await).await;
    assert!(every["apiKeys"].as_array().unwrap().is_empty(), "{every}");
    let scopes = [
        "covers:read",
        "covers:write",
        "exports:read",
        "exports:write",
        "safety:check",
        "webhooks:read",
        "webhooks:write",
    ];
    let answer = ada
        .request(Method::POST, "/auth/api-keys")
        .header("content-type", "application/json")
        .body(json!({"name": "All of it", "mode": "LIVE", "scopes": scopes}).to_string())
        .send()
        .await
        .unwrap();
    let key = read(answer).await["secret"].as_str().unwrap().to_owned();
    let scratch = tempdir().unwrap();
    check(scratch.path(), &platform.partner, &key).await;
}
