//! Rules for enums.

use super::choices;
use crate::validate::{Path, Violation, violated};

/// A value of an enum with its name.
type Named = (i32, &'static str);

/// Rules of one enum field.
#[derive(Debug)]
pub struct EnumRules {
    /// Whether a number has a name; set where only such are allowed.
    pub known: Option<fn(i32) -> bool>,
    /// The one allowed value.
    pub constant: Option<Named>,
    /// Allowed values; empty for any.
    pub allowed: &'static [Named],
    /// Values that are not allowed.
    pub denied: &'static [Named],
}

impl EnumRules {
    /// No rule.
    pub const NONE: Self = Self {
        known: None,
        constant: None,
        allowed: &[],
        denied: &[],
    };

    /// Judges `value`.
    pub fn check(&self, value: &i32, path: &Path<'_>, out: &mut Vec<Violation>) {
        let is = |(number, _): &Named| number == value;
        if let Some((_, name)) = self.constant.filter(|wanted| !is(wanted)) {
            violated(path, "enum.const", format!("must be {name}"), out);
        }
        if self.known.is_some_and(|known| !known(*value)) {
            violated(path, "enum.defined_only", "must be a known value", out);
        }
        if !self.allowed.is_empty() && !self.allowed.iter().any(is) {
            violated(
                path,
                "enum.in",
                format!("must be one of {}", names(self.allowed)),
                out,
            );
        }
        if self.denied.iter().any(is) {
            violated(
                path,
                "enum.not_in",
                format!("must not be one of {}", names(self.denied)),
                out,
            );
        }
    }
}

fn names(values: &[Named]) -> String {
    let names: Vec<&str> = values.iter().map(|(_, name)| *name).collect();
    choices(&names)
}
