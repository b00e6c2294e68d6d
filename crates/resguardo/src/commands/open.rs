//! `resguardo open`: a reader opens what was released. Breaches come first, in red; then the sealed objects are fetched,
//! apart from everything that bears the reader's name; `opened` is in the log's hands before any content is written.

use super::{desk, filed_json, public};
use crate::args::Open;
use crate::clock::{self, until};
use crate::console::{Console, Tone};
use crate::content::{self, Written};
use crate::desk::Reader;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::line::{describe_bad, describe_breach, describe_unsigned};
use crate::output::{Output, Plan};
use crate::{names, random};
use casework::Filed;
use casework::open::{PartSource, Unlocked};
use client::content::{OpenedContent, Unopened};
use client::{Local, ReleasedCase, ToCome};
use indicatif::HumanBytes;
use protocol::statement::Compartment;
use protocol::{CaseId, Digest};
use serde_json::json;
use std::time::Duration;
use zeroize::Zeroizing;

/// `opened` is filed up to this many seconds after the objects were fetched, so that the service cannot tell by the time
/// who fetched them (§17).
const APART_S: u64 = 900;
/// The same in a demo.
const DEMO_APART_S: u64 = 1;

pub(super) fn run(args: &Open, console: &Console) -> Outcome<()> {
    let identity_out = outputs(args)?;
    let mut desk = desk(&args.desk, console)?.reader()?;
    let (case, request) = desk.request_id(&args.request)?;
    if let Some(own) = desk.office().requests().get(&request) {
        let (urgent, decide_by) = (own.request.urgent, own.request.decide_by);
        public::tell(
            &desk
                .member()
                .will_make_public(&case, ToCome::Opening { urgent, decide_by })?,
            console,
        );
    }
    if !args.at_once && must_fetch_apart(&mut desk, &case, &request)? {
        let wait = draw_apart(&desk);
        wait_for(
            wait,
            t!("the sealed files are fetched"),
            t!("who fetches them"),
            console,
        );
    }
    let even_so = args.even_so;
    let opening = desk.run(async |reader| reader.try_open(&case, &request, even_so).await)?;
    tell_first(&opening, console);
    if opening.combined.unlocked.is_empty() {
        file_opened(&mut desk, &case, &request, &opening, even_so)?;
        return Err(CliError::new(
            CliCode::DoesNotOpen,
            t!("the released shares are good, but their key opens nothing"),
        )
        .why(t!(
            "the key that they give is not the one in the header: it was sealed wrongly, perhaps on purpose"
        ))
        .remedy(t!(
            "`does-not-open` is filed; nothing more can be done with this testimony"
        )));
    }
    let absent = fetch(&desk, &case, &opening, console)?;
    wait_apart(args, &mut desk, &case, &request, console)?;
    let filed = file_opened(&mut desk, &case, &request, &opening, even_so)?;
    let parts = write(args, &desk, &case, &opening.combined.unlocked, &absent, console)?;
    let contents: Vec<(Compartment, &OpenedContent)> =
        parts.iter().map(|(name, part)| (*name, &part.content)).collect();
    let record = desk.office().record(&case, &request, &contents)?;
    let record = serde_json::to_vec_pretty(&record).map_err(|_| CliError::bug("a record that cannot be written"))?;
    disk::create(&args.out.join(content::RECORD), &record, Access::Private)?;
    write_identities(identity_out.as_ref(), &opening)?;
    let unopened: Vec<&Unopened> = parts.iter().flat_map(|(_, part)| &part.content.unopened).collect();
    let may_pass = unopened.iter().any(|unopened| unopened.fault.may_pass());
    // What was opened with the key has its names on the disk before the key goes.
    disk::sync_folder(&args.out)?;
    args.objects.as_deref().map_or(Ok(()), disk::sync_folder)?;
    let is_complete = desk.run(async |reader| reader.finish(&case, &request, &opening, may_pass))?;
    if is_complete {
        forget_objects(&desk, &case)?;
    }
    tell(args, &case, &request, &parts, filed.as_ref(), is_complete, console);
    if may_pass {
        return Err(not_all(args, &unopened));
    }
    Ok(())
}

/// Plans the two folders and the file of keys, before anything is fetched, filed or opened.
fn outputs(args: &Open) -> Outcome<Option<Output>> {
    let inputs = args.desk.key.inputs().chain([args.desk.root.root.as_path()]);
    let mut plan = Plan::reading(inputs);
    plan.folder(&args.out)?;
    args.objects.as_deref().map_or(Ok(()), |path| plan.folder(path))?;
    args.identity_out.as_deref().map(|path| plan.file(path)).transpose()
}

