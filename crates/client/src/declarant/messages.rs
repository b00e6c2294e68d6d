//! Messages to her (§9.4), and greetings (§9.2): what opens with her inbox key.

use std::collections::{BTreeMap, HashSet};

use casework::Registry;
use protocol::drop::{Assembler, Stored, open_new};
use protocol::http::Quota;
use protocol::ids::{Day, MemberNumber, PublicKey};
use protocol::phrase::CaseKeys;
use protocol::statement::{InboxChange, Message, Payload as _};
use protocol::{CaseId, Digest, Envelope, Origin};
use serde::Serialize;

use super::who::Who;

/// A message to her.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// The day that its author wrote.
    pub day: Day,
    /// Who wrote it: the institution, never a free name.
    pub from: Who,
    /// Its author's counter.
    pub n: u32,
    /// What it says.
    pub text: String,
    /// D of the statement.
    pub statement: Digest,
    /// An upload code that came with it (§5.2).
    pub quota: Option<Quota>,
}

/// One inbox as far as it was read.
#[derive(Default)]
pub(super) struct Inbox {
    tried: HashSet<Digest>,
    assembler: Assembler,
    /// The keys of cases of other words that were moved here.
    moved: Vec<CaseKeys>,
    /// Messages on any case: those of a case that was moved come here too.
    messages: Vec<Signed>,
    /// The highest counter of each author on each case at the readings before this one.
    seen: BTreeMap<(Option<CaseId>, MemberNumber), u32>,
}

/// A message whose author signed it.
struct Signed {
    statement: Digest,
    x: MemberNumber,
    key: PublicKey,
    message: Message,
}

impl Signed {
    /// Who counts in its `n`.
    fn author(&self) -> (Option<CaseId>, MemberNumber) {
        (self.message.case, self.x)
    }
}

impl Inbox {
    /// Tries the records that are new, and takes the messages and the cases that they bring.
    pub fn take(&mut self, keys: &CaseKeys, records: &[Stored], registry: &Registry) {
        let mut fresh = Vec::new();
        for (_, record) in open_new(&keys.inbox, records, &mut self.tried) {
            let Some((statement, _)) = self.assembler.push(record) else {
                continue;
            };
            if let Some(case) = moved(&statement, keys, registry.origin())
                && !self.moved.iter().any(|known| known.id == case.id)
            {
                self.moved.push(case);
            }
            fresh.extend(read(&statement, registry));
        }
        // What came at one reading is in no order; what comes later has a higher counter, or is shown again.
        for signed in fresh {
            let seen = self.seen.get(&signed.author()).copied().unwrap_or(0);
            let is_known = |known: &Signed| (known.author(), known.message.n) == (signed.author(), signed.message.n);
            if signed.message.n > seen && !self.messages.iter().any(is_known) {
                self.messages.push(signed);
            }
        }
        for signed in &self.messages {
            let seen = self.seen.entry(signed.author()).or_insert(0);
            *seen = signed.message.n.max(*seen);
        }
    }

