//! Watching a log for everybody: what is wrong with it, and what is new and public in it (§6).
//!
//! A monitor remembers what it has seen. What contradicts that is proof against the operator: two checkpoints that the log
//! has signed. What only lags behind is said apart, for it may be over at the next look.

use casework::docket::{DocketFault, Dockets, Stage};
use casework::duty::{self, Duties, DutyFinding};
use casework::site::Sites;
use protocol::statement::DocketId;
use protocol::{Digest, MemberNumber, Month};
use serde::{Deserialize, Serialize};
use tlog::{Note, VerifierKey};

use crate::audit::{LastStep, StepFault, check_steps};
use crate::failure::{Failure, Local, Outcome};
use crate::log::{CosignersSaid, Log, Statement};
use crate::site::{SiteFault, SiteVerdict};
use crate::steps::claimed;
use crate::wire::Wire;

/// Seconds that a checkpoint may come after the step that it is due in (§6.3).
const LATE_S: u64 = 300;

/// Something is wrong with the log, or with how it is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Alarm {
    /// It has fewer entries than before.
    Rollback {
        /// Entries that were seen.
        seen: u64,
        /// Entries that are shown now.
        shown: u64,
    },
    /// It has other entries than before.
    Fork {
        /// Entries that were seen.
        seen: u64,
        /// Entries that are shown now.
        shown: u64,
    },
    /// What is shown of it does not verify.
    NotVerifiable {
        /// Why, in English.
        why: String,
    },
    /// A cosigner has signed more entries than are shown.
    Withheld {
        /// Entries that it has signed.
        signed: u64,
        /// Entries that are shown.
        shown: u64,
    },
    /// A public statement breaks a rule, or nobody shows it; it does not count.
    NotCounted {
        /// Its entry.
        index: u64,
        /// Its digest.
        digest: Digest,
        /// Why, in English.
        why: String,
    },
    /// Nothing was added at these steps.
    StoodStill {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// The newest checkpoint is older than a step and what it may be late.
    Late {
        /// Its time, POSIX seconds.
        since: u64,
    },
    /// Cosigners of the policy have not signed the newest checkpoint; the others suffice.
    CosignersAway {
        /// Their names.
        names: Vec<String>,
    },
    /// A seat's duty report is missing, late, or contradicted by another seat (§10.2): the log is in order, an institution is
    /// not.
    Duty {
        /// The seat's institution.
        institution: String,
        /// What.
        finding: DutyFinding,
    },
    /// What a published request called for was not there in time, and is owed (§10.3): the log is in order, an institution is
    /// not.
    Overdue {
        /// Of which request.
        docket: DocketId,
        /// What.
        stage: Stage,
        /// The last second that was in time, POSIX.
        by: u64,
        /// Who owes it.
        owe: Vec<OwingInstitution>,
        /// Who may be the cause instead: of an opening the seats that granted.
        perhaps: Vec<OwingInstitution>,
    },
    /// A member's twins contradict each other, or the log: both are signed.
    Docket {
        /// The member's institution.
        institution: String,
        /// What.
        fault: DocketFault,
    },
    /// The service serves something else than the newest `site` says (§14.2): the log is in order, what people load is not.
    Site {
        /// What.
        fault: SiteFault,
        /// Whether a statement that is on its way may yet explain it.
        waits: bool,
    },
    /// A step is wrong.
    #[serde(untagged)]
    Step(StepFault),
}

impl Alarm {
    /// Whether the log breaks its rules, rather than lags behind.
    pub fn is_breach(&self) -> bool {
        !matches!(
            self,
            Self::StoodStill { .. }
                | Self::Late { .. }
                | Self::CosignersAway { .. }
                | Self::Duty { .. }
                | Self::Overdue { .. }
                | Self::Docket { .. }
                | Self::Site { waits: true, .. }
        )
    }

    /// Whether an institution owes something, or contradicts itself, in a log that is in order.
    pub fn is_of_institution(&self) -> bool {
        matches!(self, Self::Duty { .. } | Self::Overdue { .. } | Self::Docket { .. })
    }
}

/// An institution that owes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwingInstitution {
    /// Its number.
    pub x: MemberNumber,
    /// Its name.
    pub institution: String,
}

/// What one look at the log has shown.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Entries.
    pub size: u64,
    /// Time of the newest checkpoint, POSIX seconds.
    pub time: u64,
    /// Checkpoints of steps that were verified.
    pub checkpoints: u64,
    /// What is wrong; what is proof comes first.
    pub alarms: Vec<Alarm>,
    /// Public statements since the look before.
    pub statements: Vec<Statement>,
    /// Two checkpoints that contradict each other, each signed by the log: the one that was seen, and the one that is shown.
    pub proof: Option<(Note, Note)>,
    /// What the next look goes on from. To be kept once the alarms were passed on.
    pub memory: MonitorState,
}

