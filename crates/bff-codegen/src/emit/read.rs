//! JSON readers.

use std::fmt::Write as _;

use prost_reflect::MessageDescriptor;

use super::{Context, Seen, enum_table, shape_table};
use crate::kind::{HTTP_BODY, Shape, Value};
use crate::names;

pub(super) fn name(message: &MessageDescriptor) -> String {
    format!("read_{}", names::ident(message.full_name()))
}

/// The function that reads one message.
pub(super) fn function(message: &MessageDescriptor, context: &Context<'_>) -> String {
    let mut arms = String::new();
    for (index, seen) in context.fields(message).iter().enumerate() {
        let _ = writeln!(
            arms,
            "            {index} => {{ {} }}",
            assign(seen, context)
        );
    }
    format!(
        "\nfn {}(r: &mut json::Reader<'_>) -> json::Result<{ty}> {{\n    \
         let mut m = {ty}::default();\n    \
         let mut o = r.object(&{})?;\n    \
         while let Some(field) = r.next_field(&mut o)? {{\n        \
         match field {{\n{arms}            _ => {{}}\n        }}\n    }}\n    Ok(m)\n}}\n",
        name(message),
        shape_table(message),
        ty = context.rust_type(message),
    )
}

/// Statements that read the value at `r` into a field of `m`.
pub(super) fn assign(seen: &Seen, context: &Context<'_>) -> String {
    let field = names::field(seen.field.name());
    let value = value(&seen.typed.value, context);
    match &seen.typed.shape {
        Shape::Plain => format!("m.{field} = {value};"),
        Shape::Optional => format!("m.{field} = Some({value}{});", boxed(&seen.typed.value)),
        Shape::Oneof => {
            let Some(oneof) = seen.field.containing_oneof() else {
                return String::new();
            };
            format!(
                "m.{} = Some({}::{}({value}{}));",
                names::field(oneof.name()),
                names::oneof(&oneof, context.generator),
                names::upper_camel(seen.field.name()),
                boxed(&seen.typed.value),
            )
        }
        Shape::List => format!("r.list(|r| {{ m.{field}.push({value}); Ok(()) }})?;"),
        Shape::Map(key) => format!(
            "r.map(|r, key| {{ let key = {}; let value = {value}; \
             Ok(m.{field}.insert(key, value).is_none()) }})?;",
            map_key(key)
        ),
    }
}

/// prost boxes messages that contain themselves; `into` fits both.
fn boxed(value: &Value) -> &'static str {
    if value.message().is_some() {
        ".into()"
    } else {
        ""
    }
}

fn map_key(key: &str) -> String {
    match key {
        "string" => "key.to_owned()".to_owned(),
        other => format!("key.parse().map_err(|_| r.invalid(\"has a key that is not {other}\"))?"),
    }
}

/// An expression that reads one value at `r`.
fn value(value: &Value, context: &Context<'_>) -> String {
    match value {
        Value::Scalar("bytes") => "r.bytes()?.into()".to_owned(),
        Value::Scalar(word) => format!("r.{word}()?"),
        Value::Enum(known) => format!("r.enumeration(&{})?", enum_table(known)),
        Value::Time(word, message) => format!(
            "{{ let (seconds, nanos) = r.{word}()?; {} {{ seconds, nanos }} }}",
            context.rust_type(message)
        ),
        Value::FieldMask(message) => format!(
            "{} {{ paths: r.field_mask()? }}",
            context.rust_type(message)
        ),
        Value::Wrapper("bytes", message) => format!(
            "{} {{ value: r.bytes()?.into() }}",
            context.rust_type(message)
        ),
        Value::Wrapper(word, message) => {
            format!("{} {{ value: r.{word}()? }}", context.rust_type(message))
        }
        Value::Json(message) => format!("read_any_{}(r)?", message.name()),
        Value::Message(message) if message.full_name() == HTTP_BODY => {
            "return Err(r.invalid(\"cannot be given as JSON\"))".to_owned()
        }
        Value::Message(message) => format!("{}(r)?", name(message)),
        Value::Any => "return Err(r.invalid(\"cannot be given as JSON\"))".to_owned(),
    }
}

/// Readers of Struct, ListValue and Value, whose depth the reader bounds.
pub(super) fn any_json(context: &Context<'_>) -> String {
    let root = format!("{}::google::protobuf", context.generator.rust_root);
    format!(
        r#"
fn read_any_Struct(r: &mut json::Reader<'_>) -> json::Result<{root}::Struct> {{
    let mut m = {root}::Struct::default();
    r.map(|r, key| {{ let value = read_any_Value(r)?; Ok(m.fields.insert(key.to_owned(), value).is_none()) }})?;
    Ok(m)
}}

fn read_any_ListValue(r: &mut json::Reader<'_>) -> json::Result<{root}::ListValue> {{
    let mut m = {root}::ListValue::default();
    r.list(|r| {{ m.values.push(read_any_Value(r)?); Ok(()) }})?;
    Ok(m)
}}

fn read_any_Value(r: &mut json::Reader<'_>) -> json::Result<{root}::Value> {{
    use {root}::value::Kind;
    let kind = match r.peek() {{
        b'{{' => Kind::StructValue(read_any_Struct(r)?),
        b'[' => Kind::ListValue(read_any_ListValue(r)?),
        b'"' => Kind::StringValue(r.string()?),
        b't' | b'f' => Kind::BoolValue(r.bool()?),
        b'n' if r.try_null() => Kind::NullValue(0),
        _ => Kind::NumberValue(r.double()?),
    }};
    Ok({root}::Value {{ kind: Some(kind) }})
}}
"#
    )
}
