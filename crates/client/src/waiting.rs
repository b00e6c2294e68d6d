//! What waits for a key, in one place for whoever shows it or tells that something is there.

use casework::view::{Task, first_referral, reader_queue, seat_queue};
use casework::{FollowedCase, LogTime};
use protocol::statement::Payload as _;
use protocol::statement::{Ack, Aid, Attended, Decision, Finding, Lapse, Opened, Referral, Release, Request};
use protocol::{CaseId, Digest};
use serde_json::Value;

use crate::failure::Outcome;
use crate::member::Member;
use crate::reader::{OwnRequest, Reader};
use crate::seat::Seat;

/// What makes a task the same as it was at another time, beside its case. Being overdue is new.
const SAME: [&str; 8] = [
    "task",
    "request",
    "index",
    "x",
    "measure",
    "provider",
    "check",
    "is_overdue",
];

/// Something that the holder of a key should see to: not what the daily routine does by itself, not what was done and only
/// waits for its step of the log, and not what only waits for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The same as long as it is the same thing. Whoever knows a case can make its names: they are kept sealed.
    pub name: Digest,
    /// By when it is due, POSIX seconds.
    pub by: Option<u64>,
    /// It has passed.
    pub is_overdue: bool,
    /// Somebody is in danger, or the request says so.
    pub is_urgent: bool,
}

impl Waiting {
    fn of(held: &FollowedCase, task: &Task) -> Self {
        let asks_urgently = request_of(task)
            .and_then(|request| held.case.request(request))
            .is_some_and(|state| state.request.urgent);
        let said = serde_json::to_value(task).unwrap_or_default();
        let same = SAME.map(|field| said.get(field).unwrap_or(&Value::Null).to_string());
        Self {
            name: name(&held.case.id(), &same.join(" ")),
            by: task.by(),
            is_overdue: task.is_overdue(),
            is_urgent: held.flags.danger || asks_urgently || task.danger_by().is_some(),
        }
    }
}

fn name(case: &CaseId, what: &str) -> Digest {
    Digest::of(format!("{case} {what}").as_bytes())
}

/// The request that a task is about.
fn request_of(task: &Task) -> Option<&Digest> {
    match task {
        Task::Decide { request, .. }
        | Task::Release { request, .. }
        | Task::Wait { request, .. }
        | Task::Open { request, .. }
        | Task::Finding { request, .. }
        | Task::Aid { request, .. }
        | Task::Pending { request, .. } => Some(request),
        _ => None,
    }
}

impl Member {
    /// Whether what a task asks for is promised already and only waits for its step of the log.
    pub fn is_sent(&self, case: &CaseId, task: &Task) -> bool {
        let about = request_of(task).map(Digest::to_hex).unwrap_or_default();
        let (name, about) = match task {
            Task::Danger { .. } => (Attended::NAME, about),
            Task::Inquire { .. } => (Lapse::NAME, "inquiry".to_owned()),
            Task::Lapse { .. } => (Lapse::NAME, "decide".to_owned()),
            Task::Ack { .. } => (Ack::NAME, about),
            Task::Refer { .. } => (Referral::NAME, about),
            Task::Decide { .. } => (Decision::NAME, about),
            Task::Release { .. } | Task::Wait { .. } => (Release::NAME, about),
            Task::Open { .. } => (Opened::NAME, about),
            Task::Finding { .. } => (Finding::NAME, about),
            Task::Aid { measure, provider, .. } => (Aid::NAME, format!("{about} {measure} {provider}")),
            _ => return false,
        };
        let mut pending = self.pending.iter();
        pending.any(|pending| pending.case == *case && pending.act.is(name, &about))
    }

    fn waiting(&self, tasks: impl Fn(&FollowedCase) -> Vec<Task>) -> Vec<Waiting> {
        let of_case = |held: &FollowedCase| {
            let open = tasks(held).into_iter();
            let open = open.filter(|task| task.needs_holder() && !self.is_sent(&held.case.id(), task));
            open.map(|task| Waiting::of(held, &task)).collect::<Vec<_>>()
        };
        self.cases.values().flat_map(of_case).collect()
    }
}

impl Seat {
    /// What waits for this seat on a case.
    pub fn tasks(&self, held: &FollowedCase, moment: &LogTime) -> Vec<Task> {
        let registry = self.member.log.registry();
        let mut tasks = seat_queue(&held.case, &self.as_key(), moment, registry);
        tasks.extend(first_referral(&held.case, self.member.x, registry));
        tasks.extend(self.first_message(&held.case.id(), moment.time()));
        tasks
    }

    /// What its holder should see to on its cases.
    ///
    /// # Errors
    /// What [`crate::Log::moment_of_any_age`] may say.
    pub fn waiting(&self) -> Outcome<Vec<Waiting>> {
        let (moment, _) = self.member.log.moment_of_any_age()?;
        Ok(self.member.waiting(|held| self.tasks(held, &moment)))
    }

    /// Questions without a filing, as what its holder should see to: for whoever keeps what was answered.
    pub fn waiting_asks(&self) -> Vec<Waiting> {
        let asks = self.asks().into_iter();
        asks.map(|ask| Waiting {
            name: ask.statement,
            by: None,
            is_overdue: false,
            is_urgent: false,
        })
        .collect()
    }
}

impl Reader {
    /// What waits for this reader on a case.
    pub fn tasks(&self, held: &FollowedCase, moment: &LogTime) -> Vec<Task> {
        reader_queue(&held.case, self.member.x, moment)
    }

    /// What its holder should see to, cases referred to it that it has not asked for among it.
    ///
    /// # Errors
    /// What [`crate::Log::moment_of_any_age`] may say.
    pub fn waiting(&self) -> Outcome<Vec<Waiting>> {
        let (moment, _) = self.member.log.moment_of_any_age()?;
        let mut waiting = self.member.waiting(|held| self.tasks(held, &moment));
        let plain = |case: &CaseId, what: &str, by| Waiting {
            name: name(case, what),
            by,
            is_overdue: false,
            is_urgent: false,
        };
        for id in self.referred.keys().filter(|id| !self.member.cases.contains_key(id)) {
            if !self.said.contains_key(id) && !self.requests.values().any(|own| own.request.case == *id) {
                waiting.push(plain(id, "referral", None));
            }
        }
        for (digest, own) in &self.requests {
            let case = &own.request.case;
            if !self.member.cases.contains_key(case) && self.is_released(own) {
                let released = plain(case, &format!("{} {digest}", Request::NAME), None);
                waiting.push(Waiting {
                    is_urgent: own.request.urgent,
                    ..released
                });
            }
        }
        Ok(waiting)
    }

    /// Whether enough seats have released some compartment that a request asks for.
    pub fn is_released(&self, own: &OwnRequest) -> bool {
        let council = self.member.log.registry().current();
        own.request.compartments.iter().any(|name| {
            let threshold = council.and_then(|council| council.threshold(*name));
            threshold.is_some_and(|threshold| own.released.seats(*name).len() >= usize::from(threshold))
        })
    }
}
