//! What must be known of a testimony to judge acts on it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ids::PublicKey;
use protocol::open::Header;
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::{AccessPolicy, Ack, Compartment, CouncilMember, Opening};
use protocol::{CaseId, Digest, Envelope, MemberNumber};

use crate::fold::Fold;
use crate::registry::{CouncilRecord, Registry};
use crate::slots::{Found, Statements, commits_to};

/// From the header; or from acks and the council at filing, when there is only the phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Case id.
    pub case: CaseId,
    /// SHA-256 of the slot 0 entry: how a delivery and a `reject` name the filing.
    pub entry: Digest,
    /// D(testimony).
    pub testimony: Digest,
    /// SHA-256 of the match request file.
    pub match_request: Option<Digest>,
    /// D(core); `None` from the phrase alone.
    pub core: Option<Digest>,
    /// SHA-256 of the slot-0 K-file; `None` from the phrase alone.
    pub header_file: Option<Digest>,
    /// D of the council sealed to (from the phrase alone: the newest before the filing).
    pub council: Digest,
    /// The seats dealt to, ascending.
    pub dealt: Vec<MemberNumber>,
    /// Compartments with their threshold, ascending. From the phrase alone: those the council knows.
    pub compartments: Vec<(Compartment, u8)>,
    /// t_account of that council.
    pub account: u8,
    /// t_identity of that council.
    pub identity: u8,
    /// Objection time of that council, in seconds.
    pub objection_s: u64,
    /// The same for urgent requests.
    pub urgent_s: u64,
    /// Verifies what she sends.
    pub inbox_key: PublicKey,
    /// Her choices.
    pub policy: AccessPolicy,
    /// The filing to which this one says that it adds.
    pub parent: Option<CaseId>,
}

/// Why a case cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// Slot 0 is not in the log.
    #[error("the filing is not in the log")]
    NotFiled,
    /// Slot 0 does not commit to this testimony.
    #[error("the log's entry does not commit to this testimony")]
    Commitment,
    /// Too few acks stand for the header.
    #[error("the filing is in the log, but {have} of {need} seats show what it holds")]
    Withheld {
        /// Seats whose ack recomputes the commitment and that agree.
        have: usize,
        /// t_account.
        need: usize,
    },
    /// Header of another log.
    #[error("a testimony of another log")]
    Origin,
    /// The council is unknown, or was included after the filing.
    #[error("the council that this was sealed to does not count")]
    Council,
    /// Thresholds are not those of the council.
    #[error("the thresholds are not those of the council")]
    Thresholds,
    /// Seats repeat, are not of the council, or are fewer than t_identity + 1.
    #[error("the seats dealt to are not right")]
    Seats,
}

impl CaseError {
    /// How much an entry in slot 0 has for it: of several the one that most seats show is spoken of.
    fn shown(&self) -> usize {
        match self {
            Self::NotFiled => 0,
            Self::Withheld { have, .. } => 1 + have,
            _ => 1,
        }
    }
}

impl Facts {
    /// From a verified header, against the council that it names and the first entry in slot 0 that commits to it.
    pub(super) fn of_header(
        salt: &CaseSalt,
        header: &Header,
        header_file: Digest,
        fold: &Fold,
    ) -> Result<(Self, Found), CaseError> {
        let registry = fold.registry();
        let (core, testimony) = (&header.core, &header.testimony);
        if core.origin != *registry.origin() || testimony.origin != *registry.origin() {
            return Err(CaseError::Origin);
        }
        let in_slot = fold.slots().in_slot(salt, 0);
        let is_filing = |found: &&Found| commits_to(salt, found, testimony.digest(), testimony.match_request);
        let found = match in_slot.iter().find(is_filing) {
            Some(found) => *found,
            None if in_slot.is_empty() => return Err(CaseError::NotFiled),
            None => return Err(CaseError::Commitment),
        };
        let council = registry
            .council(&core.council)
            .filter(|council| council.index() < found.index);
        let council = council.ok_or(CaseError::Council)?;
        let compartments: Vec<(Compartment, u8)> = core.compartments.iter().map(|c| (c.name, c.threshold)).collect();
        for (name, threshold) in &compartments {
            let expected = match name {
                Compartment::Consent => {
                    let dealt = testimony.shares.len();
                    core.policy.t_lapse.filter(|t| council.is_lapse_threshold(*t, dealt))
                }
                _ => council.threshold(*name),
            };
            if expected != Some(*threshold) {
                return Err(CaseError::Thresholds);
            }
        }
        let dealt = testimony.seats();
        check_dealt(&dealt, council)?;
        let facts = Self {
            case: core.case,
            entry: entry_digest(salt, &found),
            testimony: testimony.digest(),
            match_request: testimony.match_request,
            core: Some(core.digest()),
            header_file: Some(header_file),
            council: council.digest(),
            dealt,
            compartments,
            account: council.account,
            identity: council.identity,
            objection_s: council.objection_s,
            urgent_s: council.urgent_s,
            inbox_key: core.inbox.key,
            policy: core.policy.clone(),
            parent: core.parent.as_ref().map(|parent| parent.case),
        };
        Ok((facts, found))
    }

