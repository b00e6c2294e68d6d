//! age v1 as such: header, stanzas, MAC (C2SP `age.md`), without this protocol's own restrictions.
//!
//! [`super::open`] refuses more than this module does: other stanzas, and more than one (§0). What is public
//! here lets a test run the vectors that the age project publishes for all implementations.

use super::AgeError;
pub use super::payload::FileKey;
use super::payload::PayloadReader;
use base64ct::{Base64Unpadded, Encoding as _};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// First line of every file, with its line feed.
pub const VERSION_LINE: &[u8] = b"age-encryption.org/v1\n";
/// First argument of the stanza.
pub const SCRYPT_TAG: &str = "scrypt";
/// Longest header read, in bytes: room for 40 hybrid stanzas, of which this protocol uses at most 24.
pub const HEADER_LEN_MAX: usize = 65_536;
/// Length of the MAC line, `--- ` and 43 characters and LF.
pub const MAC_LINE_LEN: usize = 48;

/// Characters in a full line of a stanza's body.
const COLUMNS: usize = 64;
/// Begins the line of the MAC, which covers everything up to and including these three bytes.
const MAC_MARK: &[u8] = b"---";

/// One recipient stanza: the file key, wrapped for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stanza {
    /// The arguments; the first is the stanza's type. Never empty.
    pub args: Vec<String>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

impl Stanza {
    /// The first argument.
    pub fn tag(&self) -> &str {
        self.args.first().map_or("", String::as_str)
    }

    /// Appends the stanza in its text form.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"->");
        for arg in &self.args {
            out.push(b' ');
            out.extend_from_slice(arg.as_bytes());
        }
        out.push(b'\n');
        let body = Base64Unpadded::encode_string(&self.body);
        let mut lines = body.as_bytes().chunks_exact(COLUMNS);
        for line in &mut lines {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
        out.extend_from_slice(lines.remainder());
        out.push(b'\n');
    }
}

/// The header of a file, read but not yet authenticated: [`AgeHeader::verify`] does that.
#[derive(Debug)]
pub struct AgeHeader<'a> {
    /// The stanzas in order; at least one.
    pub stanzas: Vec<Stanza>,
    covered: &'a [u8],
    mac: [u8; 32],
    /// Length of the header in bytes; the payload begins here.
    pub len: usize,
}

impl<'a> AgeHeader<'a> {
    /// Reads the header at the beginning of `file`.
    ///
    /// # Errors
    /// [`AgeError::Header`] when it does not follow the grammar or is longer than [`HEADER_LEN_MAX`].
    pub fn parse(file: &'a [u8]) -> Result<Self, AgeError> {
        let mut lines = Lines {
            file: file.get(..HEADER_LEN_MAX).unwrap_or(file),
            at: 0,
        };
        if lines.next()? != &VERSION_LINE[..VERSION_LINE.len() - 1] {
            return Err(AgeError::Header);
        }
        let mut stanzas = Vec::new();
        loop {
            let begin = lines.at;
            let line = lines.next()?;
            if let Some(args) = line.strip_prefix(b"-> ") {
                let args = parse_args(args)?;
                let body = parse_body(&mut lines)?;
                stanzas.push(Stanza { args, body });
            } else if let Some(mac) = line.strip_prefix(b"--- ") {
                let mac = decode(mac)?.try_into().map_err(|_| AgeError::Header)?;
                let covered = file.get(..begin + MAC_MARK.len()).ok_or(AgeError::Header)?;
                let len = lines.at;
                let header = Self {
                    stanzas,
                    covered,
                    mac,
                    len,
                };
                return header.is_lawful().then_some(header).ok_or(AgeError::Header);
            } else {
                return Err(AgeError::Header);
            }
        }
    }

    /// At least one stanza; a passphrase is alone, for whoever knows it expects that nobody else made the file.
    fn is_lawful(&self) -> bool {
        let passphrase = self.stanzas.iter().any(|stanza| stanza.tag() == SCRYPT_TAG);
        !self.stanzas.is_empty() && (!passphrase || self.stanzas.len() == 1)
    }

