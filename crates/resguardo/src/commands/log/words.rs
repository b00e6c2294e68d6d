//! What is wrong with a log, in words.

use crate::clock::readable;
use crate::language::{of_error, t};
use crate::names;
use casework::docket::{DocketFault, Stage};
use casework::duty::{DutyFinding, due};
use client::Statement;
use client::audit::StepFault;
use client::monitor::{Alarm, OwingInstitution};
use client::site::SiteFault;
use protocol::Day;
use protocol::text::visible;

/// A step that is wrong.
pub(crate) fn fault(fault: &StepFault) -> String {
    match fault {
        StepFault::NoSteps => t!("no step has a checkpoint").to_owned(),
        StepFault::NoCheckpoint { step } => t!("step {} has no checkpoint", step),
        StepFault::NotCosigned { step } => t!(
            "the checkpoint of step {} lacks the signatures that the council asks for",
            step
        ),
        StepFault::OutOfOrder { step, size } => {
            t!("the checkpoint of step {} has {} entries: out of order", step, size)
        }
        StepFault::OtherTree { step, size } => t!(
            "the checkpoint of step {}, of {} entries, is of another tree",
            step,
            size
        ),
        StepFault::Dated { step, time } => t!(
            "the checkpoint of step {} is dated {}: not in its step, or before an earlier one",
            step,
            readable(*time)
        ),
        StepFault::Pace { step, opaque, wanted } => {
            t!("step {} added {} opaque entries, the pace is {}", step, opaque, wanted)
        }
    }
}

/// An alarm.
pub(in crate::commands) fn alarm(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Rollback { seen, shown } => {
            t!(
                "the log had {} entries and shows {} now: something was taken out",
                seen,
                shown
            )
        }
        Alarm::Fork { seen, shown } => t!(
            "the log of {} entries does not begin with the {} that were seen: something was changed",
            shown,
            seen
        ),
        Alarm::NotVerifiable { why } => t!("the log cannot be verified: {}", of_error(why)),
        Alarm::Withheld { signed, shown } => t!(
            "a cosigner has signed {} entries, the service shows {}: the rest is withheld",
            signed,
            shown
        ),
        Alarm::Step(step) => fault(step),
        Alarm::NotCounted { index, why, .. } => t!(
            "the public statement at entry {} does not count: {}",
            index,
            of_error(why)
        ),
        Alarm::StoodStill { first, last } if first == last => t!("nothing was added at step {}", first),
        Alarm::StoodStill { first, last } => t!("nothing was added from step {} to step {}", first, last),
        Alarm::Late { since } => t!("the newest checkpoint is of {}: the next is late", readable(*since)),
        Alarm::Site { fault, waits: false } => site_fault(fault),
        Alarm::Site { fault, waits: true } => t!("{}; the log may yet say so", site_fault(fault)),
        Alarm::Duty { institution, finding } => duty(institution, finding),
        Alarm::Overdue {
            docket,
            stage,
            by,
            owe,
            perhaps,
        } => overdue((docket, *stage, *by), owe, perhaps),
        Alarm::Docket { institution, fault } => docket_fault(institution, fault),
        Alarm::CosignersAway { names } => t!(
            "the newest checkpoint is not signed by {}; the others suffice",
            names.join(", ")
        ),
    }
}

/// What is served otherwise than stated.
pub(in crate::commands) fn site_fault(fault: &SiteFault) -> String {
    match fault {
        SiteFault::Changed {
            path,
            served,
            at,
            before,
            ..
        } => {
            let place = match at {
                Some(at) => t!("from byte {} on", at),
                None => t!("no copy of what was stated is at hand to say from which byte on").to_owned(),
            };
            let changed = t!(
                "{} is not what was stated ({}); SHA-256 {} was served",
                path,
                place,
                served
            );
            match before {
                Some(index) => t!(
                    "{}, as the earlier statement at entry {} names it: it was rolled back",
                    changed,
                    index
                ),
                None => changed,
            }
        }
        SiteFault::Missing { path, status } => t!("{} was stated and is not served: status {}", path, status),
        SiteFault::Extra { path, by } => t!("{} is loaded by {} and was not stated", path, by),
        SiteFault::Unstated { path } => t!("{} is a page of every site and was not stated", path),
        SiteFault::Header { path, header, served } => {
            let served = served.as_deref().map(|text| visible(text, &[]));
            match served {
                Some(text) => t!(
                    "{} came with the header {}: {}, which is weaker than it must be or not allowed",
                    path,
                    header,
                    text
                ),
                None => t!("{} came without the header {}", path, header),
            }
        }
    }
}

