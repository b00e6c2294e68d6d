//! What moves with her inbox (§9.3, §15.6): everything of one case, sealed to the inbox of other words. 256 bytes; padding
//! that is not zero is refused, for it could carry a mark.

use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::sealed::SealedFile;
use crate::age::{self, Identity, Recipient};
use crate::ids::CaseId;
use crate::label;
use crate::phrase::CaseKeys;
use crate::secret::Secret;
use crate::slot::CaseSalt;

/// Plaintext length in bytes (age file: 1,915).
pub const MOVED_LEN: usize = 256;
/// Length of the age file in bytes.
pub const MOVED_FILE_LEN: usize = age::sealed_len(MOVED_LEN, 1);

/// The keys of a case for who opens the inbox of other words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MovedCase(SealedFile<MOVED_FILE_LEN>);

impl MovedCase {
    /// The keys of a case for this inbox.
    pub fn seal(keys: &CaseKeys, to: &Recipient, rng: &mut impl CryptoRng) -> Self {
        Self(SealedFile::seal(to, &write(keys), rng))
    }

    /// The keys of the case with this id, if the file is to this inbox.
    pub fn open(&self, inbox: &Identity, case: &CaseId) -> Option<CaseKeys> {
        read(&age::open(inbox, self.0.bytes()).ok()?, case)
    }
}

/// `L("inbox-case") ‖ case id ‖ case_salt ‖ inbox-kem ‖ inbox-sign ‖ consent-part ‖ draft ‖ zeros`.
fn write(keys: &CaseKeys) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOVED_LEN));
    bytes.extend_from_slice(label::INBOX_CASE);
    bytes.extend_from_slice(&keys.id.0);
    bytes.extend_from_slice(keys.case_salt.expose());
    bytes.extend_from_slice(keys.inbox.seed());
    bytes.extend_from_slice(&*Zeroizing::new(keys.signing.to_bytes()));
    bytes.extend_from_slice(keys.consent_part.expose());
    bytes.extend_from_slice(keys.draft.expose());
    bytes.resize(MOVED_LEN, 0);
    bytes
}

/// Reads exactly that layout, for this case.
fn read(bytes: &[u8], case: &CaseId) -> Option<CaseKeys> {
    let bytes: &[u8; MOVED_LEN] = bytes.try_into().ok()?;
    let mut rest = bytes.strip_prefix(label::INBOX_CASE)?.strip_prefix(&case.0)?;
    let mut next = || {
        let (value, after) = rest.split_first_chunk::<32>()?;
        rest = after;
        Some(Zeroizing::new(*value))
    };
    let [salt, inbox, signing, part, draft] = [next()?, next()?, next()?, next()?, next()?];
    rest.iter().all(|byte| *byte == 0).then(|| CaseKeys {
        id: *case,
        case_salt: CaseSalt::new(*salt),
        inbox: Identity::from_seed(*inbox),
        signing: SigningKey::from_bytes(&signing),
        consent_part: Secret::new(*part),
        draft: Secret::new(*draft),
    })
}
