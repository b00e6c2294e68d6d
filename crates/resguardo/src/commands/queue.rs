//! `resguardo queue`: what waits for this key.

use super::{desk, short};
use crate::args::Queue;
use crate::clock::{readable, until};
use crate::console::{Console, Tone};
use crate::desk::{Desk, Referred};
use crate::failure::Outcome;
use crate::names;
use casework::asked::Asked;
use casework::view::{Task, reader_queue, seat_queue};
use casework::{FollowedCase, Office};
use protocol::{CaseId, Digest};
use serde_json::{Value, json};

pub(super) fn run(args: &Queue, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let moment = desk.follow().moment_of_any_age()?;
    let registry = desk.follow().registry();
    let mut count = 0usize;
    for held in desk.cases() {
        let tasks = match desk.office() {
            Office::Seat => seat_queue(&held.case, &desk.as_seat(), &moment, registry),
            Office::Reader => reader_queue(&held.case, desk.x(), &moment),
        };
        tell_flags(held, console);
        for task in tasks {
            count += 1;
            tell(&held.case.id(), &task, moment.time(), console);
        }
    }
    count += match desk.office() {
        Office::Seat => tell_deliveries(&desk, console)?,
        Office::Reader => tell_referrals(&mut desk, console)?,
    };
    let human = if count == 0 {
        "nothing waits for this key".to_owned()
    } else {
        format!("{count} waiting")
    };
    console.result(&human, json!({ "x": desk.x(), "count": count, "time": moment.time() }));
    Ok(())
}

fn tell_flags(held: &FollowedCase, console: &Console) {
    let code = held.case.id().code();
    if held.flags.danger {
        let value = json!({ "code": code, "flag": "danger" });
        console.line(Tone::Bad, &format!("! {code}: someone is in danger now"), "flag", value);
    }
    if held.flags.interpreter {
        let value = json!({ "code": code, "flag": "interpreter" });
        console.line(
            Tone::Warning,
            &format!("! {code}: an interpreter is wanted"),
            "flag",
            value,
        );
    }
}

fn tell_deliveries(desk: &Desk, console: &Console) -> Outcome<usize> {
    let waiting = desk.deliveries()?.len();
    if waiting > 0 {
        let human = format!("{waiting} deliveries to check: `resguardo shares check`");
        console.line(Tone::Plain, &human, "deliveries", json!({ "count": waiting }));
    }
    Ok(waiting)
}

/// Cases that a reader was told of and knows no more of yet: nothing was opened. What waits on the others stands above.
fn tell_referrals(desk: &mut Desk, console: &Console) -> Outcome<usize> {
    let is_known = |told: &&Referred| desk.cases().any(|held| held.case.id() == told.referral.case);
    let told: Vec<Referred> = desk.referred().filter(|told| !is_known(told)).cloned().collect();
    let mut count = 0;
    for Referred { referral, requests, .. } in told {
        let (id, seat) = (referral.case, referral.x);
        let value = json!({ "case": id, "code": id.code(), "seat": seat, "requests": requests });
        let human = format!("{} by seat {seat}: {}", id.code(), asked(&requests));
        console.line(Tone::Plain, &human, "referral", value);
        count += usize::from(requests.is_empty());
        for request in requests {
            let released = desk.seats_that_released(&id, &request)?;
            let seats = released.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let status = desk.asked(&id, &request)?;
            let value = json!({ "case": id, "code": id.code(), "request": request, "released_by": released,
                "status": status });
            let human = if released.is_empty() {
                format!("{} request {}: {}", id.code(), short(&request), unreleased(&status))
            } else {
                count += 1;
                let (code, request) = (id.code(), short(&request));
                format!("{code} request {request}: released by seat {seats}; `resguardo open {request}` tries it")
            };
            console.line(Tone::Plain, &human, "request", value);
        }
    }
    Ok(count)
}

