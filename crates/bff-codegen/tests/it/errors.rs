//! Every mistake is a build error that points at its line.

use covergen_bff_codegen::BuildError;

use crate::contract::{FIRST_LINE, generate, rpc};

const MESSAGES: &str = r#"
message Ask {
  string id = 1;
  string request_id = 2;
  repeated string tags = 3;
  Inner inner = 4;
  string refresh_token = 5;
}
message Inner { string name = 1; }
message Sent {
  oneof part { Ask ask = 1; bytes chunk = 2; }
  Ask beside = 3;
  oneof another { bytes other = 4; }
}
message Tokens { string access_token = 1; string refresh_token = 2; string place = 3; }
message Answer {
  string id = 1;
  Inner inner = 2;
}
"#;

const OPEN: &str = "option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true}};";

/// The errors of a service with one RPC.
fn errors(signature: &str, options: &str) -> Vec<BuildError> {
    let body = format!("{}{MESSAGES}", rpc(signature, options));
    generate(&body).expect_err("the contract is wrong").0
}

#[track_caller]
fn assert_error(signature: &str, options: &str, text: &str) {
    let found = errors(signature, options);
    let hit = found.iter().find(|error| error.message.contains(text));
    let Some(hit) = hit else {
        panic!("no error says `{text}`: {found:?}");
    };
    assert_eq!(hit.file, "covergen/scratch/v1/scratch.proto");
    assert_eq!(hit.line, FIRST_LINE + 1, "{hit}");
    assert_eq!(hit.column, 3, "{hit}");
}

fn exposed(more: &str) -> String {
    format!("option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{public: true}} {more}}};")
}

fn get(path: &str) -> String {
    format!("option (google.api.http) = {{get: \"{path}\"}};\n{OPEN}")
}

const UNARY: &str = "Do(Ask) returns (Answer)";

#[test]
fn an_exposed_rpc_without_auth_is_refused() {
    let options = "option (google.api.http) = {get: \"/a\"};\n\
                   option (covergen.bff.v1.bff) = {expose: [MOBILE]};";
    assert_error(UNARY, options, "exposed without `auth`");
}

#[test]
fn auth_that_contradicts_itself_is_refused() {
    let options = "option (covergen.bff.v1.bff) = \
                   {expose: [WEB] auth: {public: true permission: \"x\"}};";
    assert_error(UNARY, options, "cannot be public");
}

#[test]
fn a_variable_without_a_field_is_refused() {
    assert_error(
        UNARY,
        &get("/a/{nothing}"),
        "`{nothing}` in /api/v1/a/{nothing} names no field",
    );
}

#[test]
fn a_variable_that_no_text_can_fill_is_refused() {
    assert_error(UNARY, &get("/a/{tags}"), "no text can fill");
    assert_error(UNARY, &get("/a/{inner}"), "no text can fill");
}

#[test]
fn a_variable_used_twice_is_refused() {
    assert_error(UNARY, &get("/a/{id}/{id}"), "stands twice");
}

#[test]
fn a_broken_path_is_refused() {
    assert_error(UNARY, &get("/a/{id"), "does not close a brace");
    assert_error(UNARY, &get("a"), "does not begin with a slash");
    assert_error(UNARY, &get("/a/**/b"), "must be the last segment");
}

#[test]
fn a_body_that_is_no_field_is_refused() {
    let options = format!("option (google.api.http) = {{post: \"/a\" body: \"nothing\"}};\n{OPEN}");
    assert_error(UNARY, &options, "body `nothing`");
}

#[test]
fn a_get_with_a_body_is_refused() {
    let options = format!("option (google.api.http) = {{get: \"/a\" body: \"*\"}};\n{OPEN}");
    assert_error(UNARY, &options, "cannot have a body");
}

#[test]
fn a_response_body_that_is_no_field_is_refused() {
    let options =
        format!("option (google.api.http) = {{get: \"/a\" response_body: \"nothing\"}};\n{OPEN}");
    assert_error(UNARY, &options, "response_body `nothing`");
}

