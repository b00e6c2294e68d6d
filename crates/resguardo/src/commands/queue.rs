//! `resguardo queue`: what waits for this key.

mod referrals;

use super::{desk, short};
use crate::args::Queue;
use crate::clock::{readable, until};
use crate::console::{Console, Tone};
use crate::desk::{Desk, Seat};
use crate::failure::Outcome;
use crate::language::{of_error, t};
use crate::names;
use casework::open::is_closed;
use casework::view::{Task, rank};
use casework::{Case, FollowedCase, LogTime, Registry};
use client::{Adds, Member};
use protocol::statement::{AccessPolicy, Use};
use protocol::{CaseId, Digest};
use serde_json::{Value, json};

pub(super) fn run(args: &Queue, console: &Console) -> Outcome<()> {
    let (x, count, time) = match desk(&args.desk, console)? {
        Desk::Seat(mut seat) => {
            let office = seat.office();
            let (count, time) = tell_tasks(seat.member(), |held, moment| office.tasks(held, moment), console)?;
            let count = count + super::ask::tell(&seat, console);
            (seat.member().x(), count + tell_deliveries(&mut seat, console)?, time)
        }
        Desk::Reader(mut reader) => {
            let office = reader.office();
            let (count, time) = tell_tasks(reader.member(), |held, moment| office.tasks(held, moment), console)?;
            let count = count + referrals::tell(&mut reader, time, console)?;
            (reader.member().x(), count, time)
        }
    };
    let human = if count == 0 {
        t!("nothing waits for this key").to_owned()
    } else {
        t!("{} waiting", count)
    };
    console.result(&human, json!({ "x": x, "count": count, "time": time }));
    Ok(())
}

/// What waits for the holder of the key: without what is promised already and what only waits for others. Gives how much.
pub(super) fn tell_for_holder(desk: &mut Desk, console: &Console) -> Outcome<usize> {
    let open = |member: &Member, held: &FollowedCase, tasks: Vec<Task>| {
        let case = held.case.id();
        let open = tasks.into_iter();
        open.filter(|task| task.needs_holder() && !member.is_sent(&case, task))
            .collect()
    };
    match desk {
        Desk::Seat(seat) => {
            let (member, office) = (seat.member(), seat.office());
            let queue = |held: &FollowedCase, moment: &LogTime| open(member, held, office.tasks(held, moment));
            Ok(tell_tasks(member, queue, console)?.0 + super::ask::tell(seat, console))
        }
        Desk::Reader(reader) => {
            let (member, office) = (reader.member(), reader.office());
            let queue = |held: &FollowedCase, moment: &LogTime| open(member, held, office.tasks(held, moment));
            let (count, time) = tell_tasks(member, queue, console)?;
            Ok(count + referrals::tell(reader, time, console)?)
        }
    }
}

/// What waits on each case; gives how much, and the log's time.
fn tell_tasks(
    member: &Member,
    queue: impl Fn(&FollowedCase, &LogTime) -> Vec<Task>,
    console: &Console,
) -> Outcome<(usize, u64)> {
    let (moment, _) = member.log().moment_of_any_age()?;
    let mut count = 0;
    let mut queues: Vec<_> = member.cases().map(|held| (held, queue(held, &moment))).collect();
    queues.sort_by_key(|(_, tasks)| rank(tasks));
    for (held, tasks) in queues {
        tell_flags(held, console);
        tell_parent(member, held, console);
        for task in tasks {
            count += 1;
            tell(&held.case.id(), &task, moment.time(), console);
            if let Task::Decide { request, .. } = &task {
                tell_request(&held.case, request, member.log().registry(), moment.time(), console);
            }
        }
    }
    Ok((count, moment.time()))
}

