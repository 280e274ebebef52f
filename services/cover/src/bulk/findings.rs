use std::fmt::Write as _;

use crate::domain::Violations;

/// Violations listed at most.
const MAX_LISTED: usize = 100;
/// Bytes of their texts at most: they travel in a header, which is bounded.
const MAX_LISTED_BYTES: usize = 6 * 1024;

/// Violations of many rows: the first of them, and how many there are in all.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) listed: Violations,
    pub(crate) total: usize,
    bytes: usize,
}

impl Findings {
    /// Adds a violation of a row, counted from 0.
    pub(crate) fn add(&mut self, row: usize, field: &str, problem: &str) {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "row {}: ", row + 1);
        text.extend(problem.chars().take(160));
        self.push(format!("rows[{row}].{field}"), text);
    }

    pub(crate) fn push(&mut self, field: String, problem: String) {
        self.total += 1;
        self.bytes += field.len() + problem.len();
        if self.listed.len() < MAX_LISTED && self.bytes <= MAX_LISTED_BYTES {
            self.listed.push((field, problem));
        }
    }
}
