//! The hybrid recipient `age1pq1…` and its identity `AGE-SECRET-KEY-PQ-1…` (§0; RFC 9180 base mode with
//! X-Wing, HKDF-SHA256, ChaCha20Poly1305).

use super::AgeError;
use super::format::{self, FileKey, Stanza};
use crate::secret::Secret;
use base64ct::{Base64Unpadded, Encoding as _};
use bech32::{FromBase32, ToBase32, Variant};
use curve25519_dalek::montgomery::MontgomeryPoint;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

/// Length of a recipient's public key in bytes: ML-KEM-768 ‖ X25519.
pub const RECIPIENT_LEN: usize = 1216;
/// Length of an encapsulated key in bytes: ML-KEM-768 ciphertext ‖ X25519 share.
pub const ENC_LEN: usize = 1120;
/// First argument of the hybrid stanza.
pub const HYBRID_TAG: &str = "mlkem768x25519";
/// Length of a hybrid stanza in the file, in bytes: `-> `, tag, space, 1,494 characters, LF, 43 characters, LF.
pub const STANZA_LEN: usize = 3 + HYBRID_TAG.len() + 1 + (ENC_LEN * 8).div_ceil(6) + 1 + 43 + 1;

/// Length of a wrapped file key in bytes: key and tag.
const BODY_LEN: usize = 32;
/// Context of the key encapsulation.
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// Human-readable part of a recipient; lower case only.
const RECIPIENT_HRP: &str = "age1pq";
/// Human-readable part of an identity; upper case only, lower case here because Bech32's checksum is of that.
const IDENTITY_HRP: &str = "age-secret-key-pq-";

/// A public key to which files are sealed. JSON and text form: `age1pq1…`.
///
/// Its bytes are always a well-formed key: each half is checked when it comes in.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(Box<[u8; RECIPIENT_LEN]>);

/// 32 uniform bytes that open what was sealed to their recipient. Zeroized on drop.
pub struct Identity(Secret<[u8; 32]>);

impl Recipient {
    /// The public key bytes.
    pub fn as_bytes(&self) -> &[u8; RECIPIENT_LEN] {
        &self.0
    }

    /// Takes the public key bytes; `None` when ML-KEM's half is not reduced or X25519's is of low order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        <XWing as Kem>::PublicKey::from_bytes(bytes).ok()?;
        if is_low_order(bytes.last_chunk()?) {
            return None;
        }
        Some(Self(Box::new(bytes.try_into().ok()?)))
    }

    /// Reads `age1pq1…`, in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        Self::from_bytes(&parse_bech32(RECIPIENT_HRP, text)?)
    }
}

impl Identity {
    /// Takes 32 uniform bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Secret::new(seed))
    }

    /// Draws a fresh identity.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut s = [0; 32];
        rng.fill_bytes(&mut s);
        let identity = Self::from_seed(s);
        s.zeroize();
        identity
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        let public = XWing::sk_to_pk(&self.private());
        let mut bytes = Box::new([0; RECIPIENT_LEN]);
        public.write_exact(bytes.as_mut_slice());
        Recipient(bytes)
    }

    /// The 32 bytes.
    pub fn seed(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Reads `AGE-SECRET-KEY-PQ-1…`, in upper case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let bytes = parse_bech32(IDENTITY_HRP, text)?;
        Some(Self::from_seed(bytes.as_slice().try_into().ok()?))
    }

    /// Writes `AGE-SECRET-KEY-PQ-1…`.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(write_bech32(IDENTITY_HRP, self.seed()));
        text.make_ascii_uppercase();
        text
    }

    fn private(&self) -> <XWing as Kem>::PrivateKey {
        <XWing as Kem>::PrivateKey::from_bytes(self.seed()).expect("never: any 32 bytes are an X-Wing seed")
    }
}

