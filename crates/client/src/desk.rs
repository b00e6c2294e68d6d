//! One member at work: who it is, the cases that it can follow, and what waits for its step of the log.

use std::collections::{BTreeMap, HashSet};

use casework::registry::KeyChange;
use casework::release::Seat;
use casework::slots::Drawn;
use casework::{FollowedCase, Office, RootOfTrust};
use protocol::age::AgeError;
use protocol::age::passphrase::open_passphrase;
use protocol::http::DeliveryItem;
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::share::ShareFile;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::{CaseId, Digest};
use serde_json::json;

use crate::bucket::Buckets;
use crate::draft::ShownDrafts;
use crate::failure::{Failure, Outcome};
use crate::log::Log;
use crate::office::Cell;
use crate::opening::Shown;
use crate::pending::Pending;
use crate::reader::{OwnRequest, Referred};
use crate::seat::Checked;
use crate::wire::{Answer, Call, Signer, Wire};

/// One member at work. It lives as long as the page, and nothing of it is kept.
pub struct Desk {
    pub(crate) wire: Wire,
    pub(crate) log: Log,
    pub(crate) keys: MemberKeys,
    pub(crate) member: Option<(MemberNumber, Office)>,
    pub(crate) buckets: Buckets,
    pub(crate) cases: BTreeMap<CaseId, FollowedCase>,
    pub(crate) pending: Vec<Pending>,
    /// The slot in which each statement was sent last, until it is promised.
    pub(crate) sent: BTreeMap<Digest, Drawn>,
    // A seat's.
    pub(crate) shares: BTreeMap<CaseId, ShareFile>,
    pub(crate) deliveries: BTreeMap<Digest, (DeliveryItem, Checked)>,
    pub(crate) delivered_to: u64,
    pub(crate) cells: BTreeMap<Digest, Cell>,
    pub(crate) cells_to: u64,
    // A reader's.
    pub(crate) referred: BTreeMap<CaseId, Referred>,
    pub(crate) requests: BTreeMap<Digest, OwnRequest>,
    pub(crate) own_tried: HashSet<Digest>,
    pub(crate) shown: Vec<Shown>,
    /// Statements that were shown before they are sent.
    pub(crate) shown_drafts: Option<ShownDrafts>,
}

/// Opens a key file (scrypt; about a second).
///
/// # Errors
/// `wrong-passphrase`; `not-a-key-file`.
pub fn open_key_file(file: &[u8], passphrase: &str) -> Outcome<MemberKeys> {
    let plain = open_passphrase(passphrase, file).map_err(|error| match error {
        AgeError::NoMatch => Failure::new("wrong-passphrase"),
        other => Failure::new("not-a-key-file").why(other),
    })?;
    let text = std::str::from_utf8(&plain).map_err(|_| Failure::new("not-a-key-file"))?;
    MemberKeys::from_key_file(text).map_err(|error| Failure::new("not-a-key-file").why(error))
}

impl Desk {
    /// A desk for these keys, in a page built at `built` (POSIX seconds; 0 where nobody says); it knows nothing before
    /// [`Self::refresh`].
    ///
    /// # Errors
    /// `log-not-verifiable` for a root that is none.
    pub fn new(root: RootOfTrust, built: u64, keys: MemberKeys, wire: Wire) -> Outcome<Self> {
        Ok(Self {
            wire,
            log: Log::new(root, built)?,
            keys,
            member: None,
            buckets: Buckets::default(),
            cases: BTreeMap::new(),
            pending: Vec::new(),
            sent: BTreeMap::new(),
            shares: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            delivered_to: 0,
            cells: BTreeMap::new(),
            cells_to: 0,
            referred: BTreeMap::new(),
            requests: BTreeMap::new(),
            own_tried: HashSet::new(),
            shown: Vec::new(),
            shown_drafts: None,
        })
    }

    /// Reads what is new: the log, deliveries and cells of a seat, referrals of a reader, every case's acts.
    ///
    /// # Errors
    /// `not-of-council` when the key is of nobody in the current council, `key-renewed` and `key-replaced` when its member
    /// has another key there, with or without this key's signature; `log-not-verifiable`; the network.
    pub async fn refresh(&mut self) -> Outcome<()> {
        let wire = self.wire.clone();
        self.log.refresh(&wire).await?;
        self.member = Some(self.find_member()?);
        self.buckets.renew();
        match self.office()? {
            Office::Seat => self.read_deliveries().await?,
            Office::Reader => self.read_own_bucket().await?,
        }
        self.read_case_buckets().await?;
        if self.office()? == Office::Seat {
            self.read_cells().await?;
        }
        self.settle_pending()
    }

