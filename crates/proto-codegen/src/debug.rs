//! `Debug` for messages that hold secrets.

use prost_reflect::{Kind, MessageDescriptor, OneofDescriptor};

use crate::code::line;
use crate::names::{self, snake};
use crate::options::is_sensitive;

/// What stands in place of a sensitive value.
const STARS: &str = "&::core::format_args!(\"***\")";

/// An implementation that prints `***` for sensitive fields; nothing for
/// messages without any, whose `Debug` prost derives.
pub(crate) fn message(message: &MessageDescriptor) -> String {
    if !message.fields().any(|field| is_sensitive(&field)) {
        return String::new();
    }
    let path = names::message(message);
    let mut out = format!(
        "impl ::core::fmt::Debug for {path} {{\n\
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{\n\
         f.debug_struct({:?})\n",
        names::camel(message.name())
    );
    for field in message.fields() {
        if names::real_oneof(&field).is_some() {
            continue;
        }
        let name = snake(field.name());
        let value = if is_sensitive(&field) {
            STARS.to_owned()
        } else if matches!(field.kind(), Kind::Enum(_))
            && !field.is_list()
            && !field.is_map()
            && !field.supports_presence()
        {
            // The getter of the same name gives the variant, not its number.
            format!("&self.{name}()")
        } else {
            format!("&self.{name}")
        };
        line(&mut out, format!(".field({:?}, {value})", field.name()));
    }
    let oneofs: Vec<OneofDescriptor> = message
        .oneofs()
        .filter(|oneof| !oneof.is_synthetic())
        .collect();
    for oneof in &oneofs {
        let (shown, name) = (oneof.name(), snake(oneof.name()));
        line(&mut out, format!(".field({shown:?}, &self.{name})"));
    }
    out.push_str(".finish()\n}\n}\n");
    for oneof in &oneofs {
        out.push_str(&members(oneof));
    }
    out
}

/// prost leaves out `Debug` for the oneofs of such a message as well.
fn members(oneof: &OneofDescriptor) -> String {
    let path = names::oneof(oneof);
    let mut out = format!(
        "impl ::core::fmt::Debug for {path} {{\n\
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{\n\
         match self {{\n"
    );
    for field in oneof.fields() {
        let variant = names::camel(field.name());
        let value = if is_sensitive(&field) { STARS } else { "value" };
        line(
            &mut out,
            format!(
                "Self::{variant}(value) => f.debug_tuple({variant:?}).field({value}).finish(),"
            ),
        );
    }
    out.push_str("}\n}\n}\n");
    out
}
