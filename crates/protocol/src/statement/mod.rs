//! Signed statements (§15.9): one payload per file, named by its type.
//!
//! A payload's fields are the wire's names; `T|null` fields are always present. Rules that one statement
//! alone decides are in [`Payload::check`]; rules of history are in `casework`.

use crate::json::JsonError;
use serde::{Serialize, de::DeserializeOwned};

#[macro_use]
mod form;
mod act;
mod core;
mod council;
mod custody;
mod declarant;
mod docket;
mod duty;
mod operator;
mod rules;
mod site;
mod testimony;

pub use self::core::{
    AccessPolicy, CompartmentHeader, ConsentChoice, Core, DocketChoice, Handle, Inbox, ObjectKind, ObjectRef, Opening,
    Parent, Proof, SealedBy, Use, WithdrawChoice,
};
pub use act::{
    Ack, Aid, AidStatus, Check, Decision, Finding, Holds, Objection, Opened, OpeningOutcome, Reason, Referral, Reject,
    Release, ReleasedFile, Request,
};
pub use council::{Bench, Council, CouncilError, CouncilMember, Mirror, NodeList, OperatorParty, Party};
pub use custody::{
    ATTENDED_MAX_S, Attended, Attention, Decline, DeclineReason, Erased, Erasure, Handled, Handling, Lapse, LapseStep,
};
pub use declarant::{Alive, Ask, Consent, DeclarantObjection, InboxChange, Message, Withdraw};
pub use docket::{DocketId, DocketOpen, Twin, TwinAct, TwinOutcome};
pub use duty::{Count, Duty, DutyRow, PublicCount, commit as commit_counts};
pub use operator::{BucketDepth, Greeting, Pace};
pub use site::{
    SITE_FILE_MAX, SITE_FILES_MAX, SITE_LIST_MAX, Site, SiteFile, SiteList, SiteListError, SiteListRef, is_onion,
};
pub use testimony::{ShareRef, Testimony};

/// A compartment (§5.2). In JSON its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Compartment {
    /// What happened, and the evidence.
    Account = 1,
    /// Who she is.
    Identity = 2,
    /// P, only in lapse mode.
    Consent = 3,
    /// Only the matcher's records.
    Match = 4,
}

impl From<Compartment> for u8 {
    fn from(name: Compartment) -> Self {
        name as Self
    }
}

impl TryFrom<u8> for Compartment {
    type Error = &'static str;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Account),
            2 => Ok(Self::Identity),
            3 => Ok(Self::Consent),
            4 => Ok(Self::Match),
            _ => Err("expected a compartment, 1 to 4"),
        }
    }
}

/// Whether a rule is kept; if not, which.
pub type Rule = Result<(), &'static str>;

/// Largest envelope in bytes.
pub const ENVELOPE_MAX: usize = 96 * 1024;

/// The payload of a statement.
pub trait Payload: Serialize + DeserializeOwned {
    /// The statement's name: `application/vnd.resguardo.<NAME>.v1+json`.
    const NAME: &'static str;

    /// Longest envelope of this statement in bytes.
    const ENVELOPE_MAX: usize = ENVELOPE_MAX;

    /// Reads the fields, and none of the rules. Each statement writes it out: as code of this crate it is compiled once,
    /// in a provided method it would be once for each crate that reads the statement.
    ///
    /// # Errors
    /// [`JsonError`].
    fn read(payload: &[u8]) -> Result<Self, JsonError>;

    /// The rules that this payload alone decides (lengths, ranges, order). Called on every read and by
    /// [`crate::Envelope::try_sign`].
    ///
    /// # Errors
    /// Says which rule, in words for developers; never quotes the payload.
    fn check(&self) -> Rule {
        Ok(())
    }
}

/// The media type of a statement's payload.
pub fn payload_type(name: &str) -> String {
    format!("application/vnd.resguardo.{name}.v1+json")
}
