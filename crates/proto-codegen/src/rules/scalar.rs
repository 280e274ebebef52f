//! Rules for numbers, strings, bytes, booleans and enums.

use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, Value};

use super::{Scope, apply, field, set_rules};
use crate::names::{self, RUNTIME};

/// Statements that judge the reference `value`.
pub(super) fn checks(
    scope: &mut Scope<'_>,
    kind: &Kind,
    rules: &DynamicMessage,
    path: &str,
) -> String {
    match kind {
        Kind::String => string(scope, rules, path),
        Kind::Bytes => bytes(scope, rules, path),
        Kind::Bool => boolean(scope, rules, path),
        Kind::Enum(descriptor) => enumeration(scope, descriptor, rules, path),
        number => numeric(scope, number, rules, path),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| format!("{text:?}"))
}

fn octets(value: &Value) -> Option<String> {
    value
        .as_bytes()
        .map(|bytes| format!("&{:?}", bytes.as_ref()))
}

/// A `&[…]` of literals.
fn list(value: &Value, literal: impl Fn(&Value) -> Option<String>) -> Option<String> {
    let items: Option<Vec<String>> = value.as_list()?.iter().map(literal).collect();
    Some(format!("&[{}]", items?.join(", ")))
}

fn some(literal: Option<String>) -> Option<String> {
    literal.map(|literal| format!("Some({literal})"))
}

/// Closes a rule set: what is not stated is not asked.
fn rules(kind: &str, stated: &[String]) -> String {
    format!(
        "{RUNTIME}::rules::{kind} {{ {}, ..{RUNTIME}::rules::{kind}::NONE }}",
        stated.join(", ")
    )
}

fn string(scope: &mut Scope<'_>, set: &DynamicMessage, path: &str) -> String {
    scope.ordered(set, &[("min_len", "max_len"), ("min_bytes", "max_bytes")]);
    let mut stated = Vec::new();
    let mut statics = String::new();
    for (rule, value) in set_rules(set) {
        let member = match rule.as_str() {
            "const" => some(text(&value)).map(|value| format!("constant: {value}")),
            "len" | "min_len" | "max_len" | "len_bytes" | "min_bytes" | "max_bytes" => value
                .as_u64()
                .map(|number| format!("{rule}: Some({number})")),
            "prefix" | "suffix" | "contains" | "not_contains" => {
                some(text(&value)).map(|value| format!("{rule}: {value}"))
            }
            "in" => list(&value, text).map(|value| format!("allowed: {value}")),
            "not_in" => list(&value, text).map(|value| format!("denied: {value}")),
            "pattern" => pattern(scope, &value, &mut statics),
            format => string_format(format, &value),
        };
        match member {
            Some(member) => stated.push(member),
            None => scope.unsupported("string", &rule),
        }
    }
    if stated.is_empty() {
        return String::new();
    }
    apply(
        "StringRules",
        &rules("StringRules", &stated),
        &statics,
        path,
    )
}

fn pattern(scope: &mut Scope<'_>, value: &Value, statics: &mut String) -> Option<String> {
    let source = value.as_str()?;
    if let Err(error) = regex::Regex::new(source) {
        // The error draws a picture of several lines; its last line says why.
        let error = error.to_string();
        let why = error.lines().last().unwrap_or_default();
        scope.refuse(&format!(
            "rule `string.pattern` is no regular expression: {why}"
        ));
    }
    *statics = format!(
        "static PATTERN: {RUNTIME}::rules::Pattern = {RUNTIME}::rules::Pattern::new({source:?}); "
    );
    Some("pattern: Some(&PATTERN)".to_owned())
}

/// Formats are flags in one oneof: setting one to false asks for nothing.
fn string_format(name: &str, value: &Value) -> Option<String> {
    let variant = match name {
        "email" => "Email",
        "hostname" => "Hostname",
        "ip" => "Ip",
        "ipv4" => "Ipv4",
        "ipv6" => "Ipv6",
        "uri" => "Uri",
        "uri_ref" => "UriRef",
        "uuid" => "Uuid",
        "tuuid" => "Tuuid",
        _ => return None,
    };
    Some(match value.as_bool()? {
        true => format!("format: Some({RUNTIME}::rules::StringFormat::{variant})"),
        false => "format: None".to_owned(),
    })
}

