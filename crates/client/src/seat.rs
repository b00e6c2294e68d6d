//! A seat's acts: the seven checks (§7), referral, decision, objection, release.

use casework::{Office, admit};
use protocol::http::DeliveryItem;
use protocol::ids::MemberNumber;
use protocol::share::ShareFile;
use protocol::share::check::{Delivery, Rejected, check};
use protocol::slot::CaseSalt;
use protocol::statement::{Check, Holds, Reason, Vote};
use protocol::{CaseId, Digest, age};

use crate::desk::Desk;
use crate::draft::{Draft, Route};
use crate::failure::{Failure, Outcome};
use crate::filing::act_records;
use crate::random;
use crate::wire::BATCH;

/// What the seven checks said of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It holds; the case is followed.
    Holds(CaseId),
    /// The filing is not in the log yet.
    Early,
    /// A check failed.
    Failed(Rejected),
    /// A check failed, and the other seats were told in this visit.
    Told(Rejected),
}

impl Desk {
    /// Reads the deliveries that are new and makes the seven checks on each; nothing is sent.
    pub(crate) async fn read_deliveries(&mut self) -> Outcome<()> {
        let (items, next) = self.listed::<DeliveryItem>("delivery", self.delivered_to).await?;
        self.delivered_to = next;
        let early = self
            .deliveries
            .values()
            .filter(|(_, checked)| *checked == Checked::Early);
        let again: Vec<DeliveryItem> = early.map(|(item, _)| item.clone()).collect();
        let all: Vec<DeliveryItem> = again.into_iter().chain(items).collect();
        let wire = self.wire.clone();
        let mut shares = Vec::new();
        for items in all.chunks(BATCH) {
            shares.extend(wire.blobs_as_sent(items.iter().map(|item| item.share)).await?);
        }
        let salts = shares
            .iter()
            .flatten()
            .filter_map(|share| self.salt_in(share))
            .collect();
        self.log.watch(&wire, salts).await?;
        let mut shares = shares.into_iter();
        for (batch, items) in all.chunks(BATCH).enumerate() {
            wire.progress((batch * BATCH) as u64, all.len() as u64);
            let headers = wire.blobs_as_sent(items.iter().map(|item| item.header)).await?;
            for (item, header) in items.iter().zip(headers) {
                let checked = self.check_delivery(item, shares.next().flatten(), header)?;
                self.deliveries.insert(item.id, (item.clone(), checked));
            }
        }
        Ok(())
    }

    /// The salt in a share file of this seat, if it is one.
    fn salt_in(&self, share: &[u8]) -> Option<CaseSalt> {
        let plain = age::open(self.keys.identity(), share).ok()?;
        Some(ShareFile::parse(&plain)?.case_salt)
    }

    /// The seven checks, on the bytes as the service sent them: it is they who tell whose fault a wrong one is.
    fn check_delivery(
        &mut self,
        item: &DeliveryItem,
        share: Option<Vec<u8>>,
        header: Option<Vec<u8>>,
    ) -> Outcome<Checked> {
        let delivery = Delivery {
            id: item.id,
            share: share.as_deref(),
            header: header.as_deref(),
        };
        let registry = self.log.registry();
        let council_of = |digest: &Digest| registry.council(digest).map(|record| (**record).clone());
        let in_log = |entry: &[u8]| self.log.fold().slots().holds(entry);
        match check(self.x()?, &self.keys, &delivery, &council_of, &in_log) {
            Ok(accepted) => {
                let id = accepted.core.case;
                if !self.cases.contains_key(&id) {
                    let salt = CaseSalt::new(*accepted.share.case_salt.expose());
                    let held = self.hold(salt, accepted.share.flags, &header.unwrap_or_default())?;
                    self.cases.insert(id, held);
                    self.shares.insert(id, accepted.share);
                }
                Ok(Checked::Holds(id))
            }
            Err(rejected) if self.is_early(item, &rejected, share.as_deref()) => Ok(Checked::Early),
            Err(rejected) => Ok(Checked::Failed(rejected)),
        }
    }

    /// Whether a failed check only means that the filing waits for its step. Once the delivered entry is in the log, a salt
    /// that does not lead to it is wrong.
    fn is_early(&self, item: &DeliveryItem, rejected: &Rejected, share: Option<&[u8]>) -> bool {
        let (Check::Salt, Some(share)) = (rejected.check, share) else {
            return false;
        };
        let (salt, slots) = (self.salt_in(share), self.log.fold().slots());
        salt.is_some_and(|salt| !slots.is_taken(&salt, 0)) && !slots.holds_digest(&item.id)
    }

