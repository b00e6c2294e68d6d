//! Signed notes (`signed-note`): keys, signing, verification.

use std::fmt;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

use crate::ed25519;
use crate::ml_dsa;

/// Longest note that is read, in bytes.
pub const NOTE_SIZE_MAX: usize = 1 << 20;
/// Most signature lines that are read on one note.
pub const SIGNATURES_MAX: usize = 100;

/// What a key signs: its type byte is part of the key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// 0x01 Ed25519 over the note text.
    Ed25519,
    /// 0x04 Ed25519 cosignature/v1 with time.
    CosignatureV1,
    /// 0x06 ML-DSA-44 cosignature (`subtree/v1`) with time.
    MlDsa44,
}

/// `name+hash+base64(type ‖ key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: Material,
}

/// A public key's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    /// Of [`KeyKind::Ed25519`] and [`KeyKind::CosignatureV1`].
    Ed25519([u8; 32]),
    /// Of [`KeyKind::MlDsa44`].
    MlDsa44(Box<[u8; ml_dsa::KEY_LEN]>),
}

/// A signing key with its name. Zeroized on drop (ed25519-dalek, ml-dsa).
pub struct SigningNoteKey {
    name: String,
    kind: KeyKind,
    key: Signing,
}

/// What signs.
pub(crate) enum Signing {
    /// Of [`KeyKind::Ed25519`] and [`KeyKind::CosignatureV1`].
    Ed25519(Box<SigningKey>),
    /// Of [`KeyKind::MlDsa44`].
    MlDsa44(ml_dsa::Signer),
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Key name.
    pub name: String,
    /// Key id, 4 bytes.
    pub id: [u8; 4],
    /// What follows the id.
    pub signature: Vec<u8>,
}

/// A note: text (ends in a newline) and its signature lines, as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Why a note is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a note.
    #[error("not a signed note")]
    Form,
    /// No signature by this key.
    #[error("the note has no signature by the expected key")]
    Missing,
    /// A signature by a known key does not verify.
    #[error("a signature on the note does not verify")]
    Bad,
    /// A signature by a known key of a kind that this program does not verify.
    #[error("a signature on the note is of a kind that this program does not verify")]
    Unsupported,
}

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1, Self::MlDsa44]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

impl VerifierKey {
    /// Makes one; `None` when the name is empty or holds white space, control characters or `+`, when the key has not the
    /// length of its kind, or when it is one that strict verification always refuses (for Ed25519: not a canonical point,
    /// or of small order).
    pub fn new(name: &str, kind: KeyKind, key: &[u8]) -> Option<Self> {
        let key = match kind {
            KeyKind::Ed25519 | KeyKind::CosignatureV1 => {
                let key = key.try_into().ok()?;
                ed25519::public_key(&key)?;
                Material::Ed25519(key)
            }
            KeyKind::MlDsa44 => Material::MlDsa44(Box::new(key.try_into().ok()?)),
        };
        is_key_name(name).then(|| Self {
            name: name.to_owned(),
            kind,
            key,
        })
    }

    /// Reads a vkey. Only the canonical writing is read; types other than 0x01, 0x04 and 0x06 are `None`.
    pub fn parse(text: &str) -> Option<Self> {
        // The name holds no `+`, the base64 may.
        let mut parts = text.splitn(3, '+');
        let (name, id, material) = (parts.next()?, parts.next()?, parts.next()?);
        let material = Base64::decode_vec(material).ok()?;
        let (kind, key) = material.split_first()?;
        let key = Self::new(name, KeyKind::from_byte(*kind)?, key)?;
        (base16ct::lower::encode_string(&key.id()) == id).then_some(key)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key's bytes: 32, or 1312 of ML-DSA-44.
    pub fn key(&self) -> &[u8] {
        match &self.key {
            Material::Ed25519(key) => key,
            Material::MlDsa44(key) => &key[..],
        }
    }

    /// As [`Self::key`], by its algorithm.
    pub(crate) fn material(&self) -> &Material {
        &self.key
    }

    /// Key id: first 4 bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ key)`.
    pub fn id(&self) -> [u8; 4] {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([0x0a, self.kind.byte()])
            .chain_update(self.key())
            .finalize()
            .into();
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.kind.byte()], self.key()].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            base16ct::lower::encode_string(&self.id()),
            Base64::encode_string(&material)
        )
    }
}

impl SigningNoteKey {
    /// From a 32-byte seed, of Ed25519 or ML-DSA-44; `None` for a name that [`VerifierKey::new`] refuses, and for a kind that
    /// this program does not sign.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Option<Self> {
        let key = match kind {
            KeyKind::Ed25519 | KeyKind::CosignatureV1 => Signing::Ed25519(Box::new(SigningKey::from_bytes(seed))),
            KeyKind::MlDsa44 => Signing::MlDsa44(ml_dsa::Signer::from_seed(seed)?),
        };
        is_key_name(name).then(|| Self {
            name: name.to_owned(),
            kind,
            key,
        })
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            kind: self.kind,
            key: match &self.key {
                Signing::Ed25519(key) => Material::Ed25519(key.verifying_key().to_bytes()),
                Signing::MlDsa44(key) => Material::MlDsa44(Box::new(key.public())),
            },
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// What signs, by its algorithm.
    pub(crate) fn signing(&self) -> &Signing {
        &self.key
    }

