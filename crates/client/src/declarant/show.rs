//! What she is shown: typed, in no human language.

use casework::case::{Act, Body, Standing};
use casework::view::Answer;
use casework::{Case, Registry, RequestState, RequestStatus, admit};
use protocol::{CaseId, Digest, MemberNumber};
use serde::Serialize;

use super::sent::Sent;
use super::{Declarant, Own};

/// Everything that the eight words show.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The log's time, POSIX seconds; `None` before its first checkpoint.
    pub time: Option<u64>,
    /// When what others do shows next, and the seconds between two such times.
    pub next_publication: Option<u64>,
    /// As above.
    pub publication_s: Option<u64>,
    /// What is said where no filing shows: no entry yet, or a log that cannot be relied on.
    pub answer: Option<Answer>,
    /// With «no entry»: by when what was filed within 24 h is in the log at the latest.
    pub by: Option<u64>,
    /// The filings of the phrase, in their order.
    pub filings: Vec<FilingView>,
}

/// One filing.
#[derive(Clone, Debug, Serialize)]
pub struct FilingView {
    /// Case id.
    pub case: CaseId,
    /// Its code, for people.
    pub code: String,
    /// One of the four.
    pub answer: Answer,
    /// While too few seats show it: when to look again.
    pub look_again_at: Option<u64>,
    /// Last second at which a seat's acknowledgement is in time.
    pub acks_by: u64,
    /// Who holds a part, as acknowledged in the log. `None` while too few seats show what they hold.
    pub parts: Option<Parts>,
    /// All acts, in the order of the log, gaps and refused ones included.
    pub acts: Vec<ActView>,
    /// The requests, in the order of the log.
    pub requests: Vec<RequestView>,
    /// What she can do beside answering a request.
    pub can: Vec<Can>,
    /// What she sent and does not see among the acts yet.
    pub sent: Vec<Sent>,
}

/// The parts of a filing.
#[derive(Clone, Debug, Serialize)]
pub struct Parts {
    /// Members dealt to.
    pub of: Vec<Who>,
    /// Those that hold a good part, and say so.
    pub hold: Vec<MemberNumber>,
    /// Those that are late with saying so.
    pub late: Vec<MemberNumber>,
    /// How many suffice to open the account.
    pub need: u8,
}

/// An act.
#[derive(Clone, Debug, Serialize)]
pub struct ActView {
    /// Its index in the log.
    pub index: u64,
    /// When the log included it, POSIX seconds.
    pub at: u64,
    /// Who wrote it.
    pub who: Who,
    /// D of its statement, unless it is a gap.
    pub statement: Option<Digest>,
    /// Whether it counts, and why not.
    #[serde(flatten)]
    pub standing: Standing,
    /// What it says.
    pub body: Option<Body>,
}

/// Who wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum Who {
    /// She.
    She,
    /// A member of the council: never a free name.
    Member {
        /// Its number.
        x: MemberNumber,
        /// Its institution, by the newest council that has this number.
        institution: String,
        /// Whether the current council has it.
        is_current: bool,
    },
    /// Nobody can say.
    Unknown,
}

/// A request, and what she can answer.
#[derive(Clone, Debug, Serialize)]
pub struct RequestView {
    /// All of it.
    #[serde(flatten)]
    pub state: RequestState,
    /// Where it stands.
    #[serde(flatten)]
    pub status: RequestStatus,
    /// Who asks.
    pub reader: Who,
    /// What she can answer now.
    pub can: Vec<Can>,
}

/// What she can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Can {
    /// Object to a request.
    Object,
}

