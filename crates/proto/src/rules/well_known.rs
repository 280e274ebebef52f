//! Rules for field masks and `Any`.

use super::choices;
use crate::validate::{Path, Violation, violated};
use crate::wkt;

/// Rules of one `Any` field.
#[derive(Debug)]
pub struct AnyRules {
    /// Allowed type URLs; empty for any.
    pub allowed: &'static [&'static str],
    /// Type URLs that are not allowed.
    pub denied: &'static [&'static str],
}

impl AnyRules {
    /// No rule.
    pub const NONE: Self = Self {
        allowed: &[],
        denied: &[],
    };

    /// Judges `value`.
    pub fn check(&self, value: &wkt::Any, path: &Path<'_>, out: &mut Vec<Violation>) {
        let url = value.type_url.as_str();
        if !self.allowed.is_empty() && !self.allowed.contains(&url) {
            violated(
                path,
                "any.in",
                format!("must hold one of {}", choices(self.allowed)),
                out,
            );
        }
        if self.denied.contains(&url) {
            violated(
                path,
                "any.not_in",
                format!("must not hold one of {}", choices(self.denied)),
                out,
            );
        }
    }
}

/// Rules of one `FieldMask` field. A path stands for what is below it as well.
#[derive(Debug)]
pub struct FieldMaskRules {
    /// Allowed paths; empty for any.
    pub allowed: &'static [&'static str],
    /// Paths that are not allowed.
    pub denied: &'static [&'static str],
}

impl FieldMaskRules {
    /// No rule.
    pub const NONE: Self = Self {
        allowed: &[],
        denied: &[],
    };

    /// Judges `value`.
    pub fn check(&self, value: &wkt::FieldMask, path: &Path<'_>, out: &mut Vec<Violation>) {
        let under = |asked: &str, tops: &[&str]| tops.iter().any(|top| is_under(asked, top));
        if !self.allowed.is_empty() && !value.paths.iter().all(|asked| under(asked, self.allowed)) {
            violated(
                path,
                "field_mask.in",
                format!("must name only {}", choices(self.allowed)),
                out,
            );
        }
        if value.paths.iter().any(|asked| under(asked, self.denied)) {
            violated(
                path,
                "field_mask.not_in",
                format!("must not name {}", choices(self.denied)),
                out,
            );
        }
    }
}

fn is_under(path: &str, top: &str) -> bool {
    path.strip_prefix(top)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
