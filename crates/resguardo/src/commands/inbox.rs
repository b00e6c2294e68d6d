//! `resguardo inbox`: what became of a testimony, from the eight words alone (§4), and her objection (§8.3).

use super::hers::{open, tell_done};
use super::{seal, short};
use crate::args::Inbox as Args;
use crate::clock::{readable, span};
use crate::console::{Console, Tone};
use crate::declarant::{self, DeclarantLine};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::{of_error, t};
use crate::names;
use crate::output::{Output, Plan};
use casework::case::{Body, Standing};
use casework::clock::ACK_S;
use casework::view::{CaseAnswer, NotVerifiable};
use client::{ActView, DeclarantView, FilingView, MessageView, RequestView, Sent, SentState, Who};
use protocol::statement::Compartment;
use serde_json::{Value, json};

pub(super) fn run(args: &Args, console: &Console) -> Outcome<()> {
    let inputs = args.hers.phrase.inputs().chain([args.hers.root.root.as_path()]);
    let mut plan = Plan::reading(inputs).forced(args.force);
    let receipt = args.receipt.as_deref().map(|path| plan.file(path)).transpose()?;
    let mut hers = open(&args.hers, console)?;
    let view = hers.view();
    if let Some(failure) = hers.unverifiable() {
        let told = json!({ "answer": view.answer });
        console.line(Tone::Bad, t!("the log cannot be verified"), "filing", told);
        return Err(failure);
    }
    if let Some(answer) = &view.answer {
        return no_filing(answer, &view, console);
    }
    for filing in &view.filings {
        tell(filing, &view, console)?;
    }
    if let Some(output) = &receipt {
        take_receipt(&hers, output)?;
    }
    if let Some(request) = &args.object {
        return object(&mut hers, &view, request, console);
    }
    if let (Some(next), Some(every)) = (view.next_publication, view.publication_s) {
        let human = t!(
            "what seats and readers do shows here once in {}; the next time is {}",
            span(every),
            readable(next)
        );
        console.line(Tone::Plain, &human, "publication", json!({ "next": next }));
    }
    console.result("", json!({ "filings": view.filings.len(), "time": view.time }));
    Ok(())
}

fn tell(filing: &FilingView, view: &DeclarantView, console: &Console) -> Outcome<()> {
    let (tone, text) = describe(&filing.answer, view.time.unwrap_or(0), view.by);
    let text = match (filing.look_again_at, view.publication_s) {
        (Some(next), Some(every)) => t!(
            "{}; the seats are given their parts once in {}: look again after {}",
            text,
            span(every),
            readable(next)
        ),
        _ => text,
    };
    let value = serde_json::to_value(filing).unwrap_or(Value::Null);
    let adds = filing.parent.map(|first| t!("  adds to {}:", first.code()));
    let human = format!("{}{}  {text}", filing.code, adds.unwrap_or_default());
    console.line(tone, &human, "filing", value);
    if !console.is_json() {
        tell_acts(filing, console);
    }
    match &filing.answer {
        CaseAnswer::NotVerifiable { reason } => Err(unverifiable(reason, text)),
        _ => Ok(()),
    }
}

/// The failure beside the fourth answer.
fn unverifiable(reason: &NotVerifiable, what: String) -> CliError {
    let happened = CliError::new(client::Local::LogNotVerifiable, what);
    match reason {
        NotVerifiable::TooOld { .. } => happened
            .why(t!(
                "a cosigner has signed a larger log than the service shows: what is new is withheld"
            ))
            .remedy(t!(
                "nothing is lost; come back, and if it stays so, ask a cosigner and tell the council"
            )),
        NotVerifiable::FromFuture { .. } => happened
            .why(t!(
                "it is dated in the future, by this machine's clock and by the service's: a cosigner's clock is wrong"
            ))
            .remedy(t!(
                "nothing is lost; come back, and if it stays so, tell the council and the operator"
            )),
        NotVerifiable::Testimony => happened
            .why(t!(
                "the seats show a testimony that does not fit the council it was sealed to"
            ))
            .remedy(t!("tell the council, with the case code")),
        _ => happened
            .why(t!("its checkpoint or its entries do not fit the root of trust"))
            .remedy(t!(
                "compare root.json with the one on paper; if it is the same, tell the council and a cosigner"
            )),
    }
}

