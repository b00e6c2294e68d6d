//! One act on a case, judged by itself: author, signature, form (§8.1, §15.9).

use protocol::statement::{
    Ack, Aid, Attended, Compartment, Decision, Decline, Erased, Finding, Lapse, Objection, Opened, Referral, Reject,
    Release, Request,
};
use protocol::{Digest, MemberNumber};
use serde::Serialize;

use super::hers::DeclarantAct;
use crate::slots::Found;

/// An entry in a slot of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// Where, and when.
    pub found: Found,
    /// D of its statement, unless it is a gap.
    pub statement: Option<Digest>,
    /// The member that signed it; `None` for her.
    pub author: Option<MemberNumber>,
    /// What it says, where author and form are right.
    pub body: Option<Body>,
    /// Whether it counts.
    pub standing: Standing,
}

/// The statement of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Body {
    /// A seat holds its share.
    Ack(Ack),
    /// A seat was given something bad.
    Reject(Reject),
    /// A seat told a reader.
    Referral(Referral),
    /// A reader asks.
    Request(Request),
    /// A seat grants or refuses.
    Decision(Decision),
    /// A seat objects.
    Objection(Objection),
    /// A seat has released.
    Release(Release),
    /// The reader opened.
    Opened(Opened),
    /// What was done with it.
    Finding(Finding),
    /// Assistance that she was offered, and what came of it.
    Aid(Aid),
    /// A seat says what was done about danger.
    Attended(Attended),
    /// A seat takes a step towards opening without her.
    Lapse(Lapse),
    /// A seat has destroyed what it held.
    Erased(Erased),
    /// A seat holds that it is no testimony.
    Decline(Decline),
    /// What she says.
    #[serde(untagged)]
    Hers(DeclarantAct),
}

impl Body {
    /// A seat's objection, or hers.
    pub fn is_objection(&self) -> bool {
        matches!(self, Self::Objection(_) | Self::Hers(DeclarantAct::Objection(_)))
    }

    /// When its author wrote it, POSIX seconds of the author's clock. DeclarantAct carries a day only.
    pub fn time(&self) -> Option<u64> {
        match self {
            Self::Ack(ack) => Some(ack.time),
            Self::Reject(reject) => Some(reject.time),
            Self::Referral(referral) => Some(referral.time),
            Self::Request(request) => Some(request.time),
            Self::Decision(decision) => Some(decision.time),
            Self::Objection(objection) => Some(objection.time),
            Self::Hers(_) => None,
            Self::Release(release) => Some(release.time),
            Self::Opened(opened) => Some(opened.time),
            Self::Finding(finding) => Some(finding.time),
            Self::Aid(aid) => Some(aid.time),
            Self::Attended(attended) => Some(attended.time),
            Self::Lapse(lapse) => Some(lapse.time),
            Self::Erased(erased) => Some(erased.time),
            Self::Decline(decline) => Some(decline.time),
        }
    }
}

/// Whether an act counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "reason", rename_all = "kebab-case")]
pub enum Standing {
    /// It does.
    Counts,
    /// Nobody can show its statement. It never blocks.
    Gap,
    /// A release that cannot be judged yet. It counts for nothing and is held against nobody.
    Undecided(Missing),
    /// It does not; kept with the reason.
    Refused(ActRefusal),
}

/// What is missing to judge a release (§19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Missing {
    /// It relies on an act that nobody shows.
    #[error("it relies on entry {index}, which nobody shows")]
    Act {
        /// Index of that act.
        index: u64,
    },
    /// Too few seats name this file as the header.
    #[error("too few seats name this header")]
    Header {
        /// SHA-256 of that file.
        digest: Digest,
    },
}

