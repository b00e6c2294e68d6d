//! What members do on the case.

use casework::release::Allowed;
use casework::{Asking, Case, CommonFields, Vote};
use protocol::age::Identity;
use protocol::ids::Version;
use protocol::phrase::CaseKeys;
use protocol::share::check::Rejected;
use protocol::share::consent::SealedPart;
use protocol::statement::{
    Alive, Check, Compartment, Consent, DeclarantObjection, Erasure, LapseStep, OpeningOutcome, Reason, ReleasedFile,
    Withdraw,
};
use protocol::{Day, Digest, Envelope, MemberNumber};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::world::World;

/// Which of account and identity a seat grants, or hands over. Where the account alone is asked for, everything is that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parts {
    /// All that is asked.
    #[default]
    All,
    /// The account, and not the identity.
    Account,
    /// The identity, and not the account.
    Identity,
}

impl Parts {
    /// Those of what is asked.
    pub fn of(self, asked: Vec<Compartment>) -> Vec<Compartment> {
        let left_out = match self {
            Self::All => None,
            Self::Account => Some(Compartment::Identity),
            Self::Identity => Some(Compartment::Account),
        };
        asked.into_iter().filter(|name| Some(*name) != left_out).collect()
    }
}

/// An act, by who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// The reader asks for the account.
    Request,
    /// A seat grants, and refuses the rest.
    Grant(u16, Parts),
    /// A seat refuses.
    Refuse(u16),
    /// A seat objects; 0 is she.
    Object(u16),
    /// A seat releases.
    Release(u16),
    /// A seat says that its share is bad.
    Reject(u16),
    /// The reader says that it opened.
    Opened,
    /// She answers the request: her counter, and what.
    Answer(u8, bool),
    /// She withdraws, or takes that back.
    Withdraw(u8, bool),
    /// A seat destroys what it holds.
    Erase(u16),
    /// A seat looked for her.
    Inquire(u16),
    /// A seat decides that it lapses.
    Decide(u16),
    /// A sign of life of hers: her counter.
    Alive(u8),
}

/// What a release says that its author saw: indices in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lists {
    /// Grants.
    pub grants: Vec<u64>,
    /// Objections.
    pub objections: Vec<u64>,
    /// What stands for her consent.
    pub consent: Vec<u64>,
    /// What is handed over.
    pub parts: Parts,
}

impl Act {
    /// Who does it; `None` for her and the reader.
    pub fn seat(self) -> Option<u16> {
        match self {
            Self::Grant(seat, _)
            | Self::Refuse(seat)
            | Self::Release(seat)
            | Self::Reject(seat)
            | Self::Erase(seat)
            | Self::Inquire(seat)
            | Self::Decide(seat) => Some(seat),
            Self::Object(seat) => (seat > 0).then_some(seat),
            Self::Request | Self::Opened | Self::Answer(..) | Self::Withdraw(..) | Self::Alive(_) => None,
        }
    }

    /// The same act by another seat.
    #[must_use]
    pub fn renamed(self, name: impl Fn(u16) -> u16) -> Self {
        match self {
            Self::Grant(seat, parts) => Self::Grant(name(seat), parts),
            Self::Refuse(seat) => Self::Refuse(name(seat)),
            Self::Object(seat) if seat > 0 => Self::Object(name(seat)),
            Self::Release(seat) => Self::Release(name(seat)),
            Self::Reject(seat) => Self::Reject(name(seat)),
            Self::Erase(seat) => Self::Erase(name(seat)),
            Self::Inquire(seat) => Self::Inquire(name(seat)),
            Self::Decide(seat) => Self::Decide(name(seat)),
            Self::Request | Self::Opened | Self::Object(_) | Self::Answer(..) | Self::Withdraw(..) | Self::Alive(_) => {
                self
            }
        }
    }

    /// Whether she counts it among her statements (§9.3).
    pub fn is_hers(self) -> bool {
        matches!(self, Self::Answer(..) | Self::Withdraw(..) | Self::Alive(_))
    }