/// Who asks, what for and on which legal ground: what a seat decides on.
pub(super) fn tell_request(case: &Case, request: &Digest, registry: &Registry, at: u64, console: &Console) {
    let Some(state) = case.request(request) else { return };
    let (asked, policy) = (&state.request, &case.facts().policy);
    let reader = registry.current().and_then(|council| council.reader(asked.reader));
    let institution = reader.map(|reader| reader.institution.as_str());
    let closed: Vec<_> = asked
        .compartments
        .iter()
        .filter(|name| is_closed(case, request, **name, at))
        .copied()
        .collect();
    let value = json!({ "closed": closed, "request": request, "reader": asked.reader, "institution": institution,
        "controller": reader.map(|reader| &reader.controller), "purpose": asked.purpose, "basis": asked.basis,
        "compartments": asked.compartments, "urgent": asked.urgent, "use": asked.for_use, "allowed": policy.allowed,
        "is_allowed": policy.allows(asked.for_use), "ask_me_after": policy.ask_me_after, "docket": policy.docket });
    if console.is_json() {
        return console.line(Tone::Plain, "", "asked", value);
    }
    let named = institution.unwrap_or(t!("no longer in the council"));
    let asks = t!("reader {}, {}", asked.reader, named);
    let allowed = allowed(policy, asked.for_use);
    let mut lines = vec![
        (Tone::Plain, t!("asked by"), asks),
        (Tone::Plain, t!("purpose"), asked.purpose.clone()),
        (Tone::Plain, t!("basis"), asked.basis.clone()),
        (allowed.0, t!("use"), allowed.1),
        (
            Tone::Plain,
            t!("public"),
            names::docket_choice(policy.docket).to_owned(),
        ),
    ];
    if let Some(count) = policy.ask_me_after {
        let wish = t!("to be asked only once {} accounts name the same person", count);
        lines.push((Tone::Warning, t!("her wish"), wish));
    }
    for (tone, name, text) in lines {
        console.line(tone, &format!("    {name:<9} {text}"), "asked", Value::Null);
    }
    if !closed.is_empty() {
        let names = names::compartments(&closed);
        let text = t!(
            "    closed    {}: too few seats are left that could grant or release it",
            names
        );
        console.line(Tone::Bad, &text, "asked", Value::Null);
    }
}

/// What a request says that it is for, beside what she allowed beforehand.
fn allowed(policy: &AccessPolicy, for_use: Option<Use>) -> (Tone, String) {
    let named = for_use.map_or(t!("none of those she could allow"), names::for_use);
    let hers: Vec<&str> = policy.allowed.iter().map(|it| names::for_use(*it)).collect();
    let hers = match hers.as_slice() {
        [] => t!("she allowed none").to_owned(),
        hers => t!("she allowed {}", hers.join(", ")),
    };
    match policy.allows(for_use) {
        true => (Tone::Plain, format!("{named}; {hers}")),
        false => (Tone::Warning, t!("{}: outside what she allowed; {}", named, hers)),
    }
}

/// To which filing this one adds, and whether that is proven.
fn tell_parent(member: &Member, held: &FollowedCase, console: &Console) {
    let Some((parent, adds)) = member.parent_of(held) else {
        return;
    };
    let (code, first) = (held.case.id().code(), parent.code());
    let value = json!({ "code": code, "parent": parent, "adds": adds });
    let (tone, human) = match adds {
        Adds::Proven => (Tone::Plain, t!("{} adds to {}", code, first)),
        Adds::Unknown => (
            Tone::Plain,
            t!("{} adds to {}, which is not followed here", code, first),
        ),
        Adds::Refuted => (
            Tone::Bad,
            t!(
                "! {} says that it adds to {}, and was filed by somebody else",
                code,
                first
            ),
        ),
    };
    console.line(tone, &human, "parent", value);
}

fn tell_flags(held: &FollowedCase, console: &Console) {
    let code = held.case.id().code();
    if held.flags.danger {
        let value = json!({ "code": code, "flag": "danger" });
        console.line(Tone::Bad, &t!("! {}: someone is in danger now", code), "flag", value);
    }
    if held.flags.interpreter {
        let value = json!({ "code": code, "flag": "interpreter" });
        console.line(
            Tone::Warning,
            &t!("! {}: an interpreter is wanted", code),
            "flag",
            value,
        );
    }
}

