//! Messages to her (§9.4), and greetings (§9.2): what opens with her inbox key.

use std::collections::{BTreeMap, HashSet};

use casework::Registry;
use protocol::drop::{Assembler, Stored, open_new};
use protocol::ids::{Day, MemberNumber, PublicKey};
use protocol::phrase::CaseKeys;
use protocol::statement::{Message, Payload as _};
use protocol::{CaseId, Digest, Envelope};
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
}

/// One inbox as far as it was read.
#[derive(Default)]
pub(super) struct Inbox {
    tried: HashSet<Digest>,
    assembler: Assembler,
    /// Statements that opened and were not looked at.
    came: Vec<Envelope>,
    messages: Vec<Signed>,
    /// The highest counter of each author at the readings before this one.
    seen: BTreeMap<MemberNumber, u32>,
}

/// A message whose author signed it.
struct Signed {
    statement: Digest,
    x: MemberNumber,
    key: PublicKey,
    message: Message,
}

impl Inbox {
    /// Tries the records that are new, and takes what they say of this case.
    pub fn take(&mut self, keys: &CaseKeys, records: &[Stored], registry: &Registry) {
        for (_, record) in open_new(&keys.inbox, records, &mut self.tried) {
            self.came
                .extend(self.assembler.push(record).map(|(statement, _)| statement));
        }
        // What came at one reading is in no order; what comes later has a higher counter, or is shown again.
        let mut fresh: Vec<Signed> = std::mem::take(&mut self.came)
            .into_iter()
            .filter_map(|statement| read(&statement, &keys.id, registry))
            .collect();
        fresh.sort_by_key(|signed| signed.message.n);
        for signed in fresh {
            let seen = self.seen.get(&signed.x).copied().unwrap_or(0);
            let is_known = |known: &Signed| (known.x, known.message.n) == (signed.x, signed.message.n);
            if signed.message.n > seen && !self.messages.iter().any(is_known) {
                self.messages.push(signed);
            }
        }
        for signed in &self.messages {
            let seen = self.seen.entry(signed.x).or_insert(0);
            *seen = signed.message.n.max(*seen);
        }
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// The messages, by day and counter.
    pub fn messages(&self, registry: &Registry) -> Vec<MessageView> {
        let shown = |signed: &Signed| MessageView {
            day: signed.message.day,
            from: Who::with_key(signed.x, &signed.key, registry),
            n: signed.message.n,
            text: signed.message.text.clone(),
            statement: signed.statement,
        };
        let mut all: Vec<MessageView> = self.messages.iter().map(shown).collect();
        all.sort_by_key(|message| (message.day, message.n));
        all
    }
}

/// A message on this case, or on none, signed by a seat of any council; the greeting that everybody gets is no message.
fn read(statement: &Envelope, case: &CaseId, registry: &Registry) -> Option<Signed> {
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
    let is_ours = message.case.is_none_or(|named| named == *case) && message.origin == *registry.origin();
    is_ours.then(|| Signed {
        statement: statement.digest(),
        x,
        key,
        message,
    })
}
