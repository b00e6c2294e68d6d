//! The life of one testimony, for whoever has its `case_salt`: her, a seat, a reader after a release (§6.2, §8).
//!
//! [`Case::apply`] judges an act by itself (author, signature, form); `reading` judges the acts together, always
//! from all of them and in the order of the log, so that the order in which they become known changes nothing.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use protocol::age::Recipient;
use protocol::ids::PublicKey;
use protocol::open::Header;
use protocol::slot::CaseSalt;
use protocol::statement::{DocketId, Holds, Twin};
use protocol::{CaseId, Digest, Envelope, MemberNumber};

use crate::clock::ACK_S;
use crate::fold::Fold;
use crate::registry::Registry;
use crate::slots::{Draws, Found, SlotIndex, Statements, commits_to};
use twin::TwinPlace;

mod act;
mod danger;
mod erasure;
mod facts;
mod hers;
mod inbox;
mod judge;
mod judged;
mod lapse;
mod reading;
mod relied;
mod request;
pub mod twin;
mod weigh;

pub use act::{Act, ActRefusal, Body, Missing, Standing};
pub use danger::{DangerState, DangerStatus, Deed, DeedState};
pub use erasure::{ErasedState, ErasureState, Withdrawal};
pub use facts::{CaseError, Facts};
pub use hers::{AnswerState, ConsentState, DeclarantAct};
pub use inbox::InboxState;
use judge::{JudgedAlone, KeptTwin};
pub(crate) use judge::{check_compartments, check_request, check_request_twin};
pub use lapse::LapseState;
pub use request::{
    AidState, CompartmentState, DecisionState, FindingState, ObjectionState, OpenedState, ReleaseState, RequestState,
    RequestStatus,
};

/// One testimony and all acts on it, as far as its holder can read them.
pub struct Case {
    salt: CaseSalt,
    facts: Facts,
    filed: Found,
    acts: BTreeMap<u64, Kept>,
    read: reading::Read,
    read_to: u64,
    /// Its holder has a share file that says that somebody is in danger.
    is_flagged: bool,
}

/// An act with what was judged of it alone; `act.standing` is what all acts together make of it.
#[derive(Clone)]
struct Kept {
    act: Act,
    own: Standing,
    twin: Option<KeptTwin>,
}

/// A twin of an act on this case that something in the log commits to.
pub struct CommittedTwin<'a> {
    /// As its author signed it.
    pub envelope: &'a Envelope,
    /// What it says.
    pub twin: &'a Twin,
    /// Index of the entry that commits to it.
    pub index: u64,
    /// When the log included its act, POSIX seconds.
    pub at: u64,
}

impl Kept {
    /// Its statement was shown, and nothing that the log adds is waited for.
    fn is_known(&self) -> bool {
        self.act.statement.is_some() && self.own != Standing::Refused(ActRefusal::TwinNotLogged)
    }

    /// Whether it, and its twin if it must have one, stand among the first `size` entries.
    fn stands_within(&self, size: u64) -> bool {
        let needs = self.act.body.as_ref().is_some_and(Body::needs_twin);
        let twin = self.twin.as_ref().filter(|_| needs);
        self.act.found.index < size && twin.is_none_or(|twin| twin.index.is_some_and(|index| index < size))
    }
}

impl Case {
    /// From the header, for a seat or a reader. `header_file`: SHA-256 of the slot-0 K-file. The filing is the first entry
    /// in slot 0 that commits to this testimony. Checks that the council it was sealed to counts, and that thresholds and
    /// seats agree with that council (§5.3, §5.5, §7.5).
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn new(
        salt: CaseSalt,
        header: impl Borrow<Header>,
        header_file: Digest,
        fold: &Fold,
    ) -> Result<Self, CaseError> {
        let (facts, filed) = Facts::of_header(&salt, header.borrow(), header_file, fold)?;
        Ok(Self::begin(salt, facts, filed))
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
        let (facts, filed) = Facts::of_acks(&salt, id, inbox_key, fold, statements)?;
        let mut case = Self::begin(salt, facts, filed);
        case.follow(fold, statements);
        Ok(case)
    }

