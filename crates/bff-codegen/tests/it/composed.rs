//! Composed answers: every mistake is a build error that points at its line.

use covergen_bff_codegen::{Audience, BuildError};

use crate::contract::{FIRST_LINE, generate, generate_for};

/// RPCs to compose, after the composed one.
const PARTS: &str = r#"
service Parts {
  rpc GetOwner(OwnerAsk) returns (Owner) {
    option (covergen.bff.v1.bff) = {expose: [WEB, MOBILE] auth: {permission: "x"}};
  }
  rpc ListItems(ItemsAsk) returns (Items) {
    option (covergen.bff.v1.bff) = {expose: [WEB, MOBILE] auth: {permission: "x"}};
  }
  rpc Watch(OwnerAsk) returns (stream Owner) {
    option (covergen.bff.v1.bff) = {expose: [WEB, MOBILE] auth: {permission: "x"} stream: SSE};
  }
  rpc WebOnly(OwnerAsk) returns (Owner) {
    option (covergen.bff.v1.bff) = {expose: [WEB] auth: {permission: "x"}};
  }
  rpc Internal(OwnerAsk) returns (Owner);
  rpc Change(OwnerAsk) returns (Owner) {
    option (covergen.bff.v1.bff) =
      {expose: [WEB, MOBILE] auth: {permission: "x"} idempotency: OPTIONAL};
  }
}
message OwnerAsk {
  enum Kind { KIND_UNSPECIFIED = 0; SMALL = 1; }
  string id = 1;
  int32 count = 2;
  repeated string ids = 3;
  Kind kind = 4;
  map<string, string> labels = 5;
  google.protobuf.Timestamp since = 6;
  string request_id = 7;
  bool deep = 8;
  repeated double sizes = 9;
  Leaf leaf = 10;
}
message ItemsAsk { string owner_id = 1; repeated string ids = 2; }
message Owner {
  string id = 1;
  int32 level = 2;
  map<string, string> labels = 3;
  repeated double sizes = 4;
  Leaf leaf = 5;
}
message Leaf { string name = 1; }
message Items { repeated Item items = 1; string next = 2; }
message Item { string id = 1; repeated Leaf leaves = 2; }
message Ask { string id = 1; int32 count = 2; repeated string tags = 3; }
"#;

const ANSWER: &str =
    "Owner owner = 1; Items page = 2; repeated covergen.bff.v1.Warning warnings = 3;";

const OWNER: &str = "parts: {field: \"owner\" rpc: \"covergen.scratch.v1.Parts/GetOwner\"}";
const PAGE: &str = "parts: {field: \"page\" rpc: \"covergen.scratch.v1.Parts/ListItems\"}";

/// A composed RPC on its line, with these parts and an answer of these fields.
fn contract(parts: &str, answer: &str, more: &str) -> String {
    format!(
        "service Screens {{\n  rpc Get(Ask) returns (Screen) {{ \
         option (google.api.http) = {{get: \"/screen\"}}; \
         option (covergen.bff.v1.bff) = {{expose: [WEB, MOBILE] auth: {{permission: \"x\"}} {more} \
         compose: {{{parts}}}}}; }}\n}}\nmessage Screen {{ {answer} }}\n{PARTS}"
    )
}

fn errors(body: &str) -> Vec<BuildError> {
    generate(body).expect_err("the contract is wrong").0
}

#[track_caller]
fn assert_error(body: &str, text: &str) {
    let found = errors(body);
    let hit = found.iter().find(|error| error.message.contains(text));
    let Some(hit) = hit else {
        panic!("no error says `{text}`: {found:?}");
    };
    assert_eq!(hit.file, "covergen/scratch/v1/scratch.proto");
    assert_eq!(hit.line, FIRST_LINE + 1, "{hit}");
    assert_eq!(hit.column, 3, "{hit}");
}

/// The owner's part with these bindings, beside a good one.
fn bound(bindings: &str) -> String {
    let owner = OWNER.replace("GetOwner\"", &format!("GetOwner\" {bindings}"));
    contract(&format!("{owner} {PAGE}"), ANSWER, "")
}

