//! What is taken, and taken once.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Request, World, refused};
use crate::api::read;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_request_is_done_once() {
    let world = World::start().await;
    let asked = world.asked();
    let headers = asked.signed_headers(&asked.says());
    let first = asked.send_with(&headers).await;
    assert_eq!(first.status(), StatusCode::ACCEPTED);
    let first = read(first).await;
    for _ in 0..3 {
        refused(
            "again",
            asked.send_with(&headers).await,
            401,
            "SIGNATURE_REPLAYED",
        )
        .await;
    }
    // A retry is signed anew, and its idempotency key makes it the same.
    let again = asked.send().await;
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    assert_eq!(read(again).await["taskId"], first["taskId"]);
    let ended = world.ada.ended(first["taskId"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");

    // GraphQL asks its routes on behalf of the one request that was signed.
    let query = json!({"query": "{ covers(pageSize: 5) { covers { title } } more: covers { covers { id } } }"});
    let mut graph = world.got("/v1/graphql");
    (graph.method, graph.body) = (Method::POST, Some(query.to_string()));
    let headers = graph.signed_headers(&graph.says());
    let answer = graph.send_with(&headers).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = read(answer).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert_eq!(answer["data"]["covers"]["covers"][0]["title"], "Signed");
    refused(
        "graph again",
        graph.send_with(&headers).await,
        401,
        "SIGNATURE_REPLAYED",
    )
    .await;

    // Who need not sign is used as ever, and what they sign is not looked at.
    let plain = Request {
        key: world.plain.clone(),
        ..world.got("/v1/covers")
    };
    let answer = plain.unsigned().send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let nonsense = [("signature-input".to_owned(), "sig1=()".to_owned())];
    assert_eq!(plain.send_with(&nonsense).await.status(), StatusCode::OK);

    let listed = read(world.ada.get("/auth/api-keys").await).await;
    let ids: Vec<&str> = listed["apiKeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["signingKeyId"].as_str().unwrap())
        .collect();
    assert_eq!((ids[0], ids[1].len()), ("", 43));
    assert!(!listed.to_string().contains(&world.signing.secret));
}
