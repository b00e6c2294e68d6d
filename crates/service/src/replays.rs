//! Transport signatures that this process has seen, each good once (§15.8).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use protocol::Digest;
use protocol::problem::Problem;

use crate::problem::Refusal;

/// The signature was used before.
pub(crate) fn replayed() -> Refusal {
    Refusal::new(Problem::Replay, "Sign the call anew, with the present time.")
}

/// Signatures seen by this process.
#[derive(Default)]
pub(crate) struct Replays {
    /// Key to the second after which it may be forgotten. Guards itself.
    seen: Mutex<HashMap<Digest, u64>>,
}

/// Above this number the expired ones are looked for.
const SWEEP: usize = 4_096;

impl Replays {
    /// Notes a key; false when it was noted before.
    pub fn first(&self, key: Digest, expires: u64, now: u64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SWEEP && seen.len().is_power_of_two() {
            seen.retain(|_, expires| *expires >= now);
        }
        seen.insert(key, expires).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_first_once_and_expired_ones_are_swept() {
        let replays = Replays::default();
        assert!(replays.first(Digest::of(b"a"), 10, 0));
        assert!(!replays.first(Digest::of(b"a"), 10, 0));
        for i in 0..2 * SWEEP as u32 {
            replays.first(Digest::of(&i.to_be_bytes()), 10, 11);
        }
        assert!(replays.seen.lock().expect("lock").len() <= 2 * SWEEP);
    }
}
