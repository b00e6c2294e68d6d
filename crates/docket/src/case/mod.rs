//! The life of one testimony, for whoever has its `case_salt`: her, a seat, a reader after a release (§6.2, §8).
//!
//! [`Case::apply`] judges an act by itself (author, signature, form); `reading` judges the acts together, always
//! from all of them, so that the order in which they become known changes nothing.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use protocol::ids::PublicKey;
use protocol::open::Header;
use protocol::slot::CaseSalt;
use protocol::statement::Holds;
use protocol::{CaseId, Digest, Envelope, X};

use crate::clock::ACK_S;
use crate::fold::Fold;
use crate::registry::Registry;
use crate::slots::{Found, Statements, commits_to};

mod act;
mod facts;
mod judge;
mod reading;
mod request;

pub use act::{Act, Body, Refusal, Standing};
pub use facts::{CaseError, Facts};
pub(crate) use judge::{check_compartments, check_request, check_twin};
pub(crate) use reading::{release_from, stands_at};
pub use request::{
    AidState, CompartmentState, DecisionState, FindingState, ObjectionState, OpenedState, ReleaseState, RequestState,
    RequestStatus,
};

/// One testimony and all acts on it, as far as its holder can read them.
pub struct Case {
    salt: CaseSalt,
    facts: Facts,
    filed: Found,
    acts: BTreeMap<u32, Kept>,
    requests: Vec<RequestState>,
    read_to: u64,
}

/// An act with what was judged of it alone; `act.standing` is what all acts together make of it.
struct Kept {
    act: Act,
    own: Standing,
}

impl Case {
    /// From the header, for a seat or a reader. `header_file`: SHA-256 of the slot-0 K-file. Checks that `found`, slot
    /// 0, commits to this testimony, that the council it was sealed to counts, and that thresholds and seats agree
    /// with that council (§5.3, §5.5, §7.5).
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn new(
        salt: CaseSalt,
        header: impl Borrow<Header>,
        header_file: Digest,
        found: Found,
        registry: &Registry,
    ) -> Result<Self, CaseError> {
        let facts = Facts::of_header(&salt, header.borrow(), header_file, &found, registry)?;
        Ok(Self::begin(salt, facts, found))
    }

    /// From the phrase alone, for her: acks of t_account seats that recompute `commit_0` and agree on the seats dealt to
    /// stand for the header (§4). `inbox_key` is hers.
    ///
    /// # Errors
    /// [`CaseError::Withheld`] when there are too few such acks; [`CaseError`].
    pub fn from_acks(
        salt: CaseSalt,
        id: CaseId,
        inbox_key: PublicKey,
        fold: &Fold,
        statements: &[Envelope],
    ) -> Result<Self, CaseError> {
        let facts = Facts::of_acks(&salt, id, inbox_key, fold, statements)?;
        let filed = fold.slots().find(&salt, 0).ok_or(CaseError::NotFiled)?;
        let mut case = Self::begin(salt, facts, filed);
        case.follow(fold, statements);
        Ok(case)
    }

    fn begin(salt: CaseSalt, facts: Facts, filed: Found) -> Self {
        Self {
            salt,
            facts,
            filed,
            acts: BTreeMap::new(),
            requests: Vec::new(),
            read_to: 0,
        }
    }

    /// Takes the act in one slot, or a gap (`None`: nobody can show its statement). Any order of slots gives the same
    /// case; a gap may be filled later; an act that is there already is left as it is.
    ///
    /// # Errors
    /// [`Refusal`] says why the act does not count; it is kept with the reason.
    pub fn apply(&mut self, found: Found, statement: Option<&Envelope>, registry: &Registry) -> Result<(), Refusal> {
        self.keep(found, statement, registry)?;
        self.requests = reading::read(&self.facts, &mut self.acts, registry);
        match self.acts.get(&found.k).map(|kept| &kept.act.standing) {
            Some(Standing::Refused(refusal)) => Err(refusal.clone()),
            _ => Ok(()),
        }
    }