impl Declarant {
    /// Everything that the words show, as far as was read.
    pub fn view(&self) -> View {
        let time = self.log.latest().ok().map(|(_, trusted)| trusted.time());
        let next = time.and_then(|time| next_publication(self.log.registry(), time));
        let filed = self.cases.iter().filter(|own| self.is_filed(own));
        let filings: Vec<FilingView> = filed.map(|own| self.filing(own, time.unwrap_or(0))).collect();
        let none = filings.is_empty();
        let answer = self.not_verifiable().filter(|_| none);
        let answer = answer.or_else(|| self.cases.first().filter(|_| none).map(|own| self.answer(own)));
        let by = matches!(answer, Some(Answer::NoEntry { .. })).then(|| self.not_yet_until());
        View {
            time,
            next_publication: next.map(|(at, _)| at),
            publication_s: next.map(|(_, every)| every),
            answer,
            by,
            filings,
        }
    }

    fn is_filed(&self, own: &Own) -> bool {
        self.log.fold().slots().is_taken(&own.keys.case_salt, 0)
    }

    fn filing(&self, own: &Own, at: u64) -> FilingView {
        let registry = self.log.registry();
        let answer = self.answer(own);
        let case = own.case.as_ref().ok();
        let included_at = match &answer {
            Answer::Held { filed } | Answer::Withheld { filed, .. } => filed.included_at,
            _ => case.map_or(at, |case| case.filed().included_at),
        };
        let look_again_at = matches!(answer, Answer::Withheld { .. })
            .then(|| next_publication(registry, at))
            .flatten();
        FilingView {
            case: own.keys.id,
            code: own.keys.id.code(),
            look_again_at: look_again_at.map(|(next, _)| next),
            acks_by: included_at.saturating_add(casework::clock::ACK_S),
            parts: case.map(|case| parts(case, registry, at)),
            acts: case.map_or_else(Vec::new, |case| case.acts().map(|act| shown(act, registry)).collect()),
            requests: case.map_or_else(Vec::new, |case| self.requests(case, at)),
            can: Vec::new(),
            sent: self.sent_on(&own.keys.id),
            answer,
        }
    }

    fn requests(&self, case: &Case, at: u64) -> Vec<RequestView> {
        let registry = self.log.registry();
        let shown = |state: &RequestState| RequestView {
            status: state.status(at),
            reader: member(state.request.reader, registry),
            can: self.answers(case, &state.digest),
            state: state.clone(),
        };
        case.requests().iter().map(shown).collect()
    }

    /// What she can answer to a request now.
    fn answers(&self, case: &Case, request: &Digest) -> Vec<Can> {
        let Ok((moment, _)) = self.log.moment_of_any_age() else {
            return Vec::new();
        };
        let mut can = Vec::new();
        if admit::objection(case, request, None, &moment, self.log.registry()).is_ok() {
            can.push(Can::Object);
        }
        can
    }
}

/// When the seats are next given what waits for them, and what they did shows to her: POSIX seconds, and the seconds
/// between two.
fn next_publication(registry: &Registry, at: u64) -> Option<(u64, u64)> {
    let every = u64::from(registry.pace_at(at)?.delivery_s).max(1);
    Some(((at / every + 1) * every, every))
}

fn parts(case: &Case, registry: &Registry, at: u64) -> Parts {
    let facts = case.facts();
    let holders = case.acks().into_keys().filter(|x| case.holds_share(*x));
    Parts {
        of: facts.dealt.iter().map(|x| member(*x, registry)).collect(),
        hold: holders.collect(),
        late: case.late_acks(at),
        need: facts.account,
    }
}

fn shown(act: &Act, registry: &Registry) -> ActView {
    ActView {
        index: act.found.index,
        at: act.found.included_at,
        who: match (act.author, &act.body) {
            (Some(x), _) => member(x, registry),
            (None, Some(_)) => Who::She,
            (None, None) => Who::Unknown,
        },
        statement: act.statement,
        standing: act.standing.clone(),
        body: act.body.clone(),
    }
}

/// A member by its number, which no other ever has (§3).
fn member(x: MemberNumber, registry: &Registry) -> Who {
    let current = registry.current().and_then(|council| council.member(x));
    let newest = registry.councils().iter().rev().find_map(|council| council.member(x));
    newest.map_or(Who::Unknown, |found| Who::Member {
        x,
        institution: found.institution.clone(),
        is_current: current.is_some(),
    })
}
