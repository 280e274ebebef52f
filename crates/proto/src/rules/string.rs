//! Rules for strings.

use std::sync::OnceLock;

use regex::Regex;

use super::{StringFormat, choices, count};
use crate::validate::{Path, Violation, violated};

/// A regular expression, compiled when it is first asked. It need not match
/// the whole value unless it is anchored.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// The pattern `source`, which the build has proven to compile.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }

    fn is_match(&self, value: &str) -> bool {
        let compile = || Regex::new(self.source).expect("the build has compiled the pattern");
        self.compiled.get_or_init(compile).is_match(value)
    }
}

/// Rules of one string field. Lengths are in characters (code points) but for
/// those in bytes.
#[derive(Debug)]
pub struct StringRules {
    /// The one allowed value.
    pub constant: Option<&'static str>,
    /// Exact length.
    pub len: Option<u64>,
    /// Least length.
    pub min_len: Option<u64>,
    /// Greatest length.
    pub max_len: Option<u64>,
    /// Exact length in bytes.
    pub len_bytes: Option<u64>,
    /// Least length in bytes.
    pub min_bytes: Option<u64>,
    /// Greatest length in bytes.
    pub max_bytes: Option<u64>,
    /// What the value matches.
    pub pattern: Option<&'static Pattern>,
    /// How the value starts.
    pub prefix: Option<&'static str>,
    /// How the value ends.
    pub suffix: Option<&'static str>,
    /// What stands somewhere in the value.
    pub contains: Option<&'static str>,
    /// What stands nowhere in the value.
    pub not_contains: Option<&'static str>,
    /// Allowed values; empty for any.
    pub allowed: &'static [&'static str],
    /// Values that are not allowed.
    pub denied: &'static [&'static str],
    /// What the value is the text of.
    pub format: Option<StringFormat>,
}

impl StringRules {
    /// No rule.
    pub const NONE: Self = Self {
        constant: None,
        len: None,
        min_len: None,
        max_len: None,
        len_bytes: None,
        min_bytes: None,
        max_bytes: None,
        pattern: None,
        prefix: None,
        suffix: None,
        contains: None,
        not_contains: None,
        allowed: &[],
        denied: &[],
        format: None,
    };

    /// Judges `value`.
    pub fn check(&self, value: &str, path: &Path<'_>, out: &mut Vec<Violation>) {
        self.lengths(value, path, out);
        self.content(value, path, out);
    }

    fn lengths(&self, value: &str, path: &Path<'_>, out: &mut Vec<Violation>) {
        let bytes = value.len() as u64;
        let counts = self.len.is_some() || self.min_len.is_some() || self.max_len.is_some();
        let chars = if counts {
            value.chars().count() as u64
        } else {
            0
        };
        let rules = [
            (
                "string.len",
                self.len.filter(|wanted| chars != *wanted),
                "exactly",
                "character",
            ),
            (
                "string.min_len",
                self.min_len.filter(|least| chars < *least),
                "at least",
                "character",
            ),
            (
                "string.max_len",
                self.max_len.filter(|most| chars > *most),
                "at most",
                "character",
            ),
            (
                "string.len_bytes",
                self.len_bytes.filter(|wanted| bytes != *wanted),
                "exactly",
                "byte",
            ),
            (
                "string.min_bytes",
                self.min_bytes.filter(|least| bytes < *least),
                "at least",
                "byte",
            ),
            (
                "string.max_bytes",
                self.max_bytes.filter(|most| bytes > *most),
                "at most",
                "byte",
            ),
        ];
        for (rule, broken, how, noun) in rules {
            if let Some(limit) = broken {
                violated(
                    path,
                    rule,
                    format!("must have {how} {}", count(limit, noun)),
                    out,
                );
            }
        }
    }

    fn content(&self, value: &str, path: &Path<'_>, out: &mut Vec<Violation>) {
        if let Some(wanted) = self.constant.filter(|wanted| value != *wanted) {
            violated(path, "string.const", format!("must be {wanted:?}"), out);
        }
        if let Some(pattern) = self.pattern.filter(|pattern| !pattern.is_match(value)) {
            violated(
                path,
                "string.pattern",
                format!("must match {}", pattern.source),
                out,
            );
        }
        if let Some(prefix) = self.prefix.filter(|prefix| !value.starts_with(prefix)) {
            violated(
                path,
                "string.prefix",
                format!("must start with {prefix:?}"),
                out,
            );
        }
        if let Some(suffix) = self.suffix.filter(|suffix| !value.ends_with(suffix)) {
            violated(
                path,
                "string.suffix",
                format!("must end with {suffix:?}"),
                out,
            );
        }
        if let Some(part) = self.contains.filter(|part| !value.contains(part)) {
            violated(
                path,
                "string.contains",
                format!("must contain {part:?}"),
                out,
            );
        }
        if let Some(part) = self.not_contains.filter(|part| value.contains(part)) {
            violated(
                path,
                "string.not_contains",
                format!("must not contain {part:?}"),
                out,
            );
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&value) {
            violated(
                path,
                "string.in",
                format!("must be one of {}", choices(self.allowed)),
                out,
            );
        }
        if self.denied.contains(&value) {
            violated(
                path,
                "string.not_in",
                format!("must not be one of {}", choices(self.denied)),
                out,
            );
        }
        if let Some(format) = self.format.filter(|format| !format.is_match(value)) {
            format.note(value.is_empty(), path, out);
        }
    }
}
