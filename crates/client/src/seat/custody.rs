//! What a seat does for a case besides opening it: it says what was done about danger, writes to her, takes a step of a
//! lapse, declines, and destroys what it holds (§7, §8.4, §9.4, §9.6).

use std::collections::BTreeSet;

use casework::clock::{DAY_S, HOUR_S};
use casework::view::{Task, first_message};
use casework::{Filed, Why, admit};
use protocol::http::{DeleteForm, RecordRef, RecordsForm};
use protocol::ids::{Day, Version};
use protocol::open::open_header_file;
use protocol::statement::{Attention, Erasure, LapseStep, Message, Testimony};
use protocol::text::{Asks, asks};
use protocol::{CaseId, Digest, Envelope, age, json};
use rand_core::Rng as _;

use super::Seat;
use crate::act::Draft;
use crate::failure::{Failure, Local, Outcome};
use crate::member::{HEADER, Member, damaged, folder};
use crate::wire::Call;
use crate::work::{self, Part};

/// Messages of this seat to her, by their number, in the folder of a case.
const MESSAGES: &str = "messages";
/// Room for the counters of a day's messages.
const MESSAGES_A_DAY: u32 = 1 << 16;
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
    pub fn lapse(&self, id: &CaseId, step: LapseStep) -> Outcome<Draft> {
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
    pub fn attend(&self, id: &CaseId, what: Attention, hours: Option<u32>) -> Outcome<Draft> {
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
    pub fn decline(&self, id: &CaseId) -> Outcome<Draft> {
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
                let draft = member.draft(id, member.sign(&erased)?, None)?;
                Some(self.file(&draft).await?)
            }
            Err(not_now) if matches!(not_now.why, Why::Done { .. }) => None,
            Err(not_now) => return Err(Failure::not_now(not_now)),
        };
        let (delivery, files) = self.files_of(id)?;
        let form = DeleteForm {
            v: Version,
            origin: self.member.log.root().origin.clone(),
            files,
            records: Vec::new(),
        };
        let call = Call::post(
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

    /// Writes to her: a record to her inbox, and no act (§9.4). It is kept before it is sent: the same text again, while
    /// nobody has answered, is the same message. `even_so`: although it asks for what nobody should ask her for.
    ///
    /// # Errors
    /// [`crate::Local::AsksHer`], with the kinds; [`crate::Local::StatementRule`]; what the service says; the network; the store.
    pub async fn write(&mut self, id: &CaseId, text: &str, even_so: bool) -> Outcome<Digest> {
        let asked: Vec<&str> = asks(text).into_iter().map(Asks::name).collect();
        if !even_so && !asked.is_empty() {
            return Err(Failure::new(Local::AsksHer).about("asks", asked));
        }
        let held = self.member.case(id)?;
        let written = self.written(id)?;
        let statement = match self.unsent(id, written, text)? {
            Some(statement) => statement,
            None => {
                let today = Day::of(self.member.wire.now());
                let n = written
                    .saturating_add(1)
                    .max(first_of(&today, self.member.random.clone().next_u32()));
                let message = Message {
                    v: Version,
                    origin: self.member.log.root().origin.clone(),
                    nonce: self.member.head().nonce,
                    day: today,
                    case: Some(*id),
                    x: self.member.x.get(),
                    n,
                    text: text.to_owned(),
                };
                let statement = self.member.sign(&message)?;
                self.member.keep_sealed(&message_name(id, n), statement.bytes())?;
                statement
            }
        };
        let inbox = held.inbox().clone();
        let keep = held.core.policy.inbox_days;
        let bucket = self.member.log.registry().bucket(&inbox);
        let files: Vec<(Digest, Vec<u8>)> = self
            .member
            .sealed(&inbox, &statement)?
            .into_iter()
            .map(|file| (Digest::of(&file), file))
            .collect();
        let form = RecordsForm {
            v: Version,
            origin: self.member.log.root().origin.clone(),
            records: files
                .iter()
                .map(|(digest, _)| RecordRef {
                    bucket: bucket.clone(),
                    keep,
                    digest: *digest,
                })
                .collect(),
        };
        let parts = files.iter().map(|(digest, bytes)| Part { digest: *digest, bytes });
        self.member
            .signed(work::form("/api/v1/records", "records", &form, parts))
            .await?;
        let n = self.written(id)?;
        self.member.store.write(&format!("{}.sent", message_name(id, n)), b"")?;
        Ok(statement.digest())
    }

    /// How many messages this seat has written on a case.
    fn written(&self, id: &CaseId) -> Outcome<u32> {
        let names = self.member.store.names(&format!("{}/{MESSAGES}", folder(id)))?;
        let numbers = names
            .iter()
            .filter_map(|name| name.strip_suffix(".age")?.parse::<u32>().ok());
        Ok(numbers.max().unwrap_or(0))
    }

    /// The newest message, if nobody has answered it and it says the same.
    fn unsent(&self, id: &CaseId, n: u32, text: &str) -> Outcome<Option<Envelope>> {
        let (name, store) = (message_name(id, n), &self.member.store);
        if n == 0 || store.read(&format!("{name}.sent"))?.is_some() {
            return Ok(None);
        }
        let kept = store
            .read(&name)?
            .and_then(|file| age::open(self.member.keys.identity(), &file).ok());
        let statement = kept.and_then(|bytes| Envelope::parse(&bytes).ok());
        let is_same = |statement: &Envelope| {
            statement
                .unverified::<Message>()
                .is_ok_and(|message| message.text == text)
        };
        Ok(statement.filter(is_same))
    }

    /// Her first message, while this seat has not written it and it is near (§9.4).
    pub fn first_message(&self, id: &CaseId, at: u64) -> Option<Task> {
        let held = self.member.case(id).ok()?;
        let due = first_message(&held.case, at)?;
        (self.written(id).ok()? == 0).then_some(due)
    }
}

/// The least counter of a message that is written on a day: a page forgets what it wrote in an earlier visit, and a counter
/// that stood before would not be shown. It tells the day, as the message does, and no time.
fn first_of(day: &Day, drawn: u32) -> u32 {
    let days = u32::try_from(day.start() / DAY_S).unwrap_or(u32::MAX);
    days.saturating_mul(MESSAGES_A_DAY)
        .saturating_add(drawn % (MESSAGES_A_DAY / 2))
}

fn message_name(id: &CaseId, n: u32) -> String {
    format!("{}/{MESSAGES}/{n}.age", folder(id))
}
