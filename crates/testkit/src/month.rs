use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY_S: u64 = 24 * 60 * 60;
/// Longer than any test that counts by month.
const MARGIN: Duration = Duration::from_secs(180);

/// Waits for the next month (UTC) if it is about to begin: what is counted by
/// month would begin anew in the middle of a test.
pub async fn not_at_the_end_of_a_month() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    if month_of(now) != month_of(now + MARGIN) {
        let left = DAY_S - now.as_secs() % DAY_S;
        tokio::time::sleep(Duration::from_secs(left + 1)).await;
    }
}

/// Counts months. Days are turned into dates as in "chrono-Compatible Low-Level
/// Date Algorithms" (<https://howardhinnant.github.io/date_algorithms.html>), by
/// years that begin in March.
fn month_of(since_epoch: Duration) -> u64 {
    let days = since_epoch.as_secs() / DAY_S + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    (era * 400 + year) * 12 + month
}

#[cfg(test)]
mod tests {
    use super::month_of;
    use std::time::Duration;

    #[test]
    fn months_change_at_midnight_of_their_first_day() {
        // `date -u -d 2024-03-01 +%s` and the like.
        for first in [1_709_251_200, 1_733_011_200, 1_735_689_600, 4_107_542_400] {
            let (before, after) = (first - 1, first + 27 * 86_400);
            let month = |unix_s| month_of(Duration::from_secs(unix_s));
            assert_eq!(month(before) + 1, month(first));
            assert_eq!(month(first), month(after));
        }
    }
}
