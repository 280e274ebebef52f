//! Rules that are not understood.

use crate::{FIRST_LINE, problems, refused};

#[track_caller]
fn field(declaration: &str, expected: &str) {
    refused(&format!("message A {{\n  {declaration}\n}}"), expected);
}

#[test]
fn a_rule_that_is_not_supported_is_told_with_its_field_and_line() {
    field(
        "string a = 1 [(buf.validate.field).string.ulid = true];",
        &format!(
            "covergen/broken/v1/broken.proto:{}:3: covergen.broken.v1.A.a: rule `string.ulid` is not supported",
            FIRST_LINE + 1
        ),
    );
}

#[test]
fn every_kind_of_rule_is_either_understood_or_refused() {
    for (declaration, rule) in [
        (
            "string a = 1 [(buf.validate.field).string.address = true];",
            "`string.address`",
        ),
        (
            "string a = 1 [(buf.validate.field).string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME];",
            "`string.well_known_regex`",
        ),
        (
            "bytes a = 1 [(buf.validate.field).bytes.ip = true];",
            "`bytes.ip`",
        ),
        (
            "bytes a = 1 [(buf.validate.field).bytes.pattern = \"a\"];",
            "`bytes.pattern`",
        ),
        (
            "google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.lt_now = true];",
            "`timestamp.lt_now`",
        ),
        (
            "google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.within.seconds = 1];",
            "`timestamp.within`",
        ),
        (
            "double a = 1 [(buf.validate.field).double = {lt: inf}];",
            "`double.lt`",
        ),
        (
            "repeated string a = 1 [(buf.validate.field).repeated.items.string.ulid = true];",
            "`string.ulid`",
        ),
        (
            "map<string, string> a = 1 [(buf.validate.field).map.values.string.ulid = true];",
            "`string.ulid`",
        ),
        (
            "map<string, string> a = 1 [(buf.validate.field).map.keys.string.ulid = true];",
            "`string.ulid`",
        ),
    ] {
        field(
            declaration,
            &format!("covergen.broken.v1.A.a: rule {rule} is not supported"),
        );
    }
}

#[test]
fn expressions_are_refused_on_fields_and_messages() {
    let rule = "{id: \"x\" message: \"y\" expression: \"true\"}";
    field(
        &format!("string a = 1 [(buf.validate.field).cel = {rule}];"),
        "A.a: CEL rules are not supported",
    );
    field(
        "string a = 1 [(buf.validate.field).cel_expression = \"true\"];",
        "A.a: CEL rules are not supported",
    );
    field(
        &format!("option (buf.validate.message).cel = {rule};"),
        "A: rule `message.cel` is not supported",
    );
}

#[test]
fn a_rule_set_of_ones_own_is_refused() {
    refused(
        "message Mine { extend buf.validate.StringRules { bool mine = 1001; } }
         message A { string a = 1 [(buf.validate.field).string.(covergen.broken.v1.Mine.mine) = true]; }",
        "A.a: rule `string.covergen.broken.v1.Mine.mine` is not supported",
    );
}

#[test]
fn rules_for_another_type_are_refused() {
    field(
        "int32 a = 1 [(buf.validate.field).string.min_len = 1];",
        "rules for `string` stand on a field of type `int32`",
    );
    field(
        "string a = 1 [(buf.validate.field).repeated.min_items = 1];",
        "rules for `repeated` stand on a field of type `string`",
    );
    field(
        "repeated string a = 1 [(buf.validate.field).string.min_len = 1];",
        "rules for `string` stand on a field of type `repeated`",
    );
    field(
        "repeated int32 a = 1 [(buf.validate.field).repeated.items.string.min_len = 1];",
        "rules for `string` stand on a field of type `int32`",
    );
    field(
        "A a = 1 [(buf.validate.field).string.min_len = 1];",
        "rules for `string` stand on a field of type `message`",
    );
}

#[test]
fn a_pattern_that_is_no_regular_expression_is_refused() {
    field(
        "string a = 1 [(buf.validate.field).string.pattern = \"(\"];",
        "rule `string.pattern` is no regular expression",
    );
}

#[test]
fn a_group_names_fields_that_there_are() {
    field(
        "option (buf.validate.message).oneof = {fields: [\"b\"]}; string a = 1;",
        "rule `message.oneof` names `b`, which is no field",
    );
}

#[test]
fn messages_are_not_compared_for_being_distinct() {
    field(
        "repeated A a = 1 [(buf.validate.field).repeated.unique = true];",
        "`repeated.unique` stands on a list of messages",
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let found = problems(
        "message A {
           string a = 1 [(buf.validate.field).string.ulid = true];
           int32 b = 2 [(buf.validate.field).string.min_len = 1];
         }
         service S { rpc R(A) returns (A); }",
    );
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn bounds_that_nothing_satisfies_are_refused() {
    for (declaration, least, most) in [
        (
            "string a = 1 [(buf.validate.field).string = {min_len: 2 max_len: 1}];",
            "min_len",
            "max_len",
        ),
        (
            "bytes a = 1 [(buf.validate.field).bytes = {min_len: 2 max_len: 1}];",
            "min_len",
            "max_len",
        ),
        (
            "repeated string a = 1 [(buf.validate.field).repeated = {min_items: 2 max_items: 1}];",
            "min_items",
            "max_items",
        ),
        (
            "map<string, string> a = 1 [(buf.validate.field).map = {min_pairs: 2 max_pairs: 1}];",
            "min_pairs",
            "max_pairs",
        ),
    ] {
        field(
            declaration,
            &format!("A.a: rules `{least}` and `{most}` leave nothing between them"),
        );
    }
}
