//! What she says, and what seats say of a case that lapses, is withdrawn or declined.

use protocol::ids::{PublicKey, Version};
use protocol::phrase::CaseKeys;
use protocol::share::consent::SealedPart;
use protocol::share::moved::MovedCase;
use protocol::statement::{
    Alive, Compartment, Consent, Erasure, Inbox, InboxChange, LapseStep, Message, Payload, Withdraw,
};
use protocol::{Day, Digest, Envelope};

use super::acts::origin;
use super::{Filing, Log, Wish, rng, sign, x};

/// P, as the filings of these tests have it.
fn sealed_part(filing: &Filing, log: &Log, request: Digest) -> SealedPart {
    let case = log.case(filing);
    let recipient = case.request(&request).map(|state| state.request.recipient.clone());
    let recipient = recipient.unwrap_or_else(|| filing.keys.inbox.recipient());
    SealedPart::seal(&filing.keys.consent_part, &request, &recipient, &mut rng(12))
}

/// Signed with her inbox key.
pub fn by_her<P: Payload>(payload: &P, filing: &Filing) -> Envelope {
    Envelope::sign(payload, &[&filing.keys.signing])
}

impl Wish {
    /// What opens it without her.
    pub fn without_her() -> Self {
        Self {
            compartments: vec![Compartment::Account, Compartment::Consent],
            ..Self::default()
        }
    }
}

impl Log {
    pub fn consent_of(&self, filing: &Filing, request: Digest, n: u32, yes: bool) -> Consent {
        Consent {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: filing.keys.id,
            request,
            yes,
            n,
            part: yes.then(|| sealed_part(filing, self, request)),
        }
    }

    /// Her answer to a request; its index.
    pub fn answers(&mut self, filing: &Filing, request: Digest, n: u32, yes: bool) -> u64 {
        let consent = self.consent_of(filing, request, n, yes);
        self.put(filing, &by_her(&consent, filing))
    }

    pub fn withdraw_of(&self, filing: &Filing, n: u32, yes: bool) -> Withdraw {
        Withdraw {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: filing.keys.id,
            n,
            yes,
        }
    }

    /// She withdraws, or takes it back; the index.
    pub fn withdraws(&mut self, filing: &Filing, n: u32, yes: bool) -> u64 {
        let withdraw = self.withdraw_of(filing, n, yes);
        self.put(filing, &by_her(&withdraw, filing))
    }

    pub fn alive_of(&self, filing: &Filing, n: u32) -> Alive {
        Alive {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: filing.keys.id,
            n,
        }
    }

    /// A sign of life; its index.
    pub fn is_alive(&mut self, filing: &Filing, n: u32) -> u64 {
        let alive = self.alive_of(filing, n);
        self.put(filing, &by_her(&alive, filing))
    }

    /// Her inbox moves to that of case `c` of other words, by both keys.
    pub fn moves_of(&self, filing: &Filing, to: &CaseKeys, n: u32) -> InboxChange {
        InboxChange {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: filing.keys.id,
            inbox: Inbox {
                recipient: to.inbox.recipient(),
                key: PublicKey(to.signing.verifying_key().to_bytes()),
            },
            n,
            part: MovedCase::seal(&filing.keys, &to.inbox.recipient(), &mut rng(u64::from(n))),
        }
    }

    pub fn moves(&mut self, filing: &Filing, to: &CaseKeys, n: u32) -> u64 {
        let change = self.moves_of(filing, to, n);
        self.put(filing, &Envelope::sign(&change, &[&filing.keys.signing, &to.signing]))
    }

    pub fn message_of(&self, filing: &Filing, x: u16, n: u32) -> Message {
        Message {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: Some(filing.keys.id),
            x,
            n,
            text: "¿Qué sigue?".to_owned(),
            quota: None,
        }
    }

    /// A step of a lapse by a seat; its index.
    pub fn lapses(&mut self, filing: &Filing, seat: u16, step: LapseStep) -> u64 {
        let lapse = self.head().lapse(&self.bare_case(filing), x(seat), step);
        self.put(filing, &sign(&lapse, &[seat]))
    }

    /// A seat says that it has destroyed its part; the index.
    pub fn erases(&mut self, filing: &Filing, seat: u16) -> u64 {
        let erased = self.head().erased(&self.bare_case(filing), x(seat), Erasure::All);
        self.put(filing, &sign(&erased, &[seat]))
    }

    /// A seat declines; the index.
    pub fn declines(&mut self, filing: &Filing, seat: u16) -> u64 {
        let decline = self.head().decline(&self.bare_case(filing), x(seat));
        self.put(filing, &sign(&decline, &[seat]))
    }

    /// Any act, in the lowest free slot; its index.
    pub fn put(&mut self, filing: &Filing, statement: &Envelope) -> u64 {
        self.act(filing, statement);
        self.fold.size() - 1
    }

    /// She has been silent for a year, was looked for, and seats 1 to 4 have decided.
    pub fn lapsed(&mut self, filing: &Filing) {
        self.wait_until(self.now + 365 * super::DAY);
        self.lapses(filing, 1, LapseStep::Inquiry);
        self.wait_until(self.now + 30 * super::DAY);
        for seat in 1..=4 {
            self.lapses(filing, seat, LapseStep::Decide);
        }
    }
}
