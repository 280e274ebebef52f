//! The checks that validation is made of, called by generated code alone.
//!
//! Names, ids and meaning of the rules are those of
//! [protovalidate](https://protovalidate.com/schemas/standard-rules/). Each
//! rule set is a plain value that generated code keeps in a `static`.

mod boolean;
mod bytes;
mod enumeration;
mod list;
mod number;
mod presence;
mod string;
mod string_format;
mod time;
mod uri;
mod well_known;

pub use self::boolean::BoolRules;
pub use self::bytes::BytesRules;
pub use self::enumeration::EnumRules;
pub use self::list::{ListRules, MapRules, unique};
pub use self::number::NumberRules;
pub use self::presence::{missing, one_of};
pub use self::string::{Pattern, StringRules};
pub use self::string_format::StringFormat;
pub use self::time::TimeRules;
pub use self::well_known::{AnyRules, FieldMaskRules};

use std::fmt::Display;

/// The choices of an `in` or `not_in` rule, for people.
fn choices<T: Display>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    items.join(", ")
}

/// `1 character`, `3 characters`.
fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