    /// How many records were tried.
    pub fn tried(&self) -> usize {
        self.tried.len()
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// The keys of cases of other words that were moved into this inbox.
    pub fn moved(&self) -> &[CaseKeys] {
        &self.moved
    }

    /// Puts the messages on the cases that are asked for, `None` being none, into those by day and counter.
    pub fn put(&self, registry: &Registry, is_asked: &dyn Fn(Option<CaseId>) -> bool, into: &mut Vec<MessageView>) {
        let shown = |signed: &Signed| MessageView {
            day: signed.message.day,
            from: Who::with_key(signed.x, &signed.key, registry),
            n: signed.message.n,
            text: signed.message.text.clone(),
            statement: signed.statement,
            quota: signed.message.quota,
        };
        for signed in self.messages.iter().filter(|signed| is_asked(signed.message.case)) {
            let message = shown(signed);
            let at = into.partition_point(|other| (other.day, other.n) <= (message.day, message.n));
            into.insert(at, message);
        }
    }
}

/// A message signed by a seat of any council; the greeting that everybody gets is no message.
fn read(statement: &Envelope, registry: &Registry) -> Option<Signed> {
    if statement.name()? != Message::NAME {
        return None;
    }
    let claimed: Message = statement.unverified().ok()?;
    let x = MemberNumber::new(claimed.x)?;
    let mut councils = registry.councils().iter().rev();
    let (key, message) = councils.find_map(|council| {
        let counsel = council.counsel.as_ref().filter(|counsel| counsel.x == x);
        let key = council
            .seat(x)
            .map(|seat| seat.key)
            .or(counsel.map(|counsel| counsel.key))?;
        Some((key, statement.verify::<Message>(&[key]).ok()?.into_inner()))
    })?;
    (message.origin == *registry.origin()).then(|| Signed {
        statement: statement.digest(),
        x,
        key,
        message,
    })
}

/// The keys of a case that a change moves into this inbox. Whoever knows the inbox can write to it: taken is only what its
/// own key has signed too, beside the key of the case, for this log.
fn moved(change: &Envelope, own: &CaseKeys, origin: &Origin) -> Option<CaseKeys> {
    let claimed: InboxChange = change.unverified().ok()?;
    let keys = claimed.part.open(&own.inbox, &claimed.case)?;
    let author = |keys: &CaseKeys| PublicKey(keys.signing.verifying_key().to_bytes());
    let verified = change.verify::<InboxChange>(&[author(&keys), author(own)]).ok()?;
    let inbox = (&verified.inbox.recipient, verified.inbox.key);
    (inbox == (&own.inbox.recipient(), author(own)) && verified.origin == *origin).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use protocol::ids::{Nonce, Version};
    use protocol::phrase::PhraseRoot;
    use protocol::share::moved::MovedCase;
    use protocol::statement::Inbox;

    fn words(seed: u8) -> CaseKeys {
        PhraseRoot::from_bytes([seed; 32]).case(0)
    }

    fn change(of: &CaseKeys, to: &CaseKeys, origin: &str) -> InboxChange {
        let recipient = to.inbox.recipient();
        InboxChange {
            v: Version,
            origin: Origin::new(origin).expect("an origin"),
            nonce: Nonce::draw(&mut Random::default()),
            day: Day::parse("2026-11-29").expect("a day"),
            case: of.id,
            part: MovedCase::seal(of, &recipient, &mut Random::default()),
            inbox: Inbox {
                recipient,
                key: PublicKey(to.signing.verifying_key().to_bytes()),
            },
            n: 1,
        }
    }

    /// A bought seat knows the inbox of her new words, and whoever has it can seal to it: no filing of another's making
    /// shows under them.
    #[test]
    fn only_what_both_inboxes_signed_for_this_log_brings_a_case() {
        let (old, new, other) = (words(1), words(2), words(3));
        let origin = Origin::new("demo.test/log").expect("an origin");
        let of = |change: &InboxChange, signers: &[&CaseKeys]| {
            let keys: Vec<_> = signers.iter().map(|keys| &keys.signing).collect();
            moved(&Envelope::sign(change, &keys), &new, &origin).map(|keys| keys.id)
        };
        let right = change(&old, &new, "demo.test/log");
        assert_eq!(of(&right, &[&old, &new]), Some(old.id));
        for signers in [
            &[&old][..],
            &[&new],
            &[&other, &new],
            &[&old, &other],
            &[&old, &new, &other],
        ] {
            assert_eq!(of(&right, signers), None, "{} signers", signers.len());
        }
        assert_eq!(of(&change(&old, &new, "another.test/log"), &[&old, &new]), None);
        let elsewhere = change(&old, &other, "demo.test/log");
        assert_eq!(of(&elsewhere, &[&old, &other]), None, "sealed to another inbox");
        let mut named = change(&old, &new, "demo.test/log");
        named.case = other.id;
        assert_eq!(of(&named, &[&old, &new]), None, "the keys are of another case");
        let mut to_other = change(&old, &new, "demo.test/log");
        to_other.inbox = elsewhere.inbox;
        assert_eq!(of(&to_other, &[&old, &new]), None, "messages would go elsewhere");
        let mut to_other = change(&old, &new, "demo.test/log");
        to_other.inbox.recipient = other.inbox.recipient();
        assert_eq!(of(&to_other, &[&old, &new]), None, "likewise, under her key");
    }
}