#[test]
fn nested_additional_bindings_are_refused() {
    let options = format!(
        "option (google.api.http) = {{get: \"/a\" additional_bindings {{get: \"/b\" \
         additional_bindings {{get: \"/c\"}}}}}};\n{OPEN}"
    );
    assert_error(UNARY, &options, "additional_bindings cannot have their own");
}

#[test]
fn headers_bound_to_nothing_are_refused() {
    let request = exposed("request_headers: [{header: \"if-match\" field: \"etag\"}]");
    assert_error(
        UNARY,
        &request,
        "bound to `etag`, which the request does not have",
    );
    let answer = exposed("response_headers: [{header: \"etag\" field: \"etag\"}]");
    assert_error(
        UNARY,
        &answer,
        "bound to `etag`, which the answer does not have",
    );
    let message = exposed("request_headers: [{header: \"x-a\" field: \"inner\"}]");
    assert_error(UNARY, &message, "no text can fill");
    let name = exposed("request_headers: [{header: \"a b\" field: \"id\"}]");
    assert_error(UNARY, &name, "is not a header name");
}

#[test]
fn client_streaming_is_refused() {
    assert_error("Do(stream Ask) returns (Answer)", OPEN, "client streaming");
}

/// An upload whose messages are right.
const UPLOADS: &str = "Do(stream Sent) returns (Answer)";

fn upload(rule: &str, options: &str) -> String {
    format!(
        "option (google.api.http) = {{{rule}}};\n{}",
        exposed(&format!("upload: {{{options}}}"))
    )
}

#[test]
fn uploads_that_do_not_fit_their_messages_are_refused() {
    let post = "post: \"/a\" body: \"*\"";
    let good = "header: \"ask\" chunk: \"chunk\"";
    for (signature, rule, options, text) in [
        (UNARY, post, good, "does not take a stream"),
        (
            UPLOADS,
            post,
            "header: \"chunk\" chunk: \"chunk\"",
            "no message in a oneof",
        ),
        (
            UPLOADS,
            post,
            "header: \"beside\" chunk: \"chunk\"",
            "no message in a oneof",
        ),
        (
            UPLOADS,
            post,
            "header: \"ask\" chunk: \"nothing\"",
            "no bytes in a oneof",
        ),
        (
            UPLOADS,
            post,
            "header: \"ask\" chunk: \"other\"",
            "not of one oneof",
        ),
        (
            UPLOADS,
            "post: \"/a\"",
            good,
            "needs POST or PUT and `body: \"*\"`",
        ),
        (
            UPLOADS,
            "patch: \"/a\" body: \"*\"",
            good,
            "needs POST or PUT",
        ),
        (
            UPLOADS,
            "post: \"/a/{chunk}\" body: \"*\"",
            good,
            "names no field",
        ),
        (
            UPLOADS,
            post,
            "header: \"ask\" chunk: \"chunk\" filename: \"tags\"",
            "no plain string",
        ),
        (
            UPLOADS,
            post,
            "header: \"ask\" chunk: \"chunk\" types: [\"png\"]",
            "is not a media type",
        ),
    ] {
        assert_error(signature, &upload(rule, options), text);
    }
    let both = "Do(stream Sent) returns (stream Answer)";
    assert_error(both, &upload(post, good), "answers once");
    let body = format!("{}{MESSAGES}", rpc(UPLOADS, &upload(post, good)));
    generate(&body).unwrap();
}

#[test]
fn redirects_and_cookies_that_do_not_fit_are_refused() {
    for (options, text) in [
        ("redirect: \"inner\"", "no plain string"),
        ("redirect: \"id\" status: 200", "does not redirect"),
        (
            "request_cookies: [{cookie: \"a\" field: \"tags\"}]",
            "no plain string of the request",
        ),
        (
            "request_cookies: [{cookie: \"a b\" field: \"id\"}]",
            "not a cookie's name",
        ),
        (
            "request_cookies: [{cookie: \"a\" field: \"id\" path: \"/\"}]",
            "`cookie` and `field` only",
        ),
        (
            "response_cookies: [{cookie: \"a\" field: \"id\"}]",
            "needs max_age_seconds",
        ),
        (
            "response_cookies: [{cookie: \"a\" field: \"no\" max_age_seconds: 1}]",
            "no plain string of the answer",
        ),
        (
            "response_cookies: [{cookie: \"a\" clear: true path: \"x\"}]",
            "not a cookie's path",
        ),
        (
            "response_cookies: [{cookie: \"a\" clear: true field: \"id\"}]",
            "neither field",
        ),
        ("max_body_bytes: 5000000", "one gRPC message"),
    ] {
        assert_error(UNARY, &exposed(options), text);
    }
    assert_error(
        "Do(Ask) returns (Tokens)",
        &exposed("redirect: \"place\" session: START"),
        "needs `request_cookies`",
    );
}

