//! How proto names look in Rust. The rules are prost's, whose types the
//! generated code uses.

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_reflect::{MessageDescriptor, OneofDescriptor};

use crate::Generator;

/// Rust field of a proto field.
pub(crate) fn field(name: &str) -> String {
    keyword_safe(name.to_snake_case())
}

/// Rust type or variant of a proto name.
pub(crate) fn upper_camel(name: &str) -> String {
    keyword_safe(name.to_upper_camel_case())
}

/// A name as part of a generated identifier: unique for each full name.
pub(crate) fn ident(full_name: &str) -> String {
    full_name.replace('.', "_")
}

/// Rust path of a message type.
pub(crate) fn message(message: &MessageDescriptor, generator: &Generator) -> String {
    format!(
        "{}::{}",
        parent_module(message, generator),
        upper_camel(message.name())
    )
}

/// Rust path of the enum that holds a oneof.
pub(crate) fn oneof(oneof: &OneofDescriptor, generator: &Generator) -> String {
    let message = oneof.parent_message();
    format!(
        "{}::{}::{}",
        parent_module(message, generator),
        keyword_safe(message.name().to_snake_case()),
        upper_camel(oneof.name())
    )
}

/// The module that a message's type stands in: its package's, then one for
/// each message around it.
fn parent_module(message: &MessageDescriptor, generator: &Generator) -> String {
    let package = message.package_name();
    let mut path = generator.rust_root.clone();
    for (index, segment) in package.split('.').filter(|s| !s.is_empty()).enumerate() {
        if index == 0 && segment == generator.strip_package {
            continue;
        }
        path.push_str("::");
        path.push_str(&keyword_safe(segment.to_snake_case()));
    }
    let mut parents = Vec::new();
    let mut around = message.parent_message();
    while let Some(parent) = around {
        parents.push(keyword_safe(parent.name().to_snake_case()));
        around = parent.parent_message();
    }
    for parent in parents.iter().rev() {
        path.push_str("::");
        path.push_str(parent);
    }
    path
}

fn keyword_safe(name: String) -> String {
    const RAW: [&str; 47] = [
        "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl",
        "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static",
        "struct", "trait", "true", "type", "unsafe", "use", "where", "while", "dyn", "abstract",
        "become", "box", "do", "final", "macro", "override", "priv", "typeof", "unsized",
        "virtual", "yield", "async", "await", "try", "gen",
    ];
    if RAW.contains(&name.as_str()) {
        return format!("r#{name}");
    }
    if ["_", "super", "self", "Self", "extern", "crate"].contains(&name.as_str()) {
        return format!("{name}_");
    }
    if name.starts_with(|first: char| first.is_numeric()) {
        return format!("_{name}");
    }
    name
}
