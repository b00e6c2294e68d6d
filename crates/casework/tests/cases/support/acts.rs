//! Statements of every kind, as an honest author writes them; tests change one field.

use casework::{Aiding, Allowed, Asking, Case, CommonFields};
use protocol::age::Identity;
use protocol::ids::Version;
use protocol::share::check::Rejected;
use protocol::statement::{
    Ack, AidStatus, Attended, Attention, Check, Compartment, Decision, DeclarantObjection, Holds, Objection,
    OpeningOutcome, Reason, Referral, Reject, Release, ReleasedFile, Request,
};
use protocol::{Day, Digest, Envelope, Nonce, Origin};

use super::{Filing, Log, ORIGIN, READER, sign, x};

/// What a reader asks for.
#[derive(Clone)]
pub struct Wish {
    pub reader: u16,
    pub compartments: Vec<Compartment>,
    pub urgent: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            reader: READER,
            compartments: vec![Compartment::Account],
            urgent: false,
        }
    }
}

impl Wish {
    pub fn both() -> Self {
        Self {
            compartments: vec![Compartment::Account, Compartment::Identity],
            ..Self::default()
        }
    }
    pub fn urgent() -> Self {
        Self {
            urgent: true,
            ..Self::default()
        }
    }
}

pub fn origin() -> Origin {
    Origin::new(ORIGIN).unwrap()
}

/// What a seat of a test decides on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// All that is asked.
    Grant,
    /// Nothing.
    Refuse,
    /// One part of it, and not the other.
    Only(Compartment),
}

impl Log {
    /// Never twice the same.
    pub fn nonce(&self) -> Nonce {
        Nonce(Digest::of(&(self.fold.size(), self.statements.len()).0.to_be_bytes()).0)
    }

    pub fn head(&self) -> CommonFields {
        CommonFields {
            origin: origin(),
            nonce: self.nonce(),
            time: self.device(),
        }
    }

    pub fn ack_of(&self, filing: &Filing, seat: u16, holds: Holds) -> Ack {
        self.head().ack(&self.bare_case(filing), x(seat), holds, false)
    }

    pub fn ack(&mut self, filing: &Filing, seat: u16) -> Digest {
        let ack = self.ack_of(filing, seat, Holds::Share);
        self.act(filing, &sign(&ack, &[seat]))
    }

    /// A seat acknowledges a share whose flag says whether somebody is in danger.
    pub fn acks_danger(&mut self, filing: &Filing, seat: u16, danger: bool) {
        let ack = Ack {
            danger,
            ..self.ack_of(filing, seat, Holds::Share)
        };
        self.act(filing, &sign(&ack, &[seat]));
    }

    pub fn attended_of(&self, filing: &Filing, seat: u16, what: Attention, until: Option<u64>) -> Attended {
        self.head().attended(&self.bare_case(filing), x(seat), what, until)
    }

    /// A seat says what was done about danger; the index.
    pub fn attends(&mut self, filing: &Filing, seat: u16, what: Attention, until: Option<u64>) -> u64 {
        let attended = self.attended_of(filing, seat, what, until);
        self.put(filing, &sign(&attended, &[seat]))
    }

    /// A seat tells a reader.
    pub fn refers(&mut self, filing: &Filing, seat: u16, reader: u16) {
        let referral = self.referral_of(filing, seat, reader);
        self.act(filing, &sign(&referral, &[seat]));
    }

    pub fn reject_of(&self, filing: &Filing, seat: u16) -> Reject {
        let rejected = Rejected {
            check: Check::Commitment,
            got: Some(Digest([5; 32])),
        };
        let entry = Digest::of(&filing.entry.to_bytes());
        self.head().reject(entry, x(seat), &rejected)
    }

    pub fn reject(&mut self, filing: &Filing, seat: u16) -> Digest {
        let reject = self.reject_of(filing, seat);
        self.act(filing, &sign(&reject, &[seat]))
    }

    pub fn referral_of(&self, filing: &Filing, seat: u16, reader: u16) -> Referral {
        self.head().referral(&self.bare_case(filing), x(seat), x(reader))
    }

    pub fn request_of(&self, filing: &Filing, wish: &Wish) -> Request {
        let asking = Asking {
            compartments: wish.compartments.clone(),
            purpose: "investigation".into(),
            for_use: None,
            basis: "article 1".into(),
            urgent: wish.urgent,
        };
        // Fresh for each request; the first of a log has the key of the vectors.
        let asked = self
            .statements
            .iter()
            .filter(|statement| statement.name() == Some("request"))
            .count();
        let recipient = Identity::from_seed([0x77 + asked as u8; 32]).recipient();
        self.head().request(filing.keys.id, x(wish.reader), recipient, asking)
    }

    pub fn ask(&mut self, filing: &Filing, wish: &Wish) -> Digest {
        let request = self.request_of(filing, wish);
        self.act(filing, &sign(&request, &[wish.reader]))
    }

    pub fn decision_of(&self, filing: &Filing, request: Digest, seat: u16, vote: Vote) -> Decision {
        let requests = self
            .statements
            .iter()
            .filter_map(|it| Some((it.digest(), it.unverified::<Request>().ok()?)));
        let asked = requests.into_iter().find(|(digest, _)| *digest == request);
        let asked = asked.map_or(vec![Compartment::Account], |(_, request)| request.compartments);
        let grants = match vote {
            Vote::Grant => asked.clone(),
            Vote::Refuse => vec![],
            Vote::Only(name) => vec![name],
        };
        let reason = (vote != Vote::Grant).then_some(Reason::NoBasis);
        let vote = casework::Vote::new(&asked, &grants, reason);
        self.head().decision(&self.bare_case(filing), &request, x(seat), vote)
    }