#[test]
fn idempotency_without_a_key_is_refused() {
    assert_error(
        "Do(Inner) returns (Answer)",
        &exposed("idempotency: OPTIONAL"),
        "`string request_id`",
    );
}

#[test]
fn stream_modes_that_do_not_fit_are_refused() {
    let many = "Do(Ask) returns (stream Answer)";
    assert_error(UNARY, &exposed("stream: SSE"), "answers once");
    assert_error(many, OPEN, "needs `stream`");
    assert_error(
        many,
        &exposed("stream: BODY"),
        "needs a stream of google.api.HttpBody",
    );
    let body = "Do(Ask) returns (stream google.api.HttpBody)";
    assert_error(body, &exposed("stream: NDJSON"), "sent as BODY");
    let shared = "`shared` is for server streams of messages";
    assert_error(UNARY, &exposed("shared: true"), shared);
    assert_error(body, &exposed("stream: BODY shared: true"), shared);
}

#[test]
fn sessions_without_tokens_are_refused() {
    assert_error(UNARY, &exposed("session: START"), "`string access_token`");
    assert_error(
        "Do(Inner) returns (Answer)",
        &exposed("session: REFRESH"),
        "`string refresh_token` in the request",
    );
}

#[test]
fn statuses_of_the_wrong_class_are_refused() {
    assert_error(UNARY, &exposed("status: 404"), "not one of success");
    assert_error(UNARY, &exposed("status: 302"), "not one of success");
    assert_error(
        UNARY,
        &exposed("reason_status {key: \"A\" value: 200}"),
        "no error",
    );
}

#[test]
fn two_routes_for_one_request_are_refused() {
    let body = format!(
        "service Scratch {{\n\
         rpc One(Ask) returns (Answer) {{ option (google.api.http) = {{get: \"/a/{{id}}\"}}; {OPEN} }}\n\
         rpc Two(Ask) returns (Answer) {{ option (google.api.http) = {{get: \"/a/{{request_id=*}}\"}}; {OPEN} }}\n\
         }}\n{MESSAGES}"
    );
    let found = generate(&body).expect_err("the routes conflict").0;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .message
            .contains("conflicts with the route of covergen.scratch.v1.Scratch/One")
    );
    assert_eq!(found[0].line, FIRST_LINE + 2);
}

#[test]
fn any_is_refused_where_it_stands() {
    let body = format!(
        "{}message Loose {{\n  google.protobuf.Any any = 1;\n}}\n{MESSAGES}",
        rpc("Do(Ask) returns (Loose)", OPEN)
    );
    let found = generate(&body).expect_err("Any has no JSON here").0;
    assert!(
        found[0].message.contains("google.protobuf.Any"),
        "{found:?}"
    );
    assert_eq!(found[0].line, FIRST_LINE + 6);
}

#[test]
fn all_errors_are_told_at_once_in_order() {
    let body = format!(
        "service Scratch {{\n\
         rpc One(Ask) returns (Answer) {{ option (google.api.http) = {{get: \"/a/{{x}}\"}}; {OPEN} }}\n\
         rpc Two(Ask) returns (Answer) {{ option (google.api.http) = {{get: \"/b/{{y}}\"}}; {OPEN} }}\n\
         }}\n{MESSAGES}"
    );
    let errors = generate(&body).expect_err("both are wrong");
    let shown = errors.to_string();
    let expected = format!("covergen/scratch/v1/scratch.proto:{}:1: ", FIRST_LINE + 1);
    assert!(shown.starts_with(&expected), "{shown}");
    assert_eq!(shown.lines().count(), 2);
}
