//! The phone's screens, each in one round trip, and its copy of the library.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::api::{Person, client, read, register};
use crate::platform::Platform;

/// A phone of 390 by 844 CSS pixels, three device pixels to each.
async fn get(platform: &Platform, person: &Person, path: &str, etag: &str) -> Response {
    let request = client()
        .get(format!("{}/m/v1{path}", platform.mobile))
        .bearer_auth(&person.token)
        .header("x-device-width", "390")
        .header("x-device-pixel-ratio", "3");
    let request = if etag.is_empty() {
        request
    } else {
        request.header("if-none-match", etag)
    };
    request.send().await.expect("the mobile BFF answers")
}

async fn screen(platform: &Platform, person: &Person, path: &str) -> Value {
    let answer = get(platform, person, path, "").await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let screen = read(answer).await;
    assert_eq!(screen["warnings"], json!([]), "{path}");
    screen
}

async fn make(person: &Person, title: &str) -> Value {
    let body = json!({
        "title": title,
        "sizes": [{"preset": "youtube"}, {"width": 640, "height": 640}],
    });
    let (status, made) = person.generate(title, &body).await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{made}");
    let ended = person.ended(made["taskId"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    ended["covers"][0].clone()
}

#[tokio::test]
async fn a_screen_is_one_answer_with_pictures_for_the_device() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;

    let empty = screen(&platform, &ada, "/screens/home").await;
    assert_eq!(empty["covers"], json!([]));
    assert_eq!(empty["pictures"], json!([]));
    assert_eq!(empty["runningTasks"], json!([]));

    let cover = make(&ada, "One").await;
    make(&ada, "Two").await;
    let home = screen(&platform, &ada, "/screens/home?columns=2").await;
    assert_eq!(home["user"]["id"], json!(ada.user_id));
    assert_eq!(home["quota"]["used"], 2);
    assert_eq!(home["covers"].as_array().unwrap().len(), 2);
    assert_eq!(home["covers"][1]["id"], cover["id"]);
    assert!(!home["popularTemplates"].as_array().unwrap().is_empty());
    // Two columns of 390 times three are 585 device pixels: the step is 640.
    let pictures = home["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 2);
    for (picture, cover) in pictures.iter().zip(home["covers"].as_array().unwrap()) {
        assert_eq!(picture["assetId"], cover["mainAssetId"]);
        assert_eq!(picture["assetId"], cover["images"][0]["assetId"]);
        assert_eq!(
            (&picture["width"], &picture["height"]),
            (&json!(640), &json!(360))
        );
        let url = format!("{}{}", platform.mobile, picture["url"].as_str().unwrap());
        let file = client().get(url).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK);
        assert_eq!(file.headers()["content-type"], "image/webp");
    }

    let library = screen(&platform, &ada, "/screens/library?pageSize=1").await;
    assert_eq!(library["covers"]["covers"].as_array().unwrap().len(), 1);
    assert_eq!(library["pictures"].as_array().unwrap().len(), 1);
    assert_eq!(library["pictures"][0]["width"], 1280);
    let token = library["covers"]["nextPageToken"].as_str().unwrap();
    let path = format!("/screens/library?pageSize=1&pageToken={token}&fields=covers,pictures");
    let answer = get(&platform, &ada, &path, "").await;
    let next = read(answer).await;
    assert_eq!(next["covers"]["covers"][0]["id"], cover["id"]);
    assert_eq!(next["covers"]["nextPageToken"], "");
    assert!(next.get("quota").is_none(), "{next}");

    let make = screen(&platform, &ada, "/screens/make").await;
    for field in ["categories", "presets"] {
        assert!(!make[field].as_array().unwrap().is_empty(), "{field}");
    }
    assert!(
        !make["templates"]["templates"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(
        !make["designOptions"]["fonts"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(make["quota"]["used"], 2);
    assert!(make["preferences"].is_object());

    platform.stop().await;
}

#[tokio::test]
async fn the_home_screen_tells_what_is_being_made_until_it_ends() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let (ada, eve) = (
        register(&platform, "ada").await,
        register(&platform, "eve").await,
    );
    // Large enough that it is still being painted when it is looked at.
    let body = json!({
        "title": "On its way",
        "variants": 8,
        "sizes": [{"preset": "podcast"}, {"width": 640, "height": 640}],
    });
    let (_, made) = ada.generate("long", &body).await.unwrap();
    let id = made["taskId"].as_str().unwrap();
    let home = screen(&platform, &ada, "/screens/home").await;
    let [task] = home["runningTasks"].as_array().unwrap().as_slice() else {
        panic!("one is being made: {home}");
    };
    assert_eq!(
        (&task["taskId"], &task["title"]),
        (&json!(id), &json!("On its way"))
    );
    let status = task["status"].as_str().unwrap();
    assert!(["PENDING", "RUNNING"].contains(&status), "{task}");
    let percent = task["progressPercent"].as_i64().unwrap();
    assert!((0..100).contains(&percent), "{task}");
    assert_eq!(
        task["sizes"],
        json!([
            {"preset": "podcast", "width": 3000, "height": 3000},
            {"preset": "", "width": 640, "height": 640},
        ])
    );
    assert_eq!(task["covers"], json!([]));
    // It is nobody else's, and who wants nothing else is asked for nothing else.
    let hers = screen(&platform, &eve, "/screens/home").await;
    assert_eq!(hers["runningTasks"], json!([]));
    let path = "/screens/home?fields=runningTasks.taskId,warnings";
    let part = screen(&platform, &ada, path).await;
    assert_eq!(
        part,
        json!({"runningTasks": [{"taskId": id}], "warnings": []})
    );

    let path = format!("/covers/tasks/{id}/cancel");
    assert_eq!(ada.post(&path, &json!({})).await.status(), StatusCode::OK);
    assert_eq!(ada.ended(id).await["status"], "CANCELLED");
    let home = screen(&platform, &ada, "/screens/home").await;
    assert_eq!(home["runningTasks"], json!([]));
    let listed = read(get(&platform, &ada, "/covers/tasks?state=CANCELLED", "").await).await;
    assert_eq!(listed["tasks"][0]["taskId"], id, "{listed}");
    for wrong in [
        "state=RUNNING",
        "pageSize=101",
        "pageToken=odd",
        "colour=red",
    ] {
        let answer = get(&platform, &ada, &format!("/covers/tasks?{wrong}"), "").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_screen_that_did_not_change_is_not_sent_again() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    for path in ["/screens/home", "/screens/library", "/screens/make"] {
        let first = get(&platform, &ada, path, "").await;
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        let again = get(&platform, &ada, path, &etag).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
    let anonymous = client().get(format!("{}/m/v1/screens/home", platform.mobile));
    let refused = anonymous.send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    // What a part refuses is refused as it said it.
    let refused = get(&platform, &ada, "/screens/library?pageSize=1000", "").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let problem = read(refused).await;
    assert_eq!(problem["violations"][0]["field"], "pageSize", "{problem}");
    platform.stop().await;
}

#[tokio::test]
async fn a_device_keeps_up_with_the_library() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let cover = make(&ada, "One").await;
    let begun = read(get(&platform, &ada, "/covers/changes", "").await).await;
    assert_eq!(begun["upserted"][0]["id"], cover["id"]);
    assert_eq!(begun["hasMore"], false);
    let id = cover["id"].as_str().unwrap();
    let deleted = ada.request(reqwest::Method::DELETE, &format!("/covers/{id}"));
    assert_eq!(deleted.send().await.unwrap().status(), StatusCode::OK);
    let cursor = begun["nextCursor"].as_str().unwrap();
    let path = format!("/covers/changes?cursor={cursor}");
    let told = read(get(&platform, &ada, &path, "").await).await;
    assert_eq!(told["upserted"], json!([]));
    assert_eq!(told["deletedIds"], json!([id]));
    platform.stop().await;
}