/// An answer in words; `at` is the log's time, `by` when what was filed by now is in the log at the latest.
fn describe(answer: &CaseAnswer, at: u64, by: Option<u64>) -> (Tone, String) {
    match answer {
        CaseAnswer::Held { filed } => (
            Tone::Good,
            t!("in the log since {} and held", readable(filed.included_at)),
        ),
        CaseAnswer::Withheld { filed, have, need } => {
            let since = readable(filed.included_at);
            let until = filed.included_at.saturating_add(ACK_S);
            let shown = t!(
                "in the log since {}, statement withheld: {} of {} seats show it",
                since,
                have,
                need
            );
            if at <= until {
                let text = t!(
                    "{}; not yet safe, the seats have until {}: come back",
                    shown,
                    readable(until)
                );
                (Tone::Warning, text)
            } else {
                let text = t!(
                    "{}, and their 72 hours are over: not safe; tell the council, or file it again",
                    shown
                );
                (Tone::Bad, text)
            }
        }
        CaseAnswer::NoEntry { up_to, .. } => {
            let by = by.map_or_else(String::new, |by| t!(", by {} at the latest", readable(by)));
            let text = t!(
                "not in the log up to {}; if it was filed within the last 24 hours: not yet{}",
                readable(*up_to),
                by
            );
            (Tone::Warning, text)
        }
        CaseAnswer::NotVerifiable {
            reason: NotVerifiable::TooOld { age_s },
        } => (
            Tone::Bad,
            t!(
                "the log cannot be relied on: its newest checkpoint is {} old",
                span(*age_s)
            ),
        ),
        CaseAnswer::NotVerifiable { .. } => (Tone::Bad, t!("the log cannot be verified").to_owned()),
    }
}

fn tell_acts(filing: &FilingView, console: &Console) {
    if let Some(parts) = &filing.parts {
        let (hold, of) = (parts.hold.len(), parts.of.len());
        let human = t!(
            "  {} of {} hold their part; {} of them can open the account",
            hold,
            of,
            parts.need
        );
        console.line(Tone::Plain, &human, "parts", Value::Null);
    }
    for act in &filing.acts {
        tell_act(act, console);
    }
    for message in &filing.messages {
        tell_message(message, console);
    }
    if let Some(since) = filing.messages_elsewhere {
        let human = t!("  messages go to other words since {}", readable(since));
        console.line(Tone::Warning, &human, "elsewhere", Value::Null);
    }
    for request in &filing.requests {
        tell_request(request, console);
    }
    for sent in &filing.sent {
        tell_sent(sent, console);
    }
    for x in filing.parts.iter().flat_map(|parts| &parts.late) {
        let human = t!("  seat {} has not acknowledged in 72 hours", x);
        console.line(Tone::Warning, &human, "late", Value::Null);
    }
}

fn tell_act(act: &ActView, console: &Console) {
    let (tone, text) = match (&act.standing, &act.body) {
        (Standing::Counts, Some(body)) => (Tone::Plain, names::act(body)),
        (Standing::Gap, _) => (Tone::Warning, t!("an act whose statement nobody shows").to_owned()),
        (Standing::Undecided(missing), Some(body)) => (
            Tone::Warning,
            t!(
                "{} (cannot be judged yet: {})",
                names::act(body),
                of_error(&missing.to_string())
            ),
        ),
        (Standing::Refused(why), Some(body)) => (
            Tone::Bad,
            t!("{} (does not count: {})", names::act(body), of_error(&why.to_string())),
        ),
        (_, None) => (Tone::Bad, t!("an act that does not count").to_owned()),
    };
    let is_request = matches!(&act.body, Some(Body::Request(_)));
    let request = act.statement.filter(|_| is_request);
    let name = request.map(|digest| t!("  [request {}]", short(&digest)));
    let human = format!("  {}  {text}{}", readable(act.at), name.unwrap_or_default());
    console.line(tone, &human, "act", Value::Null);
}

fn tell_request(request: &RequestView, console: &Console) {
    // Objections that a release does not name.
    for release in &request.state.releases {
        for index in &release.omits {
            let x = release.x;
            let human = t!(
                "  seat {} released without the objection in entry {}: it says that it was not shown it",
                x,
                index
            );
            console.line(Tone::Warning, &human, "omitted", json!({ "x": x, "objection": index }));
        }
    }
    let human = t!(
        "  request {}: {}",
        short(&request.state.digest),
        names::status(request.status)
    );
    console.line(Tone::Plain, &human, "request", Value::Null);
    // P is granted with the others.
    let parts = request.state.compartments.iter();
    for part in parts.filter(|part| part.name != Compartment::Consent) {
        let (name, granted) = (names::compartment(part.name), request.state.granted(part.name));
        let human = t!("    {}: {} of {} grants", name, granted, part.need);
        console.line(Tone::Plain, &human, "compartment", Value::Null);
    }
}

fn tell_sent(sent: &Sent, console: &Console) {
    let name = names::sent(&sent.act);
    let by = sent.by.map(readable).unwrap_or_default();
    let (tone, human) = match sent.state {
        SentState::Unsent => (
            Tone::Warning,
            t!("  {}: not sent yet; it goes out when this runs again", name),
        ),
        SentState::Sent => (Tone::Plain, t!("  {}: sent; it shows here by {}", name, by)),
        SentState::Overdue => {
            let times = sent.times;
            let text = t!(
                "  {}: sent {} times and not shown yet; it goes out again after {}",
                name,
                times,
                by
            );
            (Tone::Warning, text)
        }
    };
    console.line(tone, &human, "sent", Value::Null);
}

