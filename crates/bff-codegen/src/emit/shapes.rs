//! Static tables of messages and enums.

use std::fmt::Write as _;

use prost_reflect::{EnumDescriptor, MessageDescriptor};

use super::{Context, enum_table, quoted, shape_table};
use crate::kind::{HTTP_BODY, Shape, Value};

pub(super) fn enumeration(known: &EnumDescriptor) -> String {
    let mut values = String::new();
    for value in known.values() {
        let _ = write!(values, "({}, {}), ", quoted(value.name()), value.number());
    }
    format!(
        "static {}: json::Enumeration = json::Enumeration {{ name: {}, values: &[{values}] }};\n",
        enum_table(known),
        quoted(known.full_name())
    )
}

pub(super) fn shape(message: &MessageDescriptor, context: &Context<'_>) -> String {
    let mut fields = String::new();
    for seen in context.fields(message) {
        let oneof = match seen.typed.shape {
            Shape::Oneof => oneof_number(message, &seen),
            _ => 0,
        };
        let child = match seen.typed.value.message() {
            Some(child) if child.full_name() != HTTP_BODY => {
                format!("Some(&{})", shape_table(child))
            }
            _ => "None".to_owned(),
        };
        let single = matches!(seen.typed.shape, Shape::Optional | Shape::Oneof)
            && seen.typed.value.message().is_some();
        let _ = write!(
            fields,
            "\n    json::Field {{ json: {}, proto: {}, oneof: {oneof}, nullable: {}, \
             output_only: {}, single: {single}, child: {child} }},",
            quoted(seen.field.json_name()),
            quoted(seen.field.name()),
            is_nullable(&seen),
            seen.output_only,
        );
    }
    format!(
        "static {}: json::Shape = json::Shape {{ name: {}, fields: &[{fields}\n] }};\n",
        shape_table(message),
        quoted(message.full_name())
    )
}

/// `null` is itself a google.protobuf.Value.
fn is_nullable(seen: &super::Seen) -> bool {
    let single = matches!(seen.typed.shape, Shape::Optional | Shape::Oneof);
    matches!(&seen.typed.value, Value::Json(message) if single && message.name() == "Value")
}

fn oneof_number(message: &MessageDescriptor, seen: &super::Seen) -> usize {
    let own = seen.field.containing_oneof();
    let position = message
        .oneofs()
        .filter(|oneof| !oneof.is_synthetic())
        .position(|oneof| Some(oneof) == own);
    position.map_or(0, |at| at + 1)
}