fn bytes(scope: &mut Scope<'_>, set: &DynamicMessage, path: &str) -> String {
    scope.ordered(set, &[("min_len", "max_len")]);
    let mut stated = Vec::new();
    for (rule, value) in set_rules(set) {
        let member = match rule.as_str() {
            "const" => some(octets(&value)).map(|value| format!("constant: {value}")),
            "len" | "min_len" | "max_len" => value
                .as_u64()
                .map(|number| format!("{rule}: Some({number})")),
            "prefix" | "suffix" | "contains" => {
                some(octets(&value)).map(|value| format!("{rule}: {value}"))
            }
            "in" => list(&value, octets).map(|value| format!("allowed: {value}")),
            "not_in" => list(&value, octets).map(|value| format!("denied: {value}")),
            _ => None,
        };
        match member {
            Some(member) => stated.push(member),
            None => scope.unsupported("bytes", &rule),
        }
    }
    if stated.is_empty() {
        return String::new();
    }
    apply("BytesRules", &rules("BytesRules", &stated), "", path)
}

fn boolean(scope: &mut Scope<'_>, set: &DynamicMessage, path: &str) -> String {
    let mut out = String::new();
    for (rule, value) in set_rules(set) {
        match (rule.as_str(), value.as_bool()) {
            ("const", Some(wanted)) => {
                let stated = format!("{RUNTIME}::rules::BoolRules {{ constant: {wanted} }}");
                out = apply("BoolRules", &stated, "", path);
            }
            _ => scope.unsupported("bool", &rule),
        }
    }
    out
}

fn enumeration(
    scope: &mut Scope<'_>,
    descriptor: &EnumDescriptor,
    set: &DynamicMessage,
    path: &str,
) -> String {
    let package = scope.field.parent_message().package_name().to_owned();
    let named = |number: i32| {
        let known = descriptor.get_value(number);
        let name = known.map_or_else(|| number.to_string(), |value| value.name().to_owned());
        format!("({number}, {name:?})")
    };
    let literal = |value: &Value| value.as_i32().map(named);
    let mut stated = Vec::new();
    for (rule, value) in set_rules(set) {
        let member = match rule.as_str() {
            "const" => some(literal(&value)).map(|value| format!("constant: {value}")),
            "defined_only" => value.as_bool().map(|wanted| match wanted {
                true => format!(
                    "known: Some({}::is_valid)",
                    names::enumeration_from(&package, descriptor)
                ),
                false => "known: None".to_owned(),
            }),
            "in" => list(&value, literal).map(|value| format!("allowed: {value}")),
            "not_in" => list(&value, literal).map(|value| format!("denied: {value}")),
            _ => None,
        };
        match member {
            Some(member) => stated.push(member),
            None => scope.unsupported("enum", &rule),
        }
    }
    if stated.is_empty() {
        return String::new();
    }
    apply("EnumRules", &rules("EnumRules", &stated), "", path)
}

fn numeric(scope: &mut Scope<'_>, kind: &Kind, set: &DynamicMessage, path: &str) -> String {
    let name = field::type_name(kind);
    let mut stated = Vec::new();
    for (rule, value) in set_rules(set) {
        let member = match rule.as_str() {
            "const" => some(literal(&value)).map(|value| format!("constant: {value}")),
            "gt" | "gte" | "lt" | "lte" => {
                some(literal(&value)).map(|value| format!("{rule}: {value}"))
            }
            "in" => list(&value, literal).map(|value| format!("allowed: {value}")),
            "not_in" => list(&value, literal).map(|value| format!("denied: {value}")),
            "finite" => value.as_bool().map(|wanted| format!("finite: {wanted}")),
            _ => None,
        };
        match member {
            Some(member) => stated.push(member),
            None => scope.unsupported(name, &rule),
        }
    }
    if stated.is_empty() {
        return String::new();
    }
    let number = rust_number(kind);
    let stated = format!(
        "{RUNTIME}::rules::NumberRules {{ {}, ..{RUNTIME}::rules::NumberRules::none({name:?}) }}",
        stated.join(", ")
    );
    apply(&format!("NumberRules<{number}>"), &stated, "", path)
}

fn rust_number(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double => "f64",
        Kind::Float => "f32",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "i64",
        Kind::Uint32 | Kind::Fixed32 => "u32",
        Kind::Uint64 | Kind::Fixed64 => "u64",
        _ => "i32",
    }
}

/// A number as Rust writes it. Rules of infinity or NaN bound nothing and are
/// not understood.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::I32(number) => Some(format!("{number}i32")),
        Value::I64(number) => Some(format!("{number}i64")),
        Value::U32(number) => Some(format!("{number}u32")),
        Value::U64(number) => Some(format!("{number}u64")),
        Value::F32(number) if number.is_finite() => Some(format!("{number:?}f32")),
        Value::F64(number) if number.is_finite() => Some(format!("{number:?}f64")),
        _ => None,
    }
}
