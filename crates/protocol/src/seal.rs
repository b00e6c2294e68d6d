//! Sealing: a document and evidence become core, testimony, objects and share files (§5).

use crate::age::Recipient;
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::ids::{CaseId, Day, Origin, X};
use crate::phrase::CaseKeys;
use crate::share::file::Flags;
use crate::slot::Entry;
use crate::statement::{Compartment, Council, ObjectRef, Policy, SealedBy};
use rand_core::CryptoRng;

/// Plaintext length of a slot-0 K-file in bytes (age file: 26,235).
pub const HEADER_FILE_LEN: usize = 24_576;
/// Most objects in `core`.
pub const OBJECTS_MAX: usize = 24;

/// Why nothing was sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The council breaks a rule of §3.
    #[error(transparent)]
    Council(#[from] crate::statement::CouncilError),
    /// Fewer seats than identity threshold + 1 would be dealt to (§5.5), or a seat is not of the council.
    #[error("at least {need} seats of the council must be dealt to")]
    Seats {
        /// t_identity + 1.
        need: usize,
    },
    /// More than 24 objects.
    #[error("at most {OBJECTS_MAX} objects; put more into an archive")]
    Objects,
    /// A document is over 256 KiB.
    #[error("a document of {size} bytes is over the limit of 262,144")]
    Document {
        /// Bytes.
        size: usize,
    },
    /// The header does not fit into the K-file.
    #[error("the header does not fit into its file")]
    Header,
}

/// One compartment's key, made before its objects are sealed (evidence streams to [`CompartmentKey::recipient`]).
/// Deals the secret at once and keeps no copy of S beyond what the shares need.
pub struct CompartmentKey {
    name: Compartment,
    threshold: u8,
    recipient: Recipient,
    commitments: Vec<crate::share::deal::Commitment>,
    shares: Vec<(X, crate::share::Share)>,
    document: Vec<u8>,
    objects: Vec<ObjectRef>,
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
    pub shares: Vec<(X, Vec<u8>)>,
    /// The documents (age), one for each compartment, with their digest.
    pub documents: Vec<Vec<u8>>,
    /// All objects of all compartments, evidence included.
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
    pub seats: &'a [X],
    /// The day.
    pub day: Day,
    /// Her choices.
    pub policy: Policy,
    /// The two flags.
    pub flags: Flags,
    /// Where this runs.
    pub sealed_by: SealedBy,
    /// First filing this adds to.
    pub parent: Option<CaseId>,
    /// The last valid greeting's envelope.
    pub greeting: &'a Envelope,
    /// The other inbox for the second greeting; `None` → a discarded key.
    pub second_inbox: Option<&'a Recipient>,
}

impl CompartmentKey {
    /// Draws S, deals it, derives T (§5.2.1, §5.2.2). `name` is Account or Identity in stage A.
    pub fn draw(_name: Compartment, _threshold: u8, _case: &CaseKeys, _seats: &[X], _rng: &mut impl CryptoRng) -> Self {
        todo!()
    }
    /// recipient(T): evidence is sealed to it as a stream.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }
    /// Tells of a piece of evidence that was sealed to [`Self::recipient`] (padded plaintext, age).
    pub fn add_evidence(&mut self, _object: ObjectRef) {
        todo!()
    }
    /// The document: padded with spaces to 16, 64 or 256 KiB, sealed, put first.
    ///
    /// # Errors
    /// [`SealError::Document`].
    pub fn set_document(&mut self, _json: &[u8], _rng: &mut impl CryptoRng) -> Result<(), SealError> {
        todo!()
    }
}

/// Joins the compartments to a filing.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    _request: &SealRequest<'_>,
    _case: &CaseKeys,
    _compartments: Vec<CompartmentKey>,
    _rng: &mut impl CryptoRng,
) -> Result<Sealed, SealError> {
    todo!()
}
