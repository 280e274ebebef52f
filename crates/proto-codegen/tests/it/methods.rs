//! RPCs that nobody, or anybody, could call.

use crate::{FIRST_LINE, refused, taken};

/// A service with one RPC of these options, whose messages are `A`.
fn rpc(options: &str) -> String {
    format!(
        "message A {{ string request_id = 1; }}\nservice S {{\n  rpc R(A) returns (A) {{ {options} }}\n}}"
    )
}

#[test]
fn an_exposed_rpc_says_who_may_call_it() {
    refused(
        &rpc("option (covergen.bff.v1.bff) = {expose: [WEB]};"),
        &format!(
            "broken.proto:{}:3: covergen.broken.v1.S.R is exposed but does not say who may call it",
            FIRST_LINE + 2
        ),
    );
    taken(&rpc(
        "option (covergen.bff.v1.bff) = {expose: [WEB] auth: {permission: \"a.b\"}};",
    ));
    taken(&rpc(
        "option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true}};",
    ));
    taken(&rpc(
        "option (covergen.bff.v1.bff) = {expose: [WEB] admin: true};",
    ));
    // Any principal, said explicitly.
    taken(&rpc(
        "option (covergen.bff.v1.bff) = {expose: [WEB] auth: {}};",
    ));
}

#[test]
fn an_rpc_has_somebody_who_may_call_it() {
    refused(&rpc(""), "covergen.broken.v1.S.R can be called by nobody");
    refused(
        &rpc("option (covergen.mesh.v1.method) = {idempotent: true};"),
        "can be called by nobody",
    );
    taken(&rpc(
        "option (covergen.mesh.v1.method) = {callers: [\"cover\"]};",
    ));
    taken(&rpc("option (covergen.bff.v1.bff) = {admin: true};"));
}

#[test]
fn a_public_rpc_asks_for_nothing() {
    for auth in ["permission: \"a.b\"", "scopes: [\"a:b\"]"] {
        refused(
            &rpc(&format!(
                "option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{public: true {auth}}}}};"
            )),
            "is public and yet asks",
        );
    }
    refused(
        &rpc("option (covergen.bff.v1.bff) = {expose: [WEB] admin: true auth: {public: true}};"),
        "is public and yet asks",
    );
}

#[test]
fn an_audience_is_one_that_there_is() {
    refused(
        &rpc("option (covergen.bff.v1.bff) = {expose: [KIND_UNSPECIFIED] auth: {}};"),
        "is exposed to KIND_UNSPECIFIED",
    );
}

#[test]
fn an_idempotency_key_has_a_field_to_go_to() {
    let with = |field: &str| {
        format!(
            "message A {{ {field} }}
             service S {{ rpc R(A) returns (A) {{ option (covergen.bff.v1.bff) = {{expose: [WEB] auth: {{}} idempotency: OPTIONAL}}; }} }}"
        )
    };
    taken(&with("string request_id = 1;"));
    refused(
        &with("string key = 1;"),
        "its request needs `string request_id`",
    );
    refused(
        &with("int32 request_id = 1;"),
        "its request needs `string request_id`",
    );
    refused(
        &with("repeated string request_id = 1;"),
        "its request needs `string request_id`",
    );
}

#[test]
fn a_message_without_json_is_not_exposed() {
    let with = |options: &str| {
        format!(
            "message A {{ B b = 1; }} message B {{ repeated google.protobuf.Any any = 1; }}
             service S {{ rpc R(A) returns (A) {{ {options} }} }}"
        )
    };
    refused(
        &with("option (covergen.bff.v1.bff) = {expose: [WEB] auth: {}};"),
        "is exposed and carries google.protobuf.Any",
    );
    taken(&with(
        "option (covergen.mesh.v1.method) = {callers: [\"cover\"]};",
    ));
}
