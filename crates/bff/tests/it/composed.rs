//! Answers put together from several calls.

use std::sync::Arc;

use axum::body::Body;
use covergen_bff::BffConfig;
use serde_json::json;
use tokio::sync::Barrier;
use tonic::Code;

use crate::scratch::covergen::parts::v1::size_all_request::Kind;
use crate::scratch::covergen::parts::v1::{GetOwnerRequest, ListItemsRequest, SizeAllRequest};
use crate::support::{Act, Answer, Parts, Platform, request};

/// A platform whose parts the test can speak to.
fn platform() -> (Platform, Parts) {
    let parts = Parts::default();
    let backend = parts.backend();
    let platform = Platform::build(BffConfig::default(), |bff| bff.backend("parts", backend));
    (platform, parts)
}

async fn get(platform: &Platform, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut sent = request("GET", path).header("authorization", "Bearer user-ada");
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    platform.send(sent.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_answer_holds_what_every_part_gave() {
    let (platform, parts) = platform();
    let screen = get(&platform, "/api/v1/screen", &[]).await.ok();
    let sized = |ids: &[&str]| {
        let sized = ids
            .iter()
            .map(|id| json!({"assetId": id, "url": format!("/i/{id}")}));
        serde_json::Value::Array(sized.collect())
    };
    assert_eq!(
        screen["owner"],
        json!({"id": "me", "portrait": {"assetId": "face"}})
    );
    assert_eq!(screen["page"]["nextPageToken"], "next");
    assert_eq!(screen["page"]["items"].as_array().unwrap().len(), 3);
    assert_eq!(screen["sizes"], sized(&["b", "a", "c"]));
    assert_eq!(screen["portraits"], sized(&["face"]));
    assert_eq!(screen["warnings"], json!([]));
    assert_eq!(
        parts.called(),
        ["GetOwner", "ListItems", "SizeAll", "SizeAll"]
    );
}

#[tokio::test]
async fn a_part_is_called_with_what_is_bound_to_it() {
    let (platform, parts) = platform();
    let path = "/api/v1/screen?pageSize=7&tags=x&tags=y&favorite=false";
    get(&platform, path, &[("x-width", "320")]).await.ok();
    let owner: Vec<GetOwnerRequest> = parts.requests("GetOwner");
    assert_eq!((&*owner[0].owner_id, owner[0].depth), ("me", 3));
    let list: Vec<ListItemsRequest> = parts.requests("ListItems");
    assert_eq!(list[0].page_size, 7);
    assert_eq!(list[0].tags, ["x", "y"]);
    assert_eq!(list[0].favorite, Some(false));
    let sizes: Vec<SizeAllRequest> = parts.requests("SizeAll");
    let grid = sizes.iter().find(|sizes| sizes.hint.is_some()).unwrap();
    assert_eq!(grid.asset_ids, ["b", "a", "c"]);
    assert_eq!(grid.kind(), Kind::Large);
    let hint = grid.hint.as_ref().unwrap();
    assert_eq!((&*hint.reason, hint.width_px), ("grid", 320));
}

#[tokio::test]
async fn what_the_request_leaves_open_stays_open() {
    let (platform, parts) = platform();
    get(&platform, "/api/v1/screen", &[]).await.ok();
    let list: Vec<ListItemsRequest> = parts.requests("ListItems");
    assert_eq!(list[0], ListItemsRequest::default());
}

#[tokio::test]
async fn parts_that_need_nothing_of_each_other_run_at_once() {
    let (platform, parts) = platform();
    let both = Arc::new(Barrier::new(2));
    parts.set("GetOwner", Act::Meet(Arc::clone(&both)));
    parts.set("ListItems", Act::Meet(both));
    let answer = get(&platform, "/api/v1/screen", &[]).await;
    assert_eq!(answer.ok()["owner"]["id"], "me");
}

#[tokio::test]
async fn a_part_waits_for_those_it_needs_and_for_no_other() {
    let (platform, parts) = platform();
    // The owner answers once the sizes of the page are asked for.
    let both = Arc::new(Barrier::new(2));
    parts.set("GetOwner", Act::Meet(Arc::clone(&both)));
    parts.set("SizeAll", Act::Meet(both));
    let path = "/api/v1/screen?fields=owner,sizes";
    let answer = get(&platform, path, &[]).await;
    assert_eq!(answer.ok()["sizes"][0]["assetId"], "b");
}

#[tokio::test]
async fn every_part_is_called_as_the_caller_within_its_own_deadline() {
    let (platform, parts) = platform();
    let answer = get(&platform, "/api/v1/screen", &[]).await;
    let limits = [("GetOwner", 8000), ("ListItems", 4000), ("SizeAll", 8000)];
    for call in parts.arrived() {
        assert_eq!(call.metadata["authorization"], "Bearer internal-ada");
        assert_eq!(call.metadata["x-request-id"], answer.header("x-request-id"));
        let timeout = call.metadata["grpc-timeout"].strip_suffix('m').unwrap();
        let timeout: u64 = timeout.parse().unwrap();
        let (_, limit) = limits.iter().find(|(rpc, _)| *rpc == call.rpc).unwrap();
        assert!(timeout <= *limit, "{} within {timeout} ms", call.rpc);
        assert!(timeout > 0, "{}", call.rpc);
    }
    let (platform, parts) = self::platform();
    get(&platform, "/api/v1/screen", &[("request-timeout", "2")]).await;
    for call in parts.arrived() {
        let timeout = call.metadata["grpc-timeout"].strip_suffix('m').unwrap();
        assert!(timeout.parse::<u64>().unwrap() <= 2000, "{}", call.rpc);
    }
}

#[tokio::test]
async fn a_failure_is_the_problem_that_the_service_gave_and_ends_the_rest() {
    let (platform, parts) = platform();
    let both = Arc::new(Barrier::new(2));
    parts.set("ListItems", Act::Meet(Arc::clone(&both)));
    parts.set("ListItems", Act::Hang);
    parts.set("GetOwner", Act::Meet(both));
    parts.set("GetOwner", Act::Refuse(Code::NotFound, "OWNER_MOVED"));
    let answer = get(&platform, "/api/v1/screen", &[]).await;
    // The status is that of the part's own contract.
    let problem = answer.problem(410, "OWNER_MOVED");
    assert_eq!(problem["detail"], "GetOwner will not.");
    assert_eq!(parts.called(), ["GetOwner", "ListItems"]);
    parts.until_open(0).await;
}

#[tokio::test]
async fn an_optional_part_that_fails_leaves_a_warning() {
    let (platform, parts) = platform();
    parts.set("SizeAll", Act::Refuse(Code::Unavailable, "SIZES_AWAY"));
    let answer = get(&platform, "/api/v1/screen", &[]).await;
    let screen = answer.ok();
    assert_eq!(screen["page"]["items"].as_array().unwrap().len(), 3);
    assert_eq!(screen["sizes"], json!([]));
    let warning = |field: &str| {
        let detail = "SizeAll will not.";
        json!({"field": field, "reason": "SIZES_AWAY", "detail": detail})
    };
    assert_eq!(
        screen["warnings"],
        json!([warning("sizes"), warning("portraits")])
    );
    // Nobody keeps half an answer.
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn what_needs_a_part_that_failed_is_missing_too() {
    let (platform, parts) = platform();
    parts.set("ListItems", Act::Refuse(Code::Internal, "BROKEN"));
    let extras = platform.get("/api/v1/extras").await.ok();
    assert_eq!(parts.called(), ["ListItems"]);
    assert!(extras.get("page").is_none(), "{extras}");
    let warnings = extras["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 2, "{extras}");
    assert_eq!(warnings[0]["field"], "page");
    let detail = warnings[0]["detail"].as_str().unwrap();
    assert!(
        !detail.contains("will not"),
        "what is internal stays inside"
    );
    assert_eq!(warnings[1]["field"], "sizes");
    assert_eq!(warnings[1]["reason"], "PART_MISSING");
}

#[tokio::test]
async fn an_optional_part_past_the_deadline_is_given_up() {
    let (platform, parts) = platform();
    parts.set("SizeAll", Act::Hang);
    let sent = request("GET", "/api/v1/extras").header("request-timeout", "0.2");
    let answer = platform.send(sent.body(Body::empty()).unwrap()).await;
    let extras = answer.ok();
    assert_eq!(extras["page"]["nextPageToken"], "next");
    assert_eq!(extras["warnings"][0]["field"], "sizes");
    assert_eq!(extras["warnings"][0]["reason"], "DEADLINE_EXCEEDED");
    parts.until_open(0).await;
}

#[tokio::test]
async fn nothing_to_ask_for_makes_no_call() {
    let (platform, parts) = platform();
    parts.set("ListItems", Act::Empty);
    parts.set("GetOwner", Act::Empty);
    let screen = get(&platform, "/api/v1/screen", &[]).await.ok();
    assert_eq!(parts.called(), ["GetOwner", "ListItems"]);
    assert_eq!(screen["sizes"], json!([]));
    assert_eq!(screen["warnings"], json!([]));
}

#[tokio::test]
async fn parts_that_nobody_wants_are_not_called() {
    for (fields, called) in [
        ("owner.id", &["GetOwner"][..]),
        ("page.items.id,page.nextPageToken", &["ListItems"]),
        // What a wanted part needs is called, and not shown.
        ("sizes", &["ListItems", "SizeAll"]),
        ("portraits.url,owner", &["GetOwner", "SizeAll"]),
        ("warnings", &[]),
    ] {
        let (platform, parts) = platform();
        let path = format!("/api/v1/screen?fields={fields}");
        let screen = get(&platform, &path, &[]).await.ok();
        assert_eq!(parts.called(), called, "{fields}");
        let members = screen.as_object().unwrap();
        let shown = |name: &String| fields.contains(name.as_str());
        assert!(members.keys().all(shown), "{fields}: {screen}");
    }
}

#[tokio::test]
async fn hidden_fields_stay_hidden() {
    let (platform, _) = platform();
    let answer = get(&platform, "/api/v1/screen", &[]).await;
    assert!(!answer.text().contains("secret"), "{}", answer.text());
    assert!(!answer.text().contains("never shown"));
    let asked = get(&platform, "/api/v1/screen?fields=owner.secret", &[]).await;
    asked.problem(400, "UNKNOWN_FIELD");
}

#[tokio::test]
async fn a_composed_answer_has_an_entity_tag_like_any_other() {
    let (platform, parts) = platform();
    let first = get(&platform, "/api/v1/screen", &[]).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = get(&platform, "/api/v1/screen", &[("if-none-match", &etag)]).await;
    assert_eq!(again.status.as_u16(), 304);
    parts.set("ListItems", Act::Empty);
    let changed = get(&platform, "/api/v1/screen", &[("if-none-match", &etag)]).await;
    assert_ne!(changed.header("etag"), etag);
    changed.ok();
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_calls() {
    let (platform, parts) = platform();
    parts.set("GetOwner", Act::Hang);
    parts.set("ListItems", Act::Hang);
    let request = tokio::spawn(async move { get(&platform, "/api/v1/screen", &[]).await });
    parts.until_open(2).await;
    request.abort();
    parts.until_open(0).await;
}

#[tokio::test]
async fn grpc_web_does_not_reach_a_composed_rpc() {
    let (platform, parts) = platform();
    let sent = request("POST", "/covergen.screen.v1.ScreenService/GetScreen")
        .header("content-type", "application/grpc-web+proto")
        .header("authorization", "Bearer user-ada")
        .body(Body::from(vec![0; 5]));
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.header("grpc-status"), "12", "{}", answer.text());
    assert!(parts.called().is_empty());
}

#[tokio::test]
async fn who_may_not_see_the_screen_causes_no_call() {
    let (platform, parts) = platform();
    platform.get("/api/v1/screen").await.problem(401, "SIGN_IN");
    get(&platform, "/api/v1/screen?pageSize=x", &[])
        .await
        .problem(400, "INVALID_VALUE");
    assert!(parts.called().is_empty());
}
