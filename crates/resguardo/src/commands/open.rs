//! `resguardo open`: a reader opens what was released. Breaches come first, in red; then the sealed objects are fetched,
//! apart from everything that bears the reader's name; `opened` is in the log's hands before any content is written.

use super::{desk, filed_json};
use crate::args::Open;
use crate::clock::{self, until};
use crate::console::{Console, Tone};
use crate::content::{self, Unopened, Written};
use crate::desk::{Desk, Opened, describe_bad, describe_breach, describe_unsigned};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::names;
use casework::Filed;
use casework::open::{Unlocked, may_still_open};
use indicatif::HumanBytes;
use protocol::statement::Compartment;
use protocol::{CaseId, Digest};
use reports::{Record, Source, Words};
use serde_json::json;
use std::time::Duration;
use testimony::Document;
use zeroize::Zeroizing;

pub(super) fn run(args: &Open, console: &Console) -> Outcome<()> {
    if !disk::names(&args.out)?.is_empty() {
        return Err(Failure::usage(format!("{} is not empty", args.out.display()))
            .why("what is opened needs a folder of its own")
            .remedy("give a new folder, so that nothing is overwritten"));
    }
    let mut desk = desk(&args.desk, console)?;
    let (case, request) = desk.own_request(&args.request)?;
    if !args.at_once && desk.has_request(&case, &request) && desk.must_fetch_apart(&case, &request)? {
        let wait = desk.draw_apart();
        wait_for(wait, "the sealed files are fetched", "who fetches them", console);
    }
    let opened = desk.open_request(&case, &request, args.even_so)?;
    tell_first(&opened, console);
    if opened.combined.unlocked.is_empty() {
        desk.file_opened(&case, &request, opened.outcome, args.even_so)?;
        return Err(Failure::new(
            Exit::Check,
            "does-not-open",
            "the released shares are good, but their key opens nothing",
        )
        .why("the key that they give is not the one in the header: it was sealed wrongly, perhaps on purpose")
        .remedy("`does-not-open` is filed; nothing more can be done with this testimony"));
    }
    let absent = fetch(&desk, &case, &opened.combined.unlocked, console)?;
    wait_apart(args, &desk, &case, &request, console)?;
    let filed = desk.file_opened(&case, &request, opened.outcome, args.even_so)?;
    let parts = write(args, &desk, &case, &opened.combined.unlocked, &absent, console)?;
    write_record(args, &desk, &case, request, &parts)?;
    write_identities(args, &opened)?;
    let unopened: Vec<&Unopened> = parts.iter().flat_map(|(_, written)| &written.unopened).collect();
    let may_pass = unopened.iter().any(|unopened| unopened.fault.may_pass());
    let case_now = &desk.opened_case(&case)?.case;
    let mut closed = opened.combined.closed.iter();
    let is_complete = !may_pass && !closed.any(|(name, ..)| may_still_open(case_now, &request, *name));
    if is_complete {
        desk.destroy_request_key(&case, &request)?;
    }
    tell(args, &case, &request, &parts, filed.as_ref(), is_complete, console);
    if may_pass {
        return Err(not_all(args, &unopened));
    }
    Ok(())
}

/// Fetches the sealed objects over lines of their own, without the reader's key; gives those that did not come.
fn fetch(desk: &Desk, case: &CaseId, unlocked: &[Unlocked], console: &Console) -> Outcome<Vec<Unopened>> {
    let (held, remote) = (desk.opened_case(case)?, desk.follow().remote().apart());
    let store = desk.object_store(case);
    let absent = content::fetch(held, unlocked, &remote, &store, console)?;
    if disk::names(&store)?.is_empty() {
        let list: Vec<String> = absent.iter().map(ToString::to_string).collect();
        return Err(Failure::new(
            Exit::NotFound,
            "objects-missing",
            "no object of this testimony came, so nothing was opened and nothing filed",
        )
        .why(list.join("; "))
        .remedy("the request's key is kept: run it again later; if they stay away, tell the council: seats and mirrors keep copies"));
    }
    Ok(absent)
}

/// Waits until the moment that was drawn for `opened`, so that its time does not tell who fetched the objects.
fn wait_apart(args: &Open, desk: &Desk, case: &CaseId, request: &Digest, console: &Console) -> Outcome<()> {
    let from = desk.opened_from(case, request)?;
    let now = clock::now();
    if args.at_once || now >= from {
        return Ok(());
    }
    wait_for(
        from - now,
        "`opened` is filed",
        "who fetched the files that are here now, sealed",
        console,
    );
    Ok(())
}

fn wait_for(seconds: u64, what: &str, secret: &str, console: &Console) {
    let now = clock::now();
    console.note(&format!(
        "{what} {}, at a moment drawn at random, so that its time does not tell the service {secret}. Ctrl-C loses \
         nothing; --at-once does not wait",
        until(now + seconds, now)
    ));
    std::thread::sleep(Duration::from_secs(seconds));
}

