//! Rules for Google's well-known types.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::{Scope, apply, field, set_rules};
use crate::names::RUNTIME;
use crate::options::Annotation;

/// Statements that judge the reference `value`, a well-known message.
pub(super) fn checks(
    scope: &mut Scope<'_>,
    message: &MessageDescriptor,
    rules: Option<&DynamicMessage>,
    path: &str,
) -> String {
    match message.full_name() {
        "google.protobuf.Timestamp" => time(scope, "timestamp", rules, path),
        "google.protobuf.Duration" => time(scope, "duration", rules, path),
        "google.protobuf.Any" => names(scope, "AnyRules", "any", rules, path),
        "google.protobuf.FieldMask" => names(scope, "FieldMaskRules", "field_mask", rules, path),
        _ => String::new(),
    }
}

/// Rules that compare with the present moment need a clock, which validation
/// does not have.
fn time(scope: &mut Scope<'_>, kind: &str, rules: Option<&DynamicMessage>, path: &str) -> String {
    let mut stated = String::new();
    for (rule, value) in rules.map(set_rules).unwrap_or_default() {
        match (rule.as_str(), value) {
            ("gt" | "gte" | "lt" | "lte", Value::Message(moment)) => {
                let seconds = moment
                    .value("seconds")
                    .and_then(|value| value.as_i64())
                    .unwrap_or(0);
                let nanos = moment
                    .value("nanos")
                    .and_then(|value| value.as_i32())
                    .unwrap_or(0);
                stated.push_str(&format!("{rule}: Some(({seconds}, {nanos})), "));
            }
            _ => scope.unsupported(kind, &rule),
        }
    }
    let stated = format!(
        "{RUNTIME}::rules::TimeRules {{ {stated}..{RUNTIME}::rules::TimeRules::{} }}",
        kind.to_uppercase()
    );
    let value = format!(
        "let value = &(value.seconds, value.nanos); {}",
        apply("TimeRules", &stated, "", path)
    );
    format!("{{ {value} }}\n")
}

fn names(
    scope: &mut Scope<'_>,
    rust: &str,
    kind: &str,
    rules: Option<&DynamicMessage>,
    path: &str,
) -> String {
    let mut stated = Vec::new();
    for (rule, value) in rules.map(set_rules).unwrap_or_default() {
        let texts: Option<Vec<&str>> = value
            .as_list()
            .and_then(|list| list.iter().map(Value::as_str).collect());
        match (rule.as_str(), texts) {
            ("in", Some(texts)) => stated.push(format!("allowed: &{texts:?}")),
            ("not_in", Some(texts)) => stated.push(format!("denied: &{texts:?}")),
            _ => scope.unsupported(kind, &rule),
        }
    }
    if stated.is_empty() {
        return String::new();
    }
    debug_assert_eq!(
        kind,
        field::type_name(&scope.field.kind()),
        "rules belong to their type"
    );
    let stated = format!(
        "{RUNTIME}::rules::{rust} {{ {}, ..{RUNTIME}::rules::{rust}::NONE }}",
        stated.join(", ")
    );
    apply(rust, &stated, "", path)
}
