//! A seat's acts: checking what was delivered, telling a reader, deciding, objecting, releasing (§7, §8).

use super::Desk;
use super::act::Copies;
use super::act::act_records;
use super::case::{HEADER, SHARE};
use crate::content;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use crate::refuse::not_now;
use casework::clock::{DAY_S, Latest};
use casework::{Filed, Office, admit};
use protocol::http::DeliveryItem;
use protocol::ids::MemberNumber;
use protocol::share::ShareFile;
use protocol::share::check::{Accepted, Delivery, Rejected, check};
use protocol::statement::{Check, Compartment, Holds, ObjectKind, Reason, Vote};
use protocol::{CaseId, Digest, age};

/// Marks of deliveries that were dealt with.
const DELIVERED: &str = "delivered";
/// A delivery whose filing is not in the log is looked at again for as long as a promise runs, then rejected.
const WAIT_FOR_LOG_S: u64 = DAY_S;

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds; acknowledged.
    Holds {
        /// The case.
        case: CaseId,
        /// The ack.
        filed: Filed,
    },
    /// A check failed; the other seats were told.
    Rejected {
        /// Which check.
        check: Check,
        /// SHA-256 of what came.
        got: Option<Digest>,
    },
    /// The filing is not in the log yet.
    Early,
}

/// One delivery and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// SHA-256 of the slot 0 entry.
    pub id: Digest,
    /// What became of it.
    pub verdict: Verdict,
}

impl Desk {
    /// Deliveries that this seat has not dealt with.
    ///
    /// # Errors
    /// Network.
    pub fn deliveries(&self) -> Outcome<Vec<DeliveryItem>> {
        self.require(Office::Seat)?;
        let done = disk::names(&self.folder.join(DELIVERED))?;
        let mut items = self.listed(|desk, from| desk.follow.remote().delivery(&desk.signer(), from))?;
        items.retain(|item| !done.contains(&item.id.to_hex()));
        Ok(items)
    }

    /// Makes the seven checks of §7 on one delivery, then acknowledges or rejects it.
    ///
    /// # Errors
    /// Network, storage.
    pub fn check_delivery(&mut self, item: &DeliveryItem, holds: Holds) -> Outcome<Delivered> {
        // As they came: the checks tell whose fault a wrong one is, and none keeps the next delivery from being checked.
        let share = self.follow.remote().blob_as_sent(&item.share)?;
        let header = self.follow.remote().blob_as_sent(&item.header)?;
        let delivery = Delivery {
            id: item.id,
            share: share.as_deref(),
            header: header.as_deref(),
        };
        let registry = self.follow.registry();
        let council_of = |digest: &Digest| registry.council(digest).map(|record| (**record).clone());
        let in_log = |entry: &[u8]| self.follow.fold().slots().holds(entry);
        let verdict = match check(self.x, &self.keys, &delivery, &council_of, &in_log) {
            Ok(accepted) => {
                let (share, header) = (share.unwrap_or_default(), header.unwrap_or_default());
                self.accept(&accepted, &share, &header, holds)?
            }
            Err(rejected) if self.is_early(item, &rejected, share.as_deref())? => Verdict::Early,
            Err(rejected) => {
                self.reject(item.id, rejected)?;
                Verdict::Rejected {
                    check: rejected.check,
                    got: rejected.got,
                }
            }
        };
        if verdict != Verdict::Early {
            self.mark(&item.id)?;
        }
        Ok(Delivered { id: item.id, verdict })
    }

    /// Keeps what was delivered, durably, and only then acknowledges it.
    fn accept(&mut self, accepted: &Accepted, share: &[u8], header: &[u8], holds: Holds) -> Outcome<Verdict> {
        let id = accepted.core.case;
        let folder = self.case_folder(&id);
        disk::private_folder(&folder)?;
        disk::write(&folder.join(SHARE), share, Access::Private)?;
        disk::write(&folder.join(HEADER), header, Access::Private)?;
        if !self.cases.contains_key(&id) {
            self.load_case(&id)?;
            self.read_case_buckets()?;
        }
        let holds = self.keep_objects(&id, holds)?;
        let held = self.held(&id)?;
        admit::ack(&held.case, self.x, holds, self.follow.registry()).map_err(|no| not_now("acknowledge", &no))?;
        let ack = self.head().ack(&held.case, self.x, holds);
        let filed = self.file_act(&id, &self.sign(&ack)?, &[])?;
        Ok(Verdict::Holds { case: id, filed })
    }

