//! The eight words and everything derived from them (§4).

mod words;

use crate::age::Identity;
use crate::ids::{CaseId, Origin};
use crate::keys::hkdf;
use crate::label;
use crate::secret::Secret;
use crate::slot::CaseSalt;
use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A word list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English BIP-39 list.
    English,
    /// Spanish BIP-39 list.
    Spanish,
}

impl Language {
    /// Both lists.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];
}

/// Words in a phrase and in a fingerprint.
pub const WORD_COUNT: usize = 8;

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
    /// Draws a phrase, again and again until it holds no excluded word in either list (§4).
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut e = Zeroizing::new([0; 11]);
        loop {
            rng.fill_bytes(e.as_mut_slice());
            e[10] &= 0xf0;
            let phrase = Self(Secret::new(*e));
            if !holds_excluded_word(&phrase.bits()) {
                return phrase;
            }
        }
    }

    /// From E (11 bytes, last 4 bits zero).
    pub fn from_entropy(e: [u8; 11]) -> Option<Self> {
        (e[10] & 0x0f == 0).then(|| Self(Secret::new(e)))
    }

    /// E, which [`Self::from_entropy`] reads: it is the secret itself.
    pub fn entropy(&self) -> &[u8; 11] {
        self.0.expose()
    }

    /// The eight words in NFC, separated by spaces.
    pub fn words(&self, language: Language) -> Zeroizing<String> {
        join_words(&self.bits(), language)
    }

    /// E | chk.
    fn bits(&self) -> Zeroizing<[u8; 11]> {
        let mut bits = Zeroizing::new(*self.0.expose());
        bits[10] |= checksum(self.0.expose());
        bits
    }

    /// Every candidate that passes the checksum (§4 «Reading»): at most one for each list.
    ///
    /// Words stand apart by white space, hyphens, commas and what else people write between words (§19), any number of them. A part without a letter (a number, a
    /// bullet, a quotation mark) is no word. Two lists that give the same bits give one candidate.
    ///
    /// # Errors
    /// [`PhraseError`] when there is none.
    pub fn read(text: &str) -> Result<Vec<Self>, PhraseError> {
        let written: Vec<&str> = Self::split(text).collect();
        let written: [&str; WORD_COUNT] = written
            .as_slice()
            .try_into()
            .map_err(|_| PhraseError::Count(written.len()))?;
        let mut all_known = false;
        let mut candidates: Vec<Self> = Vec::new();
        for language in Language::ALL {
            let found = written.map(|word| words::find(language, word));
            if let Some(indices) = all(&found) {
                all_known = true;
                candidates.extend(from_indices(&indices));
            }
        }
        candidates.dedup_by(|a, b| a.0.expose().ct_eq(b.0.expose()).into());
        match (candidates.is_empty(), all_known) {
            (false, _) => Ok(candidates),
            (true, true) => Err(PhraseError::Checksum),
            (true, false) => Err(PhraseError::Unknown(unknown_words(&written.map(Some)))),
        }
    }

    /// The words that no list holds, of as many as are written so far: `None` is a place still empty. So that each can be
    /// said while she writes; whether the eight belong together only [`Self::read`] says.
    pub fn unknown(written: &[Option<&str>]) -> Vec<UnknownWord> {
        unknown_words(written)
    }

    /// The words of a text, in order, as [`Self::read`] tells them apart.
    pub fn split(text: &str) -> impl Iterator<Item = &str> {
        text.split(is_separator).filter(|part| words::is_word(part))
    }

    /// Argon2id, 64 MiB, t = 3 (§4). `None` when the device cannot allocate.
    pub fn root(&self, origin: &Origin) -> Option<PhraseRoot> {
        let params = Params::new(ROOT_MEMORY_KIB, ROOT_PASSES, 1, Some(32)).expect("never: constants within bounds");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut root = Zeroizing::new([0; 32]);
        argon2
            .hash_password_into(self.0.expose(), &root_salt(origin), root.as_mut_slice())
            .ok()?;
        Some(PhraseRoot::from_bytes(*root))
    }
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phrase(…)")
    }
}

/// Eight words for the first 88 bits of a hash (council fingerprint, §3).
pub fn fingerprint_words(bits: &[u8; 11], language: Language) -> String {
    join_words(bits, language).to_string()
}

/// Whether these 88 bits show an excluded word in either list (§4). Such a phrase, or a council with such a fingerprint, is
/// drawn again; reading accepts every word.
pub fn holds_excluded_word(bits: &[u8; 11]) -> bool {
    Language::ALL.iter().any(|language| {
        let words = join_words(bits, *language);
        words.split(' ').any(|word| words::is_excluded(*language, word))
    })
}

/// Draws `count` words of a list that anybody can type: letters a to z only, none excluded, separated by spaces. For the
/// passphrases of key files; each word carries more than 10 bits.
pub fn draw_words(language: Language, count: usize, rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(count * 20));
    for i in 0..count {
        if i > 0 {
            text.push(' ');
        }
        text.push_str(loop {
            let index = rng.next_u32() as usize % words::WORDS;
            let word = words::word(language, index);
            if word.is_ascii() && !words::is_excluded(language, word) {
                break word;
            }
        });
    }
    text
}

