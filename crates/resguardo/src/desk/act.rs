//! Filing an act: a slot that is drawn, K-files to her bucket, copies for whom it concerns, and a promise that verifies.

use super::Desk;
use crate::failure::{Exit, Failure, Outcome};
use crate::promise;
use crate::random;
use crate::remote::Part;
use casework::slots::Drawn;
use casework::{CommonFields, Filed};
use protocol::age::Recipient;
use protocol::drop::seal_act;
use protocol::http::{ActForm, EntryHex, RecordRef};
use protocol::ids::{Nonce, Version};
use protocol::statement::Payload;
use protocol::{CaseId, Digest, Envelope};

/// Keep class of K-files: as long as the log.
const KEEP_LOG: u32 = 0;
/// Keep class of what goes to a reader, in days.
pub(super) const KEEP_READER: u32 = 30;

/// A record with the name of its bucket and its keep class.
pub(super) type Kept = (String, u32, Vec<u8>);

/// Records for somebody besides those who have K.
pub(super) struct Copies<'a> {
    /// Sealed to.
    pub recipient: &'a Recipient,
    /// The records.
    pub records: Vec<Vec<u8>>,
}

impl Desk {
    /// What a new statement begins with.
    pub(super) fn head(&self) -> CommonFields {
        CommonFields {
            origin: self.follow.trust().origin().clone(),
            nonce: Nonce::draw(&mut random::system()),
            time: crate::clock::now(),
        }
    }

    /// Signs a statement with this member's key.
    pub(super) fn sign<P: Payload>(&self, payload: &P) -> Outcome<Envelope> {
        payload.check().map_err(|rule| {
            Failure::usage("the statement would break a rule of its form")
                .why(rule)
                .remedy("nothing was signed")
        })?;
        Ok(Envelope::sign(payload, &[self.keys.signing()]))
    }

    /// Files a statement on a case, with K-files for all who follow it and copies for others. The same act again, while
    /// it waits for its step, gives the promise that it has; while nobody has answered it, it goes out as it was.
    pub(super) fn file_act(&mut self, id: &CaseId, statement: &Envelope, copies: &[Copies<'_>]) -> Outcome<Filed> {
        if let Some(filed) = self.promised(id, statement)? {
            return Ok(filed);
        }
        let (statement, records) = match self.unanswered(id, statement) {
            Some(sent) => sent,
            None => {
                let records = self.records(id, statement, copies)?;
                self.keep_unanswered(id, statement, &records)?;
                (statement.clone(), records)
            }
        };
        let outcome = self.post_act(id, &statement, &records);
        if !matches!(&outcome, Err(failure) if failure.exit == Exit::Network) {
            self.forget_unanswered(&statement)?;
        }
        outcome
    }

    fn records(&self, id: &CaseId, statement: &Envelope, copies: &[Copies<'_>]) -> Outcome<Vec<Kept>> {
        let held = self.held(id)?;
        let registry = self.follow.registry();
        let inbox = registry.bucket(held.inbox());
        let own = act_records(&held.case.salt().k().recipient(), statement)?;
        let mut records: Vec<Kept> = own.into_iter().map(|bytes| (inbox.clone(), KEEP_LOG, bytes)).collect();
        for copy in copies {
            let bucket = registry.bucket(copy.recipient);
            let copied = copy.records.iter();
            records.extend(copied.map(|bytes| (bucket.clone(), KEEP_READER, bytes.clone())));
        }
        Ok(records)
    }

    fn post_act(&mut self, id: &CaseId, statement: &Envelope, records: &[Kept]) -> Outcome<Filed> {
        let parts: Vec<Part<'_>> = records.iter().map(|(_, _, bytes)| Part::new(bytes)).collect();
        let refs = records.iter().zip(&parts);
        let refs: Vec<RecordRef> = refs
            .map(|((bucket, keep, _), part)| RecordRef {
                bucket: bucket.clone(),
                keep: *keep,
                digest: part.digest,
            })
            .collect();
        let held = self.held(id)?;
        let mut draws = held.case.draws(self.follow.fold(), &self.pending_slots(id));
        draws = draws.beginning_with(self.sent_in(statement));
        while let Some(drawn) = draws.draw(&mut random::system()) {
            self.keep_sent_in(statement, drawn)?;
            let Drawn { k, insist } = drawn;
            let held = self.held(id)?;
            let entry = held.case.salt().entry(k, statement.digest(), None).to_bytes();
            let form = ActForm {
                v: Version,
                origin: self.follow.trust().origin().clone(),
                entry: entry_hex(&entry)?,
                twin_entry: None,
                insist,
                records: refs.clone(),
            };
            match self.follow.remote().post_act(&self.signer(), &form, &parts) {
                Ok(note) => {
                    let deadline = promise::verify(&note, &entry, &self.follow, &self.console)?;
                    let filed = Filed {
                        statement: statement.digest(),
                        k,
                        entry: Digest::of(&entry),
                        deadline,
                    };
                    self.remember(id, statement, filed)?;
                    return Ok(filed);
                }
                Err(failure) if failure.code == "slot-taken" => continue,
                Err(failure) => return Err(failure),
            }
        }
        Err(
            Failure::new(Exit::Check, "no-slot", "the service refuses this act for its slot")
                .why("it says that the slot is taken, although the form insists")
                .remedy("nothing was filed; run it again, and if it stays so, tell the council and the operator"),
        )
    }
}

/// 65 bytes of an opaque entry, for a form.
pub(crate) fn entry_hex(entry: &[u8]) -> Outcome<EntryHex> {
    entry
        .try_into()
        .map(EntryHex)
        .map_err(|_| Failure::bug("an entry that is not 65 bytes"))
}

/// The records that carry a statement to `recipient`.
pub(super) fn act_records(recipient: &Recipient, statement: &Envelope) -> Outcome<Vec<Vec<u8>>> {
    seal_act(recipient, statement, None, &mut random::system()).map_err(|_| too_long())
}

fn too_long() -> Failure {
    Failure::usage("the statement is too long for records")
        .why("records have one length, so that nobody can tell them apart")
        .remedy("shorten its texts; nothing was filed")
}
