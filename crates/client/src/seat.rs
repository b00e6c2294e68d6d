//! A seat's acts: acknowledging, telling a reader, deciding, objecting, releasing (§7, §8).

mod custody;
mod delivery;
mod duty;
pub(crate) mod messages;
mod templates;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use casework::release::ReleasingSeat as Key;
use casework::{Allowed, CouncilRole, Filed, Vote, admit};
use protocol::http::DeliveryItem;
use protocol::ids::MemberNumber;
use protocol::share::ShareFile;
use protocol::statement::{Ack, Compartment, Holds, Payload as _, Reason};
use protocol::{CaseId, Digest, Envelope, age};

use crate::act::SignedAct;
use crate::docket::promise_of;
use crate::failure::{Failure, Local, Outcome};
use crate::filing::Copies;
use crate::member::{Member, Warning, damaged, folder};

pub use delivery::{Checked, Rejection};
pub use duty::DutyReport;
pub use messages::AskView;
pub use templates::{TEMPLATES, Template};

/// Share file of a case, as it was delivered.
pub(crate) const SHARE: &str = "share.age";

/// A seat at work.
pub struct Seat {
    pub(crate) member: Member,
    pub(crate) deliveries: BTreeMap<Digest, (DeliveryItem, Checked)>,
    pub(crate) delivered_to: u64,
    /// CouncilRole cells that were read and are not dealt with.
    pub(crate) cells: BTreeMap<Digest, Envelope>,
    /// The twins that came with requests, by their digest.
    pub(crate) twins: BTreeMap<Digest, Envelope>,
    /// CouncilRole cells that are to be read.
    pub(crate) unread: BTreeSet<Digest>,
    pub(crate) cells_to: u64,
    /// Questions without a filing that its own records say it has handled.
    handled: HashSet<Digest>,
    /// Records of its own bucket that were tried.
    own_tried: HashSet<Digest>,
    /// Cases of which this seat has destroyed what it held.
    pub(crate) erased: BTreeSet<CaseId>,
}

impl Seat {
    pub(crate) async fn open(mut member: Member) -> Result<Self, (Member, Failure)> {
        let erased = match custody::finish_erasing(&member) {
            Ok(erased) => erased,
            Err(failure) => return Err((member, failure)),
        };
        let salt = |member: &Member, folder: &str| {
            let share = member.share(folder)?;
            Ok((share.case_salt, share.flags))
        };
        if let Err(failure) = member.load_cases(salt).await {
            return Err((member, failure));
        }
        Ok(Self {
            member,
            deliveries: BTreeMap::new(),
            delivered_to: 0,
            cells: BTreeMap::new(),
            twins: BTreeMap::new(),
            unread: BTreeSet::new(),
            cells_to: 0,
            handled: HashSet::new(),
            own_tried: HashSet::new(),
            erased,
        })
    }

