//! proto3 JSON, both ways.

use serde_json::json;

use crate::support::Platform;

/// A message with every field set, in canonical form.
fn full() -> serde_json::Value {
    json!({
        "text": "sn\u{f6}\u{1f980}\n\"", "small": -5, "big": "-9007199254740993",
        "smallNatural": 4_294_967_295_u32, "bigNatural": "18446744073709551615",
        "real": 0.1, "shortReal": 1.5, "flag": true, "data": "+/8=", "colour": "BLUE",
        "words": ["a", ""], "colours": ["RED", "BLUE"], "counts": {"a": 1, "b": 2},
        "byNumber": {"-3": {"name": "x", "number": 0, "list": []}},
        "inner": {"name": "in", "number": 7, "list": ["z"]},
        "inners": [{"name": "", "number": 0, "list": []}],
        "nested": {"name": "n", "number": 1, "list": []},
        "maybe": 0, "time": "2026-01-02T03:04:05.006Z", "span": "-3.500s",
        "mask": "displayName,inner.listOf", "object": {"k": [1.5, null, {"x": "y"}]},
        "value": null, "list": [true, "s"], "wrapped": "", "wrappedBig": "7",
        "wrappedData": "AQI=",
        "itself": {
            "text": "inside", "small": 0, "big": "0", "smallNatural": 0, "bigNatural": "0",
            "real": 0.0, "shortReal": 0, "flag": false, "data": "",
            "colour": "COLOUR_UNSPECIFIED", "words": [], "colours": [], "counts": {},
            "byNumber": {}, "inners": [], "type": "", "chunks": [], "made": ""
        },
        "type": "keyword", "chunks": ["AA=="]
    })
}

#[tokio::test]
async fn a_message_survives_the_way_there_and_back() {
    let platform = Platform::new();
    let mut sent = full();
    // What only the server sets cannot be sent, also not inside.
    sent["itself"].as_object_mut().unwrap().remove("made");
    let mut answered = platform.post("/api/v1/echo", &sent.to_string()).await.ok();
    assert_eq!(answered["made"], "by the server");
    answered.as_object_mut().unwrap().remove("made");
    assert_eq!(answered, full());
}

#[tokio::test]
async fn both_spellings_and_every_lenient_form_are_read() {
    let platform = Platform::new();
    let sent = r#"{"small_natural":"7","bigNatural":8,"big":"-1e3","small":2.0,"data":"-_8",
        "colour":1,"real":"NaN","short_real":"-Infinity","time":"2026-01-02T05:04:05+02:00",
        "words":null,"inner":null,"byNumber":null}"#;
    let answered = platform.post("/api/v1/echo", sent).await.ok();
    for (name, value) in [
        ("smallNatural", json!(7)),
        ("bigNatural", json!("8")),
        ("big", json!("-1000")),
        ("small", json!(2)),
        ("data", json!("+/8=")),
        ("colour", json!("RED")),
        ("real", json!("NaN")),
        ("shortReal", json!("-Infinity")),
        ("time", json!("2026-01-02T03:04:05Z")),
        ("words", json!([])),
    ] {
        assert_eq!(answered[name], value, "{name}");
    }
    assert!(answered.get("inner").is_none());
}

