//! Whoever leaves takes everything along: a copy first, then nothing is left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::json;
use tempfile::tempdir;

use crate::api::{Person, read, register};
use crate::platform::Platform;

/// Words that stand nowhere else, so that finding one is finding the person.
const NAME: &str = "quillfeather";
const TITLE: &str = "Xylographic Quokka Parade";
const SUBTITLE: &str = "Zephyr Marmalade";
const FILE: &str = "grandmother-portrait.png";

/// What tells where events came from bears ids for a while, and nothing else:
/// rows that carry them say nothing about a person who is gone. `departed`
/// remembers who is, so that a late event makes nobody anew.
const MAY_NAME_IDS: [&str; 6] = [
    "aggregate_versions",
    "departed",
    "inbox",
    "inbox_positions",
    "messages",
    "outbox",
];

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    found
}

/// Where texts stand, in every table of every database: `file table: text`.
async fn mentions(folder: &Path, needles: &[&str]) -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    for file in files(folder) {
        if file.extension().is_none_or(|it| it != "sqlite") {
            continue;
        }
        let url = format!("sqlite://{}?mode=rw", file.display());
        let database = Database::connect(url).await.expect("it opens");
        let backend = database.get_database_backend();
        let columns = "SELECT m.name AS t, group_concat(p.name) AS c
                       FROM sqlite_master m, pragma_table_info(m.name) p
                       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name";
        let tables = database
            .query_all_raw(Statement::from_string(backend, columns))
            .await
            .expect("the schema is readable");
        for table in tables {
            let columns: String = table.try_get("", "c").unwrap();
            let table: String = table.try_get("", "t").unwrap();
            let mut hits = Vec::new();
            for (at, needle) in needles.iter().enumerate() {
                // As bytes: text and blobs alike.
                let anywhere: Vec<String> = columns
                    .split(',')
                    .map(|column| {
                        format!("instr(CAST(\"{column}\" AS BLOB), CAST('{needle}' AS BLOB)) > 0")
                    })
                    .collect();
                hits.push(format!(
                    "count(CASE WHEN {} THEN 1 END) AS n{at}",
                    anywhere.join(" OR ")
                ));
            }
            let sql = format!("SELECT {} FROM \"{table}\"", hits.join(", "));
            let row = database
                .query_one_raw(Statement::from_string(backend, sql))
                .await
                .expect("the query runs")
                .expect("counts");
            for (at, needle) in needles.iter().enumerate() {
                if row.try_get::<i64>("", &format!("n{at}")).unwrap() > 0 {
                    let name = file.file_name().unwrap_or_default().to_string_lossy();
                    found.insert((name.into_owned(), table.clone(), (*needle).to_owned()));
                }
            }
        }
        database.close().await.expect("it closes");
    }
    found
}