    /// Verifies a header and begins to follow its case.
    pub(crate) fn hold(&self, salt: CaseSalt, flags: Flags, header: &[u8]) -> Outcome<FollowedCase> {
        FollowedCase::new(salt, flags, header, self.log.fold()).map_err(|error| Failure::new("header").why(error))
    }

    /// Reads the bucket of every case and judges its acts anew.
    pub(crate) async fn read_case_buckets(&mut self) -> Outcome<()> {
        let (wire, x) = (self.wire.clone(), self.x()?);
        let signer = Signer {
            origin: &self.log.root().origin,
            x,
            keys: &self.keys,
        };
        for held in self.cases.values_mut() {
            let records = self.buckets.records(&wire, &self.log, held.inbox(), &signer).await?;
            held.take_new(&records);
            held.follow(self.log.fold());
        }
        Ok(())
    }

    /// This member's number.
    ///
    /// # Errors
    /// `not-of-council` before the first refresh.
    pub fn x(&self) -> Outcome<MemberNumber> {
        Ok(self.who()?.0)
    }

    /// Seat or reader.
    ///
    /// # Errors
    /// As [`Self::x`].
    pub fn office(&self) -> Outcome<Office> {
        Ok(self.who()?.1)
    }

    fn who(&self) -> Outcome<(MemberNumber, Office)> {
        self.member.ok_or_else(|| Failure::new("not-of-council"))
    }

    /// Its line to the service.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Cases that this member can follow.
    pub fn cases(&self) -> impl Iterator<Item = &FollowedCase> {
        self.cases.values()
    }

    pub(crate) fn require(&self, office: Office) -> Outcome<()> {
        if self.office()? == office {
            Ok(())
        } else {
            Err(Failure::new("wrong-office"))
        }
    }

    pub(crate) fn held(&self, id: &CaseId) -> Outcome<&FollowedCase> {
        self.cases.get(id).ok_or_else(|| Failure::new("case-unknown"))
    }

    /// Sends a call in this member's name.
    pub(crate) async fn signed(&self, call: Call) -> Outcome<Answer> {
        let signer = Signer {
            origin: &self.log.root().origin,
            x: self.x()?,
            keys: &self.keys,
        };
        self.wire.signed(call, &signer).await
    }

    /// Items of a list for members, from a position on, with the position to go on from.
    pub(crate) async fn listed<T: serde::de::DeserializeOwned>(&self, list: &str, from: u64) -> Outcome<(Vec<T>, u64)> {
        let (mut all, mut from) = (Vec::new(), from);
        loop {
            let answer = self
                .signed(Call::get(format!("/api/v1/member/{list}?from={from}")))
                .await?;
            let items: Vec<T> = serde_json::from_slice(&answer.body).map_err(|_| Failure::new("unexpected-answer"))?;
            let next = answer.next.unwrap_or(from);
            let is_last = next <= from;
            all.extend(items);
            if is_last {
                return Ok((all, from));
            }
            from = next;
        }
    }

    /// This seat and its key, as the rules ask for them.
    pub(crate) fn as_seat(&self) -> Outcome<Seat> {
        Ok(Seat {
            x: self.x()?,
            key: self.keys.public(),
        })
    }

    /// The number of the member that holds these keys, in the newest council.
    fn find_member(&self) -> Outcome<(MemberNumber, Office)> {
        let council = self
            .log
            .registry()
            .current()
            .ok_or_else(|| Failure::new("no-council"))?;
        let member = council.office_of(&self.keys.public());
        member.ok_or_else(|| match self.log.registry().replaced(&self.keys.public()) {
            Some(change) => key_replaced(&change),
            None => Failure::new("not-of-council"),
        })
    }
}

/// Who stays in the council under another key is told by whom it was replaced: t_identity seats may do so without it (§3).
fn key_replaced(change: &KeyChange) -> Failure {
    let seats: Vec<String> = change.signed_by.iter().map(ToString::to_string).collect();
    let code = if change.is_own { "key-renewed" } else { "key-replaced" };
    let mut failure = Failure::new(code);
    let about = [
        ("x", json!(change.x)),
        ("epoch", json!(change.epoch)),
        ("seats", json!(seats.join(", "))),
    ];
    failure
        .about
        .extend(about.map(|(name, value)| (name.to_owned(), value)));
    failure
}
