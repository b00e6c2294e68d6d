//! What members do on the case.

use casework::release::Allowed;
use casework::{Asking, Case, CommonFields};
use protocol::age::Identity;
use protocol::ids::Version;
use protocol::phrase::CaseKeys;
use protocol::share::check::Rejected;
use protocol::statement::{Check, Compartment, DeclarantObjection, Outcome, Reason, ReleasedFile, Vote};
use protocol::{Day, Digest, Envelope, MemberNumber};

use crate::world::World;

/// An act, by who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// The reader asks for the account.
    Request,
    /// A seat grants.
    Grant(u16),
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
}

/// What a release says that its author saw: indices in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lists {
    /// Grants.
    pub grants: Vec<u64>,
    /// Objections.
    pub objections: Vec<u64>,
}

impl Act {
    /// Who does it; `None` for her and the reader.
    pub fn seat(self) -> Option<u16> {
        match self {
            Self::Grant(seat) | Self::Refuse(seat) | Self::Release(seat) | Self::Reject(seat) => Some(seat),
            Self::Object(seat) => (seat > 0).then_some(seat),
            Self::Request | Self::Opened => None,
        }
    }

    /// The same act by another seat.
    #[must_use]
    pub fn renamed(self, name: impl Fn(u16) -> u16) -> Self {
        match self {
            Self::Grant(seat) => Self::Grant(name(seat)),
            Self::Refuse(seat) => Self::Refuse(name(seat)),
            Self::Object(seat) if seat > 0 => Self::Object(name(seat)),
            Self::Release(seat) => Self::Release(name(seat)),
            Self::Reject(seat) => Self::Reject(name(seat)),
            Self::Request | Self::Opened | Self::Object(_) => self,
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
        match self {
            Self::Request => {
                let asking = Asking {
                    compartments: vec![Compartment::Account],
                    purpose: "investigation".into(),
                    basis: "article 1".into(),
                    urgent: false,
                };
                let recipient = Identity::from_seed([0x77; 32]).recipient();
                World::sign(&head.request(keys.id, reader, recipient, asking), reader.get())
            }
            Self::Grant(seat) => {
                let decision = head.decision(case, &request, x(seat), Vote::Grant, None);
                World::sign(&decision, seat)
            }
            Self::Refuse(seat) => {
                let decision = head.decision(case, &request, x(seat), Vote::Refuse, Some(Reason::NoBasis));
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
                let files = vec![ReleasedFile {
                    name: Compartment::Account,
                    digest: Digest([u8::try_from(seat).expect("small"); 32]),
                    size: 1_851,
                }];
                let allowed = Allowed {
                    compartments: vec![Compartment::Account],
                    grants: lists.grants.clone(),
                    objections: lists.objections.clone(),
                    consent: Vec::new(),
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
            Self::Opened => World::sign(&head.opened(case, &request, Outcome::Opened), reader.get()),
        }
    }
}
