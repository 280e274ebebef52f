//! What prost calls things, so that generated code can speak of them.

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_reflect::{EnumDescriptor, FieldDescriptor, MessageDescriptor, OneofDescriptor};

/// Path of the crate that holds the runtime, from anywhere.
pub(crate) const RUNTIME: &str = "::covergen_proto";

/// Words that Rust keeps and lets through as raw identifiers.
const RAW: [&str; 47] = [
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct",
    "trait", "true", "type", "unsafe", "use", "where", "while", "dyn", "abstract", "become", "box",
    "do", "final", "macro", "override", "priv", "typeof", "unsized", "virtual", "yield", "async",
    "await", "try", "gen",
];

/// Words that Rust does not let through even raw.
const SUFFIXED: [&str; 5] = ["super", "self", "Self", "extern", "crate"];

fn identifier(name: &str) -> String {
    if RAW.contains(&name) {
        return format!("r#{name}");
    }
    if SUFFIXED.contains(&name) {
        return format!("{name}_");
    }
    if name.starts_with(|first: char| first.is_numeric()) {
        return format!("_{name}");
    }
    name.to_owned()
}

/// A field, method or module.
pub(crate) fn snake(name: &str) -> String {
    identifier(&name.to_snake_case())
}

/// A type or variant.
pub(crate) fn camel(name: &str) -> String {
    identifier(&name.to_upper_camel_case())
}

/// A name in proto3 JSON.
pub(crate) fn json(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.chars() {
        if character == '_' {
            upper = true;
        } else if upper {
            out.push(character.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(character);
        }
    }
    out
}

/// The parts of a package that become modules: `covergen` is the crate itself.
pub(crate) fn modules(package: &str) -> Vec<String> {
    package
        .split('.')
        .skip_while(|part| *part == "covergen")
        .map(snake)
        .collect()
}

/// The message's type, inside the module of its package.
pub(crate) fn message(descriptor: &MessageDescriptor) -> String {
    nested(descriptor.parent_message(), camel(descriptor.name()))
}

/// The enum's type, inside the module of its package.
fn enumeration(descriptor: &EnumDescriptor) -> String {
    nested(descriptor.parent_message(), camel(descriptor.name()))
}

fn nested(mut parent: Option<MessageDescriptor>, name: String) -> String {
    let mut path = name;
    while let Some(outer) = parent {
        path = format!("{}::{path}", snake(outer.name()));
        parent = outer.parent_message();
    }
    path
}

/// The enum's type, seen from the module of package `from`.
pub(crate) fn enumeration_from(from: &str, descriptor: &EnumDescriptor) -> String {
    let package = descriptor.package_name();
    let path = enumeration(descriptor);
    if package == from {
        return path;
    }
    let there = modules(package).join("::");
    if package.starts_with("google.") {
        return format!("{RUNTIME}::{there}::{path}");
    }
    let up = "super::".repeat(modules(from).len());
    format!("{up}{there}::{path}")
}

/// The oneof's type, inside the module of its package.
pub(crate) fn oneof(descriptor: &OneofDescriptor) -> String {
    let parent = descriptor.parent_message();
    let mut name = camel(descriptor.name());
    let taken = parent
        .child_messages()
        .any(|child| camel(child.name()) == name)
        || parent
            .child_enums()
            .any(|child| camel(child.name()) == name);
    if taken {
        // prost's own way out of a clash with a nested type.
        name.push_str("OneOf");
    }
    let outer = message(parent);
    let module = match outer.rsplit_once("::") {
        Some((path, _)) => format!("{path}::{}", snake(parent.name())),
        None => snake(parent.name()),
    };
    format!("{module}::{name}")
}

/// The oneof that a field belongs to, unless it only marks presence.
pub(crate) fn real_oneof(field: &FieldDescriptor) -> Option<OneofDescriptor> {
    field
        .containing_oneof()
        .filter(|oneof| !oneof.is_synthetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_rust_keeps_are_escaped_as_prost_does() {
        assert_eq!(snake("type"), "r#type");
        assert_eq!(snake("self"), "self_");
        assert_eq!(snake("aspectRatio"), "aspect_ratio");
        assert_eq!(camel("SELF"), "Self_");
        assert_eq!(camel("cover_service"), "CoverService");
    }

    #[test]
    fn json_names_are_lower_camel_case() {
        assert_eq!(json("aspect_ratio"), "aspectRatio");
        assert_eq!(json("source"), "source");
    }

    #[test]
    fn a_package_loses_the_name_of_the_project() {
        assert_eq!(modules("covergen.cover.v1"), ["cover", "v1"]);
        assert_eq!(modules("google.rpc"), ["google", "rpc"]);
    }
}
