//! The document and the router say the same.

use axum::body::Body;
use http::Request;
use serde_json::Value;

use crate::support::{REACHED, document, router, send};

/// A form with one file.
const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n";

/// Every documented operation: verb, path and the operation itself.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            found.push((verb.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

/// A path with a value for each of its parameters.
fn filled(path: &str, operation: &Value, document: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] != "path" {
            continue;
        }
        let schema = &parameter["schema"];
        let name = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next());
        let named = name.map_or(schema, |name| &document["components"]["schemas"][name]);
        let value = match named["enum"].as_array() {
            Some(values) => values.last().unwrap().as_str().unwrap().to_owned(),
            None if named["type"] == "integer" => "100".to_owned(),
            None => "x".to_owned(),
        };
        path = path.replace(
            &format!("{{{}}}", parameter["name"].as_str().unwrap()),
            &value,
        );
    }
    path
}

/// A request with the headers that can hold one value alone, such as the
/// version of a protocol.
fn spoken(operation: &serde_json::Value) -> http::request::Builder {
    let mut request = Request::builder();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if let (Some("header"), Some(name), Some(value)) = (
            parameter["in"].as_str(),
            parameter["name"].as_str(),
            parameter["schema"]["const"].as_str(),
        ) {
            request = request.header(name, value);
        }
    }
    request
}

#[tokio::test]
async fn every_documented_operation_reaches_its_backend() {
    let (document, router) = (document(), router());
    let operations = operations(&document);
    assert!(
        operations.len() > 20,
        "only {} operations",
        operations.len()
    );
    for (verb, path, operation) in operations {
        let target = filled(&path, &operation, &document);
        let mut request = spoken(&operation)
            .method(verb.as_str())
            .uri(&target)
            .header("idempotency-key", "k");
        let content = &operation["requestBody"]["content"];
        let media = &content["application/json"];
        let body = if content["multipart/form-data"].is_object() {
            request = request.header("content-type", "multipart/form-data; boundary=b");
            Body::from(FORM)
        } else if media.is_object() {
            request = request.header("content-type", "application/json");
            // The document's own example must be acceptable to the handler.
            Body::from(media["example"].to_string().replace("null", "{}"))
        } else if let Some((kind, _)) = content.as_object().and_then(|all| all.iter().next()) {
            request = request.header("content-type", kind);
            Body::from("bytes")
        } else {
            Body::empty()
        };
        let (status, problem) = send(&router, request.body(body).unwrap()).await;
        assert_eq!(status.as_u16(), REACHED, "{verb} {target}: {problem}");
        assert_eq!(problem["reason"], "ABORTED", "{verb} {target}: {problem}");
    }
}

#[tokio::test]
async fn every_documented_query_parameter_is_known() {
    let (document, router) = (document(), router());
    for (verb, path, operation) in operations(&document) {
        let target = filled(&path, &operation, &document);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let request = spoken(&operation)
                .method(verb.as_str())
                .uri(format!("{target}?{name}=1"))
                .body(Body::empty())
                .unwrap();
            let (_, problem) = send(&router, request).await;
            assert_ne!(
                problem["reason"], "UNKNOWN_PARAMETER",
                "{verb} {target}?{name}"
            );
        }
    }
}

#[test]
fn operation_ids_are_unique() {
    let mut seen = std::collections::HashSet::new();
    for (verb, path, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(seen.insert(id), "{verb} {path}");
    }
}

#[test]
fn every_operation_has_a_summary_and_a_tag() {
    for (verb, path, operation) in operations(&document()) {
        let summary = operation["summary"].as_str().unwrap();
        assert!(!summary.is_empty(), "{verb} {path}");
        assert!(summary.len() <= 120, "{verb} {path}: {summary}");
        assert_eq!(
            operation["tags"].as_array().unwrap().len(),
            1,
            "{verb} {path}"
        );
    }
}