    /// From acks that recompute `commit_0`, for the first entry in slot 0 for which enough do. Of what they copy from the
    /// header, what most seats say counts.
    pub(super) fn of_acks(
        salt: &CaseSalt,
        case: CaseId,
        inbox_key: PublicKey,
        fold: &Fold,
        statements: &[Envelope],
    ) -> Result<(Self, Found), CaseError> {
        let mut nearest = CaseError::NotFiled;
        for filed in fold.slots().in_slot(salt, 0) {
            match Self::of_filing(salt, case, inbox_key, &filed, fold, statements) {
                Ok(facts) => return Ok((facts, filed)),
                Err(error) if error.shown() >= nearest.shown() => nearest = error,
                Err(_) => {}
            }
        }
        Err(nearest)
    }

    /// As [`Self::of_acks`], for one entry in slot 0.
    fn of_filing(
        salt: &CaseSalt,
        case: CaseId,
        inbox_key: PublicKey,
        filed: &Found,
        fold: &Fold,
        statements: &[Envelope],
    ) -> Result<Self, CaseError> {
        let acts = fold.slots().acts(salt, filed.index).reachable;
        let council = fold.registry().council_at(filed.index).ok_or(CaseError::Council)?;
        type Copied = (Vec<MemberNumber>, Digest, Option<Digest>, AccessPolicy, Option<CaseId>);
        let mut by_list: BTreeMap<Copied, BTreeSet<MemberNumber>> = BTreeMap::new();
        let mut statements = Statements::new(statements);
        for found in &acts {
            let Some(ack) = good_ack(salt, case, filed, found, fold.registry(), &mut statements) else {
                continue;
            };
            if check_dealt(&ack.seats, council).is_ok() && ack.seats.contains(&ack.x) {
                by_list
                    .entry((ack.seats, ack.testimony, ack.match_request, ack.policy, ack.parent))
                    .or_default()
                    .insert(ack.x);
            }
        }
        let need = usize::from(council.account);
        let most = by_list.into_iter().max_by_key(|(_, seats)| seats.len());
        let have = most.as_ref().map_or(0, |(_, seats)| seats.len());
        let Some(((dealt, testimony, match_request, policy, parent), _)) = most.filter(|_| have >= need) else {
            return Err(CaseError::Withheld { have, need });
        };
        let mut compartments = vec![
            (Compartment::Account, council.account),
            (Compartment::Identity, council.identity),
        ];
        compartments.extend(policy.t_lapse.map(|threshold| (Compartment::Consent, threshold)));
        Ok(Self {
            case,
            entry: entry_digest(salt, filed),
            testimony,
            match_request,
            core: None,
            header_file: None,
            council: council.digest(),
            dealt,
            compartments,
            account: council.account,
            identity: council.identity,
            objection_s: council.objection_s,
            urgent_s: council.urgent_s,
            inbox_key,
            policy,
            parent,
        })
    }

    /// Whether her consent is part of the key (§8.4).
    pub fn asks_her(&self) -> bool {
        self.policy.open == Opening::WithMyConsent
    }

    /// Objection time of a request, in seconds. It is that of the council sealed to, whichever is in force later: it
    /// depends on nothing that can be shown late.
    pub fn objection_time(&self, urgent: bool) -> u64 {
        if urgent { self.urgent_s } else { self.objection_s }
    }

    /// Threshold of a compartment that the testimony has.
    pub fn threshold(&self, name: Compartment) -> Option<u8> {
        self.compartments
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, threshold)| *threshold)
    }

    /// Whether a reader may not see this case: its institution or controller equals, byte for byte, either of a seat left
    /// out (§5.5, §19).
    pub fn is_barred(&self, reader: &CouncilMember, registry: &Registry) -> bool {
        let Some(council) = registry.council(&self.council) else {
            return true;
        };
        let same = |seat: &CouncilMember| {
            [&seat.institution, &seat.controller]
                .iter()
                .any(|name| **name == reader.institution || **name == reader.controller)
        };
        council
            .seats
            .iter()
            .any(|seat| !self.dealt.contains(&seat.x) && same(seat))
    }
}

/// Ascending, each a seat of the council, at least t_identity + 1 (§5.5).
fn check_dealt(dealt: &[MemberNumber], council: &CouncilRecord) -> Result<(), CaseError> {
    let ascend = dealt.windows(2).all(|pair| pair[0] < pair[1]);
    let known = dealt.iter().all(|x| council.seat(*x).is_some());
    if ascend && known && dealt.len() > usize::from(council.identity) {
        Ok(())
    } else {
        Err(CaseError::Seats)
    }
}

/// An ack by a seat of the council, on this case, that recomputes `commit_0`.
fn good_ack(
    salt: &CaseSalt,
    case: CaseId,
    filed: &Found,
    found: &Found,
    registry: &Registry,
    statements: &mut Statements<'_>,
) -> Option<Ack> {
    let envelope = statements.find(salt, found)?;
    let claimed: Ack = envelope.unverified().ok()?;
    let seat = registry.council_at(found.index)?.seat(claimed.x)?;
    let ack = envelope.verify::<Ack>(&[seat.key]).ok()?.into_inner();
    let is_ours = ack.case == case && ack.origin == *registry.origin();
    (is_ours && commits_to(salt, filed, ack.testimony, ack.match_request)).then_some(ack)
}

fn entry_digest(salt: &CaseSalt, filed: &Found) -> Digest {
    Digest::of(
        &Entry::Opaque {
            slot: salt.slot(0),
            commit: filed.commit.0,
        }
        .to_bytes(),
    )
}
