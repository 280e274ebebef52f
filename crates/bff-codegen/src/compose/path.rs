//! Paths through messages and lists, and the types at their ends.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::kind::{Shape, Typed, Value};

/// The fields along a path. Unlike the paths of parameters it may lead through
/// lists and members of oneofs; through maps it does not.
pub(super) fn walk(
    message: &MessageDescriptor,
    path: &[&str],
) -> Result<Vec<FieldDescriptor>, String> {
    let mut message = message.clone();
    let mut steps = Vec::new();
    for (index, name) in path.iter().enumerate() {
        let field = message
            .get_field_by_name(name)
            .or_else(|| message.get_field_by_json_name(name))
            .ok_or_else(|| format!("{} has no field `{name}`", message.full_name()))?;
        let typed = Typed::of(&field);
        if matches!(typed.shape, Shape::Map(_)) {
            return Err(format!("`{name}` is a map, which cannot be bound"));
        }
        if index + 1 < path.len() {
            message = typed
                .value
                .message()
                .ok_or_else(|| format!("`{name}` has no fields of its own"))?
                .clone();
        }
        steps.push(field);
    }
    Ok(steps)
}

/// The first list along a path, as a path of its own.
pub(super) fn first_list(steps: &[FieldDescriptor]) -> Option<String> {
    let at = steps.iter().position(is_list)?;
    let names: Vec<&str> = steps[..=at].iter().map(FieldDescriptor::name).collect();
    Some(names.join("."))
}

fn is_list(step: &FieldDescriptor) -> bool {
    matches!(Typed::of(step).shape, Shape::List)
}

/// Whether values of one type can stand for values of the other.
pub(super) fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Scalar(one), Value::Scalar(other)) => one == other,
        (Value::Enum(one), Value::Enum(other)) => one == other,
        (Value::Time(_, one), Value::Time(_, other))
        | (Value::FieldMask(one), Value::FieldMask(other))
        | (Value::Wrapper(_, one), Value::Wrapper(_, other))
        | (Value::Json(one), Value::Json(other))
        | (Value::Message(one), Value::Message(other)) => one == other,
        _ => false,
    }
}

/// Whether one field can be moved into the other as it is.
pub(super) fn same_type(one: &Typed, other: &Typed) -> bool {
    let shapes = match (&one.shape, &other.shape) {
        (Shape::Plain, Shape::Plain)
        | (Shape::Optional, Shape::Optional)
        | (Shape::List, Shape::List) => true,
        (Shape::Map(one), Shape::Map(other)) => one == other,
        _ => false,
    };
    shapes && same_value(&one.value, &other.value)
}

/// A type in words, for error texts.
pub(super) fn described(typed: &Typed) -> String {
    let value = value(&typed.value);
    match typed.shape {
        Shape::Plain | Shape::Oneof => value,
        Shape::Optional if typed.value.message().is_some() => value,
        Shape::Optional => format!("an optional {value}"),
        Shape::List => format!("a list of {value}"),
        Shape::Map(key) => format!("a map from {key} to {value}"),
    }
}

/// A value's type in words.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Scalar(word) => (*word).to_owned(),
        Value::Enum(known) => known.full_name().to_owned(),
        Value::Any => "google.protobuf.Any".to_owned(),
        Value::Time(_, message)
        | Value::FieldMask(message)
        | Value::Wrapper(_, message)
        | Value::Json(message)
        | Value::Message(message) => message.full_name().to_owned(),
    }
}
