//! Rules for numbers.

use std::fmt::Display;

use super::choices;
use crate::validate::{Path, Violation, violated};

/// A number type of contracts.
pub trait Number: PartialOrd + Copy + Display + 'static {
    /// Neither infinite nor NaN.
    fn finite(self) -> bool;
}

macro_rules! number {
    ($finite:expr; $($type:ty)*) => {$(
        impl Number for $type {
            fn finite(self) -> bool {
                let finite: fn(Self) -> bool = $finite;
                finite(self)
            }
        }
    )*};
}

number!(|_| true; i32 i64 u32 u64);
number!(|number| number.is_finite(); f32 f64);

/// Rules of one number field.
#[derive(Debug)]
pub struct NumberRules<T: 'static> {
    /// Name of the type in rule ids, such as `int32`.
    pub kind: &'static str,
    /// The one allowed value.
    pub constant: Option<T>,
    /// The value is greater.
    pub gt: Option<T>,
    /// The value is greater or equal.
    pub gte: Option<T>,
    /// The value is less.
    pub lt: Option<T>,
    /// The value is less or equal.
    pub lte: Option<T>,
    /// Allowed values; empty for any.
    pub allowed: &'static [T],
    /// Values that are not allowed.
    pub denied: &'static [T],
    /// The value is neither infinite nor NaN.
    pub finite: bool,
}

impl<T: Number> NumberRules<T> {
    /// No rule on values of type `kind`.
    #[must_use]
    pub const fn none(kind: &'static str) -> Self {
        Self {
            kind,
            constant: None,
            gt: None,
            gte: None,
            lt: None,
            lte: None,
            allowed: &[],
            denied: &[],
            finite: false,
        }
    }

    /// Judges `value`.
    pub fn check(&self, value: &T, path: &Path<'_>, out: &mut Vec<Violation>) {
        let value = *value;
        let id = |rule: &str| format!("{}.{rule}", self.kind);
        if let Some(wanted) = self.constant.filter(|wanted| *wanted != value) {
            violated(path, id("const"), format!("must be {wanted}"), out);
        }
        if self.finite && !value.finite() {
            violated(path, id("finite"), "must be finite", out);
        }
        if let Some((rule, wanted)) = self.range().refused(value) {
            violated(path, id(&rule), wanted, out);
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&value) {
            violated(
                path,
                id("in"),
                format!("must be one of {}", choices(self.allowed)),
                out,
            );
        }
        if self.denied.contains(&value) {
            violated(
                path,
                id("not_in"),
                format!("must not be one of {}", choices(self.denied)),
                out,
            );
        }
    }

    fn range(&self) -> Range<T> {
        Range {
            low: bound(self.gt, self.gte),
            high: bound(self.lt, self.lte),
        }
    }
}

/// A bound, and whether it is itself allowed.
type Bound<T> = Option<(T, bool)>;

fn bound<T>(open: Option<T>, closed: Option<T>) -> Bound<T> {
    open.map(|bound| (bound, false))
        .or(closed.map(|bound| (bound, true)))
}

/// Values between two bounds; where the lower is above the upper, values
/// outside them.
pub(super) struct Range<T> {
    pub(super) low: Bound<T>,
    pub(super) high: Bound<T>,
}

impl<T: PartialOrd + Copy> Range<T> {
    /// Which rule refuses `value`, with the wording for `show`n bounds.
    pub(super) fn refused_as(
        &self,
        value: T,
        show: impl Fn(T) -> String,
    ) -> Option<(String, String)> {
        // Comparisons with NaN are false, so NaN is within no bounds.
        let above = |(low, closed): (T, bool)| value > low || (closed && value == low);
        let below = |(high, closed): (T, bool)| value < high || (closed && value == high);
        let low_text = |(low, closed): (T, bool)| {
            format!(
                "{} {}",
                if closed { "at least" } else { "greater than" },
                show(low)
            )
        };
        let high_text = |(high, closed): (T, bool)| {
            format!(
                "{} {}",
                if closed { "at most" } else { "less than" },
                show(high)
            )
        };
        let low_id = |(_, closed): (T, bool)| if closed { "gte" } else { "gt" };
        let high_id = |(_, closed): (T, bool)| if closed { "lte" } else { "lt" };
        match (self.low, self.high) {
            (None, None) => None,
            (Some(low), None) => (!above(low))
                .then(|| (low_id(low).to_owned(), format!("must be {}", low_text(low)))),
            (None, Some(high)) => (!below(high)).then(|| {
                (
                    high_id(high).to_owned(),
                    format!("must be {}", high_text(high)),
                )
            }),
            (Some(low), Some(high)) => {
                let id = format!("{}_{}", low_id(low), high_id(high));
                if high.0 < low.0 {
                    let fits = above(low) || below(high);
                    let wanted = format!("must be {} or {}", low_text(low), high_text(high));
                    return (!fits).then(|| (format!("{id}_exclusive"), wanted));
                }
                let fits = above(low) && below(high);
                (!fits).then(|| {
                    (
                        id,
                        format!("must be {} and {}", low_text(low), high_text(high)),
                    )
                })
            }
        }
    }
}

impl<T: Number> Range<T> {
    fn refused(&self, value: T) -> Option<(String, String)> {
        self.refused_as(value, |bound| bound.to_string())
    }
}
