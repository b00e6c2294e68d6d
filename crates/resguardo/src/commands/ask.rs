//! `resguardo ask`: a question without a filing (§9.2); and the questions that wait for a seat.

use super::{hers, seal, short, trust, warn_of_demo};
use crate::args::Ask;
use crate::console::{Console, Tone};
use crate::declarant::DeclarantLine;
use crate::desk::Seat;
use crate::failure::Outcome;
use crate::language::t;
use crate::output::Plan;
use serde_json::{Value, json};

pub(super) fn run(args: &Ask, console: &Console) -> Outcome<()> {
    let text = hers::text_of(&args.text)?;
    let inputs = args
        .words
        .phrase
        .inputs()
        .chain([args.text.as_path(), args.root.root.as_path()]);
    let out = args
        .words
        .phrase_out
        .as_deref()
        .map(|path| Plan::reading(inputs).file(path))
        .transpose()?;
    let is_given = args.words.phrase.source().is_given();
    seal::words::check(is_given, args.words.phrase_out.is_some(), console)?;
    let trust = trust(&args.root)?;
    warn_of_demo(&trust, console);
    let (mut hers, new) = if is_given {
        let words = args
            .words
            .phrase
            .source()
            .read_words(console, t!("The eight words"), "phrase")?;
        (DeclarantLine::open(trust, &words, None, console)?, None)
    } else {
        let (root, new) = seal::words::draw(args.words.language, out, trust.origin())?;
        (DeclarantLine::from_roots(trust, vec![root], None, console)?, Some(new))
    };
    hers.refresh(console)?;
    hers.unverifiable().map_or(Ok(()), Err)?;
    if let Some(new) = &new {
        new.give(console)?;
    }
    hers.run(async |declarant| declarant.ask(text.trim_end()).await)
        .inspect_err(|failure| {
            if let Some(new) = &new {
                new.take_back_after(failure, console);
            }
        })?;
    console.result(
        t!("✓ asked: every seat reads it; `resguardo inbox` with these words shows the answer, after a publication"),
        json!({ "phrase_file": new.as_ref().and_then(|new| new.file()) }),
    );
    Ok(())
}

/// Tells a seat which questions wait for an answer; gives how many.
pub(super) fn tell(seat: &Seat, console: &Console) -> usize {
    let asks = seat.office().asks();
    for ask in &asks {
        let human = t!(
            "question {} of {}, inbox {}:",
            short(&ask.statement),
            ask.day,
            ask.inbox
        );
        console.line(Tone::Plain, &human, "ask", json!(ask));
        if !console.is_json() {
            for line in ask.text.lines() {
                console.line(Tone::Plain, &format!("    {line}"), "ask", Value::Null);
            }
        }
    }
    asks.len()
}
