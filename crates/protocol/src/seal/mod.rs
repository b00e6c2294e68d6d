//! Sealing: a document and evidence become core, testimony, objects and share files (§5).

use rand_core::CryptoRng;
use zeroize::Zeroizing;

mod compartment;
mod form;

pub use compartment::CompartmentKey;
pub use form::Posting;

use crate::age::{self, Identity, Recipient};
use crate::digest::Digest;
use crate::drop::{bucket_hash, seal_act};
use crate::envelope::Envelope;
use crate::ids::{CaseId, Day, MemberNumber, Nonce, Origin, PublicKey, Version};
use crate::phrase::CaseKeys;
use crate::share::file::{Flags, ShareFile};
use crate::slot::{CaseSalt, Entry};
use crate::statement::{
    AccessPolicy, Compartment, Core, Council, CouncilError, Inbox, ObjectRef, Parent, Payload, SealedBy, Testimony,
};

/// Plaintext length of a slot-0 K-file in bytes (age file: 26,235).
pub const HEADER_FILE_LEN: usize = 24_576;
/// First byte of the plaintext of a slot-0 K-file (§15.6).
pub(crate) const HEADER_KIND: u8 = 0x01;
/// Most objects in `core`.
pub const OBJECTS_MAX: usize = 24;

/// Why nothing was sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The council breaks a rule of §3.
    #[error(transparent)]
    Council(#[from] CouncilError),
    /// The council is of another log, or no longer accepts filings on that day (§3).
    #[error("the council is of another log, or out of date")]
    Stale,
    /// Fewer seats than identity threshold + 1 would be dealt to (§5.5), or a seat is not of the council.
    #[error("at least {need} seats of the council must be dealt to")]
    Seats {
        /// t_identity + 1.
        need: usize,
    },
    /// A compartment is missing, repeated, none that callers draw, without its document, or was drawn for another case,
    /// other seats, another threshold or another choice of who opens it; or t_lapse is outside its bounds (§8.4).
    #[error("compartment {0:?} is missing or was not drawn for this testimony")]
    Compartment(Compartment),
    /// More than 24 objects.
    #[error("at most {OBJECTS_MAX} objects; put more into an archive")]
    Objects,
    /// A document is over 256 KiB.
    #[error("a document of {size} bytes is over the limit of 262,144")]
    Document {
        /// Bytes.
        size: usize,
    },
    /// A choice that is not offered yet, or objects in an order that `core` does not allow.
    #[error("the testimony cannot say this: {0}")]
    Core(&'static str),
    /// The greeting does not fit into one record (§15.9).
    #[error("the greeting does not fit into one record")]
    Greeting,
    /// The header does not fit into the K-file.
    #[error("the header does not fit into its file")]
    Header,
}

/// Everything a filing posts, and what must be kept: nothing but the phrase.
pub struct Sealed {
    /// Slot 0 entry.
    pub entry: Entry,
    /// Case id, for the case code.
    pub case: CaseId,
    /// Slot-0 K-file (age, 26,235 bytes).
    pub header: Vec<u8>,
    /// Share files (age, 1,979 bytes each) ascending by x.
    pub shares: Vec<(MemberNumber, Vec<u8>)>,
    /// The documents (age), one for each compartment, ascending by its number.
    pub documents: Vec<Vec<u8>>,
    /// All objects of all compartments, evidence included, in the order of `core`.
    pub objects: Vec<ObjectRef>,
    /// Two greeting records (age, 3,707 bytes) in random order, with the bucket hash of their recipient.
    pub greetings: [(Digest, Vec<u8>); 2],
}

/// What a testimony is sealed with, besides its content.
pub struct SealRequest<'a> {
    /// The log.
    pub origin: &'a Origin,
    /// The council, validated and found in the log.
    pub council: &'a Council,
    /// D(council).
    pub council_digest: Digest,
    /// The seats dealt to.
    pub seats: &'a [MemberNumber],
    /// The day.
    pub day: Day,
    /// Her choices.
    pub policy: AccessPolicy,
    /// The two flags.
    pub flags: Flags,
    /// Where this runs.
    pub sealed_by: SealedBy,
    /// First filing this adds to.
    pub parent: Option<Parent>,
    /// The last valid greeting's envelope.
    pub greeting: &'a Envelope,
    /// The other inbox for the second greeting; `None` → a discarded key.
    pub second_inbox: Option<&'a Recipient>,
}