    /// Signs note text (must end in a newline) with a type 0x01 key.
    ///
    /// # Panics
    /// With a key of another kind: a cosigner's key must sign nothing but cosignatures, for a text can be made that
    /// reads as one.
    pub fn sign(&self, text: &str) -> NoteSignature {
        assert_eq!(self.kind, KeyKind::Ed25519, "a cosigner's key signs cosignatures only");
        self.signature(self.key.sign(text.as_bytes()))
    }

    /// A line by this key.
    pub(crate) fn signature(&self, signature: Vec<u8>) -> NoteSignature {
        NoteSignature {
            name: self.name.clone(),
            id: self.verifier().id(),
            signature,
        }
    }
}

impl Signing {
    /// The signature's bytes.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::MlDsa44(key) => key.sign(message),
        }
    }
}

impl Material {
    /// Whether a signature is one by this key; `None` where this program cannot tell.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<bool> {
        match self {
            Self::Ed25519(key) => Some(ed25519::verify(key, message, signature)),
            Self::MlDsa44(key) => ml_dsa::verify(key, message, signature),
        }
    }
}

impl fmt::Debug for SigningNoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningNoteKey({})", self.verifier())
    }
}

impl NoteSignature {
    /// Reads signature lines, each ended by a newline: the end of a note, or the answer of a cosigner.
    ///
    /// `None` when there is none, more than [`SIGNATURES_MAX`], or anything that is not a signature line.
    pub fn parse_lines(text: &str) -> Option<Vec<Self>> {
        let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').take(SIGNATURES_MAX + 1).collect();
        if lines.len() > SIGNATURES_MAX {
            return None;
        }
        lines.into_iter().map(Self::parse_line).collect()
    }

    fn parse_line(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = Base64::decode_vec(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let valid = is_key_name(name) && !signature.is_empty();
        valid.then(|| Self {
            name: name.to_owned(),
            id: *id,
            signature: signature.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    /// The line, without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<u8> = self.id.iter().chain(&self.signature).copied().collect();
        write!(f, "— {} {}", self.name, Base64::encode_string(&bytes))
    }
}

impl Note {
    /// Text that ends in a newline and holds no other control character; signatures are added by [`Self::with`].
    pub fn new(text: String) -> Option<Self> {
        let valid = text.ends_with('\n') && text.len() <= NOTE_SIZE_MAX && has_no_control(&text);
        valid.then_some(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a note (≤ 1 MiB, at most 100 signatures).
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        Self::read(bytes).ok_or(NoteError::Form)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > NOTE_SIZE_MAX {
            return None;
        }
        let note = str::from_utf8(bytes).ok()?;
        let blank_line = note.rfind("\n\n")?;
        let (text, rest) = note.split_at(blank_line + 1);
        let signatures = NoteSignature::parse_lines(rest.strip_prefix('\n')?)?;
        Some(Self {
            signatures,
            ..Self::new(text.to_owned())?
        })
    }

    /// A note of a text that this crate has put together, which is well-formed by construction.
    pub(crate) fn of_own_text(text: String) -> Self {
        Self {
            text,
            signatures: Vec::new(),
        }
    }

    /// Text, newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line.
    pub fn with(mut self, signature: NoteSignature) -> Self {
        self.signatures.push(signature);
        self
    }

    /// Verifies the signature by a type 0x01 key. Should the key have several lines, all must verify.
    ///
    /// # Errors
    /// [`NoteError::Missing`], also for a key of another kind; [`NoteError::Bad`].
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let mut found = Err(NoteError::Missing);
        for line in self.lines_by(key, KeyKind::Ed25519) {
            if key.key.verify(self.text.as_bytes(), &line.signature) != Some(true) {
                return Err(NoteError::Bad);
            }
            found = Ok(());
        }
        found
    }

    /// The lines with this key's name and id, none unless the key is of this kind.
    pub(crate) fn lines_by(&self, key: &VerifierKey, kind: KeyKind) -> impl Iterator<Item = &NoteSignature> {
        let id = (key.kind == kind).then(|| key.id());
        self.signatures
            .iter()
            .filter(move |line| Some(line.id) == id && line.name == key.name)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A key name can stand in a signature line and in a vkey.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c < ' ' || c == '+')
}

/// Whether a text holds no ASCII control character (below U+0020) but newlines.
pub(crate) fn has_no_control(text: &str) -> bool {
    text.bytes().all(|b| b >= b' ' || b == b'\n')
}