    /// Acknowledges a share that passed the checks. A browser keeps nothing, so it says `share` and never more.
    ///
    /// # Errors
    /// A rule of the log.
    pub(crate) fn ack(&self, id: &CaseId) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        let (held, x) = (self.held(id)?, self.x()?);
        admit::ack(&held.case, x, Holds::Share, self.log.registry()).map_err(|no| Failure::not_now(&no))?;
        let ack = self.head().ack(&held.case, x, Holds::Share);
        self.slot(id, self.sign(&ack)?, None)
    }

    /// Tells the other seats that a delivery failed a check.
    ///
    /// # Errors
    /// `no-such-delivery`.
    pub(crate) fn reject(&self, delivery: &Digest) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        let Some((_, Checked::Failed(rejected))) = self.deliveries.get(delivery) else {
            return Err(Failure::new("no-such-delivery"));
        };
        let statement = self.sign(&self.head().reject(*delivery, self.x()?, rejected))?;
        let way = Route::Told { delivery: *delivery };
        Ok(Draft { statement, way })
    }

    /// Notes that the other seats know of a delivery that failed.
    pub(crate) fn told(&mut self, delivery: &Digest) {
        if let Some((_, checked)) = self.deliveries.get_mut(delivery)
            && let Checked::Failed(rejected) = *checked
        {
            *checked = Checked::Told(rejected);
        }
    }

    /// Tells a reader of a case: files the referral and copies it to the reader's bucket.
    ///
    /// # Errors
    /// A rule of the log.
    pub(crate) fn refer(&self, id: &CaseId, reader: MemberNumber) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        let (held, x) = (self.held(id)?, self.x()?);
        let registry = self.log.registry();
        admit::referral(&held.case, x, reader, registry).map_err(|no| Failure::not_now(&no))?;
        let member = registry.current().and_then(|council| council.reader(reader));
        let recipient = member.map(|member| member.recipient.clone());
        let recipient = recipient.ok_or_else(|| Failure::new("not-of-council"))?;
        let referral = self.head().referral(&held.case, x, reader);
        let statement = self.sign(&referral)?;
        let records = act_records(&recipient, &statement)?;
        self.slot(id, statement, Some((recipient, records)))
    }

    /// Grants or refuses a request; the reader gets a copy.
    ///
    /// # Errors
    /// A rule of the log.
    pub(crate) fn decide(&self, id: &CaseId, request: &Digest, vote: Vote, reason: Option<Reason>) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        // A grant is not taken back, a refusal opens nothing.
        let moment = match vote {
            Vote::Grant => self.log.moment()?,
            Vote::Refuse => self.log.moment_of_any_age()?.0,
        };
        let (held, x) = (self.held(id)?, self.x()?);
        admit::decision(&held.case, request, x, &moment, self.log.registry()).map_err(|no| Failure::not_now(&no))?;
        let decision = self.head().decision(&held.case, request, x, vote, reason);
        let statement = self.sign(&decision)?;
        let recipient = self.request_recipient(id, request)?;
        let records = act_records(&recipient, &statement)?;
        self.slot(id, statement, Some((recipient, records)))
    }

    /// Objects to a request: it waits 14 days and needs one grant more.
    ///
    /// # Errors
    /// A rule of the log.
    pub(crate) fn object(&self, id: &CaseId, request: &Digest) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        let (moment, _) = self.log.moment_of_any_age()?;
        let (held, x) = (self.held(id)?, self.x()?);
        admit::objection(&held.case, request, Some(x), &moment, self.log.registry())
            .map_err(|no| Failure::not_now(&no))?;
        let objection = self.head().objection(&held.case, request, x);
        self.slot(id, self.sign(&objection)?, None)
    }

    /// Releases this seat's share, if all ten lines of §8.5 hold: the release, and its files, to the request's key.
    ///
    /// # Errors
    /// The first line that fails, and from when it will hold.
    pub(crate) fn release(&self, id: &CaseId, request: &Digest) -> Outcome<Draft> {
        self.require(Office::Seat)?;
        let (held, seat) = (self.held(id)?, self.as_seat()?);
        let latest = self.log.latest_with_clock()?;
        let allowed = admit::release(&held.case, request, &seat, &latest, self.log.registry())
            .map_err(|no| Failure::not_now(&no))?;
        let recipient = self.request_recipient(id, request)?;
        let own = self.shares.get(id).ok_or_else(|| Failure::new("share-unusable"))?;
        let releases = own.releases(*request, &allowed.compartments, &recipient, &mut random::system());
        let (files, mut records) = releases.ok_or_else(|| Failure::new("share-unusable"))?;
        let header = held.header_digest;
        let release = self
            .head()
            .release(&held.case, request, seat.x, header, &allowed, files);
        let statement = self.sign(&release)?;
        records.extend(act_records(&recipient, &statement)?);
        self.slot(id, statement, Some((recipient, records)))
    }

    fn request_recipient(&self, id: &CaseId, request: &Digest) -> Outcome<age::Recipient> {
        let state = self.held(id)?.case.request(request);
        let recipient = state.map(|state| state.request.recipient.clone());
        recipient.ok_or_else(|| Failure::new("no-request"))
    }
}
