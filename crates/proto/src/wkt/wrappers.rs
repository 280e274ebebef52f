//! Wrapped scalars, as the bare value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    BoolValue, BytesValue, DoubleValue, FloatValue, Int32Value, Int64Value, StringValue,
    UInt32Value, UInt64Value,
};
use crate::json::{Binary, Bool, Float, Format, Int, Text};

macro_rules! wrapper {
    ($($type:ident: $format:ident;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $format::write(&self.value, to)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $format::read(from).map(|value| Self { value })
            }
        }
    )*};
}

wrapper! {
    BoolValue: Bool;
    BytesValue: Binary;
    DoubleValue: Float;
    FloatValue: Float;
    Int32Value: Int;
    Int64Value: Int;
    StringValue: Text;
    UInt32Value: Int;
    UInt64Value: Int;
}
