//! The acts on a case after its filing (§7, §8.1, §15.9).

use super::rules::{DECIDE_S, MEMBERS_MAX, RELEASE_SIZE, ascends, dealt_seats, distinct, hold, is_measure};
use super::{AccessPolicy, Compartment, Rule, Use};
use crate::age::Recipient;
use crate::digest::Digest;
use crate::ids::{CaseId, Day, MemberNumber};
use crate::text::is_line;
use serde::{Deserialize, Serialize};

/// What a seat keeps of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Share file and K-files.
    Share,
    /// The documents too.
    Document,
    /// All objects.
    All,
}

/// The check of §7 that failed, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// 1: the file is there.
    Missing,
    /// 2: it opens with this seat's key.
    Age,
    /// 3: §15.6 exactly.
    Layout,
    /// 4: slot in the log, K-file opens, commitment recomputes.
    Salt,
    /// 5: both signatures, and all agree.
    Header,
    /// 6: the share file is the one in `testimony`.
    Digest,
    /// 7: the shares fit their commitments.
    Commitment,
}

impl Check {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::Age,
        Self::Layout,
        Self::Salt,
        Self::Header,
        Self::Digest,
        Self::Commitment,
    ];
}

/// Why a seat refuses: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No basis.
    NoBasis,
    /// Against her choices or the council's rules.
    Policy,
    /// Anything else.
    Other,
}

impl Reason {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 3] = [Self::NoBasis, Self::Policy, Self::Other];
}

/// What came of an opening: `opened` uses the first two, `finding` the rest (§19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpeningOutcome {
    /// It opened.
    Opened,
    /// The shares are good, the key is not.
    DoesNotOpen,
    /// Passed on.
    Referred,
    /// Protection.
    Protected,
    /// Investigation.
    Investigated,
    /// Charges.
    Charged,
    /// Nothing was done.
    NoAction,
}

impl OpeningOutcome {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 7] = [
        Self::Opened,
        Self::DoesNotOpen,
        Self::Referred,
        Self::Protected,
        Self::Investigated,
        Self::Charged,
        Self::NoAction,
    ];
}

/// Where a measure of assistance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AidStatus {
    /// A provider was found and offers it.
    Offered,
    /// She accepted it.
    Accepted,
    /// She declined it.
    Declined,
    /// She has received it.
    Delivered,
}

impl AidStatus {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 4] = [Self::Offered, Self::Accepted, Self::Declined, Self::Delivered];

    /// Whether something is still owed.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Offered | Self::Accepted)
    }
}

/// A released file by digest and size of its ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedFile {
    /// Compartment.
    pub name: Compartment,
    /// SHA-256 of the 1,851-byte age file.
    pub digest: Digest,
    /// 1,851.
    pub size: u64,
}