    /// Fetches the objects that this seat wants to keep; says less where one is missing or altered, for that must not keep
    /// the seat from saying that it holds its share.
    fn keep_objects(&self, id: &CaseId, wanted: Holds) -> Outcome<Holds> {
        if wanted == Holds::Share {
            return Ok(Holds::Share);
        }
        let held = self.held(id)?;
        let folder = self.case_folder(id).join("objects");
        disk::private_folder(&folder)?;
        let mut missing = false;
        let compartments = held.core.compartments.iter();
        for object in compartments.flat_map(|compartment| &compartment.objects) {
            if wanted == Holds::Document && object.kind != ObjectKind::Document {
                continue;
            }
            let path = folder.join(object.digest.to_hex());
            if let Some(fault) = content::fetch_one(self.follow.remote(), object, &path, &mut |_| ())? {
                self.console.warn(&format!(
                    "object {} of {} is not kept: {fault}",
                    object.digest,
                    id.code()
                ));
                missing = true;
            }
        }
        Ok(if missing { Holds::Share } else { wanted })
    }

    /// Whether a failed check only means that the filing waits for its step. Once the delivered entry is in the log, a salt
    /// that does not lead to it is wrong.
    fn is_early(&self, item: &DeliveryItem, rejected: &Rejected, share: Option<&[u8]>) -> Outcome<bool> {
        let (Check::Salt, Some(share)) = (rejected.check, share) else {
            return Ok(false);
        };
        let opened = age::open(self.keys.identity(), share)
            .ok()
            .and_then(|plain| ShareFile::parse(&plain));
        let slots = self.follow.fold().slots();
        let is_logged = opened.is_some_and(|file| slots.is_taken(&file.case_salt, 0));
        if is_logged || slots.holds_digest(&item.id) {
            return Ok(false);
        }
        let path = self.folder.join("early").join(item.id.to_hex());
        let now = crate::clock::now();
        match disk::read_if_there(&path, 64)? {
            Some(since) => {
                let since = String::from_utf8_lossy(&since).trim().parse().unwrap_or(now);
                Ok(now < since + WAIT_FOR_LOG_S)
            }
            None => {
                disk::private_folder(&self.folder.join("early"))?;
                disk::write(&path, now.to_string().as_bytes(), Access::Private)?;
                Ok(true)
            }
        }
    }

    fn mark(&self, id: &Digest) -> Outcome<()> {
        disk::private_folder(&self.folder.join(DELIVERED))?;
        disk::write(&self.folder.join(DELIVERED).join(id.to_hex()), b"", Access::Private)
    }

    /// Tells a reader of a case: files the referral and copies it to the reader's bucket.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule.
    pub fn refer(&mut self, id: &CaseId, reader: MemberNumber) -> Outcome<Filed> {
        self.require(Office::Seat)?;
        self.require_reader(reader)?;
        let held = self.held(id)?;
        admit::referral(&held.case, self.x, reader, self.follow.registry())
            .map_err(|no| not_now("tell this reader", &no))?;
        let council = self.follow.registry().current();
        let recipient = council
            .and_then(|council| council.reader(reader))
            .map(|member| member.recipient.clone());
        let recipient = recipient.ok_or_else(|| {
            Failure::usage(format!("the council has no reader {reader}"))
                .why("no reader of the current council has this number")
                .remedy("`resguardo council show` lists the readers")
        })?;
        let referral = self.head().referral(&held.case, self.x, reader);
        let statement = self.sign(&referral)?;
        let records = act_records(&recipient, &statement)?;
        self.file_act(
            id,
            &statement,
            &[Copies {
                recipient: &recipient,
                records,
            }],
        )
    }

    fn require_reader(&self, x: MemberNumber) -> Outcome<()> {
        let Some(council) = self.follow.registry().current() else {
            return Err(super::no_council());
        };
        if council.reader(x).is_some() {
            return Ok(());
        }
        let what = match council.seat(x) {
            Some(seat) => format!("{x} is a seat ({}), not a reader", seat.institution),
            None => format!("the council has no reader {x}"),
        };
        let readers: Vec<String> = council.readers.iter().map(|reader| reader.x.to_string()).collect();
        Err(Failure::usage(what)
            .why(format!("its readers are: {}", readers.join(", ")))
            .remedy("give --reader with one of them"))
    }

