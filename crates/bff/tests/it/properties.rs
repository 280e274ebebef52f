//! Properties of the JSON reader and of the whole way through.

use proptest::prelude::*;
use serde_json::Value;

use crate::support::Platform;

/// Any JSON value of moderate size whose strings hold no U+0000.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        "[^\u{0}]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[^\u{0}]{0,6}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_json_survives_the_way_there_and_back(value in any_json()) {
        let sent = serde_json::json!({ "value": value });
        let answered = run(async { Platform::new().post("/api/v1/echo", &sent.to_string()).await });
        prop_assert_eq!(&answered.ok()["value"], &sent["value"]);
    }

    #[test]
    fn any_string_survives_escaping(text in "[^\u{0}]{0,40}") {
        let sent = serde_json::json!({ "text": text, "words": [text] });
        let answered = run(async { Platform::new().post("/api/v1/echo", &sent.to_string()).await });
        let answered = answered.ok();
        prop_assert_eq!(&answered["text"], &sent["text"]);
        prop_assert_eq!(&answered["words"], &sent["words"]);
    }

    #[test]
    fn no_bytes_make_a_server_error(bytes in prop::collection::vec(any::<u8>(), 1..64)) {
        let answered = run(async {
            let body = axum::body::Body::from(bytes);
            let sent = crate::support::request("POST", "/api/v1/echo")
                .header("content-type", "application/json")
                .body(body)
                .unwrap();
            Platform::new().send(sent).await
        });
        prop_assert!(answered.status.as_u16() < 500);
    }

    #[test]
    fn no_broken_document_makes_a_server_error(cut in 0_usize..400, junk in any::<u8>()) {
        let mut document = serde_json::json!({
            "text": "a\u{1f980}\n", "big": "5", "inner": {"list": ["a"]}, "object": {"a": [1, null]},
            "time": "2026-01-02T03:04:05Z", "colours": ["RED"], "counts": {"k": 1}
        }).to_string().into_bytes();
        let at = cut % document.len();
        document[at] = junk;
        let answered = run(async {
            let sent = crate::support::request("POST", "/api/v1/echo")
                .header("content-type", "application/json")
                .body(axum::body::Body::from(document))
                .unwrap();
            Platform::new().send(sent).await
        });
        prop_assert!(answered.status.as_u16() < 500);
    }

    #[test]
    fn no_path_or_query_makes_a_server_error(rest in "[ -~]{0,40}") {
        let target = format!("/api/v1/{rest}");
        if let Ok(uri) = target.parse::<http::Uri>() {
            let answered = run(async {
                let sent = crate::support::request("GET", "/").body(axum::body::Body::empty());
                let mut sent = sent.unwrap();
                *sent.uri_mut() = uri;
                Platform::new().send(sent).await
            });
            prop_assert!(answered.status.as_u16() < 500);
        }
    }
}
