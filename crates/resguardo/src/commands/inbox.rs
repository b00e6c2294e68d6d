//! `resguardo inbox`: what became of a testimony, from the eight words alone (§4), and her objection (§8.3).

use super::{seal, short, trust, warn_of_demo};
use crate::args::Inbox as Args;
use crate::clock::{readable, span};
use crate::console::{Console, Tone};
use crate::failure::{Exit, Failure, Outcome};
use crate::follow::Follow;
use crate::line::told;
use crate::names;
use crate::output::{Output, Plan};
use crate::phrase;
use crate::random;
use crate::refuse::not_now;
use crate::remote::Remote;
use casework::case::{Body, ReleaseState, Standing};
use casework::clock::{ACK_S, NoLogTime};
use casework::view::{self, Answer, Inbox, NotVerifiable};
use casework::{Case, CaseError, InvalidLog, LogTime, admit};
use client::Buckets;
use protocol::drop::{Assembler, Record, Stored, open_new};
use protocol::ids::{Day, Nonce, PublicKey, Version};
use protocol::phrase::CaseKeys;
use protocol::slot::CaseSalt;
use protocol::statement::DeclarantObjection;
use protocol::{Digest, Envelope};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Files that are tried as the header at most: each seat names one, and only a bought one another.
const HEADERS_MAX: usize = 24;

/// One filing of the phrase.
struct Filing {
    keys: CaseKeys,
    case: Result<Case, CaseError>,
}

pub(super) fn run(args: &Args, console: &Console) -> Outcome<()> {
    let inputs = args.phrase.inputs().chain([args.root.root.as_path()]);
    let mut plan = Plan::reading(inputs).forced(args.force);
    let receipt = args.receipt.as_deref().map(|path| plan.file(path)).transpose()?;
    let trust = trust(&args.root)?;
    let words = args.phrase.source().read_words(console, "The eight words", "phrase")?;
    // Wrong words are told before anything is fetched.
    protocol::phrase::Phrase::read(&words).map_err(|error| phrase::wrong_words(&error))?;
    warn_of_demo(&trust, console);
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open(trust, remote, args.state.as_deref(), console)?;
    if let Err(failure) = follow.refresh(console) {
        return Err(not_verifiable(failure, console));
    }
    follow.warn_of_clock(console);
    let root = phrase::root_of(&words, &follow)?;
    let moment = follow.present()?;
    let mut filings = Vec::new();
    for c in 0.. {
        let keys = root.case(c);
        if !follow.fold().slots().is_taken(&keys.case_salt, 0) {
            break;
        }
        follow.watch(&keys.case_salt)?;
        filings.push(read_case(&follow, keys)?);
    }
    if filings.is_empty() {
        return Err(no_entry(&follow, &moment, &root.case(0), console));
    }
    for filing in &filings {
        tell(&follow, filing, &moment, console)?;
    }
    if let Some(output) = &receipt {
        let first = filings.first().ok_or_else(|| Failure::bug("a filing that went away"))?;
        take_receipt(&follow, first, output)?;
    }
    if let Some(request) = &args.object {
        return object(&follow, &filings, request, console);
    }
    let at = follow.latest()?.1.time();
    if let Some(NextDelivery { at: next, every }) = next_delivery(&follow, at) {
        let human = format!(
            "what seats and readers do shows here once in {}; the next time is {}",
            span(every),
            readable(next)
        );
        console.line(Tone::Plain, &human, "publication", json!({ "next": next }));
    }
    console.result("", json!({ "filings": filings.len(), "time": at }));
    Ok(())
}

/// When seats are next given what waits for them, and what they did shows to her: POSIX seconds, and the seconds between two.
#[derive(Clone, Copy)]
struct NextDelivery {
    at: u64,
    every: u64,
}

fn next_delivery(follow: &Follow, at: u64) -> Option<NextDelivery> {
    let pace = follow.registry().pace_at(at)?;
    let every = u64::from(pace.delivery_s).max(1);
    Some(NextDelivery {
        at: (at / every + 1) * every,
        every,
    })
}

/// Fetches what is in her bucket and follows the case from acks alone.
fn read_case(follow: &Follow, keys: CaseKeys) -> Outcome<Filing> {
    let records = follow.records(&mut Buckets::default(), &keys.inbox.recipient())?;
    let mut statements = open_all(&keys, &records);
    let salt = CaseSalt::new(*keys.case_salt.expose());
    let key = PublicKey(keys.signing.verifying_key().to_bytes());
    let mut case = Case::from_acks(salt, keys.id, key, follow.fold(), &statements);
    if let Ok(case) = &mut case {
        case.follow(follow.fold(), &statements);
        judge_headers(follow, case)?;
    }
    statements.clear();
    Ok(Filing { keys, case })
}

