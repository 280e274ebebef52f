//! Keeps personal data and credentials out of what leaves the process.
//!
//! A field is masked whole by its name. Text under any other name is searched
//! for what looks like an address or a credential. Masking too much is cheap,
//! too little is not.

mod names;
mod rules;

use std::borrow::Cow;

use serde_json::Value;

pub(crate) use names::is_private;
pub(crate) use rules::text;

/// What stands where something was masked.
pub(crate) const MASK: &str = "***";

/// A field's value as it may be told.
pub(crate) fn value(name: &str, given: &Value) -> Value {
    match given {
        Value::Null => Value::Null,
        _ if is_private(name) => MASK.into(),
        Value::String(given) => match text(given) {
            Cow::Borrowed(same) => same.into(),
            Cow::Owned(masked) => masked.into(),
        },
        other => other.clone(),
    }
}
