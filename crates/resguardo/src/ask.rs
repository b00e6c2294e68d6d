//! Phrases and passphrases: by prompt, file or descriptor only, never an argument or a variable.

use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use std::io::Read as _;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Longest secret that is read, in bytes.
const SECRET_MAX: u64 = 4096;

/// Where a secret comes from; neither given means: ask on the terminal.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// A file that holds it in its first line.
    pub file: Option<PathBuf>,
    /// An open descriptor.
    pub fd: Option<u32>,
}

impl Source {
    /// Reads the secret, without the line end.
    ///
    /// # Errors
    /// Exit 7 when there is nobody to ask, exit 3 or 6 when the file cannot be read.
    pub fn read(&self, console: &Console, prompt: &str, flag: &str) -> Outcome<Zeroizing<String>> {
        match (&self.file, self.fd) {
            (Some(_), Some(_)) => Err(Failure::usage(format!("both --{flag}-file and --{flag}-fd are given"))
                .why("the secret is read from one place")
                .remedy("leave one of them out")),
            (Some(path), None) => from_path(path.clone()),
            (None, Some(fd)) => from_path(PathBuf::from(format!("/dev/fd/{fd}"))),
            (None, None) => from_terminal(console, prompt, flag),
        }
    }

    /// Whether a file or descriptor was given.
    pub fn is_given(&self) -> bool {
        self.file.is_some() || self.fd.is_some()
    }
}

fn from_path(path: PathBuf) -> Outcome<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(&path)
        .and_then(|file| file.take(SECRET_MAX).read_to_string(&mut text))
        .map_err(|error| Failure::file("read the secret from", &path, &error))?;
    first_line(&text)
}

fn from_terminal(console: &Console, prompt: &str, flag: &str) -> Outcome<Zeroizing<String>> {
    if !console.can_ask() {
        return Err(Failure::new(
            Exit::Key,
            "nobody-to-ask",
            format!("{prompt} is needed, and this is no terminal"),
        )
        .why("a program that runs this one cannot be asked")
        .remedy(format!(
            "give it with --{flag}-file FILE or --{flag}-fd NUMBER; never as an argument"
        )));
    }
    let typed = rpassword::prompt_password(format!("{prompt}: ")).map_err(|error| {
        Failure::new(Exit::Key, "prompt", "the answer could not be read")
            .why(error)
            .remedy("run it in a terminal, or give a file")
    })?;
    first_line(&Zeroizing::new(typed))
}

fn first_line(text: &str) -> Outcome<Zeroizing<String>> {
    let line = text.lines().next().unwrap_or("").trim();
    if line.is_empty() {
        return Err(
            Failure::new(Exit::Key, "empty-secret", "the secret that was given is empty")
                .why("the first line of what was read holds nothing")
                .remedy("write it on the first line of the file"),
        );
    }
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p");
        std::fs::write(&path, "one two\nthree\n").expect("written");
        let source = Source {
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
                .exit,
            Exit::Key
        );
    }

    #[test]
    fn without_terminal_or_file_nobody_is_asked() {
        let failure = Source::default()
            .read(&Console::silent(), "the passphrase", "passphrase")
            .expect_err("no");
        assert_eq!(failure.exit, Exit::Key);
        assert!(failure.remedy.contains("--passphrase-file"));
    }
}
