//! What a seat checks on the daily delivery, in order (§7, §19 «Checks»).

use super::deal::Commitments;
use super::file::ShareFile;
use crate::age;
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::ids::MemberNumber;
use crate::keys::MemberKeys;
use crate::open::{Header, open_header_file, verify_header};
use crate::statement::{Check, Compartment, CompartmentHeader, Core, Council, Testimony};
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
pub struct AcceptedShare {
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
    x: MemberNumber,
    keys: &MemberKeys,
    delivery: &Delivery<'_>,
    council_of: &dyn Fn(&Digest) -> Option<Council>,
    slot_in_log: &dyn Fn(&[u8]) -> bool,
) -> Result<AcceptedShare, Rejected> {
    let nothing = |check| Rejected { check, got: None };
    let share_file = delivery.share.ok_or(nothing(Check::Missing))?;
    let got = Digest::of(share_file);
    let rejected = |check| Rejected { check, got: Some(got) };

    let plain = age::open(keys.identity(), share_file).map_err(|_| rejected(Check::Age))?;
    let share = ShareFile::parse(&plain).filter(|share| share.x == x);
    let share = share.ok_or(rejected(Check::Layout))?;

    let header_file = delivery.header.ok_or(nothing(Check::Salt))?;
    let (core, testimony) =
        committed_header(&share, delivery.id, header_file, slot_in_log).ok_or_else(|| Rejected {
            check: Check::Salt,
            got: Some(Digest::of(header_file)),
        })?;

    let header = verify_header(core, testimony).map_err(|_| rejected(Check::Header))?;
    let council = council_of(&header.core.council).ok_or(rejected(Check::Header))?;
    if !agree(&header, &council, &share, keys) {
        return Err(rejected(Check::Header));
    }
    let stated = header.testimony.shares.iter().find(|stated| stated.x == x);
    if stated.is_none_or(|stated| stated.digest != got || stated.size != share_file.len() as u64) {
        return Err(rejected(Check::Digest));
    }
    if !share
        .shares
        .iter()
        .all(|(name, _)| committed(&header.core, &share, *name))
    {
        return Err(rejected(Check::Commitment));
    }
    Ok(AcceptedShare {
        share,
        core: header.core,
        testimony: header.testimony,
        core_envelope: header.core_envelope,
        testimony_envelope: header.testimony_envelope,
    })
}

/// What check 4 takes from `testimony`; all else of it is for check 5.
#[derive(serde::Deserialize)]
struct Aux {
    #[serde(rename = "match")]
    match_request: Option<Digest>,
}

/// Check 4: K opens the header file, and the entry that it gives stands in the log and is the one delivered.
/// `testimony` is taken from its envelope unverified, for only check 5 says who must have signed it (§19).
fn committed_header(
    share: &ShareFile,
    id: Digest,
    header_file: &[u8],
    slot_in_log: &dyn Fn(&[u8]) -> bool,
) -> Option<(Envelope, Envelope)> {
    let (core, testimony) = open_header_file(&share.case_salt.k(), header_file).ok()?;
    let aux = serde_json::from_slice::<Aux>(testimony.payload()).ok()?.match_request;
    let entry = share.case_salt.entry(0, testimony.digest(), aux).to_bytes();
    (Digest::of(&entry) == id && slot_in_log(&entry)).then_some((core, testimony))
}

/// Check 5, beyond the signatures: core, testimony, share file and council say the same.
fn agree(header: &Header, council: &Council, share: &ShareFile, keys: &MemberKeys) -> bool {
    let (core, testimony) = (&header.core, &header.testimony);
    let seats = testimony.seats();
    let this_seat = council.seat(share.x).is_some_and(|seat| seat.key == keys.public());
    core.origin == council.origin
        && core.digest() == share.core
        && seats.is_sorted_by(|one, two| one < two)
        && seats.iter().all(|x| council.seat(*x).is_some())
        && this_seat
        && seats.contains(&share.x)
        && seats.len() > council.identity.into()
        && core
            .compartments
            .iter()
            .all(|part| threshold_agrees(part, core, council, seats.len()))
        && core
            .compartments
            .iter()
            .map(|part| part.name)
            .eq(share.shares.iter().map(|(name, _)| *name))
}

/// The threshold is the council's (for `consent` the one that `core` chose within §8.4), with as many commitments.
fn threshold_agrees(part: &CompartmentHeader, core: &Core, council: &Council, dealt: usize) -> bool {
    let expected = match part.name {
        Compartment::Consent => core.policy.t_lapse.filter(|t| council.is_lapse_threshold(*t, dealt)),
        Compartment::Match => None,
        name => council.threshold(name),
    };
    expected == Some(part.threshold) && part.commitments.len() == usize::from(part.threshold)
}

/// Check 7 for one compartment; a commitment that is no point fails it.
fn committed(core: &Core, share: &ShareFile, name: Compartment) -> bool {
    let commitments = core
        .compartment(name)
        .and_then(|part| Commitments::decode(&part.commitments));
    match (commitments, share.share(name)) {
        (Some(commitments), Some(of_seat)) => commitments.check(share.x, of_seat),
        _ => false,
    }
}
