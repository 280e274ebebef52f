//! Proto3 JSON by serde.
//!
//! Generated code states for each field its names and its *format*, a type of
//! this module; the formats hold the rules of the
//! [ProtoJSON mapping](https://protobuf.dev/programming-guides/json/):
//! lowerCamelCase names (the original name is read too), 64-bit integers as
//! strings (numbers are read too), bytes in base64 (base64url is read too),
//! enums by name (numbers are read too, and written where the name is not
//! known), `NaN` and the infinities as strings, `null` as absence.
//!
//! Beyond the mapping: fields without presence are always written, and what
//! is not understood is refused: unknown fields, a field given twice, two
//! members of one oneof.

mod binary;
mod collection;
mod enumeration;
mod format;
mod number;
mod object;
mod text;

pub use binary::Binary;
pub use collection::{Key, List, Map};
pub use enumeration::{Enum, Name, read_enum};
pub use format::{Format, Plain, get, get_null, get_some, put, put_some, vacant};
pub use number::{Float, Int};
pub use object::{Field, Object, read_object, write_object};
pub use text::{Bool, Text};
