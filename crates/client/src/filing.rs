//! Filing an act: a slot that is drawn, K-files to her bucket, copies for whom it concerns, and a promise that verifies.

use casework::slots::Drawn;
use casework::twin::twin_of;
use casework::{Case, CommonFields, Filed, TwinPlace, Twinned};
use protocol::age::Recipient;
use protocol::drop::seal_act;
use protocol::http::{ActForm, EntryHex, RecordRef};
use protocol::ids::{Nonce, Version};
use protocol::problem::Problem;
use protocol::slot::Entry;
use protocol::statement::{DocketChoice, DocketId, Payload};
use protocol::{CaseId, Digest, Envelope};
use sealing::promise::{self, Present};

use crate::act::{BucketRecord, SignedAct, SignedStatement};
use crate::failure::{Code, Failure, Local, Outcome};
use crate::member::{Member, Warning};
use crate::work::{self, Part};

/// Keep class of K-files: as long as the log.
const KEEP_LOG: u32 = 0;
/// Keep class of what goes to a reader, in days.
const KEEP_READER: u32 = 30;
/// Keep class of what a member says to itself, in days: the longest that ends.
pub(crate) const KEEP_OWN: u32 = 400;

/// Copies of a statement for somebody who does not follow its case, or not from the log alone.
pub(crate) struct Copies {
    to: Recipient,
    /// Keep class, in days.
    keep: u32,
    records: Vec<Vec<u8>>,
}

impl Copies {
    /// For a reader, or for the key of a request.
    pub fn to_reader(to: Recipient, records: Vec<Vec<u8>>) -> Self {
        let keep = KEEP_READER;
        Self { to, keep, records }
    }

    /// For her new words, which find the case by it: nothing else leads there.
    pub fn to_her(to: Recipient, records: Vec<Vec<u8>>) -> Self {
        let keep = KEEP_LOG;
        Self { to, keep, records }
    }

    /// For the member that says it.
    pub fn to_self(to: Recipient, records: Vec<Vec<u8>>) -> Self {
        let keep = KEEP_OWN;
        Self { to, keep, records }
    }
}

impl Member {
    /// What a new statement begins with.
    pub(crate) fn head(&self) -> CommonFields {
        CommonFields {
            origin: self.log.root().origin.clone(),
            nonce: Nonce::draw(&mut self.random.clone()),
            time: self.wire.now(),
        }
    }

    /// Signs a statement with this member's key.
    pub(crate) fn sign<P: Payload>(&self, payload: &P) -> Outcome<Envelope> {
        payload
            .check()
            .map_err(|rule| Failure::new(Local::StatementRule).why(rule))?;
        Ok(Envelope::sign(payload, &[self.keys.signing()]))
    }

    /// Signs an act, with its twin where she chose the docket (§10.1). `request`: the one that it is on; an act on none has a
    /// docket of its own.
    pub(crate) fn sign_act<P: Twinned>(
        &self,
        case: &Case,
        request: Option<&Digest>,
        act: P,
    ) -> Outcome<SignedStatement> {
        if case.facts().policy.docket == DocketChoice::CountsOnly {
            return Ok(self.sign(&act)?.into());
        }
        let own = || Some(TwinPlace::first(DocketId::draw(&mut self.random.clone())));
        let place = request.map_or_else(own, |request| case.next_twin(request, self.x));
        let place = place.ok_or_else(|| Failure::bug("a request without a docket"))?;
        let state = request.and_then(|request| case.request(request));
        self.sign_with_twin(act, place, state.is_some_and(|state| state.request.urgent))
    }

    /// Signs an act and its twin, which stands at a place of a docket.
    pub(crate) fn sign_with_twin<P: Twinned>(
        &self,
        mut act: P,
        place: TwinPlace,
        is_urgent: bool,
    ) -> Outcome<SignedStatement> {
        let CommonFields { origin, nonce, .. } = self.head();
        let twin = twin_of(&act.clone().into_body(), self.x, is_urgent, &origin, nonce, place);
        let twin = self.sign(&twin.ok_or_else(|| Failure::bug("an act without a twin"))?)?;
        act.set_twin(twin.digest());
        Ok(SignedStatement {
            statement: self.sign(&act)?,
            twin: Some(twin),
        })
    }

    /// The records that carry a statement to `recipient`.
    pub(crate) fn sealed(&self, recipient: &Recipient, statement: &Envelope) -> Outcome<Vec<Vec<u8>>> {
        self.sealed_with_twin(recipient, statement, None)
    }

    /// The records that carry a statement, and its twin with it, to `recipient`.
    pub(crate) fn sealed_with_twin(
        &self,
        recipient: &Recipient,
        statement: &Envelope,
        twin: Option<&Envelope>,
    ) -> Outcome<Vec<Vec<u8>>> {
        let sealed = seal_act(recipient, statement, twin, &mut self.random.clone());
        sealed.map_err(|_| Failure::new(Local::StatementTooLong))
    }