/// Writes what opens of each compartment, and names what does not.
fn write(
    args: &Open,
    desk: &Desk,
    case: &CaseId,
    unlocked: &[Unlocked],
    absent: &[Unopened],
    console: &Console,
) -> Outcome<Vec<(Compartment, Written)>> {
    let (held, store) = (desk.opened_case(case)?, desk.object_store(case));
    let mut parts = Vec::new();
    for unlocked in unlocked {
        if let Some(folder) = &args.objects {
            content::copy_sealed(held, unlocked, &store, folder)?;
        }
        let written = content::write(held, unlocked, &store, absent, &args.out)?;
        for remark in &written.remarks {
            console.line(
                Tone::Warning,
                &format!("! {remark}"),
                "remark",
                json!({ "text": remark }),
            );
        }
        for (path, size) in &written.files {
            let human = format!("  {}  {}", path.display(), HumanBytes(*size));
            console.line(Tone::Plain, &human, "file", json!({ "path": path, "size": size }));
        }
        for unopened in &written.unopened {
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
    let key = if is_complete { "" } else { "; the request's key is kept" };
    let human = format!(
        "✓ opened {} of {} into {}{key}",
        names.join(", "),
        case.code(),
        args.out.display()
    );
    console.result(
        &human,
        json!({ "case": case, "request": request, "compartments": numbers, "files": files,
            "opened": filed.map(|filed| filed_json("opened", filed)), "key_kept": !is_complete }),
    );
}

/// Some objects are not there; what is there was written.
fn not_all(args: &Open, unopened: &[&Unopened]) -> Failure {
    let list: Vec<String> = unopened.iter().map(ToString::to_string).collect();
    Failure::new(
        Exit::NotFound,
        "objects-missing",
        format!(
            "{} objects are not there; all others are written into {}",
            unopened.len(),
            args.out.display()
        ),
    )
    .why(list.join("; "))
    .remedy("the request's key is kept: run it again later with a new folder; if they stay away, tell the council: seats and mirrors keep copies")
}

/// What reports are made from: acts and digests, none of her words.
fn write_record(
    args: &Open,
    desk: &Desk,
    case: &CaseId,
    request: Digest,
    parts: &[(Compartment, Written)],
) -> Outcome<()> {
    let held = desk.opened_case(case)?;
    let document = |(name, written): &'_ (Compartment, Written)| Some((*name, written.document.clone()?));
    let documents: Vec<(Compartment, Document)> = parts.iter().filter_map(document).collect();
    let words: Vec<Words<'_>> = documents
        .iter()
        .map(|(name, document)| Words {
            name: *name,
            text: &document.text,
            files: &document.files,
        })
        .collect();
    let remarks = |(_, written): &(Compartment, Written)| {
        let unopened = written.unopened.iter().map(ToString::to_string);
        written.remarks.iter().cloned().chain(unopened).collect::<Vec<String>>()
    };
    let trusted = &desk.follow().latest()?.1;
    let record = Record::of(Source {
        case: &held.case,
        core: &held.core,
        registry: desk.follow().registry(),
        request,
        read_to: (trusted.time(), trusted.checkpoint().size),
        documents: &words,
        remarks: parts.iter().flat_map(remarks).collect(),
    });
    let bytes = serde_json::to_vec_pretty(&record).map_err(|_| Failure::bug("a record that cannot be written"))?;
    disk::create(&args.out.join(content::RECORD), &bytes, Access::Private)
}

/// What is wrong, and what stays closed, before anything else.
fn tell_first(opened: &Opened, console: &Console) {
    for breach in &opened.breaches {
        let human = format!("✗ breach: {}", describe_breach(breach));
        console.line(Tone::Bad, &human, "breach", json!(breach));
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
        let human = format!("✗ {}: good shares of a useless key", names::compartment(*name));
        console.line(Tone::Bad, &human, "does-not-open", json!({ "compartment": name }));
    }
    if opened.foreign > 0 {
        let human = format!("! {} release files for another request were refused", opened.foreign);
        console.line(Tone::Warning, &human, "foreign", json!({ "count": opened.foreign }));
    }
    for (name, have, need) in &opened.combined.closed {
        let human = format!(
            "  {} stays closed: {have} of {need} good shares came",
            names::compartment(*name)
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
fn write_identities(args: &Open, opened: &Opened) -> Outcome<()> {
    let Some(path) = &args.identity_out else { return Ok(()) };
    let mut text = Zeroizing::new(String::new());
    for unlocked in &opened.combined.unlocked {
        text.push_str(&format!("# {}\n", names::compartment(unlocked.name)));
        text.push_str(&unlocked.identity.to_text());
        text.push('\n');
    }
    disk::create(path, text.as_bytes(), Access::Private)
}