/// Files `opened`, before anything is shown, unless the log has it.
pub(crate) fn file_opened(
    desk: &mut Reader,
    case: &CaseId,
    request: &Digest,
    opening: &ReleasedCase,
    even_so: bool,
) -> Outcome<Option<Filed>> {
    desk.run(
        async |reader| match reader.opened(case, request, opening.outcome, even_so)? {
            Some(draft) => reader.file(&draft).await.map(Some),
            None => Ok(None),
        },
    )
}

/// Fetches the sealed objects over lines of their own, without the reader's key; gives those that did not come.
pub(crate) fn fetch(desk: &Reader, case: &CaseId, opening: &ReleasedCase, console: &Console) -> Outcome<Vec<Unopened>> {
    let (remote, store) = (desk.remote().apart(), desk.object_store(case));
    let objects = desk.office().objects(case, opening)?;
    let absent = content::fetch(&objects, &remote, &store, console)?;
    if disk::names(&store)?.is_empty() {
        let list: Vec<String> = absent.iter().map(ToString::to_string).collect();
        return Err(CliError::from(
            client::Failure::new(Local::ObjectsMissing).why(list.join("; ")),
        ));
    }
    Ok(absent)
}

/// Forgets the sealed objects of a case once all are opened.
pub(crate) fn forget_objects(desk: &Reader, case: &CaseId) -> Outcome<()> {
    let store = desk.object_store(case);
    match std::fs::remove_dir_all(&store) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CliError::file(t!("remove the folder"), &store, &error))
        }
        _ => Ok(()),
    }
}

/// Whether files are to be fetched for a request right after signed calls of this process, though enough may be released:
/// then they are kept apart by [`draw_apart`].
fn must_fetch_apart(desk: &mut Reader, case: &CaseId, request: &Digest) -> Outcome<bool> {
    let is_drawn = desk.office().opened_from(case, request)?.is_some();
    if is_drawn || !desk.remote().has_signed() {
        return Ok(false);
    }
    desk.run(async |reader| reader.read_releases().await)?;
    let need = desk.member().log().registry().current();
    let need = need.map_or(0, |council| usize::from(council.account));
    let own = desk.office().requests().get(request);
    Ok(own.is_some_and(|own| own.released.named().len() >= need))
}

/// How long a signed and an unsigned call are kept apart, in seconds, drawn anew.
fn draw_apart(desk: &Reader) -> u64 {
    let is_demo = desk.member().log().root().origin.is_demo();
    let window = if is_demo { DEMO_APART_S } else { APART_S };
    u64::from_be_bytes(random::bytes()) % (window + 1)
}

/// Waits until the moment that was drawn for `opened`, once, so that its time does not tell who fetched the objects.
fn wait_apart(args: &Open, desk: &mut Reader, case: &CaseId, request: &Digest, console: &Console) -> Outcome<()> {
    let now = clock::now();
    let drawn = desk.office().opened_from(case, request)?;
    let from = match drawn {
        Some(from) => from,
        None => {
            let from = now + draw_apart(desk);
            desk.office().keep_opened_from(case, request, from)?;
            from
        }
    };
    if !args.at_once && now < from {
        let secret = t!("who fetched the files that are here now, sealed");
        wait_for(from - now, t!("`opened` is filed"), secret, console);
    }
    Ok(())
}

fn wait_for(seconds: u64, what: &str, secret: &str, console: &Console) {
    let now = clock::now();
    console.note(&t!(
        "{} {}, at a moment drawn at random, so that its time does not tell the service {}. Ctrl-C loses \
         nothing; --at-once does not wait",
        what,
        until(now + seconds, now),
        secret
    ));
    std::thread::sleep(Duration::from_secs(seconds));
}

/// Writes what opens of each compartment, and names what does not.
fn write(
    args: &Open,
    desk: &Reader,
    case: &CaseId,
    unlocked: &[Unlocked],
    absent: &[Unopened],
    console: &Console,
) -> Outcome<Vec<(Compartment, Written)>> {
    let (held, store) = (desk.member().case(case)?, desk.object_store(case));
    let mut parts = Vec::new();
    for unlocked in unlocked {
        if let Some(folder) = &args.objects {
            content::copy_sealed(held, unlocked, &store, folder)?;
        }
        let written = content::write(held, unlocked, &store, absent, &args.out)?;
        for remark in &written.content.remarks {
            let value = json!({ "text": remark.to_string() });
            console.line(Tone::Warning, &format!("! {remark}"), "remark", value);
        }
        for (path, size) in &written.files {
            let human = format!("  {}  {}", path.display(), HumanBytes(*size));
            console.line(Tone::Plain, &human, "file", json!({ "path": path, "size": size }));
        }
        for unopened in &written.content.unopened {
            let name = names::compartment(unlocked.name);
            let value = json!({ "compartment": unlocked.name, "object": unopened.object.digest,
                "kind": unopened.object.kind, "why": unopened.fault.code() });
            console.line(Tone::Bad, &format!("✗ {name}: {unopened}"), "unopened", value);
        }
        parts.push((unlocked.name, written));
    }
    Ok(parts)
}