/// What a monitor remembers of its looks, beside what the log keeps in its store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorState {
    /// The last step that was checked.
    step: Option<LastStep>,
    /// Entries up to which public statements were told.
    statements: u64,
    /// Time of the checkpoint that was seen, POSIX seconds: duty reports that were due by then were looked for.
    time: u64,
}

/// Reads what is new and checks every step since the last look. The log keeps its own state.
///
/// # Errors
/// The network, the store. A log that does not verify is an alarm.
pub async fn look(log: &mut Log, wire: &Wire, memory: &MonitorState) -> Outcome<Look> {
    let before = log.latest().ok().map(|(note, _)| note.clone());
    if let Err(failure) = log.refresh(wire).await {
        return match failure.code == Local::LogNotVerifiable {
            true => contradiction(log, wire, before, failure, memory).await,
            false => Err(failure),
        };
    }
    let (note, trusted) = log.latest()?.clone();
    let (size, time) = (trusted.checkpoint().size, trusted.time());
    let steps = check_steps(log, wire, memory.step).await?;
    let mut alarms: Vec<Alarm> = steps.faults.into_iter().map(Alarm::Step).collect();
    if let CosignersSaid::Withheld { size: signed } = log.asked() {
        alarms.push(Alarm::Withheld { signed, shown: size });
    }
    let new = |index: u64| index >= memory.statements;
    alarms.extend(
        not_counted(log)
            .into_iter()
            .filter(|alarm| matches!(alarm, Alarm::NotCounted { index, .. } if new(*index))),
    );
    alarms.extend(duties(log, memory.time));
    let published = log.dockets(wire).await?;
    let refused = published.refused().iter().filter(|(index, ..)| new(*index));
    alarms.extend(refused.map(|(index, digest, why)| Alarm::NotCounted {
        index: *index,
        digest: *digest,
        why: why.to_string(),
    }));
    alarms.extend(dockets(log, &published, time));
    let runs = steps.stood_still.iter();
    alarms.extend(runs.map(|(first, last)| Alarm::StoodStill {
        first: *first,
        last: *last,
    }));
    let step_s = log.registry().pace().map_or(0, |pace| u64::from(pace.step_s));
    if wire.now() > time.saturating_add(2 * step_s + LATE_S) {
        alarms.push(Alarm::Late { since: time });
    }
    let names = away(log, &note);
    if !names.is_empty() {
        alarms.push(Alarm::CosignersAway { names });
    }
    Ok(Look {
        size,
        time,
        checkpoints: steps.checkpoints,
        statements: log.public_since(memory.statements),
        alarms,
        proof: None,
        memory: MonitorState {
            step: steps.end.or(memory.step),
            statements: size,
            time,
        },
    })
}

/// What a visit to the site has shown: what nothing will explain, then what still waits.
pub fn of_site(verdict: &SiteVerdict) -> Vec<Alarm> {
    let alarm = |waits: bool| {
        move |fault: &SiteFault| Alarm::Site {
            fault: fault.clone(),
            waits,
        }
    };
    let waiting = verdict.waiting.iter().flat_map(|unexplained| &unexplained.faults);
    let waiting = waiting.filter(|fault| !verdict.certain.contains(fault));
    verdict
        .certain
        .iter()
        .map(alarm(false))
        .chain(waiting.map(alarm(true)))
        .collect()
}

/// Public statements that do not count, in log order.
pub fn not_counted(log: &Log) -> Vec<Alarm> {
    let refused = log.registry().refused().iter();
    let refused = refused.map(|refused| (refused.index, refused.digest, refused.reason.to_string()));
    let duties = Duties::of(log.registry());
    let reports = duties.refused().iter();
    let reports = reports.map(|(index, digest, why)| (*index, *digest, why.to_string()));
    let sites = Sites::of(log.registry());
    let sites = sites.refused().iter();
    let sites = sites.map(|(index, digest, why)| (*index, *digest, why.to_string()));
    let mut all: Vec<(u64, Digest, String)> = refused.chain(reports).chain(sites).collect();
    all.sort_unstable_by_key(|(index, ..)| *index);
    let alarm = |(index, digest, why)| Alarm::NotCounted { index, digest, why };
    all.into_iter().map(alarm).collect()
}

/// What stands out in the duty reports that were due after a time, POSIX seconds; those that were due last and those that come
/// in now are always looked at.
pub fn duties(log: &Log, since: u64) -> Vec<Alarm> {
    let at = log.latest().map_or(0, |(_, trusted)| trusted.time());
    let (registry, duties) = (log.registry(), Duties::of(log.registry()));
    let newest = duty::months_due(registry, at).next_back();
    let months = duty::months_due(registry, at).filter(|month| duty::due(*month) > since || Some(*month) == newest);
    let coming = Month::of(at).previous().filter(|month| Some(*month) != newest);
    let findings = months
        .chain(coming)
        .flat_map(|month| duties.findings(registry, month, at));
    let alarm = |finding: DutyFinding| {
        let (month, x) = finding.about();
        let seat = duty::council_of(registry, month).and_then(|council| council.seat(x));
        Alarm::Duty {
            institution: seat.map(|seat| seat.institution.clone()).unwrap_or_default(),
            finding,
        }
    };
    findings.map(alarm).collect()
}

