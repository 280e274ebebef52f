//! Proto3 JSON: says how each field is written; `covergen-proto` writes it.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use crate::code::line;
use crate::error::Problems;
use crate::names::{self, RUNTIME, camel, snake};

/// A set of read fields is kept in the bits of one word.
const MAX_FIELDS: usize = 128;

/// The one message for which `null` is a value.
const VALUE: &str = "google.protobuf.Value";
const NULL_VALUE: &str = "google.protobuf.NullValue";

/// `Object`, `Serialize` and `Deserialize` for a message.
pub(crate) fn message(message: &MessageDescriptor, problems: &mut Problems) -> String {
    let path = names::message(message);
    if message.fields().len() > MAX_FIELDS {
        let text = format!("{} has more than {MAX_FIELDS} fields", message.full_name());
        problems.add(&message.parent_file(), message.path(), text);
    }
    let mut fields = String::new();
    let mut write = String::new();
    let mut read = String::new();
    for (index, field) in message.fields().enumerate() {
        check(&field, problems);
        let (name, alias) = (field.json_name(), field.name());
        line(
            &mut fields,
            format!("{RUNTIME}::json::Field {{ name: {name:?}, alias: {alias:?} }},"),
        );
        line(&mut write, put(&field));
        line(&mut read, format!("{index} => {{ {} }}", get(&field)));
    }
    format!(
        "impl {RUNTIME}::json::Object for {path} {{\n\
         const NAME: &'static str = {:?};\n\
         const FIELDS: &'static [{RUNTIME}::json::Field] = &[\n{fields}];\n\
         fn write<W: ::serde::ser::SerializeMap>(&self, map: &mut W) -> ::core::result::Result<(), W::Error> {{\n{write}Ok(())\n}}\n\
         fn read<'de, R: ::serde::de::MapAccess<'de>>(&mut self, field: usize, map: &mut R) -> ::core::result::Result<(), R::Error> {{\n\
         match field {{\n{read}_ => {{}}\n}}\nOk(())\n}}\n}}\n\
         impl ::serde::Serialize for {path} {{\n\
         fn serialize<S: ::serde::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {{ {RUNTIME}::json::write_object(self, to) }}\n}}\n\
         impl<'de> ::serde::Deserialize<'de> for {path} {{\n\
         fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {{ {RUNTIME}::json::read_object(from) }}\n}}\n",
        message.full_name()
    )
}

/// `Enum`, `Serialize` and `Deserialize` for an enum.
pub(crate) fn enumeration(enumeration: &EnumDescriptor) -> String {
    let path = names::enumeration_from(enumeration.package_name(), enumeration);
    format!(
        "impl {RUNTIME}::json::Enum for {path} {{\n\
         fn name_of(number: i32) -> ::core::option::Option<&'static str> {{ Self::try_from(number).ok().map(|value| value.as_str_name()) }}\n\
         fn number_of(name: &str) -> ::core::option::Option<i32> {{ Self::from_str_name(name).map(|value| value as i32) }}\n}}\n\
         impl ::serde::Serialize for {path} {{\n\
         fn serialize<S: ::serde::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {{ to.serialize_str(self.as_str_name()) }}\n}}\n\
         impl<'de> ::serde::Deserialize<'de> for {path} {{\n\
         fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {{ {RUNTIME}::json::read_enum(from) }}\n}}\n"
    )
}

/// A statement that writes the field, where it is to be written.
fn put(field: &FieldDescriptor) -> String {
    let json = field.json_name();
    let format = format(field);
    let name = snake(field.name());
    if let Some(oneof) = names::real_oneof(field) {
        let member = format!("{}::{}", names::oneof(&oneof), camel(field.name()));
        let holder = snake(oneof.name());
        return format!(
            "if let Some({member}(value)) = &self.{holder} {{ {RUNTIME}::json::put::<{format}, _, _>(map, {json:?}, value)?; }}"
        );
    }
    let put = if field.supports_presence() {
        "put_some"
    } else {
        "put"
    };
    format!("{RUNTIME}::json::{put}::<{format}, _, _>(map, {json:?}, &self.{name})?;")
}

/// Statements that read the field's value.
fn get(field: &FieldDescriptor) -> String {
    let format = format(field);
    let name = snake(field.name());
    let nullable = matches!(field.kind(), Kind::Message(message) if message.full_name() == VALUE);
    let get_some = if nullable && !field.is_list() && !field.is_map() {
        "get_null"
    } else {
        "get_some"
    };
    if let Some(oneof) = names::real_oneof(field) {
        let member = format!("{}::{}", names::oneof(&oneof), camel(field.name()));
        let holder = snake(oneof.name());
        return format!(
            "if let Some(value) = {RUNTIME}::json::{get_some}::<{format}, _, _>(map)? {{ \
             {RUNTIME}::json::vacant(self.{holder}.is_none(), {:?})?; self.{holder} = Some({member}(value)); }}",
            oneof.name()
        );
    }
    let get = if field.supports_presence() {
        get_some
    } else {
        "get"
    };
    format!("self.{name} = {RUNTIME}::json::{get}::<{format}, _, _>(map)?;")
}

/// The type in `covergen_proto::json` that knows the form of the field.
fn format(field: &FieldDescriptor) -> String {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else {
            return String::new();
        };
        let package = field.parent_message().package_name().to_owned();
        let value = single(&entry.map_entry_value_field().kind(), &package);
        return format!("{RUNTIME}::json::Map<{value}>");
    }
    let single = single(&field.kind(), field.parent_message().package_name());
    if field.is_list() {
        return format!("{RUNTIME}::json::List<{single}>");
    }
    single
}

fn single(kind: &Kind, package: &str) -> String {
    let name = match kind {
        Kind::Double | Kind::Float => "Float".to_owned(),
        Kind::Bool => "Bool".to_owned(),
        Kind::String => "Text".to_owned(),
        Kind::Bytes => "Binary".to_owned(),
        Kind::Message(_) => "Plain".to_owned(),
        Kind::Enum(descriptor) => format!("Name<{}>", names::enumeration_from(package, descriptor)),
        _ => "Int".to_owned(),
    };
    format!("{RUNTIME}::json::{name}")
}

/// Google's `NullValue` alone among enums is `null` and not a name.
fn check(field: &FieldDescriptor, problems: &mut Problems) {
    if matches!(field.kind(), Kind::Enum(descriptor) if descriptor.full_name() == NULL_VALUE) {
        let text = format!(
            "{}: a field of {NULL_VALUE} is not supported; use {VALUE}",
            field.full_name()
        );
        problems.add(&field.parent_message().parent_file(), field.path(), text);
    }
}

/// The package's messages have their JSON written here; those of
/// `google.protobuf` have forms of their own, written by hand.
pub(crate) fn is_generated(package: &str) -> bool {
    package != "google.protobuf"
}
