//! What she says on a case after filing (§8.3, §8.4, §9.3, §9.6), and which of several answers counts.

use std::cmp::Reverse;

use protocol::envelope::EnvelopeError;
use protocol::ids::PublicKey;
use protocol::share::consent::SealedPart;
use protocol::statement::{Alive, Consent, DeclarantObjection, InboxChange, Message, Payload, Withdraw};
use protocol::{CaseId, Digest, Envelope, Origin, Verified};
use serde::Serialize;

use crate::slots::Found;

/// A statement signed with her inbox key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum DeclarantAct {
    /// She consents to a request, or does not.
    Consent(Consent),
    /// She objects.
    #[serde(rename = "declarant-objection")]
    Objection(DeclarantObjection),
    /// She withdraws, or takes that back.
    Withdraw(Withdraw),
    /// A sign of life.
    Alive(Alive),
    /// She writes to the seats.
    Message(Message),
    /// Her inbox moves.
    InboxChange(InboxChange),
}

impl DeclarantAct {
    /// Reads a statement of hers, signed with `key`; without a key, what it claims. `None` for what she does not sign.
    pub fn read(statement: &Envelope, key: Option<&PublicKey>) -> Option<Result<Self, EnvelopeError>> {
        Some(match statement.name()? {
            Consent::NAME => payload(statement, key).map(Self::Consent),
            DeclarantObjection::NAME => payload(statement, key).map(Self::Objection),
            Withdraw::NAME => payload(statement, key).map(Self::Withdraw),
            Alive::NAME => payload(statement, key).map(Self::Alive),
            InboxChange::NAME => change(statement, key).map(Self::InboxChange),
            Message::NAME if statement.unverified::<Message>().is_ok_and(|message| message.x == 0) => {
                payload(statement, key).map(Self::Message)
            }
            _ => return None,
        })
    }

    /// The statement's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Consent(_) => Consent::NAME,
            Self::Objection(_) => DeclarantObjection::NAME,
            Self::Withdraw(_) => Withdraw::NAME,
            Self::Alive(_) => Alive::NAME,
            Self::Message(_) => Message::NAME,
            Self::InboxChange(_) => InboxChange::NAME,
        }
    }

    /// The log that it names.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Consent(consent) => &consent.origin,
            Self::Objection(objection) => &objection.origin,
            Self::Withdraw(withdraw) => &withdraw.origin,
            Self::Alive(alive) => &alive.origin,
            Self::Message(message) => &message.origin,
            Self::InboxChange(change) => &change.origin,
        }
    }

    /// The case that it names; hers always names one.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Consent(consent) => Some(consent.case),
            Self::Objection(objection) => Some(objection.case),
            Self::Withdraw(withdraw) => Some(withdraw.case),
            Self::Alive(alive) => Some(alive.case),
            Self::Message(message) => message.case,
            Self::InboxChange(change) => Some(change.case),
        }
    }

    /// Her counter.
    pub fn n(&self) -> u32 {
        match self {
            Self::Consent(consent) => consent.n,
            Self::Objection(objection) => objection.n,
            Self::Withdraw(withdraw) => withdraw.n,
            Self::Alive(alive) => alive.n,
            Self::Message(message) => message.n,
            Self::InboxChange(change) => change.n,
        }
    }

    /// The request that it is about.
    pub fn request(&self) -> Option<Digest> {
        match self {
            Self::Consent(consent) => Some(consent.request),
            Self::Objection(objection) => Some(objection.request),
            Self::Withdraw(_) | Self::Alive(_) | Self::Message(_) | Self::InboxChange(_) => None,
        }
    }
}

/// A change of her inbox is signed with the keys of both: nobody names an inbox that is not his own.
fn change(statement: &Envelope, key: Option<&PublicKey>) -> Result<InboxChange, EnvelopeError> {
    let claimed: InboxChange = statement.unverified()?;
    match key {
        Some(key) => statement.verify(&[*key, claimed.inbox.key]).map(Verified::into_inner),
        None => Ok(claimed),
    }
}

fn payload<P: Payload>(statement: &Envelope, key: Option<&PublicKey>) -> Result<P, EnvelopeError> {
    match key {
        Some(key) => statement.verify::<P>(&[*key]).map(Verified::into_inner),
        None => statement.unverified(),
    }
}

/// A yes or no of hers, in the log. Of several the highest `n` counts; where two have one `n`, a no before a yes, then the
/// first in the log: which one a reader was shown first changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerState {
    /// Her counter.
    pub n: u32,
    /// What she says.
    pub yes: bool,
    /// Where, and when.
    pub found: Found,
}

impl AnswerState {
    fn rank(&self) -> (u32, bool, Reverse<u64>) {
        (self.n, !self.yes, Reverse(self.found.index))
    }

    /// Whether this one counts, of the two.
    pub fn outranks(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }
}

/// Her answer to a request, in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsentState {
    /// What she says.
    #[serde(flatten)]
    pub answer: AnswerState,
    /// With a yes, P for this request, sealed to its recipient.
    #[serde(skip)]
    pub part: Option<SealedPart>,
}

/// Of several answers the one that counts.
pub(crate) fn newest<T>(answers: &[T], of: impl Fn(&T) -> &AnswerState) -> Option<&T> {
    answers.iter().max_by_key(|answer| of(answer).rank())
}
