//! Filing an act: a slot that is drawn, K-files to her bucket, copies for whom it concerns, and a promise that verifies.

use casework::slots::Drawn;
use casework::{CommonFields, Filed};
use protocol::age::Recipient;
use protocol::drop::seal_act;
use protocol::http::{ActForm, EntryHex, RecordRef};
use protocol::ids::{Nonce, Version};
use protocol::problem::Problem;
use protocol::statement::Payload;
use protocol::{CaseId, Digest, Envelope};

use crate::act::{BucketRecord, SignedAct};
use crate::failure::{Code, Failure, Local, Outcome};
use crate::member::{Member, Warning};
use crate::promise::{self, Present};
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

    /// The records that carry a statement to `recipient`.
    pub(crate) fn sealed(&self, recipient: &Recipient, statement: &Envelope) -> Outcome<Vec<Vec<u8>>> {
        let sealed = seal_act(recipient, statement, None, &mut self.random.clone());
        sealed.map_err(|_| Failure::new(Local::StatementTooLong))
    }

    /// A statement with K-files for all who follow its case, and copies for somebody who does not. The same act that was
    /// sent before, and that nobody has answered, comes back as it was.
    pub(crate) fn draft(&self, case: &CaseId, statement: Envelope, copies: Option<Copies>) -> Outcome<SignedAct> {
        let held = self.case(case)?;
        if let Some(sent) = self.sent_before(case, &statement) {
            return Ok(sent);
        }
        let registry = self.log.registry();
        let inbox = registry.bucket(held.inbox());
        let own = self.sealed(&held.case.salt().k().recipient(), &statement)?;
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
        Ok(SignedAct {
            case: *case,
            statement,
            records,
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
        } = draft;
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
            let bytes: [u8; 65] = entry
                .as_slice()
                .try_into()
                .map_err(|_| Failure::bug("an entry of another length"))?;
            let form = ActForm {
                v: Version,
                origin: self.log.root().origin.clone(),
                entry: EntryHex(bytes),
                twin_entry: None,
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
        let promised = promise::verify(note, entry, self.log.root(), present)?;
        let behind = promised.clock_behind_s.map(|by_s| Warning::ClockBehind { by_s });
        self.warnings.extend(behind);
        Ok(promised.deadline)
    }
}
