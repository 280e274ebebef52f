//! Rules for booleans.

use crate::validate::{Path, Violation, violated};

/// Rules of one boolean field.
#[derive(Debug)]
pub struct BoolRules {
    /// The one allowed value.
    pub constant: bool,
}

impl BoolRules {
    /// Judges `value`.
    pub fn check(&self, value: &bool, path: &Path<'_>, out: &mut Vec<Violation>) {
        if *value != self.constant {
            violated(
                path,
                "bool.const",
                format!("must be {}", self.constant),
                out,
            );
        }
    }
}
