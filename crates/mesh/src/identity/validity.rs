//! From when until when a certificate holds, read from its DER.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A certificate's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    begins_s: u64,
    ends_s: u64,
}

impl Validity {
    /// Reads RFC 5280's `Validity`; the certificate itself was verified by
    /// others, so this reads no more than it needs.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (mut body, _) = element(certificate, SEQUENCE)?;
        if body.first() == Some(&VERSION) {
            (_, body) = element(body, VERSION)?;
        }
        let (_serial, body) = element(body, INTEGER)?;
        let (_algorithm, body) = element(body, SEQUENCE)?;
        let (_issuer, body) = element(body, SEQUENCE)?;
        let (validity, _) = element(body, SEQUENCE)?;
        let (begins_s, rest) = time(validity)?;
        let (ends_s, _) = time(rest)?;
        (begins_s < ends_s).then_some(Self { begins_s, ends_s })
    }

    pub(super) fn ends(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.ends_s)
    }

    pub(super) fn is_half_over(&self, now: SystemTime) -> bool {
        let half = self.begins_s + (self.ends_s - self.begins_s) / 2;
        now >= UNIX_EPOCH + Duration::from_secs(half)
    }
}

/// The content of the element of that tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (digits, after) = rest.split_at_checked(count)?;
        rest = after;
        digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit))
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

/// Seconds since 1970, and what follows.
fn time(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let tag = *bytes.first()?;
    let (text, rest) = element(bytes, tag)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, text) = match tag {
        UTC_TIME => {
            let year: u64 = text.get(..2)?.parse().ok()?;
            // RFC 5280, 4.1.2.5.1.
            (
                if year >= 50 { 1900 + year } else { 2000 + year },
                text.get(2..)?,
            )
        }
        GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| text.get(at..at + 2)?.parse::<u64>().ok();
    let (month, day) = (part(0)?, part(2)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    Some((
        days * 86_400 + part(4)? * 3_600 + part(6)? * 60 + part(8)?,
        rest,
    ))
}

/// Counts from March, so that the leap day is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let in_year = (month * 153 + 2) / 5 + day - 1;
    // 719,468 days lie between the first of March of year 0 and 1970.
    year * 365 + leaps + in_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        for ((year, month, day), days) in [
            ((1970, 1, 1), 0),
            ((2000, 2, 29), 11_016),
            ((2026, 11, 29), 20_786),
            ((2100, 3, 1), 47_541),
        ] {
            assert_eq!(days_since_1970(year, month, day), days);
        }
    }

    #[test]
    fn a_certificates_time_is_read() {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2061, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let validity = Validity::of(certificate.der()).unwrap();
        assert_eq!(
            (validity.begins_s, validity.ends_s),
            (1_767_225_600, 2_871_763_200)
        );
        assert!(!validity.is_half_over(UNIX_EPOCH + Duration::from_secs(2_000_000_000)));
        assert!(validity.is_half_over(UNIX_EPOCH + Duration::from_secs(2_400_000_000)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..64)) {
            let _ = Validity::of(&bytes);
        }
    }
}
