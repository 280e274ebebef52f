//! What is wrong with versions side by side is told when they are built.

use covergen_bff_codegen::Audience;

use crate::contract::{generate_for, generate_versions};

/// A contract with one RPC at that path, and these options.
fn contract(path: &str, options: &str) -> String {
    format!(
        "service Shelf {{
  rpc Get(GetBook) returns (Book) {{
    option (google.api.http) = {{get: \"{path}\"}};
    option (covergen.bff.v1.bff) = {{expose: [PARTNER] auth: {{public: true}} {options}}};
  }}
}}
message GetBook {{ string id = 1; string page = 2; }}
message Book {{ string id = 1; }}
"
    )
}

/// Says that another RPC takes over.
fn succeeded_by(rpc: &str) -> String {
    format!(
        "deprecation: {{since: \"2026-11-01\" sunset: \"2027-05-01\" guide: \"/docs/v2\" \
         successor: \"{rpc}\"}}"
    )
}

const NEXT: &str = "covergen.scratch.v2.Shelf/Get";

fn refused(first: &str, second: &str, told: &str) {
    let error = generate_versions(first, second).unwrap_err().to_string();
    assert!(error.contains(told), "{error}");
    assert!(error.contains("scratch.proto:"), "{error}");
}

#[test]
fn versions_have_paths_and_documents_of_their_own() {
    let first = contract("/books/{id}", &succeeded_by(NEXT));
    let both = generate_versions(&first, &contract("/books/{id}", "")).unwrap();
    assert!(both.openapi.contains("\"/v1/books/{id}\"") && !both.openapi.contains("\"/v2/"));
    let [(2, later)] = &both.later[..] else {
        panic!("one later version: {:?}", both.later.len());
    };
    assert!(later.contains("\"/v2/books/{id}\"") && !later.contains("\"/v1/"));
}

#[test]
fn one_version_is_as_it_was() {
    let alone = generate_for(Audience::Partner, &contract("/books/{id}", "")).unwrap();
    assert!(alone.later.is_empty());
    assert!(alone.openapi.contains("\"/v1/books/{id}\""));
}

#[test]
fn a_successor_is_an_rpc_of_a_later_version() {
    let second = contract("/books/{id}", "");
    let first = |rpc: &str| contract("/books/{id}", &succeeded_by(rpc));
    let none = "covergen.scratch.v2.Shelf/Gone";
    refused(&first(none), &second, "is no RPC");
    let itself = "covergen.scratch.v1.Shelf/Get";
    refused(
        &first(itself),
        &second,
        "does not belong to a later version",
    );
}

#[test]
fn the_path_of_a_successor_is_filled_from_the_old_one() {
    let first = |path: &str| contract(path, &succeeded_by(NEXT));
    // A path's only variable may have got another name.
    generate_versions(&first("/books/{id}"), &contract("/volumes/{page}", "")).unwrap();
    let deeper = contract("/books/{id}/pages/{page}", "");
    refused(&first("/books/{id}"), &deeper, "fills `{page}`");
    // Several segments do not fit into one.
    let flat = contract("/books/{id}", "");
    refused(&first("/books/{id=**}"), &flat, "fills `{id}`");
}

#[test]
fn what_fills_a_successors_path_is_of_a_type_that_fits() {
    let typed = |ty: &str, path: &str, options: &str| {
        let kinds = "enum Kind { KIND_UNSPECIFIED = 0; NEW = 1; } \
                     enum More { MORE_UNSPECIFIED = 0; KIND_NEW = 1; }";
        let body = contract(path, options).replace(
            "string id = 1; string page",
            &format!("{ty} id = 1; string page"),
        );
        format!("{body}{kinds}")
    };
    let both = |old: &str, new: &str| {
        let first = typed(old, "/books/{id}", &succeeded_by(NEXT));
        (first, typed(new, "/books/{id}", ""))
    };
    for (old, new) in [
        ("string", "string"),
        ("int32", "string"),
        ("int32", "int64"),
        ("uint32", "uint64"),
        ("float", "double"),
        ("Kind", "Kind"),
        ("Kind", "string"),
    ] {
        let (first, second) = both(old, new);
        generate_versions(&first, &second).unwrap_or_else(|error| panic!("{old} {new}: {error}"));
    }
    for (old, new, told) in [
        ("string", "int32", "is string, and does not fit `{id}`"),
        ("int64", "int32", "which is int32"),
        ("int32", "uint32", "which is uint32"),
        ("bool", "int32", "is bool"),
        ("string", "Kind", "which is covergen.scratch.v2.Kind"),
        ("Kind", "More", "which is covergen.scratch.v2.More"),
    ] {
        let (first, second) = both(old, new);
        refused(&first, &second, told);
    }
}

#[test]
fn whoever_has_to_move_gets_a_guide_and_six_months() {
    let second = contract("/books/{id}", "");
    let with = |from: &str, to: &str| {
        let options = succeeded_by(NEXT).replace(from, to);
        contract("/books/{id}", &options)
    };
    refused(&with("guide: \"/docs/v2\"", ""), &second, "a `guide` tells");
    let soon = with("2027-05-01", "2027-04-30");
    refused(&soon, &second, "at least six months");
}

#[test]
fn an_audience_without_the_successor_is_told_of_none() {
    let first = contract("/books/{id}", &succeeded_by(NEXT));
    let hidden = contract("/books/{id}", "").replace("[PARTNER]", "[WEB]");
    let generated = generate_versions(&first, &hidden).unwrap();
    assert!(generated.rust.contains("successor: \"\""));
    assert!(generated.later.is_empty());
}