/// Wraps `file_key` for `to`.
pub(super) fn wrap(to: &Recipient, file_key: &FileKey, rng: &mut impl CryptoRng) -> Stanza {
    let public = <XWing as Kem>::PublicKey::from_bytes(to.as_bytes()).expect("never: a Recipient is well formed");
    let (enc, body) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &public,
        INFO,
        file_key.as_slice(),
        &[],
        rng,
    )
    .expect("never: base mode to a well-formed key has no failing case");
    let mut bytes = [0; ENC_LEN];
    enc.write_exact(&mut bytes);
    Stanza {
        args: vec![HYBRID_TAG.to_owned(), Base64Unpadded::encode_string(&bytes)],
        body,
    }
}

/// Whether a stanza says that it is of the hybrid type.
pub(super) fn is_hybrid(stanza: &Stanza) -> bool {
    stanza.tag() == HYBRID_TAG
}

/// The file key from the first hybrid stanza that is for `identity`; stanzas of other types are passed over.
///
/// # Errors
/// [`AgeError::Header`] when any hybrid stanza is malformed: a wrong number of arguments, an encapsulated key
/// that is not 1,120 bytes in canonical base64 or whose X25519 share is of low order, a body of another length.
pub fn unwrap(identity: &Identity, stanzas: &[Stanza]) -> Result<Option<FileKey>, AgeError> {
    let private = identity.private();
    let hybrid: Vec<_> = stanzas
        .iter()
        .filter(|s| is_hybrid(s))
        .map(parse_stanza)
        .collect::<Result<_, _>>()?;
    for (enc, body) in hybrid {
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &private,
            &enc,
            INFO,
            body,
            &[],
        );
        if let Ok(plain) = opened {
            let plain = Zeroizing::new(plain);
            return Ok(plain.as_slice().try_into().ok().map(Zeroizing::new));
        }
    }
    Ok(None)
}

/// Encapsulated key and body of a hybrid stanza, both of the right form.
fn parse_stanza(stanza: &Stanza) -> Result<(<XWing as Kem>::EncappedKey, &[u8]), AgeError> {
    let [_, enc] = stanza.args.as_slice() else {
        return Err(AgeError::Header);
    };
    let enc: [u8; ENC_LEN] = format::decode(enc.as_bytes())?
        .try_into()
        .map_err(|_| AgeError::Header)?;
    let low_order = enc.last_chunk().is_none_or(is_low_order);
    if low_order || stanza.body.len() != BODY_LEN {
        return Err(AgeError::Header);
    }
    let enc = <XWing as Kem>::EncappedKey::from_bytes(&enc).map_err(|_| AgeError::Header)?;
    Ok((enc, &stanza.body))
}

/// Whether eight times the point is the identity, so that it adds no secret to an exchange. Public values only.
fn is_low_order(share: &[u8; 32]) -> bool {
    let eight = [true, false, false, false];
    MontgomeryPoint(*share).mul_bits_be(eight.into_iter()).0 == [0; 32]
}

/// The bytes of a Bech32 string of any length, of one case, with the original checksum and zero padding.
fn parse_bech32(hrp: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (found, mut data, variant) = bech32::decode(text).ok()?;
    let bytes = Vec::<u8>::from_base32(&data).ok().map(Zeroizing::new);
    erase_base32(&mut data);
    (found == hrp && variant == Variant::Bech32).then_some(bytes)?
}

/// The Bech32 string in lower case.
fn write_bech32(hrp: &str, bytes: &[u8]) -> String {
    let mut data = bytes.to_base32();
    let text = bech32::encode(hrp, &data, Variant::Bech32).expect("never: the human-readable part is well formed");
    erase_base32(&mut data);
    text
}

/// Overwrites the five-bit groups of a secret.
fn erase_base32(data: &mut [bech32::u5]) {
    data.fill(bech32::u5::default());
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&write_bech32(RECIPIENT_HRP, self.as_bytes()))
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient")
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl serde::Serialize for Recipient {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Recipient {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a recipient, age1pq1…"))
    }
}
