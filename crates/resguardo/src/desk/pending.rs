//! Acts that are promised and not in the log yet: run twice within a step, a verb gives the same promise again instead
//! of filing twice. An act whose answer never came goes out again as it was.

use super::Desk;
use super::act::Kept;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use casework::Filed;
use casework::slots::Drawn;
use protocol::statement::{Ack, Aid, Decision, Finding, Objection, Opened, Payload as _, Referral, Release, Vote};
use protocol::{CaseId, Digest, Envelope, age};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The list, under this member's own key.
const FILE: &str = "pending.age";
/// Acts that were sent without an answer, under this member's own key.
const UNANSWERED: &str = "unanswered.age";
/// After so many seconds no promise can stand for an act that is not in the log (§6.4).
const DEADLINE_S: u64 = 24 * 3600;
/// Largest list in bytes.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// An act that waits for its step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    case: CaseId,
    /// Statement's name and what it is about: nobody does this twice.
    act: String,
    /// What it says about that.
    says: String,
    filed: Filed,
}

/// An act that was sent, as it was sent: byte for byte the same, it is filed once.
#[derive(Serialize, Deserialize)]
pub(super) struct Unanswered {
    case: CaseId,
    act: String,
    says: String,
    /// POSIX seconds.
    sent: u64,
    /// The envelope's bytes.
    statement: Vec<u8>,
    records: Vec<Kept>,
    /// The slot in which it was sent last.
    drawn: Option<Drawn>,
}

impl Desk {
    /// The same act as it was sent before, if nobody has answered it.
    pub(super) fn unanswered(&self, case: &CaseId, statement: &Envelope) -> Option<(Envelope, Vec<Kept>)> {
        let (act, says) = describe(statement);
        let mut sent = self.unanswered.iter();
        let sent = sent.find(|sent| (sent.case, &sent.act, &sent.says) == (*case, &act, &says))?;
        Some((Envelope::parse(&sent.statement).ok()?, sent.records.clone()))
    }

    /// Keeps an act before it is sent.
    pub(super) fn keep_unanswered(&mut self, case: &CaseId, statement: &Envelope, records: &[Kept]) -> Outcome<()> {
        let (act, says) = describe(statement);
        self.unanswered.push(Unanswered {
            case: *case,
            act,
            says,
            sent: crate::clock::now(),
            statement: statement.bytes().to_vec(),
            records: records.to_vec(),
            drawn: None,
        });
        self.save(UNANSWERED, &self.unanswered)
    }

    /// The slot in which a statement was sent last, if nobody has answered.
    pub(super) fn sent_in(&self, statement: &Envelope) -> Option<Drawn> {
        let mut sent = self.unanswered.iter();
        sent.find(|sent| sent.statement == statement.bytes())?.drawn
    }

    /// Keeps the slot in which a statement is about to be sent: sent again, it is the same form.
    pub(super) fn keep_sent_in(&mut self, statement: &Envelope, drawn: Drawn) -> Outcome<()> {
        for sent in &mut self.unanswered {
            if sent.statement == statement.bytes() {
                sent.drawn = Some(drawn);
            }
        }
        self.save(UNANSWERED, &self.unanswered)
    }

    /// Forgets an act that was answered.
    pub(super) fn forget_unanswered(&mut self, statement: &Envelope) -> Outcome<()> {
        self.unanswered.retain(|sent| sent.statement != statement.bytes());
        self.save(UNANSWERED, &self.unanswered)
    }

    /// The promise of the same act, if it waits for its step.
    ///
    /// # Errors
    /// Exit 4 when an act that says otherwise waits: of two, the first counts.
    pub(super) fn promised(&self, case: &CaseId, statement: &Envelope) -> Outcome<Option<Filed>> {
        let (act, says) = describe(statement);
        let same = |pending: &&Pending| pending.case == *case && pending.act == act;
        match self.pending.iter().find(same) {
            None => Ok(None),
            Some(pending) if pending.says == says => Ok(Some(pending.filed)),
            Some(pending) => Err(Failure::new(
                Exit::NotNow,
                "pending",
                "another word on this waits for its step of the log",
            )
            .why(format!("`{}` is promised, and of two the first counts", pending.says))
            .remedy("nothing was filed now")),
        }
    }

    /// A refusal, with what waits for its step on the same request: an act that is only promised does not count yet.
    pub(super) fn with_promised(&self, case: &CaseId, request: &Digest, refused: Failure) -> Failure {
        let name = request.to_hex();
        let waiting = self
            .pending
            .iter()
            .filter(|pending| pending.case == *case && pending.act.ends_with(&name));
        let waiting: Vec<&str> = waiting
            .filter_map(|pending| pending.act.split(' ').next())
            .map(|act| act.rsplit('/').next().unwrap_or(act))
            .collect();
        if waiting.is_empty() || refused.exit != Exit::NotNow {
            return refused;
        }
        let why = format!(
            "{}; promised by this key, and in the log after the next step: {}",
            refused.why,
            waiting.join(", ")
        );
        refused.why(why).remedy("run it again after the next step of the log")
    }

    /// Remembers an act that was promised.
    pub(super) fn remember(&mut self, case: &CaseId, statement: &Envelope, filed: Filed) -> Outcome<()> {
        let (act, says) = describe(statement);
        self.pending.push(Pending {
            case: *case,
            act,
            says,
            filed,
        });
        self.save_pending()
    }