    fn keep(&mut self, found: Found, statement: Option<&Envelope>, registry: &Registry) -> Result<(), Refusal> {
        if found.k == 0 {
            return Err(Refusal::SlotZero);
        }
        if self.acts.get(&found.k).is_some_and(|kept| kept.own != Standing::Gap) {
            return Ok(());
        }
        let digest = statement.map(Envelope::digest);
        if digest.is_some_and(|digest| !commits_to(&self.salt, &found, digest, None)) {
            return Err(Refusal::Commitment);
        }
        let (signed, own) = match statement {
            None => (None, Standing::Gap),
            Some(envelope) => {
                let (signed, rules) = judge::judge(&found, envelope, &self.facts, registry);
                (signed, rules.map_or_else(Standing::Refused, |()| Standing::Counts))
            }
        };
        let (author, body) = signed.map_or((None, None), |(author, body)| (author, Some(body)));
        let act = Act {
            found,
            statement: digest,
            author,
            body,
            standing: own.clone(),
        };
        self.acts.insert(found.k, Kept { act, own });
        Ok(())
    }

    /// Takes every act that the log has for this case, with its statement where `statements` holds it, and notes how far
    /// the log was read.
    pub fn follow(&mut self, fold: &Fold, statements: &[Envelope]) {
        let mut statements = Statements::new(statements);
        for found in fold.slots().acts(&self.salt).into_iter().filter(|found| found.k > 0) {
            let statement = statements.find(&self.salt, &found);
            // Cannot fail: the slot is not 0, and the statement is the one that it commits to.
            let _ = self.keep(found, statement, fold.registry());
        }
        self.requests = reading::read(&self.facts, &mut self.acts, fold.registry());
        self.read_to = self.read_to.max(fold.size());
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
        self.acts.values().map(|kept| &kept.act)
    }

    /// Acts that count.
    pub fn counting(&self) -> impl Iterator<Item = (&Act, &Body)> {
        self.acts()
            .filter(|act| act.standing == Standing::Counts)
            .filter_map(|act| Some((act, act.body.as_ref()?)))
    }

    /// Acts whose statement nobody can show.
    pub fn gaps(&self) -> impl Iterator<Item = &Act> {
        self.acts().filter(|act| act.standing == Standing::Gap)
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
    pub fn acks(&self) -> BTreeMap<X, (Holds, Found)> {
        let mut acks: BTreeMap<X, (Holds, Found)> = BTreeMap::new();
        for (act, body) in self.counting() {
            if let Body::Ack(ack) = body {
                let known = acks.entry(ack.x).or_insert((ack.holds, act.found));
                known.0 = known.0.max(ack.holds);
                if act.found.index < known.1.index {
                    known.1 = act.found;
                }
            }
        }
        acks
    }

    /// Whether a seat holds a good share: dealt to, and no `reject` after its last `ack` (§8.1).
    pub fn holds_share(&self, x: X) -> bool {
        reading::held_share(&self.facts, &self.acts, x, u64::MAX)
    }

    /// Seats dealt to that have not acknowledged (or rejected) 72 h after the filing's inclusion (§7).
    pub fn late_acks(&self, at: u64) -> Vec<X> {
        if at <= self.ack_by() {
            return Vec::new();
        }
        let acks = self.acks();
        let silent = |x: &X| !acks.contains_key(x) && self.holds_share(*x);
        self.facts.dealt.iter().copied().filter(silent).collect()
    }

    /// Last second at which an ack is in time.
    pub fn ack_by(&self) -> u64 {
        self.filed.included_at.saturating_add(ACK_S)
    }

    /// Acks of t_account seats: «safe». Below, the page says "not yet safe; come back" (§7).
    pub fn is_safe(&self) -> bool {
        let holders = self.acks().into_keys().filter(|x| self.holds_share(*x)).count();
        holders >= usize::from(self.facts.account)
    }

    /// Where the next act goes.
    pub fn next_free(&self, fold: &Fold) -> u32 {
        fold.slots().next_free(&self.salt)
    }
}
