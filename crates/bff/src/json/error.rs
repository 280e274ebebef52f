//! What is wrong with a JSON document, and where.

use std::fmt;

/// Result of reading.
pub type Result<T> = std::result::Result<T, JsonError>;

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// Not JSON, or past a bound such as depth.
    Malformed,
    /// A member that the message does not have.
    UnknownField,
    /// A member given twice, or two members of one oneof.
    Duplicate,
    /// A value of the wrong type or outside its range.
    InvalidValue,
    /// A field that only the server sets.
    OutputOnly,
}

/// A refused document: the first thing wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Why.
    pub kind: JsonErrorKind,
    /// JSON path of the member at fault; empty for the document itself.
    pub field: String,
    /// One sentence for the caller.
    pub description: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in bytes.
    pub column: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.description
        )
    }
}

impl std::error::Error for JsonError {}

/// Line and column of byte `at`, both from 1.
pub(super) fn position(buf: &[u8], at: usize) -> (usize, usize) {
    let before = &buf[..at.min(buf.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    (line, before.len() - start + 1)
}