#[test]
fn a_good_one_generates_for_every_audience() {
    let page = PAGE.replace(
        "ListItems\"",
        "ListItems\" bind: {to: \"owner_id\" from: \"owner.leaf.name\"}",
    );
    let body = contract(&format!("{OWNER} {page}"), ANSWER, "");
    for audience in [Audience::Web, Audience::Mobile] {
        let rust = generate_for(audience, &body).unwrap().rust;
        assert!(rust.contains("needs: &[0]"), "{rust}");
        // There is no service behind it, for gRPC-web to reach.
        let (_, rpcs) = rust.split_once("rpcs: &[").unwrap();
        let (rpcs, _) = rpcs.split_once(']').unwrap();
        assert!(rpcs.contains("_Parts_GetOwner"), "{rpcs}");
        assert!(!rpcs.contains("_Screens_Get"), "{rpcs}");
        assert!(rust.contains("domains: &[\"scratch\"]"));
    }
    let partner = generate_for(Audience::Partner, &body).unwrap().rust;
    assert!(!partner.contains("Screens"));
}

#[test]
fn the_document_shows_the_answer_with_its_warnings() {
    let parts = format!("{OWNER} {}", PAGE.replace("}", " optional: true}"));
    let body = contract(&parts, ANSWER, "cache: {private: true etag: true}");
    let document = generate(&body).unwrap().openapi;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let operation = &document["paths"]["/api/v1/screen"]["get"];
    assert_eq!(operation["operationId"], "Screens_Get");
    assert!(operation["responses"]["304"].is_object());
    let answer = &operation["responses"]["200"]["content"]["application/json"];
    let name = answer["schema"]["$ref"].as_str().unwrap();
    let name = name.rsplit('/').next().unwrap();
    let schemas = &document["components"]["schemas"];
    let properties = &schemas[name]["properties"];
    for field in ["owner", "page", "warnings"] {
        assert!(properties[field].is_object(), "{properties}");
    }
    let item = properties["warnings"]["items"]["$ref"].as_str().unwrap();
    let warning = &schemas[item.rsplit('/').next().unwrap()]["properties"];
    assert_eq!(warning["reason"]["type"], "string", "{warning}");
}

#[test]
fn an_rpc_that_cannot_be_a_part_is_refused() {
    for (rpc, text) in [
        ("covergen.scratch.v1.Parts/Nothing", "there is no RPC"),
        ("covergen.scratch.v1.Nothing/GetOwner", "there is no RPC"),
        ("covergen.scratch.v1.Parts", "there is no RPC"),
        ("covergen.scratch.v1.Parts/Watch", "streams"),
        (
            "covergen.scratch.v1.Parts/WebOnly",
            "not offered to every audience",
        ),
        (
            "covergen.scratch.v1.Parts/Internal",
            "not offered to every audience",
        ),
        ("covergen.scratch.v1.Parts/Change", "only reads"),
        ("covergen.scratch.v1.Screens/Get", "itself composed"),
    ] {
        let part = OWNER.replace("covergen.scratch.v1.Parts/GetOwner", rpc);
        let body = contract(&format!("{part} {PAGE}"), ANSWER, "");
        assert_error(&body, text);
        assert_error(&body, "part `owner`: ");
    }
}