/// Fetches what releases name as the header, for the phrase alone does not know it: a release counts when the file opens
/// with K and holds this testimony (§19). One that is not to be had leaves its releases undecided.
fn judge_headers(follow: &Follow, case: &mut Case) -> Outcome<()> {
    for digest in case.unjudged_headers().into_iter().take(HEADERS_MAX) {
        if let Some(file) = follow.remote().blob(&digest)? {
            case.judge_header(&file);
        }
    }
    Ok(())
}

/// Statements that open with K (§9.1). What opens with her inbox key alone is for later stages: messages.
fn open_all(keys: &CaseKeys, records: &[Stored]) -> Vec<Envelope> {
    let mut assembler = Assembler::default();
    let opened = open_new(&keys.case_salt.k(), records, &mut HashSet::new());
    let streams = opened
        .into_iter()
        .filter(|(_, record)| !matches!(record, Record::Draft(_)));
    streams
        .filter_map(|(_, record)| assembler.push(record))
        .map(|(statement, _)| statement)
        .collect()
}

fn tell(follow: &Follow, filing: &Filing, moment: &Result<LogTime, NoLogTime>, console: &Console) -> Outcome<()> {
    let salt = &filing.keys.case_salt;
    let answer = view::answer(
        moment,
        Ok::<(), InvalidLog>(()),
        follow.fold(),
        salt,
        filing.case.as_ref(),
        None,
    );
    let code = filing.keys.id.code();
    let at = follow.latest()?.1.time();
    let (tone, text) = describe(&answer, at);
    let back = matches!(answer, Answer::Withheld { .. })
        .then(|| next_delivery(follow, at))
        .flatten();
    let text = match back {
        Some(next) => format!(
            "{text}; the seats are given their parts once in {}: look again after {}",
            span(next.every),
            readable(next.at)
        ),
        None => text,
    };
    let mut value = json!({ "code": code, "case": filing.keys.id, "answer": &answer,
        "look_again_at": back.map(|next| next.at) });
    if let Ok(case) = &filing.case {
        let inbox = view::inbox(answer.clone(), case, at);
        value["inbox"] = serde_json::to_value(&inbox).unwrap_or(Value::Null);
        console.line(tone, &format!("{code}  {text}"), "filing", value);
        if !console.is_json() {
            tell_acts(&inbox, console);
        }
    } else {
        console.line(tone, &format!("{code}  {text}"), "filing", value);
    }
    match answer {
        Answer::NotVerifiable { reason } => Err(unverifiable(&reason, text)),
        _ => Ok(()),
    }
}

/// The failure beside the fourth answer.
fn unverifiable(reason: &NotVerifiable, what: String) -> Failure {
    let happened = Failure::new(Exit::Check, "log-not-verifiable", what);
    match reason {
        NotVerifiable::TooOld { .. } => happened
            .why("a cosigner has signed a larger log than the service shows: what is new is withheld")
            .remedy("nothing is lost; come back, and if it stays so, ask a cosigner and tell the council"),
        NotVerifiable::FromFuture { .. } => happened
            .why("it is dated in the future, by this machine's clock and by the service's: a cosigner's clock is wrong")
            .remedy("nothing is lost; come back, and if it stays so, tell the council and the operator"),
        NotVerifiable::Testimony => happened
            .why("the seats show a testimony that does not fit the council it was sealed to")
            .remedy("tell the council, with the case code"),
        _ => happened
            .why("its checkpoint or its entries do not fit the root of trust")
            .remedy("compare root.json with the one on paper; if it is the same, tell the council and a cosigner"),
    }
}