/// What a request comes to for which no seat has released anything, as far as its times say.
fn unreleased(status: &Asked) -> String {
    match status {
        Asked::Lapsed { since, ends_at } => format!(
            "lapsed at {}, unless enough seats granted it in time; those may release until {}",
            readable(*since),
            readable(*ends_at)
        ),
        Asked::Dead { since } => format!(
            "dead since {}: nothing is released for it any more; `resguardo request` with --again asks anew",
            readable(*since)
        ),
        _ => "no seat has released anything yet".to_owned(),
    }
}

fn asked(requests: &[Digest]) -> String {
    match requests {
        [] => "nothing is asked yet; `resguardo request` asks".to_owned(),
        requests => format!("asked: {}", requests.iter().map(short).collect::<Vec<_>>().join(", ")),
    }
}

fn tell(case: &CaseId, task: &Task, now: u64, console: &Console) {
    let mut value = serde_json::to_value(task).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        fields.insert("case".to_owned(), json!(case));
        fields.insert("code".to_owned(), json!(case.code()));
    }
    let (tone, text) = describe(task, now);
    console.line(tone, &format!("{} {text}", case.code()), "task", value);
}

fn describe(task: &Task, now: u64) -> (Tone, String) {
    let due = |by: u64, is_overdue: bool| {
        if is_overdue {
            format!("overdue since {}", readable(by))
        } else {
            format!("due {}", until(by, now))
        }
    };
    match task {
        Task::Ack { by, is_overdue } => (Tone::Warning, format!("acknowledge: {}", due(*by, *is_overdue))),
        Task::Decide {
            request,
            reader,
            compartments,
            urgent,
            by,
        } => {
            let urgent = if *urgent { "URGENT " } else { "" };
            let what = names::compartments(compartments);
            let text = format!(
                "{urgent}decide {}: reader {reader} asks for {what}, {}",
                short(request),
                due(*by, false)
            );
            (Tone::Warning, text)
        }
        Task::Release {
            request,
            compartments,
            since,
        } => {
            let what = names::compartments(compartments);
            (
                Tone::Warning,
                format!("release {} ({what}), since {}", short(request), readable(*since)),
            )
        }
        Task::Wait { request, not_now } => (Tone::Plain, format!("wait for {}: {not_now}", short(request))),
        Task::LateAck { x } => (
            Tone::Warning,
            format!("seat {x} is late with its acknowledgement: ask it"),
        ),
        Task::Rejected { x, check, .. } => (Tone::Bad, format!("seat {x} rejected its share ({check:?})")),
        Task::Breach { index } => (Tone::Bad, format!("the act in entry {index} broke a rule")),
        Task::Omitted { x, objection, .. } => (
            Tone::Bad,
            format!("seat {x} released without the objection in entry {objection}: it says that it was not shown it"),
        ),
        Task::Gap { index } => (Tone::Warning, format!("nobody shows the act in entry {index}")),
        Task::Gaps { count, first, last } => (
            Tone::Warning,
            format!("nobody shows {count} acts, in entries {first} to {last}"),
        ),
        Task::Open {
            request,
            compartments,
            by,
            is_overdue,
        } => {
            let what = names::compartments(compartments);
            (
                Tone::Warning,
                format!("open {} ({what}), {}", short(request), due(*by, *is_overdue)),
            )
        }
        Task::Finding {
            request,
            by,
            is_overdue,
        } => (
            Tone::Warning,
            format!("report a finding on {}, {}", short(request), due(*by, *is_overdue)),
        ),
        Task::Aid {
            request,
            measure,
            provider,
            status,
            due: day,
            is_overdue,
        } => {
            let status = names::aid_status(*status);
            let when = due(day.end(), *is_overdue);
            let tone = if *is_overdue { Tone::Bad } else { Tone::Warning };
            (
                tone,
                format!("aid {} {measure} by {provider}: {status}, {when}", short(request)),
            )
        }
        Task::Pending { request, status } => (
            Tone::Plain,
            format!("request {}: {}", short(request), names::status(*status)),
        ),
    }
}
