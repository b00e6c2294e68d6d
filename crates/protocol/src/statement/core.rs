//! `core` (§5.3, §15.9): the part of the header that says who can open what.

use super::rules::{ascends, distinct, hold};
use super::{Compartment, Council, Payload, Rule};
use crate::age::Recipient;
use crate::digest::{Digest, hex_bytes};
use crate::envelope::{PAYLOAD_MAX, verify_strict};
use crate::ids::{CaseId, Day, Nonce, Origin, PublicKey, Version};
use crate::json::{self, JsonError};
use crate::label;
use crate::phrase::CaseKeys;
use crate::share::deal::Commitment;
use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};

/// Most objects of one filing (§5.2).
pub const OBJECTS_MAX: usize = 24;

hex_bytes!(
    /// 16 random bytes by which the matcher knows a filing (§12).
    Handle, 16
);
hex_bytes!(
    /// An Ed25519 signature in hex.
    Proof, 64
);

/// Where the sealing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealedBy {
    /// In her browser.
    Browser,
    /// On the command line.
    Cli,
    /// On the server (§14.4).
    Server,
}

/// Her inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Records to her.
    pub recipient: Recipient,
    /// Verifies what she sends.
    pub key: PublicKey,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// The JSON document.
    Document,
    /// Original, bit for bit.
    Evidence,
    /// Stripped of metadata.
    Copy,
}

/// An object by digest and size of its ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    /// SHA-256 of the age file.
    pub digest: Digest,
    /// Bytes of the age file.
    pub size: u64,
    /// What it is.
    pub kind: ObjectKind,
}

/// One compartment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompartmentHeader {
    /// Its number.
    pub name: Compartment,
    /// t.
    pub threshold: u8,
    /// recipient(T).
    pub recipient: Recipient,
    /// As many as the threshold.
    pub commitments: Vec<Commitment>,
    /// The document first (§19).
    pub objects: Vec<ObjectRef>,
}

/// How it may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// A quorum decides.
    OnRequest,
    /// Her consent is part of the key (§8.4).
    WithMyConsent,
}

/// Her choice about withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawChoice {
    /// Nobody can.
    Never,
    /// 30 days.
    After,
    /// Meeting a custodian.
    InPerson,
}

/// Her choice about the docket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocketChoice {
    /// Public twins.
    Normal,
    /// Only counted.
    CountsOnly,
}

/// What a testimony may be used for: what she allows beforehand, and what a request says that it is for (§8.2). Advice:
/// no key depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// To write to her with questions.
    Interview,
    /// To get her support: shelter, a doctor, a lawyer.
    Support,
    /// To share it with an authority.
    Authority,
    /// To share it with an organisation of civil society.
    Organisation,
    /// To count it, with nothing that points to her.
    Statistics,
    /// To study it, with nothing that points to her.
    Research,
}

impl Use {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 6] = [
        Self::Interview,
        Self::Support,
        Self::Authority,
        Self::Organisation,
        Self::Statistics,
        Self::Research,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interview => "interview",
            Self::Support => "support",
            Self::Authority => "authority",
            Self::Organisation => "organisation",
            Self::Statistics => "statistics",
            Self::Research => "research",
        }
    }
}

/// Her choices (§8.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPolicy {
    /// How it may be opened.
    pub open: Opening,
    /// 180, 365 or 730; null together with `t_lapse`.
    #[serde(deserialize_with = "crate::json::present")]
    pub lapse_days: Option<u32>,
    /// §8.4.
    #[serde(deserialize_with = "crate::json::present")]
    pub t_lapse: Option<u8>,
    /// Advice: ask her once so many name the same person.
    #[serde(deserialize_with = "crate::json::present")]
    pub ask_me_after: Option<u32>,
    /// What she allows beforehand, ascending. Advice.
    pub allowed: Vec<Use>,
    /// §9.6.
    pub withdraw: WithdrawChoice,
    /// 30, 180 or 400.
    pub inbox_days: u32,
    /// §10.1.
    pub docket: DocketChoice,
}