statement!(
    time,
    /// A seat has checked its share and holds it (§7).
    Ack = "ack" {
        /// Case id.
        case: CaseId,
        /// D(testimony).
        testimony: Digest,
        /// Copied from `testimony`.
        #[serde(rename = "match", deserialize_with = "crate::json::present")]
        match_request: Option<Digest>,
        /// The seats dealt to, copied from `testimony`.
        seats: Vec<MemberNumber>,
        /// Copied from `core`, so that she knows from the phrase alone what she chose.
        policy: AccessPolicy,
        /// Copied from `core`, without its proof: she finds by it what she added.
        #[serde(deserialize_with = "crate::json::present")]
        parent: Option<CaseId>,
        /// The seat.
        x: MemberNumber,
        /// What it keeps.
        holds: Holds,
        /// The flag of its share file: somebody is in danger (§5.4).
        danger: bool,
    } keeps Self::rules
);
statement!(
    time,
    /// A seat was given something that fails a check (§7).
    Reject = "reject" {
        /// SHA-256 of the slot 0 entry.
        entry: Digest,
        /// The seat.
        x: MemberNumber,
        /// Which check.
        check: Check,
        /// SHA-256 of what came; null where nothing came.
        #[serde(deserialize_with = "crate::json::present")]
        got: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// A reader asks (§8.1).
    Request = "request" {
        /// Case id.
        case: CaseId,
        /// Ascending, not empty.
        compartments: Vec<Compartment>,
        /// The reader's number.
        reader: MemberNumber,
        /// 1–200 bytes; with `urgent` it gives the reason.
        purpose: String,
        /// Which of the uses that she may have allowed it is for; null where it is for another.
        #[serde(rename = "use", deserialize_with = "crate::json::present")]
        for_use: Option<Use>,
        /// Legal basis, 1–200 bytes.
        basis: String,
        /// Fresh for this request.
        recipient: Recipient,
        /// Danger to life.
        urgent: bool,
        /// Exactly `time` + 14 days.
        decide_by: u64,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// A seat tells one reader of a case (§8.1).
    Referral = "referral" {
        /// Case id.
        case: CaseId,
        /// The seat.
        x: MemberNumber,
        /// The reader.
        reader: MemberNumber,
        /// Seats that hold it.
        seats: Vec<MemberNumber>,
    } keeps Self::rules
);
statement!(
    time,
    /// A seat grants or refuses a request (§8.1).
    Decision = "decision" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// The seat.
        x: MemberNumber,
        /// What of the request it grants, ascending: of account and identity, for P is granted with them (§8.4).
        grants: Vec<Compartment>,
        /// What of it it refuses, likewise.
        refuses: Vec<Compartment>,
        /// Null exactly where nothing is refused.
        #[serde(deserialize_with = "crate::json::present")]
        reason: Option<Reason>,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// A seat objects (§8.3). Her own objection is [`super::DeclarantObjection`]: it carries a day, not a time.
    Objection = "objection" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// The seat.
        by: MemberNumber,
        /// Null for a seat.
        #[serde(deserialize_with = "crate::json::present")]
        n: Option<u32>,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// A seat has released (§8.1).
    Release = "release" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// The seat.
        x: MemberNumber,
        /// SHA-256 of the slot-0 K-file.
        header: Digest,
        /// Index in the log of each grant that the seat counted, its own among them, ascending.
        grants: Vec<u64>,
        /// Index of the newest objection of each party that it saw, ascending.
        objections: Vec<u64>,
        /// Index of each act by which she need not be waited for (§8.5, line 7), ascending: her consent; or, of a lapse,
        /// the last that she said before the inquiry, the inquiry and the decisions. Empty under `on_request`.
        consent: Vec<u64>,
        /// Ascending by name.
        files: Vec<ReleasedFile>,
    } keeps Self::rules
);
statement!(
    time,
    /// The reader is about to see the content, or could not open it (§8.1).
    Opened = "opened" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// `opened` or `does-not-open`.
        outcome: OpeningOutcome,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// What was done with it (§8.1).
    Finding = "finding" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// `referred`, `protected`, `investigated`, `charged` or `no-action`.
        outcome: OpeningOutcome,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    time,
    /// What assistance she was offered, and what came of it (§8.1). It has no twin: the docket shows no assistance.
    Aid = "aid" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// The measure, by its name in the law files: 1–64 bytes of `a–z 0–9 _ -`.
        measure: String,
        /// Who gives it, 1–200 bytes.
        provider: String,
        /// Where it stands.
        status: AidStatus,
        /// UTC day by whose end it is due; null once declined or delivered.
        #[serde(deserialize_with = "crate::json::present")]
        due: Option<Day>,
    } keeps Self::rules
);

impl Ack {
    fn rules(&self) -> Rule {
        dealt_seats(&self.seats)?;
        self.policy.check()?;
        hold(self.parent != Some(self.case), "a case is not its own parent")?;
        hold(self.seats.contains(&self.x), "the seat is one of those dealt to")
    }
}

impl Reject {
    fn rules(&self) -> Rule {
        match self.check {
            Check::Missing => hold(self.got.is_none(), "got is null where nothing came"),
            Check::Salt => Ok(()),
            _ => hold(self.got.is_some(), "got is the digest of what came"),
        }
    }
}