/// A public statement.
pub(super) fn statement(statement: &Statement) -> String {
    let name = statement.name.as_deref().unwrap_or(t!("withheld"));
    match statement.signed_by.is_empty() {
        true => t!("entry {} is the public statement `{}`", statement.index, name),
        false => t!(
            "entry {} is the public statement `{}`, signed by {}",
            statement.index,
            name,
            statement.signed_by.join(", ")
        ),
    }
}

/// What is owed in a request, since when and by whom.
fn overdue(
    what: (&impl std::fmt::Display, Stage, u64),
    owe: &[OwingInstitution],
    perhaps: &[OwingInstitution],
) -> String {
    let (docket, stage, by) = what;
    let names = |members: &[OwingInstitution]| {
        let names = members
            .iter()
            .map(|owing| format!("{} ({})", owing.x, owing.institution));
        names.collect::<Vec<_>>().join(", ")
    };
    let day = Day::of(by);
    let said = match stage {
        Stage::Grants => t!(
            "request {}: an answer was due by {} and is owed by {}",
            docket,
            day,
            names(owe)
        ),
        Stage::Opening => t!(
            "request {}: opening was due by {} and is owed by {}",
            docket,
            day,
            names(owe)
        ),
        Stage::Finding => t!(
            "request {}: what was done was to be said by {} and is owed by {}",
            docket,
            day,
            names(owe)
        ),
    };
    match perhaps.is_empty() {
        true => said,
        false => t!("{}; or a seat that granted keeps its part: {}", said, names(perhaps)),
    }
}

/// What is wrong with a member's twins.
pub(in crate::commands) fn docket_fault(institution: &str, fault: &DocketFault) -> String {
    let (docket, x, n) = fault.about();
    match fault {
        DocketFault::TwoTwins {
            twins: [first, second], ..
        } => t!(
            "request {}: member {} ({}) has signed two acts with the number {}: {} and {}",
            docket,
            x,
            institution,
            n,
            first,
            second
        ),
        DocketFault::BrokenChain { .. } => t!(
            "request {}: act {} of member {} ({}) does not name the one before",
            docket,
            n,
            x,
            institution
        ),
        DocketFault::Dated { says, was, .. } => t!(
            "request {}: act {} of member {} ({}) says it is of {}, and the log had it in {}",
            docket,
            n,
            x,
            institution,
            says,
            was
        ),
        DocketFault::Late { due, published_at, .. } => t!(
            "request {}: act {} of member {} ({}) was to be published on {} and was on {}",
            docket,
            n,
            x,
            institution,
            Day::of(*due),
            Day::of(*published_at)
        ),
    }
}

/// What stands out in a month's duty reports.
fn duty(institution: &str, finding: &DutyFinding) -> String {
    match finding {
        DutyFinding::Missing { month, x } => t!(
            "seat {} ({}) has filed no duty report on {}, due by {}",
            x,
            institution,
            month,
            readable(due(*month))
        ),
        DutyFinding::Late { month, x, included_at } => t!(
            "the duty report of seat {} ({}) on {} came late: {}",
            x,
            institution,
            month,
            readable(*included_at)
        ),
        DutyFinding::Contradiction {
            month,
            x,
            count,
            says,
            by,
            saw,
        } => t!(
            "seat {} ({}) says for {}: {}: {}; seat {} saw {} of it: one of the two is wrong, or was not shown what the other was",
            x,
            institution,
            month,
            names::count(*count),
            says.name(),
            by,
            saw.name()
        ),
    }
}
