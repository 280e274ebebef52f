//! Rules for timestamps and durations.

use super::number::Range;
use crate::validate::{Path, Violation, violated};
use crate::wkt;

/// Seconds and nanoseconds. Both have one sign, so pairs order as times do.
type Time = (i64, i32);

/// Rules of one timestamp or duration field.
#[derive(Debug)]
pub struct TimeRules {
    /// Name of the type in rule ids.
    pub kind: &'static str,
    /// Whether a pair is in the type's range and in its normal form.
    pub valid: fn(&Time) -> bool,
    /// The value is greater.
    pub gt: Option<Time>,
    /// The value is greater or equal.
    pub gte: Option<Time>,
    /// The value is less.
    pub lt: Option<Time>,
    /// The value is less or equal.
    pub lte: Option<Time>,
}

impl TimeRules {
    /// Any timestamp from the year 1 to 9999.
    pub const TIMESTAMP: Self = Self {
        kind: "timestamp",
        valid: |(seconds, nanos)| {
            wkt::Timestamp {
                seconds: *seconds,
                nanos: *nanos,
            }
            .is_valid()
        },
        gt: None,
        gte: None,
        lt: None,
        lte: None,
    };

    /// Any duration up to 10,000 years either way.
    pub const DURATION: Self = Self {
        kind: "duration",
        valid: |(seconds, nanos)| {
            wkt::Duration {
                seconds: *seconds,
                nanos: *nanos,
            }
            .is_valid()
        },
        ..Self::TIMESTAMP
    };

    /// Judges `value`.
    pub fn check(&self, value: &Time, path: &Path<'_>, out: &mut Vec<Violation>) {
        let id = |rule: &str| format!("{}.{rule}", self.kind);
        if !(self.valid)(value) {
            violated(
                path,
                id("valid"),
                format!("must be a {} in range", self.kind),
                out,
            );
            return;
        }
        let range = Range {
            low: self
                .gt
                .map(|bound| (bound, false))
                .or(self.gte.map(|bound| (bound, true))),
            high: self
                .lt
                .map(|bound| (bound, false))
                .or(self.lte.map(|bound| (bound, true))),
        };
        if let Some((rule, wanted)) = range.refused_as(*value, |bound| self.show(bound)) {
            violated(path, id(&rule), wanted, out);
        }
    }

    fn show(&self, (seconds, nanos): Time) -> String {
        match self.kind {
            "duration" => wkt::Duration { seconds, nanos }.to_string(),
            _ => wkt::Timestamp { seconds, nanos }.to_string(),
        }
    }
}
