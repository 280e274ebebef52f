//! Numbers.

use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Format;
use super::object::clip;

/// Integers: 32 bits as numbers, 64 bits as strings; both are read from both,
/// and from a number with a fraction or exponent that is whole, such as `1e3`.
#[derive(Debug)]
pub struct Int;

/// Floating-point numbers; what JSON has no number for is a string.
#[derive(Debug)]
pub struct Float;

/// An integer type of a contract.
trait Integer: Sized + std::str::FromStr {
    const NAME: &'static str;
    fn from_i64(number: i64) -> Option<Self>;
    fn from_u64(number: u64) -> Option<Self>;
}

macro_rules! integer {
    ($($type:ty, $name:literal, $write:expr;)*) => {$(
        impl Integer for $type {
            const NAME: &'static str = $name;

            fn from_i64(number: i64) -> Option<Self> {
                number.try_into().ok()
            }

            fn from_u64(number: u64) -> Option<Self> {
                number.try_into().ok()
            }
        }

        impl Format<$type> for Int {
            fn write<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
                let write: fn($type, S) -> Result<S::Ok, S::Error> = $write;
                write(*value, to)
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                from.deserialize_any(ReadInteger(PhantomData))
            }
        }
    )*};
}

integer! {
    i32, "a 32-bit integer", |value, to| to.serialize_i32(value);
    u32, "an unsigned 32-bit integer", |value, to| to.serialize_u32(value);
    i64, "a 64-bit integer", |value, to| to.collect_str(&value);
    u64, "an unsigned 64-bit integer", |value, to| to.collect_str(&value);
}

struct ReadInteger<T>(PhantomData<T>);

impl<T: Integer> Visitor<'_> for ReadInteger<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::NAME)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        T::from_i64(number).ok_or_else(|| out_of_range::<T, E>(&number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        T::from_u64(number).ok_or_else(|| out_of_range::<T, E>(&number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        whole(number).ok_or_else(|| out_of_range::<T, E>(&number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        if let Some(number) = plain(text).and_then(|text| text.parse().ok()) {
            return Ok(number);
        }
        let number = plain(text).and_then(|text| text.parse::<f64>().ok());
        number
            .and_then(whole)
            .ok_or_else(|| out_of_range::<T, E>(text))
    }
}

fn out_of_range<T: Integer, E: Error>(text: &str) -> E {
    E::custom(format_args!("`{}` is not {}", clip(text), T::NAME))
}

/// A whole number that an integer holds exactly.
fn whole<T: Integer>(number: f64) -> Option<T> {
    // Both bounds are powers of two, so they are exact in an f64.
    const BELOW_I64: f64 = -9_223_372_036_854_775_808.0;
    const ABOVE_U64: f64 = 18_446_744_073_709_551_616.0;
    if number.fract() != 0.0 || !(BELOW_I64..ABOVE_U64).contains(&number) {
        return None;
    }
    // In range and whole, so the casts change nothing.
    if number < 0.0 {
        return T::from_i64(number as i64);
    }
    T::from_u64(number as u64)
}

/// The text, if it starts and ends like a JSON number. Rust's own parsers
/// would take `inf`, `nan` and a leading `+` as well.
fn plain(text: &str) -> Option<&str> {
    let first = text.as_bytes().first()?;
    let last = text.as_bytes().last()?;
    let number = (first.is_ascii_digit() || *first == b'-') && last.is_ascii_digit();
    let letters = text
        .bytes()
        .any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'));
    (number && !letters).then_some(text)
}

macro_rules! float {
    ($($type:ty, $serialize:ident;)*) => {$(
        impl Format<$type> for Float {
            fn write<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
                if value.is_finite() {
                    return to.$serialize(*value);
                }
                to.serialize_str(match (value.is_nan(), *value > 0.0) {
                    (true, _) => "NaN",
                    (false, true) => "Infinity",
                    (false, false) => "-Infinity",
                })
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let wide = from.deserialize_any(ReadFloat)?;
                let narrow = wide as $type;
                if wide.is_finite() && !narrow.is_finite() {
                    return Err(D::Error::custom(format_args!("`{wide}` is out of range")));
                }
                Ok(narrow)
            }
        }
    )*};
}

float! {
    f32, serialize_f32;
    f64, serialize_f64;
}

struct ReadFloat;

impl Visitor<'_> for ReadFloat {
    type Value = f64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_u64<E>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_f64<E>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        let number = match text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => plain(text)
                .and_then(|text| text.parse().ok())
                .filter(|number: &f64| number.is_finite()),
        };
        number.ok_or_else(|| E::custom(format_args!("`{}` is not a number", clip(text))))
    }
}
