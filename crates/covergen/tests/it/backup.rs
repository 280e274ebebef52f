//! A backup made in the middle of the work, and a platform out of it.

use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::task::JoinSet;

use crate::api::{Person, read, register};
use crate::platform::{Platform, run_with};
use covergen_faults::checker::{Databases, problems_at_last};
use covergen_faults::fleet::SERVICES;
use covergen_faults::scenario::SETTLED_WITHIN;

type Variables = Vec<(String, String)>;

/// Long enough for a busy machine, short enough to wait for after a restart.
fn patient() -> (String, String) {
    let key = "COVERGEN__SERVICES__TASK__LEASE_MS".to_owned();
    (key, "8000".to_owned())
}

async fn ask(person: &Person, key: &str) -> Option<String> {
    let body = json!({
        "title": format!("Kept {key}"),
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    let (status, answer) = person.generate(key, &body).await.ok()?;
    let task = answer["taskId"].as_str().map(str::to_owned);
    task.filter(|_| status.is_success())
}

/// A platform at work: covers that are there, and the backup made while others
/// are on their way.
struct Backed {
    person: Person,
    before: Vec<String>,
    /// What the backup command said.
    said: String,
}

async fn back_up(platform: &Platform, to: &Path, more: &[&str]) -> Backed {
    let person = register(platform, "ada").await;
    let mut before = Vec::new();
    for n in 0..3 {
        before.push(ask(&person, &format!("before-{n}")).await.unwrap());
    }
    for task in &before {
        person.ended(task).await;
    }
    let mut meanwhile = JoinSet::new();
    for n in 0..12 {
        let person = person.clone();
        meanwhile.spawn(async move { ask(&person, &format!("meanwhile-{n}")).await });
    }
    // Some are asked for, none is waited for.
    for _ in 0..4 {
        meanwhile.join_next().await.unwrap().unwrap();
    }
    let mut arguments = vec!["backup", "--to", to.to_str().unwrap()];
    arguments.extend(more);
    let (ok, said) = run_with(platform.folder(), &arguments, platform.variables()).await;
    assert!(ok, "{said}");
    while meanwhile.join_next().await.is_some() {}
    Backed {
        person,
        before,
        said,
    }
}

async fn restore(from: &Path, to: &Path, variables: &[(String, String)]) -> (bool, String) {
    let arguments = ["restore", "--from", from.to_str().unwrap()];
    run_with(to, &arguments, variables).await
}

/// Goes on with what was restored until nothing is left to be done, and asks
/// the checker.
async fn check(platform: &Platform, databases: &Databases, backed: &Backed) {
    // Signing in anew, as after a day.
    let account = json!({"email": "ada@example.org", "password": "correct horse battery"});
    let answer = backed
        .person
        .at(platform)
        .post("/auth/login", &account)
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let token = read(answer).await["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = backed.person.at(platform).with_token(token);

    let rows = databases
        .rows("cover", "SELECT task_id FROM requests")
        .await
        .unwrap();
    let tasks: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "task_id").unwrap())
        .collect();
    assert!(backed.before.iter().all(|task| tasks.contains(task)));
    let mut made = 0;
    for task in &tasks {
        // On a machine that is very busy a task may give up, here as anywhere.
        made += usize::from(person.ended(task).await["status"] == "SUCCEEDED");
    }
    assert!(made > 0, "nothing was made of {tasks:?}");
    let found = problems_at_last(databases, &tasks, SETTLED_WITHIN).await;
    assert_eq!(found.unwrap(), Vec::<String>::new());

    let listed = read(person.get("/covers?pageSize=100").await).await;
    let covers = listed["covers"].as_array().unwrap();
    assert_eq!(covers.len(), made);
    for cover in covers {
        for image in cover["images"].as_array().unwrap() {
            shown(&person, image).await;
        }
    }
    assert_eq!(person.quota().await["used"], made);
    // It goes on as if nothing had been.
    let task = ask(&person, "after").await.unwrap();
    person.ended(&task).await;
}

async fn shown(person: &Person, image: &Value) {
    let answer = person.get(image["url"].as_str().unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK, "{image}");
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(Some(bytes.len() as u64), image["bytes"].as_u64());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_files_made_at_work_becomes_a_platform_that_agrees_with_itself() {
    let (folder, scratch) = (tempdir().unwrap(), tempdir().unwrap());
    let to = scratch.path().join("backup");
    let platform = Platform::start_with(folder.path(), vec![patient()]).await;
    let backed = back_up(&platform, &to, &["--with-keys"]).await;
    drop(platform);
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(to.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(
        manifest["services"].as_array().unwrap().len(),
        SERVICES.len()
    );
    assert_eq!(manifest["events"]["how"], "copied");
    assert_eq!(manifest["keys"], true);

    let fresh = tempdir().unwrap();
    let (ok, said) = restore(&to, fresh.path(), &[]).await;
    assert!(ok, "{said}");
    let platform = Platform::start_with(fresh.path(), vec![patient()]).await;
    // The keys came along: who was signed in still is.
    let answer = backed.person.at(&platform).get("/users/me").await;
    assert_eq!(answer.status(), StatusCode::OK);
    check(&platform, &Databases::in_folder(fresh.path()), &backed).await;
    assert!(platform.stop().await.success());

    let (ok, said) = restore(&to, fresh.path(), &[]).await;
    assert!(!ok && said.contains("is not empty"), "{said}");
    is_not_started_when_it_was_interrupted(&to).await;
    refuses_what_was_changed(&to).await;
}

/// Databases are there, files are not.
async fn is_not_started_when_it_was_interrupted(backup: &Path) {
    let place = tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let objects = format!("file://{}/objects", file.display());
    let elsewhere = ("COVERGEN__OBJECTS__URL".to_owned(), objects);
    let (ok, said) = restore(backup, place.path(), &[elsewhere]).await;
    assert!(!ok, "{said}");
    assert!(place.path().join("db/cover.sqlite").is_file());

    let mut up = vec!["up"];
    for port in ["--web", "--mobile", "--partner", "--grpc", "--admin"] {
        up.extend([port, "127.0.0.1:0"]);
    }
    let (ok, said) = run_with(place.path(), &up, &[]).await;
    assert!(!ok && said.contains("did not end"), "{said}");
}

/// Damage is found before anything is written.
async fn refuses_what_was_changed(backup: &Path) {
    let file = backup.join("db/cover.sqlite");
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    std::fs::write(&file, &damaged).unwrap();
    refused(backup, "db/cover.sqlite is not what was backed up").await;
    std::fs::remove_file(&file).unwrap();
    refused(backup, "lacks db/cover.sqlite").await;
    std::fs::write(&file, &whole).unwrap();

    let manifest = backup.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let newer = text.replacen("cover_0001_covers", "cover_9999_future", 1);
    assert_ne!(newer, text);
    std::fs::write(&manifest, newer).unwrap();
    refused(backup, "newer than this program (cover_9999_future)").await;
}

async fn refused(backup: &Path, why: &str) {
    let place = tempdir().unwrap();
    let (ok, said) = restore(backup, place.path(), &[]).await;
    assert!(!ok && said.contains(why), "{said}");
    let left = ["db", "objects", "keys", "events.sqlite"].map(|name| place.path().join(name));
    assert!(!left.iter().any(|path: &PathBuf| path.exists()), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_holds_of_postgresql_and_a_log_that_is_kept_elsewhere() {
    let postgres = covergen_testkit::postgres_databases(&SERVICES).await;
    let nats = covergen_testkit::nats().await;
    let set = |key: &str, value: &str| (format!("COVERGEN__{key}"), value.to_owned());
    let variables = |url: &str, log: &covergen_testkit::NatsScope| -> Variables {
        vec![
            patient(),
            set("DATABASE__URL", url),
            set("EVENTS__URL", log.url()),
            set("EVENTS__NAMESPACE", log.namespace()),
        ]
    };
    let (folder, scratch) = (tempdir().unwrap(), tempdir().unwrap());
    let to = scratch.path().join("backup");
    let platform = Platform::start_with(folder.path(), variables(&postgres.url(), &nats)).await;
    let backed = back_up(&platform, &to, &[]).await;
    assert!(
        backed.said.contains("Keys are not in it"),
        "{}",
        backed.said
    );
    assert!(!to.join("keys").exists());
    drop(platform);

    // A log that holds what was said after the backup is refused before anything
    // is written, unless it is to stay.
    let (other, fresh) = (
        covergen_testkit::postgres_databases(&SERVICES).await,
        tempdir().unwrap(),
    );
    let used = variables(&other.url(), &nats);
    let (ok, said) = restore(&to, fresh.path(), &used).await;
    assert!(!ok && said.contains("--keep-events"), "{said}");
    let from = ["restore", "--keep-events", "--from", to.to_str().unwrap()];
    let (ok, said) = run_with(fresh.path(), &from, &used).await;
    assert!(ok && said.contains("will be sent again"), "{said}");

    // Another server's databases, and a log that begins empty.
    let (postgres, nats) = (
        covergen_testkit::postgres_databases(&SERVICES).await,
        covergen_testkit::nats().await,
    );
    let fresh = tempdir().unwrap();
    let variables = variables(&postgres.url(), &nats);
    let (ok, said) = restore(&to, fresh.path(), &variables).await;
    assert!(ok && said.contains("will be sent again"), "{said}");
    let (ok, said) = restore(&to, fresh.path(), &variables).await;
    assert!(!ok && said.contains("is not empty"), "{said}");
    // The keys were kept by other means.
    let kept = std::process::Command::new("cp")
        .arg("-r")
        .args([folder.path().join("keys"), fresh.path().join("keys")])
        .status();
    assert!(kept.unwrap().success());
    let platform = Platform::start_with(fresh.path(), variables).await;
    check(&platform, &Databases::at(&postgres.url()), &backed).await;
    assert!(platform.stop().await.success());
}
