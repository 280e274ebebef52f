//! What is sensitive is not shown.

use crate::scratch::{Color, Secret, secret};

#[test]
fn a_sensitive_field_is_stars_and_others_are_themselves() {
    let mut message = Secret {
        name: "ann".to_owned(),
        password: "hunter2".to_owned(),
        other: Some(secret::Other::Open("door".to_owned())),
        ..Default::default()
    };
    message.set_color(Color::Green);
    let shown = format!("{message:?}");
    assert_eq!(
        shown,
        "Secret { name: \"ann\", password: ***, color: Green, proof: None, other: Some(Open(\"door\")) }"
    );
}

#[test]
fn a_sensitive_member_of_a_oneof_is_stars() {
    let message = Secret {
        proof: Some(secret::Proof::Code("123456".to_owned())),
        ..Default::default()
    };
    assert_eq!(format!("{:?}", message.proof), "Some(Code(***))");
    assert!(format!("{message:?}").contains("proof: Some(Code(***))"));
    let note = Secret {
        proof: Some(secret::Proof::Note("open".to_owned())),
        ..Default::default()
    };
    assert_eq!(format!("{:?}", note.proof), "Some(Note(\"open\"))");
}
