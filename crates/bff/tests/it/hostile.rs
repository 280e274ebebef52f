//! Bad input is refused with a 4xx that says what is wrong and where.

use axum::body::Body;

use crate::support::{Platform, request};

#[tokio::test]
async fn malformed_documents_are_refused_with_their_place() {
    let platform = Platform::new();
    let documents: &[&[u8]] = &[
        b"{",
        b"{\"text\"",
        b"{\"text\":",
        b"{\"text\":\"",
        b"{\"text\":\"x\"",
        b"{\"text\":\"x\",}",
        b"{,}",
        b"{\"text\" \"x\"}",
        b"{'text':'x'}",
        b"{text:1}",
        b"{\"text\":\"\\q\"}",
        b"{\"text\":\"\\u12\"}",
        b"{\"text\":\"\\ud800\"}",
        b"{\"text\":\"\\udc00\"}",
        b"{\"text\":\"\\ud800\\u0041\"}",
        b"{\"text\":\"a\nb\"}",
        b"{\"text\":\"\xff\"}",
        b"{\"text\":\"\xc0\xaf\"}",
        b"{\"text\":\"\xed\xa0\x80\"}",
        b"{}{}",
        b"{} x",
        b"{\"words\":[1,]}",
        b"{\"words\":[\"a\" \"b\"]}",
        b"{\"real\":NaN}",
        b"{\"real\":Infinity}",
        b"{\"real\":-Infinity}",
        b"\xef\xbb\xbf",
        b"{\"object\":{\"a\":}}",
    ];
    for document in documents {
        let shown = String::from_utf8_lossy(document).into_owned();
        let sent = request("POST", "/api/v1/echo")
            .header("content-type", "application/json")
            .body(Body::from(document.to_vec()))
            .unwrap();
        let answer = platform.send(sent).await;
        assert_eq!(answer.status.as_u16(), 400, "{shown}: {}", answer.text());
        let problem = answer.json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("line 1, column"), "{shown}: {detail}");
    }
    assert_eq!(
        platform
            .backend
            .calls
            .load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test]
