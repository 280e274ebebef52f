//! Rules without I/O: periods, tiers, names.

use time::{Date, Month, OffsetDateTime, Time};

/// One period of quota: a calendar month in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    /// `2026-11`.
    pub(crate) name: String,
    /// When the next one begins, in Unix milliseconds.
    pub(crate) ends_at_ms: i64,
}

/// The period an instant falls into.
pub(crate) fn period_at(unix_ms: i64) -> Period {
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month) = (now.year(), now.month());
    Period {
        name: format!("{year:04}-{:02}", u8::from(month)),
        ends_at_ms: first_of_next(year, month),
    }
}

fn first_of_next(year: i32, month: Month) -> i64 {
    let next_year = if month == Month::December {
        year + 1
    } else {
        year
    };
    Date::from_calendar_date(next_year, month.next(), 1).map_or(i64::MAX, |date| {
        date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp() * 1000
    })
}

#[cfg(test)]
mod tests {
    use super::period_at;

    #[test]
    fn a_period_is_a_calendar_month_in_utc() {
        let last_of_december = 1_798_761_599_999; // 2026-12-31T23:59:59.999Z
        let period = period_at(last_of_december);
        assert_eq!(period.name, "2026-12");
        assert_eq!(period.ends_at_ms, last_of_december + 1);
        assert_eq!(period_at(last_of_december + 1).name, "2027-01");
    }
}