impl Request {
    fn rules(&self) -> Rule {
        hold(!self.compartments.is_empty(), "a request names a compartment")?;
        hold(ascends(&self.compartments), "compartments ascend without repetition")?;
        hold(
            is_line(&self.purpose) && is_line(&self.basis),
            "purpose and basis have 1 to 200 bytes, none of a control or bidirectional character",
        )?;
        hold(
            self.time.checked_add(DECIDE_S) == Some(self.decide_by),
            "decide_by is time and 14 days",
        )
    }
}

impl Referral {
    fn rules(&self) -> Rule {
        hold(
            !self.seats.is_empty() && self.seats.len() <= MEMBERS_MAX,
            "a referral names 1 to 24 seats",
        )?;
        hold(ascends(&self.seats), "seats ascend without repetition")?;
        hold(self.seats.contains(&self.x), "the seat is one of those that hold it")?;
        hold(!self.seats.contains(&self.reader), "the reader is not a seat")
    }
}

impl Decision {
    fn rules(&self) -> Rule {
        let decided = || self.grants.iter().chain(&self.refuses);
        hold(decided().next().is_some(), "a decision grants or refuses something")?;
        hold(
            ascends(&self.grants) && ascends(&self.refuses),
            "compartments ascend without repetition",
        )?;
        hold(
            decided().all(|name| matches!(name, Compartment::Account | Compartment::Identity)),
            "a decision is on account and identity",
        )?;
        hold(
            self.grants.iter().all(|name| !self.refuses.contains(name)),
            "nothing is both granted and refused",
        )?;
        hold(
            self.refuses.is_empty() == self.reason.is_none(),
            "reason is null exactly where nothing is refused",
        )
    }

    /// Whether it says of everything that a request asks for, and of nothing else, if it is granted. P is granted with
    /// whatever is (§8.4).
    pub fn answers(&self, asked: &[Compartment]) -> bool {
        let mut decided: Vec<Compartment> = self.grants.iter().chain(&self.refuses).copied().collect();
        decided.sort_unstable();
        decided
            .iter()
            .eq(asked.iter().filter(|name| **name != Compartment::Consent))
    }
}

impl Objection {
    fn rules(&self) -> Rule {
        hold(self.n.is_none(), "n is null for a seat")
    }
}

impl Release {
    fn rules(&self) -> Rule {
        hold(
            !self.grants.is_empty() && self.grants.len() <= MEMBERS_MAX,
            "a release names 1 to 24 grants",
        )?;
        hold(
            self.objections.len() <= MEMBERS_MAX + 1,
            "a release names at most 25 objections",
        )?;
        hold(
            self.consent.len() <= MEMBERS_MAX + 2,
            "a release names at most 26 acts of consent or lapse",
        )?;
        hold(
            ascends(&self.grants) && ascends(&self.objections) && ascends(&self.consent),
            "indices ascend without repetition",
        )?;
        hold(!self.files.is_empty(), "a release names a file")?;
        hold(
            ascends(self.files.iter().map(|file| file.name)),
            "files ascend by compartment without repetition",
        )?;
        hold(
            distinct(self.files.iter().map(|file| file.digest)),
            "no file is named twice",
        )?;
        hold(
            self.files.iter().all(|file| file.size == RELEASE_SIZE),
            "a release file has 1,851 bytes",
        )
    }
}

impl Opened {
    fn rules(&self) -> Rule {
        let fits = matches!(self.outcome, OpeningOutcome::Opened | OpeningOutcome::DoesNotOpen);
        hold(fits, "the outcome of `opened` is opened or does-not-open")
    }
}

impl Finding {
    fn rules(&self) -> Rule {
        let fits = !matches!(self.outcome, OpeningOutcome::Opened | OpeningOutcome::DoesNotOpen);
        hold(fits, "the outcome of `finding` is what was done with it")
    }
}

impl Aid {
    fn rules(&self) -> Rule {
        hold(
            is_measure(&self.measure),
            "a measure has 1 to 64 bytes of a–z, 0–9, _ and -",
        )?;
        hold(
            is_line(&self.provider),
            "a provider has 1 to 200 bytes, none of a control or bidirectional character",
        )?;
        hold(
            self.due.is_none() || self.status.is_open(),
            "due is null once it is declined or delivered",
        )
    }
}
