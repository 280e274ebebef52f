//! Strings and booleans.

use serde::{Deserialize, Deserializer, Serializer};

use super::Format;

/// Strings.
#[derive(Debug)]
pub struct Text;

impl Format<String> for Text {
    fn write<S: Serializer>(value: &String, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        String::deserialize(from)
    }
}

/// `true` and `false`.
#[derive(Debug)]
pub struct Bool;

impl Format<bool> for Bool {
    fn write<S: Serializer>(value: &bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*value)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        bool::deserialize(from)
    }
}
