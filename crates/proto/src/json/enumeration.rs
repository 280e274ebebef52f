//! Enums by name.

use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Format;
use super::object::clip;

/// Names and numbers of an enum, by generated code.
pub trait Enum {
    /// The name of a value, as the contract spells it.
    fn name_of(number: i32) -> Option<&'static str>;
    /// The number of a named value.
    fn number_of(name: &str) -> Option<i32>;
}

/// Values of the enum `E`. Enums are open: a number without a name is kept, so
/// that an older reader passes on what a newer writer says.
#[derive(Debug)]
pub struct Name<E>(PhantomData<E>);

impl<E: Enum> Format<i32> for Name<E> {
    fn write<S: Serializer>(value: &i32, to: S) -> Result<S::Ok, S::Error> {
        match E::name_of(*value) {
            Some(name) => to.serialize_str(name),
            None => to.serialize_i32(*value),
        }
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
        from.deserialize_any(ReadName::<E>(PhantomData))
    }
}

/// Reads a known value of an enum, by name or number.
///
/// # Errors
/// Those of the deserializer, and a value without a name.
pub fn read_enum<'de, T: Enum + TryFrom<i32>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    let number = Name::<T>::read(from)?;
    T::try_from(number).map_err(|_| D::Error::custom(format_args!("unknown value {number}")))
}

struct ReadName<E>(PhantomData<E>);

impl<T: Enum> Visitor<'_> for ReadName<T> {
    type Value = i32;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a value")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<i32, E> {
        T::number_of(name).ok_or_else(|| E::custom(format_args!("unknown value `{}`", clip(name))))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i32, E> {
        i32::try_from(number).map_err(|_| E::custom(format_args!("unknown value {number}")))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i32, E> {
        i32::try_from(number).map_err(|_| E::custom(format_args!("unknown value {number}")))
    }
}
