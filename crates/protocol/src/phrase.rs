//! The eight words and everything derived from them (§4).

use crate::age::Identity;
use crate::ids::{CaseId, Origin};
use crate::secret::Secret;
use crate::slot::CaseSalt;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A word list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English BIP-39 list.
    English,
    /// Spanish BIP-39 list.
    Spanish,
}

/// 84 random bits (§4), as E: 11 bytes of which the last 4 bits are zero.
pub struct Phrase(Secret<[u8; 11]>);

/// Why words are no phrase. Names positions, never the words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Not exactly eight words.
    #[error("expected eight words, got {0}")]
    Count(usize),
    /// Words (counted from 1) in no list, each with up to three suggestions from the list that fits best.
    #[error("word {} is not in the list", .0.first().map_or(0, |w| w.position))]
    Unknown(Vec<UnknownWord>),
    /// All words are known, but the checksum fails: a word is wrong, or two changed places.
    #[error("these eight words do not belong together: one of them is wrong, or two changed places")]
    Checksum,
}

/// A word that is in no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// From 1.
    pub position: usize,
    /// Words of the list that are near.
    pub suggestions: Vec<String>,
}

impl Phrase {
    /// Draws a phrase.
    pub fn draw(_rng: &mut impl CryptoRng) -> Self {
        todo!()
    }
    /// From E (11 bytes, last 4 bits zero), for vectors.
    pub fn from_entropy(_e: [u8; 11]) -> Option<Self> {
        todo!()
    }
    /// The eight words in NFC, separated by spaces.
    pub fn words(&self, _language: Language) -> Zeroizing<String> {
        todo!()
    }
    /// Every candidate that passes the checksum (§4 «Reading»): at most one for each list.
    ///
    /// # Errors
    /// [`PhraseError`] when there is none.
    pub fn read(_text: &str) -> Result<Vec<Self>, PhraseError> {
        todo!()
    }
    /// Argon2id, 64 MiB, t = 3 (§4). `None` when the device cannot allocate.
    pub fn root(&self, _origin: &Origin) -> Option<Root> {
        todo!()
    }
}

/// Eight words for the first 88 bits of a hash (council fingerprint, §3).
pub fn fingerprint_words(_bits: &[u8; 11], _language: Language) -> String {
    todo!()
}

/// The 32 bytes from which each case is derived.
pub struct Root(Secret<[u8; 32]>);

impl Root {
    /// For vectors and tests.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }
    /// Everything of case `c`.
    pub fn case(&self, _c: u32) -> CaseKeys {
        todo!()
    }
}

/// What root gives for one case (§4).
pub struct CaseKeys {
    /// Case id.
    pub id: CaseId,
    /// Slots, commitments, K.
    pub case_salt: CaseSalt,
    /// Opens her inbox.
    pub inbox: Identity,
    /// Signs what she sends.
    pub signing: SigningKey,
    /// P (§8.4).
    pub consent_part: Secret<[u8; 32]>,
    /// Authenticates drafts (§9.5).
    pub draft: Secret<[u8; 32]>,
}
