//! How many drafts are saved (§9.5), and what is answered for a name under which none stands.

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol::Digest;
use protocol::draft::DRAFT_FILE_LEN;
use protocol::problem::Problem;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::config::ServiceLimits;
use crate::limits::{CELLS_QUIET, DAY_S, DRAFT_SAVES};
use crate::problem::Refusal;
use crate::random;
use crate::well::Well;

/// Drafts saved of late. In memory only: a restart begins anew.
pub(crate) struct Saves {
    /// Guards itself.
    taken: Mutex<Taken>,
    key: Zeroizing<[u8; 32]>,
}

struct Taken {
    begun: Well,
    saved: Well,
}

impl Saves {
    /// With the operator's limits.
    pub fn new(limits: &ServiceLimits) -> Self {
        Self {
            taken: Mutex::new(Taken {
                begun: Well::new(limits.drafts, DAY_S),
                saved: Well::new(limits.drafts.saturating_mul(DRAFT_SAVES), DAY_S),
            }),
            key: Zeroizing::new(random::bytes()),
        }
    }

    /// How often drafts were saved of late, above a quiet day: what work is asked by.
    pub fn crowd(&self, now: u64) -> u64 {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.saved.level(now).saturating_sub(CELLS_QUIET)
    }

    /// Takes a draft that is saved; one that stands already takes no room of a new one, so that a flood of new ones keeps
    /// nobody from going on.
    ///
    /// # Errors
    /// `capacity`.
    pub fn take(&self, begins: bool, now: u64) -> Result<(), Refusal> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = u64::from(begins);
        if !(taken.saved.has_room(1, now) && taken.begun.has_room(begun, now)) {
            return Err(Refusal::new(
                Problem::Capacity,
                "Too many drafts have come. What was saved before stands; save again in a minute, for room comes back all \
                 the time.",
            ));
        }
        taken.saved.fill(1, now);
        taken.begun.fill(begun, now);
        Ok(())
    }

    /// Gives back what was taken for a draft that was not stored.
    pub fn give_back(&self, begins: bool) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.saved.give_back(1);
        taken.begun.give_back(u64::from(begins));
    }

    /// What is answered for a name under which nothing stands: bytes that nobody can tell from a draft, the same each time.
    pub fn none(&self, name: &Digest) -> Bytes {
        let mut bytes = Vec::with_capacity(DRAFT_FILE_LEN + 32);
        for block in 0u32.. {
            if bytes.len() >= DRAFT_FILE_LEN {
                break;
            }
            // Never an error: HMAC takes keys of any length.
            if let Ok(mut keyed) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
                keyed.update(&name.0);
                keyed.update(&block.to_be_bytes());
                bytes.extend_from_slice(&keyed.finalize().into_bytes());
            }
        }
        bytes.truncate(DRAFT_FILE_LEN);
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_nowhere_is_answered_in_the_size_of_a_draft_and_the_same_each_time() {
        let drafts = Saves::new(&ServiceLimits::default());
        let names = [1, 2].map(|number| Digest([number; 32]));
        let [one, two] = names.map(|name| drafts.none(&name));
        assert_eq!(one.len(), DRAFT_FILE_LEN);
        assert_eq!(one, drafts.none(&names[0]));
        assert_ne!(one, two);
        assert_ne!(
            one,
            Saves::new(&ServiceLimits::default()).none(&names[0]),
            "each process draws"
        );
    }

    #[test]
    fn a_flood_of_new_drafts_keeps_nobody_from_going_on() {
        let drafts = Saves::new(&ServiceLimits {
            drafts: 20,
            ..ServiceLimits::default()
        });
        let problem = |begins, now| drafts.take(begins, now).err().map(|refusal| refusal.problem);
        assert!((0..10).all(|_| problem(true, 0).is_none()));
        assert_eq!(problem(true, 0), Some(Problem::Capacity));
        assert_eq!(problem(false, 0), None);
        assert_eq!(problem(true, DAY_S), None, "room comes back");
        drafts.give_back(true);
        assert!((0..10).all(|_| problem(true, DAY_S).is_none()));
        assert!(
            (0..1_000).any(|_| problem(false, DAY_S).is_some()),
            "saves are bounded too"
        );
    }
}
