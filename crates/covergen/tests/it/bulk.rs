//! Fifty covers at once, and the process dies in the middle.

use std::collections::BTreeSet;
use std::time::Duration;

use covergen_faults::checker::{Databases, problems_at_last};
use covergen_faults::scenario::SETTLED_WITHIN;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::api::{Person, read, register};
use crate::platform::{Platform, run_with};

const ROWS: usize = 50;
/// Rows that are done before the first kill, and between kills.
const EVERY: i64 = 12;

async fn bulk(person: &Person, id: &str) -> Value {
    read(person.get(&format!("/covers/bulk/{id}")).await).await
}

fn ended_rows(bulk: &Value) -> i64 {
    ["succeededRows", "failedRows", "cancelledRows"]
        .iter()
        .map(|field| bulk[*field].as_i64().expect("a count"))
        .sum()
}

/// Waits until so many rows have ended, or all.
async fn eventually_ended(person: &Person, id: &str, rows: i64) -> Value {
    let mut found = Value::Null;
    for _ in 0..1200 {
        found = bulk(person, id).await;
        let over = found["status"] != "RUNNING";
        if over || (rows < ROWS as i64 && ended_rows(&found) >= rows) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the bulk does not get on: {found}");
}

/// The server-sent events of a bulk, to the end of the stream.
async fn events(person: &Person, id: &str) -> Vec<Value> {
    let answer = person.get(&format!("/covers/bulk/{id}/events")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.expect("the stream ends");
    text.lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| serde_json::from_str(data).expect("an event is JSON"))
        .collect()
}

async fn all_rows(person: &Person, id: &str) -> Vec<Value> {
    let path = format!("/covers/bulk/{id}/rows?pageSize=100");
    let page = read(person.get(&path).await).await;
    assert_eq!(page["nextPageToken"], "");
    page["rows"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn killed_in_the_middle_every_row_becomes_exactly_one_cover() {
    let folder = tempdir().unwrap();
    let mut platform = Platform::start(&folder).await;
    let mut ada = register(&platform, "ada").await;
    let arguments = [
        "admin",
        "set-tier",
        "--email",
        "ada@example.org",
        "pro_plus",
    ];
    let (ok, text) = run_with(folder.path(), &arguments, platform.variables()).await;
    assert!(ok, "{text}");

    let mut csv = String::from("title,subtitle,seed,reference\r\n");
    for row in 1..=ROWS {
        csv.push_str(&format!(
            "\"Row {row}, of many\",number {row},{row},sku-{row}\r\n"
        ));
    }
    let body = json!({
        "csv": csv,
        "templateId": "swiss",
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
        "name": "Catalogue",
    });
    let answer = ada.post("/covers/bulk", &body).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let made = read(answer).await;
    let id = made["bulkId"].as_str().expect("an id").to_owned();
    assert_eq!(made["totalRows"], ROWS);

    for kill in 1..=3 {
        eventually_ended(&ada, &id, kill * EVERY).await;
        platform = platform.kill_and_restart().await;
        ada = ada.at(&platform);
    }
    let seen = events(&ada, &id).await;
    let last = seen.last().expect("at least one event");
    assert_eq!(last["status"], "SUCCEEDED", "{last}");
    assert_eq!(last["progressPercent"], 100);

    let over = eventually_ended(&ada, &id, ROWS as i64).await;
    assert_eq!(over["succeededRows"], ROWS, "{over}");
    let rows = all_rows(&ada, &id).await;
    assert_eq!(rows.len(), ROWS);
    let mut covers = BTreeSet::new();
    let mut tasks = Vec::new();
    for (row, number) in rows.iter().zip(1..) {
        assert_eq!(row["rowNumber"], number);
        let made = row["covers"].as_array().expect("covers");
        assert_eq!(made.len(), 1, "{row}");
        assert_eq!(made[0]["title"], format!("Row {number}, of many"));
        assert_eq!(made[0]["seed"], number.to_string());
        assert!(covers.insert(made[0]["id"].as_str().expect("an id").to_owned()));
        tasks.push(row["taskId"].as_str().expect("an id").to_owned());
    }
    // No cover beside those of the rows, and each paid for once.
    let mut listed = 0;
    let mut token = String::new();
    loop {
        let path = format!("/covers?pageSize=100&bulkId={id}&pageToken={token}");
        let page = read(ada.get(&path).await).await;
        listed += page["covers"].as_array().expect("covers").len();
        page["nextPageToken"]
            .as_str()
            .expect("a token")
            .clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, ROWS);
    let quota = ada.quota().await;
    assert_eq!(
        (&quota["used"], &quota["reserved"]),
        (&json!(ROWS), &json!(0))
    );

    let databases = Databases::in_folder(platform.folder());
    let found = problems_at_last(&databases, &tasks, SETTLED_WITHIN).await;
    assert_eq!(found.unwrap(), Vec::<String>::new());
    assert!(platform.stop().await.success());
}

#[tokio::test]
async fn who_may_not_and_what_is_wrong_is_told_by_rest() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let body = json!({"rows": [{"title": "One"}], "sizes": [{"preset": "thumbnail"}]});
    let refused = ada.post("/covers/bulk", &body).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(read(refused).await["reason"], "TIER_REQUIRED");

    let arguments = [
        "admin",
        "set-tier",
        "--email",
        "ada@example.org",
        "pro_plus",
    ];
    let (ok, text) = run_with(folder.path(), &arguments, platform.variables()).await;
    assert!(ok, "{text}");
    let body = json!({
        "rows": [{"title": "Fine"}, {"title": ""}, {"title": "x", "font": "nope"}],
        "sizes": [{"preset": "thumbnail"}],
    });
    let refused = ada.post("/covers/bulk", &body).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let problem = read(refused).await;
    let fields: Vec<&str> = problem["violations"]
        .as_array()
        .expect("violations")
        .iter()
        .map(|violation| violation["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(fields, ["rows[1].title", "rows[2].font"], "{problem}");
}
