//! A reader's acts before anything is opened: what it was told of, asking, and what came of it (§8.1).

use super::Desk;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use crate::refuse::not_now;
use crate::remote::Signer;
use casework::asked::Asked;
use casework::open::Released;
use casework::{Aiding, Asking, Filed, Office, admit, proposed};
use protocol::age::{self, Identity};
use protocol::drop::{Assembler, open_new, open_record};
use protocol::ids::MemberNumber;
use protocol::open::{kept_request, parse_kept_request};
use protocol::statement::{Outcome as Found, Referral, Request};
use protocol::{CaseId, Digest, Envelope, Verified};
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

/// Records of the reader's own bucket that opened.
const TOLD: &str = "told";
/// Requests with their keys, until they are opened.
const REQUESTS: &str = "requests";
/// Largest of these files in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// A case that a seat has told this reader of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referred {
    /// What the first seat said that told it.
    pub referral: Verified<Referral>,
    /// The seats that hold the case, by whatever seat told it: none can leave out the others.
    pub seats: BTreeSet<MemberNumber>,
    /// Requests of this reader that are not opened yet.
    pub requests: Vec<Digest>,
}

impl Desk {
    /// Reads this reader's own bucket: referrals.
    pub(super) fn read_own_bucket(&mut self) -> Outcome<()> {
        let folder = self.folder.join(TOLD);
        let known = disk::names(&folder)?;
        let own = self.keys.identity().recipient();
        let signer = Signer {
            origin: self.follow.trust().origin(),
            x: self.x,
            keys: &self.keys,
        };
        let records = self.buckets.records(&self.follow, &own, Some(&signer))?;
        let mut tried: HashSet<Digest> = known
            .iter()
            .filter_map(|name| Digest::from_hex(name.strip_suffix(".age")?))
            .collect();
        for (stored, _) in open_new(self.keys.identity(), &records, &mut tried) {
            disk::private_folder(&folder)?;
            disk::write(
                &folder.join(format!("{}.age", stored.digest)),
                &stored.bytes,
                Access::Private,
            )?;
        }
        let mut assembler = Assembler::default();
        for name in disk::names(&folder)? {
            let bytes = disk::read(&folder.join(name), FILE_MAX)?;
            let Some(Ok(record)) = open_record(self.keys.identity(), &bytes) else {
                continue;
            };
            if let Some((statement, _)) = assembler.push(record) {
                self.take_referral(&statement)?;
            }
        }
        Ok(())
    }

    fn take_referral(&mut self, statement: &Envelope) -> Outcome<()> {
        let Some(referral) = proposed::referral(statement, self.x, self.follow.registry()) else {
            return Ok(());
        };
        let (requests, seats) = (self.own_requests(&referral.case)?, referral.seats.clone());
        let told = self.referred.entry(referral.case).or_insert_with(|| Referred {
            referral,
            seats: BTreeSet::new(),
            requests,
        });
        told.seats.extend(seats);
        Ok(())
    }

