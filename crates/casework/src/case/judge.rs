//! One act judged by itself: is it signed by whom it names, and does it keep the rules that need no
//! other act? What one payload alone decides, `protocol` has refused already.

use protocol::envelope::EnvelopeError;
use protocol::ids::PublicKey;
use protocol::statement::{
    Ack, Aid, Attended, Compartment, CouncilMember, Decision, Decline, DocketChoice, Erased, Finding, Lapse, Objection,
    Opened, Payload, Referral, Reject, Release, Request, Twin,
};
use protocol::{CaseId, Digest, Envelope, MemberNumber, Origin, Verified};

use super::act::{ActRefusal, Body};
use super::facts::Facts;
use super::hers::DeclarantAct;
use super::twin::check_shown;
use crate::clock::{DECIDE_S, REQUEST_MAX_S, SKEW_S};
use crate::registry::{CouncilRecord, Registry};
use crate::slots::{Found, SlotIndex};

/// Who signed, and what.
type Signed = (Option<MemberNumber>, Body);

/// An act, judged by itself.
pub(super) struct JudgedAlone {
    pub signed: Option<Signed>,
    /// Its twin, where it has one and that is right.
    pub twin: Option<KeptTwin>,
    /// Whether it keeps the rules; `None` where its twin is not shown, without which it is as good as not shown itself.
    pub rules: Option<Result<(), ActRefusal>>,
}

/// The twin of an act, as its author signed it.
#[derive(Clone)]
pub(super) struct KeptTwin {
    pub envelope: Envelope,
    pub twin: Twin,
    /// Index of the first entry that commits to it.
    pub index: Option<u64>,
}

/// What judging an act needs.
struct Judge<'a> {
    facts: &'a Facts,
    origin: &'a Origin,
    council: &'a CouncilRecord,
    registry: &'a Registry,
    found: &'a Found,
}

/// Reads and judges. The body comes back with the refusal where only the rules fail, not the signature.
/// `twin_of`: what is shown of a twin.
pub(super) fn judge<'a>(
    found: &Found,
    envelope: &Envelope,
    twin_of: impl Fn(Digest) -> Option<&'a Envelope>,
    facts: &Facts,
    (registry, slots): (&Registry, &SlotIndex),
) -> JudgedAlone {
    let refused = |refusal| JudgedAlone {
        signed: None,
        twin: None,
        rules: Some(Err(refusal)),
    };
    let Some(council) = registry.council_at(found.index) else {
        return refused(ActRefusal::NoCouncil);
    };
    let judge = Judge {
        facts,
        origin: registry.origin(),
        council,
        registry,
        found,
    };
    let signed = match judge.read(envelope) {
        Err(refusal) => return refused(refusal),
        Ok(signed) => signed,
    };
    let (mut twin, mut rules) = (None, Some(judge.rules(&signed.1)));
    let named = signed.1.twin().filter(|_| facts.policy.docket == DocketChoice::Normal);
    if let (Some(named), Some(Ok(()))) = (named, &rules) {
        let needs = signed.1.needs_twin();
        match twin_of(named).map(|shown| judge.shown_twin(&signed, shown, slots)) {
            Some(Ok(kept)) => {
                if needs && kept.index.is_none() {
                    rules = Some(Err(ActRefusal::TwinNotLogged));
                }
                twin = Some(kept);
            }
            Some(Err(refusal)) if needs => rules = Some(Err(refusal)),
            None if needs => rules = None,
            Some(Err(_)) | None => {}
        }
    }
    JudgedAlone {
        signed: Some(signed),
        twin,
        rules,
    }
}

