//! What a seat checks on the daily delivery, in order (§7).

use super::file::ShareFile;
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::ids::X;
use crate::keys::MemberKeys;
use crate::statement::{Check, Core, Council, Testimony};
use crate::verified::Verified;

/// What came for one seat of one filing.
pub struct Delivery<'a> {
    /// SHA-256 of the slot 0 entry.
    pub id: Digest,
    /// The share file, if it came.
    pub share: Option<&'a [u8]>,
    /// The slot-0 K-file, if it came.
    pub header: Option<&'a [u8]>,
}

/// A delivery that passed all checks.
pub struct Accepted {
    /// The share, flags and case salt.
    pub share: ShareFile,
    /// Core.
    pub core: Verified<Core>,
    /// Testimony.
    pub testimony: Verified<Testimony>,
    /// Envelope of core.
    pub core_envelope: Envelope,
    /// Envelope of testimony.
    pub testimony_envelope: Envelope,
}

/// The first check that failed, with what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Which.
    pub check: Check,
    /// SHA-256 of the share file received, for `salt` of the K-file, `None` where nothing came (§19).
    pub got: Option<Digest>,
}

/// Runs the seven checks.
///
/// `x` and `keys` are the seat's; `council` with its D is the one current at filing, looked up by
/// `council_of` from `core.council`; `slot_in_log` answers whether an opaque entry with these 65 bytes stands in a
/// cosigned checkpoint.
///
/// # Errors
/// [`Rejected`] names the first check that fails.
pub fn check(
    _x: X,
    _keys: &MemberKeys,
    _delivery: &Delivery<'_>,
    _council_of: &dyn Fn(&Digest) -> Option<Council>,
    _slot_in_log: &dyn Fn(&[u8]) -> bool,
) -> Result<Accepted, Rejected> {
    todo!()
}
