//! `resguardo new-words`: she has messages, and what leads to her filings, under eight other words from now on (§9.3).

use super::hers::open_verified;
use super::seal;
use crate::args;
use crate::clock::readable;
use crate::console::Console;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::output::Plan;
use protocol::CaseId;
use serde_json::json;

pub(super) fn run(args: &args::NewWords, console: &Console) -> Outcome<()> {
    let root = &args.hers.root;
    let inputs = args.hers.phrase.inputs().chain([root.root.as_path()]);
    let out = args
        .phrase_out
        .as_deref()
        .map(|path| Plan::reading(inputs).file(path))
        .transpose()?;
    seal::words::check(false, args.phrase_out.is_some(), console)?;
    let mut hers = open_verified(&args.hers, console)?;
    let shown = hers.view().filings.into_iter().filter(|filing| filing.parts.is_some());
    let filings: Vec<CaseId> = shown.map(|filing| filing.case).collect();
    if filings.is_empty() {
        return Err(CliError::new(
            CliCode::UnknownName,
            t!("these words hold no filing that enough seats show"),
        )
        .why(t!("messages are sent to the inbox of a filing"))
        .remedy(t!(
            "`resguardo inbox` says where a filing of these words stands; nothing was sent"
        )));
    }
    let (root, new) = seal::words::draw(args.words, out, hers.trust().origin())?;
    // Whoever has no words yet is sent nothing there.
    new.give(console)?;
    let to = root.case(0);
    let mut is_any_sent = false;
    let moved = hers.run(async |declarant| {
        let (sent, failed) = declarant.move_all(&to).await;
        is_any_sent = !sent.is_empty();
        failed.map_or(Ok(sent), Err)
    });
    let sent = moved.inspect_err(|failure| {
        if !is_any_sent {
            new.take_back_after(failure, console);
        }
    })?;
    let by = sent.iter().filter_map(|sent| sent.by).max();
    let human = t!(
        "✓ the new words were sent to the seats; keep the old ones until `resguardo inbox` shows the filing with the new, by {}",
        by.map(readable).unwrap_or_default()
    );
    console.result(
        &human,
        json!({ "phrase_file": new.file(), "filings": filings, "by": by }),
    );
    Ok(())
}
