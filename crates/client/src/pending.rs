//! Acts that are promised and not in the log yet: done twice within a step, an act gives the same promise again instead
//! of being filed twice.

use std::collections::BTreeSet;

use casework::Filed;
use protocol::statement::{Ack, Aid, Decision, Finding, Objection, Opened, Payload as _, Referral, Release, Vote};
use protocol::{CaseId, Digest, Envelope};

use crate::desk::Desk;
use crate::failure::{Failure, Outcome};

/// An act that waits for its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub case: CaseId,
    /// Statement's name.
    pub name: &'static str,
    /// What it is about: nobody does this twice.
    about: String,
    /// What it says about that.
    says: String,
    pub filed: Filed,
}

impl Pending {
    /// The request that it is about, in hex, for those that are about one.
    pub fn about(&self) -> &str {
        &self.about
    }
}

impl Desk {
    /// The promise of the same act, if it waits for its step.
    ///
    /// # Errors
    /// `pending` when an act that says otherwise waits: of two, the first counts.
    pub(crate) fn promised(&self, case: &CaseId, statement: &Envelope) -> Outcome<Option<Filed>> {
        let (name, about, says) = describe(statement);
        let mut same = self.pending.iter();
        let same = same.find(|pending| pending.case == *case && pending.name == name && pending.about == about);
        match same {
            None => Ok(None),
            Some(pending) if pending.says == says => Ok(Some(pending.filed)),
            Some(_) => Err(Failure::new("pending")),
        }
    }

    /// Remembers an act that was promised.
    pub(crate) fn remember(&mut self, case: &CaseId, statement: &Envelope, filed: Filed) {
        let (name, about, says) = describe(statement);
        self.pending.push(Pending {
            case: *case,
            name,
            about,
            says,
            filed,
        });
    }

    /// Slots of the acts on a case that wait.
    pub(crate) fn pending_slots(&self, case: &CaseId) -> BTreeSet<u32> {
        let pending = self.pending.iter().filter(|pending| pending.case == *case);
        pending.map(|pending| pending.filed.k).collect()
    }

    /// Whether a statement on a case is in the log.
    pub(crate) fn is_logged(&self, case: &CaseId, statement: &Digest) -> bool {
        let held = self.cases.get(case);
        held.is_some_and(|held| held.stands(statement))
    }

    /// Forgets what is in the log by now, and what was not kept by its deadline.
    pub(crate) fn settle_pending(&mut self) -> Outcome<()> {
        let now = self.log.latest()?.1.time();
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|act| act.filed.deadline >= now && !self.is_logged(&act.case, &act.filed.statement));
        self.pending = pending;
        Ok(())
    }
}

/// A statement's name, what it is about, and what it says about that. What came from others is about itself.
fn describe(statement: &Envelope) -> (&'static str, String, String) {
    if let Ok(ack) = statement.unverified::<Ack>() {
        return (Ack::NAME, format!("{:?}", ack.holds), String::new());
    }
    if let Ok(referral) = statement.unverified::<Referral>() {
        return (Referral::NAME, referral.reader.to_string(), String::new());
    }
    if let Ok(decision) = statement.unverified::<Decision>() {
        let says = if decision.vote == Vote::Grant {
            "grant"
        } else {
            "refuse"
        };
        return (Decision::NAME, decision.request.to_hex(), says.to_owned());
    }
    if let Ok(objection) = statement.unverified::<Objection>() {
        return (Objection::NAME, objection.request.to_hex(), String::new());
    }
    if let Ok(release) = statement.unverified::<Release>() {
        return (Release::NAME, release.request.to_hex(), String::new());
    }
    if let Ok(opened) = statement.unverified::<Opened>() {
        let says = format!("{:?}", opened.outcome);
        return (Opened::NAME, opened.request.to_hex(), says);
    }
    if let Ok(finding) = statement.unverified::<Finding>() {
        // A further finding with another outcome is another act.
        let about = format!("{} {:?}", finding.request, finding.outcome);
        return (Finding::NAME, about, String::new());
    }
    if let Ok(aid) = statement.unverified::<Aid>() {
        let about = format!("{} {} {}", aid.request, aid.measure, aid.provider);
        return (Aid::NAME, about, format!("{:?} {:?}", aid.status, aid.due));
    }
    ("statement", statement.digest().to_hex(), String::new())
}
