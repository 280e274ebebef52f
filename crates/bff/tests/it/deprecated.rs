//! What callers of a deprecated route are told.

use axum::body::Body;

use crate::support::{Platform, request};

fn told(header: impl Fn(&str) -> String) {
    assert_eq!(header("deprecation"), "@1793491200");
    assert_eq!(header("sunset"), "Sat, 01 May 2027 00:00:00 GMT");
    assert_eq!(
        header("link"),
        "</docs/leaving-old>; rel=\"deprecation\"; type=\"text/html\""
    );
}

#[tokio::test]
async fn every_answer_of_a_deprecated_route_says_so() {
    let platform = Platform::new();
    let sent = request("GET", "/api/v1/old/o1")
        .header("authorization", "Bearer user-ada")
        .body(Body::empty());
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(answer.ok()["id"], "o1");
    told(|name| answer.header(name).to_owned());
    let refused = platform.get("/api/v1/old/o1").await;
    refused.problem(401, "SIGN_IN");
    told(|name| refused.header(name).to_owned());
}

#[tokio::test]
async fn others_say_nothing_of_the_kind() {
    let platform = Platform::new();
    let answer = platform.get("/api/v1/pages/p1").await;
    for name in ["deprecation", "sunset", "link"] {
        assert_eq!(answer.header(name), "");
    }
}

#[tokio::test]
async fn the_document_marks_it() {
    let platform = Platform::new();
    let document = platform.get("/openapi.json").await.ok();
    let old = &document["paths"]["/api/v1/old/{id}"]["get"];
    assert_eq!(old["deprecated"], true);
    assert_eq!(old["x-sunset"], "2027-05-01");
    assert_eq!(old["externalDocs"]["url"], "/docs/leaving-old");
    let headers = &old["responses"]["200"]["headers"];
    assert_eq!(headers["Deprecation"]["example"], "@1793491200");
}
