//! What seats and readers share: who a key is, the cases that it can follow, and what waits for its step of the log.

use std::collections::BTreeMap;
use std::rc::Rc;

use casework::registry::KeyChange;
use casework::{CouncilRole, FollowedCase};
use protocol::age::Recipient;
use protocol::drop::{Stored, open_record};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::{CaseId, Digest};
use serde::Serialize;

use crate::act::{Pending, Unanswered};
use crate::bucket::Buckets;
use crate::failure::{Failure, Local, Outcome};
use crate::log::Log;
use crate::random::Random;
use crate::store::Store;
use crate::wire::{HttpAnswer, HttpCall, Signer, Wire};

/// Slot-0 K-file of a case, as it came.
pub(crate) const HEADER: &str = "header.age";
/// Digests of the records of a case that were tried, 32 bytes each.
const TRIED: &str = "tried";
/// Records of a case that opened with K.
const RECORDS: &str = "records";

/// What a person should be told beside what came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A promise had to be measured by the log's time: this device's clock is behind.
    ClockBehind {
        /// By how many seconds.
        by_s: u64,
    },
    /// What was kept of a case cannot be used; the others can.
    CaseNotLoaded {
        /// Which.
        case: CaseId,
        /// Why.
        why: Failure,
    },
    /// A statement from an office cell was not filed.
    NotFiled {
        /// On which case.
        case: CaseId,
        /// Why.
        why: Failure,
    },
}

/// Whether a filing adds to the one that it names: whoever knows a case id can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adds {
    /// Whoever filed that one filed this one.
    Proven,
    /// Somebody else did.
    Refuted,
    /// That one is not followed here.
    Unknown,
}

/// What both offices have: the log, the keys, the cases and the acts under way.
pub struct Member {
    pub(crate) wire: Wire,
    pub(crate) log: Box<Log>,
    pub(crate) store: Rc<dyn Store>,
    pub(crate) random: Random,
    pub(crate) keys: MemberKeys,
    pub(crate) x: MemberNumber,
    pub(crate) buckets: Buckets,
    pub(crate) cases: BTreeMap<CaseId, FollowedCase>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) unanswered: Vec<Unanswered>,
    pub(crate) warnings: Vec<Warning>,
    /// Cases of which what was kept cannot be used.
    pub(crate) not_loaded: u32,
}

impl Member {
    /// Reads what is new in the log, and whether the key still has its office.
    pub(crate) async fn read_log(&mut self, office: CouncilRole) -> Outcome<()> {
        self.log.refresh(&self.wire).await?;
        let (x, now) = find_member(&self.log, &self.keys)?;
        if now != office {
            return Err(Failure::new(Local::OfficeChanged));
        }
        self.x = x;
        self.buckets.renew();
        Ok(())
    }

    /// This member's number.
    pub fn x(&self) -> MemberNumber {
        self.x
    }

