//! Google's well-known types: their messages, their JSON, and what they are
//! in Rust.
//!
//! The messages are compiled from Google's own files, so their wire form is
//! theirs. The JSON follows the ProtoJSON mapping: RFC 3339 timestamps that
//! end in `Z`, durations as `1.5s`, field masks as `a.b,cD`, structures as
//! the JSON they are.

mod any;
mod duration;
mod empty;
mod field_mask;
mod structure;
mod timestamp;
mod wrappers;

pub use crate::google::protobuf::{
    Any, BoolValue, BytesValue, DoubleValue, Duration, Empty, FieldMask, FloatValue, Int32Value,
    Int64Value, ListValue, NullValue, StringValue, Struct, Timestamp, UInt32Value, UInt64Value,
    Value, value::Kind,
};

/// The type's range does not hold the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("time out of range")]
pub struct OutOfRange;

/// Nanoseconds in a second.
const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// A fraction of a second as JSON has it: nothing, or 3, 6 or 9 digits.
fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        String::new()
    } else if nanos.is_multiple_of(1_000_000) {
        format!(".{:03}", nanos / 1_000_000)
    } else if nanos.is_multiple_of(1_000) {
        format!(".{:06}", nanos / 1_000)
    } else {
        format!(".{nanos:09}")
    }
}

/// Nanoseconds of the 1 to 9 digits after a point.
fn nanos_of(digits: &str) -> Option<i32> {
    let fits = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{digits:0<9}").parse().ok()).flatten()
}
