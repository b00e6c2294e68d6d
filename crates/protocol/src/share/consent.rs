//! The consent part file, 128 bytes (§15.6): P for one request, or for a lapse (§8.4). Padding that is not zero is refused,
//! for it could carry a mark.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::age::{self, Identity, Recipient};
use crate::digest::Digest;
use crate::label;
use crate::secret::Secret;
use crate::share::sealed::SealedFile;

/// Plaintext length of a consent part in bytes (age file: 1,787).
pub const CONSENT_PART_LEN: usize = 128;
/// Length of a sealed consent part in bytes.
pub const CONSENT_PART_FILE_LEN: usize = age::sealed_len(CONSENT_PART_LEN, 1);
/// What stands for D(request) in the document of compartment 3.
const NO_REQUEST: Digest = Digest([0; 32]);

/// P for one request: an age file of 1,787 bytes to that request's recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedPart(SealedFile<CONSENT_PART_FILE_LEN>);

impl SealedPart {
    /// P for the request with this digest, to that request's recipient.
    pub fn seal(part: &Secret<[u8; 32]>, request: &Digest, recipient: &Recipient, rng: &mut impl CryptoRng) -> Self {
        Self(SealedFile::seal(recipient, &write(request, part), rng))
    }

    /// A file of 1,787 bytes; `None` for another length.
    pub fn from_file(file: Vec<u8>) -> Option<Self> {
        SealedFile::new(file).map(Self)
    }

    /// The age file.
    pub fn file(&self) -> &[u8] {
        self.0.bytes()
    }

    /// P, if the file is to this key and for this request.
    pub fn open(&self, identity: &Identity, request: &Digest) -> Option<Secret<[u8; 32]>> {
        read(&age::open(identity, self.0.bytes()).ok()?, request)
    }
}

/// The document of compartment 3: P for a lapse, which names no request. 128 bytes, sealed to recipient(T) as it is.
pub fn lapse_document(part: &Secret<[u8; 32]>) -> Zeroizing<Vec<u8>> {
    write(&NO_REQUEST, part)
}

/// P from the document of compartment 3; `None` for anything else, a part for a request included.
pub fn read_lapse_document(document: &[u8]) -> Option<Secret<[u8; 32]>> {
    read(document, &NO_REQUEST)
}

/// `L("consent-file") ‖ D(request) ‖ P ‖ zeros`.
fn write(request: &Digest, part: &Secret<[u8; 32]>) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(CONSENT_PART_LEN));
    bytes.extend_from_slice(label::CONSENT_FILE);
    bytes.extend_from_slice(&request.0);
    bytes.extend_from_slice(part.expose());
    bytes.resize(CONSENT_PART_LEN, 0);
    bytes
}

/// Reads exactly that layout, for this request.
fn read(bytes: &[u8], request: &Digest) -> Option<Secret<[u8; 32]>> {
    let bytes: &[u8; CONSENT_PART_LEN] = bytes.try_into().ok()?;
    let named = bytes.strip_prefix(label::CONSENT_FILE)?;
    let (part, padding) = named.strip_prefix(&request.0)?.split_first_chunk()?;
    padding.iter().all(|byte| *byte == 0).then(|| Secret::new(*part))
}
