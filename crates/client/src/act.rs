//! An act on a case: what it is, as it is sent, and as it waits for its step.

use casework::slots::Drawn;
use casework::{DeclarantAct, Filed};
use protocol::drop::BucketName;
use protocol::statement::{
    Ack, Aid, Attended, Decision, Decline, Erased, Finding, Lapse, Objection, Opened, OpeningOutcome, Payload as _,
    Referral, Release,
};
use protocol::{CaseId, Digest, Envelope};
use serde::{Deserialize, Serialize};

/// Name under which statements of hers wait that this seat has filed for her.
pub(crate) const HERS: &str = "hers";

/// A record with its bucket and its keep class.
pub(crate) type BucketRecord = (BucketName, u32, Vec<u8>);

/// A statement, and its twin where it has one (§10.1): they travel together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedStatement {
    pub(crate) statement: Envelope,
    pub(crate) twin: Option<Envelope>,
}

impl From<Envelope> for SignedStatement {
    fn from(statement: Envelope) -> Self {
        let twin = None;
        Self { statement, twin }
    }
}

/// A statement for a slot of a case, signed, with its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAct {
    pub(crate) case: CaseId,
    pub(crate) statement: Envelope,
    pub(crate) records: Vec<BucketRecord>,
    /// What commits to its twin, where the log does not yet.
    pub(crate) twin_entry: Option<Vec<u8>>,
}

impl SignedAct {
    /// The case.
    pub fn case(&self) -> &CaseId {
        &self.case
    }

    /// The statement.
    pub fn statement(&self) -> &Envelope {
        &self.statement
    }
}

/// ActId an act is: nobody does this twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActId {
    /// The statement's name.
    pub name: String,
    /// ActId it is about: of a request its digest in hex, first, for those that are about one.
    pub about: String,
    /// ActId it says about that.
    pub(crate) says: String,
}

/// An act that waits for its step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// On which case.
    pub case: CaseId,
    /// Which.
    pub act: ActId,
    /// Its promise.
    pub filed: Filed,
}

/// An act that was sent, as it was sent: byte for byte the same, it is filed once.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unanswered {
    pub(crate) case: CaseId,
    pub(crate) act: ActId,
    /// POSIX seconds.
    pub(crate) sent_at: u64,
    /// The envelope's bytes.
    pub(crate) statement: Vec<u8>,
    pub(crate) records: Vec<BucketRecord>,
    /// What commits to its twin.
    #[serde(default)]
    pub(crate) twin_entry: Option<Vec<u8>>,
    /// The slot in which it was sent last.
    pub(crate) drawn: Option<Drawn>,
}

impl ActId {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.about) == (&other.name, &other.about)
    }

    /// ActId a finding on this request says; `None` for any other act.
    pub(crate) fn found(&self, request: &Digest) -> Option<OpeningOutcome> {
        let said = self.about.strip_prefix(&request.to_hex())?.strip_prefix(' ')?;
        let is_finding = self.name == Finding::NAME;
        serde_json::from_value(said.into()).ok().filter(|_| is_finding)
    }

    /// Whether both have twins in one docket.
    pub(crate) fn shares_docket(&self, other: &Self) -> bool {
        const TWINNED: [&str; 4] = [Decision::NAME, Objection::NAME, Opened::NAME, Finding::NAME];
        let request = |act: &Self| act.about.get(..2 * Digest::LEN).map(str::to_owned);
        let is_on_request = |act: &Self| TWINNED.contains(&act.name.as_str());
        is_on_request(self) && is_on_request(other) && request(self) == request(other)
    }

    /// Whether it is the act `name` about something that begins so.
    pub fn is(&self, name: &str, about: &str) -> bool {
        self.name == name && self.about.starts_with(about)
    }
}

