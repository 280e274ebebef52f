//! The checks of one field: is it there, must it be, and is its value allowed.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind};

use super::{Scope, collection, has_rules, of_field, scalar, set_rules, well_known};
use crate::names::{self, RUNTIME, camel, snake};
use crate::options::Annotation;

/// Numbers of `buf.validate.Ignore`.
const IGNORE_IF_ZERO_VALUE: i32 = 1;
const IGNORE_ALWAYS: i32 = 3;

/// Statements that judge the field; empty where nothing is asked of it.
pub(super) fn checks(scope: &mut Scope<'_>, in_group: bool) -> String {
    let field = scope.field.clone();
    let rules = of_field(&field);
    let ignore = match rules.enumeration("ignore") {
        // A member of a group is judged only where it is set.
        0 if in_group => IGNORE_IF_ZERO_VALUE,
        other => other,
    };
    if ignore == IGNORE_ALWAYS {
        return String::new();
    }
    let path = format!("path.field({:?})", field.json_name());
    let body = if field.is_map() {
        collection::map(scope, rules.as_ref(), &path)
    } else if field.is_list() {
        collection::list(scope, rules.as_ref(), &path)
    } else {
        value(scope, rules.as_ref(), &path)
    };
    let required = rules.flag("required");
    if body.is_empty() && !required {
        return String::new();
    }
    let missing = format!("{RUNTIME}::rules::missing(&{path}, out);");
    present(
        &field,
        &body,
        required.then_some(missing.as_str()),
        ignore == IGNORE_IF_ZERO_VALUE,
    )
}

/// Wraps `body`, which judges the reference `value`, in the test for presence.
fn present(field: &FieldDescriptor, body: &str, missing: Option<&str>, skip_zero: bool) -> String {
    let name = snake(field.name());
    let otherwise = missing
        .map(|text| format!(" else {{ {text} }}"))
        .unwrap_or_default();
    if field.is_list() || field.is_map() {
        let body = format!("let value = &self.{name}; {body}");
        return match (missing.is_some(), skip_zero) {
            (false, false) => format!("{{ {body} }}\n"),
            _ => format!("if !self.{name}.is_empty() {{ {body} }}{otherwise}\n"),
        };
    }
    let zero = zero(field, "value");
    if field.supports_presence() {
        let pattern = match names::real_oneof(field) {
            Some(oneof) => {
                let member = format!("{}::{}", names::oneof(&oneof), camel(field.name()));
                format!("Some({member}(value)) = &self.{}", snake(oneof.name()))
            }
            None => format!("Some(value) = &self.{name}"),
        };
        let body = match (skip_zero, zero) {
            (true, Some(zero)) => format!("if !({zero}) {{ {body} }}"),
            _ => body.to_owned(),
        };
        return format!("if let {pattern} {{ {body} }}{otherwise}\n");
    }
    let zero = zero.expect("only messages have no zero, and messages have presence");
    if missing.is_some() || skip_zero {
        return format!("{{ let value = &self.{name}; if !({zero}) {{ {body} }}{otherwise} }}\n");
    }
    format!("{{ let value = &self.{name}; {body} }}\n")
}

/// Whether the field is set, as a Rust expression.
pub(super) fn is_set(field: &FieldDescriptor) -> String {
    let name = snake(field.name());
    if field.is_list() || field.is_map() {
        return format!("(!self.{name}.is_empty())");
    }
    if let Some(oneof) = names::real_oneof(field) {
        let member = format!("{}::{}", names::oneof(&oneof), camel(field.name()));
        return format!("matches!(self.{}, Some({member}(_)))", snake(oneof.name()));
    }
    if field.supports_presence() {
        return format!("self.{name}.is_some()");
    }
    let zero = zero(field, &format!("(&self.{name})")).unwrap_or_else(|| "false".to_owned());
    format!("(!({zero}))")
}

/// Whether the reference `value` is the zero of the field's type.
fn zero(field: &FieldDescriptor, value: &str) -> Option<String> {
    match field.kind() {
        Kind::Message(_) => None,
        Kind::String | Kind::Bytes => Some(format!("{value}.is_empty()")),
        Kind::Bool => Some(format!("!*{value}")),
        Kind::Float | Kind::Double => Some(format!("*{value} == 0.0")),
        _ => Some(format!("*{value} == 0")),
    }
}

/// Timestamps and durations are judged even without rules, because one out of
/// range has no JSON form.
pub(super) fn is_time(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message)
        if matches!(message.full_name(), "google.protobuf.Timestamp" | "google.protobuf.Duration"))
}

/// Statements that judge one value of the field's type.
pub(super) fn value(scope: &mut Scope<'_>, rules: Option<&DynamicMessage>, path: &str) -> String {
    let field = scope.field.clone();
    let typed = typed_rules(scope, rules, type_name(&field.kind()));
    match field.kind() {
        Kind::Message(message) => {
            if message.full_name().starts_with("google.") {
                return well_known::checks(scope, &message, typed.as_ref(), path);
            }
            if !has_rules(&message) {
                return String::new();
            }
            format!("{RUNTIME}::Validate::validate(value, &{path}, out);\n")
        }
        kind => match typed {
            Some(typed) => scalar::checks(scope, &kind, &typed, path),
            None => String::new(),
        },
    }
}

/// The rules for the type `expected`, refusing rules for other types and
/// everything that is not understood.
pub(super) fn typed_rules(
    scope: &mut Scope<'_>,
    rules: Option<&DynamicMessage>,
    expected: &str,
) -> Option<DynamicMessage> {
    let mut found = None;
    for (rule, value) in rules.map(set_rules).unwrap_or_default() {
        match (rule.as_str(), value.as_message()) {
            ("required" | "ignore", _) => {}
            (name, Some(typed)) if name == expected => found = Some(typed.clone()),
            ("cel" | "cel_expression", _) => scope.refuse("CEL rules are not supported"),
            (name, _) => scope.refuse(&format!(
                "rules for `{name}` stand on a field of type `{expected}`"
            )),
        }
    }
    found
}

/// The member of `buf.validate.FieldRules` that speaks of this type.
pub(super) fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Enum(_) => "enum",
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Any" => "any",
            "google.protobuf.Duration" => "duration",
            "google.protobuf.FieldMask" => "field_mask",
            "google.protobuf.Timestamp" => "timestamp",
            _ => "message",
        },
    }
}