/// The first filing, to which another adds (§5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Its case id. Seats and readers know it: it proves nothing.
    pub case: CaseId,
    /// By its inbox key, over both case ids and the key of the filing that adds.
    pub proof: Proof,
}

impl Parent {
    /// That `adds` adds to `first`, both of the same phrase.
    pub fn new(first: &CaseKeys, adds: &CaseKeys) -> Self {
        let key = PublicKey(adds.signing.verifying_key().to_bytes());
        let signed = first.signing.sign(&Self::signed(&first.id, &adds.id, &key));
        Self {
            case: first.id,
            proof: Proof(signed.to_bytes()),
        }
    }

    /// Whether whoever has `first`, the inbox key of that filing, wrote the filing `core` too. Else somebody who knows a case
    /// id claims to be her.
    pub fn is_proven(&self, first: &PublicKey, core: &Core) -> bool {
        verify_strict(
            first,
            &Self::signed(&self.case, &core.case, &core.inbox.key),
            &self.proof.0,
        )
    }

    fn signed(first: &CaseId, adds: &CaseId, key: &PublicKey) -> Vec<u8> {
        [label::PARENT, &first.0, &adds.0, &key.0].concat()
    }
}

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// UTC day of the device.
    pub day: Day,
    /// Case id.
    pub case: CaseId,
    /// D of the council sealed to.
    pub council: Digest,
    /// Where.
    pub sealed_by: SealedBy,
    /// Case id of the first filing that this one adds to.
    #[serde(deserialize_with = "crate::json::present")]
    pub parent: Option<Parent>,
    /// Her inbox.
    pub inbox: Inbox,
    /// Null exactly when `testimony.match` is.
    #[serde(deserialize_with = "crate::json::present")]
    pub handle: Option<Handle>,
    /// Ascending by name; `account` is always there.
    pub compartments: Vec<CompartmentHeader>,
    /// Her choices.
    pub policy: AccessPolicy,
}

impl Opening {
    /// Whether the key of a compartment needs P, the declarant's part (§5.2.2).
    pub fn needs_part(self, name: Compartment) -> bool {
        self == Self::WithMyConsent && matches!(name, Compartment::Account | Compartment::Identity)
    }
}

/// What she chooses of who opens it (§8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsentChoice {
    /// A quorum opens it, on request.
    #[default]
    NotAsked,
    /// Nobody opens it without her: P is in her phrase alone.
    Strict,
    /// As `Strict`; but after so many days without a sign of her, 180, 365 or 730, enough seats give P.
    Lapse {
        /// Days.
        days: u32,
    },
}

impl AccessPolicy {
    /// Whether she allowed beforehand what a request says that it is for. Advice.
    pub fn allows(&self, for_use: Option<Use>) -> bool {
        for_use.is_some_and(|for_use| self.allowed.contains(&for_use))
    }

    /// Her choice of who opens a testimony dealt to `dealt` seats of `council`, with t_lapse by default (§8.4); all else as
    /// it is when nothing was chosen (§15.9).
    pub fn new(consent: ConsentChoice, council: &Council, dealt: usize) -> Self {
        let lapse_days = match consent {
            ConsentChoice::Lapse { days } => Some(days),
            ConsentChoice::NotAsked | ConsentChoice::Strict => None,
        };
        Self {
            open: match consent {
                ConsentChoice::NotAsked => Opening::OnRequest,
                ConsentChoice::Strict | ConsentChoice::Lapse { .. } => Opening::WithMyConsent,
            },
            lapse_days,
            t_lapse: lapse_days.map(|_| council.lapse_threshold(dealt)),
            ask_me_after: None,
            allowed: Vec::new(),
            withdraw: WithdrawChoice::After,
            inbox_days: 180,
            docket: DocketChoice::CountsOnly,
        }
    }
}

