//! `council` (§3, §15.9, §19): seats, readers, thresholds, policy and the parties of later stages.

use super::rules::MEMBERS_MAX;
use super::{Payload, Rule};
use crate::age::Recipient;
use crate::digest::Digest;
use crate::envelope::{Envelope, PAYLOAD_MAX};
use crate::ids::{Day, MemberNumber, Nonce, Origin, PublicKey, Version};
use crate::json::{self, JsonError};
use crate::label;
use crate::phrase::holds_excluded_word;
use crate::text::is_line;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Least objection time in seconds, 72 h, unless the origin is a demo (§8.3).
pub const OBJECTION_S_MIN: u64 = 259_200;
/// Least objection time of urgent requests in seconds, 2 h, unless the origin is a demo (§8.3).
pub const URGENT_S_MIN: u64 = 7_200;

/// A seat or a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CouncilMember {
    /// Number, never reused.
    pub x: MemberNumber,
    /// 1–200 bytes. No personal name.
    pub institution: String,
    /// The authority that can order it, 1–200 bytes.
    pub controller: String,
    /// 1–200 bytes.
    pub jurisdiction: String,
    /// Where shares and cells are sealed to.
    pub recipient: Recipient,
    /// Verifies its statements.
    pub key: PublicKey,
    /// Last day (UTC) on which filings to this council are accepted.
    pub keys_until: Day,
}

/// The operator, or a mirror without the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorParty {
    /// 1–200 bytes.
    pub institution: String,
    /// Verifies the operator's statements.
    pub key: PublicKey,
}

/// A mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Number.
    pub x: MemberNumber,
    /// 1–200 bytes.
    pub institution: String,
    /// Verifies its statements.
    pub key: PublicKey,
}

/// Matcher, counsel or key node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Number.
    pub x: MemberNumber,
    /// 1–200 bytes.
    pub institution: String,
    /// Sealed to.
    pub recipient: Recipient,
    /// Verifies its statements.
    pub key: PublicKey,
}

/// The bench (§13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// How many sign.
    pub k: u16,
    /// Which seats.
    pub seats: Vec<MemberNumber>,
}

/// Key nodes (§12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeList {
    /// Threshold.
    pub t: u16,
    /// The nodes.
    pub list: Vec<Party>,
}

/// The council's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Council {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
    /// From 1.
    pub epoch: u32,
    /// D of the council before; null exactly in epoch 1.
    #[serde(deserialize_with = "crate::json::present")]
    pub previous: Option<Digest>,
    /// Objection time in seconds (§8.3).
    pub objection_s: u64,
    /// Objection time of urgent requests in seconds.
    pub urgent_s: u64,
    /// Ascending by x.
    pub seats: Vec<CouncilMember>,
    /// Ascending by x; numbers are shared with seats.
    pub readers: Vec<CouncilMember>,
    /// t_account.
    pub account: u8,
    /// t_identity.
    pub identity: u8,
    /// The text of a `tlog-policy`.
    pub policy: String,
    /// The operator.
    pub operator: OperatorParty,
    /// Mirrors.
    pub mirrors: Vec<Mirror>,
    /// §13.
    #[serde(deserialize_with = "crate::json::present")]
    pub bench: Option<Bench>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub matcher: Option<Party>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub counsel: Option<Party>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub nodes: Option<NodeList>,
    /// True exactly when one controller holds t_account seats or more (§19).
    pub concentrated: bool,
    /// 24 h instead of 7 days of notice (§11).
    pub urgent: bool,
}

/// Which rule a council breaks. Names the number or controller at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CouncilError {
    /// Thresholds: 2 ≤ account ≤ identity ≤ n − 1.
    #[error("thresholds must be 2 ≤ account ≤ identity ≤ seats − 1")]
    Thresholds,
    /// A number is repeated or lists do not ascend.
    #[error("member {0} is out of order or repeated")]
    Number(MemberNumber),
    /// More than 24 recipients.
    #[error("at most 24 members together")]
    TooMany,
    /// A text field is empty or too long.
    #[error(
        "institution, controller and jurisdiction take 1 to 200 bytes, none of a control or bidirectional character"
    )]
    Text,
    /// `concentrated` does not say the truth.
    #[error("one controller holds {seats} seats; `concentrated` must say so")]
    Concentrated {
        /// How many the largest holds.
        seats: usize,
    },
    /// Waiting times below the minimum outside a demo.
    #[error("objection time is below the minimum for an origin that is not a demo")]
    Times,
    /// Two members share a key or recipient.
    #[error("member {0} has the key of another")]
    SharedKey(MemberNumber),
    /// `previous` and `epoch` disagree.
    #[error("epoch 1 has no previous, every other epoch has one")]
    Previous,
    /// The cosigner policy has no quorum.
    #[error("the policy demands no cosigner")]
    NoQuorum,
}

