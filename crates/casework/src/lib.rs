//! What the log means: councils, the life of each testimony, who may do what now, what is overdue
//! (docs/protocol.md; «§» in this crate means that document; stages A and C).
//!
//! Everything here is a fold over signed statements in log order and can be thrown away and rebuilt. The
//! public and the server fold the public statements ([`registry`]); whoever has a `case_salt` also folds the
//! acts on that case ([`slots`], [`case`]). The same entries and keys give the same result on every machine.
//!
//! Knows no wall clock (time comes from the log; a device's clock is an argument) and no plaintext of a
//! testimony. Pure.

pub mod admit;
pub mod asked;
pub mod case;
pub mod clock;
pub mod docket;
pub mod duty;
pub mod fold;
pub mod followed;
pub mod heads;
pub mod open;
pub mod proposed;
pub mod registry;
pub mod release;
pub mod root;
pub mod site;
pub mod slots;
pub mod tally;
pub mod view;

pub use case::twin::{self, TwinPlace, Twinned};
pub use case::{Act, Body, Case, CaseError, DangerStatus, DeclarantAct, Deed, DeedState, RequestState, RequestStatus};
pub use clock::{Chronology, Clock, Freshness, Latest, LogTime};
pub use fold::{Fold, InvalidLog};
pub use followed::{Filed, FollowedCase};
pub use heads::{Aiding, Asking, CommonFields, Vote};
pub use proposed::Proposed;
pub use registry::{CouncilRole, PublicRefusal, Registry};
pub use release::{Allowed, NotNow, Why};
pub use root::RootOfTrust;
pub use slots::{Found, SlotIndex};