impl Payload for Core {
    const NAME: &'static str = "core";

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        let first = self.parent.as_ref().map(|parent| parent.case);
        hold(first != Some(self.case), "a case is not its own parent")?;
        self.check_compartments()?;
        for compartment in &self.compartments {
            compartment.check()?;
        }
        let objects = || self.compartments.iter().flat_map(|compartment| &compartment.objects);
        hold(objects().count() <= OBJECTS_MAX, "at most 24 objects")?;
        hold(
            distinct(objects().map(|object| object.digest)),
            "no object is named twice",
        )?;
        self.policy.check()?;
        self.check_lapse()
    }
}

impl Core {
    /// The compartment of that name.
    pub fn compartment(&self, name: Compartment) -> Option<&CompartmentHeader> {
        self.compartments.iter().find(|c| c.name == name)
    }

    fn check_compartments(&self) -> Rule {
        let names = || self.compartments.iter().map(|compartment| compartment.name);
        hold(ascends(names()), "compartments ascend without repetition")?;
        hold(names().next() == Some(Compartment::Account), "account is always there")?;
        hold(
            names().all(|name| name != Compartment::Match),
            "compartment 4 is the matcher's",
        )?;
        let recipients = self.compartments.iter().map(|compartment| &compartment.recipient);
        let recipients = recipients
            .chain([&self.inbox.recipient])
            .map(|recipient| recipient.as_bytes());
        hold(
            distinct(recipients),
            "every compartment and the inbox have keys of their own",
        )
    }

    /// Compartment 3 is there exactly in lapse mode, and no easier to open than the others (§8.4).
    fn check_lapse(&self) -> Rule {
        let threshold = |name| self.compartment(name).map(|compartment| compartment.threshold);
        let account = threshold(Compartment::Account).unwrap_or(0);
        let identity = threshold(Compartment::Identity).unwrap_or(account);
        hold(
            account <= identity,
            "the threshold of account is not above that of identity",
        )?;
        hold(
            threshold(Compartment::Consent) == self.policy.t_lapse,
            "compartment 3 has threshold t_lapse",
        )?;
        let safe = self.policy.t_lapse.is_none_or(|t| account < t && identity <= t);
        hold(
            safe,
            "t_lapse is above the threshold of account and not below that of identity",
        )
    }
}

impl CompartmentHeader {
    fn check(&self) -> Rule {
        hold(self.threshold >= 2, "a threshold is at least 2")?;
        let as_many = self.commitments.len() == usize::from(self.threshold);
        hold(as_many, "there are as many commitments as the threshold says")?;
        let (document, rest) = self.objects.split_first().ok_or("a compartment has a document")?;
        hold(document.kind == ObjectKind::Document, "the document comes first")?;
        let mut last = document.kind;
        for object in rest {
            match object.kind {
                ObjectKind::Document => return Err("a compartment has one document"),
                ObjectKind::Copy if last != ObjectKind::Evidence => return Err("a copy follows its evidence"),
                kind => last = kind,
            }
        }
        hold(
            self.name != Compartment::Consent || rest.is_empty(),
            "compartment 3 has its document only",
        )?;
        hold(
            self.objects.iter().all(|object| object.size > 0),
            "an object is not empty",
        )
    }
}

impl AccessPolicy {
    pub(super) fn check(&self) -> Rule {
        hold(
            self.lapse_days.is_some() == self.t_lapse.is_some(),
            "lapse_days and t_lapse are null together",
        )?;
        let lapse = self.lapse_days.is_none_or(|days| [180, 365, 730].contains(&days));
        hold(lapse, "lapse_days is 180, 365 or 730")?;
        let fits = self.open == Opening::WithMyConsent || self.lapse_days.is_none();
        hold(fits, "lapse_days and t_lapse are null under on_request")?;
        hold(self.ask_me_after != Some(0), "ask_me_after is at least 1")?;
        hold(ascends(&self.allowed), "what she allows ascends without repetition")?;
        hold(
            [30, 180, 400].contains(&self.inbox_days),
            "inbox_days is 30, 180 or 400",
        )
    }
}
