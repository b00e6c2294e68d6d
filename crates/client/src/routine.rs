//! The daily routine: what follows from the rules alone, so that nobody need judge it. Nothing here grants, refuses, objects or
//! releases, and only what this seat has said that it destroyed is destroyed. A reader's routine is to publish what is due.

use casework::Filed;
use casework::view::Task;
use protocol::statement::{Check, Holds, Twin};
use protocol::{CaseId, Digest};
use serde::Serialize;

use crate::docket::HeldTwin;
use crate::failure::{Code, Failure, Local, Outcome};
use crate::member::Member;
use crate::reader::Reader;
use crate::seat::{Checked, Seat};

/// One thing that the routine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum RoutineStep {
    /// Says that this seat holds its share of a case, which passed the checks (§7).
    Ack {
        /// The case.
        case: CaseId,
    },
    /// Tells the other seats of a delivery that failed a check (§7).
    Reject {
        /// The delivery.
        delivery: Digest,
        /// The check.
        check: Check,
    },
    /// Files what came in an office cell (§9.3).
    Take {
        /// The case.
        case: CaseId,
        /// Name of the statement.
        name: &'static str,
        /// The statement.
        statement: Digest,
    },
    /// Destroys here what this seat has said in the log that it destroyed (§9.6): with another copy of what it keeps, or cut
    /// off on the way.
    Destroy {
        /// The case.
        case: CaseId,
    },
    /// Publishes a twin that is due, whoever made it (§10.1).
    Publish {
        /// What it says.
        twin: Twin,
        /// D of it.
        statement: Digest,
    },
}

/// What came of a step: its promise, where it has one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performed {
    /// The step.
    pub step: RoutineStep,
    /// What came of it.
    pub outcome: Outcome<Option<Filed>>,
}

impl Seat {
    /// What the routine would do now, in its order, from what was read last; nothing is sent.
    ///
    /// # Errors
    /// What [`crate::Log::moment_of_any_age`] may say.
    pub fn routine(&self) -> Outcome<Vec<RoutineStep>> {
        let acks = self.to_acknowledge()?.into_iter().map(|case| RoutineStep::Ack { case });
        let rejections = self.deliveries().filter_map(|(id, checked)| match checked {
            Checked::Failed(rejected) => Some(RoutineStep::Reject {
                delivery: *id,
                check: rejected.check,
            }),
            _ => None,
        });
        let cells = self.to_take().into_iter().map(|offered| RoutineStep::Take {
            case: offered.case,
            name: offered.name,
            statement: offered.statement,
        });
        let (x, cases) = (self.member.x, self.member.cases());
        let destroyed = cases.filter(|held| held.case.erasure().erased_by(x).is_some());
        let destroyed = destroyed.map(|held| RoutineStep::Destroy { case: held.case.id() });
        let mut steps: Vec<RoutineStep> = acks.chain(rejections).chain(cells).chain(destroyed).collect();
        steps.extend(publications(&self.member)?);
        Ok(steps)
    }

    /// Cases whose share passed the checks and is neither acknowledged nor promised to be.
    fn to_acknowledge(&self) -> Outcome<Vec<CaseId>> {
        let (moment, _) = self.member.log.moment_of_any_age()?;
        let owes = |case: &CaseId| {
            self.member.case(case).is_ok_and(|held| {
                let mut tasks = self.tasks(held, &moment).into_iter();
                tasks.any(|task| matches!(task, Task::Ack { .. }) && !self.member.is_sent(case, &task))
            })
        };
        Ok(self.member.cases.keys().copied().filter(owes).collect())
    }

    /// Does steps of the routine, one after another; `holds`: what this seat keeps of a case. One that fails keeps no other
    /// from being done, unless the network or the disk is away: the rest is then left out of what comes back.
    ///
    /// # Errors
    /// The store, before anything is sent.
    pub async fn perform(
        &mut self,
        steps: &[RoutineStep],
        holds: impl Fn(&CaseId) -> Holds,
    ) -> Outcome<Vec<Performed>> {
        self.put_away_acknowledged()?;
        let due = self.member.due_of(steps);
        let one = async |seat: &mut Self, step: &RoutineStep| seat.perform_one(step, &due, &holds).await;
        Ok(each(self, steps, one).await)
    }

