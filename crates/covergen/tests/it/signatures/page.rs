//! What the page for partners tells them to run.

use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tokio::process::Command;

use super::{World, key};

const PAGE: &str = include_str!("../../../../../docs/partner-signatures.md");

/// The shell programs of the page for partners, in their order.
fn programs() -> Vec<&'static str> {
    let blocks = PAGE.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect()
}

async fn shell(folder: &TempDir, program: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", program])
        .current_dir(folder.path())
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_programs_of_the_page_for_partners_work() {
    let world = World::start().await;
    let folder = tempdir().unwrap();
    let [make, ask] = programs()[..] else {
        panic!("the page has two");
    };
    let public = shell(&folder, make, &[]).await;
    let made = key(&world.ada, &world.signing.private, Some(public.trim())).await;
    let variables = [
        ("COVERGEN_BASE_URL", &*world.platform.partner),
        ("COVERGEN_API_KEY", &made.secret),
        ("COVERGEN_API_KEY_ID", &made.id),
    ];
    let answer: Value = serde_json::from_str(&shell(&folder, ask, &variables).await).unwrap();
    let task = answer["taskId"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let ended = world.ada.ended(task).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
}
