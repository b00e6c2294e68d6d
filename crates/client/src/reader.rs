//! A reader's acts before anything is opened: what was referred to it, asking, and what came of it (§8.1).
//!
//! A request has a fresh key, and what is released opens with that key alone. It is kept with the request, sealed to the
//! reader's own key, before the request is sent, and destroyed once everything is opened. After an opening a second file
//! stands for the case, so that findings can be reported.

mod decided;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use casework::asked::{RequestTiming, asked};
use casework::open::Released;
use casework::{Aiding, Asking, Body, CouncilRole, Filed, TwinPlace, admit, proposed};
use protocol::age::{self, Identity};
use protocol::drop::{Assembler, open_new, open_record};
use protocol::ids::MemberNumber;
use protocol::open::{kept_request, parse_kept_request};
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{DocketId, OpeningOutcome, Referral, Request};
use protocol::{CaseId, Digest, Envelope, Verified};
use zeroize::Zeroizing;

use crate::act::{SignedAct, SignedStatement};
use crate::docket::promise_of;
use crate::failure::{Failure, Local, Outcome};
use crate::filing::Copies;
use crate::member::{Member, Warning, damaged, folder};

/// A case file's plaintext: `case_salt`, then SHA-256 of the slot-0 K-file.
const CASE_FILE_LEN: usize = 64;
/// `case_salt` of a case, under the reader's own key.
const SALT: &str = "salt.age";
/// Records of the reader's own bucket that opened.
const TOLD: &str = "told";
/// Requests with their keys, until they are opened.
const REQUESTS: &str = "requests";
/// Beside a request's key: from when on `opened` is filed.
const APART: &str = "apart";

/// A case that a seat has told this reader of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referred {
    /// What the first seat said that told it.
    pub referral: Verified<Referral>,
    /// The seats that hold the case, by whatever seat told it: none can leave out the others.
    pub seats: BTreeSet<MemberNumber>,
}

/// What this reader has said of a request, as its own copies tell at any login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderReports {
    /// What came of the opening.
    pub opened: Option<OpeningOutcome>,
    /// What was done, by the time that each finding names.
    pub findings: BTreeSet<(u64, OpeningOutcome)>,
}

/// A request of this reader that is not opened yet.
pub struct OwnRequest {
    /// What is asked.
    pub request: Request,
    /// What came to its key: decisions, and what was released.
    pub released: Released,
    pub(crate) identity: Identity,
    /// The key with the request, under the reader's own key.
    file: Vec<u8>,
    tried: HashSet<Digest>,
    /// Whether the sealed files of what was released were asked for.
    pub is_fetched: bool,
}

/// A request that is signed and not sent yet.
pub struct SignedRequest {
    statement: Envelope,
    twin: Option<Envelope>,
    seats: BTreeSet<MemberNumber>,
    own: OwnRequest,
}

impl SignedRequest {
    /// The request.
    pub fn statement(&self) -> &Envelope {
        &self.statement
    }

    /// Its key with the request, under the reader's own key.
    pub fn file(&self) -> &[u8] {
        &self.own.file
    }
}

/// A reader at work.
pub struct Reader {
    pub(crate) member: Member,
    pub(crate) referred: BTreeMap<CaseId, Referred>,
    pub(crate) requests: BTreeMap<Digest, OwnRequest>,
    /// Of each case, by request.
    pub(crate) said: BTreeMap<CaseId, BTreeMap<Digest, ReaderReports>>,
}

impl Reader {
    pub(crate) async fn open(mut member: Member) -> Result<Self, (Member, Failure)> {
        let salt = |member: &Member, folder: &str| {
            let name = format!("{folder}/{SALT}");
            let file = member.store.read(&name)?.ok_or_else(|| damaged(&name, "it is gone"))?;
            let plain = age::open(member.keys.identity(), &file).map_err(|error| damaged(&name, error))?;
            let salt = plain
                .as_slice()
                .try_into()
                .map_err(|_| damaged(&name, "no case salt"))?;
            Ok((CaseSalt::new(salt), Flags::default()))
        };
        if let Err(failure) = member.load_cases(salt).await {
            return Err((member, failure));
        }
        let mut reader = Self {
            member,
            referred: BTreeMap::new(),
            requests: BTreeMap::new(),
            said: BTreeMap::new(),
        };
        match reader.load_requests() {
            Ok(()) => Ok(reader),
            Err(failure) => Err((reader.member, failure)),
        }
    }

