//! `resguardo docket open`, `docket publish` and `docket verify`: the public half of acts (§10.1, §10.3).

use super::{log, open_desk};
use crate::args::{Docket, DocketOpen, DocketPublish, DocketVerify};
use crate::clock;
use crate::console::{Console, Tone};
use crate::desk::Desk;
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::names;
use crate::output::Plan;
use casework::docket::DocketFault;
use client::docket::HeldTwin;
use pages::actos::{ActRecord, DocketView};
use protocol::{Digest, Envelope};
use serde_json::json;
use std::collections::BTreeSet;

/// Largest envelope in bytes.
const ENVELOPE_MAX: u64 = 128 * 1024;

pub(super) fn run(args: &Docket, console: &Console) -> Outcome<()> {
    match args {
        Docket::Open(args) => open(args, console),
        Docket::Publish(args) => publish(args, console),
        Docket::Verify(args) => verify(args, console),
    }
}

/// Signs that twins are published from now on; with the signatures of t_account seats it is logged.
fn open(args: &DocketOpen, console: &Console) -> Outcome<()> {
    let draft = match args.file.exists() {
        true => {
            let bytes = disk::read(&args.file, ENVELOPE_MAX)?;
            Some(Envelope::parse(&bytes).map_err(|error| {
                CliError::usage(t!("{} is no statement", args.file.display()))
                    .why(error)
                    .remedy(t!("give the file that another seat signed, or a new name"))
            })?)
        }
        false => None,
    };
    let out = Plan::reading([args.desk.key.key.as_path(), args.desk.root.root.as_path()])
        .forced(true)
        .file(&args.file)?;
    let mut desk = open_desk(&args.desk, console)?.seat()?;
    let registry = desk.member().log().registry();
    if let Some(open) = registry.docket_open() {
        let human = t!("✓ the docket is open since {}", clock::readable(open.included_at));
        console.result(
            &human,
            json!({ "act": "docket-open", "is_open": true, "since": clock::rfc3339(open.included_at) }),
        );
        return Ok(());
    }
    let need = registry.current().map_or(0, |council| council.account);
    let seats = registry
        .current()
        .map(|council| council.seats.clone())
        .unwrap_or_default();
    let signed = desk.run(async |seat| seat.member().sign_docket_open(draft.as_ref()))?;
    let have = seats.iter().filter(|seat| signed.is_signed_by(&seat.key)).count();
    out.write(signed.bytes(), Access::Public)?;
    let about = json!({ "act": "docket-open", "file": args.file, "signed": have, "need": need });
    if have < usize::from(need) {
        let human = t!(
            "{}\nsigned by {} of {} seats: the next one signs the same file. Once it is logged, what is done on testimonies that \
             want the docket becomes public, weeks later, for ever",
            args.file.display(),
            have,
            need
        );
        console.result(&human, about);
        return Ok(());
    }
    if !args.yes {
        let human = t!(
            "{}\nsigned by {} of {} seats. Nothing was filed: `--yes` opens the docket, and nobody can close it",
            args.file.display(),
            have,
            need
        );
        console.result(&human, about);
        return Ok(());
    }
    let deadline = desk.run(async |seat| seat.publish(&signed).await)?;
    let human = t!(
        "✓ the docket is open: promised for the log by {}",
        clock::readable(deadline)
    );
    console.result(
        &human,
        json!({ "act": "docket-open", "signed": have, "need": need, "deadline": clock::rfc3339(deadline) }),
    );
    Ok(())
}

