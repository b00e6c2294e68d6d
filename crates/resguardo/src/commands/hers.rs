//! What she sends after filing (§9.3): `consent`, `withdraw`, `alive`, `say`, and the objection of `inbox --object`.

use super::{short, trust, warn_of_demo};
use crate::args;
use crate::clock::readable;
use crate::console::Console;
use crate::declarant::{self, DeclarantLine};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::{disk, phrase};
use client::{Sent, SentState, Since};
use std::path::Path;

/// Most bytes of a text: more is refused by its statement, and said so.
const TEXT_FILE_MAX: u64 = 64 * 1024;

pub(super) fn consent(args: &args::Consent, console: &Console) -> Outcome<()> {
    let mut hers = open_verified(&args.hers, console)?;
    let request = declarant::request(&hers.view(), &args.request)?;
    let sent = hers.run(async |declarant| declarant.consent(&request, args.yes).await)?;
    let answer = if args.yes {
        t!("her consent to")
    } else {
        t!("her no to")
    };
    tell_done(&sent, &format!("{answer} {}", short(&request)), console);
    Ok(())
}

pub(super) fn withdraw(args: &args::Withdrawal, console: &Console) -> Outcome<()> {
    let mut hers = open_verified(&args.hers, console)?;
    let view = hers.view();
    let filing = declarant::filing(&view, args.case.as_deref())?;
    let sent = hers.run(async |declarant| declarant.withdraw(&filing.case, !args.take_back).await)?;
    let what = match args.take_back {
        false => t!("the withdrawal of {}", filing.code),
        true => t!("that {} is withdrawn no more", filing.code),
    };
    tell_done(&sent, &what, console);
    Ok(())
}

pub(super) fn alive(args: &args::Alive, console: &Console) -> Outcome<()> {
    let mut hers = open_verified(&args.hers, console)?;
    let view = hers.view();
    let filing = declarant::filing(&view, args.case.as_deref())?;
    let sent = hers.run(async |declarant| declarant.alive(&filing.case).await)?;
    tell_done(&sent, &t!("the sign of life on {}", filing.code), console);
    Ok(())
}

pub(super) fn say(args: &args::Say, console: &Console) -> Outcome<()> {
    let text = text_of(&args.text)?;
    let mut hers = open_verified(&args.hers, console)?;
    let view = hers.view();
    let filing = declarant::filing(&view, args.case.as_deref())?;
    let sent = hers.run(async |declarant| declarant.say(&filing.case, text.trim_end()).await)?;
    tell_done(&sent, &t!("the message on {}", filing.code), console);
    Ok(())
}

/// A text that is to be sent, from a file.
pub(super) fn text_of(path: &Path) -> Outcome<String> {
    String::from_utf8(disk::read(path, TEXT_FILE_MAX)?).map_err(|_| {
        CliError::usage(t!("{} is not text in UTF-8", path.display()))
            .why(t!("it holds bytes that are not text"))
            .remedy(t!("save it as plain text and run it again; nothing was sent"))
    })
}

/// Opens her side and reads what the words show; the log verifies.
pub(super) fn open_verified(args: &args::Hers, console: &Console) -> Outcome<DeclarantLine> {
    let hers = open(args, console)?;
    hers.unverifiable().map_or(Ok(hers), Err)
}

/// Opens her side and reads what the words show.
pub(super) fn open(args: &args::Hers, console: &Console) -> Outcome<DeclarantLine> {
    let trust = trust(&args.root)?;
    let words = args
        .phrase
        .source()
        .read_words(console, t!("The eight words"), "phrase")?;
    // Wrong words are told before anything is fetched.
    protocol::phrase::Phrase::read(&words).map_err(|error| phrase::wrong_words(&error))?;
    warn_of_demo(&trust, console);
    let since = args.since.as_deref().map(moment).transpose()?;
    let mut hers = DeclarantLine::open(trust, &words, args.state.as_deref(), console)?;
    if let Some(since) = since {
        hers.read_from(since);
    }
    hers.refresh(console)?;
    Ok(hers)
}

/// The moment from which a month, or a third of one, is read.
fn moment(since: &str) -> Outcome<u64> {
    Since::parse(since).map(Since::moment).ok_or_else(|| {
        CliError::usage(t!("when it was filed cannot be read"))
            .why(t!(
                "it is not written as a month, or as the day with which a third of it begins"
            ))
            .remedy(t!(
                "write it as 2026-11, or as 2026-11-01, 2026-11-11 or 2026-11-21; nothing was fetched"
            ))
    })
}

/// What became of something that she sent.
pub(super) fn tell_done(sent: &Sent, what: &str, console: &Console) {
    let by = sent.by.map(readable).unwrap_or_default();
    let human = match sent.state {
        SentState::Unsent => t!("{} is kept, and was not sent yet", what),
        SentState::Sent | SentState::Overdue => {
            t!(
                "✓ {} was sent; a seat files it, and `resguardo inbox` shows it by {}",
                what,
                by
            )
        }
    };
    console.result(&human, serde_json::to_value(sent).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_thirds_are_read_and_nothing_else() {
        let read = |since: &str| moment(since).ok();
        assert_eq!(read("2026-11"), read("2026-11-01"));
        let thirds = ["2026-11-01", "2026-11-11", "2026-11-21"].map(read);
        assert!(thirds.iter().all(Option::is_some) && thirds.is_sorted(), "{thirds:?}");
        for wrong in ["2026-11-12", "2026", "november", ""] {
            let failure = moment(wrong).expect_err(wrong);
            assert_eq!(failure.exit(), crate::failure::Exit::Usage, "{wrong}");
        }
    }
}