    /// Asks for a testimony: seals the request to the seats that hold it and keeps its fresh key.
    ///
    /// # Errors
    /// Exit 3 when no seat has told this reader of the case; network, storage.
    pub fn request(&mut self, id: &CaseId, asking: Asking) -> Outcome<Digest> {
        self.require(Office::Reader)?;
        let referred = self.referred.get(id).ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                "not-referred",
                format!("no seat has told this reader of case {}", id.code()),
            )
            .why("a reader asks for what it was told of")
            .remedy("ask a seat that holds it for `resguardo refer`")
        })?;
        let seats = referred.seats.clone();
        let fresh = Identity::draw(&mut random::system());
        let request = self.head().request(*id, self.x, fresh.recipient(), asking);
        let statement = self.sign(&request)?;
        self.keep_request(id, &fresh, &statement)?;
        self.post_cell(&statement, |x: MemberNumber| seats.contains(&x))?;
        let digest = statement.digest();
        if let Some(referred) = self.referred.get_mut(id) {
            referred.requests.push(digest);
        }
        Ok(digest)
    }

    /// Keeps a request's key with its envelope, under the reader's own key, until it has been opened (§19).
    fn keep_request(&self, id: &CaseId, fresh: &Identity, statement: &Envelope) -> Outcome<()> {
        let plain = kept_request(fresh, statement);
        let sealed = age::seal(&[&self.keys.identity().recipient()], &plain, &mut random::system());
        let path = self.request_path(id, &statement.digest());
        disk::private_folder(&self.folder.join(REQUESTS).join(id.to_hex()))?;
        disk::write(&path, &sealed, Access::Private)
    }

    /// The key of a request that is not opened yet.
    pub(super) fn request_key(&self, id: &CaseId, request: &Digest) -> Outcome<Identity> {
        self.kept(id, request).map(|(key, _)| key)
    }

    /// What the times of a request that is not opened yet say now (§8.3).
    ///
    /// # Errors
    /// The request's key; exit 1 without a council.
    pub fn asked(&self, id: &CaseId, request: &Digest) -> Outcome<Asked> {
        let (_, statement) = self.kept(id, request)?;
        let council = self.follow.registry().current().ok_or_else(super::no_council)?;
        let request = statement
            .unverified::<Request>()
            .map_err(|_| Failure::bug("a request of this key that cannot be read"))?;
        Ok(casework::asked::asked(&request, council, self.follow.moment()?.time()))
    }

    fn kept(&self, id: &CaseId, request: &Digest) -> Outcome<(Identity, Envelope)> {
        let path = self.request_path(id, request);
        let unusable = || {
            Failure::new(
                Exit::Key,
                "request-key",
                format!("{} is no request of this key", path.display()),
            )
            .why("it does not open with this key")
            .remedy("use the key and the state folder with which the request was made")
        };
        let sealed = disk::read(&path, FILE_MAX)?;
        let plain = age::open(self.keys.identity(), &sealed).map_err(|_| unusable())?;
        let kept = parse_kept_request(&plain).filter(|(_, statement)| statement.digest() == *request);
        kept.ok_or_else(unusable)
    }

    /// Destroys a request's key after it has been opened (§8.1).
    pub(super) fn forget_request(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        let key = self.request_path(id, request);
        for path in [&key.with_extension("apart"), &key] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::file("remove", path, &error));
                }
                _ => {}
            }
        }
        if let Some(referred) = self.referred.get_mut(id) {
            referred.requests.retain(|known| known != request);
        }
        Ok(())
    }

    pub(super) fn request_path(&self, id: &CaseId, request: &Digest) -> PathBuf {
        self.folder
            .join(REQUESTS)
            .join(id.to_hex())
            .join(format!("{request}.age"))
    }

    /// Whether the key of a request is still here.
    pub fn has_request(&self, id: &CaseId, request: &Digest) -> bool {
        self.request_path(id, request).exists()
    }

    fn own_requests(&self, id: &CaseId) -> Outcome<Vec<Digest>> {
        let names = disk::names(&self.folder.join(REQUESTS).join(id.to_hex()))?;
        Ok(names
            .iter()
            .filter_map(|name| Digest::from_hex(name.strip_suffix(".age")?))
            .collect())
    }

    /// An own request by the first digits of its digest, opened or not.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when several fit.
    pub fn own_request(&self, name: &str) -> Outcome<(CaseId, Digest)> {
        let name = name.to_lowercase();
        let waiting = self
            .referred
            .iter()
            .flat_map(|(id, told)| told.requests.iter().map(move |digest| (*id, *digest)));
        let mut fits: Vec<_> = waiting
            .filter(|(_, digest)| digest.to_hex().starts_with(&name))
            .collect();
        fits.dedup();
        match fits.as_slice() {
            [one] => Ok(*one),
            [] => self.request_id(&name),
            _ => Err(Failure::usage(format!("request {name} fits several"))
                .why(format!("{} of them begin so", fits.len()))
                .remedy("give more digits")),
        }
    }

    /// Everything that came to a request's key.
    ///
    /// # Errors
    /// Network.
    pub(super) fn released(&mut self, key: &Identity, request: &Digest) -> Outcome<Released> {
        let signer = Signer {
            origin: self.follow.trust().origin(),
            x: self.x,
            keys: &self.keys,
        };
        let records = self.buckets.records(&self.follow, &key.recipient(), Some(&signer))?;
        let mut released = Released::default();
        for (_, record) in open_new(key, &records, &mut HashSet::new()) {
            released.take(record, key, request);
        }
        Ok(released)
    }

    /// Says what was done with an opened testimony.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule.
    pub fn finding(&mut self, id: &CaseId, request: &Digest, outcome: Found) -> Outcome<Filed> {
        self.require(Office::Reader)?;
        let held = self.held(id)?;
        admit::finding(&held.case, request, self.x, self.follow.registry())
            .map_err(|no| self.with_promised(id, request, not_now("report a finding", &no)))?;
        let finding = self.head().finding(&held.case, request, outcome);
        self.file_act(id, &self.sign(&finding)?, &[])
    }

    /// Says where assistance stands: on the request named, or on the last one of this case that this reader opened. Where
    /// it is open and no day is given, the day said before stays.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule; exit 2 when the statement breaks a rule of form.
    pub fn aid(&mut self, id: &CaseId, request: Option<&str>, aiding: Aiding) -> Outcome<Filed> {
        self.require(Office::Reader)?;
        let held = self.held(id)?;
        let requests = held.case.requests().iter();
        let mine: Vec<_> = requests.filter(|state| state.request.reader == self.x).collect();
        let state = match request.map(str::to_lowercase) {
            Some(name) => mine.iter().rfind(|state| state.digest.to_hex().starts_with(&name)),
            None => mine.iter().rfind(|state| state.opened.is_some()).or(mine.last()),
        };
        let state = state.ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                "unknown-name",
                "no request of this key on this case is known",
            )
            .why("assistance is followed up on what was opened")
            .remedy("`resguardo queue` lists the requests; a new one shows after the next step of the log")
        })?;
        let request = state.digest;
        admit::aid(&held.case, &request, self.x, self.follow.registry())
            .map_err(|no| self.with_promised(id, &request, not_now("speak of aid", &no)))?;
        let before = state.aid().into_iter();
        let before = before
            .filter(|aid| aid.measure == aiding.measure && aid.provider == aiding.provider)
            .find_map(|aid| aid.due);
        let due = aiding.due.or(before.filter(|_| aiding.status.is_open()));
        let aid = self.head().aid(&held.case, &request, Aiding { due, ..aiding });
        self.file_act(id, &self.sign(&aid)?, &[])
    }
}