    fn begin(salt: CaseSalt, facts: Facts, filed: Found) -> Self {
        let mut acts = BTreeMap::new();
        Self {
            read: reading::read(&facts, filed, &mut acts),
            salt,
            facts,
            filed,
            acts,
            read_to: 0,
            is_flagged: false,
        }
    }

    /// Takes one reachable act ([`crate::slots::SlotActs`]), or a gap (`None`: nobody can show its statement). Any order gives
    /// the same case; a gap may be filled later; an act that is there already is left as it is. For acts without twins.
    ///
    /// # Errors
    /// [`ActRefusal`] says why the act does not count; it is kept with the reason.
    pub fn apply(&mut self, found: Found, statement: Option<&Envelope>, registry: &Registry) -> Result<(), ActRefusal> {
        self.keep(found, statement, |_| None, (registry, &SlotIndex::new()), true)?;
        self.read();
        match self.acts.get(&found.index).map(|kept| &kept.act.standing) {
            Some(Standing::Refused(refusal)) => Err(refusal.clone()),
            _ => Ok(()),
        }
    }

    fn keep<'a>(
        &mut self,
        found: Found,
        statement: Option<&Envelope>,
        twin_of: impl Fn(Digest) -> Option<&'a Envelope>,
        log: (&Registry, &SlotIndex),
        is_reachable: bool,
    ) -> Result<(), ActRefusal> {
        if found.k == 0 {
            return Err(ActRefusal::SlotZero);
        }
        if self.acts.get(&found.index).is_some_and(|kept| kept.is_known()) {
            return Ok(());
        }
        let mut digest = statement.map(Envelope::digest);
        if digest.is_some_and(|digest| !commits_to(&self.salt, &found, digest, None)) {
            return Err(ActRefusal::Commitment);
        }
        let judged = statement.map(|envelope| judge::judge(&found, envelope, twin_of, &self.facts, log));
        let (signed, twin, own) = match judged {
            None => (None, None, Standing::Gap),
            // Without its twin it is as if nobody showed it.
            Some(JudgedAlone { rules: None, .. }) => {
                digest = None;
                (None, None, Standing::Gap)
            }
            Some(JudgedAlone {
                signed,
                twin,
                rules: Some(rules),
            }) => (
                signed,
                twin,
                rules.map_or_else(Standing::Refused, |()| Standing::Counts),
            ),
        };
        let own = if is_reachable {
            own
        } else {
            Standing::Refused(ActRefusal::Unreachable)
        };
        let (author, body) = signed.map_or((None, None), |(author, body)| (author, Some(body)));
        let act = Act {
            found,
            statement: digest,
            author,
            body,
            standing: own.clone(),
        };
        self.acts.insert(found.index, Kept { act, own, twin });
        Ok(())
    }

    /// Takes every act that the log has for this case, with its statement where `statements` holds it, and notes how far
    /// the log was read.
    pub fn follow(&mut self, fold: &Fold, statements: &[Envelope]) {
        let mut statements = Statements::new(statements);
        let acts = fold.slots().acts(&self.salt, self.filed.index);
        let reachable = acts.reachable.into_iter().map(|found| (found, true));
        let unreachable = acts.unreachable.into_iter().map(|found| (found, false));
        for (found, is_reachable) in reachable.chain(unreachable) {
            let statement = statements.find(&self.salt, &found);
            // Cannot fail: the slot is not 0, and the statement is the one that it commits to.
            let log = (fold.registry(), fold.slots());
            let _ = self.keep(found, statement, |twin| statements.by_digest(twin), log, is_reachable);
        }
        self.read();
        self.read_to = self.read_to.max(fold.size());
    }

    fn read(&mut self) {
        self.read = reading::read(&self.facts, self.filed, &mut self.acts);
    }

    /// How many entries of the log were searched for acts on this case.
    pub fn read_to(&self) -> u64 {
        self.read_to
    }

    /// As it stood before a time, POSIX seconds: with the acts alone that the log included before it.
    #[must_use]
    pub fn before(&self, time: u64) -> Self {
        let included = self.acts.iter().filter(|(_, kept)| kept.act.found.included_at < time);
        let mut acts: BTreeMap<u64, Kept> = included.map(|(index, kept)| (*index, kept.clone())).collect();
        Self {
            read: reading::read(&self.facts, self.filed, &mut acts),
            salt: CaseSalt::new(*self.salt.expose()),
            facts: self.facts.clone(),
            filed: self.filed,
            acts,
            read_to: self.read_to,
            is_flagged: self.is_flagged,
        }
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

    /// All acts but the filing, in the order of the log, gaps and refused ones included.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.values().map(|kept| &kept.act)
    }

    /// Whether an act, and its twin if it must have one, stand among the first `size` entries.
    pub(crate) fn stands_within(&self, found: &Found, size: u64) -> bool {
        self.acts.get(&found.index).is_some_and(|kept| kept.stands_within(size))
    }

    /// The twins of acts on this case that the log commits to, each once, in the order of the acts.
    pub fn twins(&self) -> impl Iterator<Item = CommittedTwin<'_>> {
        let mut seen = BTreeSet::new();
        let committed = self.acts.values().filter_map(|kept| {
            let KeptTwin { envelope, twin, index } = kept.twin.as_ref()?;
            let (index, at) = ((*index)?, kept.act.found.included_at);
            Some(CommittedTwin {
                envelope,
                twin,
                index,
                at,
            })
        });
        committed.filter(move |twin| seen.insert(twin.index))
    }

    /// The docket of a request, where it has one.
    pub fn docket(&self, request: &Digest) -> Option<DocketId> {
        self.request(request)?.docket
    }

    /// Where the next twin of a member stands in the docket of a request.
    pub fn next_twin(&self, request: &Digest, x: MemberNumber) -> Option<TwinPlace> {
        let docket = self.docket(request)?;
        let own = self.twins().filter(|it| it.twin.docket == docket && it.twin.seat == x);
        let last = own.max_by_key(|it| it.twin.n);
        Some(last.map_or(TwinPlace::first(docket), |last| TwinPlace {
            docket,
            n: last.twin.n.saturating_add(1),
            prev: Some(last.envelope.digest()),
        }))
    }

    /// Acts that count.
    pub fn counting(&self) -> impl Iterator<Item = (&Act, &Body)> {
        self.acts()
            .filter(|act| act.standing == Standing::Counts)
            .filter_map(|act| Some((act, act.body.as_ref()?)))
    }

    /// The acts that a member wrote, whether they count or not: where and when the log included each, and its `time`.
    pub(crate) fn written_by(&self, x: MemberNumber) -> impl Iterator<Item = (Found, u64)> {
        let own = self.acts().filter(move |act| act.author == Some(x));
        own.filter_map(|act| Some((act.found, act.body.as_ref()?.time()?)))
    }

    /// Acts whose statement nobody can show.
    pub fn gaps(&self) -> impl Iterator<Item = &Act> {
        self.acts().filter(|act| act.standing == Standing::Gap)
    }

    /// Valid requests, in the order of the log.
    pub fn requests(&self) -> &[RequestState] {
        &self.read.requests
    }

    /// One request.
    pub fn request(&self, digest: &Digest) -> Option<&RequestState> {
        self.read.requests.iter().find(|state| state.digest == *digest)
    }

    /// Seats that have acknowledged their share, with the most that each says to hold and the first inclusion.
    pub fn acks(&self) -> BTreeMap<MemberNumber, (Holds, Found)> {
        let mut acks: BTreeMap<MemberNumber, (Holds, Found)> = BTreeMap::new();
        for (act, body) in self.counting() {
            if let Body::Ack(ack) = body {
                let known = acks.entry(ack.x).or_insert((ack.holds, act.found));
                known.0 = known.0.max(ack.holds);
            }
        }
        acks
    }

    /// Whether a seat holds a good share: dealt to, no `reject` after its last `ack`, and not erased (§8.1).
    pub fn holds_share(&self, x: MemberNumber) -> bool {
        self.facts.dealt.contains(&x) && !self.read.without.contains(&x)
    }

    /// Where a lapse stands; `None` where she chose none (§8.4).
    pub fn lapse(&self) -> Option<&LapseState> {
        self.read.lapse.as_ref()
    }

    /// Withdrawal, declining, and what is destroyed (§9.6).
    pub fn erasure(&self) -> &ErasureState {
        &self.read.erasure
    }

    /// Its holder, a seat, has a share file that says that somebody is in danger (§5.4): no acknowledgement need say so.
    pub fn flag_danger(&mut self) {
        self.is_flagged = true;
    }

    /// Who says that somebody is in danger, and what was done about it (§7).
    pub fn danger(&self) -> &DangerState {
        &self.read.danger
    }

    /// Where the danger stands at `at`, POSIX seconds (§7).
    pub fn danger_status(&self, at: u64) -> DangerStatus {
        let is_said = self.is_flagged || !self.read.danger.said_by.is_empty();
        let has_ended = self.erasure().is_final() || self.erasure().declined_from().is_some();
        if !is_said || has_ended {
            return DangerStatus::Quiet;
        }
        self.read.danger.status(self.filed.included_at, at)
    }

    /// Whether, at any second from `begin` to `until`, no seat had said in time what was done about danger of which an
    /// acknowledgement says that it is there; `ended`: from when nobody owes that.
    pub(crate) fn danger_was_overdue(&self, begin: u64, until: u64, ended: Option<u64>) -> bool {
        let until = ended.map_or(until, |ended| until.min(ended.saturating_sub(1)));
        let danger = &self.read.danger;
        !danger.said_by.is_empty() && danger.was_overdue(self.filed.included_at, begin, until)
    }

    /// Where and when the log included what she has said, each statement once, in log order.
    pub fn heard(&self) -> &[Found] {
        &self.read.heard
    }

    /// The change of her inbox that stands; `None` while messages go into the inbox of the header (§9.3).
    pub fn inbox(&self) -> Option<&InboxState> {
        self.read.inboxes.iter().max_by_key(|state| state.rank())
    }

    /// Since when messages go to an inbox that is not one of these. What the change names as their recipient says it: with her
    /// old words alone it can name their own key beside another's recipient.
    pub fn messages_elsewhere(&self, mine: &[Recipient]) -> Option<Found> {
        let moved = self.inbox()?;
        (!mine.contains(&moved.recipient)).then_some(moved.found)
    }

    /// Her next `n`: above every one that the log shows. A gap may be hers, so each counts.
    pub fn next_n(&self) -> u32 {
        let hers = self.acts().filter_map(|act| match &act.body {
            Some(Body::Hers(hers)) => Some(hers.n()),
            _ => None,
        });
        let gaps = u32::try_from(self.gaps().count()).unwrap_or(u32::MAX);
        hers.max().unwrap_or(0).saturating_add(gaps).saturating_add(1)
    }

    /// Seats dealt to that have not acknowledged (or rejected) 72 h after the filing's inclusion (§7).
    pub fn late_acks(&self, at: u64) -> Vec<MemberNumber> {
        if at <= self.ack_by() {
            return Vec::new();
        }
        let acks = self.acks();
        let silent = |x: &MemberNumber| !acks.contains_key(x) && self.holds_share(*x);
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

    /// The slots among which the next act's is drawn; `own`: slots of the author's acts that are promised and not in the
    /// log yet.
    pub fn draws(&self, fold: &Fold, own: &BTreeSet<u32>) -> Draws {
        fold.slots().draws(&self.salt, self.filed.index, own)
    }
}