    /// Checks the MAC under the file key.
    ///
    /// # Errors
    /// [`AgeError::Mac`].
    pub fn verify(&self, file_key: &FileKey) -> Result<(), AgeError> {
        header_mac(file_key, self.covered)
            .verify_slice(&self.mac)
            .map_err(|_| AgeError::Mac)
    }
}

/// Writes a header around `stanzas`, MAC included.
pub fn write_header(stanzas: &[Stanza], file_key: &FileKey) -> Vec<u8> {
    let mut out = VERSION_LINE.to_vec();
    for stanza in stanzas {
        stanza.write(&mut out);
    }
    out.extend_from_slice(MAC_MARK);
    let mac = header_mac(file_key, &out).finalize().into_bytes();
    out.push(b' ');
    out.extend_from_slice(Base64Unpadded::encode_string(&mac).as_bytes());
    out.push(b'\n');
    out
}

/// Opens any age v1 file: `unwrap` is shown all stanzas and gives the file key, `None` when none is for it.
///
/// # Errors
/// [`AgeError`]; nothing is given out before the last chunk verifies.
pub fn open_with(
    file: &[u8],
    unwrap: impl FnOnce(&[Stanza]) -> Result<Option<FileKey>, AgeError>,
) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    let header = AgeHeader::parse(file)?;
    let file_key = unwrap(&header.stanzas)?.ok_or(AgeError::NoMatch)?;
    header.verify(&file_key)?;
    let payload = file.get(header.len..).ok_or(AgeError::Payload)?;
    let mut reader = PayloadReader::new(file_key);
    let mut plain = Zeroizing::new(Vec::with_capacity(payload.len()));
    reader.push(payload, &mut plain)?;
    reader.finish(&mut plain)?;
    Ok(plain)
}

/// Draws a file key.
pub(super) fn draw_file_key(rng: &mut impl CryptoRng) -> FileKey {
    let mut key = FileKey::default();
    rng.fill_bytes(key.as_mut_slice());
    key
}

/// Reads base64 without padding, in its one canonical form.
pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, AgeError> {
    let text = str::from_utf8(text).map_err(|_| AgeError::Header)?;
    Base64Unpadded::decode_vec(text).map_err(|_| AgeError::Header)
}

/// HMAC-SHA-256 over `covered` under HKDF(file key, "header").
fn header_mac(file_key: &FileKey, covered: &[u8]) -> Hmac<Sha256> {
    let mut key = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(None, file_key.as_slice())
        .expand(b"header", key.as_mut_slice())
        .expect("never: 32 bytes are fewer than HKDF's limit");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("never: HMAC takes keys of any length");
    mac.update(covered);
    mac
}

/// The lines of a header, each without its line feed.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a [u8], AgeError> {
        let rest = self.file.get(self.at..).ok_or(AgeError::Header)?;
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(AgeError::Header)?;
        self.at += end + 1;
        rest.get(..end).ok_or(AgeError::Header)
    }
}

/// One or more arguments of visible ASCII, one space between them.
fn parse_args(text: &[u8]) -> Result<Vec<String>, AgeError> {
    text.split(|byte| *byte == b' ')
        .map(|arg| {
            let visible = !arg.is_empty() && arg.iter().all(u8::is_ascii_graphic);
            let arg = std::str::from_utf8(arg).map_err(|_| AgeError::Header)?;
            visible.then(|| arg.to_owned()).ok_or(AgeError::Header)
        })
        .collect()
}

/// Full lines, then one shorter line, which may be empty.
fn parse_body(lines: &mut Lines<'_>) -> Result<Vec<u8>, AgeError> {
    let mut text = Vec::new();
    loop {
        let line = lines.next()?;
        text.extend_from_slice(line);
        match line.len() {
            COLUMNS => {}
            0..COLUMNS => return decode(&text),
            _ => return Err(AgeError::Header),
        }
    }
}