/// Publishes what is due of the acts that this key can follow, whoever made them.
fn publish(args: &DocketPublish, console: &Console) -> Outcome<()> {
    let mut desk = open_desk(&args.desk, console)?;
    let member = match &desk {
        Desk::Seat(seat) => seat.member(),
        Desk::Reader(reader) => reader.member(),
    };
    let log = member.log();
    let (is_open, at) = (
        log.registry().docket_open().is_some(),
        log.latest().map_or(0, |latest| latest.1.time()),
    );
    let twins: Vec<HeldTwin> = member.held_twins();
    let due: BTreeSet<Digest> = member.due_twins()?.into_iter().map(|held| held.digest).collect();
    let mut published = 0;
    for held in twins.iter().filter(|held| !held.is_published) {
        let is_due = is_open && held.is_due(at);
        let from = held.from.map(clock::rfc3339);
        let what = names::twin(&held.twin);
        let value = json!({ "twin": held.twin, "digest": held.digest, "from": from, "is_due": is_due });
        if !is_due {
            let text = match held.from {
                Some(from) => t!("{}: due {}", what, clock::readable(from)),
                None => t!("{}: not due yet", what),
            };
            console.line(Tone::Plain, &text, "twin", value);
            continue;
        }
        if !due.contains(&held.digest) {
            let text = t!("{}: promised for the log already", what);
            console.line(Tone::Plain, &text, "twin", value);
            continue;
        }
        console.line(
            Tone::Plain,
            &t!("{}: due, it becomes public for ever", what),
            "twin",
            value,
        );
        if args.list {
            continue;
        }
        match &mut desk {
            Desk::Seat(seat) => seat.run(async |seat| seat.publish(&held.envelope).await)?,
            Desk::Reader(reader) => reader.run(async |reader| reader.publish(&held.envelope).await)?,
        };
        published += 1;
    }
    let human = match (is_open, args.list) {
        (false, _) => {
            t!("the council has not opened the docket: nothing is published (`resguardo docket open`)").to_owned()
        }
        (true, true) => t!("nothing was published").to_owned(),
        (true, false) => t!("✓ {} twins promised for the log", published),
    };
    console.result(
        &human,
        json!({ "act": "docket", "is_open": is_open, "published": published }),
    );
    Ok(())
}

/// Computes from the tiles what the page of acts shows: every published request, and what is owed in it.
fn verify(args: &DocketVerify, console: &Console) -> Outcome<()> {
    let (mut follow, audit) = log::read(args.target.as_deref(), &args.root, console)?;
    let dockets = follow.dockets(console)?;
    let registry = follow.log().registry();
    if registry.docket_open().is_none() {
        console.note(t!(
            "the council has not opened the docket: nothing is published (`resguardo docket open`)"
        ));
    }
    for published in dockets.all() {
        let record = ActRecord::of_docket(registry, &dockets, audit.time, &published.id);
        for view in record.iter().flat_map(|record| &record.dockets) {
            console.line(Tone::Plain, &in_words(view), "docket", json!({ "docket": view }));
        }
    }
    for (index, digest, why) in dockets.refused() {
        let text = t!("! the twin at entry {} does not count: {}", index, why);
        console.line(
            Tone::Warning,
            &text,
            "refused",
            json!({ "index": index, "digest": digest }),
        );
    }
    for fault in dockets
        .faults()
        .filter(|fault| matches!(fault, DocketFault::Late { .. }))
    {
        let (_, x, _) = fault.about();
        let council = registry.councils().iter().rev().find_map(|council| council.member(x));
        let institution = council.map_or("", |member| &member.institution);
        let text = format!("! {}", log::docket_fault(institution, fault));
        console.line(Tone::Warning, &text, "late", json!({ "fault": fault }));
    }
    let alarms = client::monitor::dockets(follow.log(), &dockets, audit.time);
    for alarm in &alarms {
        let text = log::alarm(alarm);
        let value = json!({ "text": text, "alarm": alarm });
        console.line(Tone::Warning, &format!("! {text}"), "alarm", value);
    }
    if !alarms.is_empty() {
        return Err(log::monitor::owing());
    }
    let number = dockets.all().count();
    console.result(
        &t!("✓ {} published requests, none of them overdue or contradicted", number),
        json!({ "act": "docket-verify", "dockets": number, "time": clock::rfc3339(audit.time) }),
    );
    Ok(())
}

fn in_words(docket: &DocketView) -> String {
    let who = docket.member.as_ref();
    t!(
        "{}, {} ({}), {}: {}",
        docket.docket,
        who.map_or(0, |member| member.x.get()),
        who.map_or("", |member| member.institution.as_str()),
        docket.week,
        names::docket_status(docket.status)
    )
}
