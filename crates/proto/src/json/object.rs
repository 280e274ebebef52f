//! Messages as JSON objects.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serializer};

/// The names of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its JSON name.
    pub name: &'static str,
    /// Its name in the contract, which is read as well.
    pub alias: &'static str,
}

/// A message as generated code describes it. Use serde's traits instead.
pub trait Object: Default {
    /// Full name of the message.
    const NAME: &'static str;
    /// Its fields; at most 128.
    const FIELDS: &'static [Field];

    /// Writes the fields.
    ///
    /// # Errors
    /// Those of the serializer.
    fn write<W: SerializeMap>(&self, map: &mut W) -> Result<(), W::Error>;

    /// Reads the value of the field at index `field` of [`Object::FIELDS`].
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<'de, R: MapAccess<'de>>(&mut self, field: usize, map: &mut R) -> Result<(), R::Error>;
}

/// Writes a message.
///
/// # Errors
/// Those of the serializer.
pub fn write_object<T: Object, S: Serializer>(message: &T, to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(None)?;
    message.write(&mut map)?;
    map.end()
}

/// Reads a message.
///
/// # Errors
/// Those of the deserializer; an unknown field; a field given twice.
pub fn read_object<'de, T: Object, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_map(ReadObject(PhantomData))
}

struct ReadObject<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ReadObject<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an object of {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut message = T::default();
        let mut seen = 0_u128;
        while let Some(index) = map.next_key_seed(FieldName(T::FIELDS))? {
            let bit = 1_u128 << index;
            if seen & bit != 0 {
                return Err(A::Error::duplicate_field(T::FIELDS[index].name));
            }
            seen |= bit;
            message.read(index, &mut map)?;
        }
        Ok(message)
    }
}

/// Finds the index of a named field. Not generic over the message, so that it
/// is compiled once.
struct FieldName(&'static [Field]);

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let found = self
            .0
            .iter()
            .position(|field| field.name == name || field.alias == name);
        found.ok_or_else(|| E::custom(format_args!("unknown field `{}`", clip(name))))
    }
}

/// The start of a text from outside, fit for an error message.
pub(super) fn clip(text: &str) -> String {
    const MAX_CHARS: usize = 64;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