    async fn perform_one(
        &mut self,
        step: &RoutineStep,
        due: &Outcome<Vec<HeldTwin>>,
        holds: &impl Fn(&CaseId) -> Holds,
    ) -> Outcome<Option<Filed>> {
        match step {
            RoutineStep::Ack { case } => self.acknowledge(case, holds(case)).await,
            RoutineStep::Reject { delivery, .. } => {
                let rejection = self.reject(delivery)?;
                self.tell(&rejection).await.map(|()| None)
            }
            RoutineStep::Take { statement, .. } => {
                let taken = self.take(statement).await?;
                Ok(taken.map(|taken| taken.filed))
            }
            RoutineStep::Destroy { case } => self.erase(case).await,
            RoutineStep::Publish { statement, .. } => self.member.publish_due(due, statement).await.map(|()| None),
        }
    }

    /// Acknowledges a share that passed the checks and was kept; `None` where it is acknowledged already.
    ///
    /// # Errors
    /// A rule of the log; as [`Seat::file`].
    pub async fn acknowledge(&mut self, case: &CaseId, holds: Holds) -> Outcome<Option<Filed>> {
        match self.ack(case, holds) {
            Ok(draft) => self.file(&draft).await.map(Some),
            Err(failure) if failure.code.is_done() => self.mark_acknowledged(case).map(|()| None),
            Err(failure) => Err(failure),
        }
    }

    /// Puts away deliveries whose case was acknowledged before this seat was cut off.
    fn put_away_acknowledged(&self) -> Outcome<()> {
        let due = self.to_acknowledge()?;
        let holds = self.deliveries().filter_map(|(_, checked)| match checked {
            Checked::Holds(case) => Some(*case),
            _ => None,
        });
        let done: Vec<CaseId> = holds.filter(|case| !due.contains(case)).collect();
        done.iter().try_for_each(|case| self.mark_acknowledged(case))
    }
}

impl Reader {
    /// What the routine would do now; nothing is sent.
    ///
    /// # Errors
    /// As [`Member::due_twins`].
    pub fn routine(&self) -> Outcome<Vec<RoutineStep>> {
        publications(&self.member)
    }

    /// Does steps of the routine, one after another, as [`Seat::perform`] does.
    pub async fn perform(&mut self, steps: &[RoutineStep]) -> Vec<Performed> {
        let due = self.member.due_of(steps);
        let one = async |reader: &mut Self, step: &RoutineStep| match step {
            RoutineStep::Publish { statement, .. } => reader.member.publish_due(&due, statement).await.map(|()| None),
            _ => Err(Failure::bug("a reader does a seat's routine")),
        };
        each(self, steps, one).await
    }
}

impl Member {
    /// What is due of the docket, computed once for all steps that publish some of it.
    fn due_of(&self, steps: &[RoutineStep]) -> Outcome<Vec<HeldTwin>> {
        match steps.iter().any(|step| matches!(step, RoutineStep::Publish { .. })) {
            true => self.due_twins(),
            false => Ok(Vec::new()),
        }
    }
}

/// What is due of the docket.
fn publications(member: &Member) -> Outcome<Vec<RoutineStep>> {
    let due = member.due_twins()?.into_iter();
    let steps = due.map(|held| RoutineStep::Publish {
        twin: held.twin,
        statement: held.digest,
    });
    Ok(steps.collect())
}

/// Does steps until the network or the disk is away.
async fn each<O>(
    office: &mut O,
    steps: &[RoutineStep],
    one: impl AsyncFn(&mut O, &RoutineStep) -> Outcome<Option<Filed>>,
) -> Vec<Performed> {
    let mut performed = Vec::new();
    for step in steps {
        let outcome = one(office, step).await;
        let is_away = outcome.as_ref().is_err_and(is_away);
        performed.push(Performed {
            step: step.clone(),
            outcome,
        });
        if is_away {
            break;
        }
    }
    performed
}

/// Whether trying the next thing would fail likewise.
fn is_away(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::Local(Local::Unreachable | Local::Server | Local::Store)
    )
}
