use std::time::Duration;

use time::OffsetDateTime;

/// Longer than any test that counts by month.
const MARGIN: Duration = Duration::from_secs(180);

/// Waits for the next month (UTC) if it is about to begin: what is counted by
/// month would begin anew in the middle of a test.
pub async fn not_at_the_end_of_a_month() {
    while is_at_the_end(OffsetDateTime::now_utc()) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn is_at_the_end(now: OffsetDateTime) -> bool {
    now.month() != (now + MARGIN).month()
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, is_at_the_end};
    use time::OffsetDateTime;

    #[test]
    fn a_month_ends_at_midnight_before_the_next() {
        // The first of a March after a leap day, and of a January.
        for first in [1_709_251_200, 1_735_689_600] {
            let first = OffsetDateTime::from_unix_timestamp(first).expect("is a time");
            assert!(is_at_the_end(first - MARGIN));
            assert!(!is_at_the_end(first - MARGIN - MARGIN));
            assert!(!is_at_the_end(first));
        }
    }
}
