//! What is generated, and for whom.

use covergen_bff_codegen::Audience;

use crate::contract::{generate, generate_for, rpc};

const CONTRACT: &str = r#"
service Things {
  rpc Get(GetThing) returns (Thing) {
    option (google.api.http) = {get: "/things/{thing_id}"};
    option (covergen.bff.v1.bff) = {expose: [WEB, PARTNER] auth: {permission: "things.read"}};
  }
  rpc Keys(GetThing) returns (Thing) {
    option (google.api.http) = {get: "/.well-known/{thing_id}"};
    option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true}};
  }
  rpc Hidden(GetThing) returns (Thing) {
    option (covergen.bff.v1.bff) = {auth: {permission: "x"} admin: true};
  }
  rpc Internal(GetThing) returns (Thing);
}
message GetThing { string thing_id = 1; }
message Thing {
  string id = 1;
  string cost = 2 [(covergen.bff.v1.field) = {hide: [PARTNER]}];
}
"#;

#[test]
fn only_what_an_audience_is_offered_is_generated() {
    let web = generate(CONTRACT).unwrap().rust;
    assert!(web.contains("\"covergen.scratch.v1.Things/Keys\""));
    assert!(!web.contains("Things/Hidden"));
    assert!(!web.contains("Things/Internal"));
    let partner = generate_for(Audience::Partner, CONTRACT).unwrap().rust;
    assert!(!partner.contains("Things/Keys"));
    let mobile = generate_for(Audience::Mobile, CONTRACT).unwrap().rust;
    assert!(mobile.contains("bindings: &[\n    ]"));
}

#[test]
fn a_hidden_field_is_absent_from_the_audience() {
    let web = generate(CONTRACT).unwrap();
    let partner = generate_for(Audience::Partner, CONTRACT).unwrap();
    assert!(web.rust.contains("w.field(\"cost\")"));
    assert!(!partner.rust.contains("cost"));
    assert!(!partner.openapi.contains("cost"));
}

#[test]
fn paths_take_the_audiences_prefix_unless_they_stand_at_the_root() {
    let web = generate(CONTRACT).unwrap().rust;
    assert!(web.contains("path: \"/api/v1/things/{thing_id}\""));
    assert!(web.contains("path: \"/.well-known/{thing_id}\""));
    let partner = generate_for(Audience::Partner, CONTRACT).unwrap().rust;
    assert!(partner.contains("path: \"/v1/things/{thing_id}\""));
}

#[test]
fn equal_input_gives_equal_output() {
    let (one, other) = (generate(CONTRACT).unwrap(), generate(CONTRACT).unwrap());
    assert_eq!(one.rust, other.rust);
    assert_eq!(one.openapi, other.openapi);
}

#[test]
fn an_rpc_without_a_path_is_for_grpc_web_alone() {
    let body = format!(
        "{}message Ask {{}}\nmessage Answer {{}}\n",
        rpc(
            "Do(Ask) returns (Answer)",
            "option (covergen.bff.v1.bff) = {expose: [WEB] auth: {public: true}};"
        )
    );
    let rust = generate(&body).unwrap().rust;
    assert!(rust.contains("rpcs: &[&ROUTE_covergen_scratch_v1_Scratch_Do, ]"));
    assert!(rust.contains("bindings: &[\n    ]"));
}

#[test]
fn every_contract_of_the_platform_generates() {
    let root =
        std::path::Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
            .join("../../proto");
    let descriptors = covergen_bff_codegen::compile(&[&root], &root.join("covergen")).unwrap();
    for audience in [Audience::Web, Audience::Mobile, Audience::Partner] {
        let generated = covergen_bff_codegen::Generator::new(audience).run(&descriptors);
        let generated = generated.unwrap_or_else(|errors| panic!("{errors}"));
        assert!(generated.rust.contains("pub static SURFACE"));
    }
}