    /// Grants or refuses a request; the reader gets a copy.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule.
    pub fn decide(&mut self, id: &CaseId, request: &Digest, vote: Vote, reason: Option<Reason>) -> Outcome<Filed> {
        self.require(Office::Seat)?;
        // A grant is not taken back, a refusal opens nothing.
        let moment = match vote {
            Vote::Grant => self.follow.moment()?,
            Vote::Refuse => self.follow.moment_of_any_age()?,
        };
        let held = self.held(id)?;
        admit::decision(&held.case, request, self.x, &moment, self.follow.registry())
            .map_err(|no| not_now("decide", &no))?;
        let decision = self.head().decision(&held.case, request, self.x, vote, reason);
        let statement = self.sign(&decision)?;
        let recipient = self.request_recipient(id, request)?;
        let records = act_records(&recipient, &statement)?;
        self.file_act(
            id,
            &statement,
            &[Copies {
                recipient: &recipient,
                records,
            }],
        )
    }

    /// Objects to a request: it waits 14 days and needs one grant more.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule.
    pub fn object(&mut self, id: &CaseId, request: &Digest) -> Outcome<Filed> {
        self.require(Office::Seat)?;
        let moment = self.follow.moment_of_any_age()?;
        let held = self.held(id)?;
        admit::objection(&held.case, request, Some(self.x), &moment, self.follow.registry())
            .map_err(|no| not_now("object", &no))?;
        let objection = self.head().objection(&held.case, request, self.x);
        self.file_act(id, &self.sign(&objection)?, &[])
    }

    /// Releases this seat's share, if all ten lines of §8.5 hold: the release, and its files, to the request's key.
    ///
    /// # Errors
    /// Exit 4 with the first line that fails, and from when it will hold.
    pub fn release(&mut self, id: &CaseId, request: &Digest) -> Outcome<(Filed, Vec<Compartment>)> {
        self.require(Office::Seat)?;
        let held = self.held(id)?;
        let latest = Latest {
            checkpoint: &self.follow.newest()?.0,
            clock: self.follow.clock(),
        };
        let allowed = admit::release(&held.case, request, &self.as_seat(), &latest, self.follow.registry())
            .map_err(|no| self.with_promised(id, request, not_now("release", &no)))?;
        let recipient = self.request_recipient(id, request)?;
        let releases = self
            .own_share(id)?
            .releases(*request, &allowed.compartments, &recipient, &mut random::system());
        let (files, mut records) = releases.ok_or_else(|| self.share_unusable(id))?;
        let held = self.held(id)?;
        let release = self
            .head()
            .release(&held.case, request, self.x, held.header_digest, &allowed, files);
        let statement = self.sign(&release)?;
        records.extend(act_records(&recipient, &statement)?);
        let filed = self.file_act(
            id,
            &statement,
            &[Copies {
                recipient: &recipient,
                records,
            }],
        )?;
        Ok((filed, allowed.compartments))
    }

    /// This seat's share of a case, from its disk.
    fn own_share(&self, id: &CaseId) -> Outcome<ShareFile> {
        let file = disk::read(&self.case_folder(id).join(SHARE), 64 * 1024)?;
        let plain = age::open(self.keys.identity(), &file).map_err(|_| self.share_unusable(id))?;
        ShareFile::parse(&plain).ok_or_else(|| self.share_unusable(id))
    }

    fn share_unusable(&self, id: &CaseId) -> Failure {
        let path = self.case_folder(id).join(SHARE);
        Failure::new(
            Exit::Storage,
            "share-unusable",
            format!("{} does not open any more", path.display()),
        )
        .why("the file is damaged or of another key")
        .remedy("restore it from this seat's own backup")
    }

    fn request_recipient(&self, id: &CaseId, request: &Digest) -> Outcome<age::Recipient> {
        let state = self.held(id)?.case.request(request);
        state.map(|state| state.request.recipient.clone()).ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                "no-request",
                "no valid request of that digest is in the newest checkpoint",
            )
            .why("it waits for its step, or broke a rule")
            .remedy("`resguardo queue` lists the requests")
        })
    }
}