/// Argon2id's memory in KiB: 64 MiB.
const ROOT_MEMORY_KIB: u32 = 65_536;
/// Argon2id's passes.
const ROOT_PASSES: u32 = 3;
/// Bits that one word carries.
const WORD_BITS: usize = 11;
/// Bits of eight words.
const PHRASE_BITS: usize = WORD_BITS * WORD_COUNT;

/// `SHA-256(L("phrase-salt") ‖ u16 length ‖ origin)`.
fn root_salt(origin: &Origin) -> [u8; 32] {
    let origin = origin.as_str().as_bytes();
    let length = u16::try_from(origin.len()).expect("never: an origin has at most 128 bytes");
    let mut hash = Sha256::new();
    hash.update(label::PHRASE_SALT);
    hash.update(length.to_be_bytes());
    hash.update(origin);
    hash.finalize().into()
}

/// chk: the high 4 bits of `SHA-256(L("phrase") ‖ E)`.
fn checksum(e: &[u8; 11]) -> u8 {
    let hash = Sha256::new().chain_update(label::PHRASE).chain_update(e).finalize();
    hash[0] >> 4
}

/// The words of 88 bits, most significant first.
fn join_words(bits: &[u8; 11], language: Language) -> Zeroizing<String> {
    let mut number = bits.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    // Room for the longest words, so that the text never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(WORD_COUNT * 20));
    for i in 0..WORD_COUNT {
        if i > 0 {
            text.push(' ');
        }
        let index = number >> (PHRASE_BITS - WORD_BITS * (i + 1)) & (words::WORDS as u128 - 1);
        text.push_str(words::word(language, index as usize));
    }
    number.zeroize();
    text
}

/// The phrase of eight indices, when the checksum in its last 4 bits agrees.
fn from_indices(indices: &[usize; WORD_COUNT]) -> Option<Phrase> {
    let mut number = indices
        .iter()
        .fold(0u128, |number, index| number << WORD_BITS | *index as u128);
    let bytes = Zeroizing::new(number.to_be_bytes());
    number.zeroize();
    let mut e: Zeroizing<[u8; 11]> = Zeroizing::new(*bytes.last_chunk()?);
    let chk = e[10] & 0x0f;
    e[10] &= 0xf0;
    (checksum(&e) == chk).then(|| Phrase(Secret::new(*e)))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ';' | '/' | '\\' | '|' | '_' | '+' | '·' | '•' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

/// All eight, or nothing.
fn all(found: &[Option<usize>; WORD_COUNT]) -> Option<[usize; WORD_COUNT]> {
    let indices: Vec<usize> = found.iter().copied().collect::<Option<_>>()?;
    indices.try_into().ok()
}

/// The unknown words, judged by the list that knows most of them; between equals, by the one with nearer words.
fn unknown_words(written: &[Option<&str>]) -> Vec<UnknownWord> {
    let judge = |language| {
        let mut far = 0;
        let mut unknown = Vec::new();
        for (i, word) in written.iter().enumerate() {
            let Some(word) = word else { continue };
            if words::find(language, word).is_none() {
                let (distance, suggestions) = words::near(language, word);
                far += distance;
                unknown.push(UnknownWord {
                    position: i + 1,
                    suggestions,
                });
            }
        }
        (unknown.len(), far, unknown)
    };
    let judged = Language::ALL.map(judge);
    let best = judged.into_iter().min_by_key(|(count, far, _)| (*count, *far));
    best.map(|(_, _, unknown)| unknown).unwrap_or_default()
}

/// The 32 bytes from which each case is derived.
pub struct PhraseRoot(Secret<[u8; 32]>);

impl PhraseRoot {
    /// For vectors and tests.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The same once more, for whoever reads her inbox beside sealing: deriving it takes seconds.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Secret::new(*self.0.expose()))
    }

    /// What seals, names and replaces the draft of case `c` (§9.5), and nothing else of the case.
    pub fn draft(&self, c: u32) -> Secret<[u8; 32]> {
        Secret::new(*self.derive(label::DRAFT, c))
    }

    /// Everything of case `c`.
    pub fn case(&self, c: u32) -> CaseKeys {
        let derive = |label: &[u8]| self.derive(label, c);
        let id = derive(label::ID);
        let mut case_id = [0; 16];
        case_id.copy_from_slice(&id[..16]);
        CaseKeys {
            id: CaseId(case_id),
            case_salt: CaseSalt::new(*derive(label::CASE_SALT)),
            inbox: Identity::from_seed(*derive(label::INBOX_KEM)),
            signing: SigningKey::from_bytes(&derive(label::INBOX_SIGN)),
            consent_part: Secret::new(*derive(label::CONSENT_PART)),
            draft: self.draft(c),
        }
    }

    fn derive(&self, label: &[u8], c: u32) -> Zeroizing<[u8; 32]> {
        hkdf(self.0.expose(), &[label, &c.to_be_bytes()])
    }
}

impl CaseKeys {
    /// The same once more, for whoever follows the case beside doing something on it.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            id: self.id,
            case_salt: CaseSalt::new(*self.case_salt.expose()),
            inbox: Identity::from_seed(*self.inbox.seed()),
            signing: self.signing.clone(),
            consent_part: Secret::new(*self.consent_part.expose()),
            draft: Secret::new(*self.draft.expose()),
        }
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
    /// Seals, names and replaces drafts (§9.5).
    pub draft: Secret<[u8; 32]>,
}
