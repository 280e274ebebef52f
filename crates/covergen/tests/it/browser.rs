//! The web app in real Chromium, against the real platform.

use std::process::Stdio;
use std::time::Duration;

use tempfile::tempdir;
use tokio::process::Command;

use crate::platform::{Platform, run_with_input};

const OPERATOR: &str = "operator@example.org";
const OPERATOR_PASSWORD: &str = "operator password";

#[tokio::test]
async fn a_person_makes_a_cover_in_the_browser() {
    let folder = tempdir().unwrap();
    let mails = folder.path().join("mails");
    std::fs::create_dir(&mails).unwrap();
    let outbox = mails.to_str().unwrap().to_owned();
    let variables = vec![("COVERGEN__MAIL__OUTBOX_DIR".to_owned(), outbox.clone())];
    let platform = Platform::start_with(folder.path(), variables).await;
    // Operators' pages and paid tiers need somebody who may open them.
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

    let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
    let web = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/web");
    let run = Command::new(&node)
        .arg("e2e/main.mjs")
        .current_dir(web)
        .env("COVERGEN_WEB_URL", &platform.web)
        .env(
            "COVERGEN_E2E_ADMIN",
            format!("{OPERATOR} {OPERATOR_PASSWORD}"),
        )
        .env("COVERGEN_E2E_MAIL", outbox)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(1800), run)
        .await
        .expect("the browser run ends")
        .unwrap_or_else(|error| panic!("{node}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}