/// An answer in words; `at` is the log's time.
fn describe(answer: &Answer, at: u64) -> (Tone, String) {
    match answer {
        Answer::Held { filed } => (
            Tone::Good,
            format!("in the log since {} and held", readable(filed.included_at)),
        ),
        Answer::Withheld { filed, have, need } => {
            let since = readable(filed.included_at);
            let until = filed.included_at.saturating_add(ACK_S);
            let shown = format!("in the log since {since}, statement withheld: {have} of {need} seats show it");
            if at <= until {
                let text = format!(
                    "{shown}; not yet safe, the seats have until {}: come back",
                    readable(until)
                );
                (Tone::Warning, text)
            } else {
                let text =
                    format!("{shown}, and their 72 hours are over: not safe; tell the council, or file it again");
                (Tone::Bad, text)
            }
        }
        Answer::NoEntry { up_to, not_yet: true } => (
            Tone::Warning,
            format!(
                "not yet in the log up to {}; a promise runs for 24 hours",
                readable(*up_to)
            ),
        ),
        Answer::NoEntry { up_to, not_yet: false } => (
            Tone::Warning,
            format!(
                "no such entry in the log up to {}; if it was filed within the last 24 hours: not yet",
                readable(*up_to)
            ),
        ),
        Answer::NotVerifiable {
            reason: NotVerifiable::TooOld { age_s },
        } => (
            Tone::Bad,
            format!(
                "the log cannot be relied on: its newest checkpoint is {} old",
                span(*age_s)
            ),
        ),
        Answer::NotVerifiable { .. } => (Tone::Bad, "the log cannot be verified".to_owned()),
    }
}

fn tell_acts(inbox: &Inbox<'_>, console: &Console) {
    for act in &inbox.acts {
        let when = readable(act.found.included_at);
        let (tone, text) = match (&act.standing, &act.body) {
            (Standing::Counts, Some(body)) => (Tone::Plain, names::act(body)),
            (Standing::Gap, _) => (Tone::Warning, "an act whose statement nobody shows".to_owned()),
            (Standing::Undecided(missing), Some(body)) => (
                Tone::Warning,
                format!("{} (cannot be judged yet: {missing})", names::act(body)),
            ),
            (Standing::Refused(why), Some(body)) => {
                (Tone::Bad, format!("{} (does not count: {why})", names::act(body)))
            }
            (_, None) => (Tone::Bad, "an act that does not count".to_owned()),
        };
        let request = act
            .body
            .as_ref()
            .filter(|body| matches!(body, Body::Request(_)))
            .and(act.statement);
        let name = request
            .map(|digest| format!("  [request {}]", short(&digest)))
            .unwrap_or_default();
        console.line(tone, &format!("  {when}  {text}{name}"), "act", Value::Null);
    }
    for line in &inbox.requests {
        for release in &line.state.releases {
            tell_omissions(release, console);
        }
        let human = format!(
            "  request {}: {}",
            short(&line.state.digest),
            names::status(line.status)
        );
        console.line(Tone::Plain, &human, "request", Value::Null);
    }
    for x in &inbox.late_acks {
        console.line(
            Tone::Warning,
            &format!("  seat {x} has not acknowledged in 72 hours"),
            "late",
            Value::Null,
        );
    }
}

/// Objections that a release does not name.
fn tell_omissions(release: &ReleaseState, console: &Console) {
    for index in &release.omits {
        let x = release.x;
        let human =
            format!("  seat {x} released without the objection in entry {index}: it says that it was not shown it");
        console.line(Tone::Warning, &human, "omitted", json!({ "x": x, "objection": index }));
    }
}

/// The answer for a log that does not verify; trouble of another kind stays what it is.
fn not_verifiable(failure: Failure, console: &Console) -> Failure {
    if failure.exit == Exit::Check {
        let answer = Answer::NotVerifiable {
            reason: NotVerifiable::Invalid,
        };
        console.line(
            Tone::Bad,
            "the log cannot be verified",
            "filing",
            json!({ "answer": answer }),
        );
    }
    failure
}

fn no_entry(follow: &Follow, moment: &Result<LogTime, NoLogTime>, keys: &CaseKeys, console: &Console) -> Failure {
    let missing = CaseError::NotFiled;
    let answer = view::answer(
        moment,
        Ok::<(), InvalidLog>(()),
        follow.fold(),
        &keys.case_salt,
        Err(&missing),
        None,
    );
    let (tone, text) = describe(&answer, 0);
    console.line(tone, &text, "filing", json!({ "answer": answer }));
    match answer {
        Answer::NotVerifiable { reason } => unverifiable(&reason, text),
        _ => Failure::new(Exit::NotFound, "no-entry", "the log holds nothing of these words")
            .why("a filing that was never completed leaves nothing, and other words look the same")
            .remedy("if it was filed just now, come back after the time that was promised then, 24 hours at the latest; otherwise check the words"),
    }
}