#[test]
fn a_path_that_is_not_there_is_refused() {
    for (binding, text) in [
        (
            "bind: {to: \"nothing\" from: \"request.id\"}",
            "OwnerAsk has no field `nothing`",
        ),
        (
            "bind: {to: \"id\" from: \"request.nothing\"}",
            "Ask has no field `nothing`",
        ),
        (
            "bind: {to: \"id\" from: \"page.nothing\"}",
            "Items has no field `nothing`",
        ),
        (
            "bind: {to: \"id\" from: \"page.next.deeper\"}",
            "`next` has no fields of its own",
        ),
        (
            "bind: {to: \"id\" from: \"nobody.id\"}",
            "there is no part `nobody`",
        ),
        (
            "bind: {to: \"id\" from: \"warnings.field\"}",
            "there is no part `warnings`",
        ),
        (
            "bind: {to: \"id\" from: \"request\"}",
            "names no field of the request",
        ),
        ("bind: {to: \"id\"}", "`id` needs `from` or `text`"),
        (
            "bind: {to: \"id\" from: \"request.id\" text: \"x\"}",
            "`id` needs `from` or `text`",
        ),
        (
            "bind: {to: \"id\" text: \"a\"} bind: {to: \"id\" text: \"b\"}",
            "`id` is bound twice",
        ),
        ("bind: {to: \"labels\" text: \"a\"}", "`labels` is a map"),
    ] {
        assert_error(&bound(binding), text);
    }
    let page = PAGE.replace(
        "ListItems\"",
        "ListItems\" bind: {to: \"owner_id\" from: \"owner.labels\"}",
    );
    let body = contract(&format!("{OWNER} {page}"), ANSWER, "");
    assert_error(&body, "`labels` is a map");
}

#[test]
fn a_value_of_another_type_is_refused() {
    for (binding, text) in [
        (
            "bind: {to: \"id\" from: \"request.count\"}",
            "`request.count` is int32, but `id` is string",
        ),
        (
            "bind: {to: \"kind\" from: \"request.count\"}",
            "but `kind` is covergen.scratch.v1.OwnerAsk.Kind",
        ),
        (
            "bind: {to: \"leaf\" from: \"request.id\"}",
            "but `leaf` is covergen.scratch.v1.Leaf",
        ),
        ("bind: {to: \"count\" text: \"many\"}", "takes an int32"),
        ("bind: {to: \"kind\" text: \"HUGE\"}", "takes a covergen"),
        ("bind: {to: \"deep\" text: \"yes\"}", "takes true or false"),
        ("bind: {to: \"since\" text: \"2026\"}", "no text can fill"),
        ("bind: {to: \"leaf\" text: \"x\"}", "no text can fill"),
    ] {
        assert_error(&bound(binding), text);
    }
}

#[test]
fn one_call_for_each_element_is_refused() {
    assert_error(
        &bound("bind: {to: \"id\" from: \"page.items.id\"}"),
        "`page.items` is a list, but `id` takes one value: that is one call for each element (N+1)",
    );
    assert_error(&bound("bind: {to: \"id\" from: \"request.tags\"}"), "(N+1)");
    // A list that is bound to a list is one call.
    generate(&bound(
        "bind: {to: \"ids\" from: \"page.items.leaves.name\"}",
    ))
    .unwrap();
}

#[test]
fn values_that_cannot_be_told_apart_are_not_collected() {
    let other = "parts: {field: \"other\" rpc: \"covergen.scratch.v1.Parts/GetOwner\" \
                 bind: {to: \"sizes\" from: \"owner.sizes\"}}";
    let answer = format!("{ANSWER} Owner other = 4;");
    let body = contract(&format!("{OWNER} {PAGE} {other}"), &answer, "");
    assert_error(&body, "can be collected");
}

#[test]
fn parts_that_wait_for_each_other_are_refused() {
    let owner = OWNER.replace(
        "GetOwner\"",
        "GetOwner\" bind: {to: \"id\" from: \"page.next\"}",
    );
    let page = PAGE.replace(
        "ListItems\"",
        "ListItems\" bind: {to: \"owner_id\" from: \"owner.id\"}",
    );
    // What waits for a cycle is not in it.
    let third = "parts: {field: \"third\" rpc: \"covergen.scratch.v1.Parts/GetOwner\" \
                 bind: {to: \"id\" from: \"owner.id\"}}";
    let answer = format!("{ANSWER} Owner third = 4;");
    let body = contract(&format!("{owner} {page} {third}"), &answer, "");
    assert_error(&body, "the parts `owner`, `page` wait for each other");
    let alone = OWNER.replace(
        "GetOwner\"",
        "GetOwner\" bind: {to: \"id\" from: \"owner.id\"}",
    );
    let body = contract(&format!("{alone} {PAGE}"), ANSWER, "");
    assert_error(&body, "the parts `owner` wait for each other");
}

