//! Phrases and passphrases: by prompt, file or descriptor only, never an argument or a variable.

use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use std::io::Read as _;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Words of a phrase (§4).
const PHRASE_WORDS: usize = 8;
/// Longest secret that is read, in bytes.
const SECRET_MAX: u64 = 4096;

/// Where a secret comes from; neither given means: ask on the terminal.
#[derive(Clone, Debug, Default)]
pub struct SecretSource {
    /// A file that holds it in its first line.
    pub file: Option<PathBuf>,
    /// An open descriptor.
    pub fd: Option<u32>,
}

/// What of a file is the secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Its first line.
    Line,
    /// Its first line, or all of it where that holds fewer words than a phrase has: people number them, one a line.
    Words,
}

impl SecretSource {
    /// Reads the secret, without the line end.
    ///
    /// # Errors
    /// Exit 7 when there is nobody to ask or no text, exit 3 or 6 when the file cannot be read.
    pub fn read(&self, console: &Console, prompt: &str, flag: &str) -> Outcome<Zeroizing<String>> {
        self.read_part(console, prompt, flag, Part::Line)
    }

    /// Reads eight words, which may stand on a line each.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_words(&self, console: &Console, prompt: &str, flag: &str) -> Outcome<Zeroizing<String>> {
        self.read_part(console, prompt, flag, Part::Words)
    }

    fn read_part(&self, console: &Console, prompt: &str, flag: &str, part: Part) -> Outcome<Zeroizing<String>> {
        match (&self.file, self.fd) {
            (Some(_), Some(_)) => Err(CliError::usage(t!("both --{}-file and --{}-fd are given", flag, flag))
                .why(t!("the secret is read from one place"))
                .remedy(t!("leave one of them out"))),
            (Some(path), None) => from_path(path.clone(), part),
            (None, Some(fd)) => from_path(PathBuf::from(format!("/dev/fd/{fd}")), part),
            (None, None) => from_terminal(console, prompt, flag),
        }
    }

    /// Whether a file or descriptor was given.
    pub fn is_given(&self) -> bool {
        self.file.is_some() || self.fd.is_some()
    }
}

fn from_path(path: PathBuf, part: Part) -> Outcome<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_MAX as usize));
    std::fs::File::open(&path)
        .and_then(|file| file.take(SECRET_MAX).read_to_end(&mut bytes))
        .map_err(|error| CliError::file(t!("read the secret from"), &path, &error))?;
    let refuse = |why: &str| {
        let what = t!("{} does not hold words", path.display());
        CliError::new(CliCode::SecretNotText, what).why(why).remedy(t!(
            "give the file that holds them in its first line, saved as plain text in UTF-8"
        ))
    };
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = match part {
        Part::Words if words_in(line) < PHRASE_WORDS => &bytes,
        _ => line,
    };
    if line.len() as u64 == SECRET_MAX {
        return Err(refuse(t!(
            "it has 4,096 bytes or more, which no secret of this program has"
        )));
    }
    let text = std::str::from_utf8(disk::unmarked(line)).map_err(|_| refuse(&disk::not_text(&path, line).why))?;
    if text.contains('\0') {
        return Err(refuse(t!("it holds a byte that is zero, as no text does")));
    }
    match part {
        Part::Line => first_line(text),
        Part::Words => first_line(&Zeroizing::new(text.replace(['\r', '\n'], " "))),
    }
}

/// Parts with a letter: a number before a word is none.
fn words_in(line: &[u8]) -> usize {
    let text = String::from_utf8_lossy(line);
    let words = text
        .split_whitespace()
        .filter(|part| part.chars().any(char::is_alphabetic));
    words.count()
}

fn from_terminal(console: &Console, prompt: &str, flag: &str) -> Outcome<Zeroizing<String>> {
    if !console.can_ask() {
        return Err(CliError::new(
            CliCode::NobodyToAsk,
            t!("{} is needed, and this is not a terminal", prompt),
        )
        .why(t!("secrets are read from a terminal, a file or a descriptor only"))
        .remedy(t!(
            "give it with --{}-file FILE or --{}-fd NUMBER; never as an argument",
            flag,
            flag
        )));
    }
    let typed = console.ask_secret(prompt).map_err(|error| {
        CliError::new(CliCode::Prompt, t!("the answer could not be read"))
            .why(error)
            .remedy(t!("run it in a terminal, or give a file"))
    })?;
    first_line(&typed)
}

fn first_line(text: &str) -> Outcome<Zeroizing<String>> {
    let line = text.lines().next().unwrap_or("").trim();
    if line.is_empty() {
        return Err(
            CliError::new(CliCode::EmptySecret, t!("the secret that was given is empty"))
                .why(t!("the first line of what was given holds nothing"))
                .remedy(t!("give a file whose first line holds it, or type it")),
        );
    }
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn a_secret_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p");
        std::fs::write(&path, "one two\nthree\n").expect("written");
        let source = SecretSource {
            file: Some(path.clone()),
            fd: None,
        };
        assert_eq!(
            source
                .read(&Console::silent(), "phrase", "phrase")
                .expect("read")
                .as_str(),
            "one two"
        );
        std::fs::write(&path, "\n").expect("written");
        assert_eq!(
            source
                .read(&Console::silent(), "phrase", "phrase")
                .expect_err("empty")
                .exit(),
            Exit::Key
        );
        std::fs::write(&path, [0xff, 0xfe, b'a', 0]).expect("written");
        let failure = source
            .read(&Console::silent(), "phrase", "phrase")
            .expect_err("no text");
        assert!(
            failure.is(CliCode::SecretNotText) && failure.exit() == Exit::Key,
            "{failure}"
        );
        assert!(!failure.why.is_empty() && !failure.remedy.is_empty());
    }

    #[test]
    fn eight_words_may_stand_on_a_line_each() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("w");
        let source = SecretSource {
            file: Some(path.clone()),
            fd: None,
        };
        let read = |text: &str| {
            std::fs::write(&path, text).expect("written");
            let words = source.read_words(&Console::silent(), "words", "phrase");
            words.expect("read").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read("a b c d e f g h\nof my case\n"), "a b c d e f g h");
        assert_eq!(read("1. a\r\n2. b\r\n\r\n3. c"), "1. a 2. b 3. c");
        assert_eq!(read("\u{feff}a b c d\ne f g h\n"), "a b c d e f g h");
        std::fs::write(&path, "x ".repeat(3000)).expect("written");
        assert!(
            source.read_words(&Console::silent(), "words", "phrase").is_err(),
            "endless"
        );
    }

    #[test]
    fn without_terminal_or_file_nobody_is_asked() {
        let failure = SecretSource::default()
            .read(&Console::silent(), "the passphrase", "passphrase")
            .expect_err("no");
        assert_eq!(failure.exit(), Exit::Key);
        assert!(failure.remedy.contains("--passphrase-file"));
    }
}
