//! What comes to a member beside the log: statements in office cells (§9.3), referrals, and copies of what it said itself
//! (§8.1). Each is verified here; whether it may be filed now is another question ([`crate::admit`]).

use protocol::age::Identity;
use protocol::drop;
use protocol::envelope::EnvelopeError;
use protocol::ids::PublicKey;
use protocol::statement::{Aid, Ask, Finding, Handled, Opened, Payload as _, Referral, Reject, Request};
use protocol::{Envelope, MemberNumber, Origin, Verified};

use crate::case::{Body, DeclarantAct};
use crate::followed::FollowedCase;
use crate::registry::Registry;

/// A statement that a seat files for its author.
pub enum Proposed {
    /// A reader asks.
    Request(Request),
    /// A seat was given what fails a check.
    Reject(Reject),
    /// What she says.
    Hers(DeclarantAct),
}

/// Why what was proposed is not filed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFiled {
    /// Nobody of the council made it.
    #[error("its author is of no council")]
    Author,
    /// It is not signed by its author.
    #[error(transparent)]
    Signature(#[from] EnvelopeError),
}

impl Proposed {
    /// What a statement claims; `None` for one that no seat files for others.
    pub fn read(statement: &Envelope) -> Option<Self> {
        match statement.name()? {
            Request::NAME => statement.unverified().ok().map(Self::Request),
            Reject::NAME => statement.unverified().ok().map(Self::Reject),
            _ => DeclarantAct::read(statement, None)?.ok().map(Self::Hers),
        }
    }

    /// The statement's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Request(_) => Request::NAME,
            Self::Reject(_) => Reject::NAME,
            Self::Hers(hers) => hers.name(),
        }
    }

    /// Whether it is on this case; a rejection names it by its entry.
    pub fn is_on(&self, held: &FollowedCase) -> bool {
        match self {
            Self::Request(request) => request.case == held.case.id(),
            Self::Reject(reject) => reject.entry == held.case.facts().entry,
            Self::Hers(hers) => hers.case() == Some(held.case.id()),
        }
    }

    /// Checks that `statement`, which this was read from, is signed by its author.
    ///
    /// # Errors
    /// [`NotFiled`].
    pub fn verify(&self, statement: &Envelope, held: &FollowedCase, registry: &Registry) -> Result<(), NotFiled> {
        let council = registry.current().ok_or(NotFiled::Author)?;
        match self {
            Self::Request(request) => {
                let author = council.reader(request.reader).ok_or(NotFiled::Author)?;
                statement.verify::<Request>(&[author.key])?;
            }
            Self::Reject(reject) => {
                let author = council.seat(reject.x).ok_or(NotFiled::Author)?;
                statement.verify::<Reject>(&[author.key])?;
            }
            Self::Hers(_) => {
                DeclarantAct::read(statement, Some(&held.core.inbox.key)).ok_or(NotFiled::Author)??;
            }
        }
        Ok(())
    }
}

/// Opens an office cell. It has one stanza for each seat of the council at its time; the newest councils are tried first.
/// Gives the statement, and its twin where one came with it.
pub fn open_cell(identity: &Identity, cell: &[u8], registry: &Registry) -> Option<(Envelope, Option<Envelope>)> {
    let mut councils = registry.councils().iter().rev();
    councils.find_map(|council| {
        let opened = drop::open_cell(identity, cell, council.seats.len())?;
        opened.ok()
    })
}

/// A question without a filing (§9.2), signed with the key of the inbox that it names: where the answer goes.
pub fn ask(statement: &Envelope, origin: &Origin) -> Option<Ask> {
    let claimed: Ask = statement.unverified().ok()?;
    let ask = statement.verify::<Ask>(&[claimed.inbox.key]).ok()?.into_inner();
    (ask.origin == *origin).then_some(ask)
}

/// A referral to reader `x` by a seat of any council, verified.
pub fn referral(statement: &Envelope, x: MemberNumber, registry: &Registry) -> Option<Verified<Referral>> {
    let claimed: Referral = statement.unverified().ok()?;
    let seats = registry.councils().iter().rev().filter_map(|c| c.seat(claimed.x));
    let mut verified = seats.filter_map(|seat| statement.verify::<Referral>(&[seat.key]).ok());
    verified.next().filter(|referral| referral.reader == x)
}

/// What a reader said itself, from a copy in its own bucket. Anybody can put records there: what another key signed, or what
/// was said for another log, is none.
pub fn own(statement: &Envelope, key: &PublicKey, registry: &Registry) -> Option<Body> {
    let author = [*key];
    let body = match statement.name()? {
        Opened::NAME => Body::Opened(statement.verify::<Opened>(&author).ok()?.into_inner()),
        Finding::NAME => Body::Finding(statement.verify::<Finding>(&author).ok()?.into_inner()),
        Aid::NAME => Body::Aid(statement.verify::<Aid>(&author).ok()?.into_inner()),
        _ => return None,
    };
    let origin = match &body {
        Body::Opened(opened) => &opened.origin,
        Body::Finding(finding) => &finding.origin,
        Body::Aid(aid) => &aid.origin,
        _ => return None,
    };
    (origin == registry.origin()).then_some(body)
}

/// What a seat did with a question without a filing, from a record in its own bucket, where anybody can put one: as
/// [`own`].
pub fn handled(statement: &Envelope, key: &PublicKey, registry: &Registry) -> Option<Handled> {
    let handled = statement.verify::<Handled>(&[*key]).ok()?.into_inner();
    (handled.origin == *registry.origin()).then_some(handled)
}
