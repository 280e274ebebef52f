//! A ring of hashes: which endpoint a key belongs to.

/// Endpoints at many places of a ring, in the manner of ketama. A key belongs
/// to the first endpoint from its own place on; when endpoints come and go,
/// only the keys next to them move.
#[derive(Debug)]
pub(crate) struct Ring(Vec<(u64, u32)>);

impl Ring {
    /// The names' ring, each of them at so many places: a number that must not
    /// depend on how many names there are, or every change would move keys
    /// that need not move.
    pub(crate) fn new<'a>(names: impl ExactSizeIterator<Item = &'a str>, points: u32) -> Self {
        let mut ring = Vec::with_capacity(points as usize * names.len());
        for (index, name) in names.enumerate() {
            let seed = hash(name.as_bytes());
            let index = u32::try_from(index).expect("endpoints are bounded");
            for point in 0..u64::from(points) {
                ring.push((mix(seed ^ mix(point)), index));
            }
        }
        ring.sort_unstable();
        Self(ring)
    }

    /// The endpoints by nearness to the key, some of them several times.
    pub(crate) fn walk(&self, key: u64) -> impl Iterator<Item = usize> + '_ {
        let first = self.0.partition_point(|(at, _)| *at < key);
        let (before, after) = self.0.split_at(first);
        after.iter().chain(before).map(|(_, index)| *index as usize)
    }
}

/// FNV-1a, then mixed: the same in every process and every version.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let folded = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(folded)
}

/// The finish of splitmix64: every bit of the input moves every bit.
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count)
            .map(|number| format!("10.0.0.{number}:7000"))
            .collect()
    }

    fn owners(names: &[String], keys: u64) -> Vec<String> {
        let ring = Ring::new(names.iter().map(String::as_str), 256);
        let owner = |key: u64| ring.walk(hash(&key.to_le_bytes())).next().unwrap();
        (0..keys).map(|key| names[owner(key)].clone()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Of n endpoints one goes: its keys move, about 1/n of all, and no
        /// other key does. The same holds, backwards, for one that comes.
        #[test]
        fn only_the_keys_of_the_endpoint_that_goes_move(count in 2_usize..24, gone in 0_usize..24) {
            let before_names = names(count);
            let gone = before_names[gone % count].clone();
            let after_names: Vec<_> = before_names.iter().filter(|name| **name != gone).cloned().collect();
            let (before, after) = (owners(&before_names, 20_000), owners(&after_names, 20_000));
            let moved = before.iter().zip(&after).filter(|(before, after)| before != after).count();
            let owned = before.iter().filter(|owner| **owner == gone).count();
            prop_assert_eq!(moved, owned);
            // Its share is even, within what 256 places give.
            prop_assert!(owned * count <= 20_000 * 14 / 10, "{owned} of 20000 keys belonged to one of {count}");
        }
    }

    #[test]
    fn the_walk_reaches_every_endpoint() {
        let names = names(5);
        let ring = Ring::new(names.iter().map(String::as_str), 16);
        let mut seen: Vec<_> = ring.walk(7).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
