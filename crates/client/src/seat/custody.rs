//! What a seat does for a case besides opening it: it says what was done about danger, takes a step of a
//! lapse, declines, and destroys what it holds (§7, §8.4, §9.6).

use std::collections::BTreeSet;

use casework::clock::HOUR_S;
use casework::view::{Task, first_message};
use casework::{Filed, Why, admit};
use protocol::http::DeleteForm;
use protocol::ids::Version;
use protocol::open::open_header_file;
use protocol::statement::{Attention, Erasure, LapseStep, Testimony};
use protocol::{CaseId, Digest, json};

use super::Seat;
use super::messages::messages_of;
use crate::act::SignedAct;
use crate::failure::{Failure, Outcome};
use crate::member::{HEADER, Member, damaged, folder};
use crate::wire::HttpCall;

/// Marks of cases of which this seat has destroyed what it held.
const ERASED: &str = "erased";

/// Removes what is left of cases that were erased, where removing was cut off; gives them.
pub(super) fn finish_erasing(member: &Member) -> Outcome<BTreeSet<CaseId>> {
    let names = member.store.names(ERASED)?;
    let erased: BTreeSet<CaseId> = names.iter().filter_map(|name| CaseId::from_hex(name)).collect();
    erased.iter().try_for_each(|id| member.store.remove(&folder(id)))?;
    Ok(erased)
}

impl Seat {
    /// Takes a step of a lapse (§8.4).
    ///
    /// # Errors
    /// A rule of the log, and from when it allows it.
    pub fn lapse(&self, id: &CaseId, step: LapseStep) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        let moment = member.log.moment()?;
        admit::lapse(&held.case, member.x, step, &moment, member.log.registry()).map_err(Failure::not_now)?;
        let lapse = member.head().lapse(&held.case, member.x, step);
        member.draft(id, member.sign(&lapse)?, None)
    }

    /// Says what was done about danger (§7); `hours`: within which a seat says more, for what has a term.
    ///
    /// # Errors
    /// A rule of the log; [`crate::Local::StatementRule`] for hours that are missing, too many or of no use.
    pub fn attend(&self, id: &CaseId, what: Attention, hours: Option<u32>) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        let (moment, _) = member.log.moment_of_any_age()?;
        admit::attended(&held.case, member.x, what, &moment, member.log.registry()).map_err(Failure::not_now)?;
        let head = member.head();
        let until = hours.map(|hours| head.time.saturating_add(u64::from(hours) * HOUR_S));
        let attended = head.attended(&held.case, member.x, what, until);
        member.draft(id, member.sign(&attended)?, None)
    }

    /// Declines a filing as no testimony (§7).
    ///
    /// # Errors
    /// A rule of the log.
    pub fn decline(&self, id: &CaseId) -> Outcome<SignedAct> {
        let (member, held) = (&self.member, self.member.case(id)?);
        admit::decline(&held.case, member.x, member.log.registry()).map_err(Failure::not_now)?;
        let decline = member.head().decline(&held.case, member.x);
        member.draft(id, member.sign(&decline)?, None)
    }

    /// Files that this seat destroys what it holds, asks the service to delete the files of the case, and destroys its own
    /// copies (§9.6). Done again after it was cut off, it goes on where it was; `None` where the act stands in the log or all
    /// is destroyed. Its delivery is not taken again, though the service has the share file until t_account seats have asked.
    ///
    /// # Errors
    /// A rule of the log, and from when it allows it; as [`Seat::file`]; the store. Nothing is destroyed then.
    pub async fn erase(&mut self, id: &CaseId) -> Outcome<Option<Filed>> {
        if self.erased.contains(id) {
            return Ok(None);
        }
        let (member, held) = (&self.member, self.member.case(id)?);
        let moment = member.log.moment()?;
        let filed = match admit::erased(&held.case, member.x, &moment, member.log.registry()) {
            Ok(()) => {
                let erased = member.head().erased(&held.case, member.x, Erasure::All);
                let draft = member.draft(id, member.sign_act(&held.case, None, erased)?, None)?;
                Some(self.file(&draft).await?)
            }
            Err(not_now) if matches!(not_now.why, Why::Done { .. }) => None,
            Err(not_now) => return Err(Failure::not_now(not_now)),
        };
        self.count_before_erasing(id)?;
        let (delivery, files) = self.files_of(id)?;
        let form = DeleteForm {
            v: Version,
            origin: self.member.log.root().origin.clone(),
            files,
            records: Vec::new(),
        };
        let call = HttpCall::post(
            "/api/v1/member/delete",
            "application/json".to_owned(),
            json::write(&form),
        );
        self.member.signed(call).await?;
        self.mark(&delivery)?;
        self.deliveries.remove(&delivery);
        self.member.forget_case(id)?;
        // From here on removing is finished by the next start, if this one does not.
        self.member.store.write(&format!("{ERASED}/{id}"), b"")?;
        self.erased.insert(*id);
        self.member.store.remove(&folder(id))?;
        Ok(filed)
    }

    /// Cases of which this seat has destroyed what it held.
    pub fn erased(&self) -> &BTreeSet<CaseId> {
        &self.erased
    }

    /// The delivery of a case, and its share files and objects, as the header names them: each goes when t_account seats
    /// have asked.
    fn files_of(&self, id: &CaseId) -> Outcome<(Digest, Vec<Digest>)> {
        let held = self.member.case(id)?;
        let name = format!("{}/{HEADER}", folder(id));
        let header = self.member.store.read(&name)?;
        let header = header.ok_or_else(|| damaged(&name, "it is gone"))?;
        let opened = open_header_file(&held.case.salt().k(), &header);
        let (_, envelope) = opened.map_err(|error| damaged(&name, error))?;
        let testimony = envelope.unverified::<Testimony>();
        let testimony = testimony.map_err(|error| damaged(&name, error))?;
        let entry = held
            .case
            .salt()
            .entry(0, envelope.digest(), testimony.match_request)
            .to_bytes();
        let shares = testimony.shares.into_iter();
        let objects = held
            .core
            .compartments
            .iter()
            .flat_map(|compartment| &compartment.objects);
        let mut files: Vec<Digest> = shares.map(|share| share.digest).collect();
        files.extend(objects.map(|object| object.digest));
        files.sort_unstable();
        files.dedup();
        Ok((Digest::of(&entry), files))
    }

    /// Her first message, while this seat has not written it and it is near (§9.4).
    pub fn first_message(&self, id: &CaseId, at: u64) -> Option<Task> {
        let held = self.member.case(id).ok()?;
        let due = first_message(&held.case, at)?;
        (self.written(&messages_of(id)).ok()? == 0).then_some(due)
    }
}