/// Joins the compartments to a filing. Under lapse it adds compartment 3 with P (§8.4).
///
/// Their shares are erased when this returns, whether or not it succeeds (§5.6); what is left opens nothing.
/// Draws, in this order: compartment 3 where there is one, nonce of `core`, share files ascending by x, nonce of `testimony`, the K-file, the two
/// greetings, their order.
///
/// # Errors
/// [`SealError`]; nothing was written or sent.
pub fn seal(
    request: &SealRequest<'_>,
    case: &CaseKeys,
    mut compartments: Vec<CompartmentKey>,
    rng: &mut impl CryptoRng,
) -> Result<Sealed, SealError> {
    check_council(request)?;
    let seats = seats_dealt_to(request)?;
    // There are two at most; more are refused.
    if !compartments.is_sorted_by_key(CompartmentKey::name) {
        compartments.reverse();
    }
    check_compartments(&compartments, request, case, &seats)?;
    if let Some(threshold) = request.policy.t_lapse {
        if !request.council.is_lapse_threshold(threshold, seats.len()) {
            return Err(SealError::Compartment(Compartment::Consent));
        }
        compartments.push(CompartmentKey::consent(threshold, case, &seats, rng));
    }
    let objects: usize = compartments.iter().map(CompartmentKey::object_count).sum();
    if objects > OBJECTS_MAX {
        return Err(SealError::Objects);
    }

    let core = core_statement(request, case, &compartments, rng);
    core.check().map_err(SealError::Core)?;
    let inbox = core.inbox.recipient.clone();
    let objects = core.compartments.iter().flat_map(|part| part.objects.clone()).collect();
    let core = Envelope::sign(&core, &[&case.signing]);

    let shares = share_files(request, case, &compartments, core.digest(), &seats, rng)?;
    let testimony = Testimony {
        v: Version,
        origin: request.origin.clone(),
        nonce: Nonce::draw(rng),
        day: request.day,
        case: case.id,
        core: core.digest(),
        shares: shares.iter().map(form::share_ref).collect(),
        match_request: None,
    };
    testimony.check().map_err(SealError::Core)?;
    let testimony = Envelope::sign(&testimony, &[&case.signing]);

    let header = header_plaintext(&core, &testimony).ok_or(SealError::Header)?;
    let header = age::seal(&[&case.case_salt.k().recipient()], &header, rng);
    Ok(Sealed {
        entry: case.case_salt.entry(0, testimony.digest(), None),
        case: case.id,
        header,
        shares,
        documents: compartments
            .into_iter()
            .filter_map(CompartmentKey::into_document)
            .collect(),
        objects,
        greetings: greetings(request, &inbox, rng)?,
    })
}

/// The council's own rules, its log and its last day.
fn check_council(request: &SealRequest<'_>) -> Result<(), SealError> {
    request.council.validate()?;
    let current = request.origin == &request.council.origin && request.day.start() < request.council.good_until();
    current.then_some(()).ok_or(SealError::Stale)
}

/// The seats dealt to, ascending (§5.5).
fn seats_dealt_to(request: &SealRequest<'_>) -> Result<Vec<MemberNumber>, SealError> {
    let need = usize::from(request.council.identity) + 1;
    // The council's seats ascend, so nothing is sorted: a sort is 30 kB of the page's module.
    let of_council = request.council.seats.iter().map(|seat| seat.x);
    let seats: Vec<MemberNumber> = of_council.filter(|x| request.seats.contains(x)).collect();
    let known_and_distinct = seats.len() == request.seats.len();
    (known_and_distinct && seats.len() >= need)
        .then_some(seats)
        .ok_or(SealError::Seats { need })
}

