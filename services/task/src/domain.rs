//! Rules without I/O: ranks, pauses, turns.

use std::collections::HashMap;
use std::hash::Hash;

/// What one step of priority is worth in waiting time, in milliseconds.
const PRIORITY_MS: i64 = 30_000;

/// Where a task stands in the queue: the lower, the sooner. Time brings every
/// task forward, so a low priority waits longer and never for ever.
pub(crate) const fn rank_ms(available_at_ms: i64, priority: i32) -> i64 {
    available_at_ms - priority as i64 * PRIORITY_MS
}

/// The pause before another attempt: exponential, with full jitter, so that
/// what failed together does not come back together.
pub(crate) fn backoff_ms(attempt: i32, first_ms: i64, max_ms: i64, random: f64) -> i64 {
    let doublings = u32::try_from(attempt.saturating_sub(1))
        .unwrap_or(0)
        .min(30);
    let ceiling = first_ms.saturating_mul(1_i64 << doublings).min(max_ms);
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // Milliseconds.
    let jittered = (ceiling as f64 * random) as i64;
    jittered.max(1)
}

/// Whether tasks of a kind are a service's own: kinds begin with its name.
pub(crate) fn owns(service: &str, kind: &str) -> bool {
    kind.strip_prefix(service)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Picks up to `max` of the candidates (best rank first) so that owners take
/// turns: whoever has the fewest running goes first, rank decides among equals.
pub(crate) fn take_turns<T, O: Eq + Hash + Clone>(
    candidates: Vec<T>,
    owner_of: impl Fn(&T) -> O,
    running: &HashMap<O, usize>,
    max: usize,
) -> Vec<T> {
    let mut load: HashMap<O, usize> = running.clone();
    let mut turns: Vec<(usize, usize, T)> = candidates
        .into_iter()
        .enumerate()
        .map(|(rank, candidate)| {
            let taken = load.entry(owner_of(&candidate)).or_insert(0);
            let turn = *taken;
            *taken += 1;
            (turn, rank, candidate)
        })
        .collect();
    turns.sort_by_key(|(turn, rank, _)| (*turn, *rank));
    turns.truncate(max);
    turns
        .into_iter()
        .map(|(_, _, candidate)| candidate)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{backoff_ms, owns, rank_ms, take_turns};

    #[test]
    fn a_service_owns_the_kinds_under_its_name_and_no_others() {
        assert!(owns("cover", "cover.generate"));
        assert!(!owns("cover", "coverage.generate"));
        assert!(!owns("cover", "cover"));
        assert!(!owns("export", "cover.generate"));
    }

    #[test]
    fn waiting_outweighs_priority_in_the_end() {
        let urgent_now = rank_ms(1_000_000, 9);
        assert!(urgent_now < rank_ms(1_000_000, 0));
        assert!(rank_ms(1_000_000 - 9 * 30_000 - 1, 0) < urgent_now);
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_are_never_zero() {
        let ceiling = |attempt| backoff_ms(attempt, 1_000, 30_000, 1.0);
        assert_eq!((ceiling(1), ceiling(2), ceiling(3)), (1_000, 2_000, 4_000));
        assert_eq!(ceiling(40), 30_000);
        assert_eq!(backoff_ms(1, 1_000, 30_000, 0.0), 1);
    }

    #[test]
    fn owners_take_turns_and_rank_decides_within_one() {
        let candidates = vec![("a", 1), ("a", 2), ("a", 3), ("b", 1), ("c", 1)];
        let picked = take_turns(candidates.clone(), |c| c.0, &HashMap::new(), 4);
        assert_eq!(picked, vec![("a", 1), ("b", 1), ("c", 1), ("a", 2)]);
        let busy = HashMap::from([("a", 5)]);
        let picked = take_turns(candidates, |c| c.0, &busy, 3);
        assert_eq!(picked, vec![("b", 1), ("c", 1), ("a", 1)]);
    }
}
