//! One compartment while it is being sealed: its key, its shares, its objects (§5.2).

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::SealError;
use crate::age::pad::{document_size, evidence_size};
use crate::age::{self, Recipient};
use crate::digest::Digest;
use crate::ids::{CaseId, MemberNumber};
use crate::phrase::CaseKeys;
use crate::share::compartment;
use crate::share::consent::lapse_document;
use crate::share::deal::{Commitment, Share, deal};
use crate::statement::{Compartment, CompartmentHeader, ObjectKind, ObjectRef, Opening};

/// One compartment's key, made before its objects are sealed (evidence streams to [`CompartmentKey::recipient`]).
/// Deals the secret at once and keeps no copy of S beyond what the shares need. The shares are zeroized on drop.
pub struct CompartmentKey {
    name: Compartment,
    threshold: u8,
    open: Opening,
    case: CaseId,
    recipient: Recipient,
    commitments: Vec<Commitment>,
    shares: Vec<(MemberNumber, Share)>,
    document: Option<(ObjectRef, Vec<u8>)>,
    evidence: Vec<ObjectRef>,
}

impl CompartmentKey {
    /// Draws S, deals it, derives T (§5.2.1, §5.2.2), with P where `open` asks for it. `name` is Account or Identity.
    ///
    /// S, the coefficients and T are erased before this returns. `threshold` is at least 1; whether it is the
    /// council's, and `open` what she chose, is checked by [`super::seal`].
    pub fn draw(
        name: Compartment,
        threshold: u8,
        open: Opening,
        case: &CaseKeys,
        seats: &[MemberNumber],
        rng: &mut impl CryptoRng,
    ) -> Self {
        let dealing = deal(threshold, seats, rng);
        let part = open.needs_part(name).then_some(&case.consent_part);
        let recipient = compartment::identity(&dealing.secret, part, &case.id, name).recipient();
        Self {
            name,
            threshold,
            open,
            case: case.id,
            recipient,
            commitments: dealing.commitments,
            shares: dealing.shares,
            document: None,
            evidence: Vec::new(),
        }
    }

    /// Compartment 3, whose document is P (§8.4).
    pub(super) fn consent(threshold: u8, case: &CaseKeys, seats: &[MemberNumber], rng: &mut impl CryptoRng) -> Self {
        let mut this = Self::draw(
            Compartment::Consent,
            threshold,
            Opening::WithMyConsent,
            case,
            seats,
            rng,
        );
        let file = age::seal(&[&this.recipient], &lapse_document(&case.consent_part), rng);
        this.document = Some((object(&file, ObjectKind::Document), file));
        this
    }

    /// recipient(T): evidence is sealed to it as a stream.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Tells of a piece of evidence that was sealed to [`Self::recipient`] (padded plaintext, age). A copy is told
    /// right after its original (§19).
    pub fn add_evidence(&mut self, object: ObjectRef) {
        self.evidence.push(object);
    }

    /// Seals evidence that fits into memory, padded with zeros to its Padmé size, and tells of it
    /// as [`Self::add_evidence`] does. Returns the age file.
    pub fn seal_evidence(&mut self, original: &[u8], kind: ObjectKind, rng: &mut impl CryptoRng) -> Vec<u8> {
        let size = usize::try_from(evidence_size(original.len() as u64)).unwrap_or(original.len());
        let mut plain = Zeroizing::new(Vec::with_capacity(size));
        plain.extend_from_slice(original);
        plain.resize(size, 0);
        let file = age::seal(&[&self.recipient], &plain, rng);
        self.add_evidence(object(&file, kind));
        file
    }

    /// The document: padded with spaces to 16, 64 or 256 KiB, sealed, put first. A second call replaces it.
    ///
    /// # Errors
    /// [`SealError::Document`].
    pub fn set_document(&mut self, json: &[u8], rng: &mut impl CryptoRng) -> Result<(), SealError> {
        let size = document_size(json.len()).ok_or(SealError::Document { size: json.len() })?;
        let mut plain = Zeroizing::new(Vec::with_capacity(size));
        plain.extend_from_slice(json);
        plain.resize(size, b' ');
        let file = age::seal(&[&self.recipient], &plain, rng);
        self.document = Some((object(&file, ObjectKind::Document), file));
        Ok(())
    }

    /// Which compartment.
    pub fn name(&self) -> Compartment {
        self.name
    }

    /// How many objects, the document included.
    pub(super) fn object_count(&self) -> usize {
        usize::from(self.document.is_some()) + self.evidence.len()
    }

    /// Whether it was drawn for this case, threshold and choice and exactly these seats, and has its document.
    pub(super) fn fits(&self, case: &CaseId, threshold: Option<u8>, open: Opening, seats: &[MemberNumber]) -> bool {
        let is_for = self.case == *case && Some(self.threshold) == threshold && self.open == open;
        let dealt = self.shares.len() == seats.len() && seats.iter().all(|x| self.share(*x).is_some());
        is_for && dealt && self.document.is_some()
    }

    /// The seat's share, for its share file.
    pub(super) fn share(&self, seat: MemberNumber) -> Option<&Share> {
        self.shares.iter().find(|(x, _)| *x == seat).map(|(_, share)| share)
    }

    /// Its part of `core`.
    pub(super) fn header(&self) -> CompartmentHeader {
        let document = self.document.iter().map(|(object, _)| object.clone());
        CompartmentHeader {
            name: self.name,
            threshold: self.threshold,
            recipient: self.recipient.clone(),
            commitments: self.commitments.clone(),
            objects: document.chain(self.evidence.iter().cloned()).collect(),
        }
    }

    /// The sealed document; the shares are erased here.
    pub(super) fn into_document(self) -> Option<Vec<u8>> {
        self.document.map(|(_, file)| file)
    }
}

fn object(file: &[u8], kind: ObjectKind) -> ObjectRef {
    ObjectRef {
        digest: Digest::of(file),
        size: file.len() as u64,
        kind,
    }
}