/// Does everything that leaves a trace.
async fn live(person: &Person) -> Vec<String> {
    let mut ids = vec![person.user_id.clone()];
    let photo = upload(person).await;
    let body = json!({
        "title": TITLE,
        "subtitle": SUBTITLE,
        "photo": {"assetId": photo, "focalX": 0.5, "focalY": 0.5},
        "sizes": [{"preset": "thumbnail"}],
    });
    let (status, answer) = person.generate("erase-1", &body).await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let task = answer["taskId"].as_str().unwrap().to_owned();
    let ended = person.ended(&task).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    let cover = ended["covers"][0]["id"].as_str().unwrap().to_owned();
    let export = person
        .post(
            "/export/prepare",
            &json!({"coverId": cover, "preset": "thumbnail", "format": "jpeg"}),
        )
        .await;
    assert_eq!(export.status(), StatusCode::ACCEPTED);
    let export = read(export).await["exportId"].as_str().unwrap().to_owned();
    eventually("the export is ready", async || {
        let status = read(person.get(&format!("/export/{export}/status")).await).await;
        status["status"] == "SUCCEEDED"
    })
    .await;
    let renamed = person
        .request(Method::PATCH, "/users/me")
        .header("content-type", "application/json")
        .body(json!({"displayName": format!("{NAME} the second")}).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(renamed.status(), StatusCode::OK);
    ids.extend([photo, task, cover, export]);
    ids
}

pub(crate) async fn upload(person: &Person) -> String {
    let pixels = vec![200; 64 * 48 * 4];
    let picture = covergen_imaging::Picture::new(64, 48, pixels).unwrap();
    let encoding = covergen_imaging::Encoding::Png {
        level: covergen_imaging::PngLevel::Delivery,
    };
    let file = covergen_imaging::encode(&picture, encoding).unwrap();
    let mut body = format!(
        "--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{FILE}\"\r\n\
         content-type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--cut--\r\n");
    let answer = person
        .request(Method::POST, "/media")
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let answer = read(answer).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never came: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_gets_a_copy_and_leaves_nothing_behind() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let bob = register(&platform, "bob").await;
    let objects = folder.path().join("objects");
    let before = files(&objects);
    let ada = register(&platform, NAME).await;
    let ids = live(&ada).await;
    assert!(files(&objects).len() > before.len(), "there is something");
    assert!(!mentions(folder.path(), &[TITLE]).await.is_empty());

    let copy = ada.post("/users/me/export", &json!({})).await;
    assert_eq!(copy.status(), StatusCode::CREATED);
    let copy = read(copy).await;
    let path = copy["url"].as_str().unwrap().to_owned();
    let path = path.strip_prefix("/api/v1").unwrap_or(&path).to_owned();
    let archive = ada.get(&path).await;
    assert_eq!(archive.status(), StatusCode::OK);
    let archive = archive.bytes().await.unwrap();
    let copied = folder.path().join("copy.zip");
    std::fs::write(&copied, &archive).unwrap();
    let listed = tokio::process::Command::new("python3")
        .args(["-m", "zipfile", "-l"])
        .arg(&copied)
        .output()
        .await
        .unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for part in [
        "auth/",
        "cover/",
        "export/",
        "media/",
        "notification/",
        "user/",
    ] {
        assert!(listed.contains(part), "{part} in {listed}");
    }
    std::fs::remove_file(copied).unwrap();

    let meant =
        |words: &str| ada.request(Method::DELETE, &format!("/users/me?confirmation={words}"));
    let unsure = meant("perhaps").send().await.unwrap();
    assert_eq!(unsure.status(), StatusCode::BAD_REQUEST);
    let sure = meant("delete%20my%20account").send().await.unwrap();
    assert_eq!(sure.status(), StatusCode::NO_CONTENT);

    let texts = [NAME, TITLE, SUBTITLE, FILE];
    let needles: Vec<&str> = texts
        .into_iter()
        .chain(ids.iter().map(String::as_str))
        .collect();
    let left = std::sync::Mutex::new(String::new());
    let cleared = async || {
        let mut found = mentions(folder.path(), &needles).await;
        found.retain(|(_, table, needle)| {
            texts.contains(&needle.as_str()) || !MAY_NAME_IDS.contains(&table.as_str())
        });
        let kept: Vec<_> = files(&objects).difference(&before).cloned().collect();
        *left.lock().unwrap() = format!("{found:?} {kept:?}");
        found.is_empty() && kept.is_empty()
    };
    for _ in 0..300 {
        if cleared().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(cleared().await, "left: {}", left.lock().unwrap());
    let gone = ada.get("/users/me").await;
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(bob.quota().await["used"], 0, "others are left alone");

    // Not even in what the databases have freed and not yet reused.
    assert!(platform.stop().await.success());
    for text in texts {
        assert_eq!(bytes_mention(folder.path(), text), Vec::<PathBuf>::new());
    }
    let platform = Platform::start(&folder).await;
    let again = register(&platform, NAME).await;
    assert_ne!(again.user_id, ada.user_id, "the address is free again");
}

/// Files in which a text stands, whatever they are. Mails are left out: one
/// that was sent lies where its receiver keeps it.
fn bytes_mention(folder: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("it is readable");
        memchr::memmem::find(&bytes, text.as_bytes()).is_some()
    };
    let mut found: Vec<PathBuf> = files(folder).into_iter().filter(holds).collect();
    found.retain(|path| !path.starts_with(folder.join("outbox")));
    found
}