#[tokio::test]
async fn a_hidden_field_is_neither_shown_nor_known() {
    let platform = Platform::new();
    let answered = platform.post("/api/v1/echo", "{}").await;
    assert!(!answered.text().contains("secret"));
    assert!(!answered.text().contains("never shown"));
    let refused = platform.post("/api/v1/echo", r#"{"secret":"x"}"#).await;
    refused.problem(400, "UNKNOWN_FIELD");
}

#[tokio::test]
async fn what_the_server_sets_cannot_be_sent() {
    let platform = Platform::new();
    let refused = platform
        .post("/api/v1/echo", r#"{"inner":{},"made":"me"}"#)
        .await;
    let problem = refused.problem(400, "OUTPUT_ONLY_FIELD");
    assert_eq!(problem["violations"][0]["field"], "made");
}

#[tokio::test]
async fn an_empty_body_is_an_empty_message() {
    let platform = Platform::new();
    let answered = platform.post("/api/v1/echo", "").await.ok();
    assert_eq!(answered["text"], "");
}

#[tokio::test]
async fn fields_cut_an_answer_down() {
    let platform = Platform::new();
    let path = "/api/v1/echo/hello/7?fields=text,inner.number,inners.name";
    let answered = platform.get(path).await.ok();
    assert_eq!(
        answered,
        json!({"text": "hello", "inner": {"number": 7}, "inners": []})
    );
    let listed = platform
        .get("/api/v1/things?limit=2&fields=things.id,things.inner.name")
        .await
        .ok();
    assert_eq!(
        listed["things"],
        json!([{"id": "t0", "inner": {"name": "in"}}, {"id": "t1", "inner": {"name": "in"}}])
    );
    assert!(listed.get("nextPageToken").is_none());
    let whole = platform
        .get("/api/v1/things?fields=things.id,things")
        .await
        .ok();
    assert_eq!(whole["things"][0]["displayName"], "A thing");
}

#[tokio::test]
async fn fields_that_the_answer_does_not_have_are_refused() {
    let platform = Platform::new();
    for wanted in ["nothing", "things.nothing", "things.id.x", "", "secret"] {
        let refused = platform
            .get(&format!("/api/v1/things?fields={wanted}"))
            .await;
        let problem = refused.problem(400, "UNKNOWN_FIELD");
        assert_eq!(problem["violations"][0]["field"], "fields");
    }
}

#[tokio::test]
async fn fields_reach_the_backends_read_mask() {
    let platform = Platform::new();
    let got = platform
        .get("/api/v1/things/t1?fields=tags,displayName,inner.list")
        .await
        .ok();
    assert_eq!(got["tags"], json!(["tags", "display_name", "inner.list"]));
}

#[tokio::test]
async fn a_response_body_is_one_field_of_the_answer() {
    let platform = Platform::new();
    let inner = platform.get("/api/v1/things/t1/inner").await.ok();
    assert_eq!(inner, json!({"name": "in", "number": 7, "list": ["x"]}));
    let cut = platform
        .get("/api/v1/things/t1/inner?fields=number")
        .await
        .ok();
    assert_eq!(cut, json!({"number": 7}));
    let tags = platform.get("/api/v1/things/t1/tags").await.ok();
    assert_eq!(tags, json!(["a", "b"]));
}

#[tokio::test]
async fn a_patch_names_in_its_mask_what_the_body_holds() {
    let platform = Platform::new();
    let patch = |path: &str, body: &str| {
        let request = crate::support::request("PATCH", path)
            .header("content-type", "application/merge-patch+json")
            .header("authorization", "Bearer user-ada")
            .body(axum::body::Body::from(body.to_owned()))
            .unwrap();
        platform.send(request)
    };
    let body = r#"{"displayName":null,"inner":{"number":3,"list":["a"]},"tags":[]}"#;
    let patched = patch("/api/v1/things/t9", body).await.ok();
    assert_eq!(
        patched["updateMask"],
        "displayName,inner.number,inner.list,tags"
    );
    assert_eq!(patched["thing"]["id"], "t9");
    let masked = patch("/api/v1/things/t9?updateMask=tags,inner.name", body)
        .await
        .ok();
    assert_eq!(masked["updateMask"], "tags,inner.name");
    let refused = patch(
        "/api/v1/things/t9",
        r#"{"createTime":"2026-01-02T03:04:05Z"}"#,
    )
    .await;
    refused.problem(400, "OUTPUT_ONLY_FIELD");
}

#[tokio::test]
async fn a_put_is_not_given_a_mask() {
    let platform = Platform::new();
    let request = crate::support::request("PUT", "/api/v1/things/t9")
        .header("content-type", "application/json; charset=UTF-8")
        .header("authorization", "Bearer user-ada")
        .body(axum::body::Body::from(
            r#"{"id":"other","displayName":"x"}"#,
        ))
        .unwrap();
    let put = platform.send(request).await.ok();
    assert!(put.get("updateMask").is_none());
    assert_eq!(put["thing"]["id"], "t9", "the path says which thing it is");
}
