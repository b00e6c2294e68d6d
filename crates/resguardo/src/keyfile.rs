//! Key files under a passphrase and the public cards beside them (§2).

use crate::ask::SecretSource;
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::random;
use protocol::age::{AgeError, Recipient, passphrase};
use protocol::ids::{Day, PublicKey, Version};
use protocol::keys::MemberKeys;
use protocol::phrase::{Language, draw_words};
use protocol::text::is_line;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroizing;

/// Work factor of a key file in earnest: 2^18 rounds, about a second.
pub const WORK: u8 = 18;
/// Work factor in a demo, where the passphrases lie in the open beside the keys.
pub const WORK_DEMO: u8 = 4;
/// Words of a generated passphrase: 64 random bits or more.
const WORDS: usize = 6;
/// Largest key file or card in bytes.
const FILE_MAX: u64 = 16 * 1024;

/// What a key is for. One seed is for one role, so that one loss is one loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A custodian's seat.
    Seat,
    /// A reader.
    Reader,
    /// The operator.
    Operator,
    /// A cosigner.
    Cosigner,
    /// A mirror.
    Mirror,
}

impl Role {
    /// Its name, in the language of this run.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seat => t!("seat"),
            Self::Reader => t!("reader"),
            Self::Operator => t!("operator"),
            Self::Cosigner => t!("cosigner"),
            Self::Mirror => t!("mirror"),
        }
    }

    /// As it is given to `--role`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Cosigner => "cosigner",
            Self::Mirror => "mirror",
        }
    }
}

/// What a key's holder gives to the operator who drafts the council: public. No personal name stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// 1.
    pub v: Version,
    /// What it is for.
    pub role: Role,
    /// 1–200 bytes.
    pub institution: String,
    /// The authority that can order it.
    pub controller: String,
    /// Where it sits.
    pub jurisdiction: String,
    /// What is sealed for it is sealed to this.
    pub recipient: Recipient,
    /// Verifies its statements.
    pub key: PublicKey,
    /// Last day on which filings to its council are accepted.
    pub keys_until: Day,
}

impl Card {
    /// Reads a card.
    ///
    /// # Errors
    /// Exit 7 when the file is no card.
    pub fn load(path: &Path) -> Outcome<Self> {
        let refuse = |why: String| {
            CliError::new(CliCode::NotACard, t!("{} is not a card", path.display()))
                .why(why)
                .remedy(t!("give the .card file that `resguardo key new` wrote beside the key"))
        };
        let card: Self = disk::json(path, FILE_MAX, refuse)?;
        let texts = [&card.institution, &card.controller, &card.jurisdiction];
        if !texts.into_iter().all(|text| is_line(text)) {
            let why = t!("its institution, controller or jurisdiction cannot stand in a council (§22)");
            return Err(refuse(why.to_owned()));
        }
        Ok(card)
    }

    /// The file's content.
    ///
    /// # Errors
    /// A bug.
    pub fn to_text(&self) -> Outcome<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|_| CliError::bug("a card that cannot be written"))?;
        text.push(b'\n');
        Ok(text)
    }

    /// Writes the card; it must not exist yet.
    ///
    /// # Errors
    /// Exit 2 or 6.
    pub fn save(&self, path: &Path) -> Outcome<()> {
        disk::create(path, &self.to_text()?, Access::Public)
    }
}

/// Draws a passphrase of six words, all in the letters a to z.
pub fn draw_passphrase(language: Language) -> Zeroizing<String> {
    draw_words(language, WORDS, &mut random::system())
}

/// Writes a key file; it must not exist yet.
///
/// # Errors
/// Exit 2 or 6.
pub fn save(path: &Path, keys: &MemberKeys, passphrase: &str, work: u8) -> Outcome<()> {
    disk::create(path, &seal(keys, passphrase, work), Access::Private)
}

/// The content of a key file.
pub fn seal(keys: &MemberKeys, passphrase: &str, work: u8) -> Vec<u8> {
    passphrase::seal_passphrase(passphrase, work, keys.to_key_file().as_bytes(), &mut random::system())
}

/// Opens a key file with the passphrase from `source`.
///
/// # Errors
/// Exit 7 for a file that is no key file and for a wrong passphrase.
pub fn load(path: &Path, source: &SecretSource, console: &Console) -> Outcome<MemberKeys> {
    let file = disk::read(path, FILE_MAX)?;
    let prompt = t!("Passphrase of {}", path.display());
    let passphrase = source.read(console, &prompt, "passphrase")?;
    open(path, &file, &passphrase)
}

/// Whether a file is an age file under a passphrase, without opening it.
///
/// # Errors
/// Exit 7 when it is not.
pub fn looks_like_one(path: &Path) -> Outcome<()> {
    let file = disk::read(path, FILE_MAX)?;
    if file.starts_with(b"age-encryption.org/v1\n-> scrypt ") {
        return Ok(());
    }
    let what = t!("{} is not a key file under a passphrase", path.display());
    Err(CliError::new(client::Local::NotAKeyFile, what)
        .why(t!("it does not begin as one"))
        .remedy(t!("put the file back that `resguardo init` wrote")))
}

/// Opens the bytes of a key file.
///
/// # Errors
/// As [`load`].
pub fn open(path: &Path, file: &[u8], passphrase: &str) -> Outcome<MemberKeys> {
    let not_a_key = |why: &dyn std::fmt::Display| {
        let what = t!("{} is not a key file under a passphrase", path.display());
        CliError::new(client::Local::NotAKeyFile, what).why(why).remedy(t!(
            "give the .key file that `resguardo key new` wrote; a card or another age file does not do"
        ))
    };
    let plain = passphrase::open_passphrase(passphrase, file).map_err(|error| match error {
        AgeError::NoMatch => CliError::new(
            client::Local::WrongPassphrase,
            t!("the passphrase does not open {}", path.display()),
        )
        .why(t!("another passphrase, or a word that is misspelt"))
        .remedy(t!(
            "the six words are separated by single spaces; nothing was changed, try again"
        )),
        other => not_a_key(&other),
    })?;
    let text = std::str::from_utf8(&plain).map_err(|error| not_a_key(&error))?;
    MemberKeys::from_key_file(text).map_err(|error| not_a_key(&error))
}
