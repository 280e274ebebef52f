//! Protocols over HTTP, bytes without a form, and `Location`.

use covergen_bff_codegen::BuildError;
use serde_json::{Value, json};

use crate::contract::{FIRST_LINE, generate, rpc};

const MESSAGES: &str = r#"
message Sent { oneof part { Head head = 1; bytes chunk = 2; } }
message Head { string id = 1; int64 offset = 2; string name = 3; bool keep = 4; }
message Kept {
  enum State { STATE_UNSPECIFIED = 0; COMING = 1; LOST = 2; }
  string id = 1;
  int64 offset = 2;
  google.protobuf.Timestamp until = 3;
  State state = 4;
}
"#;

const PROTOCOL: &str = "protocol: {header: \"Tus-Resumable\" version: \"1.0.0\" \
    offered: \"tus-version\" max_size: \"tus-max-size\" \
    offers: {header: \"tus-extension\" text: \"creation\"}}";
const BARE: &str = "upload: {header: \"head\" chunk: \"chunk\" bare: true \
    types: [\"application/offset+octet-stream\"] max_bytes: 1000}";

fn contract(rule: &str, more: &str) -> String {
    let options = format!(
        "option (google.api.http) = {{{rule}}};\n\
         option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{public: true}} {more}}};"
    );
    format!(
        "{}{MESSAGES}",
        rpc("Do(stream Sent) returns (Kept)", &options)
    )
}

#[track_caller]
fn assert_error(rule: &str, more: &str, text: &str) {
    let found: Vec<BuildError> = generate(&contract(rule, more)).expect_err("it is wrong").0;
    let hit = found.iter().find(|error| error.message.contains(text));
    let hit = hit.unwrap_or_else(|| panic!("no error says `{text}`: {found:?}"));
    assert_eq!((hit.line, hit.column), (FIRST_LINE + 1, 3), "{hit}");
}

const POST: &str = "post: \"/kept\" body: \"*\"";
const PATCH: &str = "patch: \"/kept/{id}\" body: \"*\"";

#[test]
fn what_does_not_fit_is_refused() {
    for (rule, more, text) in [
        (
            "delete: \"/kept\" body: \"*\"",
            BARE.to_owned(),
            "needs POST or PUT or PATCH",
        ),
        (
            POST,
            BARE.replace("bare: true", "bare: true filename: \"name\""),
            "neither `filename` nor `content_type`",
        ),
        (
            POST,
            BARE.replace("types: [\"application/offset+octet-stream\"]", ""),
            "needs `types`",
        ),
        (
            POST,
            BARE.replace("application/offset+octet-stream", "image/*"),
            "stated in full",
        ),
        (
            POST,
            format!("{BARE} {}", PROTOCOL.replace("\"1.0.0\"", "\"\"")),
            "needs `version`",
        ),
        (
            POST,
            format!(
                "{BARE} {}",
                PROTOCOL.replace("tus-extension", "tus extension")
            ),
            "`tus extension` is not a header name",
        ),
        (
            POST,
            format!("{BARE} {}", PROTOCOL.replace("creation", "cr\\u00e9ation")),
            "cannot stand in a header",
        ),
        (
            POST,
            format!("{BARE} location: {{rpc: \"covergen.scratch.v1.Scratch/Gone\"}}"),
            "which is no RPC",
        ),
        (
            PATCH,
            format!(
                "{BARE} location: {{rpc: \"covergen.scratch.v1.Scratch/Do\" \
                 bind: {{to: \"id\" from: \"request.id\"}}}}"
            ),
            "`location` reads from the answer",
        ),
        (
            PATCH,
            format!("{BARE} location: {{rpc: \"covergen.scratch.v1.Scratch/Do\"}}"),
            "leaves `{id}`",
        ),
    ] {
        assert_error(rule, &more, text);
    }
    let unary = contract(POST, PROTOCOL).replace("stream Sent", "Head");
    let found = generate(&unary).expect_err("there is no upload").0;
    assert!(found[0].message.contains("and there is none"), "{found:?}");
}

#[test]
fn head_tells_as_gone_what_a_condition_says() {
    let protocol = |when: &str| {
        let told = PROTOCOL.replace("max_size: \"tus-max-size\"", "");
        told.replace("offered:", &format!("gone_when: \"{when}\" offered:"))
    };
    let lost = protocol("state in LOST");
    let on_patch = format!("{BARE} {lost}");
    assert_error(PATCH, &on_patch, "this RPC has no GET");
    let sold = format!("{BARE} {}", protocol("state in SOLD"));
    assert_error(PATCH, &sold, "names `SOLD`, which is no");
    let get = contract("get: \"/kept/{id}\"", &lost).replace("stream Sent", "Head");
    let rust = generate(&get).unwrap().rust;
    let statement = "if matches!(Some(&answer).map(|m| m.state), Some(2)) { call.gone(); }";
    assert!(rust.contains(statement), "{statement}");
}

#[test]
fn a_protocol_is_told_and_its_fields_are_headers_alone() {
    let more = format!(
        "{BARE} {PROTOCOL} \
         request_headers: [{{header: \"upload-offset\" field: \"offset\"}}] \
         response_headers: [{{header: \"upload-offset\" field: \"offset\"}}, \
         {{header: \"upload-expires\" field: \"until\"}}] \
         location: {{rpc: \"covergen.scratch.v1.Scratch/Do\" \
         bind: {{to: \"id\" from: \"answer.id\"}}}}"
    );
    let generated = generate(&contract(PATCH, &more)).unwrap();
    let document: Value = serde_json::from_str(&generated.openapi).unwrap();
    let patch = &document["paths"]["/api/v1/kept/{id}"]["patch"];
    let told: Vec<_> = patch["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|parameter| parameter["name"].is_string())
        .map(|parameter| (&parameter["in"], &parameter["name"], &parameter["required"]))
        .collect();
    for (place, name, required) in [
        ("path", "id", true),
        ("query", "name", false),
        ("query", "keep", false),
        ("header", "upload-offset", false),
        ("header", "tus-resumable", true),
    ] {
        let wanted = (json!(place), json!(name), json!(required));
        let wanted = (&wanted.0, &wanted.1, &wanted.2);
        assert!(told.contains(&wanted), "{name}: {told:?}");
    }
    assert!(
        !told
            .iter()
            .any(|(place, name, _)| **place == "query" && **name == "offset")
    );
    let content = patch["requestBody"]["content"].as_object().unwrap();
    assert_eq!(
        content.keys().collect::<Vec<_>>(),
        ["application/offset+octet-stream"]
    );
    assert_eq!(patch["requestBody"]["required"], false);
    let headers = &patch["responses"]["200"]["headers"];
    for header in [
        "upload-offset",
        "upload-expires",
        "tus-resumable",
        "Location",
    ] {
        assert!(headers[header].is_object(), "{header}: {headers}");
    }
    assert!(patch["responses"]["412"].is_object());
    for text in [
        "set_date(\"upload-expires\"",
        "call.locate(&[",
        "bare: true",
    ] {
        assert!(generated.rust.contains(text), "{text}");
    }
}
