//! What an act makes public: at once, weeks later, and in the numbers of a month (§6.1, §10). Computed from its statement, so that
//! every client says the same before it is signed.

use casework::Body;
use casework::clock::{DECIDE_S, FINDING_S};
use casework::docket::due;
use casework::twin::{TwinPlace, Twinned, twin_of};
use protocol::ids::{MemberNumber, Version};
use protocol::statement::{
    Ack, Attended, Count, Decision, DocketChoice, DocketId, Erased, Erasure, Finding, Objection, Opened, Payload as _,
    Reject, Request, Twin, TwinAct, TwinOutcome,
};
use protocol::week::Week;
use protocol::{CaseId, Day, Envelope};
use serde::Serialize;

use crate::failure::Outcome;
use crate::member::Member;

/// What the log shows at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtOnce {
    /// Closed entries, one or with the twin's two, of which nobody outside can tell whose they are or what they say.
    Closed,
    /// Nothing: it goes to other members in closed cells, and one of them files it.
    Nothing,
    /// Nothing: it goes to her inbox, as one of the closed records that are published each day whether somebody writes or not.
    Record,
}

/// What the docket shows of it, weeks later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "shows", rename_all = "kebab-case")]
pub enum InDocket {
    /// Nothing, ever: acts of this kind have no public half.
    NoTwin,
    /// Nothing: she chose numbers alone.
    NotChosen,
    /// The public half of it, which she chose; of a request only if she did, which a reader cannot know.
    Twin {
        /// Which act.
        act: TwinAct,
        /// What came of it.
        outcome: Option<TwinOutcome>,
        /// Its author.
        seat: MemberNumber,
        /// Its week.
        week: Week,
        /// The last day for what it calls for.
        due: Option<Day>,
        /// Whether the request is urgent.
        urgent: bool,
        /// Nothing of it is published before, POSIX seconds.
        from: u64,
        /// Whether the council has opened the docket; before, nothing is published.
        is_open: bool,
        /// Whether she is known to have chosen it.
        is_chosen: bool,
    },
}

/// What an act makes public. Never: the testimony, its code, its day, who she is, and texts and legal bases of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MadePublic {
    /// At once.
    pub at_once: AtOnce,
    /// The count of the month's duty reports in which it stands.
    pub counted: Option<Count>,
    /// The count in which it stands only where it came late.
    pub if_late: Option<Count>,
    /// Weeks later.
    pub docket: InDocket,
}

impl MadePublic {
    /// An acknowledgement.
    pub const ACK: Self = Self::without_twin(AtOnce::Closed, Some(Count::Acknowledged), Some(Count::AcksLate));
    /// The first message on a filing is counted where it comes late.
    pub const MESSAGE: Self = Self::without_twin(AtOnce::Record, None, Some(Count::MessagesLate));
    /// An answer to a question without a filing.
    pub const ANSWER: Self = Self::without_twin(AtOnce::Record, None, None);

    const fn without_twin(at_once: AtOnce, counted: Option<Count>, if_late: Option<Count>) -> Self {
        Self {
            at_once,
            counted,
            if_late,
            docket: InDocket::NoTwin,
        }
    }
}

/// Of an act that is told before there is a statement: what of it a twin would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToCome {
    /// A request.
    Request {
        /// Danger to life.
        urgent: bool,
    },
    /// What is opened now.
    Opening {
        /// Whether its request is urgent.
        urgent: bool,
        /// Last second for the grants of its request.
        decide_by: u64,
    },
    /// What this seat destroys.
    Erasing,
}

impl Member {
    /// What a statement on a case makes public.
    pub fn made_public(&self, case: &CaseId, statement: &Envelope) -> MadePublic {
        if let Some(body) = twinned(statement) {
            return self.of_body(case, &body);
        }
        match statement.name() {
            Some(Ack::NAME) => MadePublic::ACK,
            // It answers the delivery, as an acknowledgement does.
            Some(Reject::NAME) => MadePublic::without_twin(AtOnce::Nothing, None, Some(Count::AcksLate)),
            Some(Attended::NAME) => MadePublic::without_twin(AtOnce::Closed, None, Some(Count::DangerOverdue)),
            _ => MadePublic::without_twin(AtOnce::Closed, None, None),
        }
    }

