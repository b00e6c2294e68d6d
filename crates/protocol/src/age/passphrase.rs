//! age files under a passphrase (stanza `scrypt`), for key files only (§2).

use super::AgeError;
use super::file::seal_under;
pub use super::format::SCRYPT_TAG;
use super::format::{self, FileKey, Stanza, draw_file_key};
use base64ct::{Base64Unpadded, Encoding as _};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Greatest work factor read or written, as a power of two; 22 takes 4 GiB.
pub const LOG_N_MAX: u8 = 22;

const SALT_LEN: usize = 16;
const BODY_LEN: usize = 32;
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// scrypt's block size; its parallelism is 1.
const R: u32 = 8;
const P: u32 = 1;

/// Seals under a passphrase with work factor 2^`log_n` (18 in earnest, low in a demo), taken into 1..=22.
///
/// # Panics
/// When the memory for the work factor (2^`log_n` KiB) is not to be had.
pub fn seal_passphrase(passphrase: &str, log_n: u8, plaintext: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let log_n = log_n.clamp(1, LOG_N_MAX);
    let file_key = draw_file_key(rng);
    let mut salt = [0; SALT_LEN];
    rng.fill_bytes(&mut salt);
    let cipher = wrap_cipher(passphrase, log_n, &salt).expect("memory for scrypt");
    let mut body = file_key.to_vec();
    cipher
        .encrypt_in_place(&Nonce::default(), &[], &mut body)
        .expect("never: 16 bytes are within the cipher's limit");
    let stanza = Stanza {
        args: vec![
            SCRYPT_TAG.to_owned(),
            Base64Unpadded::encode_string(&salt),
            log_n.to_string(),
        ],
        body,
    };
    seal_under(&[stanza], &file_key, plaintext, rng)
}

/// Opens a file whose only stanza is `scrypt`, of work factor at most 22.
///
/// # Errors
/// [`AgeError::NoMatch`] for a wrong passphrase.
pub fn open_passphrase(passphrase: &str, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    format::open_with(file, |stanzas| match stanzas.iter().all(|s| s.tag() == SCRYPT_TAG) {
        true => unwrap(passphrase, stanzas),
        false => Err(AgeError::Header),
    })
}

/// The file key from a scrypt stanza; `None` when there is none or the passphrase is another.
///
/// # Errors
/// [`AgeError::Header`] when the scrypt stanza is malformed, or asks for more than 2^22 or than this device's
/// memory. That it is the only stanza has been checked with the header.
pub fn unwrap(passphrase: &str, stanzas: &[Stanza]) -> Result<Option<FileKey>, AgeError> {
    let Some(stanza) = stanzas.iter().find(|s| s.tag() == SCRYPT_TAG) else {
        return Ok(None);
    };
    let [_, salt, log_n] = stanza.args.as_slice() else {
        return Err(AgeError::Header);
    };
    let salt: [u8; SALT_LEN] = format::decode(salt.as_bytes())?
        .try_into()
        .map_err(|_| AgeError::Header)?;
    let log_n = parse_log_n(log_n).ok_or(AgeError::Header)?;
    if stanza.body.len() != BODY_LEN {
        return Err(AgeError::Header);
    }
    let cipher = wrap_cipher(passphrase, log_n, &salt).ok_or(AgeError::Header)?;
    let mut body = Zeroizing::new(stanza.body.clone());
    let opened = cipher.decrypt_in_place(&Nonce::default(), &[], &mut *body);
    Ok(opened
        .ok()
        .and_then(|()| body.as_slice().try_into().ok())
        .map(Zeroizing::new))
}

/// A decimal number without sign or leading zero, from 1 to [`LOG_N_MAX`].
fn parse_log_n(text: &str) -> Option<u8> {
    let plain = text.len() <= 2 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let log_n = plain.then(|| text.parse().ok())??;
    (1..=LOG_N_MAX).contains(&log_n).then_some(log_n)
}

/// The cipher that wraps the file key; `None` when there is not enough memory.
fn wrap_cipher(passphrase: &str, log_n: u8, salt: &[u8; SALT_LEN]) -> Option<ChaCha20Poly1305> {
    let params = scrypt::Params::new(log_n, R, P).ok()?;
    // scrypt itself would abort where the memory cannot be had: ask first.
    let work_len = usize::try_from(128 * u64::from(R) * params.n()).ok()?;
    Vec::<u8>::new().try_reserve_exact(work_len).ok()?;
    let salt = [SALT_LABEL, salt].concat();
    let mut key = Zeroizing::new([0u8; 32]);
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, key.as_mut_slice()).ok()?;
    Some(ChaCha20Poly1305::new((&*key).into()))
}
