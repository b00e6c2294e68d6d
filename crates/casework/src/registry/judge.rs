//! Whether a public statement counts, given those before it (§3, §6.3, §9.1, §9.2). What one payload alone decides,
//! `protocol` has refused already.

use std::cmp::Ordering;

use protocol::envelope::EnvelopeError;
use protocol::ids::PublicKey;
use protocol::statement::{BucketDepth, Council, DocketOpen, Duty, Greeting, Pace, Payload, Site, Twin};
use protocol::{Digest, Envelope, MemberNumber, Origin, Verified};

use super::{Applied, CouncilRecord, PublicRefusal, Recorded, Registry};
use crate::root::policy_for;

impl Registry {
    pub(super) fn judge(
        &mut self,
        index: u64,
        envelope: &Envelope,
        included_at: u64,
    ) -> Result<Applied, PublicRefusal> {
        match envelope.name() {
            Some(Council::NAME) => self.judge_council(index, envelope, included_at),
            Some(Pace::NAME) => {
                let payload = self.by_operator::<Pace>(index, envelope, |pace| &pace.origin)?;
                self.paces.push(recorded(index, envelope, included_at, payload));
                Ok(Applied::Pace)
            }
            Some(BucketDepth::NAME) => {
                let payload = self.by_operator::<BucketDepth>(index, envelope, |drop| &drop.origin)?;
                let fits = match self.drops.last() {
                    None => payload.b == 0,
                    Some(last) => payload.b >= last.payload.b,
                };
                if !fits {
                    return Err(PublicRefusal::BucketDepth);
                }
                if !self.may_be_deep(payload.b, index) {
                    return Err(PublicRefusal::BucketTooDeep);
                }
                self.drops.push(recorded(index, envelope, included_at, payload));
                Ok(Applied::BucketDepth)
            }
            Some(Greeting::NAME) => {
                let payload = self.by_operator::<Greeting>(index, envelope, |greeting| &greeting.origin)?;
                self.greetings.push(recorded(index, envelope, included_at, payload));
                Ok(Applied::Greeting)
            }
            // Who reads duty reports judges them ([`crate::duty`]).
            Some(Duty::NAME) => Ok(Applied::Duty),
            // And who verifies the site its statements ([`crate::site`]).
            Some(Site::NAME) => Ok(Applied::Site),
            // And so for twins ([`crate::docket`]).
            Some(Twin::NAME) => Ok(Applied::Twin),
            Some(DocketOpen::NAME) => {
                let payload = self.check_docket_open(envelope)?;
                let first = recorded(index, envelope, included_at, payload);
                self.docket_open.get_or_insert(first);
                Ok(Applied::DocketOpen)
            }
            _ => Err(PublicRefusal::Unknown),
        }
    }

    /// A statement by the operator that the newest council included before names.
    pub(crate) fn by_operator<P: Payload>(
        &self,
        index: u64,
        envelope: &Envelope,
        origin: fn(&P) -> &Origin,
    ) -> Result<P, PublicRefusal> {
        let council = self.council_at(index).ok_or(PublicRefusal::NoCouncil)?;
        let payload = envelope
            .verify::<P>(&[council.operator.key])
            .map_err(refusal)?
            .into_inner();
        if *origin(&payload) != self.origin {
            return Err(PublicRefusal::Origin);
        }
        Ok(payload)
    }

    /// Whether t_account seats of the newest council have signed that twins are published, and nobody else.
    ///
    /// # Errors
    /// [`PublicRefusal`].
    pub fn check_docket_open(&self, envelope: &Envelope) -> Result<DocketOpen, PublicRefusal> {
        let council = self.current().ok_or(PublicRefusal::NoCouncil)?;
        let keys = council.seats.iter().map(|seat| seat.key);
        let signers: Vec<PublicKey> = keys.filter(|key| envelope.is_signed_by(key)).collect();
        let (have, need) = (signers.len(), usize::from(council.account));
        if have < need {
            return Err(PublicRefusal::TooFewSeats { have, need });
        }
        let open = envelope.verify::<DocketOpen>(&signers).map_err(refusal)?.into_inner();
        match open.origin == self.origin {
            true => Ok(open),
            false => Err(PublicRefusal::Origin),
        }
    }

