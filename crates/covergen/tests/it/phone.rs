//! The phone app in real Chromium, against the real platform.

use std::process::Stdio;
use std::time::Duration;

use tempfile::tempdir;
use tokio::process::Command;

use crate::platform::Platform;

#[tokio::test]
async fn a_person_makes_a_cover_on_the_phone() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let app = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/mobile");
    let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
    let run = Command::new(&node)
        .arg("e2e/main.mjs")
        .current_dir(app)
        .env("COVERGEN_MOBILE_URL", &platform.mobile)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(900), run)
        .await
        .expect("the browser run ends")
        .unwrap_or_else(|error| panic!("{node}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}