    /// What an act makes public whose statement is not made yet.
    ///
    /// # Errors
    /// [`Local::CaseUnknown`](crate::Local::CaseUnknown).
    pub fn will_make_public(&self, case: &CaseId, act: ToCome) -> Outcome<MadePublic> {
        let head = self.head();
        let week = Week::of(head.time);
        let twin = |act, outcome, due_s: u64, urgent| Twin {
            v: Version,
            origin: head.origin.clone(),
            nonce: head.nonce,
            time: week.start(),
            docket: NO_DOCKET,
            n: 0,
            act,
            seat: self.x,
            urgent,
            week,
            due: Some(Day::of(head.time.saturating_add(due_s))),
            outcome,
            prev: None,
        };
        Ok(match act {
            ToCome::Request { urgent } => self.of_twin(case, &twin(TwinAct::Request, None, DECIDE_S, urgent), None),
            ToCome::Opening { urgent, decide_by } => {
                let twin = twin(TwinAct::Opened, Some(TwinOutcome::Opened), FINDING_S, urgent);
                self.of_twin(case, &twin, Some(decide_by))
            }
            ToCome::Erasing => {
                let erased = head.erased(&self.case(case)?.case, self.x, Erasure::Share);
                self.of_body(case, &Body::Erased(erased))
            }
        })
    }

    /// Of an act that has a twin. Which docket that stands in, and its nonce, are none of what it says.
    fn of_body(&self, case: &CaseId, body: &Body) -> MadePublic {
        let (origin, nonce) = (&self.log.root().origin, self.head().nonce);
        let request = match body {
            Body::Decision(decision) => Some(decision.request),
            Body::Objection(objection) => Some(objection.request),
            Body::Opened(opened) => Some(opened.request),
            Body::Finding(finding) => Some(finding.request),
            _ => None,
        };
        let held = self.cases.get(case);
        let state = request.and_then(|request| held?.case.request(&request));
        let is_urgent = state.is_some_and(|state| state.request.urgent);
        let twin = twin_of(body, self.x, is_urgent, origin, nonce, TwinPlace::first(NO_DOCKET));
        match twin {
            Some(twin) => self.of_twin(case, &twin, state.map(|state| state.request.decide_by)),
            None => MadePublic::without_twin(AtOnce::Closed, None, None),
        }
    }

    /// `decide_by`: of the request that the act is on; nothing of it is published before that one.
    fn of_twin(&self, case: &CaseId, twin: &Twin, decide_by: Option<u64>) -> MadePublic {
        // A reader knows her choice only of a case that it can read.
        let choice = self.cases.get(case).map(|held| held.core.policy.docket);
        let (counted, if_late) = match twin.act {
            TwinAct::Decision => (Some(Count::Decided), Some(Count::DecisionsOverdue)),
            TwinAct::Opened | TwinAct::Finding => (None, Some(Count::FindingsOverdue)),
            TwinAct::Erased => (None, Some(Count::ErasedOverdue)),
            TwinAct::Request | TwinAct::Objection => (None, None),
        };
        let after_request = decide_by.map_or(0, |by| Week::of(Day::of(by).start()).end());
        MadePublic {
            at_once: match twin.act {
                TwinAct::Request => AtOnce::Nothing,
                _ => AtOnce::Closed,
            },
            counted,
            if_late,
            docket: match choice {
                Some(DocketChoice::CountsOnly) => InDocket::NotChosen,
                _ => InDocket::Twin {
                    act: twin.act,
                    outcome: twin.outcome,
                    seat: twin.seat,
                    week: twin.week,
                    due: twin.due,
                    urgent: twin.urgent,
                    from: due(twin).max(after_request),
                    is_open: self.log.registry().docket_open().is_some(),
                    is_chosen: choice.is_some(),
                },
            },
        }
    }
}

/// In place of a docket that is not drawn yet.
const NO_DOCKET: DocketId = DocketId([0; DocketId::LEN]);

/// The statement as an act, where acts of its kind have a twin.
fn twinned(statement: &Envelope) -> Option<Body> {
    fn read<P: Twinned>(statement: &Envelope) -> Option<Body> {
        statement.unverified::<P>().ok().map(P::into_body)
    }
    read::<Request>(statement)
        .or_else(|| read::<Decision>(statement))
        .or_else(|| read::<Objection>(statement))
        .or_else(|| read::<Opened>(statement))
        .or_else(|| read::<Finding>(statement))
        .or_else(|| read::<Erased>(statement))
}