impl Judge<'_> {
    /// Author, signature, log and case.
    fn read(&self, envelope: &Envelope) -> Result<Signed, ActRefusal> {
        match envelope.name().ok_or(ActRefusal::Unknown)? {
            Ack::NAME => self.seat(envelope, |ack: &Ack| (ack.x, &ack.origin, Some(ack.case)), Body::Ack),
            Reject::NAME => self.seat(
                envelope,
                |reject: &Reject| (reject.x, &reject.origin, None),
                Body::Reject,
            ),
            Referral::NAME => self.seat(envelope, |r: &Referral| (r.x, &r.origin, Some(r.case)), Body::Referral),
            Decision::NAME => self.seat(envelope, |d: &Decision| (d.x, &d.origin, Some(d.case)), Body::Decision),
            Release::NAME => self.seat(envelope, |r: &Release| (r.x, &r.origin, Some(r.case)), Body::Release),
            Objection::NAME if envelope.unverified::<Objection>().is_ok() => self.seat(
                envelope,
                |o: &Objection| (o.by, &o.origin, Some(o.case)),
                Body::Objection,
            ),
            Attended::NAME => self.seat(envelope, |a: &Attended| (a.x, &a.origin, Some(a.case)), Body::Attended),
            Lapse::NAME => self.seat(envelope, |l: &Lapse| (l.x, &l.origin, Some(l.case)), Body::Lapse),
            Erased::NAME => self.seat(envelope, |e: &Erased| (e.x, &e.origin, Some(e.case)), Body::Erased),
            Decline::NAME => self.seat(envelope, |d: &Decline| (d.x, &d.origin, Some(d.case)), Body::Decline),
            Request::NAME => {
                let claimed: Request = envelope.unverified().map_err(refusal)?;
                let reader = self
                    .council
                    .reader(claimed.reader)
                    .ok_or(ActRefusal::NotOfCouncil { x: claimed.reader })?;
                let request = verify::<Request>(envelope, reader.key)?.into_inner();
                self.here(&request.origin, Some(request.case))?;
                Ok((Some(reader.x), Body::Request(request)))
            }
            Opened::NAME => self.reader(envelope, |o: &Opened| (&o.origin, o.case), Body::Opened),
            Finding::NAME => self.reader(envelope, |f: &Finding| (&f.origin, f.case), Body::Finding),
            Aid::NAME => self.reader(envelope, |a: &Aid| (&a.origin, a.case), Body::Aid),
            _ => self.hers(envelope),
        }
    }

    /// A statement by the seat that it names.
    fn seat<P: Payload>(
        &self,
        envelope: &Envelope,
        names: impl Fn(&P) -> (MemberNumber, &Origin, Option<CaseId>),
        body: fn(P) -> Body,
    ) -> Result<Signed, ActRefusal> {
        let claimed: P = envelope.unverified().map_err(refusal)?;
        let x = names(&claimed).0;
        let seat = self.council.seat(x).ok_or(ActRefusal::NotOfCouncil { x })?;
        let payload = verify::<P>(envelope, seat.key)?;
        let (_, origin, case) = names(&payload);
        self.here(origin, case)?;
        Ok((Some(x), body(payload.into_inner())))
    }

    /// A statement by a reader that it does not name: the one whose key verifies.
    fn reader<P: Payload>(
        &self,
        envelope: &Envelope,
        names: impl Fn(&P) -> (&Origin, CaseId),
        body: fn(P) -> Body,
    ) -> Result<Signed, ActRefusal> {
        let signer = |reader: &&CouncilMember| envelope.is_signed_by(&reader.key);
        let reader = self.council.readers.iter().find(signer).ok_or(ActRefusal::Signature)?;
        let payload = verify::<P>(envelope, reader.key)?;
        let (origin, case) = names(&payload);
        self.here(origin, Some(case))?;
        Ok((Some(reader.x), body(payload.into_inner())))
    }

    /// What she says.
    fn hers(&self, envelope: &Envelope) -> Result<Signed, ActRefusal> {
        let hers = DeclarantAct::read(envelope, Some(&self.facts.inbox_key)).ok_or(ActRefusal::Unknown)?;
        let hers = hers.map_err(refusal)?;
        self.here(hers.origin(), hers.case())?;
        Ok((None, Body::Hers(hers)))
    }

    fn here(&self, origin: &Origin, case: Option<CaseId>) -> Result<(), ActRefusal> {
        if origin != self.origin {
            return Err(ActRefusal::Origin);
        }
        if case.is_some_and(|case| case != self.facts.case) {
            Err(ActRefusal::Case)
        } else {
            Ok(())
        }
    }

    /// The twin that is shown of an act.
    fn shown_twin(&self, (author, body): &Signed, shown: &Envelope, slots: &SlotIndex) -> Result<KeptTwin, ActRefusal> {
        let author = author.and_then(|x| self.council.member(x));
        let author = author.ok_or(ActRefusal::TwinDiffers)?;
        let twin = check_shown(body, author.x, &author.key, self.origin, shown)?;
        Ok(KeptTwin {
            envelope: shown.clone(),
            twin,
            index: slots.twin(shown.digest()).map(|(index, _)| index),
        })
    }

    /// The rules that need no other act.
    fn rules(&self, body: &Body) -> Result<(), ActRefusal> {
        match body {
            Body::Ack(ack) => self.ack(ack),
            Body::Reject(reject) if reject.entry != self.facts.entry => Err(ActRefusal::Case),
            Body::Reject(_) => Ok(()),
            Body::Referral(referral) => self.referral(referral),
            Body::Request(request) => check_request(request, self.found.included_at)
                .and_then(|()| check_compartments(request, self.facts))
                .and_then(|()| self.reader_allowed(request.reader))
                .and_then(|()| check_request_twin(request, self.facts)),
            Body::Decision(decision) => self.dealt(decision.x).and_then(|()| self.twin(decision.twin)),
            Body::Objection(objection) => self.dealt(objection.by).and_then(|()| self.twin(objection.twin)),
            // DeclarantAct has no twin, whatever she chose (§15.9).
            Body::Hers(_) => Ok(()),
            Body::Release(release) => self.dealt(release.x),
            Body::Opened(opened) => self.twin(opened.twin),
            Body::Finding(finding) => self.twin(finding.twin),
            // The docket shows no assistance (§15.9).
            Body::Aid(_) => Ok(()),
            // The docket shows no danger (§15.9).
            Body::Attended(attended) => self.dealt(attended.x),
            Body::Lapse(lapse) => self.dealt(lapse.x),
            Body::Erased(erased) => self.dealt(erased.x).and_then(|()| self.twin(erased.twin)),
            Body::Decline(decline) => self.dealt(decline.x),
        }
    }

    fn ack(&self, ack: &Ack) -> Result<(), ActRefusal> {
        self.dealt(ack.x)?;
        let facts = self.facts;
        let repeats = ack.testimony == facts.testimony
            && ack.match_request == facts.match_request
            && ack.seats == facts.dealt
            && ack.policy == facts.policy
            && ack.parent == facts.parent;
        if repeats {
            Ok(())
        } else {
            Err(ActRefusal::NotTheTestimony)
        }
    }

    fn referral(&self, referral: &Referral) -> Result<(), ActRefusal> {
        self.dealt(referral.x)?;
        if !referral.seats.iter().all(|x| self.facts.dealt.contains(x)) {
            return Err(ActRefusal::Seats);
        }
        self.reader_allowed(referral.reader)
    }

    fn dealt(&self, x: MemberNumber) -> Result<(), ActRefusal> {
        if self.facts.dealt.contains(&x) {
            Ok(())
        } else {
            Err(ActRefusal::HoldsNoShare { x })
        }
    }

    fn reader_allowed(&self, x: MemberNumber) -> Result<(), ActRefusal> {
        let reader = self.council.reader(x).ok_or(ActRefusal::NotOfCouncil { x })?;
        if self.facts.is_barred(reader, self.registry) {
            Err(ActRefusal::Barred { x })
        } else {
            Ok(())
        }
    }

    fn twin(&self, twin: Option<Digest>) -> Result<(), ActRefusal> {
        check_twin(twin, self.facts)
    }
}

