//! Randomness from the system.

use getrandom::SysRng;
use rand_core::{Rng as _, UnwrapErr};

/// The system's source. Panics only when the system has no randomness, and then nothing may go on.
pub(crate) fn source() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// Random bytes.
pub(crate) fn bytes<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    source().fill_bytes(&mut bytes);
    bytes
}

/// A number below `bound`, uniform; 0 when `bound` is 0.
pub(crate) fn below(bound: u64) -> u64 {
    if bound == 0 {
        return 0;
    }
    let unbiased = u64::MAX - u64::MAX % bound;
    loop {
        let number = source().next_u64();
        if number < unbiased {
            return number % bound;
        }
    }
}

/// A permutation of `0..n`, uniform (Fisher and Yates).
pub(crate) fn permutation(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        let other = below(last as u64 + 1) as usize;
        order.swap(last, other);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_holds_each_index_once_and_varies() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..64 {
            let order = permutation(5);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            seen.insert(order);
        }
        assert!(seen.len() > 8, "64 draws gave {} orders", seen.len());
    }

    #[test]
    fn below_reaches_every_number_and_no_other() {
        let mut counts = [0; 3];
        for _ in 0..600 {
            counts[below(3) as usize] += 1;
        }
        assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
    }
}
