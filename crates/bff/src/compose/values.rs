//! Values on their way from one part to the next.

use std::collections::HashSet;
use std::hash::Hash;

use super::Absent;

/// The values that another part has.
///
/// # Errors
/// Where there is none: no call is to be made.
pub fn there<T>(found: Vec<T>) -> Result<Vec<T>, Absent> {
    if found.is_empty() {
        Err(Absent::Nothing)
    } else {
        Ok(found)
    }
}

/// The values without repetition, in the order of their first occurrence.
#[must_use]
pub fn distinct<T: Clone + Eq + Hash>(found: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    let first = |value: &T| seen.insert(value.clone());
    found.into_iter().filter(first).collect()
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn repetitions_go_and_the_order_stays() {
        assert_eq!(distinct(vec![3, 1, 3, 2, 1]), [3, 1, 2]);
    }
}
