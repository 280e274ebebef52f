use covergen_ids::{Clock, EventId, WorkspaceId};
use covergen_store::OutboxEvent;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value};

/// Our hand-written envelope, read back through the contract itself.
#[test]
fn the_envelope_on_the_wire_is_the_contracts() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let set = protox::compile(["covergen/events/v1/envelope.proto"], [root]).unwrap();
    let pool = DescriptorPool::from_file_descriptor_set(set).unwrap();
    let contract = pool
        .get_message_by_name("covergen.events.v1.Envelope")
        .unwrap();

    let id = EventId::new(&Clock::system());
    let event = OutboxEvent {
        id,
        type_name: "covergen.cover.v1.CoverGenerated".to_owned(),
        aggregate: "cov_1".to_owned(),
        aggregate_version: 7,
        workspace_id: WorkspaceId::SYSTEM,
        occurred_at_ms: 1_700_000_000_123,
        traceparent: "00-trace".to_owned(),
        causation_id: "req_1".to_owned(),
        correlation_id: "req_2".to_owned(),
        data: vec![1, 2, 3],
    };
    let read =
        DynamicMessage::decode(contract.clone(), event.encode_envelope().as_slice()).unwrap();
    assert_eq!(
        read.unknown_fields().count(),
        0,
        "every field of ours is in the contract"
    );
    let text = |field: &str| match read.get_field_by_name(field).unwrap().into_owned() {
        Value::String(text) => text,
        other => panic!("{field} is {other:?}"),
    };
    assert_eq!(text("id"), id.to_string());
    assert_eq!(text("type"), event.type_name);
    assert_eq!(text("aggregate"), "cov_1");
    assert_eq!(text("workspace_id"), "wks_system");
    assert_eq!(text("traceparent"), "00-trace");
    assert_eq!(text("causation_id"), "req_1");
    assert_eq!(text("correlation_id"), "req_2");
    let value = |field: &str| read.get_field_by_name(field).unwrap().into_owned();
    assert_eq!(value("aggregate_version"), Value::U64(7));
    assert_eq!(value("data"), Value::Bytes(vec![1, 2, 3].into()));
    let Value::Message(at) = value("occurred_at") else {
        panic!("occurred_at is no message")
    };
    assert_eq!(at.descriptor().full_name(), "google.protobuf.Timestamp");
    assert_eq!(
        at.get_field_by_name("seconds").unwrap().into_owned(),
        Value::I64(1_700_000_000)
    );
    assert_eq!(
        at.get_field_by_name("nanos").unwrap().into_owned(),
        Value::I32(123_000_000)
    );
    for field in contract.fields() {
        assert!(read.has_field(&field), "{} is not filled", field.name());
    }
}