async fn values_that_do_not_fit_name_their_field() {
    let platform = Platform::new();
    for (document, field) in [
        (r#"{"text":1}"#, "text"),
        (r#"{"small":2147483648}"#, "small"),
        (r#"{"small":1.5}"#, "small"),
        (r#"{"small":"x"}"#, "small"),
        (r#"{"small":""}"#, "small"),
        (r#"{"small":01}"#, "small"),
        (r#"{"small":"+1"}"#, "small"),
        (r#"{"small":true}"#, "small"),
        (r#"{"smallNatural":-1}"#, "smallNatural"),
        (r#"{"big":9223372036854775808}"#, "big"),
        (r#"{"big":1e400}"#, "big"),
        (r#"{"bigNatural":"-1"}"#, "bigNatural"),
        (r#"{"real":1e999}"#, "real"),
        (r#"{"real":"1e999"}"#, "real"),
        (r#"{"shortReal":1e39}"#, "shortReal"),
        (r#"{"flag":"true"}"#, "flag"),
        (r#"{"flag":1}"#, "flag"),
        (r#"{"data":"a"}"#, "data"),
        (r#"{"data":"*"}"#, "data"),
        (r#"{"colour":"GREEN"}"#, "colour"),
        (r#"{"colour":"red"}"#, "colour"),
        (r#"{"colour":9}"#, "colour"),
        (r#"{"words":"a"}"#, "words"),
        (r#"{"words":["a",null]}"#, "words[1]"),
        (r#"{"inners":[{},{"number":"x"}]}"#, "inners[1].number"),
        (r#"{"inner":[]}"#, "inner"),
        (r#"{"counts":{"a":1,"b":"x"}}"#, "counts.b"),
        (r#"{"counts":[]}"#, "counts"),
        (r#"{"byNumber":{"x":{}}}"#, "byNumber.x"),
        (r#"{"time":"yesterday"}"#, "time"),
        (r#"{"time":"2026-13-01T00:00:00Z"}"#, "time"),
        (r#"{"time":0}"#, "time"),
        (r#"{"span":"3"}"#, "span"),
        (r#"{"span":"1.0000000001s"}"#, "span"),
        (r#"{"span":"999999999999s"}"#, "span"),
        (r#"{"mask":"a..b"}"#, "mask"),
        (r#"{"mask":["a"]}"#, "mask"),
        (r#"{"wrappedBig":"x"}"#, "wrappedBig"),
        (r#"{"object":[]}"#, "object"),
        (r#"{"list":{}}"#, "list"),
        (r#"{"text":"a\u0000b"}"#, "text"),
    ] {
        let answer = platform.post("/api/v1/echo", document).await;
        let problem = answer.problem(400, "INVALID_VALUE");
        assert_eq!(problem["violations"][0]["field"], field, "{document}");
    }
}

#[tokio::test]
async fn unknown_and_repeated_members_name_themselves() {
    let platform = Platform::new();
    for (document, reason, field) in [
        (r#"{"nothing":1}"#, "UNKNOWN_FIELD", "nothing"),
        (
            r#"{"inner":{"nothing":1}}"#,
            "UNKNOWN_FIELD",
            "inner.nothing",
        ),
        (r#"{"":1}"#, "UNKNOWN_FIELD", ""),
        (r#"{"__proto__":{}}"#, "UNKNOWN_FIELD", "__proto__"),
        (r#"{"text":"a","text":"b"}"#, "DUPLICATE_FIELD", "text"),
        (
            r#"{"smallNatural":1,"small_natural":2}"#,
            "DUPLICATE_FIELD",
            "smallNatural",
        ),
        (r#"{"text":null,"text":"b"}"#, "DUPLICATE_FIELD", "text"),
        (r#"{"name":"a","number":1}"#, "DUPLICATE_FIELD", "number"),
        (r#"{"counts":{"a":1,"a":2}}"#, "DUPLICATE_FIELD", "counts.a"),
        (r#"{"object":{"a":1,"a":2}}"#, "DUPLICATE_FIELD", "object.a"),
    ] {
        let problem = platform
            .post("/api/v1/echo", document)
            .await
            .problem(400, reason);
        assert_eq!(problem["violations"][0]["field"], field, "{document}");
    }
}

#[tokio::test]
async fn documents_that_are_no_object_are_refused() {
    let platform = Platform::new();
    for document in ["null", "[]", "1", "\"text\"", "true", " "] {
        let answer = platform.post("/api/v1/echo", document).await;
        assert_eq!(answer.status.as_u16(), 400, "{document}: {}", answer.text());
    }
}

#[tokio::test]
async fn depth_is_bounded_however_it_is_made() {
    let platform = Platform::new();
    for (open, close) in [
        ("{\"itself\":", "}"),
        ("{\"object\":{\"a\":", "}}"),
        ("{\"list\":[", "]}"),
    ] {
        let document = format!("{}{}{}", open.repeat(10_000), "0", close.repeat(10_000));
        let answer = platform.post("/api/v1/echo", &document).await;
        assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
    }
    let deep_list = format!("{{\"value\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let answer = platform.post("/api/v1/echo", &deep_list).await;
    let problem = answer.problem(400, "MALFORMED_JSON");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("deeper than 32")
    );
    // The deepest that passes here must pass the backend's decoder too.
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let fair = format!("{{\"value\":{}1{}}}", open.repeat(31), close.repeat(31));
        platform.post("/api/v1/echo", &fair).await.ok();
        let deeper = format!("{{\"value\":{}1{}}}", open.repeat(32), close.repeat(32));
        platform
            .post("/api/v1/echo", &deeper)
            .await
            .problem(400, "MALFORMED_JSON");
    }
    let deep = "itself.".repeat(31);
    platform
        .get(&format!("/api/v1/echo/a/1?{deep}text=x"))
        .await
        .ok();
    let deeper = "itself.".repeat(32);
    let refused = platform
        .get(&format!("/api/v1/echo/a/1?{deeper}text=x"))
        .await;
    refused.problem(400, "MALFORMED_QUERY");
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused_stated_or_not() {
    let platform = Platform::new();
    let title = "x".repeat(20 * 1024 * 1024);
    let whole = platform
        .post("/api/v1/echo", &format!("{{\"text\":\"{title}\"}}"))
        .await;
    whole.problem(413, "BODY_TOO_LARGE");
    let chunk = bytes::Bytes::from(vec![b' '; 64 * 1024]);
    let chunks =
        futures::stream::iter((0..64).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let sent = request("POST", "/api/v1/echo")
        .header("content-type", "application/json")
        .body(Body::from_stream(chunks))
        .unwrap();
    platform.send(sent).await.problem(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let platform = Platform::new();
    let chunks = futures::stream::iter([
        Ok(bytes::Bytes::from_static(b"{")),
        Err(std::io::Error::other("reset")),
    ]);
    let sent = request("POST", "/api/v1/echo")
        .header("content-type", "application/json")
        .body(Body::from_stream(chunks))
        .unwrap();
    platform.send(sent).await.problem(400, "BODY_INCOMPLETE");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_times_out() {
    let platform = Platform::new();
    let silence = futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    let sent = request("POST", "/api/v1/echo")
        .header("content-type", "application/json")
        .body(Body::from_stream(silence))
        .unwrap();
    platform.send(sent).await.problem(408, "BODY_TIMEOUT");
}
