//! JSON writers.

use std::fmt::Write as _;

use prost_reflect::MessageDescriptor;

use super::{Context, Seen, enum_table, quoted};
use crate::kind::{HTTP_BODY, Shape, Value};
use crate::names;

pub(super) fn name(message: &MessageDescriptor) -> String {
    format!("write_{}", names::ident(message.full_name()))
}

/// The function that writes one message. Fields without presence are always
/// written; those with presence when they are there.
pub(super) fn function(message: &MessageDescriptor, context: &Context<'_>) -> String {
    let mut body = String::new();
    for seen in context.fields(message) {
        let _ = writeln!(body, "    {}", member(&seen, context));
    }
    format!(
        "\nfn {}(w: &mut json::Writer, m: &{}) {{\n    let _ = m;\n    \
         w.begin_object();\n{body}    w.end_object();\n}}\n",
        name(message),
        context.rust_type(message),
    )
}

fn member(seen: &Seen, context: &Context<'_>) -> String {
    let json = quoted(seen.field.json_name());
    let field = names::field(seen.field.name());
    match &seen.typed.shape {
        Shape::Optional => format!(
            "if let Some(v) = &m.{field} {{ if w.field({json}) {{ {} }} }}",
            by_reference(&seen.typed.value)
        ),
        Shape::Oneof => {
            let Some(oneof) = seen.field.containing_oneof() else {
                return String::new();
            };
            format!(
                "if let Some({}::{}(v)) = &m.{} {{ if w.field({json}) {{ {} }} }}",
                names::oneof(&oneof, context.generator),
                names::upper_camel(seen.field.name()),
                names::field(oneof.name()),
                by_reference(&seen.typed.value)
            )
        }
        _ => format!("if w.field({json}) {{ {} }}", whole(seen)),
    }
}

/// Statements that write the whole field of `m`, whatever its shape.
pub(super) fn whole(seen: &Seen) -> String {
    let field = names::field(seen.field.name());
    let each = by_reference(&seen.typed.value);
    match &seen.typed.shape {
        Shape::Plain => format!("let v = &m.{field}; {each}"),
        Shape::List => format!("w.list(&m.{field}, |w, v| {{ {each} }});"),
        Shape::Map("string") => format!("w.map(&m.{field}, |w, v| {{ {each} }});"),
        Shape::Map(_) => format!(
            "w.map(m.{field}.iter().map(|(k, v)| (k.to_string(), v)), |w, v| {{ {each} }});"
        ),
        Shape::Optional | Shape::Oneof => {
            format!("match &m.{field} {{ Some(v) => {{ {each} }} None => w.null() }}")
        }
    }
}

/// A statement that writes the value behind `v`.
fn by_reference(value: &Value) -> String {
    match value {
        Value::Scalar("string") => "w.string(v);".to_owned(),
        Value::Scalar("bytes") => "w.bytes(v);".to_owned(),
        Value::Scalar(word) => format!("w.{word}(*v);"),
        Value::Enum(known) => format!("w.enumeration(*v, &{});", enum_table(known)),
        Value::Time(word, _) => format!("w.{word}(v.seconds, v.nanos);"),
        Value::FieldMask(_) => "w.field_mask(&v.paths);".to_owned(),
        Value::Wrapper("string", _) => "w.string(&v.value);".to_owned(),
        Value::Wrapper("bytes", _) => "w.bytes(&v.value);".to_owned(),
        Value::Wrapper(word, _) => format!("w.{word}(v.value);"),
        Value::Json(message) => format!("write_any_{}(w, v);", message.name()),
        Value::Message(message) if message.full_name() == HTTP_BODY => {
            "let _ = v; w.null();".to_owned()
        }
        Value::Message(message) => format!("{}(w, v);", name(message)),
        Value::Any => "let _ = v; w.null();".to_owned(),
    }
}

/// Writers of Struct, ListValue and Value.
pub(super) fn any_json(context: &Context<'_>) -> String {
    let root = format!("{}::google::protobuf", context.generator.rust_root);
    format!(
        r"
fn write_any_Struct(w: &mut json::Writer, m: &{root}::Struct) {{
    w.map(&m.fields, write_any_Value);
}}

fn write_any_ListValue(w: &mut json::Writer, m: &{root}::ListValue) {{
    w.list(&m.values, write_any_Value);
}}

fn write_any_Value(w: &mut json::Writer, m: &{root}::Value) {{
    use {root}::value::Kind;
    match &m.kind {{
        Some(Kind::StructValue(v)) => write_any_Struct(w, v),
        Some(Kind::ListValue(v)) => write_any_ListValue(w, v),
        Some(Kind::StringValue(v)) => w.string(v),
        Some(Kind::BoolValue(v)) => w.bool(*v),
        Some(Kind::NumberValue(v)) => w.double(*v),
        Some(Kind::NullValue(_)) | None => w.null(),
    }}
}}
"
    )
}
