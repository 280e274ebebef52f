//! The README's way from nothing to a cover.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::api::{read, register};
use crate::platform::{Platform, run};

#[tokio::test]
async fn a_title_becomes_covers_in_every_size_and_format() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let body = json!({
        "title": "From a title to a cover",
        "subtitle": "in every size",
        "templateId": "aurora",
        "seed": "7",
        "variants": 2,
        "sizes": [{"preset": "youtube"}, {"width": 300, "height": 400}],
        "formats": ["png", "jpeg", "webp"],
    });
    let (status, answer) = ada.generate("walk-1", &body).await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let task = answer["taskId"].as_str().unwrap().to_owned();

    let events = ada.events(&task).await;
    let progress: Vec<i64> = events
        .iter()
        .map(|event| event["progressPercent"].as_i64().unwrap())
        .collect();
    assert!(progress.is_sorted(), "{progress:?}");
    let last = events.last().unwrap();
    assert_eq!(last["status"], "SUCCEEDED", "{last}");

    let ended = ada.ended(&task).await;
    assert_eq!(ended["covers"], last["covers"]);
    let covers = ended["covers"].as_array().unwrap();
    assert_eq!(covers.len(), 2);
    for cover in covers {
        let images = cover["images"].as_array().unwrap();
        assert_eq!(images.len(), 6);
        for image in images {
            check_image(&ada, image).await;
        }
    }
    let quota = ada.quota().await;
    assert_eq!((&quota["used"], &quota["reserved"]), (&json!(2), &json!(0)));

    let listed = read(ada.get("/covers").await).await;
    assert_eq!(listed["covers"].as_array().unwrap().len(), 2);
    assert!(platform.stop().await.success(), "SIGTERM ends it with 0");
}

async fn check_image(person: &crate::api::Person, image: &Value) {
    let answer = person.get(image["url"].as_str().unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let format = image["format"].as_str().unwrap();
    assert_eq!(answer.headers()["content-type"], format!("image/{format}"));
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(Some(bytes.len() as u64), image["bytes"].as_u64());
    let found = covergen_imaging::probe(&bytes).unwrap();
    assert_eq!(Some(u64::from(found.width)), image["width"].as_u64());
    assert_eq!(Some(u64::from(found.height)), image["height"].as_u64());
    assert_eq!(found.format.media_type(), format!("image/{format}"));
}

#[tokio::test]
async fn a_task_links_to_where_it_is_cancelled_until_it_ends() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let asked = ada
        .request(Method::POST, "/covers/generate")
        .header("prefer", "links")
        .header("idempotency-key", "once")
        .header("content-type", "application/json")
        .body(json!({"title": "Linked", "sizes": [{"preset": "thumbnail"}]}).to_string());
    let begun = read(asked.send().await.unwrap()).await;
    assert_eq!(begun["status"], "PENDING");
    let task = begun["taskId"].as_str().unwrap();
    let path = format!("/api/v1/covers/tasks/{task}");
    let cancel = json!({"href": format!("{path}/cancel"), "method": "POST"});
    assert_eq!(begun["_links"]["cancel"], cancel);
    ada.ended(task).await;
    let asked = ada
        .request(Method::GET, &format!("/covers/tasks/{task}"))
        .header("prefer", "links");
    let ended = read(asked.send().await.unwrap()).await;
    let itself = json!({"self": {"href": path, "method": "GET"}});
    assert_eq!(ended["_links"], itself, "{ended}");
}

#[tokio::test]
async fn a_preview_is_an_image_and_an_export_another_size() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let size = json!([{"preset": "podcast"}]);
    let preview = ada
        .post(
            "/covers/preview",
            &json!({"title": "Preview", "sizes": size}),
        )
        .await;
    assert_eq!(preview.status(), StatusCode::OK);
    assert_eq!(preview.headers()["content-type"], "image/png");
    let found = covergen_imaging::probe(&preview.bytes().await.unwrap()).unwrap();
    assert_eq!((found.width, found.height), (1280, 1280));

    let body = json!({"title": "Export me", "sizes": [{"preset": "thumbnail"}]});
    let (_, answer) = ada.generate("export-1", &body).await.unwrap();
    let ended = ada.ended(answer["taskId"].as_str().unwrap()).await;
    let cover = ended["covers"][0]["id"].as_str().unwrap();
    let order = json!({"coverId": cover, "preset": "story", "format": "jpeg", "quality": 80});
    let prepared = ada.post("/export/prepare", &order).await;
    assert_eq!(prepared.status(), StatusCode::ACCEPTED);
    let export = read(prepared).await["exportId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut status = Value::Null;
    for _ in 0..300 {
        status = read(ada.get(&format!("/export/{export}/status")).await).await;
        if status["status"] == "SUCCEEDED" || status["status"] == "FAILED" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(status["status"], "SUCCEEDED", "{status}");
    let file = ada.get(&format!("/export/{export}/download")).await;
    assert_eq!(file.headers()["content-type"], "image/jpeg");
    let found = covergen_imaging::probe(&file.bytes().await.unwrap()).unwrap();
    assert_eq!((found.width, found.height), (1080, 1920));
}

#[tokio::test]
async fn an_operator_opens_accounts_and_sets_tiers_beside_a_running_platform() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let (ok, text) = run(
        folder.path(),
        &["admin", "set-tier", "--email", "ada@example.org", "pro"],
    )
    .await;
    assert!(ok, "{text}");
    assert_eq!(ada.quota().await["limit"], 1000);

    let (ok, text) = run(
        folder.path(),
        &["admin", "token", "--email", "ada@example.org"],
    )
    .await;
    assert!(ok && text.trim().split('.').count() == 3, "{text}");
    let (ok, text) = run(
        folder.path(),
        &["admin", "token", "--email", "nobody@example.org"],
    )
    .await;
    assert!(!ok && text.contains("no such account"), "{text}");
    drop(platform);
}

#[tokio::test]
async fn a_cover_needs_no_server() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("cover.webp");
    let (ok, text) = run(
        folder.path(),
        &[
            "render",
            "--title",
            "No server",
            "--size",
            "640x360",
            "-o",
            file.to_str().unwrap(),
        ],
    )
    .await;
    assert!(ok, "{text}");
    let found = covergen_imaging::probe(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((found.width, found.height), (640, 360));
    let (ok, text) = run(folder.path(), &["render", "--list", "--json"]).await;
    let list: Value = serde_json::from_str(&text).unwrap();
    assert!(
        ok && list["templates"].as_array().unwrap().len() >= 4,
        "{text}"
    );
    let (ok, text) = run(
        folder.path(),
        &[
            "render",
            "--title",
            "x",
            "--size",
            "no_such_place",
            "-o",
            "x.png",
        ],
    )
    .await;
    assert!(!ok && text.contains("no_such_place"), "{text}");
}
