//! Huffman codes of bounded length (RFC 1951, section 3.2).

/// The longest code this encoder gives out. Four of them and seven bits that
/// wait for their byte fit into one word.
pub(super) const MAX_BITS: usize = 12;

/// The best code lengths for these weights, none above [`MAX_BITS`] and none
/// zero: every symbol can be written. By package-merge (Larmore and Hirschberg,
/// 1990); two to 4,096 symbols.
pub(super) fn lengths(weights: &[u32]) -> Vec<u8> {
    // A symbol that was not seen may come all the same.
    let weight = |symbol: usize| u64::from(weights[symbol].max(1));
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&symbol| weight(symbol));
    let leaves: Vec<u64> = order.iter().map(|&symbol| weight(symbol)).collect();

    // Every level holds all leaves and the pairs of the level before it, sorted.
    // What matters later is only where the pairs stand.
    let mut levels: Vec<Vec<bool>> = Vec::with_capacity(MAX_BITS);
    let mut pairs: Vec<u64> = Vec::new();
    for _ in 0..MAX_BITS {
        let (level, is_pair) = merge(&leaves, &pairs);
        pairs = level
            .chunks_exact(2)
            .map(|pair| pair[0] + pair[1])
            .collect();
        levels.push(is_pair);
    }
    // The cheapest of the last level, what they are made of, and so on: a symbol
    // is as long as the number of levels that it is taken from.
    let mut lengths = vec![0; weights.len()];
    let mut taken = 2 * weights.len() - 2;
    for is_pair in levels.iter().rev() {
        let pairs = is_pair[..taken].iter().filter(|is_pair| **is_pair).count();
        for &symbol in &order[..taken - pairs] {
            lengths[symbol] += 1;
        }
        taken = 2 * pairs;
    }
    lengths
}

/// Merges sorted weights, telling for each whether it is a pair's.
fn merge(leaves: &[u64], pairs: &[u64]) -> (Vec<u64>, Vec<bool>) {
    let (mut leaves, mut pairs) = (leaves.iter().peekable(), pairs.iter().peekable());
    let (mut merged, mut is_pair) = (Vec::new(), Vec::new());
    loop {
        let takes_pair = match (leaves.peek(), pairs.peek()) {
            (Some(leaf), Some(pair)) => pair < leaf,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => return (merged, is_pair),
        };
        let next = if takes_pair {
            pairs.next()
        } else {
            leaves.next()
        };
        merged.extend(next);
        is_pair.push(takes_pair);
    }
}

/// The canonical codes of these lengths, turned round: a bit stream takes the
/// first bit of a code first.
pub(super) fn codes(lengths: &[u8]) -> Vec<u32> {
    let mut next = [0_u32; MAX_BITS + 2];
    for &length in lengths {
        next[usize::from(length) + 1] += 1;
    }
    for bits in 1..next.len() {
        // Every code of one length less goes on in two of this one.
        next[bits] = (next[bits] + next[bits - 1]) << 1;
    }
    lengths
        .iter()
        .map(|&length| {
            let code = &mut next[usize::from(length)];
            let turned = code.reverse_bits() >> (32 - u32::from(length));
            *code += 1;
            turned
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_the_standard_s_own_example() {
        // RFC 1951, section 3.2.2: lengths 3 3 3 3 3 2 4 4.
        let lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        let expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
        for ((code, length), expected) in codes(&lengths).into_iter().zip(lengths).zip(expected) {
            let turned: String = expected.chars().rev().collect();
            assert_eq!(
                format!("{code:0>width$b}", width = usize::from(length)),
                turned
            );
        }
    }

    #[test]
    fn lengths_follow_weights_use_every_code_and_stay_bounded() {
        // Weights that grow like this would ask for 40 bits.
        let mut weights: Vec<u32> = (0..286).map(|_| 0).collect();
        let mut pair = (1, 1);
        for weight in weights.iter_mut().take(40) {
            *weight = pair.0;
            pair = (pair.1, pair.0 + pair.1);
        }
        let lengths = lengths(&weights);
        assert!(lengths.iter().all(|&length| (1..=12).contains(&length)));
        let used: u32 = lengths
            .iter()
            .map(|&length| 1 << (MAX_BITS as u8 - length))
            .sum();
        assert_eq!(used, 1 << MAX_BITS);
        assert!(lengths[..40].is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn where_the_bound_does_not_matter_the_code_is_huffman_s() {
        assert_eq!(lengths(&[1, 1, 2, 4, 8]), [4, 4, 3, 2, 1]);
        assert_eq!(lengths(&[5, 5, 5, 5]), [2, 2, 2, 2]);
        assert_eq!(lengths(&[9, 0]), [1, 1]);
    }
}
