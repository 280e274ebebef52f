//! Tables by which answers are written as JSON from their wire form.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use prost_reflect::{Kind, MessageDescriptor};

use super::{Context, Seen, enum_table, quoted};
use crate::kind::{HTTP_BODY, Shape, Value};
use crate::names;

pub(super) fn table_name(message: &MessageDescriptor) -> String {
    format!("WIRE_{}", names::ident(message.full_name()))
}

/// The tables of the given messages and of all that stand in them.
pub(super) fn tables(messages: &[MessageDescriptor], context: &Context<'_>) -> String {
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<MessageDescriptor> = messages.to_vec();
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        out.push_str(&table(&message, context));
        let fields = context.fields(&message);
        open.extend(
            fields
                .iter()
                .filter_map(|f| f.typed.value.message())
                .cloned(),
        );
    }
    out
}

fn table(message: &MessageDescriptor, context: &Context<'_>) -> String {
    let mut fields = String::new();
    for seen in context.fields(message) {
        let Some((holds, value)) = holds(message, &seen).zip(value(&seen)) else {
            continue;
        };
        let _ = write!(
            fields,
            "\n    json::WireField {{ number: {}, json: {}, holds: json::Holds::{holds}, \
             value: json::WireValue::{value} }},",
            seen.field.number(),
            quoted(seen.field.json_name()),
        );
    }
    format!(
        "static {}: json::Wire = json::Wire {{ fields: &[{fields}\n] }};\n",
        table_name(message)
    )
}

/// Whether a message, and all that stands in it, can be written so: its JSON
/// has the members in the order of their numbers, and holds no maps and no
/// well-known types but times.
pub(super) fn suits(message: &MessageDescriptor, context: &Context<'_>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![message.clone()];
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        if message.full_name() == HTTP_BODY {
            return false;
        }
        let fields = context.fields(&message);
        let suit = fields
            .iter()
            .all(|seen| holds(&message, seen).is_some() && value(seen).is_some());
        let in_order = fields.is_sorted_by_key(|seen| seen.field.number());
        if !suit || !in_order {
            return false;
        }
        open.extend(
            fields
                .iter()
                .filter_map(|f| f.typed.value.message())
                .cloned(),
        );
    }
    true
}

fn holds(message: &MessageDescriptor, seen: &Seen) -> Option<String> {
    Some(match seen.typed.shape {
        Shape::Plain => "One".to_owned(),
        Shape::Optional => "Optional".to_owned(),
        Shape::List => "List".to_owned(),
        Shape::Map(_) => return None,
        Shape::Oneof => {
            let own = seen.field.containing_oneof();
            let at = message.oneofs().position(|oneof| Some(oneof) == own)?;
            // The writer notes oneofs as bits.
            (at < 64).then(|| format!("Oneof({at})"))?
        }
    })
}

fn value(seen: &Seen) -> Option<String> {
    Some(match &seen.typed.value {
        Value::Enum(known) => format!("Enum(&{})", enum_table(known)),
        Value::Time("timestamp", _) => "Timestamp".to_owned(),
        Value::Time(_, _) => "Duration".to_owned(),
        Value::Message(message) => format!("Message(&{})", table_name(message)),
        Value::Scalar(_) => match seen.field.kind() {
            Kind::Double => "Double",
            Kind::Float => "Float",
            Kind::Int32 => "Int32",
            Kind::Sint32 => "Sint32",
            Kind::Sfixed32 => "Sfixed32",
            Kind::Int64 => "Int64",
            Kind::Sint64 => "Sint64",
            Kind::Sfixed64 => "Sfixed64",
            Kind::Uint32 => "Uint32",
            Kind::Fixed32 => "Fixed32",
            Kind::Uint64 => "Uint64",
            Kind::Fixed64 => "Fixed64",
            Kind::Bool => "Bool",
            Kind::String => "String",
            Kind::Bytes => "Bytes",
            Kind::Message(_) | Kind::Enum(_) => return None,
        }
        .to_owned(),
        Value::FieldMask(_) | Value::Wrapper(..) | Value::Json(_) | Value::Any => return None,
    })
}
