//! Validation rules (buf.validate) as JSON Schema.

use prost_reflect::{DynamicMessage, Value as Dynamic};

use super::doc::Doc;
use crate::emit::Seen;
use crate::kind::{Shape, Value};
use crate::model::options::{boolean, message, text, texts, validation};

/// Whether a request without the field would be refused.
pub(super) fn is_required(seen: &Seen) -> bool {
    let Some(rules) = validation(&seen.field) else {
        return false;
    };
    if boolean(&rules, "required") {
        return true;
    }
    if ignores_zero(&rules) {
        return false;
    }
    let least = |kind: &str, rule: &str| {
        message(&rules, kind)
            .and_then(|rules| count(&rules, rule))
            .unwrap_or(0)
            > 0
    };
    match &seen.typed.shape {
        Shape::Plain => least("string", "min_len") || least("bytes", "min_len"),
        Shape::List => least("repeated", "min_items"),
        Shape::Map(_) => least("map", "min_pairs"),
        _ => false,
    }
}

/// Whether a field's rules count only where it is not zero.
pub(super) fn skips_zero(seen: &Seen) -> bool {
    validation(&seen.field).is_some_and(|rules| ignores_zero(&rules))
}

/// Writes a field's own rules into its schema.
pub(super) fn apply(seen: &Seen, schema: &mut Doc) {
    let Some(rules) = validation(&seen.field) else {
        return;
    };
    let skips_zero = ignores_zero(&rules);
    match &seen.typed.shape {
        Shape::List => {
            if let Some(list) = message(&rules, "repeated") {
                copy_count(&list, "min_items", "minItems", schema);
                copy_count(&list, "max_items", "maxItems", schema);
                if boolean(&list, "unique") {
                    schema.set("uniqueItems", Doc::Bool(true));
                }
            }
        }
        Shape::Map(_) => {
            if let Some(map) = message(&rules, "map") {
                copy_count(&map, "min_pairs", "minProperties", schema);
                copy_count(&map, "max_pairs", "maxProperties", schema);
            }
        }
        _ => single(&seen.typed.value, &rules, skips_zero, schema),
    }
}

/// Writes the rules of a list's items or a map's values into their schema.
pub(super) fn items(seen: &Seen, mut schema: Doc) -> Doc {
    let rules = validation(&seen.field).and_then(|rules| match &seen.typed.shape {
        Shape::List => message(&rules, "repeated").and_then(|list| message(&list, "items")),
        Shape::Map(_) => message(&rules, "map").and_then(|map| message(&map, "values")),
        _ => None,
    });
    if let Some(rules) = rules {
        single(&seen.typed.value, &rules, ignores_zero(&rules), &mut schema);
    }
    schema
}

/// Rules that a zero value is exempt from say nothing that a schema of the
/// bare type can express, except their upper bounds.
fn ignores_zero(rules: &DynamicMessage) -> bool {
    rules
        .get_field_by_name("ignore")
        .and_then(|value| value.as_enum_number())
        .is_some_and(|number| number != 0)
}

fn single(value: &Value, rules: &DynamicMessage, skips_zero: bool, schema: &mut Doc) {
    match value {
        Value::Scalar("string") | Value::Wrapper("string", _) => {
            if let Some(rules) = message(rules, "string") {
                string(&rules, skips_zero, schema);
            }
        }
        Value::Scalar(word) | Value::Wrapper(word, _) => {
            // The rules of a number stand under its proto type, of which one
            // at most is present.
            let kinds = match *word {
                "int32" => &["int32", "sint32", "sfixed32"][..],
                "uint32" => &["uint32", "fixed32"],
                "float" => &["float"],
                "double" => &["double"],
                _ => &[],
            };
            for rules in kinds.iter().filter_map(|kind| message(rules, kind)) {
                numeric(&rules, skips_zero, schema);
            }
        }
        _ => {}
    }
}

fn string(rules: &DynamicMessage, skips_zero: bool, schema: &mut Doc) {
    if !skips_zero {
        copy_count(rules, "min_len", "minLength", schema);
        copy_count(rules, "len", "minLength", schema);
        let pattern = text(rules, "pattern");
        if !pattern.is_empty() {
            schema.set("pattern", Doc::text(pattern));
        }
        let choices = texts(rules, "in");
        if !choices.is_empty() {
            schema.set("enum", Doc::texts(choices));
        }
        if rules.has_field_by_name("const") {
            schema.set("const", Doc::text(text(rules, "const")));
        }
    }
    copy_count(rules, "max_len", "maxLength", schema);
    copy_count(rules, "len", "maxLength", schema);
    for (rule, format) in [
        ("email", "email"),
        ("hostname", "hostname"),
        ("ip", "ip"),
        ("uri", "uri"),
        ("uuid", "uuid"),
    ] {
        // An empty text is none of these.
        if boolean(rules, rule) && !skips_zero {
            schema.set("format", Doc::text(format));
        }
    }
}

fn numeric(rules: &DynamicMessage, skips_zero: bool, schema: &mut Doc) {
    let mut copy = |rule: &str, keyword: &str| {
        if rules.has_field_by_name(rule)
            && let Some(value) = rules.get_field_by_name(rule)
            && let Some(number) = printed(&value)
        {
            schema.set(keyword, Doc::Number(number));
        }
    };
    copy("lt", "exclusiveMaximum");
    copy("lte", "maximum");
    if !skips_zero {
        copy("gt", "exclusiveMinimum");
        copy("gte", "minimum");
        copy("const", "const");
    }
}

fn printed(value: &Dynamic) -> Option<String> {
    match value {
        Dynamic::I32(number) => Some(number.to_string()),
        Dynamic::U32(number) => Some(number.to_string()),
        Dynamic::F32(number) if number.is_finite() => Some(number.to_string()),
        Dynamic::F64(number) if number.is_finite() => Some(number.to_string()),
        _ => None,
    }
}

fn count(rules: &DynamicMessage, name: &str) -> Option<u64> {
    if !rules.has_field_by_name(name) {
        return None;
    }
    rules.get_field_by_name(name)?.as_u64()
}

fn copy_count(rules: &DynamicMessage, rule: &str, keyword: &str, schema: &mut Doc) {
    if let Some(value) = count(rules, rule) {
        schema.set(keyword, Doc::number(value));
    }
}
