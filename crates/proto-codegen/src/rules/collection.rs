//! Rules for lists and maps, and for what is in them.

use prost_reflect::{DynamicMessage, Kind, Value};

use super::{Scope, field, set_rules};
use crate::code::line;
use crate::names::RUNTIME;
use crate::options::Annotation;

/// Statements that judge the list `value` and each of its items.
pub(super) fn list(scope: &mut Scope<'_>, rules: Option<&DynamicMessage>, path: &str) -> String {
    let typed = field::typed_rules(scope, rules, "repeated");
    if let Some(typed) = &typed {
        scope.ordered(typed, &[("min_items", "max_items")]);
    }
    let mut bounds = Vec::new();
    let mut unique = false;
    let mut items = None;
    for (rule, value) in typed.as_ref().map(set_rules).unwrap_or_default() {
        match (rule.as_str(), &value) {
            ("min_items" | "max_items", Value::U64(number)) => {
                bounds.push(format!("{rule}: Some({number})"));
            }
            ("unique", Value::Bool(wanted)) => unique = *wanted,
            ("items", Value::Message(rules)) => items = Some(rules.clone()),
            _ => scope.unsupported("repeated", &rule),
        }
    }
    let mut out = String::new();
    if !bounds.is_empty() {
        out.push_str(&size("ListRules", &bounds, path));
    }
    if unique {
        out.push_str(&distinct(scope, path));
    }
    let item = each(scope, items.as_ref(), "item");
    if !item.is_empty() {
        line(
            &mut out,
            format!(
                "for (index, value) in value.iter().enumerate() {{ let list = {path}; let item = list.index(index); {item} }}"
            ),
        );
    }
    out
}

/// Statements that judge the map `value`, each key and each value.
pub(super) fn map(scope: &mut Scope<'_>, rules: Option<&DynamicMessage>, path: &str) -> String {
    let typed = field::typed_rules(scope, rules, "map");
    if let Some(typed) = &typed {
        scope.ordered(typed, &[("min_pairs", "max_pairs")]);
    }
    let mut bounds = Vec::new();
    let (mut keys, mut values) = (None, None);
    for (rule, value) in typed.as_ref().map(set_rules).unwrap_or_default() {
        match (rule.as_str(), &value) {
            ("min_pairs" | "max_pairs", Value::U64(number)) => {
                bounds.push(format!("{rule}: Some({number})"));
            }
            ("keys", Value::Message(rules)) => keys = Some(rules.clone()),
            ("values", Value::Message(rules)) => values = Some(rules.clone()),
            _ => scope.unsupported("map", &rule),
        }
    }
    let mut out = String::new();
    if !bounds.is_empty() {
        out.push_str(&size("MapRules", &bounds, path));
    }
    let Kind::Message(entry) = scope.field.kind() else {
        return out;
    };
    let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
    let key = inside(scope, &key, keys.as_ref());
    let value = inside(scope, &value, values.as_ref());
    if !key.is_empty() {
        line(
            &mut out,
            format!(
                "for value in value.keys() {{ let map = {path}; let item = map.key(value); {key} }}"
            ),
        );
    }
    if !value.is_empty() {
        line(
            &mut out,
            format!(
                "for (key, value) in value.iter() {{ let map = {path}; let item = map.key(key); {value} }}"
            ),
        );
    }
    out
}

/// Judges part of a map entry; problems are still told of the map itself.
fn inside(
    scope: &mut Scope<'_>,
    part: &prost_reflect::FieldDescriptor,
    rules: Option<&DynamicMessage>,
) -> String {
    let mut scope = Scope {
        field: part,
        declared: scope.declared,
        problems: scope.problems,
    };
    each(&mut scope, rules, "item")
}

fn each(scope: &mut Scope<'_>, rules: Option<&DynamicMessage>, path: &str) -> String {
    // Ignore::IGNORE_ALWAYS and IGNORE_IF_ZERO_VALUE on items.
    match rules.map(|rules| rules.enumeration("ignore")).unwrap_or(0) {
        0 => field::value(scope, rules, path),
        3 => String::new(),
        _ => {
            scope.refuse("`ignore` on items is not supported but for IGNORE_ALWAYS");
            String::new()
        }
    }
}

fn size(kind: &str, bounds: &[String], path: &str) -> String {
    let bounds = bounds.join(", ");
    format!(
        "{{ static RULES: {RUNTIME}::rules::{kind} = {RUNTIME}::rules::{kind} {{ {bounds}, ..{RUNTIME}::rules::{kind}::NONE }}; \
         RULES.check(value.len(), &{path}, out); }}\n"
    )
}

fn distinct(scope: &mut Scope<'_>, path: &str) -> String {
    let key = match scope.field.kind() {
        Kind::Message(_) => {
            scope.refuse("rule `repeated.unique` stands on a list of messages");
            return String::new();
        }
        // Floats have no total equality; their bits do, with one zero.
        Kind::Float | Kind::Double => "|item| (*item + 0.0).to_bits()",
        _ => "|item| item",
    };
    format!("{RUNTIME}::rules::unique(value.iter().map({key}), &{path}, out);\n")
}
