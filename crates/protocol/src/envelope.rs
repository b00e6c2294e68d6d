//! DSSE v1 envelopes with strict Ed25519 (§0, §19).

pub use crate::statement::ENVELOPE_MAX;

use crate::digest::Digest;
use crate::ids::PublicKey;
use crate::json::{self, JsonError};
use crate::statement::{self, Payload};
use crate::verified::Verified;
use base64ct::{Base64, Encoding as _};
use curve25519_dalek::Scalar;
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Largest payload in bytes, after base64.
pub const PAYLOAD_MAX: usize = 65_536;
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
    /// The payload breaks a rule that it alone decides ([`Payload::check`]).
    #[error("the statement breaks a rule: {0}")]
    Rule(&'static str),
    /// A required key has no signature that verifies.
    #[error("the signature of {key} is missing or does not verify")]
    Missing {
        /// Whose.
        key: PublicKey,
    },
    /// A signature that none of the author's keys verifies, or no author to verify it.
    #[error("a signature by nobody who may sign this")]
    Stranger,
}

/// The JSON of an envelope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    sig: String,
}

impl Envelope {
    /// Reads an envelope of at most 96 KiB. Its payload must be strict JSON.
    ///
    /// # Errors
    /// [`EnvelopeError::Json`], [`EnvelopeError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = Self::parse_outside(bytes)?;
        json::check(&envelope.payload, PAYLOAD_MAX)?;
        Ok(envelope)
    }

    /// As [`Self::parse`], without looking at the payload: [`Self::unverified`] and [`Self::verify`] do, so that a
    /// malformed statement is told from a malformed file (§7, checks 4 and 5).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(crate) fn parse_outside(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let wire: Wire = json::read(bytes, ENVELOPE_MAX)?;
        if wire.signatures.len() > SIGNATURES_MAX {
            return Err(EnvelopeError::Form("more than 24 signatures"));
        }
        let payload =
            Base64::decode_vec(&wire.payload).map_err(|_| EnvelopeError::Form("payload is not base64 with padding"))?;
        let signatures = wire.signatures.iter().map(|signature| read_signature(&signature.sig));
        Ok(Self {
            signatures: signatures.collect::<Result<_, _>>()?,
            bytes: bytes.to_vec(),
            payload_type: wire.payload_type,
            payload,
        })
    }

    /// Signs `payload` with each key, in order, without asking whether it keeps its rules: what breaks them
    /// is refused by every reader. [`Self::try_sign`] asks first.
    pub fn sign<P: Payload>(payload: &P, keys: &[&SigningKey]) -> Self {
        let payload_type = statement::payload_type(P::NAME);
        let payload = json::write(payload);
        let message = pae(&payload_type, &payload);
        let signatures = keys.iter().map(|key| key.sign(&message).to_bytes()).collect();
        Self::written(payload_type, payload, signatures)
    }

    /// As [`Self::sign`], for a payload that keeps its rules and an envelope within its limits.
    ///
    /// # Errors
    /// [`EnvelopeError::Rule`], [`EnvelopeError::Json`], [`EnvelopeError::Form`]: what a reader would say.
    pub fn try_sign<P: Payload>(payload: &P, keys: &[&SigningKey]) -> Result<Self, EnvelopeError> {
        payload.check().map_err(EnvelopeError::Rule)?;
        let envelope = Self::parse(&Self::sign(payload, keys).bytes)?;
        envelope.unverified::<P>()?;
        Ok(envelope)
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
        let name = self
            .payload_type
            .strip_prefix("application/vnd.resguardo.")?
            .strip_suffix(".v1+json")?;
        let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        fits.then_some(name)
    }

    /// `D(X) = SHA-256(PAE(type, payload))`; signatures are outside it.
    pub fn digest(&self) -> Digest {
        Digest::of(&pae(&self.payload_type, &self.payload))
    }

    /// Number of signatures.
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// Whether some signature of this envelope is by `key` (RFC 8032, strict, §0).
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let message = pae(&self.payload_type, &self.payload);
        self.signatures
            .iter()
            .any(|signature| verify_strict(key, &message, signature))
    }

    /// The same statement with another signature added (councils, §3). The same envelope if that key has
    /// signed already or there are 24 signatures.
    pub fn with_signature(&self, key: &SigningKey) -> Self {
        let public = PublicKey(key.verifying_key().to_bytes());
        if self.signatures.len() >= SIGNATURES_MAX || self.is_signed_by(&public) {
            return self.clone();
        }
        let mut signatures = self.signatures.clone();
        signatures.push(key.sign(&pae(&self.payload_type, &self.payload)).to_bytes());
        Self::written(self.payload_type.clone(), self.payload.clone(), signatures)
    }

    /// The same statement with the signatures of both (same payload and type), without repetition.
    ///
    /// # Errors
    /// [`EnvelopeError::Type`] when they are not the same statement, [`EnvelopeError::Form`] when there would
    /// be more than 24 signatures.
    pub fn merge(&self, other: &Self) -> Result<Self, EnvelopeError> {
        if self.payload_type != other.payload_type || self.payload != other.payload {
            return Err(EnvelopeError::Type);
        }
        let mut signatures: Vec<[u8; 64]> = Vec::new();
        for signature in self.signatures.iter().chain(&other.signatures) {
            if !signatures.contains(signature) {
                signatures.push(*signature);
            }
        }
        if signatures.len() > SIGNATURES_MAX {
            return Err(EnvelopeError::Form("more than 24 signatures"));
        }
        Ok(Self::written(
            self.payload_type.clone(),
            self.payload.clone(),
            signatures,
        ))
    }

    /// Reads the payload without checking any signature. For looking up who the author is.
    ///
    /// # Errors
    /// [`EnvelopeError::Type`], [`EnvelopeError::Json`], [`EnvelopeError::Rule`], [`EnvelopeError::Form`].
    pub fn unverified<P: Payload>(&self) -> Result<P, EnvelopeError> {
        if self.name() != Some(P::NAME) {
            return Err(EnvelopeError::Type);
        }
        if self.bytes.len() > P::ENVELOPE_MAX {
            return Err(EnvelopeError::Form("longer than an envelope of this statement may be"));
        }
        let payload = P::read(&self.payload)?;
        payload.check().map_err(EnvelopeError::Rule)?;
        Ok(payload)
    }

    /// Reads the payload and requires that every key of `authors` has signed and nobody else.
    ///
    /// # Errors
    /// [`EnvelopeError`]; the culprit key is named.
    pub fn verify<P: Payload>(&self, authors: &[PublicKey]) -> Result<Verified<P>, EnvelopeError> {
        let verified = self.verify_open(authors)?;
        let message = pae(&self.payload_type, &self.payload);
        let known = |signature: &[u8; 64]| authors.iter().any(|key| verify_strict(key, &message, signature));
        if self.signatures.iter().all(known) {
            Ok(verified)
        } else {
            Err(EnvelopeError::Stranger)
        }
    }

    /// As [`Self::verify`], but further signatures are allowed (statement `council` only, §19).
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn verify_open<P: Payload>(&self, authors: &[PublicKey]) -> Result<Verified<P>, EnvelopeError> {
        let payload = self.unverified()?;
        if authors.is_empty() {
            return Err(EnvelopeError::Stranger);
        }
        match authors.iter().find(|key| !self.is_signed_by(key)) {
            Some(key) => Err(EnvelopeError::Missing { key: *key }),
            None => Ok(Verified::new(payload, self.digest())),
        }
    }

    fn written(payload_type: String, payload: Vec<u8>, signatures: Vec<[u8; 64]>) -> Self {
        let wire = Wire {
            payload: Base64::encode_string(&payload),
            payload_type: payload_type.clone(),
            signatures: signatures
                .iter()
                .map(|bytes| WireSignature {
                    sig: Base64::encode_string(bytes),
                })
                .collect(),
        };
        Self {
            bytes: json::write(&wire),
            payload_type,
            payload,
            signatures,
        }
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Envelope({})", self.payload_type)
    }
}

fn read_signature(text: &str) -> Result<[u8; 64], EnvelopeError> {
    Base64::decode_vec(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(EnvelopeError::Form("a signature is not 64 bytes in base64"))
}

/// `PAE(type, payload) = "DSSEv1" SP len(type) SP type SP len(payload) SP payload` (§0).
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Strict Ed25519 (§0, §19): A and R canonical and not of small order, S < ℓ, encoding of S·B − k·A equals R.
///
/// Variable time: everything in it is public.
pub fn verify_strict(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = Signature::from_bytes(signature);
    if !is_strict_point(&key.0) || !is_strict_point(signature.r_bytes()) {
        return false;
    }
    if Option::<Scalar>::from(Scalar::from_canonical_bytes(*signature.s_bytes())).is_none() {
        return false;
    }
    // Cofactorless: the library recomputes R and compares encodings.
    VerifyingKey::from_bytes(&key.0).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// On the curve, in its one canonical encoding, and not of small order.
fn is_strict_point(bytes: &[u8; 32]) -> bool {
    let encoded = CompressedEdwardsY(*bytes);
    encoded
        .decompress()
        .is_some_and(|point| point.compress() == encoded && !point.is_small_order())
}