impl Payload for Council {
    const NAME: &'static str = "council";

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        self.validate().map_err(CouncilError::rule)
    }
}

impl Council {
    /// All the rules of §3, §8.3 and §19 that one council alone decides.
    ///
    /// # Errors
    /// [`CouncilError`].
    pub fn validate(&self) -> Result<(), CouncilError> {
        let refuse = |kept: bool, error: CouncilError| if kept { Ok(()) } else { Err(error) };
        refuse(
            self.epoch >= 1 && (self.epoch == 1) == self.previous.is_none(),
            CouncilError::Previous,
        )?;
        refuse(self.recipients().count() <= MEMBERS_MAX, CouncilError::TooMany)?;
        self.check_thresholds()?;
        self.check_numbers()?;
        refuse(self.texts().all(is_line), CouncilError::Text)?;
        self.check_keys()?;
        let seats = self
            .seats
            .iter()
            .map(|seat| self.seats_under(&seat.controller))
            .max()
            .unwrap_or(0);
        refuse(
            self.concentrated == (seats >= usize::from(self.account)),
            CouncilError::Concentrated { seats },
        )?;
        let patient = self.objection_s >= OBJECTION_S_MIN && self.urgent_s >= URGENT_S_MIN;
        refuse(patient || self.origin.is_demo(), CouncilError::Times)
    }

    /// The seat numbered `x`.
    pub fn seat(&self, x: MemberNumber) -> Option<&CouncilMember> {
        self.seats.iter().find(|seat| seat.x == x)
    }
    /// The reader numbered `x`.
    pub fn reader(&self, x: MemberNumber) -> Option<&CouncilMember> {
        self.readers.iter().find(|reader| reader.x == x)
    }
    /// Seat or reader numbered `x`.
    pub fn member(&self, x: MemberNumber) -> Option<&CouncilMember> {
        self.seat(x).or_else(|| self.reader(x))
    }
    /// t of a compartment of a testimony sealed to this council; `None` for compartments it does not set.
    pub fn threshold(&self, name: super::Compartment) -> Option<u8> {
        match name {
            super::Compartment::Account | super::Compartment::Match => Some(self.account),
            super::Compartment::Identity => Some(self.identity),
            super::Compartment::Consent => None,
        }
    }
    /// Whether `t` of the seats dealt to may give P when she has not been heard of for long (§8.4).
    pub fn is_lapse_threshold(&self, t: u8, dealt: usize) -> bool {
        self.identity <= t && self.account < t && usize::from(t) <= dealt
    }
    /// The one that clients choose: all seats dealt to but one, and more than open the account.
    pub fn lapse_threshold(&self, dealt: usize) -> u8 {
        let all_but_one = u8::try_from(dealt.saturating_sub(1)).unwrap_or(u8::MAX);
        all_but_one.max(self.account.saturating_add(1))
    }
    /// First second at which filings to this council are no longer accepted: end of the earliest `keys_until` of its seats (§19).
    pub fn good_until(&self) -> u64 {
        self.seats.iter().map(|seat| seat.keys_until.end()).min().unwrap_or(0)
    }
    /// Whether reader `x` may not see a case dealt to `dealt` only (§5.5): same institution or controller as a seat left out.
    ///
    /// A number that is not a reader's is barred.
    pub fn is_barred(&self, reader: MemberNumber, dealt: &[MemberNumber]) -> bool {
        let Some(reader) = self.reader(reader) else { return true };
        let mut left_out = self.seats.iter().filter(|seat| !dealt.contains(&seat.x));
        left_out.any(|seat| {
            let names = [&seat.institution, &seat.controller];
            names.contains(&&reader.institution) || names.contains(&&reader.controller)
        })
    }

    /// First 88 bits of `SHA-256(L("council") ‖ D)` (§3).
    pub fn fingerprint(digest: Digest) -> [u8; 11] {
        let hash = Digest::of_parts(&[label::COUNCIL, digest.as_bytes()]).0;
        std::array::from_fn(|i| hash[i])
    }

    /// Draws the nonce, again and again until the fingerprint holds no excluded word in either list (§4).
    pub fn draw_nonce(&mut self, rng: &mut impl CryptoRng) {
        loop {
            self.nonce = Nonce::draw(rng);
            let digest = Envelope::sign(self, &[]).digest();
            if !holds_excluded_word(&Self::fingerprint(digest)) {
                return;
            }
        }
    }

    fn seats_under(&self, controller: &str) -> usize {
        self.seats.iter().filter(|seat| seat.controller == controller).count()
    }

    fn parties(&self) -> impl Iterator<Item = &Party> {
        let nodes = self.nodes.iter().flat_map(|nodes| &nodes.list);
        self.matcher.iter().chain(&self.counsel).chain(nodes)
    }

