//! What a field's type means in Rust and in JSON.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

/// The type of one value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// A scalar; the word is the name of the runtime's methods for it.
    Scalar(&'static str),
    /// An enum.
    Enum(EnumDescriptor),
    /// `google.protobuf.Timestamp` or `Duration`: seconds and nanoseconds.
    Time(&'static str, MessageDescriptor),
    /// `google.protobuf.FieldMask`.
    FieldMask(MessageDescriptor),
    /// A wrapper such as `google.protobuf.StringValue`, with its scalar.
    Wrapper(&'static str, MessageDescriptor),
    /// `google.protobuf.Struct`, `Value` or `ListValue`: any JSON.
    Json(MessageDescriptor),
    /// `google.protobuf.Any`, which JSON cannot carry without a registry.
    Any,
    /// Any other message.
    Message(MessageDescriptor),
}

/// How many values a field holds.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// One; absent is the zero value.
    Plain,
    /// One or none.
    Optional,
    /// A member of a oneof.
    Oneof,
    /// Many.
    List,
    /// Many by key; the word is the key's scalar.
    Map(&'static str),
}

/// A field as generated code handles it.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) shape: Shape,
    pub(crate) value: Value,
}

pub(crate) const HTTP_BODY: &str = "google.api.HttpBody";

impl Typed {
    pub(crate) fn of(field: &FieldDescriptor) -> Self {
        if field.is_map()
            && let Kind::Message(entry) = field.kind()
        {
            let key = entry.map_entry_key_field();
            let value = entry.map_entry_value_field();
            return Self {
                shape: Shape::Map(scalar(&key.kind()).unwrap_or("string")),
                value: value_of(&value.kind()),
            };
        }
        let real_oneof = field
            .containing_oneof()
            .is_some_and(|oneof| !oneof.is_synthetic());
        let shape = if field.is_list() {
            Shape::List
        } else if real_oneof {
            Shape::Oneof
        } else if field.supports_presence() {
            Shape::Optional
        } else {
            Shape::Plain
        };
        Self {
            shape,
            value: value_of(&field.kind()),
        }
    }

    /// Whether the field can be filled from one text.
    pub(crate) fn is_textual(&self) -> bool {
        let single = matches!(self.shape, Shape::Plain | Shape::Optional | Shape::Oneof);
        single && self.value.is_textual()
    }
}

impl Value {
    /// Whether a value can be written as one text.
    pub(crate) fn is_textual(&self) -> bool {
        !matches!(self, Self::Json(_) | Self::Any | Self::Message(_))
    }

    /// The message that generated functions are needed for.
    pub(crate) fn message(&self) -> Option<&MessageDescriptor> {
        match self {
            Self::Message(message) => Some(message),
            _ => None,
        }
    }
}

fn value_of(kind: &Kind) -> Value {
    match kind {
        Kind::Enum(known) => Value::Enum(known.clone()),
        Kind::Message(message) => message_of(message),
        other => Value::Scalar(scalar(other).unwrap_or("string")),
    }
}

fn message_of(message: &MessageDescriptor) -> Value {
    let well_known = message.full_name().strip_prefix("google.protobuf.");
    match well_known {
        Some("Timestamp") => Value::Time("timestamp", message.clone()),
        Some("Duration") => Value::Time("duration", message.clone()),
        Some("FieldMask") => Value::FieldMask(message.clone()),
        Some("Struct" | "Value" | "ListValue") => Value::Json(message.clone()),
        Some("Any") => Value::Any,
        Some(
            "BoolValue" | "StringValue" | "BytesValue" | "Int32Value" | "Int64Value"
            | "UInt32Value" | "UInt64Value" | "FloatValue" | "DoubleValue",
        ) => {
            let inner = message.get_field_by_name("value").map(|field| field.kind());
            let word = inner.as_ref().and_then(scalar).unwrap_or("string");
            Value::Wrapper(word, message.clone())
        }
        _ => Value::Message(message.clone()),
    }
}

/// The runtime's word for a scalar.
fn scalar(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "int32",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "int64",
        Kind::Uint32 | Kind::Fixed32 => "uint32",
        Kind::Uint64 | Kind::Fixed64 => "uint64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Message(_) | Kind::Enum(_) => return None,
    })
}
