//! Files that are no protobuf.

use crate::{FIRST_LINE, problems, refused, taken};

#[test]
fn a_syntax_error_is_told_with_file_line_and_column() {
    refused(
        "message {}",
        &format!("covergen/broken/v1/broken.proto:{FIRST_LINE}:9"),
    );
}

#[test]
fn an_unknown_type_is_told_with_file_and_line() {
    refused(
        "message A {\n  Nothing nothing = 1;\n}",
        &format!("broken.proto:{}:3", FIRST_LINE + 1),
    );
}

#[test]
fn an_unknown_option_is_told_with_file_and_line() {
    let found = problems("message A { string a = 1 [(buf.validate.field).string.no_such = 1]; }");
    assert!(
        found[0].contains(&format!("broken.proto:{FIRST_LINE}:")),
        "{found:?}"
    );
}

#[test]
fn a_message_of_names_that_rust_keeps_is_taken() {
    taken(
        "message Self { message Type { string self = 1; } Type type = 1; oneof match { string async = 2; } }",
    );
}

#[test]
fn a_message_has_at_most_128_fields() {
    let fields = |count: u32| {
        (1..=count)
            .map(|n| format!("int32 f{n} = {n};"))
            .collect::<String>()
    };
    taken(&format!("message A {{ {} }}", fields(128)));
    refused(
        &format!("message A {{ {} }}", fields(129)),
        "covergen.broken.v1.A has more than 128 fields",
    );
}

#[test]
fn a_null_value_is_no_field() {
    refused(
        "message A { google.protobuf.NullValue a = 1; }",
        "covergen.broken.v1.A.a: a field of google.protobuf.NullValue",
    );
}