fn tell(
    args: &Open,
    case: &CaseId,
    request: &Digest,
    parts: &[(Compartment, Written)],
    filed: Option<&Filed>,
    is_complete: bool,
    console: &Console,
) {
    let names: Vec<&str> = parts.iter().map(|(name, _)| names::compartment(*name)).collect();
    let numbers: Vec<Compartment> = parts.iter().map(|(name, _)| *name).collect();
    let files = parts.iter().flat_map(|(_, written)| &written.files);
    let files: Vec<_> = files
        .map(|(path, size)| json!({ "path": path, "size": size }))
        .collect();
    let key = if is_complete {
        ""
    } else {
        t!("; the request's key is kept")
    };
    let human = t!(
        "✓ opened {} of {} into {}{}",
        names.join(", "),
        case.code(),
        args.out.display(),
        key
    );
    console.result(
        &human,
        json!({ "case": case, "request": request, "compartments": numbers, "files": files,
            "opened": filed.map(|filed| filed_json("opened", filed)), "key_kept": !is_complete }),
    );
}

/// Some objects are not there; what is there was written.
fn not_all(args: &Open, unopened: &[&Unopened]) -> CliError {
    let list: Vec<String> = unopened.iter().map(ToString::to_string).collect();
    CliError::new(
        client::Local::ObjectsMissing,
        t!("{} objects are not there; all others are written into {}", unopened.len(), args.out.display()),
    )
    .why(list.join("; "))
    .remedy(t!("the request's key is kept: run it again later with a new folder; if they stay away, tell the council: seats and mirrors keep copies"))
}

/// What is wrong, and what stays closed, before anything else.
fn tell_first(opened: &ReleasedCase, console: &Console) {
    for breach in &opened.breaches {
        let human = t!("✗ breach: {}", describe_breach(breach));
        console.line(Tone::Bad, &human, "breach", json!(breach));
    }
    if let Some(source) = opened.combined.part {
        let human = match source {
            PartSource::Consent => t!("  opened with the declarant's consent to this request"),
            PartSource::Lapse => {
                t!("  opened without the declarant: enough seats say that she has not been heard from for long")
            }
        };
        console.line(Tone::Plain, human, "part", json!({ "from": source }));
    }
    for name in &opened.combined.lacking_part {
        let human = t!(
            "  {} stays closed: it needs the declarant's consent",
            names::compartment(*name)
        );
        console.line(Tone::Plain, &human, "lacking-part", json!({ "compartment": name }));
    }
    for bad in &opened.combined.bad {
        let human = format!("✗ {}", describe_bad(bad));
        let value = json!({ "seat": bad.x, "compartment": bad.name });
        console.line(Tone::Bad, &human, "bad-share", value);
    }
    if let Some(text) = describe_unsigned(opened.combined.unsigned) {
        let value = json!({ "count": opened.combined.unsigned });
        console.line(Tone::Warning, &format!("! {text}"), "unsigned", value);
    }
    for name in &opened.combined.useless {
        let human = t!("✗ {}: good shares of a useless key", names::compartment(*name));
        console.line(Tone::Bad, &human, "does-not-open", json!({ "compartment": name }));
    }
    if opened.foreign > 0 {
        let human = t!("! {} release files for another request were refused", opened.foreign);
        console.line(Tone::Warning, &human, "foreign", json!({ "count": opened.foreign }));
    }
    for (name, have, need) in &opened.combined.closed {
        let human = t!(
            "  {} stays closed: {} of {} good shares came",
            names::compartment(*name),
            have,
            need
        );
        console.line(
            Tone::Plain,
            &human,
            "closed",
            json!({ "compartment": name, "have": have, "need": need }),
        );
    }
}

/// The keys of the opened parts, so that any age implementation can open the ciphertexts.
fn write_identities(to: Option<&Output>, opened: &ReleasedCase) -> Outcome<()> {
    let Some(output) = to else { return Ok(()) };
    let mut text = Zeroizing::new(String::new());
    for unlocked in &opened.combined.unlocked {
        text.push_str(&format!("# {}\n", names::compartment_file(unlocked.name)));
        text.push_str(&unlocked.identity.to_text());
        text.push('\n');
    }
    output.write(text.as_bytes(), Access::Private)
}