    /// What both offices have.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// What a person should be told; each once.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.member.warnings)
    }

    /// Files a statement of this reader.
    ///
    /// # Errors
    /// As [`Member::file`].
    pub async fn file(&mut self, draft: &SignedAct) -> Outcome<Filed> {
        self.member.file(draft).await
    }

    /// Has a twin logged as a public statement (§10.1).
    ///
    /// # Errors
    /// As [`Member::publish`].
    pub async fn publish(&mut self, statement: &Envelope) -> Outcome<u64> {
        self.member.publish(statement, &promise_of(statement)).await
    }

    /// Reads what is new in the log, in this reader's own bucket and on the cases that it follows.
    ///
    /// # Errors
    /// What [`crate::Visitor::enter`] may say; [`Local::OfficeChanged`].
    pub async fn refresh(&mut self) -> Outcome<()> {
        self.member.read_log(CouncilRole::Reader).await?;
        self.update().await
    }

    /// As [`Self::refresh`], on the log as it was read.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn update(&mut self) -> Outcome<()> {
        self.read_own_bucket().await?;
        self.member.read_case_buckets().await?;
        self.member.settle()
    }

    /// Reads this reader's own bucket, for referrals and for copies of what it said itself.
    async fn read_own_bucket(&mut self) -> Outcome<()> {
        let names = self.member.store.names(TOLD)?;
        let own = self.member.keys.identity().recipient();
        let records = self.member.records_of(&own).await?;
        let known = names
            .iter()
            .filter_map(|name| Digest::from_hex(name.strip_suffix(".age")?));
        for (stored, _) in open_new(self.member.keys.identity(), &records, &mut known.collect()) {
            let name = format!("{TOLD}/{}.age", stored.digest);
            self.member.store.write(&name, &stored.bytes)?;
        }
        // A referral may come in several records; all of them are assembled anew.
        let mut assembler = Assembler::default();
        for name in self.member.store.names(TOLD)? {
            let bytes = self.member.store.read(&format!("{TOLD}/{name}"))?.unwrap_or_default();
            let Some(Ok(record)) = open_record(self.member.keys.identity(), &bytes) else {
                continue;
            };
            if let Some((statement, _)) = assembler.push(record) {
                self.take_referral(&statement);
                self.take_own(&statement);
            }
        }
        Ok(())
    }

    /// Takes the copy of what this reader said.
    fn take_own(&mut self, statement: &Envelope) {
        match proposed::own(statement, &self.member.keys.public(), self.member.log.registry()) {
            Some(Body::Opened(opened)) => {
                let said = self.said.entry(opened.case).or_default().entry(opened.request);
                said.or_default().opened = Some(opened.outcome);
            }
            Some(Body::Finding(finding)) => {
                let said = self.said.entry(finding.case).or_default().entry(finding.request);
                said.or_default().findings.insert((finding.time, finding.outcome));
            }
            _ => {}
        }
    }

    /// What this reader has said of its requests, by case: known at every login, from copies to itself.
    pub fn said(&self) -> &BTreeMap<CaseId, BTreeMap<Digest, ReaderReports>> {
        &self.said
    }

    /// What this reader has reported on a request already, in the log, promised to it, or as its own copies tell. A further
    /// report corrects none of it.
    pub fn reported(&self, id: &CaseId, request: &Digest) -> BTreeSet<OpeningOutcome> {
        let state = self.member.cases.get(id).and_then(|held| held.case.request(request));
        let logged = state.into_iter().flat_map(|state| &state.findings).map(|it| it.outcome);
        let said = self.said.get(id).and_then(|said| said.get(request));
        let copied = said
            .into_iter()
            .flat_map(|said| &said.findings)
            .map(|(_, outcome)| *outcome);
        let pending = self.member.pending.iter().filter(|pending| pending.case == *id);
        let promised = pending.filter_map(|pending| pending.act.found(request));
        logged.chain(copied).chain(promised).collect()
    }

    /// Whether this very report was sent and only waits: for an answer, or for its step.
    pub fn is_reporting(&self, id: &CaseId, request: &Digest, outcome: OpeningOutcome) -> bool {
        let pending = self.member.pending.iter().map(|it| (it.case, &it.act));
        let mut sent = pending.chain(self.member.unanswered.iter().map(|it| (it.case, &it.act)));
        sent.any(|(case, act)| case == *id && act.found(request) == Some(outcome))
    }

    /// A statement of this reader for the log, with a copy to itself, so that it is known at another login.
    pub(crate) fn copied(&self, id: &CaseId, signed: impl Into<SignedStatement>) -> Outcome<SignedAct> {
        let (own, signed) = (self.member.keys.identity().recipient(), signed.into());
        let records = self
            .member
            .sealed_with_twin(&own, &signed.statement, signed.twin.as_ref())?;
        self.member.draft(id, signed, Some(Copies::to_self(own, records)))
    }

    fn take_referral(&mut self, statement: &Envelope) {
        if let Some(referral) = proposed::referral(statement, self.member.x, self.member.log.registry()) {
            let seats = referral.seats.clone();
            let told = self.referred.entry(referral.case).or_insert_with(|| Referred {
                referral,
                seats: BTreeSet::new(),
            });
            told.seats.extend(seats);
        }
    }

    /// Reads what came to the keys of requests that are not opened yet.
    ///
    /// # Errors
    /// The network.
    pub async fn read_releases(&mut self) -> Outcome<()> {
        for digest in Vec::from_iter(self.requests.keys().copied()) {
            let Some(recipient) = self.requests.get(&digest).map(|own| own.identity.recipient()) else {
                continue;
            };
            let records = self.member.records_of(&recipient).await?;
            if let Some(own) = self.requests.get_mut(&digest) {
                for (_, record) in open_new(&own.identity, &records, &mut own.tried) {
                    own.released.take(record, &own.identity, &digest);
                }
            }
        }
        Ok(())
    }

    /// Cases that seats have told this reader of.
    pub fn referred(&self) -> &BTreeMap<CaseId, Referred> {
        &self.referred
    }

    /// Requests of this reader that are not opened yet, by their digest.
    pub fn requests(&self) -> &BTreeMap<Digest, OwnRequest> {
        &self.requests
    }

    /// What the times of a request say that is not opened yet (§8.3); `None` without a council.
    pub fn asked(&self, own: &OwnRequest, at: u64) -> Option<RequestTiming> {
        let council = self.member.log.registry().current()?;
        Some(asked(&own.request, council, at))
    }

    /// Asks the seats that hold a testimony for it, with a fresh key.
    ///
    /// # Errors
    /// [`Local::NotReferred`] when no seat has told this reader of the case; [`Local::StatementRule`].
    pub fn request(&self, id: &CaseId, asking: Asking) -> Outcome<SignedRequest> {
        let member = &self.member;
        let referred = self.referred.get(id).ok_or_else(|| Failure::new(Local::NotReferred))?;
        let fresh = Identity::draw(&mut member.random.clone());
        let request = member.head().request(*id, member.x, fresh.recipient(), asking);
        // What she chose of the docket is not known here before anything is released.
        let docket = TwinPlace::first(DocketId::draw(&mut member.random.clone()));
        let SignedStatement { statement, twin } = member.sign_with_twin(request, docket, false)?;
        let request = statement
            .unverified()
            .map_err(|_| Failure::bug("a request that was just signed is not read"))?;
        let file = member.seal_to_self(&kept_request(&fresh, &statement));
        Ok(SignedRequest {
            seats: referred.seats.clone(),
            own: OwnRequest::new(request, fresh, file),
            statement,
            twin,
        })
    }

    /// Sends a request to the seats, once its key is kept.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn ask(&mut self, question: &SignedRequest) -> Outcome<Digest> {
        let SignedRequest {
            statement,
            twin,
            seats,
            own,
        } = question;
        let digest = statement.digest();
        self.member
            .store
            .write(&key_of(&own.request.case, &digest), &own.file)?;
        let cell = (statement, twin.as_ref());
        self.member.post_cell(cell, |x| seats.contains(&x)).await?;
        self.take_request(&own.file)?;
        Ok(digest)
    }

    fn load_requests(&mut self) -> Outcome<()> {
        let store = self.member.store.clone();
        for case in store.names(REQUESTS)? {
            for name in store.names(&format!("{REQUESTS}/{case}"))? {
                let path = format!("{REQUESTS}/{case}/{name}");
                if name.ends_with(".age")
                    && let Some(file) = store.read(&path)?
                    && self.take_request(&file).is_err()
                    && let Some(case) = CaseId::from_hex(&case)
                {
                    let why = damaged(&path, "it does not open with this key");
                    self.member.warnings.push(Warning::CaseNotLoaded { case, why });
                }
            }
        }
        Ok(())
    }

    /// Takes a request's key with the request.
    fn take_request(&mut self, file: &[u8]) -> Outcome<()> {
        let unusable = || Failure::new(Local::NotADeskFile);
        let plain = age::open(self.member.keys.identity(), file).map_err(|_| unusable())?;
        let (key, envelope) = parse_kept_request(&plain).ok_or_else(unusable)?;
        let verified = envelope
            .verify::<Request>(&[self.member.keys.public()])
            .map_err(|_| unusable())?;
        let own = OwnRequest::new((*verified).clone(), key, file.to_vec());
        self.requests.entry(envelope.digest()).or_insert(own);
        Ok(())
    }

    /// Takes a file that an earlier visit gave: a request with its key, or a case that was opened.
    ///
    /// # Errors
    /// [`Local::NotADeskFile`]; what [`Self::refresh`] may say.
    pub async fn load(&mut self, file: &[u8]) -> Outcome<()> {
        let unusable = || Failure::new(Local::NotADeskFile);
        let plain = age::open(self.member.keys.identity(), file).map_err(|_| unusable())?;
        if plain.len() != CASE_FILE_LEN {
            return self.take_request(file);
        }
        let (salt, digest) = plain.split_at(32);
        let salt = CaseSalt::new(salt.try_into().map_err(|_| unusable())?);
        let digest = Digest(digest.try_into().map_err(|_| unusable())?);
        let header = self.member.wire.blob(&digest).await?;
        let header = header.ok_or_else(|| Failure::new(Local::NoHeader))?;
        let held = self.member.follow(salt, Flags::default(), &header).await?;
        self.member.cases.entry(held.case.id()).or_insert(held);
        Ok(())
    }

    /// The file of a request, to be saved.
    pub fn request_file(&self, request: &Digest) -> Option<&[u8]> {
        self.requests.get(request).map(|own| own.file.as_slice())
    }

    /// The file of an opened case, to be saved.
    pub fn case_file(&self, id: &CaseId) -> Option<Vec<u8>> {
        let held = self.member.cases.get(id)?;
        let mut plain = Zeroizing::new(held.case.salt().expose().to_vec());
        plain.extend_from_slice(held.header_digest.as_bytes());
        Some(self.member.seal_to_self(&plain))
    }

    /// Keeps the header of a case that opened, and its salt.
    pub(crate) fn keep_case(&self, id: &CaseId, header: &[u8]) -> Outcome<()> {
        let salt = self.member.case(id)?.case.salt();
        self.member
            .keep_sealed(&format!("{}/{SALT}", folder(id)), salt.expose())?;
        self.member.keep_header(id, header)
    }

    /// Destroys a request's key after it has been opened (§8.1).
    pub(crate) fn forget_request(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        self.member.store.remove(&apart_of(id, request))?;
        self.member.store.remove(&key_of(id, request))?;
        self.requests.remove(request);
        Ok(())
    }

    /// From when on `opened` is filed for a request whose objects were fetched, POSIX seconds; `None` before it was drawn.
    ///
    /// # Errors
    /// The store.
    pub fn opened_from(&self, id: &CaseId, request: &Digest) -> Outcome<Option<u64>> {
        let drawn = self.member.store.read(&apart_of(id, request))?;
        Ok(drawn.and_then(|text| String::from_utf8_lossy(&text).trim().parse().ok()))
    }

    /// Keeps the moment from which on `opened` is filed.
    ///
    /// # Errors
    /// The store.
    pub fn keep_opened_from(&self, id: &CaseId, request: &Digest, at: u64) -> Outcome<()> {
        self.member
            .store
            .write(&apart_of(id, request), at.to_string().as_bytes())
    }

    /// Says what was done with an opened testimony.
    ///
    /// # Errors
    /// A rule of the log.
    pub fn finding(&self, id: &CaseId, request: &Digest, outcome: OpeningOutcome) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        admit::finding(&held.case, request, member.x, member.log.registry())
            .map_err(|no| member.with_promised(id, request, Failure::not_now(no)))?;
        let finding = member.head().finding(&held.case, request, outcome);
        self.copied(id, member.sign_act(&held.case, Some(request), finding)?)
    }

    /// Says where assistance stands after an opening. Where it is open and no day is given, the day said before stays.
    ///
    /// # Errors
    /// A rule of the log; [`Local::StatementRule`] for what is missing or too long.
    pub fn aid(&self, id: &CaseId, request: &Digest, aiding: Aiding) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        admit::aid(&held.case, request, member.x, member.log.registry())
            .map_err(|no| member.with_promised(id, request, Failure::not_now(no)))?;
        let known = held.case.request(request).map(|state| state.aid()).unwrap_or_default();
        let before = known
            .into_iter()
            .filter(|aid| aid.measure == aiding.measure && aid.provider == aiding.provider)
            .find_map(|aid| aid.due);
        let due = aiding.due.or(before.filter(|_| aiding.status.is_open()));
        let aid = member.head().aid(&held.case, request, Aiding { due, ..aiding });
        self.copied(id, member.sign(&aid)?)
    }
}

impl OwnRequest {
    fn new(request: Request, identity: Identity, file: Vec<u8>) -> Self {
        Self {
            request,
            released: Released::default(),
            identity,
            file,
            tried: HashSet::new(),
            is_fetched: false,
        }
    }
}

fn key_of(id: &CaseId, request: &Digest) -> String {
    format!("{REQUESTS}/{id}/{request}.age")
}

fn apart_of(id: &CaseId, request: &Digest) -> String {
    format!("{REQUESTS}/{id}/{request}.{APART}")
}
