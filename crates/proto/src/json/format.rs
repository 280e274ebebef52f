//! What a format is, and how a field is written and read by one.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The JSON form of values of type `T`.
pub trait Format<T> {
    /// Writes `value`.
    ///
    /// # Errors
    /// Those of the serializer, and where the value has no JSON form.
    fn write<S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error>;

    /// Reads a value. `null` is refused: the field's reader has dealt with it.
    ///
    /// # Errors
    /// Those of the deserializer, and where the text is no such value.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error>;
}

/// The form that the type itself defines: messages.
#[derive(Debug)]
pub struct Plain;

impl<T: Serialize + for<'de> Deserialize<'de>> Format<T> for Plain {
    fn write<S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        T::deserialize(from)
    }
}

/// A value with its format, for serde's own functions.
pub(crate) struct Written<'a, F, T>(&'a T, PhantomData<F>);

impl<'a, F, T> Written<'a, F, T> {
    pub(crate) fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<F: Format<T>, T> Serialize for Written<'_, F, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        F::write(self.0, to)
    }
}

/// Reads by a format, for serde's own functions.
pub(crate) struct Read<F, T>(PhantomData<(F, T)>);

impl<F, T> Read<F, T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, F: Format<T>, T> DeserializeSeed<'de> for Read<F, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        F::read(from)
    }
}

/// As [`Read`], with `null` for absence.
struct ReadNullable<F, T>(PhantomData<(F, T)>);

impl<'de, F: Format<T>, T> DeserializeSeed<'de> for ReadNullable<F, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<T>, D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de, F: Format<T>, T> Visitor<'de> for ReadNullable<F, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        F::read(from).map(Some)
    }
}

/// Writes a field that has no presence.
///
/// # Errors
/// Those of the serializer.
pub fn put<F: Format<T>, T, W: SerializeMap>(
    map: &mut W,
    name: &'static str,
    value: &T,
) -> Result<(), W::Error> {
    map.serialize_entry(name, &Written::<F, T>::new(value))
}

/// Writes a field where it is present.
///
/// # Errors
/// Those of the serializer.
pub fn put_some<F: Format<T>, T, W: SerializeMap>(
    map: &mut W,
    name: &'static str,
    value: &Option<T>,
) -> Result<(), W::Error> {
    match value {
        Some(value) => put::<F, T, W>(map, name, value),
        None => Ok(()),
    }
}

/// Reads a field that has no presence: `null` is its zero.
///
/// # Errors
/// Those of the deserializer.
pub fn get<'de, F: Format<T>, T: Default, R: MapAccess<'de>>(map: &mut R) -> Result<T, R::Error> {
    get_some::<F, T, R>(map).map(Option::unwrap_or_default)
}

/// Reads a field that may be absent: `null` is absence.
///
/// # Errors
/// Those of the deserializer.
pub fn get_some<'de, F: Format<T>, T, R: MapAccess<'de>>(
    map: &mut R,
) -> Result<Option<T>, R::Error> {
    map.next_value_seed(ReadNullable::<F, T>(PhantomData))
}

/// Reads a `google.protobuf.Value`, for which `null` is a value.
///
/// # Errors
/// Those of the deserializer.
pub fn get_null<'de, F: Format<T>, T, R: MapAccess<'de>>(
    map: &mut R,
) -> Result<Option<T>, R::Error> {
    map.next_value_seed(Read::<F, T>::new()).map(Some)
}

/// Refuses a second member of the oneof `name`.
///
/// # Errors
/// When the oneof is not vacant.
pub fn vacant<E: serde::de::Error>(vacant: bool, name: &'static str) -> Result<(), E> {
    if vacant {
        return Ok(());
    }
    Err(E::custom(format_args!(
        "more than one of `{name}` is given"
    )))
}
