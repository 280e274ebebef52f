//! When a message is tried again.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Longest that a receiver may have us wait.
const MAX_RETRY_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// The pause after a number of failed attempts: it doubles up to a bound, and
/// lies anywhere in its upper half, so that what failed together does not come
/// back together. `random` is from 0 to 1.
pub(crate) fn pause_ms(attempts: i32, first_ms: i64, max_ms: i64, random: f64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let whole = first_ms
        .saturating_mul(1_i64 << doublings.min(40))
        .min(max_ms);
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // Milliseconds.
    let jittered = (whole as f64 * (0.5 + random / 2.0)) as i64;
    jittered.max(1)
}

/// What Retry-After asks for (RFC 9110, section 10.2.3), in milliseconds from
/// now, within a day; `None` where it says neither seconds nor a date.
pub(crate) fn retry_after_ms(header: &str, now_ms: i64) -> Option<i64> {
    let header = header.trim();
    let wanted = match header.parse::<u32>() {
        Ok(seconds) => i64::from(seconds) * 1000,
        Err(_) => {
            let date = OffsetDateTime::parse(header, &Rfc2822).ok()?;
            date.unix_timestamp().saturating_mul(1000) - now_ms
        }
    };
    Some(wanted.clamp(0, MAX_RETRY_AFTER_MS))
}

#[cfg(test)]
mod tests {
    use super::{MAX_RETRY_AFTER_MS, pause_ms, retry_after_ms};

    #[test]
    fn pauses_double_up_to_a_bound() {
        let longest = |attempts| pause_ms(attempts, 1000, 60_000, 1.0);
        assert_eq!(
            [1, 2, 3, 6, 7, 60, i32::MAX].map(longest),
            [1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]
        );
        assert_eq!(pause_ms(3, 1000, 60_000, 0.0), 2000);
        assert_eq!(pause_ms(0, 0, 0, 0.5), 1);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_within_bounds() {
        // 2015-10-21T07:28:00Z.
        let at = 1_445_412_480_000;
        assert_eq!(retry_after_ms("120", at), Some(120_000));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(retry_after_ms(date, at - 5000), Some(5000));
        assert_eq!(retry_after_ms(date, at + 5000), Some(0));
        assert_eq!(retry_after_ms("4294967295", at), Some(MAX_RETRY_AFTER_MS));
        for nothing in ["", "-1", "soon", "1.5"] {
            assert_eq!(retry_after_ms(nothing, at), None, "{nothing}");
        }
    }
}
