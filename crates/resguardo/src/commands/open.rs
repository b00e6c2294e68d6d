//! `resguardo open`: a reader opens what was released. Breaches come first, in red; `opened` is in the log's hands
//! before any content is written.

use super::{desk, filed_json};
use crate::args::Open;
use crate::console::{Console, Tone};
use crate::content;
use crate::desk::{Opened, describe_breach};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::names;
use indicatif::HumanBytes;
use protocol::statement::Compartment;
use reports::{Record, Source, Words};
use serde_json::json;
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
    let opened = desk.open_request(&case, &request, args.even_so)?;
    tell_first(&opened, console);
    if opened.combined.unlocked.is_empty() {
        return Err(Failure::new(
            Exit::Check,
            "does-not-open",
            "the released shares are good, but their key opens nothing",
        )
        .why("the key that they give is not the one in the header: it was sealed wrongly, perhaps on purpose")
        .remedy("`does-not-open` is filed; nothing more can be done with this testimony"));
    }
    let held = desk.opened_case(&case)?;
    let mut files = Vec::new();
    let (mut documents, mut remarks) = (Vec::new(), Vec::new());
    for unlocked in &opened.combined.unlocked {
        let objects = args.objects.as_deref();
        let written = content::write(held, unlocked, desk.follow().remote(), &args.out, objects, console)?;
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
            files.push(json!({ "path": path, "size": size }));
        }
        documents.extend(written.document.map(|document| (unlocked.name, document)));
        remarks.extend(written.remarks);
    }
    let words: Vec<Words<'_>> = documents
        .iter()
        .map(|(name, document): &(Compartment, Document)| Words {
            name: *name,
            text: &document.text,
            files: &document.files,
        })
        .collect();
    let trusted = &desk.follow().latest()?.1;
    let record = Record::of(Source {
        case: &held.case,
        core: &held.core,
        registry: desk.follow().registry(),
        request,
        read_to: (trusted.time(), trusted.checkpoint().size),
        documents: &words,
        remarks,
    });
    write_record(args, &record)?;
    write_identities(args, &opened)?;
    desk.destroy_request_key(&case, &request)?;
    let names: Vec<&str> = opened
        .combined
        .unlocked
        .iter()
        .map(|unlocked| names::compartment(unlocked.name))
        .collect();
    let numbers: Vec<_> = opened.combined.unlocked.iter().map(|unlocked| unlocked.name).collect();
    let filed = opened.filed.as_ref().map(|filed| filed_json("opened", filed));
    let human = format!(
        "✓ opened {} of {} into {}",
        names.join(", "),
        case.code(),
        args.out.display()
    );
    console.result(
        &human,
        json!({ "case": case, "request": request, "compartments": numbers, "files": files, "opened": filed }),
    );
    Ok(())
}

/// What reports are made from: acts and digests, none of her words.
fn write_record(args: &Open, record: &Record) -> Outcome<()> {
    let bytes = serde_json::to_vec_pretty(record).map_err(|_| Failure::bug("a record that cannot be written"))?;
    disk::create(&args.out.join(content::RECORD), &bytes, Access::Private)
}

/// What is wrong, and what stays closed, before anything else.
fn tell_first(opened: &Opened, console: &Console) {
    for breach in &opened.breaches {
        let human = format!("✗ breach: {}", describe_breach(breach));
        console.line(Tone::Bad, &human, "breach", json!(breach));
    }
    for unlocked in &opened.combined.unlocked {
        for x in &unlocked.bad {
            let human = format!(
                "✗ the share of seat {x} for {} is bad",
                names::compartment(unlocked.name)
            );
            console.line(
                Tone::Bad,
                &human,
                "bad-share",
                json!({ "seat": x, "compartment": unlocked.name }),
            );
        }
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
            "  {} stays closed: {have} of {need} seats released it",
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
