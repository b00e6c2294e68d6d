//! Signed notes (`signed-note`): keys, signing, verification.

use ed25519_dalek::SigningKey;

/// What a key signs: its type byte is part of the key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// 0x01 Ed25519 over the note text.
    Ed25519,
    /// 0x04 Ed25519 cosignature/v1 with time.
    CosignatureV1,
}

/// `name+hash+base64(type ‖ key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: [u8; 32],
}

/// A signing key with its name. Zeroized on drop (ed25519-dalek).
pub struct SigningNoteKey {
    name: String,
    kind: KeyKind,
    key: SigningKey,
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
}

impl VerifierKey {
    /// Makes one; `None` when the name is empty or holds white space or `+`.
    pub fn new(_name: &str, _kind: KeyKind, _key: [u8; 32]) -> Option<Self> {
        todo!()
    }
    /// Reads a vkey.
    pub fn parse(_text: &str) -> Option<Self> {
        todo!()
    }
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }
    /// The 32 bytes.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }
    /// Key id: first 4 bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ key)`.
    pub fn id(&self) -> [u8; 4] {
        todo!()
    }
}
impl std::fmt::Display for VerifierKey {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

impl SigningNoteKey {
    /// From a 32-byte Ed25519 seed.
    pub fn from_seed(_name: &str, _kind: KeyKind, _seed: &[u8; 32]) -> Option<Self> {
        todo!()
    }
    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        todo!()
    }
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The key itself.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }
    /// Signs note text (must end in a newline) with a type 0x01 key.
    pub fn sign(&self, _text: &str) -> NoteSignature {
        todo!()
    }
}

impl Note {
    /// Text that ends in a newline and has no blank-line trouble; signatures are added by [`Self::with`].
    pub fn new(_text: String) -> Option<Self> {
        todo!()
    }
    /// Reads a note (≤ 1 MiB, at most 100 signatures).
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(_bytes: &[u8]) -> Result<Self, NoteError> {
        todo!()
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
    /// Verifies the signature by a type 0x01 key.
    ///
    /// # Errors
    /// [`NoteError::Missing`], [`NoteError::Bad`].
    pub fn verify(&self, _key: &VerifierKey) -> Result<(), NoteError> {
        todo!()
    }
}
impl std::fmt::Display for Note {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}