    /// Slots of the acts on a case that wait.
    pub(super) fn pending_slots(&self, case: &CaseId) -> BTreeSet<u32> {
        let pending = self.pending.iter().filter(|pending| pending.case == *case);
        pending.map(|pending| pending.filed.k).collect()
    }

    /// Forgets what is in the log by now, and what was not kept by its deadline.
    pub(super) fn settle_pending(&mut self) -> Outcome<()> {
        let before = self.pending.len();
        let now = self.follow.latest()?.1.time();
        let cases = &self.cases;
        self.pending.retain(|pending| {
            let held = cases.get(&pending.case);
            pending.filed.deadline >= now && !held.is_some_and(|held| held.stands(&pending.filed.statement))
        });
        if self.pending.len() == before {
            Ok(())
        } else {
            self.save_pending()
        }
    }

    pub(super) fn load_pending(&mut self) -> Outcome<()> {
        self.pending = self.load(FILE)?;
        self.unanswered = self.load(UNANSWERED)?;
        let now = crate::clock::now();
        self.unanswered.retain(|sent| now <= sent.sent + DEADLINE_S);
        Ok(())
    }

    fn load<T: serde::de::DeserializeOwned>(&self, name: &str) -> Outcome<Vec<T>> {
        let Some(file) = disk::read_if_there(&self.folder.join(name), FILE_MAX)? else {
            return Ok(Vec::new());
        };
        // A list that does not open is of another key or damaged; the worst that follows is an act filed twice.
        let plain = age::open(self.keys.identity(), &file).ok();
        let list = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        Ok(list.unwrap_or_default())
    }

    fn save_pending(&self) -> Outcome<()> {
        self.save(FILE, &self.pending)
    }

    fn save<T: Serialize>(&self, name: &str, list: &[T]) -> Outcome<()> {
        let plain = serde_json::to_vec(list).map_err(|_| Failure::bug("a list that cannot be written"))?;
        let sealed = age::seal(&[&self.keys.identity().recipient()], &plain, &mut random::system());
        disk::write(&self.folder.join(name), &sealed, Access::Private)
    }
}

/// What a statement is about, and what it says about it. What came from others is about itself.
fn describe(statement: &Envelope) -> (String, String) {
    let named = |name: &str, about: &dyn std::fmt::Display| format!("{name} {about}");
    if let Ok(ack) = statement.unverified::<Ack>() {
        return (named(Ack::NAME, &crate::names::holds(ack.holds)), String::new());
    }
    if let Ok(referral) = statement.unverified::<Referral>() {
        return (named(Referral::NAME, &referral.reader), String::new());
    }
    if let Ok(decision) = statement.unverified::<Decision>() {
        let says = if decision.vote == Vote::Grant {
            "grant"
        } else {
            "refuse"
        };
        return (named(Decision::NAME, &decision.request), says.to_owned());
    }
    if let Ok(objection) = statement.unverified::<Objection>() {
        return (named(Objection::NAME, &objection.request), String::new());
    }
    if let Ok(release) = statement.unverified::<Release>() {
        return (named(Release::NAME, &release.request), String::new());
    }
    if let Ok(opened) = statement.unverified::<Opened>() {
        return (
            named(Opened::NAME, &opened.request),
            crate::names::outcome(opened.outcome).to_owned(),
        );
    }
    if let Ok(finding) = statement.unverified::<Finding>() {
        let about = format!("{} {}", finding.request, crate::names::outcome(finding.outcome));
        return (named(Finding::NAME, &about), String::new());
    }
    if let Ok(aid) = statement.unverified::<Aid>() {
        // Within a step the log's order is chance, and of two words the newest counts: the second waits for a step.
        let due = aid.due.map_or_else(String::new, |due| format!(", due {due}"));
        let about = format!("{} {} {}", aid.request, aid.measure, aid.provider);
        return (
            named(Aid::NAME, &about),
            format!("{}{due}", crate::names::aid_status(aid.status)),
        );
    }
    (named("statement", &statement.digest()), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::{Nonce, Origin, Version};
    use protocol::keys::MemberKeys;
    use protocol::statement::AidStatus;

    /// Within a step the log's order is chance: «accepted» right after «offered» could be read before it.
    #[test]
    fn a_further_word_on_a_measure_of_assistance_waits_for_the_step_of_the_first() {
        let keys = MemberKeys::draw(&mut random::system());
        let word = |status, due: Option<&str>| {
            let aid = Aid {
                v: Version,
                origin: Origin::new("demo.test/log").expect("an origin"),
                nonce: Nonce::draw(&mut random::system()),
                time: 1,
                case: CaseId([7; 16]),
                request: Digest([8; 32]),
                measure: "shelter".to_owned(),
                provider: "Refugio A".to_owned(),
                status,
                due: due.map(|due| protocol::Day::parse(due).expect("a day")),
            };
            describe(&Envelope::sign(&aid, &[keys.signing()]))
        };
        let first = word(AidStatus::Offered, None);
        assert_eq!(word(AidStatus::Offered, None), first, "said again, it is the same");
        for (act, says) in [
            word(AidStatus::Accepted, None),
            word(AidStatus::Offered, Some("2026-12-01")),
        ] {
            assert_eq!(act, first.0);
            assert_ne!(says, first.1);
        }
    }
}
