//! How long guessing is stopped. A lock looks like a wrong guess from outside.

/// Failures before the first lock.
const FREE_FAILURES: i64 = 10;
const FIRST_LOCK_MS: i64 = 30_000;
const LONGEST_LOCK_MS: i64 = 15 * 60_000;
/// A count that nobody added to for this long starts anew.
pub(crate) const FORGET_AFTER_MS: i64 = 24 * 60 * 60_000;

/// The lock that the `failures`-th failure in a row brings; doubled with each
/// further one, up to a quarter of an hour, so that nobody is shut out of
/// their own account for long.
pub(crate) fn lock_ms(failures: i64) -> i64 {
    if failures < FREE_FAILURES {
        return 0;
    }
    let doublings = (failures - FREE_FAILURES).min(16);
    (FIRST_LOCK_MS << doublings).min(LONGEST_LOCK_MS)
}

#[cfg(test)]
mod tests {
    use super::lock_ms;

    #[test]
    fn locks_begin_late_and_grow_to_a_bound() {
        assert_eq!(lock_ms(9), 0);
        assert_eq!(lock_ms(10), 30_000);
        assert_eq!(lock_ms(11), 60_000);
        assert_eq!(lock_ms(14), 480_000);
        assert_eq!(lock_ms(15), 900_000);
        assert_eq!(lock_ms(i64::MAX), 900_000);
    }
}
