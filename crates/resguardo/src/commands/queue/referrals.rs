//! What was referred to a reader, and what it asked for and reported, before anything is opened here.

use super::super::short;
use crate::clock::readable;
use crate::console::{Console, Tone};
use crate::desk::Reader;
use crate::failure::Outcome;
use crate::language::t;
use crate::line::no_council;
use crate::names;
use casework::asked::RequestTiming;
use client::ReaderReports;
use protocol::{CaseId, Digest};
use serde_json::json;

/// Cases that were referred to a reader and of which it knows no more yet: nothing was opened. What waits on the others stands above.
pub(super) fn tell(desk: &mut Reader, time: u64, console: &Console) -> Outcome<usize> {
    desk.run(async |reader| reader.read_releases().await)?;
    let reader = desk.office();
    let is_unknown = |id: &CaseId| desk.member().case(id).is_err();
    for (id, said) in reader.said().iter().filter(|(id, _)| is_unknown(id)) {
        said.iter()
            .for_each(|(request, said)| tell_said(id, request, said, console));
    }
    let mut count = 0;
    for (id, told) in reader.referred().iter().filter(|(id, _)| is_unknown(id)) {
        let (code, seat) = (id.code(), told.referral.x);
        let of_case = reader.requests().iter().filter(|(_, own)| own.request.case == *id);
        let requests: Vec<Digest> = of_case.clone().map(|(digest, _)| *digest).collect();
        if requests.is_empty() && reader.said().contains_key(id) {
            continue;
        }
        let value = json!({ "case": id, "code": code, "seat": seat, "requests": requests });
        let human = t!("{} by seat {}: {}", code, seat, asked(&requests));
        console.line(Tone::Plain, &human, "referral", value);
        count += usize::from(requests.is_empty());
        for (request, own) in of_case {
            let released = own.released.named();
            let seats = released.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let status = reader.asked(own, time).ok_or_else(no_council)?;
            let value = json!({ "case": id, "code": code, "request": request, "released_by": released,
                "status": status });
            let human = if released.is_empty() {
                t!("{} request {}: {}", code, short(request), unreleased(&status))
            } else {
                count += 1;
                let request = short(request);
                t!(
                    "{} request {}: released by seat {}; `resguardo open {}` tries it",
                    code,
                    request,
                    seats,
                    request
                )
            };
            console.line(Tone::Plain, &human, "request", value);
        }
    }
    Ok(count)
}

/// What a request comes to for which no seat has released anything, as far as its times say.
fn unreleased(status: &RequestTiming) -> String {
    match status {
        RequestTiming::Lapsed { since, ends_at } => t!(
            "lapsed at {}, unless enough seats granted it in time; those may release until {}",
            readable(*since),
            readable(*ends_at)
        ),
        RequestTiming::Dead { since } => t!(
            "dead since {}: nothing is released for it any more; `resguardo request` with --again asks anew",
            readable(*since)
        ),
        _ => t!("no seat has released anything yet").to_owned(),
    }
}

fn asked(requests: &[Digest]) -> String {
    match requests {
        [] => t!("nothing is asked yet; `resguardo request` asks").to_owned(),
        requests => t!("asked: {}", requests.iter().map(short).collect::<Vec<_>>().join(", ")),
    }
}

/// What this reader has said of a request, as its own copies tell where its folder of cases has nothing.
fn tell_said(id: &CaseId, request: &Digest, said: &ReaderReports, console: &Console) {
    let (code, findings) = (id.code(), said.findings.iter().map(|(_, outcome)| *outcome));
    let value = json!({ "case": id, "code": code, "request": request, "opened": said.opened,
        "findings": findings.clone().collect::<Vec<_>>() });
    let opened = said.opened.map(names::outcome).into_iter();
    let what: Vec<&str> = opened.chain(findings.map(names::outcome)).collect();
    let human = t!(
        "{} request {}, by your own statements: {}",
        code,
        short(request),
        what.join("; ")
    );
    console.line(Tone::Plain, &human, "said", value);
}