    /// What both offices have.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// What a person should be told; each once.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.member.warnings)
    }

    /// Files a statement of this seat. What was delivered of a case is dealt with once it is acknowledged.
    ///
    /// # Errors
    /// As [`Member::file`].
    pub async fn file(&mut self, draft: &SignedAct) -> Outcome<Filed> {
        let filed = self.member.file(draft).await?;
        if draft.statement.name() == Some(Ack::NAME) {
            self.mark_acknowledged(&draft.case)?;
        }
        Ok(filed)
    }

    /// Has a public statement logged: a twin, or that the docket is open (§10.1).
    ///
    /// # Errors
    /// As [`Member::publish`].
    pub async fn publish(&mut self, statement: &Envelope) -> Outcome<u64> {
        self.member.publish(statement, &promise_of(statement)).await
    }

    /// Reads what is new in the log and on the cases that this seat follows.
    ///
    /// # Errors
    /// What [`crate::Visitor::enter`] may say; [`Local::OfficeChanged`].
    pub async fn refresh(&mut self) -> Outcome<()> {
        self.member.read_log(CouncilRole::Seat).await?;
        self.update().await
    }

    /// As [`Self::refresh`], on the log as it was read.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn update(&mut self) -> Outcome<()> {
        self.member.read_case_buckets().await?;
        self.member.settle()
    }

    /// This seat and its key, as the rules ask for them.
    pub fn as_key(&self) -> Key {
        Key {
            x: self.member.x,
            key: self.member.keys.public(),
        }
    }

    /// Acknowledges a share that passed the checks and was kept.
    ///
    /// # Errors
    /// A rule of the log.
    pub fn ack(&self, id: &CaseId, holds: Holds) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        admit::ack(&held.case, member.x, holds, member.log.registry()).map_err(Failure::not_now)?;
        let ack = member.head().ack(&held.case, member.x, holds, held.flags.danger);
        member.draft(id, member.sign(&ack)?, None)
    }

    /// Tells a reader of a case: the referral, with a copy for the reader's bucket.
    ///
    /// # Errors
    /// [`Local::NoSuchReader`]; a rule of the log.
    pub fn refer(&self, id: &CaseId, reader: MemberNumber) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        let registry = member.log.registry();
        let to = registry.current().and_then(|council| council.reader(reader));
        let recipient = to.map(|reader| reader.recipient.clone());
        let recipient = recipient.ok_or_else(|| Failure::new(Local::NoSuchReader))?;
        admit::referral(&held.case, member.x, reader, registry).map_err(Failure::not_now)?;
        let referral = member.head().referral(&held.case, member.x, reader);
        let statement = member.sign(&referral)?;
        let records = member.sealed(&recipient, &statement)?;
        member.draft(id, statement, Some(Copies::to_reader(recipient, records)))
    }

    /// Grants of a request what stands in `grants`, and refuses the rest of it for `reason`; the reader gets a copy.
    ///
    /// # Errors
    /// A rule of the log; [`Local::NotAsked`]; a refusal without a reason, or a reason without one.
    pub fn decide(
        &self,
        id: &CaseId,
        request: &Digest,
        grants: &[Compartment],
        reason: Option<Reason>,
    ) -> Outcome<SignedAct> {
        let member = &self.member;
        // A grant is not taken back, a refusal opens nothing.
        let moment = match grants.is_empty() {
            false => member.log.moment()?,
            true => member.log.moment_of_any_age()?.0,
        };
        let held = member.case(id)?;
        admit::decision(&held.case, request, member.x, &moment, member.log.registry()).map_err(Failure::not_now)?;
        let asked = held.case.request(request).map(|state| &state.request.compartments);
        let asked = asked.ok_or_else(|| Failure::not_now(no_request()))?;
        if grants.iter().any(|name| !asked.contains(name)) {
            return Err(Failure::new(Local::NotAsked));
        }
        let vote = Vote::new(asked, grants, reason);
        let decision = member.head().decision(&held.case, request, member.x, vote);
        let signed = member.sign_act(&held.case, Some(request), decision)?;
        let recipient = self.request_recipient(id, request)?;
        let records = member.sealed_with_twin(&recipient, &signed.statement, signed.twin.as_ref())?;
        member.draft(id, signed, Some(Copies::to_reader(recipient, records)))
    }

    /// Objects to a request: it waits 14 days and needs one grant more.
    ///
    /// # Errors
    /// A rule of the log.
    pub fn object(&self, id: &CaseId, request: &Digest) -> Outcome<SignedAct> {
        let member = &self.member;
        let (moment, _) = member.log.moment_of_any_age()?;
        let held = member.case(id)?;
        admit::objection(&held.case, request, Some(member.x), &moment, member.log.registry())
            .map_err(Failure::not_now)?;
        let objection = member.head().objection(&held.case, request, member.x);
        member.draft(id, member.sign_act(&held.case, Some(request), objection)?, None)
    }

    /// Releases this seat's share, if all lines of §8.5 hold: the release, and its files, to the request's key. Gives
    /// what it releases, too.
    ///
    /// # Errors
    /// The first line that fails, and from when it will hold; [`Local::ShareUnusable`].
    pub fn release(&self, id: &CaseId, request: &Digest) -> Outcome<(SignedAct, Allowed)> {
        let (member, held) = (&self.member, self.member.case(id)?);
        let latest = member.log.latest_with_clock()?;
        let allowed = admit::release(&held.case, request, &self.as_key(), &latest, member.log.registry())
            .map_err(|no| member.with_promised(id, request, Failure::not_now(no)))?;
        let recipient = self.request_recipient(id, request)?;
        let share = member.share(&folder(id));
        let share =
            share.map_err(|failure| Failure::new(Local::ShareUnusable).why(failure.detail.unwrap_or_default()))?;
        let releases = share.releases(*request, &allowed.compartments, &recipient, &mut member.random.clone());
        let (files, mut records) = releases.ok_or_else(|| Failure::new(Local::ShareUnusable))?;
        let header = held.header_digest;
        let release = member
            .head()
            .release(&held.case, request, member.x, header, &allowed, files);
        let statement = member.sign(&release)?;
        records.extend(member.sealed(&recipient, &statement)?);
        let draft = member.draft(id, statement, Some(Copies::to_reader(recipient, records)))?;
        Ok((draft, allowed))
    }

    fn request_recipient(&self, id: &CaseId, request: &Digest) -> Outcome<age::Recipient> {
        let state = self.member.case(id)?.case.request(request);
        let recipient = state.map(|state| state.request.recipient.clone());
        recipient.ok_or_else(|| Failure::not_now(no_request()))
    }
}

fn no_request() -> casework::NotNow {
    casework::NotNow {
        line: None,
        why: casework::Why::NoRequest,
        from: None,
    }
}

impl Member {
    /// This seat's share of a case, as it was kept.
    fn share(&self, folder: &str) -> Outcome<ShareFile> {
        let name = format!("{folder}/{SHARE}");
        let file = self.store.read(&name)?.ok_or_else(|| damaged(&name, "it is gone"))?;
        let plain = age::open(self.keys.identity(), &file).map_err(|error| damaged(&name, error))?;
        ShareFile::parse(&plain).ok_or_else(|| damaged(&name, "no share file"))
    }
}
