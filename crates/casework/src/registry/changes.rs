//! Keys of staying members that a council replaced. t_identity seats may do so without the member itself (§3): it is told.

use protocol::ids::PublicKey;
use protocol::statement::CouncilMember;
use protocol::{Envelope, MemberNumber};
use serde::Serialize;

use super::{CouncilRecord, Registry};

/// A member that stays, with another signing key than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyChange {
    /// Its number.
    pub x: MemberNumber,
    /// Its institution.
    pub institution: String,
    /// Epoch of the council that names the new key.
    pub epoch: u32,
    /// Checkpoint time of that council's inclusion, POSIX seconds.
    pub included_at: u64,
    /// The key before.
    pub before: PublicKey,
    /// Seats of the council before that signed this one, ascending.
    pub signed_by: Vec<MemberNumber>,
    /// Whether the key before is among those that signed.
    pub is_own: bool,
}

impl Registry {
    /// Every replaced key of a staying seat or reader, in log order.
    pub fn key_changes(&self) -> Vec<KeyChange> {
        let pairs = self.councils.windows(2);
        pairs.flat_map(|pair| changes(&pair[0], &pair[1])).collect()
    }

    /// What replaced this key, if the member stayed.
    pub fn replaced(&self, key: &PublicKey) -> Option<KeyChange> {
        self.key_changes().into_iter().rfind(|change| change.before == *key)
    }
}

fn changes(before: &CouncilRecord, after: &CouncilRecord) -> Vec<KeyChange> {
    let signed_by = signers(before, &after.envelope);
    let stays = |old: &&CouncilMember| after.member(old.x).is_some_and(|new| new.key != old.key);
    let stayed = before.seats.iter().chain(&before.readers).filter(stays);
    stayed
        .map(|old| KeyChange {
            x: old.x,
            institution: old.institution.clone(),
            epoch: after.epoch,
            included_at: after.included_at,
            before: old.key,
            signed_by: signed_by.clone(),
            is_own: after.envelope.is_signed_by(&old.key),
        })
        .collect()
}

fn signers(before: &CouncilRecord, envelope: &Envelope) -> Vec<MemberNumber> {
    let seats = before.seats.iter().filter(|seat| envelope.is_signed_by(&seat.key));
    let mut signers: Vec<MemberNumber> = seats.map(|seat| seat.x).collect();
    signers.sort_unstable();
    signers
}