    fn judge_council(&mut self, index: u64, envelope: &Envelope, included_at: u64) -> Result<Applied, PublicRefusal> {
        let claimed: Council = envelope.unverified().map_err(refusal)?;
        if claimed.origin != self.origin {
            return Err(PublicRefusal::Origin);
        }
        self.check_chain(&claimed, envelope.digest())?;
        self.check_numbers(&claimed)?;
        let signers = match self.current() {
            None => claimed.seats.iter().map(|seat| seat.key).collect(),
            Some(previous) => successor_signers(previous, &claimed, envelope)?,
        };
        let council = envelope.verify_open::<Council>(&signers).map_err(refusal)?;
        let policy = policy_for(&council.policy, &self.log_key)?;
        let epoch = council.epoch;
        self.councils.push(CouncilRecord {
            index,
            included_at,
            digest: council.digest(),
            council: Verified::into_inner(council),
            policy,
            envelope: envelope.clone(),
        });
        Ok(Applied::Council { epoch })
    }

    /// Epoch 1 is the root's; every other follows on the newest.
    fn check_chain(&self, council: &Council, digest: Digest) -> Result<(), PublicRefusal> {
        let Some(newest) = self.current() else {
            return if digest == self.root_council && council.epoch == 1 {
                Ok(())
            } else {
                Err(PublicRefusal::NotTheRoot)
            };
        };
        if council.epoch <= newest.epoch {
            return Err(PublicRefusal::Epoch { epoch: council.epoch });
        }
        if council.epoch != newest.epoch + 1 || council.previous != Some(newest.digest) {
            return Err(PublicRefusal::Chain);
        }
        Ok(())
    }

    /// A number is never taken over by another institution (§3).
    fn check_numbers(&self, council: &Council) -> Result<(), PublicRefusal> {
        for before in &self.councils {
            let old = members(before);
            for (x, institution) in members(council) {
                if old
                    .iter()
                    .any(|(old_x, old_institution)| *old_x == x && *old_institution != institution)
                {
                    return Err(PublicRefusal::Reused(x));
                }
            }
        }
        Ok(())
    }
}

/// t_identity seats of the previous council and every newcomer must sign (§3). A newcomer is a seat whose number was no
/// seat before; a seat that stays draws a new key, and is known by its old one.
fn successor_signers(
    previous: &CouncilRecord,
    council: &Council,
    envelope: &Envelope,
) -> Result<Vec<PublicKey>, PublicRefusal> {
    let mut signers: Vec<PublicKey> = previous
        .seats
        .iter()
        .map(|seat| seat.key)
        .filter(|key| envelope.is_signed_by(key))
        .collect();
    let need = usize::from(previous.identity);
    if signers.len() < need {
        return Err(PublicRefusal::TooFewSigners {
            have: signers.len(),
            need,
        });
    }
    signers.extend(
        council
            .seats
            .iter()
            .filter(|seat| previous.seat(seat.x).is_none())
            .map(|seat| seat.key),
    );
    Ok(signers)
}

/// Everybody who has a number, with the institution.
fn members(council: &Council) -> Vec<(MemberNumber, &str)> {
    let listed = council
        .seats
        .iter()
        .chain(&council.readers)
        .map(|member| (member.x, member.institution.as_str()));
    let mirrors = council
        .mirrors
        .iter()
        .map(|mirror| (mirror.x, mirror.institution.as_str()));
    let nodes = council.nodes.iter().flat_map(|nodes| &nodes.list);
    let parties = council.matcher.iter().chain(&council.counsel).chain(nodes);
    listed
        .chain(mirrors)
        .chain(parties.map(|party| (party.x, party.institution.as_str())))
        .collect()
}

/// Compares entries per second.
pub(super) fn rate_cmp(a: &Pace, b: &Pace) -> Ordering {
    (u64::from(a.n) * u64::from(b.step_s)).cmp(&(u64::from(b.n) * u64::from(a.step_s)))
}

fn recorded<P>(index: u64, envelope: &Envelope, included_at: u64, payload: P) -> Recorded<P> {
    Recorded {
        index,
        included_at,
        digest: envelope.digest(),
        payload,
        envelope: envelope.clone(),
    }
}

fn refusal(error: EnvelopeError) -> PublicRefusal {
    match error {
        EnvelopeError::Json(_) | EnvelopeError::Form(_) => PublicRefusal::Form,
        EnvelopeError::Rule(rule) => PublicRefusal::Rule(rule),
        EnvelopeError::Type => PublicRefusal::Unknown,
        EnvelopeError::Missing { .. } | EnvelopeError::Stranger => PublicRefusal::Signature,
    }
}
