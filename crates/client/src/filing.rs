//! Filing an act: a slot that is drawn, K-files to her bucket, copies for whom it concerns, and a promise that verifies.

use casework::slots::Drawn;
use casework::{CommonFields, Filed};
use protocol::age::Recipient;
use protocol::drop::seal_act;
use protocol::http::{ActForm, EntryHex, RecordRef, multipart};
use protocol::ids::{Nonce, Version};
use protocol::statement::Payload;
use protocol::{CaseId, Digest, Envelope, json};
use rand_core::Rng as _;
use tlog::Note;
use tlog::promise::Promise;

use crate::desk::Desk;
use crate::failure::{Failure, Outcome};
use crate::random;
use crate::wire::Call;

/// Keep class of K-files: as long as the log.
const KEEP_LOG: u32 = 0;
/// Keep class of what goes to a reader, in days.
const KEEP_READER: u32 = 30;
/// A promise is for at most this long, plus what clocks may differ.
const DEADLINE_MAX_S: u64 = 24 * 3600 + 300;

/// A record with the name of its bucket and its keep class.
pub(crate) type Kept = (String, u32, Vec<u8>);

impl Desk {
    /// What a new statement begins with.
    pub(crate) fn head(&self) -> CommonFields {
        CommonFields {
            origin: self.log.root().origin.clone(),
            nonce: Nonce::draw(&mut random::system()),
            time: self.wire.now(),
        }
    }

    /// Signs a statement with this member's key.
    pub(crate) fn sign<P: Payload>(&self, payload: &P) -> Outcome<Envelope> {
        payload
            .check()
            .map_err(|rule| Failure::new("statement-rule").why(rule))?;
        Ok(Envelope::sign(payload, &[self.keys.signing()]))
    }

    /// The records of a statement on a case: K-files for all who follow it, and copies for somebody else.
    pub(crate) fn records(
        &self,
        id: &CaseId,
        statement: &Envelope,
        copies: Option<(Recipient, Vec<Vec<u8>>)>,
    ) -> Outcome<Vec<Kept>> {
        let held = self.held(id)?;
        let registry = self.log.registry();
        let inbox = registry.bucket(held.inbox());
        let own = act_records(&held.case.salt().k().recipient(), statement)?;
        let mut records: Vec<Kept> = own.into_iter().map(|bytes| (inbox.clone(), KEEP_LOG, bytes)).collect();
        if let Some((recipient, copied)) = copies {
            let bucket = registry.bucket(&recipient);
            records.extend(copied.into_iter().map(|bytes| (bucket.clone(), KEEP_READER, bytes)));
        }
        Ok(records)
    }

    /// Files a statement on a case with its records. The same act again, while it waits for its step, gives the promise
    /// that it has; the same statement with the same records is filed once, whatever became of the answer.
    pub(crate) async fn file_act(&mut self, id: &CaseId, statement: &Envelope, records: &[Kept]) -> Outcome<Filed> {
        if let Some(filed) = self.promised(id, statement)? {
            return Ok(filed);
        }
        let refs: Vec<RecordRef> = records
            .iter()
            .map(|(bucket, keep, bytes)| RecordRef {
                bucket: bucket.clone(),
                keep: *keep,
                digest: Digest::of(bytes),
            })
            .collect();
        let own = self.pending_slots(id);
        let sent = self.sent.get(&statement.digest()).copied();
        let mut draws = self.held(id)?.case.draws(self.log.fold(), &own).beginning_with(sent);
        while let Some(drawn) = draws.draw(&mut random::system()) {
            let Drawn { k, insist } = drawn;
            self.sent.insert(statement.digest(), drawn);
            let entry = self.held(id)?.case.salt().entry(k, statement.digest(), None).to_bytes();
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
            let mut boundary = [0; 32];
            random::system().fill_bytes(&mut boundary);
            let files = records
                .iter()
                .map(|(_, _, bytes)| (Digest::of(bytes), bytes.as_slice()));
            let (content_type, body) = multipart(&Digest(boundary).to_hex(), "act", &json::write(&form), files);
            match self.signed(Call::post("/api/v1/acts", content_type, body)).await {
                Ok(answer) => {
                    let filed = Filed {
                        statement: statement.digest(),
                        k,
                        entry: Digest::of(&entry),
                        deadline: self.verify_promise(&answer.body, &entry)?,
                    };
                    self.remember(id, statement, filed);
                    self.sent.remove(&statement.digest());
                    return Ok(filed);
                }
                Err(failure) if failure.code == "slot-taken" => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::new("no-slot"))
    }

    /// Verifies a promise for `entry`; gives its deadline. Nothing counts as filed before.
    fn verify_promise(&self, note: &[u8], entry: &[u8]) -> Outcome<u64> {
        let refuse = |why: String| Failure::new("promise").why(why);
        let key = self.log.root().log_key().map_err(|error| refuse(error.to_string()))?;
        let note = Note::parse(note).map_err(|error| refuse(error.to_string()))?;
        let promise = Promise::verify(&note, &key).map_err(|error| refuse(error.to_string()))?;
        if promise.origin != self.log.root().origin.as_str() || promise.entry != Digest::of(entry).0 {
            return Err(refuse("it is for another entry".to_owned()));
        }
        if promise.deadline > self.wire.now().saturating_add(DEADLINE_MAX_S) {
            return Err(refuse("its deadline is more than 24 hours away".to_owned()));
        }
        Ok(promise.deadline)
    }
}

/// The records that carry a statement to `recipient`.
pub(crate) fn act_records(recipient: &Recipient, statement: &Envelope) -> Outcome<Vec<Vec<u8>>> {
    seal_act(recipient, statement, None, &mut random::system()).map_err(|_| Failure::new("too-large"))
}
