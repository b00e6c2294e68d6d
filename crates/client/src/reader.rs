//! A reader's acts before anything is opened: what it was told of, asking, and what came of it (§8.1).
//!
//! A request has a fresh key. The page keeps it in memory only, so the reader is given a file before the request is sent:
//! the key and the request, sealed to the reader's own key, the same bytes that the command line keeps. After an opening a second file stands for
//! the case, so that findings can be reported once the request's key is destroyed.

use std::collections::{BTreeSet, HashSet};

use casework::open::Released;
use casework::{Aiding, Asking, Office, admit, proposed};
use protocol::age::{self, Identity};
use protocol::drop::{Assembler, open_new};
use protocol::ids::MemberNumber;
use protocol::open::{kept_request, parse_kept_request};
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{Decision, Outcome as Found, Reason, Referral, Request, Vote};
use protocol::{CaseId, Digest, Envelope, Verified};
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::draft::{Draft, Route};
use crate::failure::{Failure, Outcome};
use crate::filing::Kept;
use crate::random;
use crate::wire::Signer;

/// A case file's plaintext: `case_salt`, then SHA-256 of the slot-0 K-file.
const CASE_FILE_LEN: usize = 64;

/// A case that a seat has told this reader of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referred {
    /// What the first seat said that told it.
    pub referral: Verified<Referral>,
    /// The seats that hold the case, by whatever seat told it: none can leave out the others.
    pub seats: BTreeSet<MemberNumber>,
}

/// A request of this reader that is not opened yet.
pub(crate) struct OwnRequest {
    pub case: CaseId,
    pub identity: Identity,
    pub request: Request,
    /// What the reader saves.
    pub file: Vec<u8>,
    pub tried: HashSet<Digest>,
    /// What came to its key: decisions, and what was released.
    pub released: Released,
    /// `opened` with its records, sent without an answer.
    pub opened: Option<(Found, Envelope, Vec<Kept>)>,
}

impl OwnRequest {
    fn new(request: Request, identity: Identity, file: Vec<u8>) -> Self {
        Self {
            case: request.case,
            identity,
            request,
            file,
            tried: HashSet::new(),
            released: Released::default(),
            opened: None,
        }
    }
}

impl Desk {
    /// Reads this reader's own bucket, for referrals, and that of each request.
    pub(crate) async fn read_own_bucket(&mut self) -> Outcome<()> {
        let (wire, x) = (self.wire.clone(), self.x()?);
        let signer = Signer {
            origin: &self.log.root().origin,
            x,
            keys: &self.keys,
        };
        let own = self.keys.identity().recipient();
        let records = self.buckets.records(&wire, &self.log, &own, &signer).await?;
        let mut assembler = Assembler::default();
        // A referral may come in several records; all of them are assembled anew.
        self.own_tried.clear();
        for (_, record) in open_new(self.keys.identity(), &records, &mut self.own_tried) {
            if let Some((statement, _)) = assembler.push(record) {
                self.take_referral(&statement)?;
            }
        }
        let signer = Signer {
            origin: &self.log.root().origin,
            x,
            keys: &self.keys,
        };
        for (digest, own) in &mut self.requests {
            let recipient = own.identity.recipient();
            let records = self.buckets.records(&wire, &self.log, &recipient, &signer).await?;
            for (_, record) in open_new(&own.identity, &records, &mut own.tried) {
                own.released.take(record, &own.identity, digest);
            }
        }
        Ok(())
    }

    fn take_referral(&mut self, statement: &Envelope) -> Outcome<()> {
        if let Some(referral) = proposed::referral(statement, self.x()?, self.log.registry()) {
            let seats = referral.seats.clone();
            let told = self.referred.entry(referral.case).or_insert_with(|| Referred {
                referral,
                seats: BTreeSet::new(),
            });
            told.seats.extend(seats);
        }
        Ok(())
    }

    /// Asks the seats that hold a testimony for it, with a fresh key that this page keeps and that the reader saves before
    /// anything is sent: what is released opens with that key alone.
    ///
    /// # Errors
    /// `not-referred` when no seat has told this reader of the case; `statement-rule` for what is missing or too long.
    pub(crate) fn request(&self, id: &CaseId, asking: &Asking) -> Outcome<Draft> {
        self.require(Office::Reader)?;
        let referred = self.referred.get(id).ok_or_else(|| Failure::new("not-referred"))?;
        let seats = referred.seats.iter().copied().collect();
        let fresh = Identity::draw(&mut random::system());
        let request = self.head().request(*id, self.x()?, fresh.recipient(), asking.clone());
        let statement = self.sign(&request)?;
        let plain = kept_request(&fresh, &statement);
        let file = age::seal(&[&self.keys.identity().recipient()], &plain, &mut random::system());
        let own = Some(Box::new(OwnRequest::new(request, fresh, file)));
        let way = Route::Asked { seats, own };
        Ok(Draft { statement, way })
    }