    /// Whether nobody does one after the other: a seat decides once.
    pub fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Grant(seat, _), Self::Grant(other, _)) => seat == other,
            _ => self == other,
        }
    }

    /// Whether it is an objection.
    pub fn is_objection(self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(crate) fn sign(
        self,
        head: CommonFields,
        case: &Case,
        keys: &CaseKeys,
        world: &World,
        lists: &Lists,
    ) -> Envelope {
        let x = |number: u16| MemberNumber::new(number).expect("a seat");
        let (request, reader) = (world.request, World::reader());
        let asked = world.compartments();
        match self {
            Self::Request => {
                let asking = Asking {
                    compartments: asked,
                    purpose: "investigation".into(),
                    for_use: None,
                    basis: "article 1".into(),
                    urgent: false,
                };
                let recipient = Identity::from_seed([0x77; 32]).recipient();
                World::sign(&head.request(keys.id, reader, recipient, asking), reader.get())
            }
            Self::Grant(seat, parts) => {
                let reason = (parts != Parts::All).then_some(Reason::NoBasis);
                let vote = Vote::new(&asked, &parts.of(asked.clone()), reason);
                let decision = head.decision(case, &request, x(seat), vote);
                World::sign(&decision, seat)
            }
            Self::Refuse(seat) => {
                let decision = head.decision(case, &request, x(seat), Vote::new(&asked, &[], Some(Reason::NoBasis)));
                World::sign(&decision, seat)
            }
            Self::Object(0) => {
                let objection = DeclarantObjection {
                    v: Version,
                    origin: head.origin,
                    nonce: head.nonce,
                    day: Day::of(head.time),
                    case: keys.id,
                    request,
                    by: 0,
                    n: 1,
                    twin: None,
                };
                Envelope::sign(&objection, &[&keys.signing])
            }
            Self::Object(seat) => World::sign(&head.objection(case, &request, x(seat)), seat),
            Self::Release(seat) => {
                let file = |name: Compartment| ReleasedFile {
                    name,
                    digest: Digest(
                        [u8::try_from(seat).expect("small") + 16 * u8::try_from(name as usize).expect("small"); 32],
                    ),
                    size: 1_851,
                };
                let compartments = lists.parts.of(asked);
                let files = compartments.iter().map(|name| file(*name)).collect();
                let allowed = Allowed {
                    compartments,
                    grants: lists.grants.clone(),
                    objections: lists.objections.clone(),
                    consent: lists.consent.clone(),
                };
                let release = head.release(case, &request, x(seat), world.header_file(), &allowed, files);
                World::sign(&release, seat)
            }
            Self::Reject(seat) => {
                let rejected = Rejected {
                    check: Check::Commitment,
                    got: Some(Digest([5; 32])),
                };
                World::sign(&head.reject(world.filing(), x(seat), &rejected), seat)
            }
            Self::Answer(n, yes) => {
                let recipient = Identity::from_seed([0x77; 32]).recipient();
                let rng = &mut ChaCha20Rng::seed_from_u64(n.into());
                let consent = Consent {
                    v: Version,
                    origin: head.origin,
                    nonce: head.nonce,
                    day: Day::of(head.time),
                    case: keys.id,
                    request,
                    yes,
                    n: n.into(),
                    part: yes.then(|| SealedPart::seal(&keys.consent_part, &request, &recipient, rng)),
                };
                Envelope::sign(&consent, &[&keys.signing])
            }
            Self::Withdraw(n, yes) => {
                let withdraw = Withdraw {
                    v: Version,
                    origin: head.origin,
                    nonce: head.nonce,
                    day: Day::of(head.time),
                    case: keys.id,
                    yes,
                    n: n.into(),
                };
                Envelope::sign(&withdraw, &[&keys.signing])
            }
            Self::Erase(seat) => World::sign(&head.erased(case, x(seat), Erasure::All), seat),
            Self::Inquire(seat) => World::sign(&head.lapse(case, x(seat), LapseStep::Inquiry), seat),
            Self::Decide(seat) => World::sign(&head.lapse(case, x(seat), LapseStep::Decide), seat),
            Self::Alive(n) => {
                let alive = Alive {
                    v: Version,
                    origin: head.origin,
                    nonce: head.nonce,
                    day: Day::of(head.time),
                    case: keys.id,
                    n: n.into(),
                };
                Envelope::sign(&alive, &[&keys.signing])
            }
            Self::Opened => World::sign(&head.opened(case, &request, OpeningOutcome::Opened), reader.get()),
        }
    }
}
