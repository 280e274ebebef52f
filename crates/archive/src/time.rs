/// A date and time as MS-DOS has them, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DosTime {
    pub(crate) date: u16,
    pub(crate) time: u16,
}

impl DosTime {
    /// The first day that MS-DOS knows, for archives that tell no time.
    pub const FIRST: Self = Self {
        date: (1 << 5) | 1,
        time: 0,
    };

    /// From milliseconds since 1970. What lies outside 1980–2107 is 1980.
    #[must_use]
    pub fn of(unix_ms: i64) -> Self {
        let seconds = unix_ms.div_euclid(1000);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let narrow = |value: i64| u16::try_from(value).unwrap_or(0);
        if !(1980..=2107).contains(&year) {
            return Self::FIRST;
        }
        Self {
            date: (narrow(year - 1980) << 9) | (narrow(month) << 5) | narrow(day),
            time: (narrow(second / 3600) << 11)
                | (narrow(second / 60 % 60) << 5)
                | narrow(second % 60 / 2),
        }
    }
}

/// Year, month and day of a number of days since 1970, by the era of 400 years
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::DosTime;

    #[test]
    fn dates_outside_what_dos_knows_are_its_first() {
        assert_eq!(DosTime::of(0), DosTime::FIRST);
        assert_eq!(DosTime::of(i64::MAX), DosTime::FIRST);
        // 2000-02-29 23:59:58.
        let leap = DosTime::of(951_868_798_000);
        assert_eq!(
            (leap.date, leap.time),
            ((20 << 9) | (2 << 5) | 29, (23 << 11) | (59 << 5) | 29)
        );
    }
}
