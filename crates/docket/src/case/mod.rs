//! The life of one testimony, for whoever has its `case_salt`: her, a seat, a reader after a release (§6.2, §8).
//!
//! [`Case::apply`] judges an act by itself (author, signature, form); `reading` judges the acts together, always
//! from all of them, so that the order in which they become known changes nothing.

use std::collections::BTreeMap;

use protocol::open::Header;
use protocol::slot::CaseSalt;
use protocol::{CaseId, Digest, Envelope, X};

use crate::fold::Fold;
use crate::registry::Registry;
use crate::slots::Found;

mod act;
mod facts;
mod reading;
mod request;

pub use act::{Act, Body, Refusal, Standing};
pub use facts::{CaseError, Facts};
pub use request::{
    CompartmentState, DecisionState, FindingState, ObjectionState, OpenedState, ReleaseState, RequestState,
    RequestStatus,
};

/// One testimony and all acts on it, as far as its holder can read them.
pub struct Case {
    salt: CaseSalt,
    facts: Facts,
    filed: Found,
    acts: BTreeMap<u32, Act>,
    requests: Vec<RequestState>,
    read_to: u64,
}

impl Case {
    /// From the header, for a seat or a reader. `header_file`: SHA-256 of the slot-0 K-file. Checks that `found`, slot
    /// 0, commits to this testimony, that the council it was sealed to counts, and that thresholds and seats agree
    /// with that council (§5.3, §5.5, §7.5).
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn new(
        _salt: CaseSalt,
        _header: Header,
        _header_file: Digest,
        _found: Found,
        _registry: &Registry,
    ) -> Result<Self, CaseError> {
        todo!()
    }

    /// From the phrase alone, for her: acks of t_account seats that recompute `commit_0` and agree on the seats dealt to
    /// stand for the header (§4). `inbox_key` is hers.
    ///
    /// # Errors
    /// [`CaseError::Withheld`] when there are too few such acks; [`CaseError`].
    pub fn from_acks(
        _salt: CaseSalt,
        _id: CaseId,
        _inbox_key: protocol::ids::PublicKey,
        _fold: &Fold,
        _statements: &[Envelope],
    ) -> Result<Self, CaseError> {
        todo!()
    }

    /// Takes the act in one slot, or a gap (`None`: nobody can show its statement). Any order of slots gives the same
    /// case; a gap may be filled later; an act that is there already is left as it is.
    ///
    /// # Errors
    /// [`Refusal`] says why the act does not count; it is kept with the reason.
    pub fn apply(&mut self, _found: Found, _statement: Option<&Envelope>, _registry: &Registry) -> Result<(), Refusal> {
        todo!()
    }

    /// Takes every act that the log has for this case, with its statement where `statements` holds it, and notes how far
    /// the log was read.
    pub fn follow(&mut self, _fold: &Fold, _statements: &[Envelope]) {
        todo!()
    }

    /// How many entries of the log were searched for acts on this case.
    pub fn read_to(&self) -> u64 {
        self.read_to
    }

    /// Case id.
    pub fn id(&self) -> CaseId {
        self.facts.case
    }

    /// Slots and K.
    pub fn salt(&self) -> &CaseSalt {
        &self.salt
    }

    /// What the header, or acks in its stead, say.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The filing.
    pub fn filed(&self) -> Found {
        self.filed
    }

    /// All acts but the filing, in slot order, gaps and refused ones included.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.values()
    }

    /// Acts whose statement nobody can show.
    pub fn gaps(&self) -> impl Iterator<Item = &Act> {
        self.acts.values().filter(|act| act.standing == Standing::Gap)
    }

    /// Valid requests, in slot order.
    pub fn requests(&self) -> &[RequestState] {
        &self.requests
    }

    /// One request.
    pub fn request(&self, digest: &Digest) -> Option<&RequestState> {
        self.requests.iter().find(|state| state.digest == *digest)
    }

    /// Seats that have acknowledged their share, with the most that each says to hold and the first inclusion.
    pub fn acks(&self) -> BTreeMap<X, (protocol::statement::Holds, Found)> {
        todo!()
    }

    /// Whether a seat holds a good share: dealt to, and no `reject` after its last `ack` (§8.1).
    pub fn holds_share(&self, _x: X) -> bool {
        todo!()
    }

    /// Seats dealt to that have not acknowledged (or rejected) 72 h after the filing's inclusion (§7).
    pub fn late_acks(&self, _at: u64) -> Vec<X> {
        todo!()
    }

    /// Acks of t_account seats: «safe». Below, the page says "not yet safe; come back" (§7).
    pub fn is_safe(&self) -> bool {
        todo!()
    }

    /// Where the next act goes.
    pub fn next_free(&self, fold: &Fold) -> u32 {
        fold.slots().next_free(&self.salt)
    }
}