#[test]
fn an_optional_part_needs_room_for_warnings() {
    let optional = OWNER.replace("GetOwner\"", "GetOwner\" optional: true");
    let parts = format!("{optional} {PAGE}");
    let text = "needs `repeated covergen.bff.v1.Warning warnings`";
    for warnings in ["", "string warnings = 3;", "repeated Leaf warnings = 3;"] {
        let answer = format!("Owner owner = 1; Items page = 2; {warnings}");
        let body = contract(&parts, &answer, "");
        assert_error(&body, text);
    }
    generate(&contract(&parts, ANSWER, "")).unwrap();
    let page = PAGE.replace(
        "ListItems\"",
        "ListItems\" bind: {to: \"owner_id\" from: \"owner.id\"}",
    );
    let body = contract(&format!("{optional} {page}"), ANSWER, "");
    assert_error(&body, "part `page`: needs `owner`, which is optional");
}

#[test]
fn every_field_is_filled_by_one_part_of_its_type() {
    let (rpc, own) = ("ListItems\"", "ListItems\" take: ");
    for (parts, answer, text) in [
        (OWNER.to_owned(), ANSWER, "no part fills the field `page`"),
        (format!("{OWNER} {PAGE} {PAGE}"), ANSWER, "is filled twice"),
        (
            format!(
                "{OWNER} {PAGE} {}",
                OWNER.replace("\"owner\"", "\"nobody\"")
            ),
            ANSWER,
            "part `nobody`: is not a field of covergen.scratch.v1.Screen",
        ),
        (
            format!("{OWNER} {}", PAGE.replace("ListItems", "GetOwner")),
            ANSWER,
            "the field is not a covergen.scratch.v1.Owner",
        ),
        (
            format!(
                "{OWNER} {}",
                PAGE.replace(rpc, &format!("{own}\"nothing\""))
            ),
            ANSWER,
            "take `nothing` is not a field of covergen.scratch.v1.Items",
        ),
        (
            format!("{OWNER} {}", PAGE.replace(rpc, &format!("{own}\"items\""))),
            ANSWER,
            "take `items` is a list of covergen.scratch.v1.Item",
        ),
        (
            OWNER.replace("\"owner\"", "\"request\""),
            "Owner request = 1;",
            "cannot be called so",
        ),
        (
            OWNER.to_owned(),
            "oneof who { Owner owner = 1; string name = 2; }",
            "is a member of a oneof",
        ),
    ] {
        assert_error(&contract(&parts, answer, ""), text);
    }
}

#[test]
fn a_composed_rpc_is_a_plain_read_with_a_path() {
    let good = contract(&format!("{OWNER} {PAGE}"), ANSWER, "");
    let streams = good.replace("returns (Screen)", "returns (stream Screen)");
    assert_error(&streams, "`compose` is for unary RPCs");
    let pathless = good.replace("option (google.api.http) = {get: \"/screen\"};", "");
    assert_error(&pathless, "gRPC-web does not reach a composed RPC");
    let narrowed = good.replace(
        "get: \"/screen\"",
        "get: \"/screen\" response_body: \"page\"",
    );
    assert_error(&narrowed, "answers as a whole");
    let acts = contract(&format!("{OWNER} {PAGE}"), ANSWER, "session: END");
    assert_error(&acts, "`compose` only reads");
    assert_error(&contract("", ANSWER, ""), "`compose` has no parts");
    let parts = format!("{OWNER} {}", PAGE.replace("}", " optional: true}"));
    let kept = contract(
        &parts,
        ANSWER,
        "cache: {max_age_seconds: 60 purge_on: \"covergen.scratch.v1.Item\"}",
    );
    assert_error(&kept, "must keep no copies");
}