    /// A statement with K-files for all who follow its case, and copies for somebody who does not. The same act that was
    /// sent before, and that nobody has answered, comes back as it was.
    pub(crate) fn draft(
        &self,
        case: &CaseId,
        signed: impl Into<SignedStatement>,
        copies: Option<Copies>,
    ) -> Outcome<SignedAct> {
        let (held, mut signed) = (self.case(case)?, signed.into());
        if let Some(sent) = self.sent_before(case, &signed.statement) {
            return Ok(sent);
        }
        if signed.twin.is_some() {
            self.is_before_in_docket(case, &signed.statement)?;
            signed = self.logged_without_twin(case, &signed.statement).unwrap_or(signed);
        }
        let SignedStatement { statement, twin } = signed;
        let registry = self.log.registry();
        let inbox = registry.bucket(held.inbox());
        let own = self.sealed_with_twin(&held.case.salt().k().recipient(), &statement, twin.as_ref())?;
        let mut records: Vec<BucketRecord> = own.into_iter().map(|bytes| (inbox, KEEP_LOG, bytes)).collect();
        if let Some(Copies {
            to,
            keep,
            records: copied,
        }) = copies
        {
            let bucket = registry.bucket(&to);
            records.extend(copied.into_iter().map(|bytes| (bucket, keep, bytes)));
        }
        let missing = twin.map(|twin| twin.digest());
        let missing = missing.filter(|twin| self.log.fold().slots().twin(*twin).is_none());
        Ok(SignedAct {
            case: *case,
            statement,
            records,
            twin_entry: missing.map(|twin| Entry::twin(twin, &mut self.random.clone()).to_bytes()),
        })
    }

    /// Files a statement with its records. The same act again, while it waits for its step, gives the promise that it has;
    /// it is kept before it is sent, and while nobody has answered it, it goes out as it was: so it is filed once, whatever
    /// became of the answer.
    ///
    /// # Errors
    /// [`Local::Pending`]; what the service says; the network; the store.
    pub async fn file(&mut self, draft: &SignedAct) -> Outcome<Filed> {
        if let Some(filed) = self.promised(&draft.case, &draft.statement)? {
            return Ok(filed);
        }
        self.keep_unanswered(draft)?;
        let outcome = self.post(draft).await;
        if outcome
            .as_ref()
            .err()
            .is_none_or(|failure| !failure.code.is_unanswered())
        {
            self.forget_unanswered(&draft.statement)?;
        }
        outcome
    }

    async fn post(&mut self, draft: &SignedAct) -> Outcome<Filed> {
        let SignedAct {
            case,
            statement,
            records,
            twin_entry,
        } = draft;
        let twin_entry = twin_entry.as_deref().map(entry_hex).transpose()?;
        let refs: Vec<RecordRef> = records
            .iter()
            .map(|(bucket, keep, bytes)| RecordRef {
                bucket: *bucket,
                keep: *keep,
                digest: Digest::of(bytes),
            })
            .collect();
        let draws = self.case(case)?.case.draws(self.log.fold(), &self.pending_slots(case));
        let mut draws = draws.beginning_with(self.sent_in(statement));
        while let Some(drawn) = draws.draw(&mut self.random.clone()) {
            self.keep_sent_in(statement, drawn)?;
            let Drawn { k, insist } = drawn;
            let salt = self.case(case)?.case.salt();
            let entry = salt.entry(k, statement.digest(), None).to_bytes();
            let form = ActForm {
                v: Version,
                origin: self.log.root().origin.clone(),
                entry: entry_hex(&entry)?,
                twin_entry,
                insist,
                records: refs.clone(),
            };
            let parts = records.iter().map(|(_, _, bytes)| Part::new(bytes));
            match self.signed(work::form("/api/v1/acts", "act", &form, parts)).await {
                Ok(answer) => {
                    let filed = Filed {
                        statement: statement.digest(),
                        k,
                        entry: Digest::of(&entry),
                        deadline: self.verify_promise(&answer.body, &entry, answer.date)?,
                    };
                    self.remember(case, statement, filed)?;
                    return Ok(filed);
                }
                Err(failure) if failure.code == Code::Service(Problem::SlotTaken) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::new(Local::NoSlot))
    }

    /// Verifies a promise for `entry`; gives its deadline. Nothing counts as filed before.
    pub(crate) fn verify_promise(&mut self, note: &[u8], entry: &[u8], server: Option<u64>) -> Outcome<u64> {
        let present = Present {
            device: self.wire.now(),
            latest: self.log.latest()?.1.time(),
            server: server.unwrap_or(0),
        };
        let promised = promise::check(note, entry, self.log.root(), present)?;
        let behind = promised.clock_behind_s.map(|by_s| Warning::ClockBehind { by_s });
        self.warnings.extend(behind);
        Ok(promised.deadline)
    }
}

fn entry_hex(entry: &[u8]) -> Outcome<EntryHex> {
    let bytes = entry
        .try_into()
        .map_err(|_| Failure::bug("an entry of another length"))?;
    Ok(EntryHex(bytes))
}
