//! What is delivered to a seat: the seven checks of §7, and keeping what passes them.

use casework::clock::DAY_S;
use protocol::http::DeliveryItem;
use protocol::share::ShareFile;
use protocol::share::check::{Delivery, Rejected, check};
use protocol::slot::CaseSalt;
use protocol::statement::Check;
use protocol::{CaseId, Digest, Envelope, age};

use super::{SHARE, Seat};
use crate::failure::{Failure, Local, Outcome};
use crate::member::folder;
use crate::wire::BATCH;

/// Marks of deliveries that were dealt with.
const DELIVERED: &str = "delivered";
/// Since when a delivery waits for its filing.
const EARLY: &str = "early";
/// A delivery whose filing is not in the log is looked at again for as long as a promise runs, then rejected.
const WAIT_FOR_LOG_S: u64 = DAY_S;

/// What the seven checks said of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It holds and is kept; the case is followed.
    Holds(CaseId),
    /// The filing is not in the log yet.
    Early,
    /// A check failed.
    Failed(Rejected),
    /// A check failed, and the other seats were told.
    Told(Rejected),
}

/// Tells the other seats that a delivery failed a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub(crate) delivery: Digest,
    pub(crate) statement: Envelope,
}

impl Rejection {
    /// The statement.
    pub fn statement(&self) -> &Envelope {
        &self.statement
    }
}

impl Seat {
    /// Deliveries that this seat has not dealt with, none of them fetched.
    ///
    /// # Errors
    /// The network.
    pub async fn list_deliveries(&mut self) -> Outcome<Vec<DeliveryItem>> {
        let done = self.member.store.names(DELIVERED)?;
        let (mut items, next) = self
            .member
            .listed::<DeliveryItem>("delivery", self.delivered_to)
            .await?;
        items.retain(|item| !done.contains(&item.id.to_hex()));
        for item in items {
            self.deliveries.entry(item.id).or_insert((item, Checked::Early));
        }
        self.delivered_to = next;
        let waiting = self
            .deliveries
            .values()
            .filter(|(_, checked)| *checked == Checked::Early);
        Ok(waiting.map(|(item, _)| item.clone()).collect())
    }

