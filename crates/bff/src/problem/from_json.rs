//! Refused JSON documents as problems.

use super::Problem;
use crate::json::{JsonError, JsonErrorKind};

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        let reason = match error.kind {
            JsonErrorKind::Malformed => "MALFORMED_JSON",
            JsonErrorKind::UnknownField => "UNKNOWN_FIELD",
            JsonErrorKind::Duplicate => "DUPLICATE_FIELD",
            JsonErrorKind::InvalidValue => "INVALID_VALUE",
            JsonErrorKind::OutputOnly => "OUTPUT_ONLY_FIELD",
        };
        let place = format!("line {}, column {}", error.line, error.column);
        let detail = if error.field.is_empty() {
            format!("At {place}: {}.", error.description)
        } else {
            format!("At {place}, `{}`: {}.", error.field, error.description)
        };
        Self::invalid(reason, detail).with_violation(error.field, error.description)
    }
}
