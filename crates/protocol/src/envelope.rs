//! DSSE v1 envelopes with strict Ed25519 (§0, §19).

use crate::digest::Digest;
use crate::ids::PublicKey;
use crate::json::JsonError;
use crate::statement::Payload;
use crate::verified::Verified;
use ed25519_dalek::SigningKey;

/// Largest payload in bytes, after base64.
pub const PAYLOAD_MAX: usize = 65_536;
/// Largest envelope in bytes.
pub const ENVELOPE_MAX: usize = 96 * 1024;
/// Most signatures in one envelope.
pub const SIGNATURES_MAX: usize = 24;

/// An envelope as it arrived: its bytes are kept, never re-encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    bytes: Vec<u8>,
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<[u8; 64]>,
}

/// Why an envelope is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The envelope or its payload is not JSON of this protocol.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Not exactly `payload`, `payloadType`, `signatures [{sig}]`, or bad base64, or a limit is passed.
    #[error("not an envelope: {0}")]
    Form(&'static str),
    /// The payload is of another type than was expected here.
    #[error("a statement of another type than expected")]
    Type,
    /// A required key has no signature that verifies.
    #[error("the signature of {key} is missing or does not verify")]
    Missing {
        /// Whose.
        key: PublicKey,
    },
    /// A signature that none of the author's keys verifies.
    #[error("a signature by nobody who may sign this")]
    Stranger,
}

impl Envelope {
    /// Reads an envelope of at most 96 KiB. Its payload must be strict JSON.
    ///
    /// # Errors
    /// [`EnvelopeError::Json`], [`EnvelopeError::Form`].
    pub fn parse(_bytes: &[u8]) -> Result<Self, EnvelopeError> {
        todo!()
    }
    /// Signs `payload` with each key, in order.
    pub fn sign<P: Payload>(_payload: &P, _keys: &[&SigningKey]) -> Self {
        todo!()
    }
    /// The bytes as they arrived.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// Payload bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
    /// `application/vnd.resguardo.<name>.v1+json`.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }
    /// The statement's name, if the type is one of this protocol's form.
    pub fn name(&self) -> Option<&str> {
        todo!()
    }
    /// `D(X) = SHA-256(PAE(type, payload))`; signatures are outside it.
    pub fn digest(&self) -> Digest {
        todo!()
    }
    /// Number of signatures.
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }
    /// Whether some signature of this envelope is by `key` (RFC 8032, strict, §0).
    pub fn is_signed_by(&self, _key: &PublicKey) -> bool {
        todo!()
    }
    /// The same statement with another signature added (councils, §3). No-op if that key has signed.
    pub fn with_signature(&self, _key: &SigningKey) -> Self {
        todo!()
    }
    /// The same statement with the signatures of both (same payload and type), without repetition.
    ///
    /// # Errors
    /// [`EnvelopeError::Type`] when they are not the same statement.
    pub fn merge(&self, _other: &Self) -> Result<Self, EnvelopeError> {
        todo!()
    }
    /// Reads the payload without checking any signature. For looking up who the author is.
    ///
    /// # Errors
    /// [`EnvelopeError::Type`], [`EnvelopeError::Json`].
    pub fn unverified<P: Payload>(&self) -> Result<P, EnvelopeError> {
        todo!()
    }
    /// Reads the payload and requires that every key of `authors` has signed and nobody else.
    ///
    /// # Errors
    /// [`EnvelopeError`]; the culprit key is named.
    pub fn verify<P: Payload>(&self, _authors: &[PublicKey]) -> Result<Verified<P>, EnvelopeError> {
        todo!()
    }
    /// As [`Self::verify`], but further signatures are allowed (statement `council` only, §19).
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn verify_open<P: Payload>(&self, _authors: &[PublicKey]) -> Result<Verified<P>, EnvelopeError> {
        todo!()
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Envelope({})", self.payload_type)
    }
}

/// Strict Ed25519 (§0, §19): A and R canonical and not of small order, S < ℓ, encoding of S·B − k·A equals R.
pub fn verify_strict(_key: &PublicKey, _message: &[u8], _signature: &[u8; 64]) -> bool {
    todo!()
}