/// What is owed in published requests at a checkpoint time, what has been owed longest first, then whose twins contradict each
/// other.
pub fn dockets(log: &Log, dockets: &Dockets, at: u64) -> Vec<Alarm> {
    let registry = log.registry();
    let named = |x: MemberNumber| {
        let councils = registry.councils().iter().rev();
        let member = councils.into_iter().find_map(|council| council.member(x));
        member.map(|member| member.institution.clone()).unwrap_or_default()
    };
    let all = |members: std::collections::BTreeSet<MemberNumber>| {
        let members = members.into_iter();
        let members = members.map(|x| OwingInstitution {
            x,
            institution: named(x),
        });
        members.collect()
    };
    let owed = dockets.owed(at).into_iter().map(|owed| Alarm::Overdue {
        docket: owed.docket,
        stage: owed.stage,
        by: owed.by,
        owe: all(owed.owers.owe),
        perhaps: all(owed.owers.perhaps),
    });
    let faults = dockets.faults().filter(|fault| fault.is_contradiction());
    let faults = faults.map(|fault| Alarm::Docket {
        institution: named(fault.about().1),
        fault: fault.clone(),
    });
    owed.chain(faults).collect()
}

/// Why a log that was read does not verify any more, with what proves it.
async fn contradiction(
    log: &Log,
    wire: &Wire,
    before: Option<Note>,
    failure: Failure,
    memory: &MonitorState,
) -> Outcome<Look> {
    let why = failure.detail.unwrap_or_default();
    let mut look = Look {
        size: before
            .as_ref()
            .and_then(|note| claimed(note).ok())
            .map_or(0, |seen| seen.size),
        time: log.latest().map_or(0, |(_, trusted)| trusted.time()),
        memory: memory.clone(),
        ..Look::default()
    };
    let shown = Note::parse(&wire.dated("/log/checkpoint").await?.0).ok();
    // What the log has not signed proves nothing against it.
    let shown = shown.filter(|note| log.root().log_key().is_ok_and(|key| note.verify(&key).is_ok()));
    let (Some(seen_note), Some(shown_note)) = (before, shown) else {
        look.alarms.push(Alarm::NotVerifiable { why });
        return Ok(look);
    };
    let (seen, shown) = (claimed(&seen_note)?, claimed(&shown_note)?);
    let alarm = if shown.size < seen.size {
        let (seen, shown) = (seen.size, shown.size);
        Some(Alarm::Rollback { seen, shown })
    } else {
        let root = log.root_shown(wire, &shown, seen.size).await?;
        root.is_some_and(|root| root != seen.root).then_some(Alarm::Fork {
            seen: seen.size,
            shown: shown.size,
        })
    };
    look.proof = alarm.is_some().then_some((seen_note, shown_note));
    look.alarms.push(alarm.unwrap_or(Alarm::NotVerifiable { why }));
    Ok(look)
}

/// Names of the policy's cosigners that have not signed a checkpoint.
fn away(log: &Log, note: &Note) -> Vec<String> {
    let Some(council) = log.registry().current() else {
        return Vec::new();
    };
    let keys = council.policy().witnesses().into_iter().map(|(key, _)| key);
    let has_signed = |key: &VerifierKey| {
        let mut lines = note.signatures().iter();
        lines.any(|line| line.name == key.name() && line.id == key.id())
    };
    let away = keys.filter(|key| !has_signed(key));
    away.map(|key| key.name().to_owned()).collect()
}

/// How a checkpoint that somebody else was shown stands to what this log has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is a beginning of this log, or all of it.
    Same,
    /// The log has signed two histories: whoever asks is shown one or the other.
    Split,
    /// It has more entries than were read here; to be compared after the next look.
    Longer,
}

/// Compares a checkpoint that somebody else was shown with what this log has read.
///
/// # Errors
/// [`Local::LogNotVerifiable`] for what this log has not signed.
pub fn compare(log: &mut Log, note: &Note) -> Outcome<Compared> {
    let key = log.root().log_key().map_err(Failure::log)?;
    let claim = claimed(note)?;
    if claim.origin != log.root().origin.as_str() {
        return Err(Failure::log("a checkpoint of another log"));
    }
    note.verify(&key).map_err(Failure::log)?;
    Ok(match log.root_at(claim.size) {
        None => Compared::Longer,
        Some(root) if root == claim.root => Compared::Same,
        Some(_) => Compared::Split,
    })
}
