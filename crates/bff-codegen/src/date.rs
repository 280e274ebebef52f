//! Days of the calendar, as annotations write them and headers tell them.

use time::{Date, Month};

/// Parses `2026-11-01`.
pub(crate) fn parse(text: &str) -> Option<Date> {
    let shape: Vec<usize> = text.split('-').map(str::len).collect();
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if shape != [4, 2, 2] || !is_plain {
        return None;
    }
    let month: u8 = text[5..7].parse().ok()?;
    Date::from_calendar_date(
        text[..4].parse().ok()?,
        Month::try_from(month).ok()?,
        text[8..].parse().ok()?,
    )
    .ok()
}

/// The same day half a year later, or the last one of that month.
pub(crate) fn half_a_year_after(date: Date) -> Date {
    let month = u8::from(date.month());
    let (year, month) = if month > 6 {
        (date.year() + 1, month - 6)
    } else {
        (date.year(), month + 6)
    };
    let month = Month::try_from(month).expect("a month of 1 to 12");
    let day = date.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).expect("a day that the month has")
}

/// Seconds since 1970 at the day's beginning.
pub(crate) fn unix_seconds(date: Date) -> i64 {
    date.midnight().assume_utc().unix_timestamp()
}

/// The day's beginning as an HTTP date (RFC 9110, section 5.6.7).
pub(crate) fn http(date: Date) -> String {
    let weekday = date.weekday().to_string();
    let month = date.month().to_string();
    format!(
        "{}, {:02} {} {:04} 00:00:00 GMT",
        &weekday[..3],
        date.day(),
        &month[..3],
        date.year()
    )
}

#[cfg(test)]
mod tests {
    use super::{half_a_year_after, http, parse, unix_seconds};

    #[test]
    fn a_day_is_read_and_told() {
        let day = parse("2026-11-01").unwrap();
        assert_eq!(unix_seconds(day), 1_793_491_200);
        assert_eq!(http(day), "Sun, 01 Nov 2026 00:00:00 GMT");
        for wrong in [
            "2026-13-01",
            "2026-02-30",
            "2026-1-1",
            "01.11.2026",
            "",
            "2026-11-0x",
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn half_a_year_ends_within_the_month() {
        for (from, to) in [
            ("2026-08-31", "2027-02-28"),
            ("2026-05-31", "2026-11-30"),
            ("2026-12-15", "2027-06-15"),
        ] {
            assert_eq!(half_a_year_after(parse(from).unwrap()), parse(to).unwrap());
        }
    }
}
