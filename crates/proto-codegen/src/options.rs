//! Reads the annotations that stand on methods and fields.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, MessageDescriptor, MethodDescriptor, ReflectMessage, Value,
};

/// The value of the extension `name` on `options`, where it is set.
pub(crate) fn extension(options: &DynamicMessage, name: &str) -> Option<Value> {
    let pool = options.descriptor().parent_pool().clone();
    let extension = pool.get_extension_by_name(name)?;
    options
        .has_extension(&extension)
        .then(|| options.get_extension(&extension).into_owned())
}

/// The message-valued extension `name` on `options`, where it is set.
pub(crate) fn extension_message(options: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    match extension(options, name)? {
        Value::Message(message) => Some(message),
        _ => None,
    }
}

/// Typed reading of an annotation: an absent field reads as its zero value.
pub(crate) trait Annotation {
    fn value(&self, name: &str) -> Option<Value>;

    fn flag(&self, name: &str) -> bool {
        self.value(name)
            .and_then(|value| value.as_bool())
            .unwrap_or(false)
    }

    fn number(&self, name: &str) -> u32 {
        self.value(name)
            .and_then(|value| value.as_u32())
            .unwrap_or(0)
    }

    fn enumeration(&self, name: &str) -> i32 {
        self.value(name)
            .and_then(|value| value.as_enum_number())
            .unwrap_or(0)
    }

    fn text(&self, name: &str) -> String {
        let value = self.value(name);
        value
            .as_ref()
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let values = self.value(name);
        let values = values.as_ref().and_then(Value::as_list).unwrap_or_default();
        values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn enumerations(&self, name: &str) -> Vec<i32> {
        let values = self.value(name);
        let values = values.as_ref().and_then(Value::as_list).unwrap_or_default();
        values.iter().filter_map(Value::as_enum_number).collect()
    }

    fn message(&self, name: &str) -> Option<DynamicMessage> {
        match self.value(name)? {
            Value::Message(message) => Some(message),
            _ => None,
        }
    }
}

impl Annotation for DynamicMessage {
    fn value(&self, name: &str) -> Option<Value> {
        self.has_field_by_name(name)
            .then(|| {
                self.get_field_by_name(name)
                    .map(std::borrow::Cow::into_owned)
            })
            .flatten()
    }
}

impl Annotation for Option<DynamicMessage> {
    fn value(&self, name: &str) -> Option<Value> {
        self.as_ref().and_then(|message| message.value(name))
    }
}

/// How a method is offered outside the mesh.
pub(crate) fn exposure(method: &MethodDescriptor) -> Option<DynamicMessage> {
    extension_message(&method.options(), "covergen.bff.v1.bff")
}

/// How services treat a method inside the mesh.
pub(crate) fn policy(method: &MethodDescriptor) -> Option<DynamicMessage> {
    extension_message(&method.options(), "covergen.mesh.v1.method")
}

/// The field is never logged.
pub(crate) fn is_sensitive(field: &FieldDescriptor) -> bool {
    extension_message(&field.options(), "covergen.bff.v1.field").flag("sensitive")
}

/// The message holds a sensitive field, itself or in a message inside it.
pub(crate) fn holds_sensitive(message: &MessageDescriptor) -> bool {
    crate::messages::reaches(message, &|inner| {
        inner.fields().any(|field| is_sensitive(&field))
    })
}
