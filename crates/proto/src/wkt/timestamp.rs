//! A moment.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::{NANOS_PER_SECOND, OutOfRange, Timestamp, fraction};

/// 0001-01-01T00:00:00Z.
const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const MAX_SECONDS: i64 = 253_402_300_799;

impl Timestamp {
    /// Whether it is in the years 1 to 9999, with nanoseconds counting forward.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        (MIN_SECONDS..=MAX_SECONDS).contains(&self.seconds)
            && (0..NANOS_PER_SECOND).contains(&self.nanos)
    }

    /// The moment `millis` milliseconds after 1970 began in UTC.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Self {
        let nanos = millis.rem_euclid(1_000) * 1_000_000;
        Self {
            seconds: millis.div_euclid(1_000),
            nanos: i32::try_from(nanos).expect("less than a second"),
        }
    }

    /// Milliseconds since 1970 began in UTC, rounded down; at the ends of the
    /// range for a timestamp beyond it.
    #[must_use]
    pub fn unix_millis(&self) -> i64 {
        self.seconds
            .saturating_mul(1_000)
            .saturating_add(i64::from(self.nanos.div_euclid(1_000_000)))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(moment: SystemTime) -> Self {
        let whole = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        match moment.duration_since(UNIX_EPOCH) {
            Ok(after) => Self {
                seconds: whole(after),
                nanos: after.subsec_nanos().cast_signed(),
            },
            Err(error) => {
                let before = error.duration();
                let seconds = -whole(before);
                match before.subsec_nanos().cast_signed() {
                    0 => Self { seconds, nanos: 0 },
                    nanos => Self {
                        seconds: seconds - 1,
                        nanos: NANOS_PER_SECOND - nanos,
                    },
                }
            }
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = OutOfRange;

    fn try_from(moment: Timestamp) -> Result<Self, OutOfRange> {
        if !moment.is_valid() {
            return Err(OutOfRange);
        }
        let nanos = Duration::from_nanos(u64::from(moment.nanos.unsigned_abs()));
        let seconds = Duration::from_secs(moment.seconds.unsigned_abs());
        let whole = if moment.seconds < 0 {
            UNIX_EPOCH.checked_sub(seconds)
        } else {
            UNIX_EPOCH.checked_add(seconds)
        };
        whole
            .and_then(|whole| whole.checked_add(nanos))
            .ok_or(OutOfRange)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self {
            seconds: moment.unix_timestamp(),
            nanos: moment.nanosecond().cast_signed(),
        }
    }
}

impl TryFrom<Timestamp> for OffsetDateTime {
    type Error = OutOfRange;

    fn try_from(moment: Timestamp) -> Result<Self, OutOfRange> {
        if !moment.is_valid() {
            return Err(OutOfRange);
        }
        let whole = Self::from_unix_timestamp(moment.seconds).map_err(|_| OutOfRange)?;
        whole
            .replace_nanosecond(moment.nanos.unsigned_abs())
            .map_err(|_| OutOfRange)
    }
}

/// RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second: `2030-01-02T03:04:05.678Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = OffsetDateTime::try_from(*self) else {
            return f.write_str("(out of range)");
        };
        let (date, clock) = (moment.date(), moment.time());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
            fraction(clock.nanosecond())
        )
    }
}

/// RFC 3339 with any offset.
impl FromStr for Timestamp {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let fraction = text.split_once('.').map(|(_, rest)| rest);
        let digits = fraction.map_or(0, |rest| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        // More digits than a nanosecond has would be dropped in silence.
        if digits > 9 {
            return Err(OutOfRange);
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| OutOfRange)?;
        let moment = moment.checked_to_offset(UtcOffset::UTC).ok_or(OutOfRange)?;
        Some(Self::from(moment))
            .filter(Self::is_valid)
            .ok_or(OutOfRange)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !self.is_valid() {
            return Err(serde::ser::Error::custom("timestamp out of range"));
        }
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(ReadTimestamp)
    }
}

struct ReadTimestamp;

impl Visitor<'_> for ReadTimestamp {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 timestamp")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse()
            .map_err(|_| E::custom("not an RFC 3339 timestamp in the years 1 to 9999"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<String, serde_json::Error> {
        let moment: Timestamp = serde_json::from_str(&format!("{text:?}"))?;
        Ok(serde_json::to_string(&moment)?.trim_matches('"').to_owned())
    }

    #[test]
    fn a_timestamp_is_written_in_utc_with_as_many_digits_as_it_needs() {
        for (read, written) in [
            ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05Z"),
            ("2030-01-02T03:04:05.5Z", "2030-01-02T03:04:05.500Z"),
            ("2030-01-02T03:04:05.000001Z", "2030-01-02T03:04:05.000001Z"),
            (
                "2030-01-02T03:04:05.123456789Z",
                "2030-01-02T03:04:05.123456789Z",
            ),
            ("2030-01-02T03:04:05+02:00", "2030-01-02T01:04:05Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            (
                "9999-12-31T23:59:59.999999999Z",
                "9999-12-31T23:59:59.999999999Z",
            ),
            ("1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"),
        ] {
            assert_eq!(json(read).unwrap(), written);
        }
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        for text in [
            "",
            "2030-01-02",
            "2030-01-02T03:04:05",
            "2030-13-02T03:04:05Z",
            "2030-01-02T03:04:05.1234567890Z",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert!(json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_out_of_range_has_no_json() {
        let bad = [
            (MAX_SECONDS + 1, 0),
            (MIN_SECONDS - 1, 0),
            (0, -1),
            (0, NANOS_PER_SECOND),
        ];
        for (seconds, nanos) in bad {
            let moment = Timestamp { seconds, nanos };
            assert!(serde_json::to_string(&moment).is_err());
            assert_eq!(SystemTime::try_from(moment), Err(OutOfRange));
            assert_eq!(OffsetDateTime::try_from(moment), Err(OutOfRange));
        }
    }

    #[test]
    fn moments_before_1970_survive_the_way_through_system_time() {
        for (seconds, nanos) in [
            (-1, 250_000_000),
            (-1, 0),
            (0, 0),
            (7, 999_999_999),
            (MIN_SECONDS, 1),
        ] {
            let moment = Timestamp { seconds, nanos };
            assert_eq!(
                Timestamp::from(SystemTime::try_from(moment).unwrap()),
                moment
            );
            assert_eq!(
                Timestamp::from(OffsetDateTime::try_from(moment).unwrap()),
                moment
            );
        }
    }

    #[test]
    fn milliseconds_round_down() {
        assert_eq!(
            Timestamp::from_unix_millis(-1),
            Timestamp {
                seconds: -1,
                nanos: 999_000_000
            }
        );
        assert_eq!(
            Timestamp {
                seconds: -1,
                nanos: 999_999_999
            }
            .unix_millis(),
            -1
        );
        assert_eq!(Timestamp::from_unix_millis(1_234).unix_millis(), 1_234);
    }
}