/// Why an act does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum ActRefusal {
    /// Not the statement that the slot commits to. Nothing was recorded.
    #[error("this is not the statement that the slot commits to")]
    Commitment,
    /// Slot 0 holds no acts. Nothing was recorded.
    #[error("slot 0 holds no acts")]
    SlotZero,
    /// Its slot was more than 64 beyond the highest one found by then: no reader could have found it.
    #[error("its slot could not be found when it was included")]
    Unreachable,
    /// An unknown statement, or one of a later stage.
    #[error("no statement that can be an act of this stage")]
    Unknown,
    /// Envelope or payload is malformed.
    #[error("the statement breaks a rule of form")]
    Form,
    /// A signature is missing, bad or a stranger's.
    #[error("the statement is not signed by its author")]
    Signature,
    /// Of another log.
    #[error("a statement of another log")]
    Origin,
    /// Of another case.
    #[error("a statement on another case")]
    Case,
    /// No council was in force.
    #[error("no council was in force")]
    NoCouncil,
    /// The author is not of the council included before the act.
    #[error("{x} was not of the council")]
    NotOfCouncil {
        /// Who.
        x: MemberNumber,
    },
    /// The author was not dealt to, or has rejected its share.
    #[error("seat {x} holds no share of this testimony")]
    HoldsNoShare {
        /// Who.
        x: MemberNumber,
    },
    /// The reader is of an institution or controller that was left out (§5.5).
    #[error("reader {x} is barred from this testimony")]
    Barred {
        /// Who.
        x: MemberNumber,
    },
    /// The ack does not repeat what `testimony` says.
    #[error("the acknowledgement does not repeat the testimony")]
    NotTheTestimony,
    /// The seats named are not among those dealt to.
    #[error("the seats named were not dealt to")]
    Seats,
    /// Under `counts-only` a twin must be null; otherwise it must be named.
    #[error("the twin is missing, or must not be there")]
    Twin,
    /// The twin is not signed by the act's author, or says otherwise than the act.
    #[error("its twin is not its author's, or says otherwise than the act")]
    TwinDiffers,
    /// The twin is of another docket than that of the request, or not as urgent.
    #[error("its twin is of another docket than the request")]
    OtherDocket,
    /// Nothing in the log commits to the twin. From when something does, the act counts.
    #[error("nothing in the log commits to its twin")]
    TwinNotLogged,
    /// A compartment that the testimony does not have, or lists that do not ascend.
    #[error("a compartment that this testimony does not have")]
    Compartment {
        /// Which.
        name: Compartment,
    },
    /// `decide_by` is not `time` + 14 days.
    #[error("decide_by is not 14 days after the request's time")]
    DecideBy,
    /// Included more than 26 h after its time.
    #[error("the request was included more than 26 hours after its time")]
    Late,
    /// Its time lies after its inclusion.
    #[error("the request's time lies after its inclusion")]
    Future,
    /// The same statement counts at a lower index.
    #[error("the same statement is entry {index}")]
    Duplicate {
        /// Where.
        index: u64,
    },
    /// The same author has said it at a lower index.
    #[error("the same author has done this in entry {index}")]
    Again {
        /// Where.
        index: u64,
    },
    /// No valid request of that digest was included before.
    #[error("no valid request of that digest was included before")]
    NoRequest,
    /// After the last moment for it.
    #[error("included after the time for it")]
    TooLate,
    /// A decision that does not say of each compartment asked for whether it is granted, or speaks of another.
    #[error("seat {x} decided on other compartments than the request asks for")]
    Answers {
        /// Who.
        x: MemberNumber,
    },
    /// A release of what its own grant, among those on which it relies, does not grant.
    #[error("seat {x} released what it had not granted")]
    NotGranted {
        /// Who.
        x: MemberNumber,
    },
    /// A release that relies on an entry which is shown, and is not such an act: the seat broke the rules.
    #[error("seat {x} relies on entry {index}, which is not such an act")]
    Reliance {
        /// Who.
        x: MemberNumber,
        /// Which entry.
        index: u64,
    },
    /// A release that relies on too few grants: the seat broke the rules.
    #[error("seat {x} released on too few grants")]
    TooFewGrants {
        /// Who.
        x: MemberNumber,
    },
    /// A release before the waiting time was over: the seat broke the rules.
    #[error("seat {x} released before it was allowed")]
    Early {
        /// Who.
        x: MemberNumber,
    },
    /// A release of a compartment that the request does not ask for.
    #[error("seat {x} released a compartment that was not asked for")]
    NotAsked {
        /// Who.
        x: MemberNumber,
    },
    /// A release that names another header file.
    #[error("the release names another header")]
    Header,
    /// Signed by another reader than the one who asked.
    #[error("not by the reader who asked")]
    OtherReader,
    /// A finding or aid before any opening.
    #[error("no opening was included before")]
    NotOpened,
    /// A consent where `core` does not ask for one.
    #[error("this testimony is opened without her consent")]
    ConsentNotAsked,
    /// A consent or its taking back after t seats had released.
    #[error("included after the release")]
    Released,
    /// A release that names neither her consent nor a lapse that stands: the seat broke the rules.
    #[error("seat {x} released without her consent or a lapse")]
    NoConsent {
        /// Who.
        x: MemberNumber,
    },
    /// A withdrawal of what she chose never to withdraw.
    #[error("she chose that this testimony is never withdrawn")]
    NeverWithdrawn,
    /// A step of a lapse where she chose none.
    #[error("this testimony does not lapse")]
    NoLapse,
    /// A decision on a lapse without an inquiry since the last that she said.
    #[error("no inquiry was included since the last that she said")]
    NoInquiry,
    /// A step of a lapse before its time, by all that is shown.
    #[error("included before the time for it")]
    TooEarly {
        /// From when, POSIX seconds.
        from: u64,
    },
}