fn take_receipt(follow: &Follow, filing: &Filing, to: &Output) -> Outcome<()> {
    let case = filing.case.as_ref().map_err(|error| {
        Failure::new(Exit::NotFound, "withheld", "the receipt cannot be made yet")
            .why(error)
            .remedy("the seats must first show what was filed; come back")
    })?;
    let facts = case.facts();
    let entry = filing
        .keys
        .case_salt
        .entry(0, facts.testimony, facts.match_request)
        .to_bytes();
    let entry = entry
        .try_into()
        .map_err(|_| Failure::bug("an entry that is not 65 bytes"))?;
    seal::take_receipt(follow, case.filed().index, &entry, to)
}

/// Her objection: signed with her inbox key, in an office cell to the seats of the case.
fn object(follow: &Follow, filings: &[Filing], name: &str, console: &Console) -> Outcome<()> {
    let name = name.to_lowercase();
    let cases = filings
        .iter()
        .filter_map(|filing| filing.case.as_ref().ok().map(|case| (filing, case)));
    let all = cases.flat_map(|(filing, case)| case.requests().iter().map(move |state| (filing, case, state.digest)));
    let found: Vec<_> = all
        .filter(|(_, _, digest)| digest.to_hex().starts_with(&name))
        .collect();
    let [(filing, case, request)] = found.as_slice() else {
        let what = format!("{} requests begin with {name}", found.len());
        return Err(Failure::new(Exit::NotFound, "unknown-request", what)
            .why("a request is named by the first digits of its digest")
            .remedy("`resguardo inbox` lists the requests"));
    };
    let moment = follow.moment_of_any_age()?;
    admit::objection(case, request, None, &moment, follow.registry()).map_err(|no| not_now("object", &no))?;
    let statement = objection(follow, filing, case, *request);
    let council = follow
        .registry()
        .current()
        .ok_or_else(|| Failure::bug("a request without a council"))?;
    let dealt = &case.facts().dealt;
    let readable = |x| dealt.contains(&x);
    let cell = client::cell(&council.seats, &statement, readable, &mut random::system()).map_err(told)?;
    follow.remote().post_office_with_work(&cell)?;
    let human = format!(
        "✓ the objection to {} was sent; a seat files it, and it shows here then",
        short(request)
    );
    console.result(&human, json!({ "request": request, "statement": statement.digest() }));
    Ok(())
}

fn objection(follow: &Follow, filing: &Filing, case: &Case, request: Digest) -> Envelope {
    let hers = case
        .acts()
        .filter(|act| matches!(act.body, Some(Body::DeclarantObjection(_))))
        .count();
    let objection = DeclarantObjection {
        v: Version,
        origin: follow.trust().origin().clone(),
        nonce: Nonce::draw(&mut random::system()),
        day: Day::of(crate::clock::now()),
        case: filing.keys.id,
        request,
        by: 0,
        n: u32::try_from(hers).unwrap_or(u32::MAX - 1) + 1,
        twin: None,
    };
    Envelope::sign(&objection, &[&filing.keys.signing])
}

#[cfg(test)]
mod tests {
    use super::*;
    use casework::Found;

    const DAY: u64 = 86_400;

    fn text(answer: &Answer, at: u64) -> String {
        describe(answer, at).1
    }

    #[test]
    fn the_four_answers_are_told_apart() {
        let filed = Found {
            k: 0,
            index: 7,
            commit: Digest([0; 32]),
            included_at: 1_795_478_400,
        };
        let withheld = Answer::Withheld {
            filed,
            have: 1,
            need: 3,
        };
        let held = text(&Answer::Held { filed }, filed.included_at);
        let early = text(&withheld, filed.included_at + 3 * DAY);
        let late = text(&withheld, filed.included_at + 3 * DAY + 1);
        let none = Answer::NoEntry {
            up_to: filed.included_at,
            not_yet: false,
        };
        let none = text(&none, filed.included_at);
        let old = Answer::NotVerifiable {
            reason: NotVerifiable::TooOld { age_s: 3 * DAY },
        };
        let old = text(&old, filed.included_at);
        assert!(held.ends_with("and held"), "{held}");
        assert!(early.contains("not yet safe") && early.contains("1 of 3"), "{early}");
        assert!(late.contains("withheld") && !late.contains("not yet"), "{late}");
        assert!(none.contains("no such entry") && none.contains("not yet"), "{none}");
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
            assert_eq!(
                (failure.exit, failure.code.as_ref()),
                (Exit::Check, "log-not-verifiable")
            );
            assert!(!failure.why.is_empty() && !failure.remedy.is_empty(), "{reason:?}");
        }
    }
}
