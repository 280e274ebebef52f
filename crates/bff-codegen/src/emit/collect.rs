//! Which messages and enums need generated functions.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, MessageDescriptor};

use super::Context;
use crate::kind::{HTTP_BODY, Shape, Typed, Value};
use crate::model::{Api, Body};

/// Messages by full name, so that the output has a stable order.
type Messages = BTreeMap<String, MessageDescriptor>;

/// What must be generated.
#[derive(Default)]
pub(super) struct Needs {
    /// Messages read from JSON.
    pub(super) read: Messages,
    /// Messages written as JSON.
    pub(super) write: Messages,
    /// Messages filled from query parameters.
    pub(super) bind: Messages,
    pub(super) enums: Vec<EnumDescriptor>,
    /// Struct, Value or ListValue are read.
    pub(super) json_read: bool,
    /// Struct, Value or ListValue are written.
    pub(super) json_write: bool,
}

pub(super) fn collect(api: &Api, context: &Context<'_>) -> Needs {
    let mut needs = Needs::default();
    for method in &api.methods {
        let (input, output) = (method.head(), method.rpc.output());
        let uploads = method.exposure.upload.is_some();
        for binding in &method.bindings {
            match &binding.body {
                Body::None => {}
                Body::Whole if uploads => {}
                Body::Whole => close(&input, context, &mut needs.read),
                Body::Field(name) => {
                    let field = input
                        .get_field_by_name(name)
                        .or_else(|| input.get_field_by_json_name(name));
                    if let Some(message) = field
                        .as_ref()
                        .and_then(|f| Typed::of(f).value.message().cloned())
                    {
                        close(&message, context, &mut needs.read);
                    }
                }
            }
            if binding.body != Body::Whole || uploads {
                close_bindable(&input, context, &mut needs.bind);
            }
            close(&output, context, &mut needs.write);
        }
    }
    let lists = [&needs.read, &needs.write, &needs.bind];
    let mut enums = BTreeMap::new();
    for message in lists.iter().flat_map(|messages| messages.values()) {
        for seen in context.fields(message) {
            if let Value::Enum(known) = seen.typed.value {
                enums.insert(known.full_name().to_owned(), known);
            }
        }
    }
    // A request whose fields come from path and headers alone has enums too.
    for method in &api.methods {
        for field in method.head().fields() {
            if let Value::Enum(known) = Typed::of(&field).value {
                enums.insert(known.full_name().to_owned(), known);
            }
        }
    }
    needs.enums = enums.into_values().collect();
    needs.json_read = has_json(&needs.read, context);
    needs.json_write = has_json(&needs.write, context);
    needs
}

/// Adds a message and all that stand in it.
fn close(message: &MessageDescriptor, context: &Context<'_>, into: &mut Messages) {
    if message.full_name() == HTTP_BODY || into.contains_key(message.full_name()) {
        return;
    }
    into.insert(message.full_name().to_owned(), message.clone());
    for seen in context.fields(message) {
        if let Some(child) = seen.typed.value.message() {
            close(child, context, into);
        }
    }
}

/// Adds a message and those that query parameters can step into.
fn close_bindable(message: &MessageDescriptor, context: &Context<'_>, into: &mut Messages) {
    for seen in context.fields(message) {
        if !matches!(seen.typed.shape, Shape::Optional) {
            continue;
        }
        if let Some(child) = seen.typed.value.message()
            && child.full_name() != HTTP_BODY
            && !into.contains_key(child.full_name())
        {
            into.insert(child.full_name().to_owned(), child.clone());
            close_bindable(child, context, into);
        }
    }
}

fn has_json(messages: &Messages, context: &Context<'_>) -> bool {
    messages.values().any(|message| {
        context
            .fields(message)
            .iter()
            .any(|seen| matches!(seen.typed.value, Value::Json(_)))
    })
}