    /// Reads the deliveries that are new and makes the seven checks on each; nothing is sent.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn read_deliveries(&mut self) -> Outcome<()> {
        let items = self.list_deliveries().await?;
        self.check_deliveries(items).await
    }

    /// Makes the seven checks on deliveries; keeps durably what passes them.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn check_deliveries(&mut self, items: Vec<DeliveryItem>) -> Outcome<()> {
        let wire = self.member.wire.clone();
        // As they came: the checks tell whose fault a wrong one is, and none keeps the next delivery from being checked.
        let mut shares = Vec::new();
        for items in items.chunks(BATCH) {
            shares.extend(wire.blobs_as_sent(items.iter().map(|item| item.share)).await?);
        }
        let salts = shares.iter().flatten().filter_map(|share| self.salt_in(share));
        let salts = salts.collect();
        self.member.log.watch(&wire, salts).await?;
        let (known, mut shares) = (self.member.cases.len(), shares.into_iter());
        for (batch, part) in items.chunks(BATCH).enumerate() {
            wire.progress((batch * BATCH) as u64, items.len() as u64);
            let headers = wire.blobs_as_sent(part.iter().map(|item| item.header)).await?;
            for (item, header) in part.iter().zip(headers) {
                let checked = self.check_delivery(item, shares.next().flatten(), header)?;
                self.deliveries.insert(item.id, (item.clone(), checked));
            }
        }
        if self.member.cases.len() > known {
            self.member.read_case_buckets().await?;
        }
        Ok(())
    }

    /// Deliveries that were looked at, with what the checks said.
    pub fn deliveries(&self) -> impl Iterator<Item = (&Digest, &Checked)> {
        self.deliveries.iter().map(|(id, (_, checked))| (id, checked))
    }

    /// The salt in a share file of this seat, if it is one.
    fn salt_in(&self, share: &[u8]) -> Option<CaseSalt> {
        let plain = age::open(self.member.keys.identity(), share).ok()?;
        Some(ShareFile::parse(&plain)?.case_salt)
    }

    /// The seven checks, on the bytes as the service sent them.
    fn check_delivery(
        &mut self,
        item: &DeliveryItem,
        share: Option<Vec<u8>>,
        header: Option<Vec<u8>>,
    ) -> Outcome<Checked> {
        let member = &mut self.member;
        let delivery = Delivery {
            id: item.id,
            share: share.as_deref(),
            header: header.as_deref(),
        };
        let registry = member.log.registry();
        let council_of = |digest: &Digest| registry.council(digest).map(|record| (**record).clone());
        let in_log = |entry: &[u8]| member.log.fold().slots().holds(entry);
        match check(member.x, &member.keys, &delivery, &council_of, &in_log) {
            Ok(accepted) => {
                let id = accepted.core.case;
                if !member.cases.contains_key(&id) {
                    let (share, header) = (share.unwrap_or_default(), header.unwrap_or_default());
                    let held = member.verified(accepted.share.case_salt, accepted.share.flags, &header)?;
                    member.store.write(&format!("{}/{SHARE}", folder(&id)), &share)?;
                    member.keep_header(&id, &header)?;
                    member.cases.insert(id, held);
                }
                Ok(Checked::Holds(id))
            }
            Err(rejected) if self.is_early(item, &rejected, share.as_deref())? => Ok(Checked::Early),
            Err(rejected) => Ok(Checked::Failed(rejected)),
        }
    }

    /// Whether a failed check only means that the filing waits for its step. Once the delivered entry is in the log, a salt
    /// that does not lead to it is wrong; so it is when the promise has run out.
    fn is_early(&self, item: &DeliveryItem, rejected: &Rejected, share: Option<&[u8]>) -> Outcome<bool> {
        let (Check::Salt, Some(share)) = (rejected.check, share) else {
            return Ok(false);
        };
        let (salt, slots) = (self.salt_in(share), self.member.log.fold().slots());
        if salt.is_none_or(|salt| slots.is_taken(&salt, 0)) || slots.holds_digest(&item.id) {
            return Ok(false);
        }
        let (store, now) = (&self.member.store, self.member.wire.now());
        let name = format!("{EARLY}/{}", item.id);
        match store.read(&name)? {
            Some(since) => {
                let since = String::from_utf8_lossy(&since).trim().parse().unwrap_or(now);
                Ok(now < since.saturating_add(WAIT_FOR_LOG_S))
            }
            None => {
                store.write(&name, now.to_string().as_bytes())?;
                Ok(true)
            }
        }
    }

    /// Notes that the share of a case is acknowledged: its delivery is not looked at again.
    ///
    /// # Errors
    /// The store.
    pub fn mark_acknowledged(&self, case: &CaseId) -> Outcome<()> {
        let holds = self.deliveries();
        let holds: Vec<Digest> = holds
            .filter(|(_, checked)| **checked == Checked::Holds(*case))
            .map(|(id, _)| *id)
            .collect();
        holds.iter().try_for_each(|id| self.mark(id))
    }

    pub(super) fn mark(&self, id: &Digest) -> Outcome<()> {
        self.member.store.write(&format!("{DELIVERED}/{id}"), b"")
    }

    /// The statement that a delivery failed a check.
    ///
    /// # Errors
    /// [`Local::NoSuchDelivery`].
    pub fn reject(&self, delivery: &Digest) -> Outcome<Rejection> {
        let Some((_, Checked::Failed(rejected))) = self.deliveries.get(delivery) else {
            return Err(Failure::new(Local::NoSuchDelivery));
        };
        let reject = self.member.head().reject(*delivery, self.member.x, rejected);
        Ok(Rejection {
            delivery: *delivery,
            statement: self.member.sign(&reject)?,
        })
    }

    /// Tells the other seats, in an office cell.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn tell(&mut self, rejection: &Rejection) -> Outcome<()> {
        let own = self.member.x;
        self.member
            .post_cell((&rejection.statement, None), |x| x != own)
            .await?;
        self.mark(&rejection.delivery)?;
        if let Some((_, checked)) = self.deliveries.get_mut(&rejection.delivery)
            && let Checked::Failed(rejected) = *checked
        {
            *checked = Checked::Told(rejected);
        }
        Ok(())
    }
}
