//! Rules for bytes.

use super::count;
use crate::validate::{Path, Violation, violated};

/// Rules of one bytes field. Lengths are in bytes.
#[derive(Debug)]
pub struct BytesRules {
    /// The one allowed value.
    pub constant: Option<&'static [u8]>,
    /// Exact length.
    pub len: Option<u64>,
    /// Least length.
    pub min_len: Option<u64>,
    /// Greatest length.
    pub max_len: Option<u64>,
    /// How the value starts.
    pub prefix: Option<&'static [u8]>,
    /// How the value ends.
    pub suffix: Option<&'static [u8]>,
    /// What stands somewhere in the value.
    pub contains: Option<&'static [u8]>,
    /// Allowed values; empty for any.
    pub allowed: &'static [&'static [u8]],
    /// Values that are not allowed.
    pub denied: &'static [&'static [u8]],
}

impl BytesRules {
    /// No rule.
    pub const NONE: Self = Self {
        constant: None,
        len: None,
        min_len: None,
        max_len: None,
        prefix: None,
        suffix: None,
        contains: None,
        allowed: &[],
        denied: &[],
    };

    /// Judges `value`.
    pub fn check(&self, value: &[u8], path: &Path<'_>, out: &mut Vec<Violation>) {
        let len = value.len() as u64;
        if let Some(wanted) = self.len.filter(|wanted| len != *wanted) {
            violated(
                path,
                "bytes.len",
                format!("must have {}", count(wanted, "byte")),
                out,
            );
        }
        if let Some(least) = self.min_len.filter(|least| len < *least) {
            violated(
                path,
                "bytes.min_len",
                format!("must have at least {}", count(least, "byte")),
                out,
            );
        }
        if let Some(most) = self.max_len.filter(|most| len > *most) {
            violated(
                path,
                "bytes.max_len",
                format!("must have at most {}", count(most, "byte")),
                out,
            );
        }
        if self.constant.is_some_and(|wanted| value != wanted) {
            violated(path, "bytes.const", "must be the one allowed value", out);
        }
        if self.prefix.is_some_and(|prefix| !value.starts_with(prefix)) {
            violated(path, "bytes.prefix", "does not start as it must", out);
        }
        if self.suffix.is_some_and(|suffix| !value.ends_with(suffix)) {
            violated(path, "bytes.suffix", "does not end as it must", out);
        }
        if self.contains.is_some_and(|part| !holds(value, part)) {
            violated(path, "bytes.contains", "does not contain what it must", out);
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&value) {
            violated(path, "bytes.in", "must be one of the allowed values", out);
        }
        if self.denied.contains(&value) {
            violated(
                path,
                "bytes.not_in",
                "must not be one of the denied values",
                out,
            );
        }
    }
}

fn holds(value: &[u8], part: &[u8]) -> bool {
    part.is_empty() || value.windows(part.len()).any(|window| window == part)
}
