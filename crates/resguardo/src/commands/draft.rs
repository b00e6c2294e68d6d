//! `resguardo draft …`: what she has written so far, sealed to herself for seven days (§9.5).

use super::{seal, trust, warn_of_demo};
use crate::args::{Draft as Verb, DraftOpen, DraftSave, PhraseArgs};
use crate::clock::readable;
use crate::console::Console;
use crate::declare;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::line::ServiceLine;
use crate::output::Plan;
use crate::phrase;
use crate::remote::Remote;
use crate::trust::Trust;
use client::{Drafts, Random};
use protocol::draft::{Draft, TEXT_MAX};
use protocol::phrase::{Phrase, PhraseRoot};
use serde_json::json;
use std::collections::BTreeMap;

/// The field of a draft that holds what happened.
const ACCOUNT: &str = "account";

pub(super) fn run(verb: &Verb, console: &Console) -> Outcome<()> {
    match verb {
        Verb::Save(args) => save(args, console),
        Verb::Open(args) => open(args, console),
        Verb::Erase(args) => {
            let trust = trust(&args.root)?;
            let roots = roots(&args.phrase, &trust, console)?;
            let line = line(&trust, console)?;
            let (mut drafts, _) = find(&line, &roots)?;
            line.run(drafts.erase())?;
            console.result(t!("✓ the draft is erased"), json!({}));
            Ok(())
        }
    }
}

fn save(args: &DraftSave, console: &Console) -> Outcome<()> {
    let inputs = args
        .words
        .phrase
        .inputs()
        .chain([args.account.as_path(), args.root.root.as_path()]);
    let out = args
        .words
        .phrase_out
        .as_deref()
        .map(|path| Plan::reading(inputs).file(path))
        .transpose()?;
    let account = disk::text(&args.account, TEXT_MAX as u64)?;
    let is_given = args.words.phrase.source().is_given();
    seal::words::check(is_given, args.words.phrase_out.is_some(), console)?;
    let trust = trust(&args.root)?;
    warn_of_demo(&trust, console);
    let line = line(&trust, console)?;
    let (mut drafts, new, before) = if is_given {
        let (drafts, before) = find(&line, &roots(&args.words.phrase, &trust, console)?)?;
        (drafts, None, Some(before))
    } else {
        let (root, new) = seal::words::draw(args.words.language, out, trust.origin())?;
        (
            Drafts::new(&root, line.wire().clone(), Random::default()),
            Some(new),
            None,
        )
    };
    // Of a draft that a page has saved, all but the account stays as it is.
    let mut fields: BTreeMap<String, String> = before.map(|draft| draft.fields.clone()).unwrap_or_default();
    fields.insert(ACCOUNT.to_owned(), account.to_string());
    if let Some(new) = &new {
        new.give(console)?;
    }
    line.run(drafts.save(fields)).inspect_err(|_| {
        if let Some(new) = &new {
            new.take_back(console);
        }
    })?;
    let words = new.as_ref().and_then(|new| new.file());
    console.result(
        t!("✓ saved for seven days, sealed to these words; it is no filing yet"),
        json!({ "phrase_file": words }),
    );
    Ok(())
}

fn open(args: &DraftOpen, console: &Console) -> Outcome<()> {
    let inputs = args.phrase.inputs().chain([args.root.root.as_path()]);
    let out = Plan::reading(inputs).forced(args.force).file(&args.out)?;
    let trust = trust(&args.root)?;
    let roots = roots(&args.phrase, &trust, console)?;
    warn_of_demo(&trust, console);
    let line = line(&trust, console)?;
    let (_, draft) = find(&line, &roots)?;
    let account = draft.fields.get(ACCOUNT).map_or("", String::as_str);
    out.write(account.as_bytes(), Access::Private)?;
    let others: Vec<&String> = draft.fields.keys().filter(|name| *name != ACCOUNT).collect();
    let saved = readable(draft.saved);
    let human = t!("✓ the account of {} is in {}", saved, out.path().display());
    console.result(
        &human,
        json!({ "saved": draft.saved, "file": out.path(), "other_fields": others }),
    );
    Ok(())
}

/// The roots of the words that she gives, one for each way to read them.
fn roots(args: &PhraseArgs, trust: &Trust, console: &Console) -> Outcome<Vec<PhraseRoot>> {
    let words = args.source().read_words(console, t!("The eight words"), "phrase")?;
    let phrases = Phrase::read(&words).map_err(|error| phrase::wrong_words(&error))?;
    phrases
        .iter()
        .map(|phrase| declare::derive(phrase, trust.origin()))
        .collect()
}

fn line(trust: &Trust, console: &Console) -> Outcome<ServiceLine> {
    Ok(ServiceLine::new(
        Remote::new(&trust.base_url)?,
        crate::line::Trouble::default(),
        console,
    ))
}

fn find(line: &ServiceLine, roots: &[PhraseRoot]) -> Outcome<(Drafts, Draft)> {
    let found = line.run(Drafts::find(roots, line.wire(), &Random::default()))?;
    let (_, drafts, draft) = found.ok_or_else(none)?;
    Ok((drafts, draft))
}

fn none() -> CliError {
    CliError::new(CliCode::NoDraft, t!("no draft of these words is there"))
        .why(t!("a draft is kept for seven days after it was saved last; it goes when it is filed; other words never have one"))
        .remedy(t!("check the words; a testimony that was filed with them is shown by `resguardo inbox`"))
}
