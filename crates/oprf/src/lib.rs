//! Tags of identifiers, made by t′ of n′ key nodes together (§12): a threshold OPRF.
//!
//! A client blinds an identifier ([`blind`]); each node evaluates what it is shown with its share of one key, and proves
//! that it did ([`KeyShare::evaluate`]); whoever holds t′ good evaluations combines them ([`combine`]), unblinds and has the
//! tag. The key exists nowhere: the nodes make it together ([`Session::generate`]) and change their shares once a year
//! without changing it ([`Session::refresh`]). Whoever does not do as agreed is named.

mod blinding;
mod ceremony;
mod complaint;
mod dealing;
mod evaluation;
mod fault;
mod group;
mod label;
mod schnorr;
mod session;
mod share;

pub use blinding::{Blind, INPUT_MAX, InputError, Tag, Unblinded, blind};
pub use ceremony::{CeremonyError, Confirmed, Pending, is_certified};
pub use complaint::{COMPLAINT_LEN, Complaint, Verdict};
pub use dealing::{Dealing, Message, equivocates};
pub use evaluation::{Batch, BatchError, CombineError, Evaluation, combine};
pub use fault::{Fault, FaultKind};
pub use group::{Element, Index};
pub use schnorr::{NodeKey, SIGNATURE_LEN, Signature};
pub use session::{Ceremony, Session, SessionError};
pub use share::{GroupKey, KeyShare};

/// Most nodes: a council has 24 recipients at most (§15.9).
pub const NODES_MAX: usize = 24;
/// Length of an element or a scalar in bytes.
pub const ELEMENT_LEN: usize = 32;
