//! How much a template is used, with old uses fading.
//!
//! Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay: A
//! Practical Time Decay Model for Streaming Systems", ICDE 2009) with
//! exponential weights: the score at `now` is the sum over all uses `i` of
//! `2^((t_i - now) / H)`, with the half-life `H`. Its logarithm without the
//! part that depends on `now`, `heat = log2(sum 2^(t_i / H))`, changes only with
//! a use: it can be stored, added to in any order of events, and sorted by,
//! and no job has to go over the rows as time passes.

/// After this long a use counts half.
pub(crate) const HALF_LIFE_MS: f64 = 14.0 * DAY_MS as f64;

const DAY_MS: i64 = 24 * 3_600_000;

/// The heat of what was never used; below that of any use since 1970.
pub(crate) const COLD: f64 = -1.0;

/// How far ahead of ours another machine's clock may be and is believed. A use
/// that far ahead weighs 0.2 % more.
const BELIEVED_MS: i64 = 3_600_000;

/// When a use counts that is said to have been at `at_ms`. A clock that runs
/// ahead must not make a template hot for days. One that is right within an
/// hour is believed, whenever the use is told, so that it counts the same when
/// it is told anew; of one that was not, the time has come by then, and is
/// believed as well.
pub(crate) const fn counted_at(at_ms: i64, now_ms: i64) -> i64 {
    if at_ms > now_ms.saturating_add(BELIEVED_MS) {
        now_ms
    } else {
        at_ms
    }
}

/// The heat after one more use at `at_ms`.
pub(crate) fn heated(heat: f64, at_ms: i64) -> f64 {
    let use_heat = halvings(at_ms);
    if heat <= COLD {
        return use_heat;
    }
    // log2(2^a + 2^b), without the powers, which no number holds.
    let (high, low) = if heat > use_heat {
        (heat, use_heat)
    } else {
        (use_heat, heat)
    };
    high + (low - high).exp2().ln_1p() / std::f64::consts::LN_2
}

/// The score as of the end of the day (UTC) that `now_ms` falls in, so that an
/// answer stays the same for a day unless something is used; to a hundredth.
pub(crate) fn score(heat: f64, now_ms: i64) -> f64 {
    if heat <= COLD {
        return 0.0;
    }
    let midnight = (now_ms.div_euclid(DAY_MS) + 1) * DAY_MS;
    let score = (heat - halvings(midnight)).exp2();
    (score * 100.0).round() / 100.0
}

#[allow(clippy::cast_precision_loss)] // Milliseconds of this era are exact.
fn halvings(at_ms: i64) -> f64 {
    at_ms.max(0) as f64 / HALF_LIFE_MS
}

#[cfg(test)]
mod tests {
    use super::{COLD, DAY_MS, counted_at, heated, score};

    /// A midnight of 2026.
    const MIDNIGHT: i64 = 20_600 * DAY_MS;

    fn heat(uses: &[i64]) -> f64 {
        uses.iter().fold(COLD, |heat, at| heated(heat, *at))
    }

    #[test]
    fn a_use_counts_one_and_half_after_the_half_life() {
        let once = heat(&[MIDNIGHT]);
        let before_midnight = MIDNIGHT - 1;
        assert!((score(once, before_midnight) - 1.0).abs() < 1e-9);
        let later = before_midnight + 14 * DAY_MS;
        assert!((score(once, later) - 0.5).abs() < 1e-9);
        assert!(score(once, later + 400 * DAY_MS).abs() < 1e-9);
        assert!(score(COLD, later).abs() < 1e-9);
    }

    #[test]
    fn uses_add_up_in_any_order() {
        let ten = heat(&[MIDNIGHT; 10]);
        assert!((score(ten, MIDNIGHT - 1) - 10.0).abs() < 1e-9);
        let (old, new) = (MIDNIGHT - 30 * DAY_MS, MIDNIGHT);
        let orders = [heat(&[old, new, old]), heat(&[new, old, old])];
        assert!((orders[0] - orders[1]).abs() < 1e-9);
    }

    #[test]
    fn a_use_counts_the_same_later_unless_its_clock_ran_far_ahead() {
        let (now, later) = (MIDNIGHT, MIDNIGHT + 400 * DAY_MS);
        for at in [now - DAY_MS, now, now + 3_600_000] {
            assert_eq!(counted_at(at, now), at);
            assert_eq!(counted_at(at, later), at);
        }
        assert_eq!(counted_at(now + 3 * DAY_MS, now), now);
        assert_eq!(counted_at(i64::MAX, i64::MAX), i64::MAX);
    }

    #[test]
    fn ten_old_uses_fall_behind_two_new_ones_in_the_end() {
        let old = heat(&[MIDNIGHT - 60 * DAY_MS; 10]);
        let new = heat(&[MIDNIGHT; 2]);
        assert!(new > old);
        assert!(heat(&[MIDNIGHT - DAY_MS; 10]) > new);
    }
}