    /// Takes a file that an earlier visit gave: a request with its key, or a case that was opened.
    ///
    /// # Errors
    /// `not-a-desk-file`; what [`Self::refresh`] may say.
    pub async fn load(&mut self, file: &[u8]) -> Outcome<()> {
        self.require(Office::Reader)?;
        let unusable = || Failure::new("not-a-desk-file");
        let plain = age::open(self.keys.identity(), file).map_err(|_| unusable())?;
        if plain.len() == CASE_FILE_LEN {
            let (salt, digest) = plain.split_at(32);
            let salt = CaseSalt::new(salt.try_into().map_err(|_| unusable())?);
            let digest = Digest(digest.try_into().map_err(|_| unusable())?);
            let header = self
                .wire
                .blob(&digest)
                .await?
                .ok_or_else(|| Failure::new("no-header"))?;
            let wire = self.wire.clone();
            self.log.watch(&wire, vec![CaseSalt::new(*salt.expose())]).await?;
            let held = self.hold(salt, Flags::default(), &header)?;
            self.cases.entry(held.case.id()).or_insert(held);
        } else {
            let (key, envelope) = parse_kept_request(&plain).ok_or_else(unusable)?;
            let verified = envelope
                .verify::<Request>(&[self.keys.public()])
                .map_err(|_| unusable())?;
            let own = OwnRequest::new((*verified).clone(), key, file.to_vec());
            self.requests.entry(envelope.digest()).or_insert(own);
        }
        self.refresh().await
    }

    /// The file of a request, to be saved. A request that was shown may be sent once its file was handed out.
    pub fn hand_out(&mut self, request: &Digest) -> Option<Vec<u8>> {
        let known = self.requests.get(request).map(|own| own.file.clone());
        known.or_else(|| self.hand_out_drafted(request))
    }

    /// The file of an opened case, to be saved.
    pub fn case_file(&self, id: &CaseId) -> Option<Vec<u8>> {
        let held = self.cases.get(id)?;
        let mut plain = Zeroizing::new(held.case.salt().expose().to_vec());
        plain.extend_from_slice(held.header_digest.as_bytes());
        let own = self.keys.identity().recipient();
        Some(age::seal(&[&own], &plain, &mut random::system()))
    }

    /// Decisions that came to a request's key, each verified, the first of each seat.
    pub(crate) fn decisions(&self, request: &Digest) -> Vec<(MemberNumber, Vote, Option<Reason>)> {
        let Some(own) = self.requests.get(request) else {
            return Vec::new();
        };
        let mut decisions: Vec<(MemberNumber, Vote, Option<Reason>)> = Vec::new();
        for statement in &own.released.statements {
            let Ok(claimed) = statement.unverified::<Decision>() else {
                continue;
            };
            let key = self
                .log
                .registry()
                .current()
                .and_then(|council| council.seat(claimed.x))
                .map(|seat| seat.key);
            let verified = key.and_then(|key| statement.verify::<Decision>(&[key]).ok());
            if let Some(decision) = verified.filter(|decision| decision.request == *request)
                && !decisions.iter().any(|(x, _, _)| *x == decision.x)
            {
                decisions.push((decision.x, decision.vote, decision.reason));
            }
        }
        decisions
    }

    /// Says what was done with an opened testimony.
    ///
    /// # Errors
    /// A rule of the log.
    pub(crate) fn finding(&self, id: &CaseId, request: &Digest, outcome: Found) -> Outcome<Draft> {
        self.require(Office::Reader)?;
        let (held, x) = (self.held(id)?, self.x()?);
        admit::finding(&held.case, request, x, self.log.registry()).map_err(|no| Failure::not_now(&no))?;
        let finding = self.head().finding(&held.case, request, outcome);
        self.slot(id, self.sign(&finding)?, None)
    }

    /// Says where assistance stands after an opening.
    ///
    /// # Errors
    /// A rule of the log; `statement-rule` for what is missing or too long.
    pub(crate) fn aid(&self, id: &CaseId, request: &Digest, aiding: &Aiding) -> Outcome<Draft> {
        self.require(Office::Reader)?;
        let (held, x) = (self.held(id)?, self.x()?);
        admit::aid(&held.case, request, x, self.log.registry()).map_err(|no| Failure::not_now(&no))?;
        let aid = self.head().aid(&held.case, request, aiding.clone());
        self.slot(id, self.sign(&aid)?, None)
    }
}
