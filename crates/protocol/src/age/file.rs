//! Whole age files: seal to recipients, open with an identity.

use super::AgeError;
use super::format::{self, FileKey, MAC_LINE_LEN, Stanza, VERSION_LINE};
use super::payload::{CHUNK, NONCE_LEN, PayloadWriter, TAG_LEN};
use super::recipient::{self, Identity, Recipient, STANZA_LEN};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Length of the age file for a plaintext of `plain` bytes and `stanzas` hybrid stanzas (§16).
///
/// An empty plaintext still takes one chunk.
pub const fn sealed_len(plain: usize, stanzas: usize) -> usize {
    let chunks = if plain == 0 { 1 } else { plain.div_ceil(CHUNK) };
    VERSION_LINE.len() + stanzas * STANZA_LEN + MAC_LINE_LEN + NONCE_LEN + plain + chunks * TAG_LEN
}

// The figures of §16, by which other files' lengths are fixed.
const _: () = assert!(sealed_len(0, 1) == 1_643 + 16 && sealed_len(2_048, 1) == 3_707);
const _: () = assert!(sealed_len(8_192, 5) == 16_079 && sealed_len(262_144, 1) == 263_851);

/// Seals `plaintext` to every one of `recipients`, one stanza each, in order.
///
/// # Panics
/// Without a recipient: nobody could open such a file, and no caller has a use for it.
pub fn seal(recipients: &[&Recipient], plaintext: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    assert!(!recipients.is_empty(), "a file needs a recipient");
    let file_key = format::draw_file_key(rng);
    let stanzas: Vec<Stanza> = recipients
        .iter()
        .map(|to| recipient::wrap(to, &file_key, rng))
        .collect();
    seal_under(&stanzas, &file_key, plaintext, rng)
}

/// Opens a file that has exactly one stanza (§0).
///
/// # Errors
/// [`AgeError`]; nothing is given out before the last chunk verifies.
pub fn open(identity: &Identity, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    open_cell(identity, file, 1)
}

/// Opens a file that has exactly `stanzas` stanzas, of which at least one is for `identity` (office cells, §9.3).
///
/// # Errors
/// As [`open`].
pub fn open_cell(identity: &Identity, file: &[u8], stanzas: usize) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    format::open_with(file, |found| unwrap_exactly(identity, found, stanzas))
}

/// The file key, when there are exactly `count` stanzas and all are hybrid ones.
pub(super) fn unwrap_exactly(
    identity: &Identity,
    stanzas: &[Stanza],
    count: usize,
) -> Result<Option<FileKey>, AgeError> {
    if stanzas.len() != count || !stanzas.iter().all(recipient::is_hybrid) {
        return Err(AgeError::Header);
    }
    recipient::unwrap(identity, stanzas)
}

/// Header and payload around stanzas that wrap `file_key`.
pub(super) fn seal_under(
    stanzas: &[Stanza],
    file_key: &FileKey,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let header = format::write_header(stanzas, file_key);
    let payload = sealed_len(plaintext.len(), 0) - VERSION_LINE.len() - MAC_LINE_LEN;
    let mut file = Vec::with_capacity(header.len() + payload);
    file.extend_from_slice(&header);
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    PayloadWriter::new(file_key, &nonce, &mut file).finish(plaintext, &mut file);
    debug_assert_eq!(file.len(), header.len() + payload);
    file
}