/// `decide_by` and the 26 h, given the time of inclusion (§8.3).
pub(crate) fn check_request(request: &Request, included_at: u64) -> Result<(), ActRefusal> {
    if request.time.checked_add(DECIDE_S) != Some(request.decide_by) {
        return Err(ActRefusal::DecideBy);
    }
    if included_at > request.time.saturating_add(REQUEST_MAX_S) {
        return Err(ActRefusal::Late);
    }
    if request.time > included_at.saturating_add(SKEW_S) {
        Err(ActRefusal::Future)
    } else {
        Ok(())
    }
}

/// Not empty, ascending, each of the testimony. P alone is of no use, and `match` is of a later stage.
pub(crate) fn check_compartments(request: &Request, facts: &Facts) -> Result<(), ActRefusal> {
    if request.compartments.is_empty() {
        return Err(ActRefusal::Form);
    }
    let mut last = None;
    for name in &request.compartments {
        let is_asked = match name {
            Compartment::Account | Compartment::Identity => true,
            Compartment::Consent => last.is_some(),
            Compartment::Match => false,
        };
        if !is_asked || facts.threshold(*name).is_none() || last >= Some(*name) {
            return Err(ActRefusal::Compartment { name: *name });
        }
        last = Some(*name);
    }
    Ok(())
}

/// A request names a twin unless she chose `counts-only`. Its reader does not know what she chose before anything is released:
/// then the twin that it names is nothing, and nobody files it (§10.1).
pub(crate) fn check_request_twin(request: &Request, facts: &Facts) -> Result<(), ActRefusal> {
    match facts.policy.docket {
        DocketChoice::CountsOnly => Ok(()),
        DocketChoice::Normal => check_twin(request.twin, facts),
    }
}

/// Under `counts-only` no other act has a twin; otherwise each names one (§10.1).
fn check_twin(twin: Option<Digest>, facts: &Facts) -> Result<(), ActRefusal> {
    if (facts.policy.docket == DocketChoice::CountsOnly) == twin.is_none() {
        Ok(())
    } else {
        Err(ActRefusal::Twin)
    }
}

fn verify<P: Payload>(envelope: &Envelope, key: PublicKey) -> Result<Verified<P>, ActRefusal> {
    envelope.verify::<P>(&[key]).map_err(refusal)
}

fn refusal(error: EnvelopeError) -> ActRefusal {
    match error {
        EnvelopeError::Json(_) | EnvelopeError::Form(_) | EnvelopeError::Rule(_) => ActRefusal::Form,
        EnvelopeError::Type => ActRefusal::Unknown,
        EnvelopeError::Missing { .. } | EnvelopeError::Stranger => ActRefusal::Signature,
    }
}
