//! The eight words of a new phrase: given to her before anything is filed (G5), and taken back when nothing was.

use crate::args::{Seal, Tongue};
use crate::console::Console;
use crate::declare;
use crate::disk::Access;
use crate::failure::{CliCode, CliError, ErrorCode, Outcome};
use crate::follow::Follow;
use crate::language::{of_process, t};
use crate::output::Output;
use crate::phrase;
use crate::random;
use protocol::Origin;
use protocol::age::Recipient;
use protocol::phrase::{Phrase, PhraseRoot};
use std::path::Path;
use zeroize::Zeroizing;

/// Words that nobody has yet.
pub(in crate::commands) struct NewWords {
    words: Zeroizing<String>,
    out: Option<Output>,
}

/// Refuses before anything is done where the words could not be given.
pub(in crate::commands) fn check(are_given: bool, are_written: bool, console: &Console) -> Outcome<()> {
    match are_given || are_written || console.can_show() {
        true => Ok(()),
        false => Err(CliError::usage(t!(
            "the eight words cannot be shown: this is not a terminal, or --json is given"
        ))
        .why(t!("nothing is sealed whose words nobody has"))
        .remedy(t!(
            "give --phrase-out FILE to have them written, or --phrase-file to use words you have"
        ))),
    }
}

/// What is given to her before a testimony is filed: its words, where they are new, and those of another inbox.
pub(super) struct ToGive {
    own: Option<NewWords>,
    decoy: Option<NewWords>,
}

/// The root of the words that were given, or of new ones; `decoy`: where the words of another inbox are written, and then its
/// recipient.
pub(super) fn root(
    args: &Seal,
    out: Option<Output>,
    decoy: Option<Output>,
    follow: &Follow,
    console: &Console,
) -> Outcome<(PhraseRoot, Option<Recipient>, ToGive)> {
    let (root, own) = if args.words.phrase.source().is_given() {
        let source = args.words.phrase.source();
        let text = source.read_words(console, t!("The eight words"), "phrase")?;
        (phrase::root_of(&text, follow)?, None)
    } else {
        let (root, new) = draw(args.words.language, out, follow.trust().origin())?;
        (root, Some(new))
    };
    let decoy = decoy.map(|out| draw(args.words.language, Some(out), follow.trust().origin()));
    let (second, decoy) = decoy.transpose()?.unzip();
    let second = second.map(|root| root.case(0).inbox.recipient());
    Ok((root, second, ToGive { own, decoy }))
}

impl ToGive {
    /// Gives what is new, all or nothing; see [`NewWords::give`].
    pub fn give(&self, console: &Console) -> Outcome<()> {
        let mut given: Vec<&NewWords> = Vec::new();
        for words in self.all() {
            words
                .give(console)
                .inspect_err(|_| given.iter().for_each(|words| words.take_back(console)))?;
            given.push(words);
        }
        Ok(())
    }

    /// Takes it back: nothing was filed.
    pub fn take_back(&self, console: &Console) {
        self.all().for_each(|words| words.take_back(console));
    }

    /// Where her own words are, if they are new and not on paper.
    pub fn file(&self) -> Option<&Path> {
        self.own.as_ref().and_then(NewWords::file)
    }

    fn all(&self) -> impl Iterator<Item = &NewWords> {
        [&self.own, &self.decoy].into_iter().flatten()
    }
}

/// Draws words, in a language that was asked for or in that of this run; `out`: where they are written when they are given.
///
/// # Errors
/// Exit 6 when this machine cannot allocate.
pub(in crate::commands) fn draw(
    language: Option<Tongue>,
    out: Option<Output>,
    origin: &Origin,
) -> Outcome<(PhraseRoot, NewWords)> {
    let phrase = Phrase::draw(&mut random::system());
    let words = phrase.words(language.map_or_else(|| of_process().words(), Tongue::language));
    Ok((declare::derive(&phrase, origin)?, NewWords { words, out }))
}

impl NewWords {
    /// Writes them, or shows them and has one of them typed.
    ///
    /// # Errors
    /// Exit 7 when another word is typed; storage.
    pub fn give(&self, console: &Console) -> Outcome<()> {
        match &self.out {
            Some(output) => output.write(format!("{}\n", self.words.as_str()).as_bytes(), Access::Private),
            None => confirm(&self.words, console),
        }
    }

    /// Takes them back: nothing was filed under them.
    pub fn take_back(&self, console: &Console) {
        match &self.out {
            Some(output) => output.take_back(),
            None => console.note(t!("nothing was filed under these words: they hold nothing")),
        }
    }

    /// Takes them back, unless the failure left open whether what was sent is in the office.
    pub fn take_back_after(&self, failure: &CliError, console: &Console) {
        if !matches!(&failure.code, ErrorCode::Act(code) if code.is_unanswered()) {
            self.take_back(console);
        }
    }

    /// Where they are, if not on paper.
    pub fn file(&self) -> Option<&Path> {
        self.out.as_ref().map(Output::path)
    }
}

/// Shows the words and has one of them typed, so that they were written down.
fn confirm(words: &str, console: &Console) -> Outcome<()> {
    console.secret(t!(
        "These eight words are the only way back to this testimony. Write them on paper:"
    ));
    console.secret(&format!("\n    {words}\n"));
    let number = usize::from(random::bytes::<1>()[0] % 8);
    let wanted = words.split_whitespace().nth(number).unwrap_or_default();
    let asked = t!("Type word {} to go on: ", number + 1);
    let typed = rpassword::prompt_password(asked).map_err(|error| {
        CliError::new(CliCode::Prompt, t!("the answer could not be read"))
            .why(error)
            .remedy(t!("nothing was filed; run it again on a terminal"))
    })?;
    if typed.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(CliError::new(CliCode::WordsNotKept, t!("that is another word"))
        .why(t!("what is sealed can never be reached again without the words"))
        .remedy(t!("nothing was filed; write the words down and run it again")))
}