    /// Every member that files can be sealed to.
    fn recipients(&self) -> impl Iterator<Item = (MemberNumber, &Recipient)> {
        let members = self
            .seats
            .iter()
            .chain(&self.readers)
            .map(|member| (member.x, &member.recipient));
        members.chain(self.parties().map(|party| (party.x, &party.recipient)))
    }

    /// Every member with its key; the operator has a key but no number.
    fn keys(&self) -> impl Iterator<Item = (MemberNumber, PublicKey)> {
        let members = self
            .seats
            .iter()
            .chain(&self.readers)
            .map(|member| (member.x, member.key));
        let parties = self.parties().map(|party| (party.x, party.key));
        members
            .chain(parties)
            .chain(self.mirrors.iter().map(|mirror| (mirror.x, mirror.key)))
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let members = self.seats.iter().chain(&self.readers);
        let members = members.flat_map(|member| [&member.institution, &member.controller, &member.jurisdiction]);
        let others = self.mirrors.iter().map(|mirror| &mirror.institution);
        let others = others
            .chain(self.parties().map(|party| &party.institution))
            .chain([&self.operator.institution]);
        members.chain(others).map(String::as_str)
    }

    /// 2 ≤ t_account ≤ t_identity ≤ n − 1; bench and key nodes can reach theirs too.
    fn check_thresholds(&self) -> Result<(), CouncilError> {
        let quorum = self.account >= 2 && self.account <= self.identity;
        let quorum = quorum && usize::from(self.identity) < self.seats.len();
        let bench = self
            .bench
            .as_ref()
            .is_none_or(|bench| reaches(bench.k, bench.seats.len()));
        let nodes = self
            .nodes
            .as_ref()
            .is_none_or(|nodes| reaches(nodes.t, nodes.list.len()));
        if quorum && bench && nodes {
            Ok(())
        } else {
            Err(CouncilError::Thresholds)
        }
    }

    /// Every list ascends, and no number stands twice in all of them together; the bench sits on seats.
    fn check_numbers(&self) -> Result<(), CouncilError> {
        let bench: Vec<MemberNumber> = self.bench.iter().flat_map(|bench| &bench.seats).copied().collect();
        let lists: [Vec<MemberNumber>; 5] = [
            self.seats.iter().map(|seat| seat.x).collect(),
            self.readers.iter().map(|reader| reader.x).collect(),
            self.mirrors.iter().map(|mirror| mirror.x).collect(),
            self.nodes
                .iter()
                .flat_map(|nodes| &nodes.list)
                .map(|node| node.x)
                .collect(),
            bench.clone(),
        ];
        let falls = lists
            .iter()
            .find_map(|list| list.windows(2).find(|pair| pair[0] >= pair[1]));
        if let Some(pair) = falls {
            return Err(CouncilError::Number(pair[1]));
        }
        let mut seen = BTreeSet::new();
        if let Some((x, _)) = self.keys().find(|(x, _)| !seen.insert(*x)) {
            return Err(CouncilError::Number(x));
        }
        match bench.into_iter().find(|x| self.seat(*x).is_none()) {
            Some(x) => Err(CouncilError::Number(x)),
            None => Ok(()),
        }
    }

    /// Different roles have different seeds (§2), hence neither a key nor a recipient stands twice.
    fn check_keys(&self) -> Result<(), CouncilError> {
        let mut keys = BTreeSet::new();
        keys.insert(self.operator.key);
        if let Some((x, _)) = self.keys().find(|(_, key)| !keys.insert(*key)) {
            return Err(CouncilError::SharedKey(x));
        }
        let mut recipients = BTreeSet::new();
        match self
            .recipients()
            .find(|(_, recipient)| !recipients.insert(recipient.as_bytes()))
        {
            Some((x, _)) => Err(CouncilError::SharedKey(x)),
            None => Ok(()),
        }
    }
}

/// Whether `k` of `n` can be reached.
fn reaches(k: u16, n: usize) -> bool {
    k >= 1 && usize::from(k) <= n
}

impl CouncilError {
    /// The rule without what is particular to this council.
    fn rule(self) -> &'static str {
        match self {
            Self::Thresholds => "thresholds of a council",
            Self::Number(_) => "numbers of a council's members",
            Self::TooMany => "at most 24 members of a council",
            Self::Text => "texts of a council have 1 to 200 bytes, none of a control or bidirectional character",
            Self::Concentrated { .. } => "concentrated says whether one controller holds t_account seats",
            Self::Times => "waiting times of a council",
            Self::SharedKey(_) => "every member of a council has its own key",
            Self::Previous => "epoch 1 has no previous, every other epoch has one",
            Self::NoQuorum => "the policy demands a cosigner",
        }
    }
}