/// `account`, then perhaps `identity`, each drawn for this case, council, choice and these seats.
fn check_compartments(
    compartments: &[CompartmentKey],
    request: &SealRequest<'_>,
    case: &CaseKeys,
    seats: &[MemberNumber],
) -> Result<(), SealError> {
    let (council, open) = (request.council, request.policy.open);
    let offered = [Compartment::Account, Compartment::Identity];
    if compartments.is_empty() {
        return Err(SealError::Compartment(Compartment::Account));
    }
    for (i, compartment) in compartments.iter().enumerate() {
        let name = compartment.name();
        let expected = offered.get(i).copied();
        if expected != Some(name) || !compartment.fits(&case.id, council.threshold(name), open, seats) {
            return Err(SealError::Compartment(expected.unwrap_or(name)));
        }
    }
    Ok(())
}

fn core_statement(
    request: &SealRequest<'_>,
    case: &CaseKeys,
    compartments: &[CompartmentKey],
    rng: &mut impl CryptoRng,
) -> Core {
    Core {
        v: Version,
        origin: request.origin.clone(),
        nonce: Nonce::draw(rng),
        day: request.day,
        case: case.id,
        council: request.council_digest,
        sealed_by: request.sealed_by,
        parent: request.parent.clone(),
        inbox: Inbox {
            recipient: case.inbox.recipient(),
            key: PublicKey(case.signing.verifying_key().to_bytes()),
        },
        handle: None,
        compartments: compartments.iter().map(CompartmentKey::header).collect(),
        policy: request.policy.clone(),
    }
}

/// One share file for each seat, to that seat's key.
fn share_files(
    request: &SealRequest<'_>,
    case: &CaseKeys,
    compartments: &[CompartmentKey],
    core: Digest,
    seats: &[MemberNumber],
    rng: &mut impl CryptoRng,
) -> Result<Vec<(MemberNumber, Vec<u8>)>, SealError> {
    let need = usize::from(request.council.identity) + 1;
    let mut files = Vec::with_capacity(seats.len());
    for &x in seats {
        let seat = request.council.seat(x).ok_or(SealError::Seats { need })?;
        let mut shares = Vec::with_capacity(compartments.len());
        for compartment in compartments {
            let name = compartment.name();
            let share = compartment.share(x).ok_or(SealError::Compartment(name))?;
            shares.push((name, share.clone()));
        }
        let file = ShareFile {
            core,
            x,
            case_salt: CaseSalt::new(*case.case_salt.expose()),
            shares,
            flags: request.flags,
        };
        files.push((x, age::seal(&[&seat.recipient], &file.to_bytes(), rng)));
    }
    Ok(files)
}

/// `0x01 ‖ len u32 ‖ core envelope ‖ len u32 ‖ testimony envelope ‖ zeros`, 24,576 bytes (§15.6); `None` when
/// they do not fit.
fn header_plaintext(core: &Envelope, testimony: &Envelope) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(HEADER_FILE_LEN));
    plain.push(HEADER_KIND);
    for envelope in [core, testimony] {
        let length = u32::try_from(envelope.bytes().len()).ok()?;
        if plain.len() + 4 + envelope.bytes().len() > HEADER_FILE_LEN {
            return None;
        }
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(envelope.bytes());
    }
    plain.resize(HEADER_FILE_LEN, 0);
    Some(plain)
}

/// The greeting twice: to her inbox and to the second one, or to a key that nobody keeps; in random order (§9.2).
fn greetings(
    request: &SealRequest<'_>,
    inbox: &Recipient,
    rng: &mut impl CryptoRng,
) -> Result<[(Digest, Vec<u8>); 2], SealError> {
    let second = match request.second_inbox {
        Some(recipient) => recipient.clone(),
        None => Identity::draw(rng).recipient(),
    };
    let mut record = |recipient: &Recipient| {
        let mut records = seal_act(recipient, request.greeting, None, rng).map_err(|_| SealError::Greeting)?;
        let file = records
            .pop()
            .filter(|_| records.is_empty())
            .ok_or(SealError::Greeting)?;
        Ok::<_, SealError>((bucket_hash(recipient), file))
    };
    let mut both = [record(inbox)?, record(&second)?];
    let mut coin = [0];
    rng.fill_bytes(&mut coin);
    if coin[0] & 1 == 1 {
        both.swap(0, 1);
    }
    Ok(both)
}
