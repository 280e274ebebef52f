//! A span of time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration as StdDuration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Duration, NANOS_PER_SECOND, OutOfRange, fraction, nanos_of};

/// About 10,000 years.
const MAX_SECONDS: i64 = 315_576_000_000;

impl Duration {
    /// Whether it is within 10,000 years either way, with one sign for seconds
    /// and nanoseconds.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let nanos = i64::from(self.nanos);
        self.seconds.unsigned_abs() <= MAX_SECONDS.unsigned_abs()
            && self.nanos.unsigned_abs() < NANOS_PER_SECOND.unsigned_abs()
            && (self.seconds == 0 || nanos == 0 || (self.seconds < 0) == (nanos < 0))
    }
}

/// Spans above 10,000 years become one that is not valid.
impl From<StdDuration> for Duration {
    fn from(span: StdDuration) -> Self {
        Self {
            seconds: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
            nanos: span.subsec_nanos().cast_signed(),
        }
    }
}

/// Negative spans are out of range.
impl TryFrom<Duration> for StdDuration {
    type Error = OutOfRange;

    fn try_from(span: Duration) -> Result<Self, OutOfRange> {
        if !span.is_valid() {
            return Err(OutOfRange);
        }
        let seconds = u64::try_from(span.seconds).map_err(|_| OutOfRange)?;
        let nanos = u32::try_from(span.nanos).map_err(|_| OutOfRange)?;
        Ok(Self::new(seconds, nanos))
    }
}

/// Seconds with 0, 3, 6 or 9 digits after the point: `1.500s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.seconds < 0 || self.nanos < 0 {
            "-"
        } else {
            ""
        };
        let (seconds, nanos) = (self.seconds.unsigned_abs(), self.nanos.unsigned_abs());
        write!(f, "{sign}{seconds}{}s", fraction(nanos))
    }
}

/// Seconds with up to 9 digits after the point, then `s`.
impl FromStr for Duration {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let number = text.strip_suffix('s').ok_or(OutOfRange)?;
        let (negative, number) = match number.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, number),
        };
        let (whole, digits) = number.split_once('.').unwrap_or((number, "0"));
        if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(OutOfRange);
        }
        let seconds: i64 = whole.parse().map_err(|_| OutOfRange)?;
        let nanos = nanos_of(digits).ok_or(OutOfRange)?;
        let sign = if negative { -1 } else { 1 };
        let span = Self {
            seconds: seconds * sign,
            nanos: nanos * if negative { -1 } else { 1 },
        };
        Some(span).filter(Self::is_valid).ok_or(OutOfRange)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !self.is_valid() {
            return Err(serde::ser::Error::custom("duration out of range"));
        }
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(ReadDuration)
    }
}

struct ReadDuration;

impl Visitor<'_> for ReadDuration {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"1.5s\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        text.parse()
            .map_err(|_| E::custom("not a duration such as \"1.5s\" within 10,000 years"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_in_seconds() {
        for (read, written) in [
            ("0s", "0s"),
            ("1.5s", "1.500s"),
            ("-1.5s", "-1.500s"),
            ("-0.5s", "-0.500s"),
            ("3.000001s", "3.000001s"),
            ("3.123456789s", "3.123456789s"),
            ("315576000000s", "315576000000s"),
        ] {
            let span: Duration = serde_json::from_str(&format!("{read:?}")).unwrap();
            assert_eq!(
                serde_json::to_string(&span).unwrap(),
                format!("{written:?}")
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "1",
            "1m",
            ".5s",
            "1.s",
            "1.1234567890s",
            "+1s",
            "--1s",
            "1 s",
            "315576000001s",
        ] {
            assert_eq!(text.parse::<Duration>(), Err(OutOfRange), "{text}");
        }
        for (seconds, nanos) in [(1, -1), (-1, 1), (0, NANOS_PER_SECOND), (i64::MIN, 0)] {
            assert!(serde_json::to_string(&Duration { seconds, nanos }).is_err());
        }
    }

    #[test]
    fn a_standard_duration_survives_the_way_through() {
        let span = StdDuration::new(3, 5);
        assert_eq!(StdDuration::try_from(Duration::from(span)), Ok(span));
        assert_eq!(
            StdDuration::try_from(Duration {
                seconds: -1,
                nanos: 0
            }),
            Err(OutOfRange)
        );
        assert!(!Duration::from(StdDuration::MAX).is_valid());
    }
}
