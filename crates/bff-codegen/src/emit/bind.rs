//! Fields filled from text: query parameters, path variables and headers.

use std::fmt::Write as _;

use prost_reflect::MessageDescriptor;

use super::{Context, Seen, enum_table, quoted};
use crate::check::Resolved;
use crate::kind::{HTTP_BODY, Shape, Typed, Value};
use crate::names;

pub(super) fn name(message: &MessageDescriptor) -> String {
    format!("bind_{}", names::ident(message.full_name()))
}

/// The function that binds one query parameter inside a nested message.
pub(super) fn function(message: &MessageDescriptor, context: &Context<'_>) -> String {
    let fields = context.fields(message);
    let arms = arms(fields.iter(), context);
    binder(&name(message), &context.rust_type(message), &arms)
}

/// A binding function made of match arms.
pub(super) fn binder(name: &str, ty: &str, arms: &str) -> String {
    if arms.is_empty() {
        return format!(
            "\nfn {name}(_: &mut {ty}, b: &mut bff::Binder<'_>) -> Result<(), bff::Problem> {{\n    \
             Err(b.unknown())\n}}\n"
        );
    }
    format!(
        "\nfn {name}(m: &mut {ty}, b: &mut bff::Binder<'_>) -> Result<(), bff::Problem> {{\n    \
         match b.step() {{\n{arms}        \
         _ => return Err(b.unknown()),\n    }}\n    Ok(())\n}}\n"
    )
}

/// One arm for each field that a parameter can fill.
pub(super) fn arms<'a>(fields: impl Iterator<Item = &'a Seen>, context: &Context<'_>) -> String {
    let mut arms = String::new();
    for seen in fields.filter(|seen| !seen.output_only) {
        let Some(statement) = statement(seen, context) else {
            continue;
        };
        let (json, proto) = (seen.field.json_name(), seen.field.name());
        let pattern = if json == proto {
            quoted(json)
        } else {
            format!("{} | {}", quoted(json), quoted(proto))
        };
        let _ = writeln!(arms, "        {pattern} => {{ {statement} }}");
    }
    arms
}

/// Statements that fill a field of `m` from the parameter at `b`.
pub(super) fn statement(seen: &Seen, context: &Context<'_>) -> Option<String> {
    let field = names::field(seen.field.name());
    let json = quoted(seen.field.json_name());
    if let Some(message) = seen.typed.value.message() {
        let enters =
            matches!(seen.typed.shape, Shape::Optional) && message.full_name() != HTTP_BODY;
        return enters.then(|| {
            format!(
                "{}(m.{field}.get_or_insert_with(Default::default), b.enter({json}))?;",
                name(message)
            )
        });
    }
    if !seen.typed.value.is_textual() {
        return None;
    }
    let from = |text: &str| from_text(&seen.typed.value, text, context);
    match &seen.typed.shape {
        Shape::Plain => Some(format!(
            "m.{field} = {};",
            from(&format!("b.scalar({json})?"))
        )),
        Shape::Optional => Some(format!(
            "m.{field} = Some({});",
            from(&format!("b.scalar({json})?"))
        )),
        Shape::Oneof => {
            let oneof = seen.field.containing_oneof()?;
            // Members of a oneof share a name here, so that giving two of
            // them is noticed.
            let text = format!("b.scalar({})?", quoted(&format!("({})", oneof.name())));
            Some(format!(
                "m.{} = Some({}::{}({}));",
                names::field(oneof.name()),
                names::oneof(&oneof, context.generator),
                names::upper_camel(seen.field.name()),
                from(&text)
            ))
        }
        Shape::List => Some(format!("m.{field}.push({});", from("b.item()?"))),
        Shape::Map(_) => None,
    }
}

/// An expression that turns a `Text` into a value.
pub(super) fn from_text(value: &Value, text: &str, context: &Context<'_>) -> String {
    match value {
        Value::Scalar("bytes") => format!("{text}.bytes()?.into()"),
        Value::Scalar(word) => format!("{text}.{word}()?"),
        Value::Enum(known) => format!("{text}.enumeration(&{})?", enum_table(known)),
        Value::Time(word, message) => format!(
            "{{ let (seconds, nanos) = {text}.{word}()?; {} {{ seconds, nanos }} }}",
            context.rust_type(message)
        ),
        Value::FieldMask(message) => format!(
            "{} {{ paths: {text}.field_mask()? }}",
            context.rust_type(message)
        ),
        Value::Wrapper("bytes", message) => format!(
            "{} {{ value: {text}.bytes()?.into() }}",
            context.rust_type(message)
        ),
        Value::Wrapper(word, message) => format!(
            "{} {{ value: {text}.{word}()? }}",
            context.rust_type(message)
        ),
        Value::Json(_) | Value::Any | Value::Message(_) => String::new(),
    }
}

/// A statement that sets the field at a path of `request` from a `Text`.
pub(super) fn set_path(resolved: &Resolved, text: &str, context: &Context<'_>) -> String {
    let mut place = String::from("request");
    let (last, around) = resolved.steps.split_last().expect("a path has a last step");
    for step in around {
        let _ = write!(
            place,
            ".{}.get_or_insert_with(Default::default)",
            names::field(step.name())
        );
    }
    let typed = Typed::of(last);
    let value = from_text(&typed.value, text, context);
    match typed.shape {
        Shape::Optional => format!("{place}.{} = Some({value});", names::field(last.name())),
        Shape::Oneof => {
            let Some(oneof) = last.containing_oneof() else {
                return String::new();
            };
            format!(
                "{place}.{} = Some({}::{}({value}));",
                names::field(oneof.name()),
                names::oneof(&oneof, context.generator),
                names::upper_camel(last.name())
            )
        }
        _ => format!("{place}.{} = {value};", names::field(last.name())),
    }
}