fn tell_deliveries(desk: &mut Seat, console: &Console) -> Outcome<usize> {
    let waiting = desk.run(async |seat| seat.list_deliveries().await)?.len();
    if waiting > 0 {
        let human = t!("{} deliveries to check: `resguardo shares check`", waiting);
        console.line(Tone::Plain, &human, "deliveries", json!({ "count": waiting }));
    }
    Ok(waiting)
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
            t!("overdue since {}", readable(by))
        } else {
            t!("due {}", until(by, now))
        }
    };
    match task {
        Task::Danger {
            by,
            is_overdue,
            contradicted_by,
        } => {
            let seats = contradicted_by
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            let contradicted = match contradicted_by.as_slice() {
                [] => String::new(),
                _ => t!("; it stands, says seat {}", seats),
            };
            let text = t!(
                "SOMEONE IS IN DANGER{}: act, and say what was done (`attended`, `refer`), {}",
                contradicted,
                due(*by, *is_overdue)
            );
            (Tone::Bad, text)
        }
        Task::Attended { done } => {
            let until = done
                .until
                .map_or_else(String::new, |until| t!(", until {}", readable(until)));
            let (x, index, deed) = (done.x, done.found.index, names::deed(done.deed));
            let text = t!(
                "danger: seat {} {} (entry {}){}; where it did not, `attended … stands` says so",
                x,
                deed,
                index,
                until
            );
            (Tone::Warning, text)
        }
        Task::Ack { by, is_overdue } => (Tone::Warning, t!("acknowledge: {}", due(*by, *is_overdue))),
        Task::Refer { readers } => {
            let readers = readers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let text = t!(
                "its parts are complete and no reader knows of it: `refer` tells reader {}",
                readers
            );
            (Tone::Plain, text)
        }
        Task::Decide {
            request,
            reader,
            compartments,
            urgent,
            consent,
            by,
        } => {
            let urgent = if *urgent { "URGENT " } else { "" };
            let hers = match consent {
                Some(true) => t!("; she consents"),
                Some(false) => t!("; she does not consent"),
                None => "",
            };
            let what = names::compartments(compartments);
            let text = t!(
                "{}decide {}: reader {} asks for {}, {}{}",
                urgent,
                short(request),
                reader,
                what,
                due(*by, false),
                hers
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
                t!("release {} ({}), since {}", short(request), what, readable(*since)),
            )
        }
        Task::Wait { request, not_now } => (
            Tone::Plain,
            t!("wait for {}: {}", short(request), of_error(&not_now.to_string())),
        ),
        Task::LateAck { x } => (Tone::Warning, t!("seat {} is late with its acknowledgement: ask it", x)),
        Task::Rejected { x, check, .. } => (Tone::Bad, t!("seat {} rejected its share: {}", x, names::check(*check))),
        Task::Breach { index } => (Tone::Bad, t!("the act in entry {} broke a rule", index)),
        Task::Omitted { x, objection, .. } => (
            Tone::Bad,
            t!(
                "seat {} released without naming entry {}, which speaks against it: it says that it was not shown it",
                x,
                objection
            ),
        ),
        Task::Withdrawn { until, in_person, .. } => {
            let meet = if *in_person {
                t!("; she asked to be met first")
            } else {
                ""
            };
            (
                Tone::Plain,
                t!(
                    "she withdraws it and may take that back until {}{}",
                    readable(*until),
                    meet
                ),
            )
        }
        Task::Erase { since, is_withdrawn } => {
            let why = if *is_withdrawn {
                t!("she withdrew it")
            } else {
                t!("the seats declined it")
            };
            (
                Tone::Warning,
                t!("destroy your part, since {}: {}", readable(*since), why),
            )
        }
        Task::Unfounded { index, x, taken_back } => {
            let why = match taken_back {
                Some(said) => t!("although she had taken her withdrawal back in entry {}", said),
                None => t!("although nothing in the log allowed it").to_owned(),
            };
            (
                Tone::Bad,
                t!("seat {} says in entry {} that it destroyed its part, {}", x, index, why),
            )
        }
        Task::Inquire { since } => (
            Tone::Warning,
            t!(
                "she has said nothing for as long as she chose, since {}: look for her",
                readable(*since)
            ),
        ),
        Task::Lapse { since, decided, need } => (
            Tone::Warning,
            t!(
                "decide whether it lapses, since {}: {} of {} seats have",
                readable(*since),
                decided,
                need
            ),
        ),
        Task::Message { by, is_overdue } => (
            if *is_overdue { Tone::Bad } else { Tone::Warning },
            t!("write her a first message, {}", due(*by, *is_overdue)),
        ),
        Task::Gap { index } => (Tone::Warning, t!("nobody shows the act in entry {}", index)),
        Task::Gaps { count, first, last } => (
            Tone::Warning,
            t!("nobody shows {} acts, in entries {} to {}", count, first, last),
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
                t!("open {} ({}), {}", short(request), what, due(*by, *is_overdue)),
            )
        }
        Task::Finding {
            request,
            by,
            is_overdue,
        } => (
            Tone::Warning,
            t!("report a finding on {}, {}", short(request), due(*by, *is_overdue)),
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
                t!(
                    "aid {} by {}: {}, {} [{} {}]",
                    names::measure(measure),
                    provider,
                    status,
                    when,
                    short(request),
                    measure
                ),
            )
        }
        Task::Pending { request, status } => (
            Tone::Plain,
            t!("request {}: {}", short(request), names::status(*status)),
        ),
    }
}