    pub fn decide(&mut self, filing: &Filing, request: Digest, seat: u16, vote: Vote) -> Digest {
        let decision = self.decision_of(filing, request, seat, vote);
        self.act(filing, &sign(&decision, &[seat]))
    }

    pub fn grant(&mut self, filing: &Filing, request: Digest, seats: &[u16]) {
        for seat in seats {
            self.decide(filing, request, *seat, Vote::Grant);
        }
    }

    pub fn objection_of(&self, filing: &Filing, request: Digest, seat: u16) -> Objection {
        self.head().objection(&self.bare_case(filing), &request, x(seat))
    }

    pub fn object(&mut self, filing: &Filing, request: Digest, seat: u16) -> Digest {
        let objection = self.objection_of(filing, request, seat);
        self.act(filing, &sign(&objection, &[seat]))
    }

    pub fn her_objection_of(&self, filing: &Filing, request: Digest, n: u32) -> DeclarantObjection {
        DeclarantObjection {
            v: Version,
            origin: origin(),
            nonce: self.nonce(),
            day: Day::of(self.now),
            case: filing.keys.id,
            request,
            by: 0,
            n,
            twin: None,
        }
    }

    pub fn she_objects(&mut self, filing: &Filing, request: Digest) -> Digest {
        let objection = self.her_objection_of(filing, request, 1);
        self.act(filing, &Envelope::sign(&objection, &[&filing.keys.signing]))
    }

    pub fn release_of(&self, filing: &Filing, request: Digest, seat: u16, names: &[Compartment]) -> Release {
        let file = |name: &Compartment| ReleasedFile {
            name: *name,
            digest: Digest([seat as u8 + 16 * u8::from(*name); 32]),
            size: 1_851,
        };
        let (case, files) = (self.case(filing), names.iter().map(file).collect());
        let allowed = relied_on(&case, &request);
        self.head()
            .release(&case, &request, x(seat), filing.header_file(), &allowed, files)
    }

    pub fn release(&mut self, filing: &Filing, request: Digest, seat: u16, names: &[Compartment]) -> Digest {
        let release = self.release_of(filing, request, seat, names);
        self.act(filing, &sign(&release, &[seat]))
    }

    pub fn opened(&mut self, filing: &Filing, request: Digest, reader: u16) -> Digest {
        let opened = self
            .head()
            .opened(&self.bare_case(filing), &request, OpeningOutcome::Opened);
        self.act(filing, &sign(&opened, &[reader]))
    }

    pub fn finding(&mut self, filing: &Filing, request: Digest, reader: u16) -> Digest {
        let finding = self
            .head()
            .finding(&self.bare_case(filing), &request, OpeningOutcome::Investigated);
        self.act(filing, &sign(&finding, &[reader]))
    }

    pub fn aid(&mut self, filing: &Filing, request: Digest, reader: u16, word: (AidStatus, Option<u64>)) -> Digest {
        let aiding = Aiding {
            measure: "shelter".to_owned(),
            provider: "Refugio A".to_owned(),
            status: word.0,
            due: word.1.map(Day::of),
        };
        let aid = self.head().aid(&self.bare_case(filing), &request, aiding);
        self.act(filing, &sign(&aid, &[reader]))
    }

    /// A request for the account, granted by seats 1 to 3, at the second from which releases are allowed.
    pub fn granted(&mut self, filing: &Filing, wish: &Wish) -> Digest {
        let request = self.ask(filing, wish);
        self.now += super::HOUR;
        let at = self.now;
        self.grant(filing, request, &[1, 2, 3]);
        let wait = if wish.urgent {
            super::URGENT_S
        } else {
            super::OBJECTION_S
        };
        self.wait_until(at + wait);
        request
    }
}

/// What a seat names that counts every grant and objection which is shown; where there is no grant, its own filing.
pub fn relied_on(case: &Case, request: &Digest) -> Allowed {
    let state = case.request(request);
    let decisions = state.iter().flat_map(|state| &state.decisions);
    let granted = decisions.filter(|decision| !decision.grants.is_empty());
    let mut grants: Vec<u64> = granted.map(|grant| grant.found.index).collect();
    if grants.is_empty() {
        grants.push(case.filed().index);
    }
    let mut newest = std::collections::BTreeMap::new();
    for objection in state.iter().flat_map(|state| &state.objections) {
        newest.insert(objection.by, objection.found.index);
    }
    let mut objections: Vec<u64> = newest.into_values().collect();
    objections.sort_unstable();
    Allowed {
        compartments: vec![],
        grants,
        objections,
        consent: line_7(case, request),
    }
}

/// What a seat names for her consent or the lapse by what is shown; nothing where there is none.
fn line_7(case: &Case, request: &Digest) -> Vec<u64> {
    let Some(state) = case.request(request) else {
        return Vec::new();
    };
    if state.asks_without_her() {
        let lapse = case.lapse().unwrap();
        return lapse.stands(u64::MAX, case.filed()).unwrap_or_default();
    }
    state
        .consent()
        .map(|consent| consent.answer.found.index)
        .into_iter()
        .collect()
}