/// A message, with the institution that signed it.
fn tell_message(message: &MessageView, console: &Console) {
    let from = match &message.from {
        Who::Member {
            x,
            institution,
            is_current,
        } => {
            let left = if *is_current {
                ""
            } else {
                t!(", no longer in the council")
            };
            t!("{} (seat {}{})", institution, x, left)
        }
        Who::She | Who::Unknown => t!("nobody of the council").to_owned(),
    };
    let human = t!("  {}  {} writes:", message.day, from);
    console.line(Tone::Good, &human, "message", Value::Null);
    for line in message.text.lines() {
        console.line(Tone::Plain, &format!("    {line}"), "message", Value::Null);
    }
}

/// No filing of these words shows: said alike for words that are wrong and for a filing that is to come.
fn no_filing(answer: &CaseAnswer, view: &DeclarantView, console: &Console) -> Outcome<()> {
    let (tone, mut text) = describe(answer, 0, view.by);
    if let Some(since) = view.since {
        text = t!("{}; what came before {} was not looked at", text, readable(since));
    }
    let told = json!({ "answer": answer, "by": view.by, "since": view.since, "messages": view.messages });
    console.line(tone, &text, "filing", told);
    if !console.is_json() {
        for message in &view.messages {
            tell_message(message, console);
        }
    }
    Err(match answer {
        CaseAnswer::NotVerifiable { reason } => unverifiable(reason, text),
        _ => CliError::new(
            CliCode::NoEntry,
            t!("the log does not show a filing of these words yet"),
        )
        .why(t!(
            "a filing shows within 24 hours; one that was never completed, or other words, never do"
        ))
        .remedy(t!(
            "if it was filed within the last 24 hours, come back after the time above; otherwise check the words"
        )),
    })
}

fn take_receipt(hers: &DeclarantLine, to: &Output) -> Outcome<()> {
    let case = hers.declarant().followed().next().ok_or_else(|| {
        CliError::new(CliCode::Withheld, t!("the receipt cannot be made yet"))
            .why(t!("too few seats show what was filed"))
            .remedy(t!("the seats must first show what was filed; come back"))
    })?;
    let facts = case.facts();
    let entry = case.salt().entry(0, facts.testimony, facts.match_request).to_bytes();
    let entry: [u8; 65] = entry
        .try_into()
        .map_err(|_| CliError::bug("an entry that is not 65 bytes"))?;
    seal::take_receipt(hers.remote(), hers.trust(), case.filed().index, &entry, to)
}

/// Her objection: signed with her inbox key, in an office cell to the seats of the case.
fn object(hers: &mut DeclarantLine, view: &DeclarantView, name: &str, console: &Console) -> Outcome<()> {
    let request = declarant::request(view, name)?;
    let sent = hers.run(async |declarant| declarant.object(&request).await)?;
    tell_done(&sent, &t!("the objection to {}", short(&request)), console);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;
    use casework::Found;
    use protocol::Digest;

    const DAY: u64 = 86_400;

    fn text(answer: &CaseAnswer, at: u64) -> String {
        describe(answer, at, Some(at)).1
    }

    #[test]
    fn the_four_answers_are_told_apart() {
        let filed = Found {
            k: 0,
            index: 7,
            commit: Digest([0; 32]),
            included_at: 1_795_478_400,
        };
        let withheld = CaseAnswer::Withheld {
            filed,
            have: 1,
            need: 3,
        };
        let held = text(&CaseAnswer::Held { filed }, filed.included_at);
        let early = text(&withheld, filed.included_at + 3 * DAY);
        let late = text(&withheld, filed.included_at + 3 * DAY + 1);
        let none = CaseAnswer::NoEntry {
            up_to: filed.included_at,
            not_yet: false,
        };
        let none = text(&none, filed.included_at);
        let old = CaseAnswer::NotVerifiable {
            reason: NotVerifiable::TooOld { age_s: 3 * DAY },
        };
        let old = text(&old, filed.included_at);
        assert!(held.ends_with("and held"), "{held}");
        assert!(early.contains("not yet safe") && early.contains("1 of 3"), "{early}");
        assert!(late.contains("withheld") && !late.contains("not yet"), "{late}");
        assert!(
            none.contains("not in the log up to") && none.contains("not yet, by"),
            "{none}"
        );
        assert!(old.contains("3 d old"), "{old}");
    }

    #[test]
    fn a_log_that_cannot_be_verified_says_why_and_what_to_do() {
        for reason in [
            NotVerifiable::Checkpoint,
            NotVerifiable::TooOld { age_s: 1 },
            NotVerifiable::Invalid,
            NotVerifiable::NotReadToTheEnd,
            NotVerifiable::Testimony,
        ] {
            let failure = unverifiable(&reason, "what".to_owned());
            assert!(failure.is(client::Local::LogNotVerifiable) && failure.exit() == Exit::Check);
            assert!(!failure.why.is_empty() && !failure.remedy.is_empty(), "{reason:?}");
        }
    }
}