    /// Its line to the service.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Its keys' public half.
    pub fn key(&self) -> protocol::ids::PublicKey {
        self.keys.public()
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Cases that this member can follow.
    pub fn cases(&self) -> impl Iterator<Item = &FollowedCase> {
        self.cases.values()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Local::CaseUnknown`].
    pub fn case(&self, id: &CaseId) -> Outcome<&FollowedCase> {
        self.cases.get(id).ok_or_else(|| Failure::new(Local::CaseUnknown))
    }

    /// The filing to which a case says that it adds, and whether the same person wrote both (§5.3).
    pub fn parent_of(&self, held: &FollowedCase) -> Option<(CaseId, Adds)> {
        let parent = held.core.parent.as_ref()?;
        let adds = match self.cases.get(&parent.case) {
            None => Adds::Unknown,
            Some(first) if parent.is_proven(&first.core.inbox.key, &held.core) => Adds::Proven,
            Some(_) => Adds::Refuted,
        };
        Some((parent.case, adds))
    }

    /// Acts that are promised and wait for their step.
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// Sends a call in this member's name.
    pub(crate) async fn signed(&self, call: HttpCall) -> Outcome<HttpAnswer> {
        self.wire.signed(call, &signer(&self.log, self.x, &self.keys)).await
    }

    /// Items of a list for members, from a position on, with the position to go on from. Lists are given in parts.
    pub(crate) async fn listed<T: serde::de::DeserializeOwned>(&self, list: &str, from: u64) -> Outcome<(Vec<T>, u64)> {
        let (mut all, mut from) = (Vec::new(), from);
        loop {
            let answer = self
                .signed(HttpCall::get(format!("/api/v1/member/{list}?from={from}")))
                .await?;
            let items: Vec<T> =
                serde_json::from_slice(&answer.body).map_err(|_| Failure::new(Local::UnexpectedAnswer))?;
            let next = answer.next.unwrap_or(from);
            all.extend(items);
            if next <= from {
                return Ok((all, from));
            }
            from = next;
        }
    }

    /// All records of a recipient's bucket, also those that are not public yet.
    pub(crate) async fn records_of(&mut self, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let signer = signer(&self.log, self.x, &self.keys);
        self.buckets
            .records(&self.wire, &self.log, recipient, Some(&signer))
            .await
    }

    /// Verifies a header and begins to follow its case.
    pub(crate) async fn follow(&mut self, salt: CaseSalt, flags: Flags, header: &[u8]) -> Outcome<FollowedCase> {
        let wire = self.wire.clone();
        self.log.watch(&wire, vec![CaseSalt::new(*salt.expose())]).await?;
        self.verified(salt, flags, header)
    }

    /// As [`Self::follow`], for a case whose acts are watched.
    pub(crate) fn verified(&self, salt: CaseSalt, flags: Flags, header: &[u8]) -> Outcome<FollowedCase> {
        FollowedCase::new(salt, flags, header, self.log.fold()).map_err(|error| Failure::new(Local::Header).why(error))
    }

    /// Reads the bucket of every case, keeps what opens, and judges the acts anew.
    pub(crate) async fn read_case_buckets(&mut self) -> Outcome<()> {
        let signer = signer(&self.log, self.x, &self.keys);
        for (id, held) in &mut self.cases {
            let records = self
                .buckets
                .records(&self.wire, &self.log, held.inbox(), Some(&signer))
                .await?;
            let tried = held.tried.len();
            for stored in held.take_new(&records) {
                let name = format!("{}/{RECORDS}/{}.age", folder(id), stored.digest);
                self.store.write(&name, &stored.bytes)?;
            }
            if held.tried.len() > tried {
                let mut all: Vec<Digest> = held.tried.iter().copied().collect();
                all.sort();
                let bytes: Vec<u8> = all.iter().flat_map(|digest| digest.0).collect();
                self.store.write(&format!("{}/{TRIED}", folder(id)), &bytes)?;
            }
            held.follow(self.log.fold());
        }
        Ok(())
    }

    /// Keeps the verified header of a case.
    pub(crate) fn keep_header(&self, id: &CaseId, header: &[u8]) -> Outcome<()> {
        self.store.write(&format!("{}/{HEADER}", folder(id)), header)
    }

    /// Loads every case that was kept; `salt` finds the salt in its folder. One that cannot be loaded is reported.
    pub(crate) async fn load_cases(&mut self, salt: impl Fn(&Self, &str) -> Outcome<(CaseSalt, Flags)>) -> Outcome<()> {
        let mut kept = Vec::new();
        for name in self.store.names("cases")? {
            let Some(id) = CaseId::from_hex(&name) else { continue };
            let Some(header) = self.store.read(&format!("{}/{HEADER}", folder(&id)))? else {
                continue;
            };
            match salt(self, &folder(&id)) {
                Ok((salt, flags)) => kept.push((id, salt, flags, header)),
                Err(why) => self.not_loaded(id, why),
            }
        }
        let salts = kept.iter().map(|(_, salt, ..)| CaseSalt::new(*salt.expose())).collect();
        let wire = self.wire.clone();
        self.log.watch(&wire, salts).await?;
        for (id, salt, flags, header) in kept {
            match self.load_case(&id, salt, flags, &header) {
                Ok(held) => drop(self.cases.insert(id, held)),
                Err(why) => self.not_loaded(id, why),
            }
        }
        self.load_acts()
    }

    fn not_loaded(&mut self, case: CaseId, why: Failure) {
        self.not_loaded += 1;
        self.warnings.push(Warning::CaseNotLoaded { case, why });
    }

    fn load_case(&self, id: &CaseId, salt: CaseSalt, flags: Flags, header: &[u8]) -> Outcome<FollowedCase> {
        let mut held = self.verified(salt, flags, header)?;
        let (k, records) = (held.case.salt().k(), format!("{}/{RECORDS}", folder(id)));
        for name in self.store.names(&records)? {
            let bytes = self.store.read(&format!("{records}/{name}"))?;
            if let Some(Ok(record)) = bytes.and_then(|bytes| open_record(&k, &bytes)) {
                held.take(record);
            }
        }
        let tried = self.store.read(&format!("{}/{TRIED}", folder(id)))?.unwrap_or_default();
        held.tried = tried.as_chunks::<32>().0.iter().map(|digest| Digest(*digest)).collect();
        Ok(held)
    }
}

/// The folder of a case.
pub(crate) fn folder(id: &CaseId) -> String {
    format!("cases/{id}")
}

/// What was kept in a file cannot be used.
pub(crate) fn damaged(name: &str, why: impl std::fmt::Display) -> Failure {
    Failure::new(Local::StateDamaged).about("file", name).why(why)
}

pub(crate) fn signer<'a>(log: &'a Log, x: MemberNumber, keys: &'a MemberKeys) -> Signer<'a> {
    Signer {
        origin: &log.root().origin,
        x,
        keys,
    }
}

/// The number of the member that holds these keys, in the newest council.
pub(crate) fn find_member(log: &Log, keys: &MemberKeys) -> Outcome<(MemberNumber, CouncilRole)> {
    let council = log.registry().current();
    let council = council.ok_or_else(|| Failure::new(Local::NoCouncil))?;
    let member = council.office_of(&keys.public());
    member.ok_or_else(|| match log.registry().replaced(&keys.public()) {
        Some(change) => key_replaced(&change),
        None => Failure::new(Local::NotOfCouncil),
    })
}

/// Who stays in the council under another key is told by whom it was replaced: t_identity seats may do so without it (§3).
fn key_replaced(change: &KeyChange) -> Failure {
    let seats: Vec<String> = change.signed_by.iter().map(ToString::to_string).collect();
    let code = if change.is_own {
        Local::KeyRenewed
    } else {
        Local::KeyReplaced
    };
    Failure::new(code)
        .about("x", change.x.get())
        .about("epoch", change.epoch)
        .about("institution", change.institution.clone())
        .about("seats", seats.join(", "))
}
