//! The project's own contracts.

use covergen_proto::{DESCRIPTORS_WITH_SOURCE, FILE_DESCRIPTOR_SET, Validate, cover};
use prost::{Message, Name};
use prost_reflect::DescriptorPool;

#[test]
fn a_request_is_held_against_its_contract() {
    let violations = cover::v1::GenerateRequest::default().check().unwrap_err();
    assert!(
        violations.iter().any(|found| found.field == "title"),
        "{violations}"
    );
}

#[test]
fn messages_know_their_full_names() {
    assert_eq!(
        cover::v1::GenerateRequest::full_name(),
        "covergen.cover.v1.GenerateRequest"
    );
    assert_eq!(
        covergen_proto::events::v1::Envelope::full_name(),
        "covergen.events.v1.Envelope"
    );
}

#[test]
fn the_descriptors_are_complete_and_keep_their_options() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let extension = pool.get_extension_by_name("covergen.bff.v1.bff").unwrap();
    let service = pool
        .get_service_by_name("covergen.cover.v1.CoverService")
        .unwrap();
    let generate = service
        .methods()
        .find(|method| method.name() == "Generate")
        .unwrap();
    assert!(generate.options().has_extension(&extension));
    // Generators read an annotation by the type that is generated for it.
    let value = generate.options().get_extension(&extension).into_owned();
    let exposure: covergen_proto::bff::v1::Exposure =
        value.as_message().unwrap().transcode_to().unwrap();
    assert!(exposure.auth.is_some());
}

#[test]
fn comments_are_in_the_descriptors_for_generators_alone() {
    let comments = |bytes: &[u8]| {
        let set = DescriptorPool::decode(bytes).unwrap();
        let file = set
            .get_file_by_name("covergen/cover/v1/cover.proto")
            .unwrap();
        file.file_descriptor_proto()
            .source_code_info
            .as_ref()
            .map_or(0, |info| {
                info.location
                    .iter()
                    .filter(|location| location.leading_comments.is_some())
                    .count()
            })
    };
    assert!(comments(DESCRIPTORS_WITH_SOURCE) > 10);
    assert_eq!(comments(FILE_DESCRIPTOR_SET), 0);
}

/// Two maps filled in different orders are one message.
#[test]
fn equal_messages_encode_to_equal_bytes() {
    let forward: crate::scratch::Plain = with_labels(["a", "b", "c"]);
    let backward = with_labels(["c", "b", "a"]);
    assert_eq!(forward.encode_to_vec(), backward.encode_to_vec());
}

fn with_labels(keys: [&str; 3]) -> crate::scratch::Plain {
    crate::scratch::Plain {
        labels: keys.map(|key| (key.to_owned(), String::new())).into(),
        ..Default::default()
    }
}