/// ActId a statement is about, and what it says about it. ActId came from others is about itself.
pub(crate) fn describe(statement: &Envelope) -> ActId {
    let what = |name: &str, about: String, says: String| ActId {
        name: name.to_owned(),
        about,
        says,
    };
    if let Ok(ack) = statement.unverified::<Ack>() {
        return what(Ack::NAME, word(ack.holds), String::new());
    }
    if let Ok(referral) = statement.unverified::<Referral>() {
        return what(Referral::NAME, referral.reader.to_string(), String::new());
    }
    if let Ok(decision) = statement.unverified::<Decision>() {
        let parts = [("grants", &decision.grants), ("refuses", &decision.refuses)];
        let says = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let says = says.map(|(verb, names)| {
            format!(
                "{verb} {}",
                names.iter().map(|name| word(*name)).collect::<Vec<_>>().join(" and ")
            )
        });
        return what(
            Decision::NAME,
            decision.request.to_hex(),
            says.collect::<Vec<_>>().join(", "),
        );
    }
    if let Ok(objection) = statement.unverified::<Objection>() {
        return what(Objection::NAME, objection.request.to_hex(), String::new());
    }
    if let Ok(release) = statement.unverified::<Release>() {
        return what(Release::NAME, release.request.to_hex(), String::new());
    }
    if let Ok(opened) = statement.unverified::<Opened>() {
        return what(Opened::NAME, opened.request.to_hex(), word(opened.outcome));
    }
    if let Ok(finding) = statement.unverified::<Finding>() {
        // A further finding with another outcome is another act.
        let about = format!("{} {}", finding.request, word(finding.outcome));
        return what(Finding::NAME, about, String::new());
    }
    if let Ok(aid) = statement.unverified::<Aid>() {
        // Within a step the log's order is chance, and of two statements the newest counts: the second waits for a step.
        let about = format!("{} {} {}", aid.request, aid.measure, aid.provider);
        let due = aid.due.map_or_else(String::new, |due| format!(", due {due}"));
        return what(Aid::NAME, about, format!("{}{due}", word(aid.status)));
    }
    if let Ok(attended) = statement.unverified::<Attended>() {
        // As with assistance: the newest counts, so the second waits for a step.
        let until = attended
            .until
            .map_or_else(String::new, |until| format!(", until {until}"));
        let says = format!("{}{until}", word(attended.what));
        return what(Attended::NAME, String::new(), says);
    }
    if let Ok(lapse) = statement.unverified::<Lapse>() {
        return what(Lapse::NAME, word(lapse.step), String::new());
    }
    if let Ok(erased) = statement.unverified::<Erased>() {
        return what(Erased::NAME, String::new(), word(erased.what));
    }
    if statement.unverified::<Decline>().is_ok() {
        return what(Decline::NAME, String::new(), String::new());
    }
    if DeclarantAct::read(statement, None).is_some() {
        return what(HERS, statement.digest().to_hex(), String::new());
    }
    what("statement", statement.digest().to_hex(), String::new())
}

/// A value of a closed list as the statement writes it.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use protocol::ids::{Nonce, Origin, Version};
    use protocol::keys::MemberKeys;
    use protocol::statement::AidStatus;

    /// Within a step the log's order is chance: «accepted» right after «offered» could be read before it.
    #[test]
    fn a_further_statement_on_a_measure_of_assistance_waits_for_the_step_of_the_first() {
        let keys = MemberKeys::draw(&mut Random::default());
        let said = |status, due: Option<&str>| {
            let aid = Aid {
                v: Version,
                origin: Origin::new("demo.test/log").expect("an origin"),
                nonce: Nonce::draw(&mut Random::default()),
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
        let first = said(AidStatus::Offered, None);
        assert_eq!(said(AidStatus::Offered, None), first, "said again, it is the same");
        for further in [
            said(AidStatus::Accepted, None),
            said(AidStatus::Offered, Some("2026-12-01")),
        ] {
            assert!(further.is_same(&first));
            assert_ne!(further, first);
        }
    }
}
